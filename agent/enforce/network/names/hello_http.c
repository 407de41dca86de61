/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of a request of HTTP, and of one to a proxy.
 * Must never read past its bytes, nor, when it is to be strict, guess what a server would make of them.
 */
#include <string.h>
#include <strings.h>

#include "agent/enforce/network/names/hello_parts.h"

#define METHOD_MOST 16
#define PORT_MOST 5 /* digits */

/* Takes up to and without the end; false when it is not there. */
static bool take_until(struct hf_bytes *from, const char *end, struct hf_bytes *ret)
{
	size_t n = strlen(end);
	const uint8_t *found = memmem(from->at, from->left, end, n);
	struct hf_bytes skipped;
	return found && hf_bytes_take(from, (size_t)(found - from->at), ret) && hf_bytes_take(from, n, &skipped);
}

static bool begins_with(struct hf_bytes text, const char *with)
{
	size_t n = strlen(with);
	return text.left >= n && strncasecmp((const char *)text.at, with, n) == 0;
}

/* host or host:port, perhaps with spaces around it, perhaps with a path after it */
static enum hf_hello name_authority(struct hf_bytes text, char ret_host[HF_HOST_SIZE])
{
	while (text.left > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
		text.at++;
		text.left--;
	}
	if (text.left > 0 && text.at[0] == '[')
		return HF_HELLO_NAMELESS;
	for (size_t i = 0; i < text.left; i++) {
		if (strchr(":/? \t", text.at[i]))
			text.left = i;
	}
	return hf_hello_name(text, ret_host);
}

static enum hf_hello read_host_line(struct hf_bytes lines, char ret_host[HF_HOST_SIZE])
{
	struct hf_bytes line;
	while (take_until(&lines, "\r\n", &line) && line.left > 0) {
		if (!begins_with(line, "host:"))
			continue;
		line.at += strlen("host:");
		line.left -= strlen("host:");
		return name_authority(line, ret_host);
	}
	return HF_HELLO_NAMELESS;
}

/* A request's first word is in capitals. */
static bool may_be_method(struct hf_bytes in)
{
	size_t n = 0;
	while (n < in.left && n < METHOD_MOST && in.at[n] >= 'A' && in.at[n] <= 'Z')
		n++;
	return n == in.left || (n > 0 && n < METHOD_MOST && in.at[n] == ' ');
}

enum hf_hello hf_hello_http(struct hf_bytes in, char ret_host[HF_HOST_SIZE], size_t *ret_used)
{
	struct hf_bytes lines = in, head, line, method, target;
	if (!may_be_method(in))
		return HF_HELLO_OTHER;
	if (!take_until(&lines, "\r\n\r\n", &head))
		return HF_HELLO_MORE;
	size_t used = in.left - lines.left;
	head.left += 2; /* with the end of its last line */
	if (!take_until(&head, "\r\n", &line) || !take_until(&line, " ", &method) || !take_until(&line, " ", &target) ||
	    !begins_with(line, "HTTP/1."))
		return HF_HELLO_OTHER;
	if (method.left == strlen("CONNECT") && begins_with(method, "CONNECT")) {
		*ret_used = used;
		return name_authority(target, ret_host);
	}
	if (begins_with(target, "http://")) {
		target.at += strlen("http://");
		target.left -= strlen("http://");
		return name_authority(target, ret_host);
	}
	return read_host_line(head, ret_host);
}

/* Strictly ----------------------------------------------------------------------------------------------------------
 */

static bool is_token_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

/* Every byte of it is one that a line may have. */
static bool is_plain(struct hf_bytes text, bool blanks)
{
	for (size_t i = 0; i < text.left; i++) {
		bool blank = text.at[i] == ' ' || text.at[i] == '\t';
		if (blank ? !blanks : text.at[i] < 0x21 || text.at[i] == 0x7f)
			return false;
	}
	return true;
}

