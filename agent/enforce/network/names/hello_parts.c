/* SPDX-License-Identifier: MIT */
/*
 * Owns what the readers of TLS and of HTTP share.
 * Must never read past its bytes, nor call a name what is not one.
 */
#include "agent/enforce/network/names/hello_parts.h"

#include <string.h>

bool hf_bytes_take(struct hf_bytes *from, size_t n, struct hf_bytes *ret)
{
	if (from->left < n)
		return false;
	*ret = (struct hf_bytes){from->at, n};
	from->at += n;
	from->left -= n;
	return true;
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static char lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

enum hf_hello hf_hello_name(struct hf_bytes name, char ret_host[HF_HOST_SIZE])
{
	char host[HF_HOST_SIZE];
	while (name.left > 0 && name.at[name.left - 1] == '.')
		name.left--;
	if (name.left == 0)
		return HF_HELLO_NAMELESS;
	if (name.left >= sizeof(host))
		return HF_HELLO_OTHER;
	for (size_t i = 0; i < name.left; i++) {
		host[i] = lower(name.at[i]);
		if (!is_host_char(host[i]))
			return HF_HELLO_OTHER;
	}
	host[name.left] = '\0';
	memcpy(ret_host, host, name.left + 1);
	return HF_HELLO_NAMED;
}

/* As browsers and resolvers take it: the last part decides. */
static bool is_number(const char *host)
{
	const char *last = strrchr(host, '.');
	last = last ? last + 1 : host;
	size_t n = strspn(last, "0123456789");
	if (n == 1 && last[0] == '0' && last[1] == 'x')
		n = 2 + strspn(last + 2, "0123456789abcdef");
	return last[n] == '\0';
}

enum hf_hello hf_hello_site(struct hf_bytes name, char ret_host[HF_HOST_SIZE])
{
	char host[HF_HOST_SIZE];
	if (hf_hello_name(name, host) != HF_HELLO_NAMED || is_number(host))
		return HF_HELLO_OTHER;
	memcpy(ret_host, host, sizeof(host));
	return HF_HELLO_NAMED;
}
