/* SPDX-License-Identifier: MIT */
/*
 * Owns HTTP over the controller's Unix socket, by libcurl, bounded in size and time.
 * Must never believe an answer, nor speak to anything but that socket.
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/rows.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/client.h"

#define ANSWER_MAX ((size_t)48 * 1024 * 1024) /* assignments of 20,000 devices, each with its proof */
#define CONNECT_MS 2000L
#define AGAIN_MS 10 /* between two tries at a queue that is full */
#define TOTAL_MS 10000L
#define PATH_SIZE 4096 /* room for a question: all groups of an order, and all states by name */
#define ROWS_MAX 65536 /* of all pages: an estate has at most 20,000 devices */

struct answer {
	char *buf;
	size_t len, room;
	bool too_large;
	bool lost; /* what was asked may have been done, and nothing that can be read says so */
};

static void headers_done(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

#define auto_headers __attribute__((cleanup(headers_done)))

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct answer *answer = arg;
	size_t len = size * n;

	if (len > ANSWER_MAX - answer->len) {
		answer->too_large = true;
		return 0;
	}
	if (hf_rows_reserve(&answer->buf, &answer->room, answer->len + len, 1) != HF_OK)
		return 0;
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

/* The group that the socket is open to, by the socket itself or the nearest folder above it that can be looked at. */
static void group_of_socket(const char *socket, char name[HF_ID_SIZE])
{
	char path[PATH_MAX] = "", room[4096];
	struct group group, *found = NULL;
	struct stat st;
	bool there = hf_str_copy(path, sizeof(path), socket) == HF_OK && stat(path, &st) == 0;

	for (char *slash = strrchr(path, '/'); !there && slash && slash != path; slash = strrchr(path, '/')) {
		*slash = '\0';
		there = stat(path, &st) == 0;
	}
	if (!there || getgrgid_r(st.st_gid, &group, room, sizeof(room), &found) != 0 || !found ||
	    hf_str_copy(name, HF_ID_SIZE, found->gr_name) != HF_OK)
		name[0] = '\0';
}

/* It may well answer, and not to this person. */
static enum hf_rc not_for_you(const struct hf_office *office, struct hf_err *err)
{
	char group[HF_ID_SIZE];

	group_of_socket(office->socket, group);
	if (group[0])
		return hf_err_set(err, HF_E_ROLE,
				  "You may not open %s: ask IT to add you to the group %s, and log in anew.",
				  office->socket, group);
	return hf_err_set(err, HF_E_ROLE,
			  "You may not open %s: ask IT which group may, and log in anew once you are in it.",
			  office->socket);
}

static enum hf_rc no_answer(const struct hf_office *office, CURLcode code, const struct answer *answer,
			    struct hf_err *err)
{
	if (answer->too_large)
		return hf_err_set(err, HF_E_SIZE, "The controller's answer is larger than it may be.");
	if (code == CURLE_COULDNT_CONNECT && faccessat(AT_FDCWD, office->socket, W_OK, AT_EACCESS) != 0 &&
	    errno == EACCES)
		return not_for_you(office, err);
	if (code == CURLE_COULDNT_CONNECT)
		return hf_err_set(err, HF_E_ABSENT,
				  "No controller answers at %s: holdfastd must run there%s.", office->socket,
				  hf_office_hint(office, HF_HINT_SOCKET));
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
	if (rc == HF_E_UNSURE)
		return hf_err_set(err, rc, "The controller cannot tell whether it is done: %s",
				  message ? message : hf_text("it did not say why."));
	return hf_err_set(err, rc, "The controller refused (%s, %ld): %s", reason ? reason : hf_text("no reason"),
			  status, message ? message : hf_text("it did not say why."));
}

static enum hf_rc perform(const struct hf_office *office, CURL *curl, struct answer *answer, json_t **ret,
			  struct hf_err *err)
{
	hf_auto_json json_t *said = NULL;
	struct hf_err why = {0};
	long status = 0;
	CURLcode code = perform_in_turn(curl);
	enum hf_rc rc;

	answer->lost = code != CURLE_COULDNT_CONNECT;
	if (code != CURLE_OK)
		return no_answer(office, code, answer, err);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	rc = answer->len > 0 ? hf_json_read(answer->buf, answer->len, ANSWER_MAX, &said, &why) : HF_E_JSON;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The controller's answer (%ld) cannot be read: %s", status,
				  why.text[0] ? why.text : hf_text("it is empty."));
	answer->lost = false;
	if (status != 200)
		return refused(said, status, err);
	*ret = json_incref(said);
	return HF_OK;
}

struct hf_line {
	CURL *curl;
	struct answer answer;
};

static void line_done(struct hf_line *line)
{
	curl_easy_cleanup(line->curl);
	free(line->answer.buf);
}

struct hf_line *hf_line_new(void)
{
	return calloc(1, sizeof(struct hf_line));
}

void hf_line_free(struct hf_line **line)
{
	if (*line)
		line_done(*line);
	free(*line);
	*line = NULL;
}

#define auto_line __attribute__((cleanup(line_done)))

static enum hf_rc prepare(const struct hf_office *office, const char *path, struct hf_line *line, struct hf_err *err)
{
	char url[PATH_SIZE + 32];

	if (!line->curl)
		line->curl = curl_easy_init();
	line->answer.len = 0;
	line->answer.too_large = false;
	if (hf_str_printf(url, sizeof(url), "http://localhost%s", path) != HF_OK || !line->curl ||
	    !set_up(line->curl, office, url, &line->answer))
		return hf_err_set(err, HF_E_SYSTEM, "The question to the controller could not be prepared.");
	return HF_OK;
}

