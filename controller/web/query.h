/* SPDX-License-Identifier: MIT */
/*
 * query.h - what stands behind the `?` of an address
 *
 * Pure.
 */
#ifndef HOLDFAST_CONTROLLER_QUERY_H
#define HOLDFAST_CONTROLLER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/str.h>

#define HF_QUERY_MAX 64 /* members of one query: all filters of devices, each list of them full */

/* In the order of the address, decoded. Borrowed. */
struct hf_query {
	struct hf_query_member {
		const char *name;
		const char *value; /* NULL: it has none, or one with an end mark in it */
	} v[HF_QUERY_MAX];
	size_t n;
	bool too_many;
};

/*
 * hf_query_only - is nothing asked but this, and each with a value
 *
 * @names    what this address takes, ended by NULL
 * Returns   HF_OK; HF_E_SHAPE another name, a name without a value, too many
 * Source    controller/API.md "Queries"
 */
HF_NODISCARD enum hf_rc hf_query_only(const struct hf_query *query, const char *const *names, struct hf_err *err);

/*
 * hf_query_text - the value of a name that may stand once
 *
 * @ret      NULL: it is not there; untouched unless HF_OK
 * Owner     borrowed from the query
 * Returns   HF_OK; HF_E_SHAPE it stands there twice
 * Source    controller/API.md "Queries"
 */
HF_NODISCARD enum hf_rc hf_query_text(const struct hf_query *query, const char *name, const char **ret,
				      struct hf_err *err);

/*
 * hf_query_number - a whole decimal number in these bounds; the first of them is what stands when it is not there
 *
 * @bounds   the usual one, the least, the most
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE
 * Source    controller/API.md "Queries"
 */
HF_NODISCARD enum hf_rc hf_query_number(const struct hf_query *query, const char *name, const size_t bounds[3],
					size_t *ret, struct hf_err *err);

/* What is asked by a name that takes 1 (only those) or 0 (only the others). */
enum hf_query_wish { HF_QUERY_ANY, HF_QUERY_NO, HF_QUERY_YES };

/*
 * hf_query_wish - which is it
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE
 * Source    controller/API.md "Queries"
 */
HF_NODISCARD enum hf_rc hf_query_wish(const struct hf_query *query, const char *name, enum hf_query_wish *ret,
				      struct hf_err *err);

#endif
