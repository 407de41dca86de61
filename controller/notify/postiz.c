/* SPDX-License-Identifier: MIT */
/*
 * Owns the requests to Postiz, and what its answers mean.
 * Must never put into an address what is no name of a post, or take an answer that is cut off for a whole one.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <holdfast/rows.h>

#include "controller/notify/https.h"
#include "controller/notify/postiz.h"

#define URL_SIZE (HF_CONF_LONG_SIZE + 256)
#define TIME_SIZE 32

struct hf_postiz {
	const struct hf_scheduler_conf *conf;
	struct hf_https *https;
	/* of one request */
	char url[URL_SIZE], authorization[HF_CONF_TEXT_SIZE + 32];
	struct hf_https_answer answer;
};

struct hf_postiz *hf_postiz_new(const struct hf_scheduler_conf *conf, const atomic_bool *stop)
{
	struct hf_postiz *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->conf = conf;
	p->https = hf_https_new(stop, HF_POSTIZ_LIST_MAX);
	if (!p->https || hf_str_printf(p->authorization, sizeof(p->authorization), "Authorization: %s", conf->key) != HF_OK)
		hf_postiz_free(&p);
	return p;
}

void hf_postiz_free(struct hf_postiz **postiz)
{
	if (!*postiz)
		return;
	OPENSSL_cleanse((*postiz)->authorization, sizeof((*postiz)->authorization));
	hf_https_free(&(*postiz)->https);
	free(*postiz);
	*postiz = NULL;
}

static void say_http(const struct hf_https_answer *answer, struct hf_parcel_answer *ret)
{
	char line[HF_PARCEL_LINE_MAX + 1];
	if (hf_str_printf(line, sizeof(line), "HTTP %ld: %.200s", answer->status, answer->body) == HF_OK)
		hf_parcel_say(ret, line, strlen(line));
}

/* Its key, or its address, is wrong; it has enough for now; or it refuses this one thing. */
static void judge_answer(const struct hf_https_answer *answer, struct hf_parcel_answer *ret)
{
	long status = answer->status;
	if (ret->result != HF_PARCEL_SENT || (status >= 200 && status < 300))
		return;
	if (status < 400 || status == 401 || status == 403)
		ret->result = HF_PARCEL_STOPPED;
	else if (status == 408 || status == 425 || status == 429 || status >= 500)
		ret->result = HF_PARCEL_LATER;
	else
		ret->result = HF_PARCEL_REFUSED;
	say_http(answer, ret);
}

static void ask_postiz(struct hf_postiz *p, struct hf_https_request request, struct hf_parcel_answer *ret)
{
	request.url = p->url;
	request.ca = p->conf->ca;
	request.proxy = p->conf->proxy;
	request.headers[0] = p->authorization;
	hf_https_send(p->https, &request, ret, &p->answer);
	judge_answer(&p->answer, ret);
}

static void write_time(struct hf_wall at, char text[TIME_SIZE])
{
	time_t s = (time_t)at.s;
	struct tm tm;
	if (!gmtime_r(&s, &tm) || strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text[0] = '\0';
}

void hf_postiz_list(struct hf_postiz *p, const struct hf_postiz_span *span, struct hf_posts *ret,
		    struct hf_parcel_answer *ret_why)
{
	char from[TIME_SIZE], to[TIME_SIZE];
	struct hf_err err = {""};
	write_time(span->from, from);
	write_time(span->to, to);
	*ret_why = (struct hf_parcel_answer){.result = HF_PARCEL_STOPPED};
	if (hf_str_printf(p->url, sizeof(p->url), "%s/posts?startDate=%s&endDate=%s", p->conf->url, from, to) != HF_OK)
		return;
	ask_postiz(p, (struct hf_https_request){.body = NULL}, ret_why);
	if (ret_why->result == HF_PARCEL_REFUSED)
		ret_why->result = HF_PARCEL_STOPPED; /* nothing but the address can be wrong with a question */
	if (ret_why->result != HF_PARCEL_SENT)
		return;
	if (p->answer.len >= HF_POSTIZ_LIST_MAX) {
		ret_why->result = HF_PARCEL_REFUSED;
		return;
	}
	if (hf_postiz_read(p->answer.body, p->answer.len, span->now, ret, &err) == HF_OK)
		return;
	ret_why->result = HF_PARCEL_LATER;
	hf_parcel_say(ret_why, err.text, strlen(err.text));
}

/* "2026-05-07T21:00:05.000Z": parts of a second do not matter. */
static bool read_time(const json_t *object, const char *name, struct hf_wall *ret)
{
	const char *text = json_string_value(json_object_get(object, name));
	char whole[TIME_SIZE];
	size_t len = text ? strcspn(text, ".Z") : 0;
	return len > 0 && len < TIME_SIZE - 1 && hf_str_printf(whole, sizeof(whole), "%.*sZ", (int)len, text) == HF_OK &&
	       hf_wall_parse(whole, ret) == HF_OK;
}

static bool read_name(const json_t *object, char ret[HF_POST_SIZE])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *text = json_string_value(json_object_get(object, "id"));
	return text && text[0] && strspn(text, plain) == strlen(text) && hf_str_copy(ret, HF_POST_SIZE, text) == HF_OK;
}

