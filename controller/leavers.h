/* SPDX-License-Identifier: MIT */
/*
 * leavers.h - who holds an account no more, and of whom nobody has said yet that access at the platform is gone
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_LEAVERS_H
#define HOLDFAST_CONTROLLER_LEAVERS_H

#include <holdfast/register.h>
#include <holdfast/str.h>

/* One person and one account. */
struct hf_leaver {
	char person[HF_ID_SIZE], account[2 * HF_ID_SIZE];
};

/* In order, each once. */
struct hf_leaver_list {
	struct hf_leaver *v;
	size_t n, room;
};

/* Start it zeroed. */
struct hf_leavers {
	struct hf_digest reg; /* of the register that was followed last; zeros: none */
	struct hf_leaver_list held, open;
};

/*
 * hf_leavers_follow - take over who holds what: whoever is in it no more is open from now on, whoever is again is not
 *
 * @reg      in force; NULL: none is, and nothing changes. The same again changes nothing
 * Owner     texts are copied
 * Returns   HF_OK; HF_E_MEMORY nothing is changed: the next register says it, too
 * Source    policy D2.9
 */
HF_NODISCARD enum hf_rc hf_leavers_follow(struct hf_leavers *book, const struct hf_register *reg);

/*
 * hf_leavers_gone - somebody has confirmed of this person that access to this account is gone at the platform
 */
void hf_leavers_gone(struct hf_leavers *book, const char *person, const char *account);

/*
 * hf_leavers_done - free all, zero the struct
 */
void hf_leavers_done(struct hf_leavers *book);

#endif