static enum hf_rc ask_next(const struct hf_office *office, const char *path, struct hf_line *line, json_t **ret,
			   struct hf_err *err)
{
	enum hf_rc rc;

	if (office->get)
		return office->get(office->arg, path, ret, err);
	line = office->line ? office->line : line;
	rc = prepare(office, path, line, err);
	return rc == HF_OK ? perform(office, line->curl, &line->answer, ret, err) : rc;
}

enum hf_rc hf_client_get(const struct hf_office *office, const char *path, json_t **ret, struct hf_err *err)
{
	auto_line struct hf_line own = {0};

	return ask_next(office, path, &own, ret, err);
}

/* Where the next page begins; "": there is none. Nothing but an id that is higher than the one before is gone on from. */
static enum hf_rc next_page(const json_t *page, const char *path, char last[HF_ID_MAX + 1], char next[PATH_SIZE],
			    struct hf_err *err)
{
	const json_t *after = json_object_get(page, "next");
	const char *id = json_string_value(after);

	next[0] = '\0';
	if (!after || json_is_null(after))
		return HF_OK;
	if (!hf_id_ok(id) || strcmp(id, last) <= 0)
		return hf_err_set(err, HF_E_SHAPE, "The controller's pages do not go on from one device to the next.");
	if (hf_str_copy(last, HF_ID_MAX + 1, id) != HF_OK ||
	    hf_str_printf(next, PATH_SIZE, "%s%cafter=%s", path, strchr(path, '?') ? '&' : '?', id) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The question to the controller is too long.");
	return HF_OK;
}

static enum hf_rc add_page(const struct hf_office *office, json_t *rows, const json_t *page, struct hf_err *err)
{
	json_t *more = json_object_get(page, "devices");

	if (json_array_size(rows) + json_array_size(more) > ROWS_MAX)
		return hf_err_set(err, HF_E_SIZE, "The controller shows more devices than an estate may have.");
	if (more && json_array_extend(rows, more) != 0)
		return hf_err_set(err, HF_E_SHAPE, "The controller's page holds no list of devices.");
	if (office->on_pages)
		office->on_pages(office->arg, json_array_size(rows),
				 (size_t)json_integer_value(json_object_get(page, "total")));
	return HF_OK;
}

enum hf_rc hf_client_pages(const struct hf_office *office, const char *path, json_t **ret, struct hf_err *err)
{
	auto_line struct hf_line own = {0};
	hf_auto_json json_t *rows = json_array();
	hf_auto_json json_t *page = NULL;
	char next[PATH_SIZE], last[HF_ID_MAX + 1] = "";
	enum hf_rc rc = hf_str_copy(next, sizeof(next), path);

	if (!rows || rc != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The question to the controller is too long.");
	if (office->on_pages)
		office->on_pages(office->arg, 0, 0);
	while (rc == HF_OK && next[0]) {
		json_decref(page);
		page = NULL;
		rc = ask_next(office, next, &own, &page, err);
		if (rc == HF_OK)
			rc = add_page(office, rows, page, err);
		if (rc == HF_OK)
			rc = next_page(page, path, last, next, err);
	}
	if (rc == HF_OK && json_object_set(page, "devices", rows) != 0)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (rc == HF_OK)
		*ret = json_incref(page);
	return rc;
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

struct posting_body {
	const char *path, *text;
	size_t len;
};

static enum hf_rc post_body(const struct hf_office *office, const struct posting_body *body, json_t **ret,
			    struct hf_err *err)
{
	auto_line struct hf_line own = {0};
	auto_headers struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	enum hf_rc rc = prepare(office, body->path, &own, err);

	if (rc != HF_OK)
		return rc;
	if (!headers || curl_easy_setopt(own.curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
	    curl_easy_setopt(own.curl, CURLOPT_POSTFIELDSIZE, (long)body->len) != CURLE_OK ||
	    curl_easy_setopt(own.curl, CURLOPT_POSTFIELDS, body->text) != CURLE_OK)
		return hf_err_set(err, HF_E_SYSTEM, "The question to the controller could not be prepared.");
	rc = perform(office, own.curl, &own.answer, ret, err);
	return own.answer.lost ? HF_E_UNSURE : rc;
}

enum hf_rc hf_client_post(const struct hf_office *office, const struct hf_envelope *envelope, json_t **ret,
			  struct hf_err *err)
{
	hf_auto_free char *body = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_envelope_encode(envelope, &body, &len, err);

	return rc == HF_OK ? post_body(office, &(struct posting_body){"/v1/envelopes", body, len}, ret, err) : rc;
}

static enum hf_rc post_json(const struct hf_office *office, const char *path, const json_t *json, json_t **ret,
			    struct hf_err *err)
{
	hf_auto_free char *body = NULL;
	size_t len = 0;

	if (!json || hf_json_bytes(json, &body, &len) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return post_body(office, &(struct posting_body){path, body, len}, ret, err);
}

enum hf_rc hf_client_post_proofs(const struct hf_office *office, const json_t *proofs, json_t **ret, struct hf_err *err)
{
	return post_json(office, "/v1/proofs", proofs, ret, err);
}

enum hf_rc hf_client_tell(const struct hf_office *office, json_t *said, json_t **ret, struct hf_err *err)
{
	return hf_client_say(office, "/v1/outbox", said, ret, err);
}

enum hf_rc hf_client_say(const struct hf_office *office, const char *path, json_t *said, json_t **ret,
			 struct hf_err *err)
{
	hf_auto_json json_t *own = said;

	return post_json(office, path, own, ret, err);
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
