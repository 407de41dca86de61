/* SPDX-License-Identifier: MIT */
/*
 * Owns what was learned about the network addresses of names.
 * Must never take an address that a public site cannot have, nor grow without a bound.
 */
#include "agent/enforce/network/learned.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/sorted.h>

#define HOST_MOST 253 /* RFC 1035 section 2.3.4, as text */

static int compare(const void *host, const void *lesson)
{
	return strcmp(host, ((const struct hf_lesson *)lesson)->host);
}

/* The first whose host is not less. */
static size_t place_of(const struct hf_lessons *lessons, const char *host)
{
	return hf_sorted_place(host, lessons->v, lessons->n, sizeof(*lessons->v), compare);
}

static struct hf_lesson *find(const struct hf_lessons *lessons, const char *host)
{
	size_t at = place_of(lessons, host);
	return at < lessons->n && strcmp(lessons->v[at].host, host) == 0 ? &lessons->v[at] : NULL;
}

const struct hf_addrs *hf_lessons_of(const struct hf_lessons *lessons, const char *host)
{
	const struct hf_lesson *lesson = find(lessons, host);
	return lesson ? &lesson->addrs : NULL;
}

static enum hf_rc make_room(struct hf_lessons *lessons, const char *host, struct hf_lesson **ret_lesson)
{
	size_t at = place_of(lessons, host);
	char *copy = strdup(host);
	void *more = copy ? reallocarray(lessons->v, lessons->n + 1, sizeof(*lessons->v)) : NULL;
	if (!more) {
		free(copy);
		return HF_E_MEMORY;
	}
	lessons->v = more;
	memmove(&lessons->v[at + 1], &lessons->v[at], (lessons->n - at) * sizeof(*lessons->v));
	lessons->v[at] = (struct hf_lesson){.host = copy};
	lessons->n++;
	*ret_lesson = &lessons->v[at];
	return HF_OK;
}

/* The good ones of a list, as many as there is room for. */
static enum hf_rc pick(const json_t *list, const struct hf_addrs *no, size_t room, struct hf_addrs *ret)
{
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		const char *text = json_string_value(one);
		struct hf_addr addr;
		if (ret->n >= room)
			return HF_OK;
		if (!text || hf_addr_parse(text, &addr) != HF_OK || !hf_addr_is_public(&addr) ||
		    hf_addrs_has(no, &addr))
			continue;
		if (hf_addrs_add(ret, &addr, NULL) != HF_OK)
			return HF_E_MEMORY;
	}
	return HF_OK;
}

static enum hf_rc add_all(struct hf_lessons *lessons, struct hf_addrs *known, const struct hf_addrs *heard)
{
	for (size_t i = 0; i < heard->n; i++) {
		bool is_new = false;
		if (known->n >= HF_LESSONS_OF_HOST || lessons->n_addrs >= HF_LESSONS_MAX)
			return HF_OK;
		if (hf_addrs_add(known, &heard->v[i], &is_new) != HF_OK)
			return HF_E_MEMORY;
		lessons->n_addrs += is_new;
	}
	return HF_OK;
}

/* An empty answer is one of a network that does not work: it teaches nothing. */
static enum hf_rc take(struct hf_lessons *lessons, const char *host, struct hf_addrs *heard, bool grow, bool *changed)
{
	struct hf_lesson *lesson = find(lessons, host);
	enum hf_rc rc = HF_OK;
	if (heard->n == 0 || (!lesson && lessons->n >= HF_LESSONS_HOSTS))
		return HF_OK;
	if (!lesson)
		rc = make_room(lessons, host, &lesson);
	if (rc != HF_OK)
		return rc;
	size_t before = lesson->addrs.n;
	if (!grow && !hf_addrs_same(&lesson->addrs, heard)) {
		lessons->n_addrs -= before;
		hf_addrs_done(&lesson->addrs);
		*changed = true;
	}
	rc = add_all(lessons, &lesson->addrs, heard);
	*changed = *changed || lesson->addrs.n != before;
	return rc;
}

enum hf_rc hf_lessons_hear(struct hf_lessons *lessons, const json_t *answer, const struct hf_teaching *how,
			   bool *ret_changed)
{
	const char *host;
	json_t *list;
	enum hf_rc rc = json_is_object(answer) ? HF_OK : HF_E_SHAPE;
	*ret_changed = false;
	json_object_foreach((json_t *)(uintptr_t)answer, host, list)
	{
		struct hf_addrs heard = {0};
		if (!json_is_array(list) || strlen(host) > HOST_MOST || host[0] == '\0')
			continue;
		rc = pick(list, how->no, HF_LESSONS_OF_HOST, &heard);
		if (rc == HF_OK)
			rc = take(lessons, host, &heard, how->grow, ret_changed);
		hf_addrs_done(&heard);
		if (rc != HF_OK)
			return rc;
	}
	return rc;
}

static json_t *addrs_to_json(const struct hf_addrs *addrs)
{
	hf_auto_json json_t *list = json_array();
	char text[HF_ADDR_TEXT_SIZE];
	for (size_t i = 0; i < addrs->n; i++) {
		if (json_array_append_new(list, json_string(hf_addr_print(&addrs->v[i], text))) != 0)
			return NULL;
	}
	return json_incref(list);
}

json_t *hf_lessons_to_json(const struct hf_lessons *lessons)
{
	hf_auto_json json_t *all = json_object();
	for (size_t i = 0; i < lessons->n; i++) {
		if (json_object_set_new(all, lessons->v[i].host, addrs_to_json(&lessons->v[i].addrs)) != 0)
			return NULL;
	}
	return json_incref(all);
}

void hf_lessons_done(struct hf_lessons *lessons)
{
	for (size_t i = 0; i < lessons->n; i++) {
		free(lessons->v[i].host);
		hf_addrs_done(&lessons->v[i].addrs);
	}
	free(lessons->v);
	memset(lessons, 0, sizeof(*lessons));
}
