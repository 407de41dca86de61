/* SPDX-License-Identifier: MIT */
/*
 * sample.h - one right document of each kind, and ways to spoil it
 */
#ifndef TESTS_HELP_SAMPLE_H
#define TESTS_HELP_SAMPLE_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>

#define SAMPLE_T 1767225600 /* 2026-01-01T00:00:00Z: when the sample orders were written */

enum sample {
	SAMPLE_TRUST,
	SAMPLE_REGISTER,
	SAMPLE_ASSIGNMENT,
	SAMPLE_RAISE,
	SAMPLE_PURDAH,
	SAMPLE_AMEND,
	SAMPLE_RELEASE,
	SAMPLE_STATE,
	SAMPLE_REPORT,
	SAMPLE_COUNT,
};

/* One way to spoil a sample: put the JSON text value at path ("people.0.roles"), or take it away when it is NULL. */
struct sample_row {
	const char *what; /* the clause or the attack */
	const char *path;
	const char *value;
	enum hf_rc want;
};

/*
 * sample_key - the private key of a name: the same name, the same key
 *
 * Owner     the caller's, to hf_key_free
 * Returns   the key; ends the test when there is none
 */
struct hf_key *sample_key(const char *name);

/*
 * sample_doc - a right document; "@name" in its texts has become the public key of that name
 *
 * Owner     a new reference, the caller's
 * Returns   the object; ends the test when there is none
 * Source    proto/README.md
 */
json_t *sample_doc(enum sample which);

/*
 * sample_change - put a value into a document, or take one away
 *
 * @path     members and numbers of elements, with dots; "+" for a new last element
 * @value    JSON text of any value, "@name" for a key; NULL: take it away
 * Owner     doc stays the caller's
 * Returns   nothing; ends the test when there is no such path
 */
void sample_change(json_t *doc, const char *path, const char *value);

/*
 * sample_envelope - a document in an envelope of its type, signed by the named keys
 *
 * @doc      borrowed
 * @signers  names with spaces between them; "" for none
 * Owner     the caller's, to hf_envelope_free
 * Returns   the envelope; ends the test when there is none
 */
struct hf_envelope *sample_envelope(enum sample which, json_t *doc, const char *signers);

/* Decodes a document, and encodes it again when it is right; *ret_again is the caller's. Each test file has one. */
typedef enum hf_rc sample_decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err);

/*
 * sample_expect_rows - spoil a right document by each row, and expect what the row says
 *
 * @rows     n rows; each spoils a document of its own
 * Returns   nothing: it is a test
 */
void sample_expect_rows(sample_decode *decode, enum sample which, const struct sample_row *rows, size_t n);

/*
 * sample_expect_document - what holds for every document
 *
 * It comes out as it went in; every member is needed; no other member is allowed; no other type is taken for it.
 * @other    a sample of another type
 * Returns   nothing: it is a test
 * Source    proto/README.md "JSON"
 */
void sample_expect_document(sample_decode *decode, enum sample which, enum sample other);

/*
 * sample_type - the type of the envelope of a sample
 *
 * Returns   the type
 */
enum hf_doc_type sample_type(enum sample which);

#endif
