/* SPDX-License-Identifier: MIT */
/*
 * vectors.h - the signed examples of proto/vectors, for tests
 */
#ifndef HOLDFAST_TESTS_VECTORS_H
#define HOLDFAST_TESTS_VECTORS_H

#include <jansson.h>
#include <stddef.h>

#include <holdfast/known.h>

/* What was heard so far by the party of one row. */
struct vectors_party {
	struct hf_known known;
	const char *device;
	int64_t counter; /* of the last report heard */
};

/*
 * vectors_index - proto/vectors/index.json
 *
 * Owner     the caller's to decref; the test fails when it cannot be read
 * Returns   the object
 * Source    proto/README.md "Vectors"
 */
json_t *vectors_index(void);

/*
 * vectors_read - the bytes of a file of proto/vectors
 *
 * @file     as the index names it
 * Owner     the caller's to free; the test fails when it cannot be read
 * Returns   the bytes, ret_len of them, with an end mark that is not counted
 * Source    proto/README.md "Vectors"
 */
char *vectors_read(const char *file, size_t *ret_len);

/*
 * vectors_text - a text member of a row
 *
 * Owner     belongs to the row
 * Returns   NULL when the row has no such member
 */
const char *vectors_text(json_t *row, const char *member);

/*
 * vectors_hear - one message, as an agent hears it, or as a controller hears a report
 *
 * @topic    "state" ...: what the topic promises; NULL: anything; "report": as a controller
 * Returns   the reason
 * Source    proto/README.md "Vectors", "Report"
 */
enum hf_rc vectors_hear(struct vectors_party *party, const char *file, const char *topic,
			struct hf_hearing *ret_hearing);

/*
 * vectors_begin - a party that has heard what a row says is known, each of it accepted
 *
 * @ret_party  to vectors_end; the test fails when something known is refused
 * Owner     device is borrowed from the row
 * Returns   false when nothing is known: then the row's own file is what a party begins with
 * Source    proto/README.md "Vectors"
 */
bool vectors_begin(json_t *row, struct vectors_party *ret_party);

/*
 * vectors_end - free what a party knows
 *
 * Owner     ends
 */
void vectors_end(struct vectors_party *party);

#endif
