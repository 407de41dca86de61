/* SPDX-License-Identifier: MIT */
/*
 * Owns the question of a laptop to the council's door, and what the answer means.
 * Must never believe a door that the token does not know, or judge what it is given.
 */
#include "agent/join/joining.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/rows.h>

#define FILE_MAX (HF_JOIN_TOKEN_MAX + HF_JOIN_ASK_MAX + 1024)
#define ANSWER_MAX ((size_t)5 * 1024 * 1024) /* a bundle, and the words around it */
#define TOTAL_MS 60000L			     /* a bundle on a slow line */
#define CONNECT_MS 15000L
#define LEAST_S 15 /* a door that is not there is asked again after this, then after twice as long */
#define MOST_S 900
#define RETRY_MAX_S 86400

enum hf_rc hf_joining_read(const char *path, struct hf_joining *ret, struct hf_err *err)
{
	hf_auto_joining struct hf_joining joining = {0};
	hf_auto_join_ask struct hf_join_ask ask = {0};
	hf_auto_free char *text = NULL, *token_text = NULL, *ask_text = NULL;
	json_t *token = NULL;
	struct hf_digest id;
	size_t len = 0;
	const struct hf_json_member members[] = {{.name = "token", .kind = HF_JSON_OBJECT, .ret = &token},
						 {.name = "ask", .kind = HF_JSON_OBJECT, .ret = &joining.ask}};
	enum hf_rc rc = hf_fs_read(path, FILE_MAX, &text, &len, err);

	if (rc == HF_OK)
		rc = hf_json_read(text, len, FILE_MAX, &joining.doc, err);
	if (rc == HF_OK)
		rc = hf_json_take(joining.doc, members, HF_LEN(members), err);
	if (rc == HF_OK)
		rc = hf_json_bytes(token, &token_text, &len);
	if (rc == HF_OK)
		rc = hf_join_token_read(token_text, len, &joining.token, err);
	if (rc == HF_OK)
		rc = hf_json_bytes(joining.ask, &ask_text, &len);
	if (rc == HF_OK)
		rc = hf_join_ask_read(ask_text, len, &ask, err);
	if (rc == HF_OK && hf_join_id(&ask.pub, ask.csr, &id) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for the request");
	if (rc != HF_OK)
		return rc;
	hf_join_words(&id, joining.words);
	*ret = joining;
	memset(&joining, 0, sizeof(joining));
	return HF_OK;
}

static int64_t pause_after(unsigned tries)
{
	const int64_t s = tries > 8 ? MOST_S : (int64_t)LEAST_S << tries;

	return s < MOST_S ? s : MOST_S;
}

static void say_why(struct hf_joined *joined, const char *text)
{
	if (hf_str_copy(joined->why, sizeof(joined->why), text) != HF_OK)
		(void)!hf_str_copy(joined->why, sizeof(joined->why), "it said more than can be shown");
}

void hf_joining_hear(long status, const char *text, size_t len, unsigned tries, struct hf_joined *ret)
{
	hf_auto_json json_t *said = NULL;
	json_t *bundle;
	int64_t retry;

	*ret = (struct hf_joined){.retry_s = pause_after(tries)};
	if (status == 0 || hf_json_read(text, len, ANSWER_MAX, &said, NULL) != HF_OK) {
		say_why(ret, status == 0 ? text : "what answers there is not the council's door");
		return;
	}
	bundle = json_object_get(said, "bundle");
	retry = json_integer_value(json_object_get(said, "retry_s"));
	if (status == 200 && json_is_object(bundle)) {
		ret->approved = true;
		ret->bundle = json_incref(bundle);
	} else if (status == 202) {
		ret->retry_s = retry > 0 && retry <= RETRY_MAX_S ? retry : pause_after(0);
	} else {
		const char *message = json_string_value(json_object_get(said, "message"));

		say_why(ret, message ? message : "it did not say why");
	}
}

struct received {
	char *buf;
	size_t len, room;
};

static size_t on_received(char *data, size_t size, size_t n, void *arg)
{
	struct received *r = arg;
	const size_t len = size * n;

	if (len > ANSWER_MAX - r->len || hf_rows_reserve(&r->buf, &r->room, r->len + len, 1) != HF_OK)
		return 0;
	memcpy(r->buf + r->len, data, len);
	r->len += len;
	return len;
}

static void curl_done(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void list_done(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

/* Nothing but the door: no other authority, no other protocol, no redirection. A proxy is the system's. */
static bool prepare_ask(CURL *curl, const struct hf_joining *joining, const char *url, struct received *received)
{
	const char *ca = joining->token.ca;
	struct curl_blob blob = {.data = (void *)(uintptr_t)ca, .len = strlen(ca), .flags = CURL_BLOB_COPY};

	return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TOTAL_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_received) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, received) == CURLE_OK;
}

static enum hf_rc perform_ask(CURL *curl, struct received *received, unsigned tries, struct hf_joined *ret)
{
	char why[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode code;

	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	code = curl_easy_perform(curl);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	if (code == CURLE_OK)
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK)
		hf_joining_hear(0, why[0] ? why : curl_easy_strerror(code), 0, tries, ret);
	else
		hf_joining_hear(status, received->buf ? received->buf : "", received->len, tries, ret);
	return HF_OK;
}

enum hf_rc hf_joining_ask(const struct hf_joining *joining, unsigned tries, struct hf_joined *ret, struct hf_err *err)
{
	__attribute__((cleanup(curl_done))) CURL *curl = curl_easy_init();
	__attribute__((cleanup(list_done))) struct curl_slist *headers =
		curl_slist_append(NULL, "Content-Type: application/json");
	hf_auto_free char *body = NULL;
	struct received received = {0};
	char url[512];
	size_t len = 0;
	enum hf_rc rc = hf_json_bytes(joining->ask, &body, &len);

	if (rc == HF_OK)
		rc = hf_str_printf(url, sizeof(url), "https://%s:%lld/v1/join", joining->token.host,
				   (long long)joining->token.port);
	if (rc == HF_OK && (!curl || !headers || !prepare_ask(curl, joining, url, &received) ||
			    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
			    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)len) != CURLE_OK ||
			    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body) != CURLE_OK))
		rc = HF_E_SYSTEM;
	if (rc == HF_OK)
		rc = perform_ask(curl, &received, tries, ret);
	free(received.buf);
	if (body)
		explicit_bzero(body, strlen(body));
	return rc == HF_OK ? rc : hf_err_set(err, rc, "the question to the council's door cannot be made");
}

void hf_joining_done(struct hf_joining *joining)
{
	hf_join_token_done(&joining->token);
	json_decref(joining->doc);
	memset(joining, 0, sizeof(*joining));
}
