/* SPDX-License-Identifier: MIT */
/*
 * Owns the addresses that browsers are to refuse.
 * Must never leave out one that no shorter one covers.
 */
#include "agent/enforce/common/policies/policy_addresses.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The host of a filter in lower case, escapes undone; "" when it has none. */
static void host_of(const char *entry, char *host, size_t size)
{
	while (isspace((unsigned char)*entry))
		entry++;
	const char *from = entry + strcspn(entry, ":/?#");
	from = strncmp(from, "://", 3) == 0 ? from + 3 : entry;
	const char *end = from + strcspn(from, "/?#");
	for (const char *at = from; at < end; at++) {
		if (*at == '@')
			from = at + 1;
	}
	while (from < end && *from == '.')
		from++;
	size_t n = 0;
	for (; from < end && *from != ':' && n + 1 < size; from++) {
		char c = *from;
		if (c == '%' && end - from > 2 && hex(from[1]) >= 0 && hex(from[2]) >= 0) {
			c = (char)(hex(from[1]) * 16 + hex(from[2]));
			from += 2;
		}
		host[n++] = (char)tolower((unsigned char)c);
	}
	while (n > 0 && (host[n - 1] == '.' || isspace((unsigned char)host[n - 1])))
		n--;
	host[n] = '\0';
}

/* Is host the address or below it. */
static bool is_at_or_below(const char *host, const char *address)
{
	size_t h = strlen(host);
	size_t a = strlen(address);
	if (h < a || strcmp(host + h - a, address) != 0)
		return false;
	return h == a || host[h - a - 1] == '.';
}

bool hf_policy_opens(const char *entry, const char *address)
{
	char host[512];
	host_of(entry, host, sizeof(host));
	if (is_at_or_below(host, address))
		return true;
	/* Which letters an address in another script stands for is not for us to work out: in doubt it opens. */
	bool other_script = false;
	for (const char *c = host; *c; c++)
		other_script = other_script || (unsigned char)*c > 0x7e;
	return other_script && strstr(address, "xn--");
}

static int by_address(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_covered(const struct hf_strs *addresses, const char *address)
{
	for (size_t i = 0; i < addresses->n; i++) {
		if (strcmp(addresses->v[i], address) != 0 && is_at_or_below(address, addresses->v[i]))
			return true;
	}
	return false;
}

void hf_policy_addresses(struct hf_strs *addresses)
{
	size_t kept = 0;
	if (addresses->n == 0)
		return;
	qsort(addresses->v, addresses->n, sizeof(*addresses->v), by_address);
	for (size_t i = 0; i < addresses->n; i++) {
		if (kept == 0 || strcmp(addresses->v[kept - 1], addresses->v[i]) != 0)
			addresses->v[kept++] = addresses->v[i];
	}
	addresses->n = kept;
	const char **v = addresses->v;
	struct hf_strs all = *addresses;
	hf_auto_free const char **copy = calloc(kept, sizeof(*copy));
	if (!copy)
		return;
	memcpy(copy, v, kept * sizeof(*v));
	all.v = copy;
	addresses->n = 0;
	for (size_t i = 0; i < kept; i++) {
		if (!is_covered(&all, copy[i]))
			v[addresses->n++] = copy[i];
	}
}

static size_t borrow_addresses(const struct hf_plan *plan, const char **v)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		for (size_t j = 0; block->machine_wide && j < block->addresses->n; j++) {
			if (v)
				v[n] = block->addresses->v[j];
			n++;
		}
	}
	return n;
}

enum hf_rc hf_policy_addresses_of(const struct hf_plan *plan, struct hf_strs *ret)
{
	struct hf_strs list = {.v = calloc(borrow_addresses(plan, NULL) + 1, sizeof(*list.v)), .n = 0};
	bool whole = list.v;
	if (whole) {
		list.n = borrow_addresses(plan, list.v);
		hf_policy_addresses(&list);
	}
	for (size_t i = 0; whole && i < list.n; i++) {
		list.v[i] = strdup(list.v[i]);
		whole = list.v[i];
		if (!whole)
			list.n = i;
	}
	if (!whole) {
		hf_policy_addresses_done(&list);
		return HF_E_MEMORY;
	}
	hf_policy_addresses_done(ret);
	*ret = list;
	return HF_OK;
}

void hf_policy_addresses_done(struct hf_strs *addresses)
{
	for (size_t i = 0; i < addresses->n; i++)
		free((void *)(uintptr_t)addresses->v[i]);
	hf_strs_done(addresses);
}
