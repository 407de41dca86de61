/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast put-back`: what a controller has lost is brought to it again, from files that bear their own approvals.
 * Must never need a key, nor bring what is not approved enough already.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/post.h"
#include "controller/office/weigh.h"

/* A report or state is nobody's to bring. */
static bool is_brought(enum hf_doc_type type)
{
	return type == HF_DOC_TRUST || type == HF_DOC_REGISTER || type == HF_DOC_ASSIGNMENT || type == HF_DOC_ORDER ||
	       type == HF_DOC_BROKERS || type == HF_DOC_GLASS;
}

/* By the trust that the controller has by now: a trust of the same call may have come before. */
static enum hf_rc weigh_lost(const struct hf_view *view, const char *path, const struct hf_envelope *envelope,
			     struct hf_err *err)
{
	hf_auto_weighed struct hf_weighed weighed = {0};
	struct hf_err why = {0};
	enum hf_rc rc;

	if (!is_brought(envelope->type))
		return hf_err_set(err, HF_E_TYPE, "%s is no trust, register, assignment, order, list of brokers or halves of a device: nothing else is put back.", path);
	rc = hf_weigh(view, envelope, &weighed, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s cannot be read (%s): %s", path, hf_rc_name(rc), why.text);
	if (weighed.rc != HF_OK)
		return hf_err_set(err, weighed.rc, "%s is not approved by what the controller knows (%s): %s Files are put back in their order, "
						   "the oldest trust first.",
				  path, hf_rc_name(weighed.rc), weighed.text.text);
	return HF_OK;
}

/* Also what newer ones have followed since, which the controller would refuse as older. */
static enum hf_rc is_there(const struct hf_cli *cli, const struct hf_digest *digest, bool *ret, struct hf_err *err)
{
	hf_auto_json json_t *said = NULL;
	char path[HF_DIGEST_HEX_SIZE + 32], hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc;

	if (hf_str_printf(path, sizeof(path), "/v1/envelope?digest=%s", hf_digest_hex(digest, hex)) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The question is too long.");
	rc = hf_client_get(&cli->office, path, &said, err);
	if (rc == HF_OK)
		*ret = strcmp(hf_client_text(said, "outcome", ""), "recorded") == 0;
	return rc;
}

/* *ret: what the controller said of it; NULL: it was not lost. */
static enum hf_rc bring(struct hf_cli *cli, const char *path, const struct hf_envelope *envelope, json_t **ret,
			struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	bool there = false;
	enum hf_rc rc = hf_view_open(&cli->office, &view, err);

	if (rc == HF_OK && is_brought(envelope->type))
		rc = is_there(cli, &envelope->digest, &there, err);
	if (rc != HF_OK || there)
		return rc;
	rc = weigh_lost(&view, path, envelope, err);
	return rc == HF_OK ? hf_post(&cli->office, envelope, ret, err) : rc;
}

static enum hf_rc put_back_one(struct hf_cli *cli, const char *path, json_t *list, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *said = NULL;
	const char *outcome;
	char digest[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_folder_get(path, &envelope, err);

	if (rc == HF_OK)
		rc = bring(cli, path, envelope, &said, err);
	if (rc != HF_OK)
		return rc;
	outcome = said ? hf_client_text(said, "outcome", "?") : "known";
	hf_digest_hex(&envelope->digest, digest);
	(void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "file", path, "type", hf_doc_type_name(envelope->type),
						    "digest", digest, "outcome", outcome));
	if (!cli->json)
		fprintf(cli->out,
			strcmp(outcome, "recorded") == 0 ? hf_text("%s is recorded and published.\n")
			: strcmp(outcome, "known") == 0	 ? hf_text("%s was not lost: the controller has it.\n")
							 : hf_text("%s waits for more approvals.\n"),
			path);
	return HF_OK;
}

enum hf_rc hf_cli_put_back(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *list = json_array();
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	for (size_t i = 0; rc == HF_OK && i < args->n_rest; i++)
		rc = put_back_one(cli, args->rest[i], list, err);
	return rc == HF_OK && cli->json ? hf_cli_answer(cli, json_pack("{s:O}", "put_back", list), err) : rc;
}
