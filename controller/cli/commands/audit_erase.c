/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast audit erase`: what some records say is let go, by two officers.
 * Must never name a record that was not asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/erasing.h"
#include "controller/cli/send.h"
#include "controller/office/council_folder.h"

enum hf_rc hf_erasing_add(struct hf_erasing *erasing, const struct hf_record_entry *entry, struct hf_err *err)
{
	struct hf_erase_kept kept = {.seq = entry->seq, .at = entry->at.s, .kind = entry->kind};
	struct hf_erase_range *last = erasing->n ? &erasing->ranges[erasing->n - 1] : NULL;
	bool touches = last && last->last + 1 == entry->seq;

	if (hf_digest_from_hex(entry->digest, &kept.digest) != HF_OK || hf_digest_from_hex(entry->hash, &kept.hash) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "The entry %lld of the record is damaged.", (long long)entry->seq);
	if (erasing->records == HF_ERASE_RECORDS_MAX || (!touches && erasing->n == HF_ERASE_RANGES_MAX))
		return hf_err_set(err, HF_E_SIZE, "More than %d records, or %d places, are named: erase some of them first.",
				  HF_ERASE_RECORDS_MAX, HF_ERASE_RANGES_MAX);
	if (touches)
		last->last++;
	else
		erasing->ranges[erasing->n++] = (struct hf_erase_range){entry->seq, entry->seq};
	erasing->records++;
	return hf_erase_add(&erasing->of, &kept) == HF_OK ? HF_OK : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

enum hf_rc hf_erasing_write(const struct hf_erasing *erasing, const struct hf_view *view, const char *why,
			    struct hf_envelope **ret, struct hf_err *err)
{
	const struct hf_erase doc = {.council = view->known.trust->council,
				     .at = view->now,
				     .why = why,
				     .records = (struct hf_erase_range *)erasing->ranges,
				     .n_records = erasing->n,
				     .of = erasing->of};
	hf_auto_erase struct hf_erase *erase = NULL;
	struct hf_err text = {0};
	enum hf_rc rc = hf_folder_envelope(HF_DOC_ERASE, hf_erase_encode(&doc), ret, err);

	if (rc == HF_OK && hf_erase_decode(*ret, &erase, &text) != HF_OK)
		rc = hf_err_set(err, HF_E_USAGE, "This cannot be written: %s", text.text);
	return rc;
}

/* "12" or "14-20" */
static enum hf_rc read_range(const char *text, struct hf_erase_range *ret, struct hf_err *err)
{
	char *end = NULL;

	errno = 0;
	ret->first = ret->last = strtoll(text, &end, 10);
	if (*end == '-' && end != text)
		ret->last = strtoll(end + 1, &end, 10);
	if (errno == 0 && *end == '\0' && text[0] >= '0' && text[0] <= '9' && ret->first > 0 && ret->last >= ret->first &&
	    ret->last <= HF_JSON_INT_MAX)
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "The number of a record is wanted, or 14-20 for some of them, not `%s`.", text);
}

static int compare_range(const void *a, const void *b)
{
	const struct hf_erase_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* The entries of one place. */
struct place {
	struct hf_erasing *erasing;
	int64_t next;
};

static enum hf_rc take_entry(void *arg, const struct hf_record_entry *entry, struct hf_err *err)
{
	struct place *place = arg;

	if (entry->seq == place->next)
		place->next++;
	return hf_erasing_add(place->erasing, entry, err);
}

static enum hf_rc read_places(const struct hf_view *view, const struct hf_erase_range *wished, size_t n,
			      struct hf_erasing *erasing, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < n; i++) {
		struct place place = {erasing, wished[i].first};
		const struct hf_record_ask ask = {
			.after = wished[i].first - 1, .upto = wished[i].last, .fn = take_entry, .arg = &place};

		rc = hf_record_read(view, &ask, err);
		if (rc == HF_OK && place.next != wished[i].last + 1)
			rc = hf_err_set(err, HF_E_ABSENT, "The record has no entry %lld.", (long long)place.next);
	}
	return rc;
}

static enum hf_rc write_erasure(const struct hf_view *view, const struct hf_args *args, const char *why,
				struct hf_envelope **ret, struct hf_err *err)
{
	hf_auto_free struct hf_erasing *erasing = calloc(1, sizeof(*erasing));
	struct hf_erase_range wished[HF_REST_MAX];
	enum hf_rc rc = erasing ? HF_OK : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");

	for (size_t i = 0; rc == HF_OK && i < args->n_rest; i++)
		rc = read_range(args->rest[i], &wished[i], err);
	if (rc == HF_OK) {
		qsort(wished, args->n_rest, sizeof(wished[0]), compare_range);
		rc = read_places(view, wished, args->n_rest, erasing, err);
	}
	return rc == HF_OK ? hf_erasing_write(erasing, view, why, ret, err) : rc;
}

enum hf_rc hf_cli_audit_erase(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	const char *why = NULL;
	const struct hf_arg rows[] = {
		{"why", HF_ARG_TEXT, &why, "TEXT", HF_TEXT("why, for the other officer and for whoever asks later"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && !why)
		rc = hf_err_set(err, HF_E_USAGE, "Say why with --why TEXT: it stays on the record in place of what goes.");
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = write_erasure(&view, args, why, &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(&officer, err);
	return rc == HF_OK ? hf_send(&officer, envelope, 0, err) : rc;
}
