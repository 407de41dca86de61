/* SPDX-License-Identifier: MIT */
/*
 * audit_reading.h - the record of a council's server, read for one lockdown
 */
#ifndef HOLDFAST_CLI_AUDIT_READING_H
#define HOLDFAST_CLI_AUDIT_READING_H

#include "controller/cli/cli.h"
#include "controller/journal/journal_look.h"
#include "controller/office/story.h"

/* What is read, and what came of it. Start it zeroed but for cli. */
struct hf_audit {
	struct hf_cli *cli;
	struct hf_journal *journal;
	struct hf_digest id;    /* of the lockdown */
	bool of_lockdown;	/* else all of the record is read, for none */
	struct hf_story *story; /* of no lockdown it knows the devices alone */
	int64_t *parts;	       /* entries that the story is made of, in order */
	size_t n_parts, room;
	size_t witnesses; /* devices whose last word on this record fits */
	int64_t since;    /* boot-time ms at which the reading began */
	bool said;	       /* how far it has come stands on the terminal */
};

#define hf_auto_audit __attribute__((cleanup(hf_audit_done)))

/*
 * hf_audit_open - open the journal of a folder, and find the lockdown
 *
 * @folder   where journal.db is
 * @id       of the lockdown, or how it begins; NULL: none is meant
 * Owner     audit, to hf_audit_done also when it fails
 * Returns   HF_OK; HF_E_USAGE; reasons of hf_journal_look_open and hf_journal_look_order
 */
HF_NODISCARD enum hf_rc hf_audit_open(struct hf_audit *audit, const char *folder, const char *id, struct hf_err *err);

/*
 * hf_audit_read - read all of it, proving the chain, and tell the story with what the record itself is
 *
 * On a terminal it says how far it has come once it takes longer than a second.
 * @ret_story  a new reference, the caller's; NULL where no lockdown is meant; untouched unless HF_OK
 * Owner     see ret_story
 * Returns   HF_OK; reasons of hf_journal_replay and hf_story_tell
 */
HF_NODISCARD enum hf_rc hf_audit_read(struct hf_audit *audit, json_t **ret_story, struct hf_err *err);

/* A device's signed word on the record. */
struct hf_audit_witness {
	const char *device;
	struct hf_merkle_head head;
	const struct hf_pub *key;
	const char *report; /* the envelope */
	size_t report_len;
};

/*
 * hf_audit_each_witness - every device whose last report, by its signature, has a head that this record had
 *
 * @fn       a failure ends the reading and is handed to the caller
 * Owner     a witness lives until fn returns
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SHAPE; HF_E_MEMORY; what fn returned
 * Source    proto/README.md "State", Witness
 */
HF_NODISCARD enum hf_rc hf_audit_each_witness(struct hf_audit *audit,
					      enum hf_rc (*fn)(void *arg, const struct hf_audit_witness *witness,
							       struct hf_err *err),
					      void *arg, struct hf_err *err);

/*
 * hf_audit_done - close and free all
 */
void hf_audit_done(struct hf_audit *audit);

#endif
