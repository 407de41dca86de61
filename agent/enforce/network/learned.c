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

static int order_host(const void *host, const void *one)
{
	return strcmp(host, ((const struct hf_learned_host *)one)->host);
}

/* The first whose host is not less. */
static size_t place_of_host(const struct hf_learned *learned, const char *host)
{
	return hf_sorted_place(host, learned->v, learned->n, sizeof(*learned->v), order_host);
}

static struct hf_learned_host *find_host(const struct hf_learned *learned, const char *host)
{
	size_t at = place_of_host(learned, host);
	return at < learned->n && strcmp(learned->v[at].host, host) == 0 ? &learned->v[at] : NULL;
}

const struct hf_addrs *hf_learned_of(const struct hf_learned *learned, const char *host)
{
	const struct hf_learned_host *one = find_host(learned, host);
	return one ? &one->addrs : NULL;
}

static enum hf_rc room_for_host(struct hf_learned *learned, const char *host, struct hf_learned_host **ret_host)
{
	size_t at = place_of_host(learned, host);
	char *copy = strdup(host);
	void *more = copy ? reallocarray(learned->v, learned->n + 1, sizeof(*learned->v)) : NULL;
	if (!more) {
		free(copy);
		return HF_E_MEMORY;
	}
	learned->v = more;
	memmove(&learned->v[at + 1], &learned->v[at], (learned->n - at) * sizeof(*learned->v));
	learned->v[at] = (struct hf_learned_host){.host = copy};
	learned->n++;
	*ret_host = &learned->v[at];
	return HF_OK;
}

/* The good ones of a list, as many as there is room for. */
static enum hf_rc pick_good(const json_t *list, const struct hf_addrs *no, size_t room, struct hf_addrs *ret)
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

static enum hf_rc add_all(struct hf_learned *learned, struct hf_addrs *known, const struct hf_addrs *heard)
{
	for (size_t i = 0; i < heard->n; i++) {
		bool is_new = false;
		if (known->n >= HF_LEARNED_OF_HOST || learned->n_addrs >= HF_LEARNED_MAX)
			return HF_OK;
		if (hf_addrs_add(known, &heard->v[i], &is_new) != HF_OK)
			return HF_E_MEMORY;
		learned->n_addrs += is_new;
	}
	return HF_OK;
}

/* An empty answer is one of a network that does not work: it teaches nothing. */
static enum hf_rc learn_host(struct hf_learned *learned, const char *host, struct hf_addrs *heard, bool grow,
			     bool *changed)
{
	struct hf_learned_host *one = find_host(learned, host);
	enum hf_rc rc = HF_OK;
	if (heard->n == 0 || (!one && learned->n >= HF_LEARNED_HOSTS))
		return HF_OK;
	if (!one)
		rc = room_for_host(learned, host, &one);
	if (rc != HF_OK)
		return rc;
	size_t before = one->addrs.n;
	if (!grow && !hf_addrs_same(&one->addrs, heard)) {
		learned->n_addrs -= before;
		hf_addrs_done(&one->addrs);
		*changed = true;
	}
	rc = add_all(learned, &one->addrs, heard);
	*changed = *changed || one->addrs.n != before;
	return rc;
}

enum hf_rc hf_learned_hear(struct hf_learned *learned, const json_t *answer, const struct hf_learning *how,
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
		rc = pick_good(list, how->no, HF_LEARNED_OF_HOST, &heard);
		if (rc == HF_OK)
			rc = learn_host(learned, host, &heard, how->grow, ret_changed);
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

json_t *hf_learned_to_json(const struct hf_learned *learned)
{
	hf_auto_json json_t *all = json_object();
	for (size_t i = 0; i < learned->n; i++) {
		if (json_object_set_new(all, learned->v[i].host, addrs_to_json(&learned->v[i].addrs)) != 0)
			return NULL;
	}
	return json_incref(all);
}

void hf_learned_done(struct hf_learned *learned)
{
	for (size_t i = 0; i < learned->n; i++) {
		free(learned->v[i].host);
		hf_addrs_done(&learned->v[i].addrs);
	}
	free(learned->v);
	memset(learned, 0, sizeof(*learned));
}
