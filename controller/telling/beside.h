/* SPDX-License-Identifier: MIT */
/*
 * beside.h - the register beside the signed one: what a council keeps of its accounts that no device need know
 *
 * It lies beside the journal and nowhere else. Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_BESIDE_H
#define HOLDFAST_TELLING_BESIDE_H

#include <stddef.h>

#include <holdfast/json.h>

#define HF_BESIDE_PEOPLE_MAX 4096	     /* as many as the people file has */
#define HF_BESIDE_ADMINS_MAX 32		     /* of one account outside of the council: a partnership has a few */
#define HF_BESIDE_FILE_MAX (4 * 1024 * 1024) /* bytes: every account and person at the longest that people write */

/* What is kept of one account; "" and no admins where it is not said. Texts belong to the JSON. */
struct hf_beside_account {
	const char *account;
	const char *service, *address, *owner, *scheduler, *recovery;
	const char *reviewed; /* a day, YYYY-MM-DD */
	struct hf_strs admins; /* addresses of e-mail of administrators outside of the council */
};

/* What is kept of one person. */
struct hf_beside_person {
	const char *person;
	const char *statement, *trained; /* days: the statement was signed, the training was had */
};

/* All of it. Start it zeroed. */
struct hf_beside {
	json_t *json; /* owned */
	struct hf_beside_account *v;
	size_t n;
	struct hf_beside_person *people;
	size_t n_people;
};

#define hf_auto_beside __attribute__((cleanup(hf_beside_done)))

/*
 * hf_beside_read - {"accounts": [{"account", ...}...], "people": [{"person", ...}...]}
 *
 * @json     taken over always; NULL: no memory
 * @ret      zeroed before; to hf_beside_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK; HF_E_SHAPE what is wrong, and with whom; HF_E_SIZE; HF_E_MEMORY
 * Source    controller/API.md "The register beside"
 */
HF_NODISCARD enum hf_rc hf_beside_read(json_t *json, struct hf_beside *ret, struct hf_err *err);

/*
 * hf_beside_merge - what is held with these rows in place of those of the same accounts and people
 *
 * A row that says nothing but whose it is takes it out.
 * @changes  of the form that hf_beside_read takes; borrowed
 * @ret      as hf_beside_read
 * Owner     see ret
 * Returns   as hf_beside_read
 */
HF_NODISCARD enum hf_rc hf_beside_merge(const struct hf_beside *held, const json_t *changes, struct hf_beside *ret,
					struct hf_err *err);

/*
 * hf_beside_find, hf_beside_person - what is kept of an account, of a person
 *
 * Owner     belongs to the beside
 * Returns   NULL: nothing is
 */
const struct hf_beside_account *hf_beside_find(const struct hf_beside *beside, const char *account);
const struct hf_beside_person *hf_beside_person(const struct hf_beside *beside, const char *person);

/*
 * hf_beside_done - free all, zero
 */
void hf_beside_done(struct hf_beside *beside);

#endif