/* One that comes again went out once, and will go out again. */
static enum hf_post_state read_state(const json_t *post)
{
	const char *state = json_string_value(json_object_get(post, "state"));
	bool again = json_integer_value(json_object_get(post, "intervalInDays")) > 0;
	if (state && (strcmp(state, "QUEUE") == 0 || (again && strcmp(state, "PUBLISHED") == 0)))
		return HF_POST_QUEUED;
	return state && strcmp(state, "DRAFT") == 0 ? HF_POST_DRAFT : HF_POST_GONE;
}

/* What comes again is said once for each time: the next of them counts. */
static bool is_nearer(struct hf_wall due, struct hf_wall than, struct hf_wall now)
{
	if ((due.s >= now.s) != (than.s >= now.s))
		return due.s >= now.s;
	return due.s >= now.s ? due.s < than.s : due.s > than.s;
}

static enum hf_rc take_post(const json_t *one, struct hf_wall now, struct hf_posts *ret)
{
	struct hf_scheduled_post post = {.state = read_state(one)};
	struct hf_scheduled_post *known;
	if (!read_name(one, post.id) || !read_name(json_object_get(one, "integration"), post.channel) ||
	    !read_time(one, "publishDate", &post.due))
		return HF_E_SHAPE;
	post.first = post.due;
	(void)read_time(one, "actualDate", &post.first);
	known = hf_posts_find(ret, post.id);
	if (known) {
		known->due = is_nearer(post.due, known->due, now) ? post.due : known->due;
		return HF_OK;
	}
	if (ret->n == HF_POSTS_MAX)
		return HF_E_SIZE;
	if (hf_rows_reserve(&ret->v, &ret->room, ret->n + 1, sizeof(*ret->v)) != HF_OK)
		return HF_E_MEMORY;
	ret->v[ret->n++] = post;
	return HF_OK;
}

enum hf_rc hf_postiz_read(const char *text, size_t len, struct hf_wall now, struct hf_posts *ret, struct hf_err *err)
{
	hf_auto_json json_t *json = NULL;
	const json_t *list, *one;
	size_t i;
	enum hf_rc rc = hf_json_load(text, len, JSON_REJECT_DUPLICATES, &json);
	list = json_object_get(json, "posts");
	if (rc == HF_OK && !json_is_array(list))
		rc = HF_E_SHAPE;
	json_array_foreach(list, i, one)
		if (rc == HF_OK)
			rc = take_post(one, now, ret);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "its list of posts cannot be read");
}

void hf_postiz_set(struct hf_postiz *p, const struct hf_postiz_change *change, struct hf_parcel_answer *ret)
{
	const char *body = change->draft ? "{\"status\":\"draft\"}" : "{\"status\":\"schedule\"}";
	struct hf_https_request request = {.headers = {NULL, "Content-Type: application/json"}, .body = body,
					   .len = strlen(body), .put = true, .go = change->go, .arg = change->arg};
	*ret = (struct hf_parcel_answer){.result = HF_PARCEL_REFUSED};
	if (hf_str_printf(p->url, sizeof(p->url), "%s/posts/%s/status", p->conf->url, change->post) == HF_OK)
		ask_postiz(p, request, ret);
}
