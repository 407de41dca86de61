/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast audit heads`, `audit prove` and `audit checkpoint`: who has seen which head of the record, and what
 * others verify it by.
 * Must never count a device that was not heard lately among those whose head fits.
 */
#include <inttypes.h>
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"
#include "controller/office/times.h"

enum seen { SEEN_FITS, SEEN_DIFFERS, SEEN_SILENT, SEEN_NOTHING, SEEN_COUNT };

/* How the devices stand, and since when the longest of the silent ones is. */
struct tally {
	size_t n[SEEN_COUNT], all;
	struct hf_wall silent_since;
};

static enum seen seen_of(const json_t *row, const json_t *answer)
{
	long long heard = hf_client_number(row, "heard");

	if (json_is_false(json_object_get(row, "fits")))
		return SEEN_DIFFERS;
	if (heard > 0 && hf_client_number(answer, "now") - heard > hf_client_number(answer, "stale_s"))
		return SEEN_SILENT;
	return json_is_true(json_object_get(row, "fits")) ? SEEN_FITS : SEEN_NOTHING;
}

static struct tally tally_of(const json_t *answer)
{
	struct tally tally = {.all = 0};
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(answer, "devices"), i, row)
	{
		enum seen seen = seen_of(row, answer);
		long long heard = hf_client_number(row, "heard");

		tally.n[seen]++;
		tally.all++;
		if (seen == SEEN_SILENT && (tally.silent_since.s == 0 || heard < tally.silent_since.s))
			tally.silent_since.s = heard;
	}
	return tally;
}

static void say_differing(FILE *out, const json_t *answer)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(answer, "devices"), i, row)
	{
		if (seen_of(row, answer) == SEEN_DIFFERS)
			fprintf(out, hf_text("DOES NOT FIT: %s saw the head %s over %lld records.\n"),
				hf_client_text(row, "device", "?"), hf_client_text(row, "root", "?"),
				hf_client_number(row, "size"));
	}
}

static void say_tally(FILE *out, const json_t *answer)
{
	struct tally tally = tally_of(answer);
	char since[HF_TIMES_TEXT_SIZE];

	say_differing(out, answer);
	fprintf(out,
		hf_text_n("%zu of %zu device signed heads that fit.\n", "%zu of %zu devices signed heads that fit.\n", tally.all),
		tally.n[SEEN_FITS], tally.all);
	if (tally.n[SEEN_SILENT] > 0)
		fprintf(out,
			hf_text_n("%zu is not heard since %s.\n", "%zu are not heard lately, the first since %s.\n",
				  tally.n[SEEN_SILENT]),
			tally.n[SEEN_SILENT], hf_times_text(tally.silent_since, since));
	if (tally.n[SEEN_NOTHING] > 0)
		fprintf(out, hf_text_n("%zu has signed none yet.\n", "%zu have signed none yet.\n", tally.n[SEEN_NOTHING]),
			tally.n[SEEN_NOTHING]);
}

/* As `audit verify --heads` reads them. */
static void say_lines(FILE *out, const json_t *answer)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(answer, "devices"), i, row)
	{
		if (json_is_string(json_object_get(row, "root")))
			fprintf(out, "%lld %s %s\n", hf_client_number(row, "size"), hf_client_text(row, "root", "?"),
				hf_client_text(row, "device", "?"));
	}
}

enum hf_rc hf_cli_audit_heads(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	bool lines = false;
	const struct hf_arg rows[] = {
		{"lines", HF_ARG_FLAG, &lines, NULL, HF_TEXT("one head a line, for audit verify --heads"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_client_pages(&cli->office, "/v1/heads", &answer, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		rc = hf_cli_answer(cli, json_incref(answer), err);
	else if (lines)
		say_lines(cli->out, answer);
	else
		say_tally(cli->out, answer);
	return rc == HF_OK && tally_of(answer).n[SEEN_DIFFERS] > 0 ? HF_E_FORK : rc; /* the answer has said it */
}

/* An answer whose text is what others read: printed as it is. */
static enum hf_rc print_text(struct hf_cli *cli, const char *path, const char *name, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc = hf_client_get(&cli->office, path, &answer, err);

	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_incref(answer), err);
	fputs(hf_client_text(answer, name, ""), cli->out);
	return HF_OK;
}

enum hf_rc hf_cli_audit_prove(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	char path[64];
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK && (strspn(args->rest[0], "0123456789") != strlen(args->rest[0]) || strlen(args->rest[0]) > 15))
		rc = hf_err_set(err, HF_E_USAGE, "The number of a record is wanted, not `%s`.", args->rest[0]);
	if (rc == HF_OK)
		rc = hf_str_printf(path, sizeof(path), "/v1/proof?record=%s", args->rest[0]);
	return rc == HF_OK ? print_text(cli, path, "proof", err) : rc;
}

enum hf_rc hf_cli_audit_checkpoint(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	bool key = false;
	const struct hf_arg rows[] = {
		{"verifier", HF_ARG_FLAG, &key, NULL, HF_TEXT("the key that verifies it, as other tools take it"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = print_text(cli, "/v1/checkpoint", key ? "key" : "checkpoint", err);
	if (rc == HF_OK && key && !cli->json)
		fputc('\n', cli->out);
	return rc;
}
