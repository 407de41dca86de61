/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast audit verify`: is a copy of the record whole, and does it fit what others kept of it; offline.
 * Must never ask the controller, or call a record whole that only fits itself without saying so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/rows.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/record_approvals.h"
#include "controller/journal/copy_check.h"

#define HEADS_FILE_MAX (4 * 1024 * 1024) /* a line a device and more */

/* The heads that were given. */
struct given {
	struct hf_copy_head *v;
	size_t n, room;
};

static bool read_root(const char *text, size_t len, struct hf_digest *ret)
{
	char hex[HF_DIGEST_HEX_SIZE];
	size_t n = 0;

	if (len == HF_BASE64_LEN(sizeof(ret->b)))
		return hf_base64_decode(text, len, ret->b, sizeof(ret->b), &n) == HF_OK && n == sizeof(ret->b);
	if (len != sizeof(hex) - 1)
		return false;
	memcpy(hex, text, len);
	hex[len] = '\0';
	return hf_digest_from_hex(hex, ret) == HF_OK;
}

/* "SIZE ROOT", and behind a blank whatever says whose it is. */
static enum hf_rc add_head(struct given *given, const char *line, struct hf_err *err)
{
	struct hf_copy_head one = {.fit = HF_COPY_NOT_REACHED};
	char *root = NULL;
	long long size;

	errno = 0;
	size = strtoll(line, &root, 10);
	if (errno != 0 || line[0] < '0' || line[0] > '9' || size > HF_JSON_INT_MAX || *root != ' ' ||
	    !read_root(root + 1, strcspn(root + 1, " \t\r\n"), &one.head.root))
		return hf_err_set(err, HF_E_USAGE,
				  "A head is the number of records and their tree head: \"1204 3f9a...\", not \"%.80s\".",
				  line);
	one.head.size = (uint64_t)size;
	if (hf_rows_reserve(&given->v, &given->room, given->n + 1, sizeof(*given->v)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for so many heads.");
	given->v[given->n++] = one;
	return HF_OK;
}

static enum hf_rc add_file(struct given *given, const char *path, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	char *rest;
	enum hf_rc rc = hf_fs_read(path, HEADS_FILE_MAX, &text, &len, err);

	rest = text;
	for (char *line; rc == HF_OK && (line = strsep(&rest, "\n")) != NULL;)
		if (line[0] && line[0] != '#')
			rc = add_head(given, line, err);
	return rc;
}

static void say_bad(const struct hf_cli *cli, const char *path, const struct hf_copy *copy)
{
	fprintf(cli->out, hf_text("DAMAGED: record %lld of %s is the first that is not whole: %s.\n"),
		(long long)copy->bad, path, copy->why);
}

static void say_whole(const struct hf_cli *cli, const char *path, const struct hf_copy *copy)
{
	const struct hf_digest root = hf_merkle_root(&copy->chain.tree);
	unsigned long n = (unsigned long)copy->chain.tree.size;
	char hex[HF_DIGEST_HEX_SIZE];

	fprintf(cli->out,
		hf_text_n("The chain of %s is whole: %lu record, tree head %s.\n",
			  "The chain of %s is whole: %lu records, tree head %s.\n", n),
		path, n, hf_digest_hex(&root, hex));
}

static void say_approvals(const struct hf_cli *cli, const struct hf_copy *copy, const struct hf_record_approvals *approvals)
{
	fprintf(cli->out,
		hf_text_n("%lld document in it was approved by the trust of its moment.\n",
			  "%lld documents in it were each approved by the trust of their moment.\n",
			  (unsigned long)approvals->documents),
		(long long)approvals->documents);
	if (copy->erased > 0)
		fprintf(cli->out,
			hf_text_n("What %lld record said is erased, as two officers approved.\n",
				  "What %lld records said is erased, as two officers approved.\n", (unsigned long)copy->erased),
			(long long)copy->erased);
}

static void say_heads(const struct hf_cli *cli, const struct hf_copy *copy)
{
	int64_t between[2];

	if (copy->n_heads == 0)
		fputs(hf_text("No head was given to compare it with: whoever makes a whole record anew makes one that is whole, too.\n"),
		      cli->out);
	else if (!hf_copy_between(copy, between))
		fprintf(cli->out,
			hf_text_n("It fits the %zu head that was given.\n", "It fits all %zu heads that were given.\n",
				  copy->n_heads),
			copy->n_heads);
	else if (between[1] > (int64_t)copy->chain.tree.size)
		fprintf(cli->out,
			hf_text("SHORTENED: it ends with record %lld, there were %lld at least, and it fits what others saw up to "
				"record %lld.\n"),
			(long long)copy->chain.tree.size, (long long)between[1], (long long)between[0] - 1);
	else
		fprintf(cli->out,
			hf_text("MADE ANEW: the first record that is another one is one of %lld to %lld.\n"),
			(long long)between[0], (long long)between[1]);
}

static json_t *verdict_of(const struct hf_copy *copy, const struct hf_record_approvals *approvals)
{
	const struct hf_digest root = hf_merkle_root(&copy->chain.tree);
	int64_t between[2] = {0, 0};
	bool anew = hf_copy_between(copy, between);

	return json_pack("{s:I, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:o}", "records", (json_int_t)copy->chain.tree.size, "root",
			 hf_json_from_digest(&root), "bad", copy->bad ? json_integer(copy->bad) : json_null(), "why",
			 copy->why, "documents", (json_int_t)approvals->documents, "signatures",
			 (json_int_t)approvals->signatures, "erased", (json_int_t)copy->erased, "heads", (json_int_t)copy->n_heads, "anew",
			 anew ? json_pack("[I, I]", (json_int_t)between[0], (json_int_t)between[1]) : json_null());
}

static enum hf_rc say_verdict_of(struct hf_cli *cli, const char *path, const struct hf_copy *copy, struct hf_err *err)
{
	const struct hf_record_approvals *approvals = copy->arg;
	int64_t between[2];
	bool holds = !copy->bad && !hf_copy_between(copy, between);
	enum hf_rc rc = HF_OK;

	if (cli->json) {
		rc = hf_cli_answer(cli, verdict_of(copy, approvals), err);
	} else if (copy->bad) {
		say_bad(cli, path, copy);
	} else {
		say_whole(cli, path, copy);
		say_approvals(cli, copy, approvals);
		say_heads(cli, copy);
	}
	return rc == HF_OK && !holds ? HF_E_SHAPE : rc; /* the answer has said it */
}

static enum hf_rc verify_copy(struct hf_cli *cli, const char *path, struct given *given, struct hf_err *err)
{
	struct hf_record_approvals approvals = {.begun = false};
	struct hf_copy copy = {.heads = given->v, .n_heads = given->n, .judge = hf_record_approved, .arg = &approvals};
	enum hf_rc rc = hf_copy_check(path, &copy, err);

	if (rc == HF_OK)
		rc = say_verdict_of(cli, path, &copy, err);
	hf_record_approvals_done(&approvals);
	return rc;
}

enum hf_rc hf_cli_audit_verify(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct hf_list heads = {0}, files = {0};
	struct given given = {0};
	const struct hf_arg rows[] = {
		{"head", HF_ARG_LIST, &heads, "HEAD", HF_TEXT("\"SIZE ROOT\", in hex or base64, as somebody kept it"), 0},
		{"heads", HF_ARG_LIST, &files, "FILE", HF_TEXT("many of them, one a line"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	for (size_t i = 0; rc == HF_OK && i < heads.n; i++)
		rc = add_head(&given, heads.v[i], err);
	for (size_t i = 0; rc == HF_OK && i < files.n; i++)
		rc = add_file(&given, files.v[i], err);
	if (rc == HF_OK)
		rc = verify_copy(cli, args->n_rest ? args->rest[0] : HF_CONTROLLER_STATE, &given, err);
	free(given.v);
	return rc;
}
