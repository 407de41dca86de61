/* SPDX-License-Identifier: MIT */
/*
 * Owns the two forms of an answer: an object, or a refusal.
 * Must never know what was asked.
 */
#include "controller/web/api.h"

struct hf_web_answer hf_web_json(unsigned status, json_t *json)
{
	struct hf_web_answer a = {.status = status};
	if (!json || hf_json_bytes(json, &a.text, &a.len) != HF_OK)
		a.status = 503;
	json_decref(json);
	return a;
}

struct hf_web_answer hf_web_refuse(unsigned status, const char *reason, const char *message)
{
	return hf_web_json(status, json_pack("{s:s, s:s}", "error", reason, "message", message));
}
