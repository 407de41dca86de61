/* SPDX-License-Identifier: MIT */
/*
 * Owns what people's own resolvers answered.
 * Must never take the answer of a question that nobody was seen to ask, nor let one answer take another's place.
 */
#include "agent/enforce/network/answers.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/sorted.h>

/* The listed host that a name is, or is below. */
static const char *host_of(const struct hf_shut_hosts *listed, const char *name)
{
	return hf_shut_hosts_has(listed, name) ? name : hf_shut_hosts_above(listed, name);
}

/* What waits ------------------------------------------------------------------------------------------------------- */

static bool waits_no_more(const struct hf_asked *one, struct hf_boot_ms now)
{
	return one->name[0] == '\0' || now.ms - one->at.ms >= HF_ASKED_MS;
}

/* A free place, or the oldest of a user who has a share. */
static struct hf_asked *place_to_wait(struct hf_answers *answers, hf_user uid, struct hf_boot_ms now)
{
	struct hf_asked *free_one = NULL, *oldest = NULL;
	size_t own = 0;
	for (size_t i = 0; i < HF_ASKED_MAX; i++) {
		struct hf_asked *one = &answers->asked[i];
		if (waits_no_more(one, now)) {
			free_one = one;
			continue;
		}
		if (one->uid != uid)
			continue;
		own++;
		if (!oldest || one->at.ms < oldest->at.ms)
			oldest = one;
	}
	return own < HF_ASKED_OF_USER ? free_one : oldest;
}

bool hf_answers_asked(struct hf_answers *answers, const struct hf_shut_hosts *listed, hf_user uid,
		      const struct hf_dns *question, struct hf_boot_ms now)
{
	if (!host_of(listed, question->name) ||
	    (!answers->asked && !(answers->asked = calloc(HF_ASKED_MAX, sizeof(*answers->asked)))))
		return false;
	struct hf_asked *one = place_to_wait(answers, uid, now);
	if (!one)
		return false;
	memcpy(one->name, question->name, sizeof(one->name));
	one->uid = uid;
	one->port = question->port;
	one->id = question->id;
	one->at = now;
	return true;
}

bool hf_answers_due(struct hf_answers *answers, const struct hf_dns *answer, struct hf_boot_ms now, hf_user *ret_uid)
{
	for (size_t i = 0; answers->asked && i < HF_ASKED_MAX; i++) {
		struct hf_asked *one = &answers->asked[i];
		if (waits_no_more(one, now) || one->id != answer->id || one->port != answer->port ||
		    strcmp(one->name, answer->name) != 0)
			continue;
		*ret_uid = one->uid;
		one->name[0] = '\0';
		return true;
	}
	return false;
}

/* What is kept ----------------------------------------------------------------------------------------------------- */

static bool knows(const struct hf_answers *answers, const char *name, const struct hf_addr *addr)
{
	for (size_t i = 0; i < answers->n; i++) {
		if (hf_addr_order(&answers->v[i].addr, addr) == 0 && strcmp(answers->v[i].name, name) == 0)
			return true;
	}
	return false;
}

/* The first row of its name stands for it. */
static bool is_first(const struct hf_answers *answers, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (strcmp(answers->v[i].name, answers->v[at].name) == 0)
			return false;
	}
	return true;
}

/* Is there room for one more name of this user's, at or below that host? */
static bool may_name(const struct hf_answers *answers, const struct hf_shut_hosts *listed, hf_user uid,
		     const char *name)
{
	const char *host = host_of(listed, name);
	size_t there = 0, own = 0;
	for (size_t i = 0; i < answers->n && host; i++) {
		const char *above = host_of(listed, answers->v[i].name);
		if (!above || strcmp(above, host) != 0 || !is_first(answers, i))
			continue;
		there++;
		own += answers->v[i].uid == uid;
	}
	return host && there < HF_ANSWERS_NAMES && own < HF_ANSWERS_NAMES_OF_USER;
}

static bool may_keep_one(const struct hf_answers *answers, hf_user uid, const char *name)
{
	size_t own = 0, of_name = 0;
	for (size_t i = 0; i < answers->n; i++) {
		own += answers->v[i].uid == uid;
		of_name += strcmp(answers->v[i].name, name) == 0;
	}
	return answers->n < HF_ANSWERS_MAX && own < HF_ANSWERS_OF_USER && of_name < HF_ANSWERS_OF_NAME;
}

