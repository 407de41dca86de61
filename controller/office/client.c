/* SPDX-License-Identifier: MIT */
/*
 * Owns HTTP over the controller's Unix socket, by libcurl, bounded in size and time.
 * Must never believe an answer, nor speak to anything but that socket.
 */
#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/office/client.h"

#define ANSWER_MAX ((size_t)32 * 1024 * 1024) /* assignments of 20,000 devices */
#define CONNECT_MS 2000L
#define AGAIN_MS 10 /* between two tries at a queue that is full */
#define TOTAL_MS 10000L

struct answer {
	char *buf;
	size_t len, room;
	bool too_large;
};

static void answer_done(struct answer *answer)
{
	free(answer->buf);
}

static void curl_done(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void headers_done(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

#define auto_answer __attribute__((cleanup(answer_done)))
#define auto_curl __attribute__((cleanup(curl_done)))
#define auto_headers __attribute__((cleanup(headers_done)))

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct answer *answer = arg;
	size_t len = size * n;

	if (len > ANSWER_MAX - answer->len) {
		answer->too_large = true;
		return 0;
	}
	if (answer->len + len > answer->room) {
		size_t room = (answer->len + len) * 2;
		char *bigger = realloc(answer->buf, room);

		if (!bigger)
			return 0;
		answer->buf = bigger;
		answer->room = room;
	}
	memcpy(answer->buf + answer->len, data, len);
	answer->len += len;
	return len;
}

/* The library does not wait for a place in a queue that is full: it is asked again until there has been time for one. */
static CURLcode perform_in_turn(CURL *curl)
{
	CURLcode code = CURLE_COULDNT_CONNECT;
	long why = 0; /* which the library does not say of a full queue, and says of all else */

	for (long waited = 0; code == CURLE_COULDNT_CONNECT && why == 0 && waited < CONNECT_MS; waited += AGAIN_MS) {
		if (waited > 0)
			poll(NULL, 0, AGAIN_MS);
		code = curl_easy_perform(curl);
		(void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &why);
	}
	return code;
}

static bool set_up(CURL *curl, const struct hf_office *office, const char *url, struct answer *answer)
{
	return curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, office->socket) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TOTAL_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK;
}

static enum hf_rc no_answer(const struct hf_office *office, CURLcode code, const struct answer *answer,
			    struct hf_err *err)
{
	if (answer->too_large)
		return hf_err_set(err, HF_E_SIZE, "The controller's answer is larger than it may be.");
	if (code == CURLE_COULDNT_CONNECT)
		return hf_err_set(err, HF_E_ABSENT,
				  "No controller answers at %s: start holdfastd, or say --socket PATH.",
				  office->socket);
	return hf_err_set(err, HF_E_SYSTEM, "The controller at %s did not answer: %s.", office->socket,
			  curl_easy_strerror(code));
}

static enum hf_rc refused(json_t *said, long status, struct hf_err *err)
{
	const char *reason = json_string_value(json_object_get(said, "error"));
	const char *message = json_string_value(json_object_get(said, "message"));
	enum hf_rc rc = HF_E_SYSTEM;

	if (!reason || hf_rc_from_name(reason, &rc) != HF_OK || rc == HF_OK || rc == HF_E_USAGE)
		rc = HF_E_SYSTEM;
	return hf_err_set(err, rc, "The controller refused (%s, %ld): %s", reason ? reason : "no reason", status,
			  message ? message : "it did not say why.");
}

static enum hf_rc perform(const struct hf_office *office, CURL *curl, struct answer *answer, json_t **ret,
			  struct hf_err *err)
{
	hf_auto_json json_t *said = NULL;
	struct hf_err why = {0};
	long status = 0;
	CURLcode code = perform_in_turn(curl);
	enum hf_rc rc;

	if (code != CURLE_OK)
		return no_answer(office, code, answer, err);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	rc = answer->len > 0 ? hf_json_read(answer->buf, answer->len, ANSWER_MAX, &said, &why) : HF_E_JSON;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The controller's answer (%ld) cannot be read: %s", status,
				  why.text[0] ? why.text : "it is empty.");
	if (status != 200)
		return refused(said, status, err);
	*ret = json_incref(said);
	return HF_OK;
}

static enum hf_rc prepare(const struct hf_office *office, const char *path, struct answer *answer, CURL **ret_curl,
			  struct hf_err *err)
{
	auto_curl CURL *curl = curl_easy_init();
	char url[256];

	if (hf_str_printf(url, sizeof(url), "http://localhost%s", path) != HF_OK || !curl ||
	    !set_up(curl, office, url, answer))
		return hf_err_set(err, HF_E_SYSTEM, "The question to the controller could not be prepared.");
	*ret_curl = hf_steal_ptr(&curl);
	return HF_OK;
}

enum hf_rc hf_client_get(const struct hf_office *office, const char *path, json_t **ret, struct hf_err *err)
{
	auto_answer struct answer answer = {0};
	auto_curl CURL *curl = NULL;
	enum hf_rc rc = prepare(office, path, &answer, &curl, err);

	return rc == HF_OK ? perform(office, curl, &answer, ret, err) : rc;
}

enum hf_rc hf_client_list(const struct hf_office *office, const char *name, json_t **ret, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	char path[64];
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/v1/%s", name);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "The controller has no list with so long a name.");
	rc = hf_client_get(office, path, &answer, err);
	if (rc == HF_OK)
		*ret = json_incref(json_object_get(answer, name));
	return rc;
}

enum hf_rc hf_client_post(const struct hf_office *office, const struct hf_envelope *envelope, json_t **ret,
			  struct hf_err *err)
{
	auto_answer struct answer answer = {0};
	auto_curl CURL *curl = NULL;
	auto_headers struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	hf_auto_free char *body = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_envelope_encode(envelope, &body, &len, err);

	if (rc == HF_OK)
		rc = prepare(office, "/v1/envelopes", &answer, &curl, err);
	if (rc != HF_OK)
		return rc;
	if (!headers || curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)len) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body) != CURLE_OK)
		return hf_err_set(err, HF_E_SYSTEM, "The question to the controller could not be prepared.");
	return perform(office, curl, &answer, ret, err);
}

const char *hf_client_text(const json_t *object, const char *name, const char *none)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : none;
}

long long hf_client_number(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}
