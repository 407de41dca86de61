/* SPDX-License-Identifier: MIT */
/*
 * Owns the register beside as it is asked for.
 * Must never let anybody but root of the server change it: it says whose scheduler is paused, and who is written to.
 */
#include "controller/beside_book.h"
#include "controller/web/beside_ask.h"
#include "controller/web/gate.h"

struct hf_web_answer hf_beside_show(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	if (c->beside.json)
		return hf_web_json(200, json_deep_copy(c->beside.json));
	return hf_web_json(200, json_pack("{s:[], s:[]}", "accounts", "people"));
}

struct hf_web_answer hf_beside_post(struct hf_controller *c, const struct hf_web_request *request)
{
	hf_auto_json json_t *changes = NULL;
	struct hf_err err = {""};
	size_t n = 0;
	enum hf_rc rc;
	if (request->speaker.uid != 0)
		return hf_web_refuse(403, "role", "only root of the council's server may do that");
	rc = hf_json_read(request->body, request->body_len, HF_BODY_MAX, &changes, &err);
	if (rc == HF_OK)
		rc = hf_beside_change(c, changes, &n, &err);
	if (rc != HF_OK)
		return rc == HF_E_ABSENT ? hf_web_refuse(400, hf_rc_name(rc), err.text) : hf_web_fail(rc, &err);
	return hf_web_json(200, json_pack("{s:I}", "rows", (json_int_t)n));
}
