/* SPDX-License-Identifier: MIT */
/*
 * Owns the two forms of an answer: an object, or a refusal.
 * Must never know what was asked.
 */
#include "controller/door.h"
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

/* 503: it is certain that nothing was done. 500: that is what nobody can tell. */
static unsigned status_of(enum hf_rc rc)
{
	if (rc == HF_E_UNSURE)
		return 500;
	if (rc == HF_E_ABSENT)
		return 404;
	return hf_door_is_ours(rc) ? 503 : 400;
}

struct hf_web_answer hf_web_fail(enum hf_rc rc, const struct hf_err *err)
{
	return hf_web_refuse(status_of(rc), hf_rc_name(rc), err->text);
}
