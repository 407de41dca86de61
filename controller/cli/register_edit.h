/* SPDX-License-Identifier: MIT */
/*
 * register_edit.h - the way of every change of the register: the one in force, one change, shown, signed, a draft
 */
#ifndef HOLDFAST_CLI_REGISTER_EDIT_H
#define HOLDFAST_CLI_REGISTER_EDIT_H

#include "controller/cli/send.h"
#include "controller/office/register_change.h"

/* What is changed, and what the officer has said about it. */
struct hf_edit {
	enum hf_rc (*apply)(struct hf_change *change, void *arg, struct hf_err *err);
	void *arg;
	bool anew;    /* there may be no register yet, and the same again is a draft: new approvals of it */
	bool another; /* beside a draft that waits */
	bool preview; /* show it, and send nothing */
	struct hf_send_how how;
};

/* The options of those commands that change the register. */
#define HF_ARG_EDIT(edit)                                                                                              \
	{"another", HF_ARG_FLAG, &(edit)->another, NULL, HF_TEXT("beside a draft that changes the same version"), 0},  \
	{                                                                                                              \
		"smaller", HF_ARG_FLAG, &(edit)->how.smaller, NULL,                                                    \
			HF_TEXT("take out more than a fifth, since that is meant"), 0                                  \
	}

/*
 * hf_edit_register - take the newest register in force, change it, show what that means, sign it, post a draft
 *
 * A draft that waits and changes the same version stands in its way: only one of the two could be recorded.
 * Returns   HF_OK also when nothing changes; HF_E_ABSENT there is no register; HF_E_MISMATCH a draft says the same, or
 *           another one waits; reasons of apply, hf_send_register
 * Source    policy D2.1-2.9
 */
HF_NODISCARD enum hf_rc hf_edit_register(struct hf_cli *cli, const struct hf_edit *edit, struct hf_err *err);

/*
 * hf_edit_open - the register in force, to be looked at
 *
 * @ret_view  zeroed before; to hf_view_done, also after a failure; its register is not NULL when HF_OK
 * Returns   as hf_view_open; HF_E_ABSENT there is no register
 */
HF_NODISCARD enum hf_rc hf_edit_open(struct hf_cli *cli, struct hf_view *ret_view, struct hf_err *err);

/*
 * hf_edit_warn_of_others - say which other drafts change the same version: of all of them one alone can be recorded
 *
 * @drafts   of the controller, as it showed them; each may be anything
 */
void hf_edit_warn_of_others(const struct hf_view *view, json_t *drafts, const struct hf_register_draft *draft);

#endif
