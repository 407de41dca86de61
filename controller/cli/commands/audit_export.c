/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast audit export`: what goes to somebody outside, with all that proves it.
 * Must never hand out what is not on the record as handed out, nor what a reader of this kind may not read.
 */
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/audit_reading.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/export_face.h"
#include "controller/cli/commands/export_files.h"
#include "controller/cli/commands/export_verify.h"
#include "controller/office/client.h"
#include "controller/office/story_words.h"

#define LOOKS_EACH 256
#define PATIENT_MS 1000

enum format { FORMAT_HTML, FORMAT_CSV, FORMAT_JSONL, FORMAT_COUNT };
static const char *const FORMATS[FORMAT_COUNT] = {"html", "csv", "jsonl"};

/* What was asked for. */
struct wishes {
	const char *lockdown, *out, *names, *folder, *people, *reviewed, *to_review;
	struct hf_list formats;
	bool titles, ids;
	bool wants[FORMAT_COUNT];
};

/* An export that is being made. */
struct export {
	struct hf_audit *audit;
	struct hf_export_face *face;
	struct hf_export_folder folder;
	struct hf_export_count count;
	json_t *answer; /* of the controller: checkpoint, key, size, root */
	json_t *story;
	json_t *texts; /* text: its first row of `texts` */
	FILE *out;     /* what is being written */
	int64_t since;
	bool said;
};

static enum hf_rc read_formats(struct wishes *wishes, struct hf_err *err)
{
	for (size_t i = 0; i < wishes->formats.n; i++) {
		size_t f = 0;

		while (f < FORMAT_COUNT && strcmp(FORMATS[f], wishes->formats.v[i]) != 0)
			f++;
		if (f == FORMAT_COUNT)
			return hf_err_set(err, HF_E_USAGE, "There is html, csv and jsonl, and no format `%.40s`.",
					  wishes->formats.v[i]);
		wishes->wants[f] = true;
	}
	for (size_t f = 0; wishes->formats.n == 0 && f < FORMAT_COUNT; f++)
		wishes->wants[f] = true;
	if (!wishes->lockdown)
		wishes->wants[FORMAT_HTML] = wishes->wants[FORMAT_CSV] = false;
	return HF_OK;
}

static enum hf_rc read_mode(const struct wishes *wishes, enum hf_export_as *ret, struct hf_err *err)
{
	if (wishes->titles + wishes->ids + (wishes->names != NULL) > 1)
		return hf_err_set(err, HF_E_USAGE, "Give one of --titles, --ids and --names.");
	if (wishes->names && wishes->names[0] && strcmp(wishes->names, "all") != 0)
		return hf_err_set(err, HF_E_USAGE, "It is --names of those who consent, or --names=all.");
	*ret = wishes->ids ? HF_EXPORT_IDS
	       : !wishes->names ? HF_EXPORT_TITLES
	       : wishes->names[0] ? HF_EXPORT_ALL
				  : HF_EXPORT_NAMES;
	return HF_OK;
}

static enum hf_rc check_wishes(struct wishes *wishes, enum hf_export_as *ret, struct hf_err *err)
{
	enum hf_rc rc = read_formats(wishes, err);

	if (rc == HF_OK)
		rc = read_mode(wishes, ret, err);
	if (rc == HF_OK && !wishes->out == !wishes->to_review)
		rc = hf_err_set(err, HF_E_USAGE, "Say where the export goes (--out DIR), or where its texts go that somebody is to "
						 "read before (--to-review FILE).");
	if (rc == HF_OK && wishes->to_review && !wishes->lockdown)
		rc = hf_err_set(err, HF_E_USAGE, "Say of which lockdown the texts are: --lockdown ID.");
	return rc;
}

/* It is on the record before anything of it is read. */
static enum hf_rc announce(struct export *export, const struct wishes *wishes, struct hf_err *err)
{
	static const struct hf_digest none = {{0}};
	json_t *formats = json_array();
	json_t *said = json_pack("{s:s, s:O}", "as", hf_export_as_name(export->face->as), "formats", formats);

	for (size_t f = 0; f < FORMAT_COUNT; f++)
		if (wishes->wants[f])
			json_array_append_new(formats, json_string(FORMATS[f]));
	json_decref(formats);
	if (wishes->lockdown)
		json_object_set_new(said, "lockdown", hf_json_from_digest(&export->audit->id));
	if (hf_digest_cmp(&export->face->reviewed, &none) != 0)
		json_object_set_new(said, "reviewed", hf_json_from_digest(&export->face->reviewed));
	return hf_client_say(&export->audit->cli->office, "/v1/exports", said, &export->answer, err);
}

/* Is the journal that was read the one whose head the controller signed. */
static enum hf_rc compare_heads(struct export *export, struct hf_err *err)
{
	const struct hf_digest root = hf_merkle_root(hf_journal_tree(export->audit->journal));
	char hex[HF_DIGEST_HEX_SIZE];

	if ((int64_t)hf_journal_tree(export->audit->journal)->size == hf_client_number(export->answer, "size") &&
	    strcmp(hf_digest_hex(&root, hex), hf_client_text(export->answer, "root", "")) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_MISMATCH, "The journal that was read is not that of the controller which was asked.");
}

static enum hf_rc put_text_file(struct export *export, const char *name, const char *text, struct hf_err *err)
{
	FILE *file = NULL;
	enum hf_rc rc = hf_export_open(&export->folder, name, &file, err);

	if (rc != HF_OK)
		return rc;
	fputs(text, file);
	return hf_export_close(file, HF_OK, err);
}

static struct hf_story_record record_of(const struct hf_chain_row *row)
{
	return (struct hf_story_record){.seq = row->seq,
					.at = {row->at},
					.kind = row->kind ? row->kind : "",
					.body = row->body ? row->body : "",
					.body_len = row->body ? row->body_len : 0};
}

static json_t *line_of(const struct hf_chain_row *row)
{
	return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s}", "seq", (json_int_t)row->seq, "at", (json_int_t)row->at, "kind",
			 row->kind, "digest", row->digest, "prev", row->prev, "hash", row->hash);
}

static enum hf_rc put_proof(struct export *export, json_t *line, int64_t seq, struct hf_err *err)
{
	struct hf_merkle_proof proof;
	json_t *list = json_array();
	enum hf_rc rc = export->count.whole ? HF_OK : hf_journal_prove(export->audit->journal, seq, &proof, err);

	for (size_t i = 0; rc == HF_OK && !export->count.whole && i < proof.n; i++)
		json_array_append_new(list, hf_json_from_digest(&proof.v[i]));
	if (export->count.whole || rc != HF_OK)
		json_decref(list);
	else
		json_object_set_new(line, "proof", list);
	return rc;
}

static void count_withheld(struct hf_export_count *count, const struct hf_personal *personal)
{
	count->withheld++;
	count->with_texts += json_array_size(personal->texts) > 0;
	count->with_names += json_array_size(personal->people) > 0;
	count->unknown += personal->unknown;
}

static void say_written(struct export *export)
{
	struct hf_cli *cli = export->audit->cli;

	if (export->count.entries % LOOKS_EACH != 0 || isatty(STDERR_FILENO) != 1 ||
	    hf_clock_boot().ms - export->since < PATIENT_MS)
		return;
	export->said = true;
	fprintf(cli->err, hf_text("\rWriting: %zu entries ..."), export->count.entries);
	fflush(cli->err);
}

static enum hf_rc write_entry(void *arg, const struct hf_chain_row *row, struct hf_err *err)
{
	struct export *export = arg;
	const struct hf_story_record record = record_of(row);
	hf_auto_personal struct hf_personal personal = {NULL, NULL, false};
	hf_auto_json json_t *line = line_of(row);
	enum hf_rc rc = line ? hf_personal_find(&record, &personal, err)
			     : hf_err_set(err, HF_E_SHAPE, "Record %lld cannot be written as JSON.", (long long)row->seq);

	if (rc == HF_OK)
		rc = put_proof(export, line, row->seq, err);
	if (rc != HF_OK)
		return rc;
	export->count.entries++;
	say_written(export);
	if (hf_export_may_show(export->face, &personal))
		json_object_set_new(line, "body", json_stringn(record.body, record.body_len));
	else
		count_withheld(&export->count, &personal);
	if (json_dumpf(line, export->out, JSON_COMPACT) != 0 || fputc('\n', export->out) == EOF)
		return hf_err_set(err, HF_E_SYSTEM, "The export cannot be written: %m.");
	return HF_OK;
}

/* Of the whole record each entry, else those that the story is made of. */
static enum hf_rc each_entry(struct export *export,
			     enum hf_rc (*fn)(void *arg, const struct hf_chain_row *row, struct hf_err *err),
			     struct hf_err *err)
{
	const struct hf_audit *audit = export->audit;
	size_t n = export->count.whole ? (size_t)hf_journal_tree(audit->journal)->size : audit->n_parts;
	enum hf_rc rc = HF_OK;

	export->since = hf_clock_boot().ms;
	for (size_t i = 0; rc == HF_OK && i < n; i++)
		rc = hf_journal_look_row(audit->journal, export->count.whole ? (int64_t)i + 1 : audit->parts[i], fn, export, err);
	if (export->said)
		fputs("\r\033[K", audit->cli->err);
	export->said = false;
	return rc;
}

static enum hf_rc keep_texts(void *arg, const struct hf_chain_row *row, struct hf_err *err)
{
	struct export *export = arg;
	const struct hf_story_record record = record_of(row);
	hf_auto_personal struct hf_personal personal = {NULL, NULL, false};
	enum hf_rc rc = hf_personal_find(&record, &personal, err);
	json_t *one;
	size_t i;

	json_array_foreach(personal.texts, i, one)
	{
		const char *text = hf_client_text(one, "text", "");

		if (!json_object_get(export->texts, text) && json_object_set(export->texts, text, one) != 0)
			return hf_err_set(err, HF_E_MEMORY, "There is no memory for so many texts.");
	}
	return rc;
}

static enum hf_rc write_witness(void *arg, const struct hf_audit_witness *witness, struct hf_err *err)
{
	struct export *export = arg;
	const struct hf_story_record record = {.kind = "report", .body = witness->report, .body_len = witness->report_len};
	hf_auto_personal struct hf_personal personal = {NULL, NULL, false};
	hf_auto_json json_t *line = json_pack("{s:s, s:I, s:o, s:o}", "device", witness->device, "size",
					      (json_int_t)witness->head.size, "root", hf_json_from_digest(&witness->head.root),
					      "public", hf_json_from_bytes(witness->key->b, sizeof(witness->key->b)));
	enum hf_rc rc = hf_personal_find(&record, &personal, err);

	if (rc != HF_OK)
		return rc;
	export->count.witnesses++;
	if (hf_export_may_show(export->face, &personal))
		json_object_set_new(line, "report", json_stringn(witness->report, witness->report_len));
	else
		export->count.silent_witnesses++;
	if (json_dumpf(line, export->out, JSON_COMPACT) != 0 || fputc('\n', export->out) == EOF)
		return hf_err_set(err, HF_E_SYSTEM, "The export cannot be written: %m.");
	return HF_OK;
}

static enum hf_rc write_lines(struct export *export, struct hf_err *err)
{
	enum hf_rc rc = hf_export_open(&export->folder, "records.jsonl", &export->out, err);

	if (rc == HF_OK)
		rc = hf_export_close(export->out, each_entry(export, write_entry, err), err);
	if (rc == HF_OK)
		rc = hf_export_open(&export->folder, "witness.jsonl", &export->out, err);
	if (rc == HF_OK)
		rc = hf_export_close(export->out, hf_audit_each_witness(export->audit, write_witness, export, err), err);
	return rc;
}

/* What the office writes fails for want of memory alone. */
static enum hf_rc told(bool is_written, struct hf_err *err)
{
	return is_written ? HF_OK : hf_err_set(err, HF_E_MEMORY, "There is no memory to write the export.");
}

static enum hf_rc write_tables(struct export *export, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (int table = 0; rc == HF_OK && table < HF_STORY_FILES; table++) {
		char name[32];
		FILE *file = NULL;

		if (hf_str_printf(name, sizeof(name), "%s.csv", hf_story_table_name((enum hf_story_table)table)) != HF_OK)
			return hf_err_set(err, HF_E_SIZE, "The name of a table is too long.");
		rc = hf_export_open(&export->folder, name, &file, err);
		if (rc == HF_OK)
			rc = hf_export_close(file,
					     told(hf_story_write_csv(file, export->story, (enum hf_story_table)table,
								     &export->face->face),
						  err),
					     err);
	}
	return rc;
}

static enum hf_rc write_page(struct export *export, struct hf_err *err)
{
	FILE *file = NULL;
	enum hf_rc rc = hf_export_open(&export->folder, "report.html", &file, err);

	if (rc != HF_OK)
		return rc;
	json_object_set_new(json_object_get(export->story, "record"), "withheld", json_integer((json_int_t)export->count.withheld));
	return hf_export_close(file, told(hf_story_write_page(file, export->story, &export->face->face), err), err);
}

static enum hf_rc write_verify(struct export *export, bool lines, struct hf_err *err)
{
	FILE *file = NULL;
	enum hf_rc rc = hf_export_open(&export->folder, "VERIFY.txt", &file, err);

	if (rc != HF_OK)
		return rc;
	export->count.key = hf_client_text(export->answer, "key", "?");
	hf_export_verify_write(file, &export->count, lines);
	return hf_export_close(file, HF_OK, err);
}

static enum hf_rc write_all(struct export *export, const struct wishes *wishes, struct hf_err *err)
{
	enum hf_rc rc = put_text_file(export, "checkpoint", hf_client_text(export->answer, "checkpoint", ""), err);

	if (rc == HF_OK)
		rc = put_text_file(export, "key", hf_client_text(export->answer, "key", ""), err);
	if (rc == HF_OK && wishes->wants[FORMAT_JSONL])
		rc = write_lines(export, err);
	if (rc == HF_OK && wishes->wants[FORMAT_CSV])
		rc = write_tables(export, err);
	if (rc == HF_OK && wishes->wants[FORMAT_HTML])
		rc = write_page(export, err);
	if (rc == HF_OK)
		rc = write_verify(export, wishes->wants[FORMAT_JSONL], err);
	return rc == HF_OK ? hf_export_folder_place(&export->folder, err) : rc;
}

static enum hf_rc say_done(struct export *export, const struct wishes *wishes, struct hf_err *err)
{
	struct hf_cli *cli = export->audit->cli;

	if (cli->json)
		return hf_cli_answer(cli,
				     json_pack("{s:s, s:s, s:I, s:I, s:I}", "out", wishes->out, "as",
					       hf_export_as_name(export->face->as), "entries",
					       (json_int_t)export->count.entries, "withheld",
					       (json_int_t)export->count.withheld, "witnesses",
					       (json_int_t)export->count.witnesses),
				     err);
	fprintf(cli->out, hf_text("The export is in %s, and on the record. Entries: %zu, of these without their content: %zu.\n"),
		wishes->out, export->count.entries, export->count.withheld);
	if (export->face->people.n_named > 0)
		hf_office_warn(&cli->office, hf_text("ids of the people file that say their person's name: %zu, the first is %s; they "
						     "are in this export"),
			       export->face->people.n_named, export->face->people.named);
	return HF_OK;
}

static enum hf_rc read_story(struct export *export, const struct wishes *wishes, struct hf_err *err)
{
	enum hf_rc rc = hf_audit_read(export->audit, &export->story, err);

	if (rc == HF_OK && (export->face->released || wishes->to_review)) {
		export->texts = json_object();
		rc = each_entry(export, keep_texts, err);
	}
	if (rc == HF_OK && export->face->released)
		rc = hf_export_all_known(export->face, export->texts, err);
	return rc;
}

static enum hf_rc make_export(struct export *export, const struct wishes *wishes, struct hf_err *err)
{
	enum hf_rc rc = hf_export_folder_make(wishes->out, &export->folder, err);

	if (rc == HF_OK)
		rc = announce(export, wishes, err);
	if (rc == HF_OK) {
		hf_journal_look_upto(export->audit->journal, hf_client_number(export->answer, "size"));
		rc = read_story(export, wishes, err);
	}
	if (rc == HF_OK)
		rc = compare_heads(export, err);
	if (rc == HF_OK)
		rc = write_all(export, wishes, err);
	hf_export_folder_done(&export->folder);
	return rc == HF_OK ? say_done(export, wishes, err) : rc;
}

static enum hf_rc make_review(struct export *export, const struct wishes *wishes, struct hf_err *err)
{
	enum hf_rc rc = read_story(export, wishes, err);

	if (rc == HF_OK)
		rc = hf_export_review(wishes->to_review, export->texts, err);
	if (rc == HF_OK && export->audit->cli->json)
		return hf_cli_answer(export->audit->cli,
				     json_pack("{s:s, s:I}", "review", wishes->to_review, "texts",
					       (json_int_t)json_object_size(export->texts)),
				     err);
	if (rc == HF_OK)
		fprintf(export->audit->cli->out,
			hf_text("Texts in %s: %zu. Read each, write `yes` behind those that may go out, and give it with --reviewed.\n"),
			wishes->to_review, json_object_size(export->texts));
	return rc;
}

static enum hf_rc run_export(struct hf_cli *cli, struct wishes *wishes, struct hf_err *err)
{
	hf_auto_audit struct hf_audit audit = {.cli = cli};
	hf_auto_export_face struct hf_export_face face = {.as = HF_EXPORT_TITLES};
	struct export export = {.audit = &audit, .face = &face};
	enum hf_rc rc = check_wishes(wishes, &face.as, err);

	if (rc == HF_OK)
		rc = hf_export_face_read(&face, wishes->people, wishes->reviewed, err);
	if (rc == HF_OK)
		rc = hf_audit_open(&audit, wishes->folder, wishes->lockdown, err);
	export.count.whole = !wishes->lockdown;
	if (rc == HF_OK)
		rc = wishes->to_review ? make_review(&export, wishes, err) : make_export(&export, wishes, err);
	json_decref(export.answer);
	json_decref(export.story);
	json_decref(export.texts);
	return rc;
}

enum hf_rc hf_cli_audit_export(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct wishes wishes = {.folder = HF_CONTROLLER_STATE};
	const struct hf_arg rows[] = {
		{"lockdown", HF_ARG_TEXT, &wishes.lockdown, "ID", HF_TEXT("of this lockdown; without it the whole record"), 0},
		{"out", HF_ARG_TEXT, &wishes.out, "DIR", HF_TEXT("a folder that is not there yet, or empty"), 0},
		{"titles", HF_ARG_FLAG, &wishes.titles, NULL, HF_TEXT("people by their titles (as it is without a word)"), 0},
		{"ids", HF_ARG_FLAG, &wishes.ids, NULL, HF_TEXT("people by their ids"), 0},
		{"names", HF_ARG_MAYBE, &wishes.names, "[=all]", HF_TEXT("by name who consents, or all; with what people wrote"), 0},
		{"format", HF_ARG_IDS, &wishes.formats, "FORMAT,...", HF_TEXT("html, csv, jsonl; all without it"), 0},
		{"to-review", HF_ARG_TEXT, &wishes.to_review, "FILE", HF_TEXT("write the texts that people wrote, to be read first"), 0},
		{"reviewed", HF_ARG_TEXT, &wishes.reviewed, "FILE", HF_TEXT("that file, with `yes` behind what may go out"), 0},
		{"people", HF_ARG_TEXT, &wishes.people, "FILE", HF_TEXT("the people file, if not with the controller"), 0},
		{"journal", HF_ARG_TEXT, &wishes.folder, "DIR", HF_TEXT("where journal.db is, if not with the controller"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	return rc == HF_OK ? run_export(cli, &wishes, err) : rc;
}
