/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of hosts that are shut, and who may reach them all the same.
 * Must never open a host for a user because another block opens it.
 */
#include "agent/enforce/network/names/shut_hosts.h"

#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX (HF_TOOLS_MAX * HF_TOOL_LIST_MAX)
#define HOST_MOST 253

bool hf_users_has(const struct hf_users *users, hf_user uid)
{
	for (size_t i = 0; i < users->n; i++) {
		if (users->v[i] == uid)
			return true;
	}
	return false;
}

bool hf_users_same(const struct hf_users *a, const struct hf_users *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0;
}

bool hf_users_add(struct hf_users *users, hf_user uid)
{
	size_t at = 0;
	if (hf_users_has(users, uid))
		return true;
	if (users->n == HF_LEN(users->v))
		return false;
	while (at < users->n && users->v[at] < uid)
		at++;
	memmove(&users->v[at + 1], &users->v[at], (users->n - at) * sizeof(*users->v));
	users->v[at] = uid;
	users->n++;
	return true;
}

void hf_users_keep(struct hf_users *users, const struct hf_users *others)
{
	size_t n = 0;
	for (size_t i = 0; i < users->n; i++) {
		if (hf_users_has(others, users->v[i]))
			users->v[n++] = users->v[i];
	}
	users->n = n;
}

static int host_order(const void *a, const void *b)
{
	return strcmp(((const struct hf_shut_host *)a)->host, ((const struct hf_shut_host *)b)->host);
}

/* Of one host that stands there twice: shut for whom either shuts it, dedicated if either says so. */
static void merge_twins(struct hf_shut_hosts *shut)
{
	size_t n = 0;
	qsort(shut->v, shut->n, sizeof(*shut->v), host_order);
	for (size_t i = 0; i < shut->n; i++) {
		struct hf_shut_host *last = n > 0 ? &shut->v[n - 1] : NULL;
		if (last && strcmp(last->host, shut->v[i].host) == 0) {
			hf_users_keep(&last->open_for, &shut->v[i].open_for);
			last->dedicated = last->dedicated || shut->v[i].dedicated;
		} else {
			shut->v[n++] = shut->v[i];
		}
	}
	shut->n = n;
}

static bool append_host(struct hf_shut_hosts *shut, const char *host, const struct hf_block *block)
{
	json_t *text = json_string(host);
	struct hf_shut_host *one = &shut->v[shut->n];
	if (json_array_append_new(shut->doc, text) != 0)
		return false;
	memset(one, 0, sizeof(*one));
	one->host = json_string_value(text);
	one->dedicated = block->dedicated && hf_strs_has(block->dedicated, host);
	for (size_t i = 0; i < block->n_open_for; i++)
		hf_users_add(&one->open_for, block->open_for[i]);
	shut->n++;
	return true;
}

enum hf_rc hf_shut_hosts_of_plan(const struct hf_plan *plan, struct hf_shut_hosts *ret_shut, struct hf_err *err)
{
	hf_auto_shut_hosts struct hf_shut_hosts shut = {0};
	size_t n = 0;
	for (size_t i = 0; i < plan->n_blocks; i++)
		n += plan->blocks[i].addresses->n;
	shut.v = calloc(n + 1, sizeof(*shut.v));
	shut.doc = json_array();
	bool good = shut.v && shut.doc;
	for (size_t i = 0; i < plan->n_blocks && good; i++) {
		const struct hf_block *block = &plan->blocks[i];
		for (size_t j = 0; j < block->addresses->n && good; j++)
			good = append_host(&shut, block->addresses->v[j], block);
	}
	if (!good)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of hosts that are shut");
	merge_twins(&shut);
	*ret_shut = shut;
	memset(&shut, 0, sizeof(shut));
	return HF_OK;
}

static json_t *host_to_json(const struct hf_shut_host *one)
{
	hf_auto_json json_t *users = json_array();
	for (size_t i = 0; i < one->open_for.n; i++) {
		if (json_array_append_new(users, json_integer((json_int_t)one->open_for.v[i])) != 0)
			return NULL;
	}
	return json_pack("{s:s, s:O, s:b}", "host", one->host, "open_for", users, "dedicated", (int)one->dedicated);
}

