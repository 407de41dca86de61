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
	if (!copy || hf_sorted_open(&learned->v, &learned->room, learned->n, at, sizeof(*learned->v)) != HF_OK) {
		free(copy);
		return HF_E_MEMORY;
	}
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

/* A host that the register has come to name is counted as such from now on. */
static void count_as_listed(struct hf_learned *learned, struct hf_learned_host *one)
{
	if (one->below)
		learned->n_addrs += one->addrs.n;
	one->below = false;
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
	count_as_listed(learned, one);
	size_t before = one->addrs.n;
	if (!grow && !hf_addrs_same(&one->addrs, heard)) {
		learned->n_addrs -= before;
		hf_addrs_done(&one->addrs);
		hf_addrs_done(&one->here);
		*changed = true;
	}
	rc = add_all(learned, &one->addrs, heard);
	for (size_t i = 0; i < heard->n && rc == HF_OK; i++) {
		if (hf_addrs_has(&one->addrs, &heard->v[i]))
			rc = hf_addrs_add(&one->here, &heard->v[i], NULL);
	}
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

enum hf_rc hf_learned_below(struct hf_learned *learned, const char *name, const json_t *list,
			    const struct hf_learning *how, hf_user owner)
{
	struct hf_learned_host *one = find_host(learned, name);
	struct hf_addrs heard = {0};
	bool is_new = !one;
	if (one && !one->below)
		return HF_OK;
	enum hf_rc rc = pick_good(list, how->no, HF_LEARNED_OF_BELOW, &heard);
	if (rc == HF_OK && heard.n > 0 && !one)
		rc = room_for_host(learned, name, &one);
	if (rc != HF_OK || heard.n == 0) {
		hf_addrs_done(&heard);
		return rc;
	}
	one->below = true;
	if (is_new)
		one->owner = owner;
	for (size_t i = 0; how->grow && i < one->addrs.n && heard.n < HF_LEARNED_OF_BELOW && rc == HF_OK; i++)
		rc = hf_addrs_add(&heard, &one->addrs.v[i], NULL);
	hf_addrs_done(&one->addrs);
	one->addrs = heard;
	return rc;
}

static bool knows_addr(const struct hf_learned *learned, const struct hf_addr *addr)
{
	for (size_t i = 0; i < learned->n; i++) {
		if (hf_addrs_has(&learned->v[i].addrs, addr))
			return true;
	}
	return false;
}

bool hf_learned_new_in(const struct hf_learned *learned, const json_t *list, const struct hf_addrs *no)
{
	struct hf_addrs good = {0};
	bool found = false;
	if (pick_good(list, no, HF_LEARNED_OF_BELOW, &good) == HF_OK) {
		for (size_t i = 0; i < good.n && !found; i++)
			found = !knows_addr(learned, &good.v[i]);
	}
	hf_addrs_done(&good);
	return found;
}

void hf_learned_drop(struct hf_learned *learned, const char *host)
{
	struct hf_learned_host *one = find_host(learned, host);
	if (!one)
		return;
	learned->n_addrs -= one->below ? 0 : one->addrs.n;
	free(one->host);
	hf_addrs_done(&one->addrs);
	hf_addrs_done(&one->here);
	learned->n--;
	memmove(one, one + 1, (size_t)(learned->v + learned->n - one) * sizeof(*one));
}

static void remove_addr(struct hf_addrs *addrs, const struct hf_addr *addr)
{
	size_t n = 0;
	for (size_t i = 0; i < addrs->n; i++) {
		if (memcmp(&addrs->v[i], addr, sizeof(*addr)) != 0)
			addrs->v[n++] = addrs->v[i];
	}
	addrs->n = n;
}

bool hf_learned_forget(struct hf_learned *learned, const char *host, const struct hf_addr *addr)
{
	struct hf_learned_host *one = find_host(learned, host);
	if (!one || !hf_addrs_has(&one->addrs, addr))
		return false;
	learned->n_addrs -= !one->below;
	remove_addr(&one->addrs, addr);
	remove_addr(&one->here, addr);
	if (one->addrs.n == 0)
		hf_learned_drop(learned, host);
	return true;
}

void hf_learned_moved(struct hf_learned *learned)
{
	for (size_t i = 0; i < learned->n; i++)
		hf_addrs_done(&learned->v[i].here);
}

bool hf_learned_age(struct hf_learned *learned)
{
	bool any = false;
	for (size_t i = 0; i < learned->n; i++) {
		struct hf_learned_host *one = &learned->v[i];
		size_t n = 0;
		for (size_t j = 0; !one->below && one->here.n > 0 && j < one->addrs.n; j++) {
			if (hf_addrs_has(&one->here, &one->addrs.v[j]))
				one->addrs.v[n++] = one->addrs.v[j];
		}
		if (n == 0 || n == one->addrs.n)
			continue;
		learned->n_addrs -= one->addrs.n - n;
		one->addrs.n = n;
		any = true;
	}
	return any;
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

json_t *hf_learned_to_json(const struct hf_learned *learned, bool below)
{
	hf_auto_json json_t *all = json_object();
	for (size_t i = 0; i < learned->n; i++) {
		if (learned->v[i].below == below &&
		    json_object_set_new(all, learned->v[i].host, addrs_to_json(&learned->v[i].addrs)) != 0)
			return NULL;
	}
	return json_incref(all);
}

void hf_learned_done(struct hf_learned *learned)
{
	for (size_t i = 0; i < learned->n; i++) {
		free(learned->v[i].host);
		hf_addrs_done(&learned->v[i].addrs);
		hf_addrs_done(&learned->v[i].here);
	}
	free(learned->v);
	hf_addrs_done(&learned->answered);
	memset(learned, 0, sizeof(*learned));
}
