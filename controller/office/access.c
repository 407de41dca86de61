/* SPDX-License-Identifier: MIT */
/*
 * Owns how long each holder of the register still holds an account (policy D2.9).
 * Must never call an access that has ended one that holds.
 */
#include <stdlib.h>

#include "controller/office/access.h"

#define DAY_S 86400

enum hf_access hf_access_of(const struct hf_holder *holder, struct hf_wall now)
{
	if (holder->until.s == 0)
		return HF_ACCESS_HOLDS;
	if (now.s > holder->until.s)
		return HF_ACCESS_ENDED;
	return holder->until.s - now.s <= HF_ACCESS_SOON_DAYS * DAY_S ? HF_ACCESS_ENDING : HF_ACCESS_HOLDS;
}

const char *hf_access_name(enum hf_access access)
{
	static const char *const names[HF_ACCESS_COUNT] = {
		[HF_ACCESS_HOLDS] = "holds", [HF_ACCESS_ENDING] = "ending", [HF_ACCESS_ENDED] = "ended"};

	return names[access];
}

static int by_end(const void *a, const void *b)
{
	int64_t x = ((const struct hf_access_row *)a)->holder->until.s;
	int64_t y = ((const struct hf_access_row *)b)->holder->until.s;

	return (x > y) - (x < y);
}

enum hf_rc hf_access_list(const struct hf_register *reg, struct hf_wall now, struct hf_access_rows *ret_rows)
{
	struct hf_access_rows rows = {.n = 0};
	size_t n = 0;

	for (size_t i = 0; i < reg->n_accounts; i++)
		n += reg->accounts[i].n_holders;
	rows.v = calloc(n + 1, sizeof(*rows.v));
	if (!rows.v)
		return HF_E_MEMORY;
	for (size_t i = 0; i < reg->n_accounts; i++)
		for (size_t h = 0; h < reg->accounts[i].n_holders; h++) {
			const struct hf_holder *holder = &reg->accounts[i].holders[h];
			enum hf_access access = hf_access_of(holder, now);

			if (access != HF_ACCESS_HOLDS)
				rows.v[rows.n++] = (struct hf_access_row){&reg->accounts[i], holder, access};
		}
	qsort(rows.v, rows.n, sizeof(*rows.v), by_end);
	*ret_rows = rows;
	return HF_OK;
}

json_t *hf_access_json(const struct hf_access_rows *rows)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < rows->n; i++) {
		const struct hf_access_row *row = &rows->v[i];

		if (json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s}", "account", row->account->id, "person",
							  row->holder->person, "until",
							  (json_int_t)row->holder->until.s, "access",
							  hf_access_name(row->access))) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}
