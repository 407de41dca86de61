/* SPDX-License-Identifier: MIT */
/*
 * begin.h - how the controller comes by its journal at the start
 */
#ifndef HOLDFAST_CONTROLLER_BEGIN_H
#define HOLDFAST_CONTROLLER_BEGIN_H

#include <sys/types.h>

#include "controller/controller.h"

/* Whose the state folder is to be; only root can give it away. */
struct hf_keeper_of_files {
	bool gives;
	uid_t uid;
	gid_t gid;
};

/*
 * hf_begin_alone - be the one controller of this journal's folder, which is made; before all else
 *
 * @ret_lock  the caller's to close, last of all; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE another one has it; HF_E_KEY others may write to it; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_begin_alone(const struct hf_settings *settings, const struct hf_keeper_of_files *whose,
				       int *ret_lock, struct hf_err *err);

/*
 * hf_begin - open the journal, know again all that is in it, or begin it with the council folder
 *
 * A journal that is gone, shorter than it was or altered is refused, with what to do; so are a folder and files that
 * others may write.
 * @c        settings said, nothing known
 * Returns   HF_OK; HF_E_KEY others may write to it; HF_E_ABSENT it is gone; HF_E_SHAPE; as hf_recall_journal,
 *           hf_import_council
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_begin(struct hf_controller *c, const struct hf_keeper_of_files *whose, struct hf_err *err);

/*
 * hf_begin_accept - take the journal as it is now, restored or gone: its marks are written anew
 *
 * From the next state on devices may rightly see another record than before.
 * @ret_records  how many it has; untouched unless HF_OK
 * Returns   as hf_begin
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_begin_accept(struct hf_controller *c, const struct hf_keeper_of_files *whose,
					int64_t *ret_records, struct hf_err *err);

#endif
