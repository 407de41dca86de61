/* SPDX-License-Identifier: MIT */
/*
 * access.h - how long each holder of the register still holds an account
 */
#ifndef HOLDFAST_OFFICE_ACCESS_H
#define HOLDFAST_OFFICE_ACCESS_H

#include <holdfast/register.h>

#define HF_ACCESS_SOON_DAYS 30

/* Of a holder; ENDING: within HF_ACCESS_SOON_DAYS. */
enum hf_access { HF_ACCESS_HOLDS, HF_ACCESS_ENDING, HF_ACCESS_ENDED, HF_ACCESS_COUNT };

/* One holder of one account. Belongs to the register. */
struct hf_access_row {
	const struct hf_account *account;
	const struct hf_holder *holder;
	enum hf_access access;
};

/* All that were asked for. */
struct hf_access_rows {
	struct hf_access_row *v;
	size_t n;
};

/*
 * hf_access_of, hf_access_name - how this holder stands; "holds", "ending", "ended"
 *
 * Returns   the answer; static text
 * Source    policy D2.9
 */
enum hf_access hf_access_of(const struct hf_holder *holder, struct hf_wall now);
const char *hf_access_name(enum hf_access access);

/*
 * hf_access_list - the holders of a register whose access has ended or ends soon, the first end first
 *
 * @ret_rows  its v is the caller's to free; untouched unless HF_OK
 * Owner     see ret_rows
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D2.9
 */
HF_NODISCARD enum hf_rc hf_access_list(const struct hf_register *reg, struct hf_wall now,
				       struct hf_access_rows *ret_rows);

/*
 * hf_access_json - the same rows: [{"account", "person", "until", "access"}]
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 */
json_t *hf_access_json(const struct hf_access_rows *rows);

#endif