static bool has_name(const struct hf_answers *answers, const char *name)
{
	for (size_t i = 0; i < answers->n; i++) {
		if (strcmp(answers->v[i].name, name) == 0)
			return true;
	}
	return false;
}

static enum hf_rc put_answer(struct hf_answers *answers, const char *name, const struct hf_addr *addr, hf_user uid)
{
	char *copy = strdup(name);
	if (!copy ||
	    hf_sorted_open(&answers->v, &answers->room, answers->n, answers->n, sizeof(*answers->v)) != HF_OK) {
		free(copy);
		return HF_E_MEMORY;
	}
	answers->v[answers->n++] = (struct hf_answered){copy, *addr, uid};
	return HF_OK;
}

static bool is_news(const struct hf_answers *answers, const char *name, const struct hf_addr *addr,
		    const struct hf_addrs *no)
{
	return hf_addr_is_public(addr) && !hf_addrs_has(no, addr) && !knows(answers, name, addr);
}

bool hf_answers_keep(struct hf_answers *answers, const struct hf_shut_hosts *listed, hf_user uid,
		     const struct hf_dns *answer, const struct hf_addrs *no)
{
	bool changed = false;
	const char *name = answer->name;
	bool may = has_name(answers, name) || may_name(answers, listed, uid, name);
	for (size_t i = 0; may && i < answer->n_addrs && may_keep_one(answers, uid, name); i++) {
		if (is_news(answers, name, &answer->addrs[i], no) &&
		    put_answer(answers, name, &answer->addrs[i], uid) == HF_OK)
			changed = true;
	}
	return changed;
}

bool hf_answers_forget(struct hf_answers *answers, const struct hf_addrs *addrs)
{
	size_t n = 0, before = answers->n;
	for (size_t i = 0; i < before; i++) {
		if (hf_addrs_has(addrs, &answers->v[i].addr))
			free(answers->v[i].name);
		else
			answers->v[n++] = answers->v[i];
	}
	answers->n = n;
	return n != before;
}

enum hf_rc hf_answers_of(const struct hf_answers *answers, const struct hf_shut_hosts *listed,
			 struct hf_addrs *ret_addrs)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < answers->n && rc == HF_OK; i++) {
		if (host_of(listed, answers->v[i].name))
			rc = hf_addrs_add(ret_addrs, &answers->v[i].addr, NULL);
	}
	return rc;
}

json_t *hf_answers_to_json(const struct hf_answers *answers)
{
	hf_auto_json json_t *all = json_object();
	char text[HF_ADDR_TEXT_SIZE];
	for (size_t i = 0; i < answers->n; i++) {
		json_t *list = json_object_get(all, answers->v[i].name);
		if (!list && json_object_set_new(all, answers->v[i].name, list = json_array()) != 0)
			return NULL;
		if (json_array_append_new(list, json_string(hf_addr_print(&answers->v[i].addr, text))) != 0)
			return NULL;
	}
	return json_incref(all);
}

static enum hf_rc load_one(struct hf_answers *answers, const char *name, const json_t *list)
{
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		struct hf_addr addr;
		const char *text = json_string_value(one);
		if (i >= HF_ANSWERS_OF_NAME || answers->n >= HF_ANSWERS_MAX)
			return HF_OK;
		if (!text || hf_addr_parse(text, &addr) != HF_OK || !hf_addr_is_public(&addr))
			continue;
		if (put_answer(answers, name, &addr, 0) != HF_OK)
			return HF_E_MEMORY;
	}
	return HF_OK;
}

enum hf_rc hf_answers_from_json(struct hf_answers *answers, const json_t *doc)
{
	const char *name;
	json_t *list;
	enum hf_rc rc = HF_OK;
	json_object_foreach((json_t *)(uintptr_t)doc, name, list)
	{
		if (rc == HF_OK && strlen(name) < HF_HOST_SIZE)
			rc = load_one(answers, name, list);
	}
	return rc;
}

void hf_answers_done(struct hf_answers *answers)
{
	for (size_t i = 0; i < answers->n; i++)
		free(answers->v[i].name);
	free(answers->v);
	free(answers->asked);
	memset(answers, 0, sizeof(*answers));
}
