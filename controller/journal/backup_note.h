/* SPDX-License-Identifier: MIT */
/*
 * backup_note.h - what is known of a backup of the journal: when it was made, which head it has, when it was tested
 */
#ifndef HOLDFAST_CONTROLLER_BACKUP_NOTE_H
#define HOLDFAST_CONTROLLER_BACKUP_NOTE_H

#include <holdfast/json.h>
#include <holdfast/merkle.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_BACKUP_MADE "backup-made.json"     /* in the state folder: the last that was made */
#define HF_BACKUP_TESTED "backup-tested.json" /* in the state folder: the last that was tested */

/* What the manifest says. */
struct hf_backup {
	char council[HF_ID_SIZE];
	struct hf_wall made;
	struct hf_merkle_head head; /* of the journal in it */
};

/*
 * hf_backup_note - {"council", "made", "size", "root"}, and "tested" unless it is 0
 *
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    controller/API.md "Backup"
 */
json_t *hf_backup_note(const struct hf_backup *backup, struct hf_wall tested);

/*
 * hf_backup_read - the same, read from a file
 *
 * @ret_tested  0: it does not say; may be NULL
 * Owner     copies
 * Returns   HF_OK; HF_E_ABSENT; HF_E_SHAPE; HF_E_SYSTEM
 * Source    controller/API.md "Backup"
 */
HF_NODISCARD enum hf_rc hf_backup_read(const char *path, struct hf_backup *ret, struct hf_wall *ret_tested,
				       struct hf_err *err);

#endif
