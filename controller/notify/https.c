/* SPDX-License-Identifier: MIT */
/*
 * Owns HTTPS, by libcurl: what a connection's end means for one request.
 * Must never send in clear, follow a redirect, nor send twice of its own accord.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/notify/https.h"

#define CONNECT_MS 10000L
#define TOTAL_MS 60000L

struct hf_https {
	CURL *curl;
	const atomic_bool *stop;
	/* of one request */
	const struct hf_https_request *request;
	struct hf_https_answer *answer;
	bool began, given_up;
	size_t room;
	char body[]; /* room bytes and the end mark */
};

/* The connection is there, and nothing of the request is out. */
static int on_connected(void *arg, char *ip, char *own, int port, int own_port)
{
	struct hf_https *h = arg;
	(void)ip, (void)own, (void)port, (void)own_port;
	h->given_up = h->request->go && !h->request->go(h->request->arg);
	h->began = !h->given_up;
	return h->given_up ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t on_answer(char *data, size_t size, size_t n, void *arg)
{
	struct hf_https *h = arg;
	size_t len = size * n, room = h->room - h->answer->len;
	size_t kept = len < room ? len : room;
	memcpy(h->body + h->answer->len, data, kept);
	h->answer->len += kept;
	h->body[h->answer->len] = '\0';
	return len;
}

static int on_wait(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct hf_https *h = arg;
	(void)a, (void)b, (void)c, (void)d;
	return *h->stop && !h->began;
}

static bool set_rules(CURL *curl, struct hf_https *h)
{
	return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TOTAL_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_connected) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PREREQDATA, h) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, h) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_wait) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_XFERINFODATA, h) == CURLE_OK;
}

struct hf_https *hf_https_new(const atomic_bool *stop, size_t room)
{
	struct hf_https *h = calloc(1, sizeof(*h) + room + 1);
	if (!h)
		return NULL;
	h->room = room;
	h->stop = stop;
	h->curl = curl_easy_init();
	if (!h->curl)
		hf_https_free(&h);
	return h;
}

void hf_https_free(struct hf_https **https)
{
	if (!*https)
		return;
	curl_easy_cleanup((*https)->curl);
	free(*https);
	*https = NULL;
}

static void list_done(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

#define auto_list __attribute__((cleanup(list_done)))

static bool list_headers(const struct hf_https_request *request, struct curl_slist **ret)
{
	struct curl_slist *more = curl_slist_append(*ret, "Expect:");
	for (size_t i = 0; more && i < HF_HTTPS_HEADERS_MAX && request->headers[i]; i++) {
		*ret = more;
		more = curl_slist_append(*ret, request->headers[i]);
	}
	*ret = more ? more : *ret;
	return more;
}

static bool set_request(CURL *curl, const struct hf_https_request *request, struct curl_slist *headers)
{
	bool set = curl_easy_setopt(curl, CURLOPT_URL, request->url) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_PROXY, request->proxy) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_USERAGENT, "holdfast/" HF_VERSION) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
	if (!set || !request->body)
		return set;
	if (request->put && curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT") != CURLE_OK)
		return false;
	return curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->len) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body) == CURLE_OK;
}

/* A certificate, or an address, that no second try mends. */
static bool is_wrong(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR ||
	       code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT;
}

static enum hf_parcel_result judge_end(const struct hf_https *h, CURLcode code)
{
	if (h->answer->status >= 200)
		return HF_PARCEL_SENT;
	if (h->given_up)
		return HF_PARCEL_GIVEN_UP;
	if (h->began)
		return h->request->body ? HF_PARCEL_UNKNOWN : HF_PARCEL_LATER;
	return is_wrong(code) ? HF_PARCEL_STOPPED : HF_PARCEL_LATER;
}

void hf_https_send(struct hf_https *https, const struct hf_https_request *request, struct hf_parcel_answer *ret,
		   struct hf_https_answer *ret_answer)
{
	auto_list struct curl_slist *headers = NULL;
	CURLcode code = CURLE_OUT_OF_MEMORY;
	*ret = (struct hf_parcel_answer){.result = HF_PARCEL_LATER};
	*ret_answer = (struct hf_https_answer){.body = https->body};
	https->body[0] = '\0';
	https->request = request;
	https->answer = ret_answer;
	https->began = https->given_up = false;
	curl_easy_reset(https->curl);
	if (list_headers(request, &headers) && set_rules(https->curl, https) && set_request(https->curl, request, headers))
		code = curl_easy_perform(https->curl);
	if (https->began)
		(void)curl_easy_getinfo(https->curl, CURLINFO_RESPONSE_CODE, &ret_answer->status);
	ret->reached = https->began || https->given_up;
	ret->code = ret_answer->status;
	ret->result = judge_end(https, code);
	if (ret->result != HF_PARCEL_SENT)
		hf_parcel_say(ret, curl_easy_strerror(code), strlen(curl_easy_strerror(code)));
}
