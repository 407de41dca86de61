/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of a journal for the story of one lockdown.
 * Must never write to the journal, or tell of an entry whose chain does not hold.
 */
#include "controller/cli/commands/audit_reading.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/envelope.h>
#include <holdfast/report.h>
#include <holdfast/rows.h>
#include <holdfast/str.h>

#define PATIENT_MS 1000 /* a person waits so long without asking why */
#define LOOKS_EACH 256	/* entries between two looks at the clock */
#define ID_LEAST 4	/* characters of an id */

static void say_progress(struct hf_audit *audit, int64_t seq)
{
	if (seq % LOOKS_EACH != 0 || isatty(STDERR_FILENO) != 1 || hf_clock_boot().ms - audit->since < PATIENT_MS)
		return;
	audit->said = true;
	fprintf(audit->cli->err, hf_text("\rReading the record: %lld entries ..."), (long long)seq);
	fflush(audit->cli->err);
}

static void end_progress(struct hf_audit *audit)
{
	if (audit->said)
		fputs("\r\033[K", audit->cli->err);
	audit->said = false;
}

static enum hf_rc keep_part(struct hf_audit *audit, int64_t seq, struct hf_err *err)
{
	if (hf_rows_reserve(&audit->parts, &audit->room, audit->n_parts + 1, sizeof(*audit->parts)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for so many entries.");
	audit->parts[audit->n_parts++] = seq;
	return HF_OK;
}

static enum hf_rc read_entry(void *arg, const struct hf_record *record, struct hf_err *err)
{
	struct hf_audit *audit = arg;
	const struct hf_story_record entry = {.seq = record->seq,
					      .at = record->entry.at,
					      .kind = hf_record_kind_name(record->entry.kind),
					      .digest = record->entry.digest,
					      .body = record->entry.body,
					      .body_len = record->entry.body_len};
	bool part = false;
	enum hf_rc rc;

	say_progress(audit, record->seq);
	rc = hf_story_take(audit->story, &entry, &part, err);
	return rc == HF_OK && part ? keep_part(audit, record->seq, err) : rc;
}

enum hf_rc hf_audit_open(struct hf_audit *audit, const char *folder, const char *id, struct hf_err *err)
{
	hf_auto_free char *path = NULL;
	enum hf_rc rc;

	if (id && (strspn(id, "0123456789abcdef") != strlen(id) || strlen(id) < ID_LEAST ||
		   strlen(id) >= HF_DIGEST_HEX_SIZE))
		return hf_err_set(err, HF_E_USAGE, "The id of a lockdown is wanted, or how it begins, not `%.80s`.", id);
	if (asprintf(&path, "%s/journal.db", folder) < 0) {
		path = NULL;
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to read %s.", folder);
	}
	rc = hf_journal_look_open(path, &audit->journal, err);
	if (rc == HF_OK && id)
		rc = hf_journal_look_order(audit->journal, id, &audit->id, err);
	audit->of_lockdown = id;
	return rc == HF_OK ? hf_story_new(&audit->id, &audit->story, err) : rc;
}

static enum hf_rc count_witness(void *arg, const struct hf_audit_witness *witness, struct hf_err *err)
{
	struct hf_audit *audit = arg;

	(void)witness;
	(void)err;
	audit->witnesses++;
	return HF_OK;
}

static enum hf_rc put_record(struct hf_audit *audit, json_t *story, struct hf_err *err)
{
	const struct hf_digest root = hf_merkle_root(hf_journal_tree(audit->journal));
	json_t *record;
	enum hf_rc rc = hf_audit_each_witness(audit, count_witness, audit, err);

	if (rc != HF_OK)
		return rc;
	record = json_pack("{s:I, s:o, s:I, s:I}", "size", (json_int_t)hf_journal_tree(audit->journal)->size, "root",
			   hf_json_from_digest(&root), "witnesses", (json_int_t)audit->witnesses, "entries",
			   (json_int_t)audit->n_parts);
	return json_object_set_new(story, "record", record) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is no memory for the story of a lockdown.");
}

enum hf_rc hf_audit_read(struct hf_audit *audit, json_t **ret_story, struct hf_err *err)
{
	hf_auto_json json_t *story = NULL;
	enum hf_rc rc;

	audit->since = hf_clock_boot().ms;
	rc = hf_journal_replay(audit->journal, read_entry, audit, err);
	end_progress(audit);
	if (rc != HF_OK || !audit->of_lockdown)
		return rc;
	rc = hf_story_tell(audit->story, &story, err);
	if (rc == HF_OK)
		rc = put_record(audit, story, err);
	if (rc == HF_OK)
		*ret_story = json_incref(story);
	return rc;
}

/* Whose word is looked at, and for whom. */
struct witnessing {
	struct hf_audit *audit;
	enum hf_rc (*fn)(void *arg, const struct hf_audit_witness *witness, struct hf_err *err);
	void *arg;
};

/* The largest head that it says of any controller's journal and that this one had. */
static enum hf_rc find_head(struct hf_audit *audit, const struct hf_report *report, struct hf_merkle_head *ret,
			    struct hf_err *err)
{
	for (size_t i = 0; i < report->n_logs; i++) {
		const struct hf_log_row *log = &report->logs[i];
		struct hf_digest root;
		enum hf_rc rc;

		if (log->seen.size <= (int64_t)ret->size ||
		    log->seen.size > (int64_t)hf_journal_tree(audit->journal)->size)
			continue;
		rc = hf_journal_head_at(audit->journal, log->seen.size, &root, err);
		if (rc != HF_OK)
			return rc;
		if (hf_digest_cmp(&root, &log->seen.root) == 0)
			*ret = (struct hf_merkle_head){(uint64_t)log->seen.size, root};
	}
	return HF_OK;
}

static enum hf_rc take_witness(void *arg, const struct hf_report_row *row, struct hf_err *err)
{
	const struct witnessing *witnessing = arg;
	const struct hf_pub *key = hf_story_key(witnessing->audit->story, row->device);
	struct hf_audit_witness witness = {.device = row->device, .key = key, .report = row->body, .report_len = row->body_len};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_report struct hf_report *report = NULL;
	size_t signature = 0;
	enum hf_rc rc;

	if (!key || hf_envelope_decode(row->body, row->body_len, &envelope, NULL) != HF_OK ||
	    hf_report_decode(envelope, &report, NULL) != HF_OK || !hf_envelope_signed_by(envelope, key, &signature))
		return HF_OK;
	rc = find_head(witnessing->audit, report, &witness.head, err);
	return rc == HF_OK && witness.head.size > 0 ? witnessing->fn(witnessing->arg, &witness, err) : rc;
}

enum hf_rc hf_audit_each_witness(struct hf_audit *audit,
				 enum hf_rc (*fn)(void *arg, const struct hf_audit_witness *witness, struct hf_err *err),
				 void *arg, struct hf_err *err)
{
	struct witnessing witnessing = {audit, fn, arg};

	return hf_journal_each_report(audit->journal, take_witness, &witnessing, err);
}

void hf_audit_done(struct hf_audit *audit)
{
	hf_journal_close(&audit->journal);
	hf_story_free(&audit->story);
	free(audit->parts);
	audit->parts = NULL;
}
