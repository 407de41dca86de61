/* SPDX-License-Identifier: MIT */
/*
 * Owns GOV.UK Notify: its requests, and what its answers mean for one message.
 * Must never send again what it has already.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/json.h>
#include <holdfast/str.h>

#include "controller/notify/govuk.h"
#include "controller/notify/https.h"

#define URL_SIZE (HF_CONF_TEXT_SIZE + 128)
#define HEADER_SIZE (HF_JWT_SIZE + 32)

struct govuk {
	const struct hf_govuk_way *way;
	struct hf_https *https;
	/* of one request */
	char url[URL_SIZE], authorization[HEADER_SIZE];
	struct hf_https_answer answer;
};

static enum hf_rc authorize(struct govuk *g, struct hf_err *err)
{
	char token[HF_JWT_SIZE];
	enum hf_rc rc = hf_jwt_make(g->way->key, hf_clock_wall(), token, err);
	if (rc == HF_OK && hf_str_printf(g->authorization, sizeof(g->authorization), "Authorization: Bearer %s", token) != HF_OK)
		rc = hf_err_set(err, HF_E_SIZE, "the token of a request is too long");
	OPENSSL_cleanse(token, sizeof(token));
	return rc;
}

static struct hf_https_request request_of(const struct govuk *g)
{
	return (struct hf_https_request){.url = g->url, .ca = g->way->conf->govuk_ca, .proxy = g->way->conf->proxy,
					 .headers = {g->authorization, "Content-Type: application/json"}};
}

/* "BadRequestError: Missing personalisation: body", as it says why. */
static void say_error(const struct govuk *g, struct hf_parcel_answer *ret)
{
	hf_auto_json json_t *said = json_loads(g->answer.body, 0, NULL);
	const json_t *error = json_array_get(json_object_get(said, "errors"), 0);
	const char *name = json_string_value(json_object_get(error, "error"));
	const char *message = json_string_value(json_object_get(error, "message"));
	char line[HF_PARCEL_LINE_MAX + 1];
	enum hf_rc rc = name && message ? hf_str_printf(line, sizeof(line), "HTTP %ld: %.60s: %.200s", g->answer.status, name, message)
					: hf_str_printf(line, sizeof(line), "HTTP %ld: %.200s", g->answer.status, g->answer.body);
	if (rc == HF_OK)
		hf_parcel_say(ret, line, strlen(line));
}

/* The key or the clock is wrong, the address is another's: no message can go this way. A template that is, is final for each. */
static enum hf_parcel_result judge_govuk(long status)
{
	if (status == 201)
		return HF_PARCEL_SENT;
	if (status == 429 || status == 408 || status >= 500)
		return HF_PARCEL_LATER;
	return status == 400 ? HF_PARCEL_REFUSED : HF_PARCEL_STOPPED;
}

/* True: it is there, or nobody knows whether it is. */
static bool is_settled(struct govuk *g, const char *reference, struct hf_parcel_answer *ret)
{
	struct hf_https_request request;
	hf_auto_json json_t *said = NULL;
	struct hf_err err = {""};
	*ret = (struct hf_parcel_answer){.result = HF_PARCEL_LATER};
	if (hf_str_printf(g->url, sizeof(g->url), "%s/v2/notifications?reference=%s", g->way->conf->govuk_url, reference) != HF_OK ||
	    authorize(g, &err) != HF_OK)
		return true;
	request = request_of(g);
	hf_https_send(g->https, &request, ret, &g->answer);
	if (ret->result != HF_PARCEL_SENT)
		return true;
	said = g->answer.status == 200 ? json_loads(g->answer.body, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	/* An answer that is too long to be read whole has something in it. */
	if (g->answer.status == 200 && g->answer.len == HF_HTTPS_BODY_MAX)
		return true;
	if (said)
		return json_array_size(json_object_get(said, "notifications")) > 0;
	ret->result = judge_govuk(g->answer.status);
	if (ret->result == HF_PARCEL_SENT || ret->result == HF_PARCEL_REFUSED)
		ret->result = HF_PARCEL_LATER;
	say_error(g, ret);
	return true;
}

static json_t *make_request(const struct govuk *g, const struct hf_parcel *parcel, const char *reference)
{
	const struct hf_notify_conf *conf = g->way->conf;
	json_t *filled = json_object();
	if (!g->way->sms)
		json_object_set_new(filled, conf->govuk_subject, json_string(parcel->subject));
	json_object_set_new(filled, conf->govuk_body, json_string(parcel->body));
	return json_pack("{s:s, s:s, s:s, s:o}", g->way->sms ? "phone_number" : "email_address", parcel->address, "template_id",
			 g->way->sms ? conf->govuk_sms : conf->govuk_mail, "reference", reference, "personalisation", filled);
}

static enum hf_rc post_message(struct govuk *g, const struct hf_parcel *parcel, const char *reference,
			       struct hf_parcel_answer *ret, struct hf_err *err)
{
	hf_auto_json json_t *json = make_request(g, parcel, reference);
	hf_auto_free char *body = NULL;
	size_t len = 0;
	struct hf_https_request request;
	enum hf_rc rc = json ? hf_json_bytes(json, &body, &len) : HF_E_MEMORY;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for a message");
	rc = hf_str_printf(g->url, sizeof(g->url), "%s/v2/notifications/%s", g->way->conf->govuk_url, g->way->sms ? "sms" : "email");
	if (rc != HF_OK)
		return hf_err_set(err, rc, "govuk.url is too long");
	rc = authorize(g, err);
	if (rc != HF_OK)
		return rc;
	request = request_of(g);
	request.body = body;
	request.len = len;
	request.go = parcel->go;
	request.arg = parcel->arg;
	hf_https_send(g->https, &request, ret, &g->answer);
	if (ret->result != HF_PARCEL_SENT)
		return HF_OK;
	ret->result = judge_govuk(g->answer.status);
	if (ret->result != HF_PARCEL_SENT)
		say_error(g, ret);
	return HF_OK;
}

static void carry_govuk(void *self, const struct hf_parcel *parcel, struct hf_parcel_answer *ret)
{
	struct govuk *g = self;
	char reference[HF_REFERENCE_SIZE];
	struct hf_err err = {""};
	enum hf_rc rc;
	hf_parcel_reference(parcel, reference);
	if (parcel->tried && is_settled(g, reference, ret))
		return;
	rc = post_message(g, parcel, reference, ret, &err);
	OPENSSL_cleanse(g->authorization, sizeof(g->authorization));
	if (rc == HF_OK)
		return;
	ret->result = HF_PARCEL_LATER;
	hf_parcel_say(ret, err.text, strlen(err.text));
}

static void free_govuk(void *self)
{
	struct govuk *g = self;
	hf_https_free(&g->https);
	free(g);
}

struct hf_carrier hf_govuk_carrier(const void *way, const atomic_bool *stop)
{
	struct govuk *g = calloc(1, sizeof(*g));
	if (!g)
		return (struct hf_carrier){.self = NULL};
	g->way = way;
	g->https = hf_https_new(stop, HF_HTTPS_BODY_MAX);
	if (g->https)
		return (struct hf_carrier){g, carry_govuk, free_govuk};
	free(g);
	return (struct hf_carrier){.self = NULL};
}
