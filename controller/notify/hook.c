/* SPDX-License-Identifier: MIT */
/*
 * Owns what a machine's answer means for a message.
 * Must never say of a message that was not taken that it was.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "controller/notify/cap.h"
#include "controller/notify/hook.h"
#include "controller/notify/hook_sign.h"
#include "controller/notify/https.h"

#define HEADER_SIZE 200
#define PATH_SIZE 400

struct hook {
	const struct hf_hook_conf *conf;
	struct hf_https *https;
	/* of one message */
	char reference[HF_REFERENCE_SIZE];
	char *body;
	size_t len;
	char file[HF_CAP_ID_SIZE + 8]; /* its name, where it is one */
};

static enum hf_rc write_file_name(struct hook *hook, const char *name, const char *ending, struct hf_err *err)
{
	enum hf_rc rc = hf_str_printf(hook->file, sizeof(hook->file), "%s%s", name, ending);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "the name of a file is too long");
}

static enum hf_rc write_cap(struct hook *hook, const struct hf_parcel *parcel, struct hf_err *err)
{
	const struct hf_cap_frame frame = {hook->conf->sender, hook->conf->restriction, hook->reference, parcel->made};
	struct hf_cap cap;
	enum hf_rc rc = hf_cap_write(parcel->body, &frame, &cap, err);
	if (rc != HF_OK)
		return rc;
	hook->body = cap.xml;
	hook->len = cap.len;
	return write_file_name(hook, cap.identifier, ".xml", err);
}

static enum hf_rc write_body(struct hook *hook, const struct hf_parcel *parcel, struct hf_err *err)
{
	enum hf_rc rc = write_file_name(hook, hook->reference, ".json", err);
	if (rc != HF_OK)
		return rc;
	switch (hook->conf->form) {
	case HF_HOOK_TEAMS:
		return hf_hook_card(parcel->body, &hook->body, &hook->len, err);
	case HF_HOOK_SLACK:
		return hf_hook_slack(parcel->body, &hook->body, &hook->len, err);
	case HF_HOOK_CAP:
		return write_cap(hook, parcel, err);
	case HF_HOOK_EVENT:
	case HF_HOOK_FORM_COUNT:
		break;
	}
	hook->body = strdup(parcel->body);
	hook->len = strlen(parcel->body);
	return hook->body ? HF_OK : hf_err_set(err, HF_E_MEMORY, "no memory for a message");
}

/* 2xx alone is taken; what a second try cannot mend stops the hook, or ends the message. */
static enum hf_parcel_result judge_status(long status)
{
	if (status >= 200 && status < 300)
		return HF_PARCEL_SENT;
	if (status < 400 || status == 401 || status == 403 || status == 404 || status == 410)
		return HF_PARCEL_STOPPED;
	if (status == 408 || status == 425 || status == 429 || status >= 500)
		return HF_PARCEL_LATER;
	return HF_PARCEL_REFUSED;
}

static void say_status(const struct hf_https_answer *answer, struct hf_parcel_answer *ret)
{
	char line[HF_PARCEL_LINE_MAX + 1];
	bool moved = answer->status >= 300 && answer->status < 400;
	if (hf_str_printf(line, sizeof(line), "HTTP %ld: %.200s", answer->status,
			  moved ? "it says another address, and none but that of the settings is used" : answer->body) == HF_OK)
		hf_parcel_say(ret, line, strlen(line));
}

/* Its three headers; none where the address is the secret. */
static enum hf_rc sign_request(const struct hook *hook, char headers[3][HEADER_SIZE], struct hf_err *err)
{
	const struct hf_hook_message message = {hook->reference, hf_clock_wall(), hook->body, hook->len};
	char signature[HF_HOOK_SIGNATURE_SIZE];
	enum hf_rc rc = hf_hook_sign(hook->conf->secret, &message, signature, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_str_printf(headers[0], HEADER_SIZE, "webhook-id: %s", message.id);
	if (rc == HF_OK)
		rc = hf_str_printf(headers[1], HEADER_SIZE, "webhook-timestamp: %" PRId64, message.at.s);
	if (rc == HF_OK)
		rc = hf_str_printf(headers[2], HEADER_SIZE, "webhook-signature: %s", signature);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "a header of a request is too long");
}

static enum hf_rc post_body(struct hook *hook, const struct hf_parcel *parcel, struct hf_parcel_answer *ret,
			    struct hf_err *err)
{
	bool cap = hook->conf->form == HF_HOOK_CAP;
	char headers[3][HEADER_SIZE] = {"", "", ""};
	struct hf_https_request request = {.url = hook->conf->url, .ca = hook->conf->ca, .proxy = hook->conf->proxy,
					   .body = hook->body, .len = hook->len, .go = parcel->go, .arg = parcel->arg};
	struct hf_https_answer answer;
	enum hf_rc rc = hook->conf->secret[0] ? sign_request(hook, headers, err) : HF_OK;
	if (rc != HF_OK)
		return rc;
	request.headers[0] = cap ? "Content-Type: application/cap+xml" : "Content-Type: application/json";
	for (size_t i = 0; i < HF_LEN(headers) && headers[i][0]; i++)
		request.headers[i + 1] = headers[i];
	hf_https_send(hook->https, &request, ret, &answer);
	if (ret->result != HF_PARCEL_SENT)
		return HF_OK;
	ret->result = judge_status(answer.status);
	if (ret->result != HF_PARCEL_SENT)
		say_status(&answer, ret);
	return HF_OK;
}

/* Of one message it is the same file with the same bytes, however often it is put there. */
static enum hf_rc put_file(struct hook *hook, const struct hf_parcel *parcel, struct hf_parcel_answer *ret,
			   struct hf_err *err)
{
	char path[PATH_SIZE];
	struct hf_err why = {""};
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "%s/%s", hook->conf->folder, hook->file);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the name of a file is too long");
	ret->reached = true;
	ret->result = HF_PARCEL_GIVEN_UP;
	if (!parcel->go(parcel->arg))
		return HF_OK;
	ret->result = hf_fs_replace(path, hook->body, hook->len, 0640, &why) == HF_OK ? HF_PARCEL_SENT : HF_PARCEL_STOPPED;
	hf_parcel_say(ret, why.text, strlen(why.text));
	return HF_OK;
}

static void carry_event(void *self, const struct hf_parcel *parcel, struct hf_parcel_answer *ret)
{
	struct hook *hook = self;
	struct hf_err err = {""};
	enum hf_rc rc;
	hook->body = NULL;
	hf_parcel_reference(parcel, hook->reference);
	rc = write_body(hook, parcel, &err);
	if (rc == HF_OK)
		rc = (hook->conf->folder[0] ? put_file : post_body)(hook, parcel, ret, &err);
	free(hook->body);
	if (rc == HF_OK)
		return;
	ret->result = rc == HF_E_MEMORY ? HF_PARCEL_LATER : HF_PARCEL_REFUSED;
	hf_parcel_say(ret, err.text, strlen(err.text));
}

static void free_hook(void *self)
{
	struct hook *hook = self;
	hf_https_free(&hook->https);
	free(hook);
}

struct hf_carrier hf_hook_carrier(const void *conf, const atomic_bool *stop)
{
	struct hook *hook = calloc(1, sizeof(*hook));
	if (!hook)
		return (struct hf_carrier){.self = NULL};
	hook->conf = conf;
	hook->https = hf_https_new(stop, HF_HTTPS_BODY_MAX);
	if (hook->https)
		return (struct hf_carrier){hook, carry_event, free_hook};
	free(hook);
	return (struct hf_carrier){.self = NULL};
}