json_t *hf_shut_hosts_to_json(const struct hf_shut_hosts *shut)
{
	hf_auto_json json_t *hosts = json_array();
	for (size_t i = 0; i < shut->n; i++) {
		if (json_array_append_new(hosts, host_to_json(&shut->v[i])) != 0)
			return NULL;
	}
	return json_pack("{s:O}", "hosts", hosts);
}

static enum hf_rc take_users(const json_t *list, struct hf_users *users, struct hf_err *err)
{
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		json_int_t uid = json_integer_value(one);
		if (!json_is_integer(one) || uid < 0 || uid > UINT32_MAX || !hf_users_add(users, (hf_user)uid))
			return hf_err_set(err, HF_E_SHAPE, "A list of users is none, or too long");
	}
	return HF_OK;
}

static enum hf_rc take_host(const json_t *object, struct hf_shut_host *one, struct hf_err *err)
{
	struct hf_shut_host taken = {.host = json_string_value(json_object_get(object, "host"))};
	const json_t *users = json_object_get(object, "open_for");
	if (!taken.host || strlen(taken.host) > HOST_MOST || !json_is_array(users))
		return hf_err_set(err, HF_E_SHAPE, "A host that is shut is no host");
	taken.dedicated = json_is_true(json_object_get(object, "dedicated"));
	enum hf_rc rc = take_users(users, &taken.open_for, err);
	if (rc == HF_OK)
		*one = taken;
	return rc;
}

enum hf_rc hf_shut_hosts_from_json(const json_t *doc, struct hf_shut_hosts *ret_shut, struct hf_err *err)
{
	hf_auto_shut_hosts struct hf_shut_hosts shut = {0};
	json_t *hosts = json_object_get(doc, "hosts");
	size_t n = json_array_size(hosts);
	if (!json_is_array(hosts) || n > HOSTS_MAX)
		return hf_err_set(err, HF_E_SHAPE, "There is no list of hosts, or a far too long one");
	shut.doc = json_incref(hosts);
	shut.v = calloc(n + 1, sizeof(*shut.v));
	if (!shut.v)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of hosts that are shut");
	for (; shut.n < n; shut.n++) {
		enum hf_rc rc = take_host(json_array_get(hosts, shut.n), &shut.v[shut.n], err);
		if (rc != HF_OK)
			return rc;
	}
	merge_twins(&shut);
	*ret_shut = shut;
	memset(&shut, 0, sizeof(shut));
	return HF_OK;
}

static const struct hf_shut_host *find_shut(const struct hf_shut_hosts *shut, const char *host)
{
	const struct hf_shut_host key = {.host = host};
	return shut->n > 0 ? bsearch(&key, shut->v, shut->n, sizeof(*shut->v), host_order) : NULL;
}

bool hf_shut_hosts_has(const struct hf_shut_hosts *shut, const char *host)
{
	return find_shut(shut, host);
}

const char *hf_shut_hosts_above(const struct hf_shut_hosts *shut, const char *name)
{
	for (name = strchr(name, '.'); name; name = strchr(name, '.')) {
		const struct hf_shut_host *found = find_shut(shut, ++name);
		if (found)
			return found->host;
	}
	return NULL;
}

/* The name itself, then each name above it. */
bool hf_shut_hosts_may(const struct hf_shut_hosts *shut, hf_user uid, const char *host)
{
	if (uid == 0 || shut->n == 0)
		return true;
	for (const char *name = host; name; name = strchr(name, '.')) {
		if (*name == '.')
			name++;
		const struct hf_shut_host *found = find_shut(shut, name);
		if (found && !hf_users_has(&found->open_for, uid))
			return false;
	}
	return true;
}

void hf_shut_hosts_spared(const struct hf_shut_hosts *shut, struct hf_users *ret_users)
{
	ret_users->n = 0;
	for (size_t i = 0; i < shut->n; i++) {
		if (i == 0)
			*ret_users = shut->v[i].open_for;
		else
			hf_users_keep(ret_users, &shut->v[i].open_for);
	}
}

void hf_shut_hosts_done(struct hf_shut_hosts *shut)
{
	free(shut->v);
	json_decref(shut->doc);
	memset(shut, 0, sizeof(*shut));
}
