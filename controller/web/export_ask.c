/* SPDX-License-Identifier: MIT */
/*
 * Owns how an export of the record comes onto the record.
 * Must never answer with a head that lacks it.
 */
#include "controller/web/export_ask.h"

#include <string.h>

#include "controller/own_words.h"
#include "controller/web/show.h"

#define FORMATS_MAX 3 /* html, csv, jsonl: each once */

/* What is said of an export; texts belong to its JSON. */
struct said {
	const char *as;
	struct hf_digest lockdown, reviewed; /* zeros: all of the record; nobody reviewed its texts */
	struct hf_strs formats;
};

static enum hf_rc read_export(const struct hf_web_request *request, json_t **ret_json, struct said *ret,
			      struct hf_err *err)
{
	static const char *const modes[] = {"titles", "ids", "names", "names-all"};
	const struct hf_json_member members[] = {
		{"as", HF_JSON_ID, &ret->as, 0, false},
		{"formats", HF_JSON_NAMES, &ret->formats, FORMATS_MAX, false},
		{"lockdown", HF_JSON_DIGEST, &ret->lockdown, 0, true},
		{"reviewed", HF_JSON_DIGEST, &ret->reviewed, 0, true},
	};
	enum hf_rc rc = hf_json_read(request->body, request->body_len, HF_MESSAGE_MAX, ret_json, err);
	if (rc == HF_OK)
		rc = hf_json_take(*ret_json, members, HF_LEN(members), err);
	for (size_t i = 0; rc == HF_OK && i < HF_LEN(modes); i++)
		if (strcmp(modes[i], ret->as) == 0)
			return HF_OK;
	return rc != HF_OK ? rc : hf_err_set(err, HF_E_SHAPE, "people are exported as titles, ids, names or names-all");
}

static json_t *digest_or_null(const struct hf_digest *digest)
{
	static const struct hf_digest none = {{0}};
	return hf_digest_cmp(digest, &none) == 0 ? json_null() : hf_json_from_digest(digest);
}

struct hf_web_answer hf_export_post(struct hf_controller *c, const struct hf_web_request *request)
{
	hf_auto_json json_t *json = NULL;
	json_t *shown = NULL;
	struct said said = {.as = ""};
	struct hf_err err = {""};
	enum hf_rc rc;
	if (request->speaker.uid != 0)
		return hf_web_refuse(403, "role", "only root of the council's server may export the record");
	rc = read_export(request, &json, &said, &err);
	if (rc == HF_OK)
		rc = hf_own_record(c, c->speaker, HF_RECORD_EXPORT,
				   json_pack("{s:o, s:s, s:o, s:o}", "lockdown", digest_or_null(&said.lockdown), "as", said.as,
					     "formats", hf_json_from_strs(&said.formats), "reviewed",
					     digest_or_null(&said.reviewed)),
				   &err);
	hf_strs_done(&said.formats);
	if (rc == HF_OK)
		rc = hf_show_checkpoint(c, &shown, &err);
	if (rc != HF_OK)
		return hf_web_refuse(rc == HF_E_SYSTEM || rc == HF_E_MEMORY || rc == HF_E_STALE_HEAD ? 503 : 400, hf_rc_name(rc),
				     err.text);
	return hf_web_json(200, shown);
}