static bool is_same(struct hf_bytes text, const char *word)
{
	return text.left == strlen(word) && begins_with(text, word);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct hf_bytes trimmed(struct hf_bytes text)
{
	while (text.left > 0 && is_blank(text.at[0]))
		text = (struct hf_bytes){text.at + 1, text.left - 1};
	while (text.left > 0 && is_blank(text.at[text.left - 1]))
		text.left--;
	return text;
}

/* host, or host:port */
static enum hf_hello name_authority_strict(struct hf_bytes text, char ret_host[HF_HOST_SIZE])
{
	struct hf_bytes host = text;
	const uint8_t *colon = memchr(text.at, ':', text.left);
	if (colon) {
		host.left = (size_t)(colon - text.at);
		size_t digits = text.left - host.left - 1;
		if (digits == 0 || digits > PORT_MOST)
			return HF_HELLO_OTHER;
		for (size_t i = 1; i <= digits; i++) {
			if (colon[i] < '0' || colon[i] > '9')
				return HF_HELLO_OTHER;
		}
	}
	return hf_hello_site(host, ret_host);
}

/* A field that has a server speak something else than what is read here. */
static bool turns(struct hf_bytes name, struct hf_bytes value)
{
	static const char upgrade[] = "upgrade";
	if (is_same(name, "http2-settings"))
		return true;
	return is_same(name, upgrade) && !is_same(value, "websocket");
}

struct head {
	struct hf_bytes target;
	bool tunnel;
	bool has_host;
	char host[HF_HOST_SIZE];
};

static bool take_field(struct hf_bytes line, struct head *head)
{
	struct hf_bytes name = line, value;
	const uint8_t *colon = memchr(line.at, ':', line.left);
	if (!colon || colon == line.at)
		return false;
	name.left = (size_t)(colon - line.at);
	for (size_t i = 0; i < name.left; i++) {
		if (!is_token_char(name.at[i]))
			return false;
	}
	value = trimmed((struct hf_bytes){colon + 1, line.left - name.left - 1});
	if (!is_plain(value, true) || turns(name, value))
		return false;
	if (!is_same(name, "host"))
		return true;
	if (head->has_host || name_authority_strict(value, head->host) != HF_HELLO_NAMED)
		return false;
	head->has_host = true;
	return true;
}

static bool take_request_line(struct hf_bytes line, struct head *head)
{
	struct hf_bytes method;
	if (!take_until(&line, " ", &method) || method.left == 0 || !take_until(&line, " ", &head->target) ||
	    head->target.left == 0 || !is_plain(head->target, false))
		return false;
	head->tunnel = is_same(method, "CONNECT");
	return line.left == strlen("HTTP/1.1") && begins_with(line, "HTTP/1.") && memcmp(line.at, "HTTP/", 5) == 0 &&
	       (line.at[7] == '0' || line.at[7] == '1');
}

/* The host that the target says; HF_HELLO_NAMELESS when it says none. */
static enum hf_hello name_target(const struct head *head, char ret_host[HF_HOST_SIZE])
{
	struct hf_bytes text = head->target, skipped;
	if (head->tunnel)
		return memchr(text.at, ':', text.left) ? name_authority_strict(text, ret_host) : HF_HELLO_OTHER;
	if (text.at[0] == '/' || is_same(text, "*"))
		return HF_HELLO_NAMELESS;
	if (!begins_with(text, "http://") || !hf_bytes_take(&text, strlen("http://"), &skipped))
		return HF_HELLO_OTHER;
	for (size_t i = 0; i < text.left; i++) {
		if (strchr("/?#", text.at[i]))
			text.left = i;
	}
	return name_authority_strict(text, ret_host);
}

static enum hf_hello agree(const struct head *head, char ret_host[HF_HOST_SIZE])
{
	char host[HF_HOST_SIZE];
	enum hf_hello target = name_target(head, host);
	if (target == HF_HELLO_OTHER || (target == HF_HELLO_NAMELESS && !head->has_host))
		return HF_HELLO_OTHER;
	if (target == HF_HELLO_NAMED && head->has_host && strcmp(host, head->host) != 0)
		return HF_HELLO_OTHER;
	memcpy(ret_host, target == HF_HELLO_NAMED ? host : head->host, HF_HOST_SIZE);
	return HF_HELLO_NAMED;
}

/* The end of what has come: a server may read on from here. */
static enum hf_hello unfinished(struct hf_bytes rest)
{
	if (rest.left > 0 && rest.at[rest.left - 1] == '\r')
		rest.left--;
	return is_plain(rest, true) ? HF_HELLO_MORE : HF_HELLO_OTHER;
}

/* What has come so far has gone to the server: each line is judged as it comes, since some take its end for another. */
enum hf_hello hf_hello_http_strict(struct hf_bytes in, char ret_host[HF_HOST_SIZE], size_t *ret_used)
{
	struct hf_bytes lines = in, line;
	struct head head = {.host = ""};
	if (!may_be_method(in))
		return HF_HELLO_OTHER;
	if (!take_until(&lines, "\r\n", &line))
		return unfinished(in);
	if (!take_request_line(line, &head))
		return HF_HELLO_OTHER;
	while (take_until(&lines, "\r\n", &line)) {
		if (line.left > 0 && !take_field(line, &head))
			return HF_HELLO_OTHER;
		if (line.left > 0)
			continue;
		enum hf_hello hello = agree(&head, ret_host);
		*ret_used = hello == HF_HELLO_NAMED && head.tunnel ? in.left - lines.left : 0;
		return hello;
	}
	return unfinished(lines);
}
