/* SPDX-License-Identifier: MIT */
/*
 * help_openings.h - first bytes of connections that name a listed host, or nearly, and our reader beside another
 */
#ifndef TESTS_PROPERTY_HELP_OPENINGS_H
#define TESTS_PROPERTY_HELP_OPENINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPENING_ROOM 40000

struct opening {
	uint8_t v[OPENING_ROOM];
	size_t n;
};

/*
 * openings_begin - the dice stand where HF_SEED says, and nothing was compared yet
 */
void openings_begin(void);

/*
 * opening_make_tls, opening_make_http - another opening, mutated now and then
 *
 * @to_proxy  it asks a proxy: for a tunnel, or for a whole address
 */
void opening_make_tls(struct opening *to);
void opening_make_http(struct opening *to, bool to_proxy);

/*
 * opening_is_listed - is this the listed name, as people write names
 *
 * Returns   true or false
 */
bool opening_is_listed(const char *name, size_t n);

/*
 * opening_compare - the other has read this opening, as one for the listed host or not; we have refused it then
 *
 * Source    policy D9.2
 */
void opening_compare(const char *who, const struct opening *of, bool listed);

/*
 * openings_judge - a test of openings that nobody reads would prove nothing, and so would a reader that refuses all
 *
 * @n        how many were compared
 */
void openings_judge(size_t n);

#endif
