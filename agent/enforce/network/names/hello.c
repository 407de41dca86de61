/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the first bytes of a connection.
 * Must never read past its bytes, nor call a name what is not one.
 */
#include "agent/enforce/network/names/hello.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define RECORD_HANDSHAKE 0x16
#define RECORD_HEADER 5
#define RECORD_MOST 16384 /* RFC 8446 section 5.1 */
#define CLIENT_HELLO 1
#define HANDSHAKE_HEADER 4
#define SERVER_NAME 0
#define HOST_NAME 0
#define METHOD_MOST 16

/* Bytes that are read from the front. */
struct bytes {
	const uint8_t *at;
	size_t left;
};

/* Takes n bytes; false when there are fewer. */
static bool take_bytes(struct bytes *from, size_t n, struct bytes *ret)
{
	if (from->left < n)
		return false;
	*ret = (struct bytes){from->at, n};
	from->at += n;
	from->left -= n;
	return true;
}

/* Takes what a number of so many bytes says how long it is. */
static bool take_counted(struct bytes *from, size_t width, struct bytes *ret)
{
	struct bytes number;
	size_t n = 0;
	if (!take_bytes(from, width, &number))
		return false;
	for (size_t i = 0; i < width; i++)
		n = n << 8 | number.at[i];
	return take_bytes(from, n, ret);
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static char lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static enum hf_hello name_it(struct bytes name, char ret_host[HF_HOST_SIZE])
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

/* TLS ------------------------------------------------------------------------------------------------------------- */

static enum hf_hello read_server_name(struct bytes extension, char ret_host[HF_HOST_SIZE])
{
	struct bytes list, kind, name;
	if (!take_counted(&extension, 2, &list))
		return HF_HELLO_OTHER;
	while (list.left > 0) {
		if (!take_bytes(&list, 1, &kind) || !take_counted(&list, 2, &name))
			return HF_HELLO_OTHER;
		if (kind.at[0] == HOST_NAME)
			return name_it(name, ret_host);
	}
	return HF_HELLO_NAMELESS;
}

static enum hf_hello read_client_hello(struct bytes body, char ret_host[HF_HOST_SIZE])
{
	struct bytes skipped, extensions, type, extension;
	if (!take_bytes(&body, 2 + 32, &skipped) || !take_counted(&body, 1, &skipped) ||
	    !take_counted(&body, 2, &skipped) || !take_counted(&body, 1, &skipped))
		return HF_HELLO_OTHER;
	if (body.left == 0)
		return HF_HELLO_NAMELESS;
	if (!take_counted(&body, 2, &extensions))
		return HF_HELLO_OTHER;
	while (extensions.left > 0) {
		if (!take_bytes(&extensions, 2, &type) || !take_counted(&extensions, 2, &extension))
			return HF_HELLO_OTHER;
		if (type.at[0] == 0 && type.at[1] == SERVER_NAME)
			return read_server_name(extension, ret_host);
	}
	return HF_HELLO_NAMELESS;
}

/* A handshake message may lie in several records: their contents are put together. False: this is no handshake. */
static bool join_records(struct bytes in, uint8_t joined[HF_HELLO_MAX], size_t *ret_len)
{
	struct bytes header, part;
	size_t n = 0;
	while (in.left > 0) {
		if (in.at[0] != RECORD_HANDSHAKE || (in.left > 1 && in.at[1] != 3))
			return false;
		if (!take_bytes(&in, RECORD_HEADER, &header))
			break;
		size_t len = (size_t)header.at[3] << 8 | header.at[4];
		if (len == 0 || len > RECORD_MOST)
			return false;
		if (!take_bytes(&in, len < in.left ? len : in.left, &part) || part.left > HF_HELLO_MAX - n)
			return false;
		memcpy(joined + n, part.at, part.left);
		n += part.left;
	}
	*ret_len = n;
	return true;
}

static enum hf_hello read_tls(struct bytes in, char ret_host[HF_HOST_SIZE])
{
	uint8_t joined[HF_HELLO_MAX];
	size_t n = 0;
	if (!join_records(in, joined, &n))
		return HF_HELLO_OTHER;
	if (n > 0 && joined[0] != CLIENT_HELLO)
		return HF_HELLO_OTHER;
	if (n < HANDSHAKE_HEADER)
		return HF_HELLO_MORE;
	size_t len = (size_t)joined[1] << 16 | (size_t)joined[2] << 8 | joined[3];
	if (len > HF_HELLO_MAX - HANDSHAKE_HEADER)
		return HF_HELLO_OTHER;
	if (n - HANDSHAKE_HEADER < len)
		return HF_HELLO_MORE;
	return read_client_hello((struct bytes){joined + HANDSHAKE_HEADER, len}, ret_host);
}

/* HTTP ------------------------------------------------------------------------------------------------------------ */

/* Takes up to and without the end; false when it is not there. */
static bool take_until(struct bytes *from, const char *end, struct bytes *ret)
{
	size_t n = strlen(end);
	const uint8_t *found = memmem(from->at, from->left, end, n);
	struct bytes skipped;
	return found && take_bytes(from, (size_t)(found - from->at), ret) && take_bytes(from, n, &skipped);
}

static bool begins_with(struct bytes text, const char *with)
{
	size_t n = strlen(with);
	return text.left >= n && strncasecmp((const char *)text.at, with, n) == 0;
}

/* host or host:port, perhaps with spaces around it, perhaps with a path after it */
static enum hf_hello name_authority(struct bytes text, char ret_host[HF_HOST_SIZE])
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
	return name_it(text, ret_host);
}

static enum hf_hello read_host_line(struct bytes lines, char ret_host[HF_HOST_SIZE])
{
	struct bytes line;
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
static bool may_be_method(struct bytes in)
{
	size_t n = 0;
	while (n < in.left && n < METHOD_MOST && in.at[n] >= 'A' && in.at[n] <= 'Z')
		n++;
	return n == in.left || (n > 0 && n < METHOD_MOST && in.at[n] == ' ');
}

static enum hf_hello read_http(struct bytes in, char ret_host[HF_HOST_SIZE], size_t *ret_used)
{
	struct bytes lines = in, head, line, method, target;
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

enum hf_hello hf_hello_read(const uint8_t *buf, size_t len, char ret_host[HF_HOST_SIZE], size_t *ret_used)
{
	struct bytes in = {buf, len < HF_HELLO_MAX ? len : HF_HELLO_MAX};
	enum hf_hello hello;
	*ret_used = 0;
	if (in.left == 0)
		return HF_HELLO_MORE;
	hello = in.at[0] == RECORD_HANDSHAKE ? read_tls(in, ret_host) : read_http(in, ret_host, ret_used);
	return hello == HF_HELLO_MORE && len >= HF_HELLO_MAX ? HF_HELLO_OTHER : hello;
}
