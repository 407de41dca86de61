/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the first bytes of a connection.
 * Must never read past its bytes, nor call a name what is not one.
 */
#include "agent/enforce/network/names/hello_parts.h"

#include <string.h>

#include <holdfast/str.h>

#define RECORD_CHANGE 0x14
#define RECORD_HANDSHAKE 0x16
#define RECORD_DATA 0x17
#define RECORD_HEADER 5
#define RECORD_MOST 16384 /* RFC 8446 section 5.1 */
#define CLIENT_HELLO 1
#define HANDSHAKE_HEADER 4
#define SERVER_NAME 0
#define EARLY_DATA 42
#define HOST_NAME 0

/* Takes what a number of so many bytes says how long it is. */
static bool take_counted(struct hf_bytes *from, size_t width, struct hf_bytes *ret)
{
	struct hf_bytes number;
	size_t n = 0;
	if (!hf_bytes_take(from, width, &number))
		return false;
	for (size_t i = 0; i < width; i++)
		n = n << 8 | number.at[i];
	return hf_bytes_take(from, n, ret);
}

/* TLS ------------------------------------------------------------------------------------------------------------- */

static enum hf_hello read_server_name(struct hf_bytes extension, char ret_host[HF_HOST_SIZE])
{
	struct hf_bytes list, kind, name;
	if (!take_counted(&extension, 2, &list))
		return HF_HELLO_OTHER;
	while (list.left > 0) {
		if (!hf_bytes_take(&list, 1, &kind) || !take_counted(&list, 2, &name))
			return HF_HELLO_OTHER;
		if (kind.at[0] == HOST_NAME)
			return hf_hello_name(name, ret_host);
	}
	return HF_HELLO_NAMELESS;
}

/* RFC 6066 section 3 allows one name of a kind, and there is but one kind. */
static enum hf_hello read_server_name_strict(struct hf_bytes extension, char ret_host[HF_HOST_SIZE])
{
	struct hf_bytes list, kind, name;
	if (!take_counted(&extension, 2, &list) || extension.left > 0 || !hf_bytes_take(&list, 1, &kind) ||
	    !take_counted(&list, 2, &name) || list.left > 0 || kind.at[0] != HOST_NAME)
		return HF_HELLO_OTHER;
	return hf_hello_site(name, ret_host);
}

/* Up to the extensions. HF_HELLO_NAMED: they are there. */
static enum hf_hello find_extensions(struct hf_bytes body, struct hf_bytes *ret_extensions, size_t *ret_left)
{
	struct hf_bytes skipped;
	if (!hf_bytes_take(&body, 2 + 32, &skipped) || !take_counted(&body, 1, &skipped) ||
	    !take_counted(&body, 2, &skipped) || !take_counted(&body, 1, &skipped))
		return HF_HELLO_OTHER;
	if (body.left == 0)
		return HF_HELLO_NAMELESS;
	if (!take_counted(&body, 2, ret_extensions))
		return HF_HELLO_OTHER;
	*ret_left = body.left;
	return HF_HELLO_NAMED;
}

static enum hf_hello read_client_hello(struct hf_bytes body, char ret_host[HF_HOST_SIZE])
{
	struct hf_bytes extensions, type, extension;
	size_t left;
	enum hf_hello hello = find_extensions(body, &extensions, &left);
	if (hello != HF_HELLO_NAMED)
		return hello;
	while (extensions.left > 0) {
		if (!hf_bytes_take(&extensions, 2, &type) || !take_counted(&extensions, 2, &extension))
			return HF_HELLO_OTHER;
		if (type.at[0] == 0 && type.at[1] == SERVER_NAME)
			return read_server_name(extension, ret_host);
	}
	return HF_HELLO_NAMELESS;
}

/* To the last byte: servers differ in which of two names they take. */
static enum hf_hello read_client_hello_strict(struct hf_bytes body, struct hf_said *said)
{
	struct hf_bytes extensions, type, extension;
	size_t left;
	enum hf_hello hello = find_extensions(body, &extensions, &left), named = HF_HELLO_NAMELESS;
	if (hello != HF_HELLO_NAMED || left > 0)
		return HF_HELLO_OTHER;
	while (extensions.left > 0) {
		if (!hf_bytes_take(&extensions, 2, &type) || !take_counted(&extensions, 2, &extension))
			return HF_HELLO_OTHER;
		if (type.at[0] == 0 && type.at[1] == EARLY_DATA)
			said->early = true;
		if (type.at[0] != 0 || type.at[1] != SERVER_NAME)
			continue;
		if (named != HF_HELLO_NAMELESS)
			return HF_HELLO_OTHER;
		named = read_server_name_strict(extension, said->host);
		if (named == HF_HELLO_NAMELESS)
			return HF_HELLO_OTHER;
	}
	return named;
}

/* A handshake message, put together from the records in which it lies. */
struct message {
	uint8_t v[HF_HELLO_MAX];
	size_t n;    /* bytes of it so far */
	size_t used; /* bytes of the records that were looked at */
};

static bool is_whole(const struct message *message, size_t *ret_len)
{
	const uint8_t *at = message->v;
	if (message->n < HANDSHAKE_HEADER)
		return false;
	*ret_len = (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
	return message->n - HANDSHAKE_HEADER >= *ret_len;
}

/* What lies behind a whole message is of no matter here. False: this is no handshake. */
static bool join_records(struct hf_bytes in, struct message *message)
{
	struct hf_bytes header, part;
	size_t all = in.left, whole;
	while (in.left > 0 && !is_whole(message, &whole)) {
		if (in.at[0] != RECORD_HANDSHAKE || (in.left > 1 && in.at[1] != 3))
			return false;
		if (!hf_bytes_take(&in, RECORD_HEADER, &header))
			break;
		size_t len = (size_t)header.at[3] << 8 | header.at[4];
		if (len == 0 || len > RECORD_MOST)
			return false;
		if (!hf_bytes_take(&in, len < in.left ? len : in.left, &part) || part.left > HF_HELLO_MAX - message->n)
			return false;
		memcpy(message->v + message->n, part.at, part.left);
		message->n += part.left;
	}
	message->used = all - in.left;
	return true;
}

/* HF_HELLO_NAMED: it is there, as long as ret_len says. */
static enum hf_hello read_message(struct hf_bytes in, struct message *message, size_t *ret_len)
{
	message->n = 0;
	if (!join_records(in, message) || (message->n > 0 && message->v[0] != CLIENT_HELLO))
		return HF_HELLO_OTHER;
	bool whole = is_whole(message, ret_len);
	if (message->n >= HANDSHAKE_HEADER && *ret_len > HF_HELLO_MAX - HANDSHAKE_HEADER)
		return HF_HELLO_OTHER;
	return whole ? HF_HELLO_NAMED : HF_HELLO_MORE;
}

static enum hf_hello read_tls(struct hf_bytes in, char ret_host[HF_HOST_SIZE])
{
	struct message message;
	size_t len = 0;
	enum hf_hello hello = read_message(in, &message, &len);
	return hello == HF_HELLO_NAMED
		       ? read_client_hello((struct hf_bytes){message.v + HANDSHAKE_HEADER, len}, ret_host)
		       : hello;
}

/* A record that holds more than the hello is none that a client sends. */
static enum hf_hello read_tls_strict(struct hf_bytes in, struct hf_said *said)
{
	struct message message;
	size_t len = 0;
	enum hf_hello hello = read_message(in, &message, &len);
	if (hello != HF_HELLO_NAMED)
		return hello;
	if (message.n != HANDSHAKE_HEADER + len)
		return HF_HELLO_OTHER;
	said->used = message.used;
	said->tls = true;
	return read_client_hello_strict((struct hf_bytes){message.v + HANDSHAKE_HEADER, len}, said);
}

static enum hf_hello at_most(enum hf_hello hello, size_t len)
{
	return hello == HF_HELLO_MORE && len >= HF_HELLO_MAX ? HF_HELLO_OTHER : hello;
}

static struct hf_bytes first_bytes(const uint8_t *buf, size_t len)
{
	return (struct hf_bytes){buf, len < HF_HELLO_MAX ? len : HF_HELLO_MAX};
}

enum hf_hello hf_hello_read(const uint8_t *buf, size_t len, char ret_host[HF_HOST_SIZE], size_t *ret_used)
{
	struct hf_bytes in = first_bytes(buf, len);
	*ret_used = 0;
	if (in.left == 0)
		return HF_HELLO_MORE;
	return at_most(in.at[0] == RECORD_HANDSHAKE ? read_tls(in, ret_host) : hf_hello_http(in, ret_host, ret_used),
		       len);
}

enum hf_hello hf_hello_strict(const uint8_t *buf, size_t len, struct hf_said *ret)
{
	struct hf_bytes in = first_bytes(buf, len);
	memset(ret, 0, sizeof(*ret));
	if (in.left == 0)
		return HF_HELLO_MORE;
	return at_most(in.at[0] == RECORD_HANDSHAKE ? read_tls_strict(in, ret)
						    : hf_hello_http_strict(in, ret->host, &ret->used),
		       len);
}

/* Of what a server that asks for another hello passes over: a change of cipher, and early data. */
static enum hf_hello pass_over(struct hf_bytes in, bool early, struct hf_said *said)
{
	struct hf_bytes header;
	bool changes = in.at[0] == RECORD_CHANGE;
	if (!changes && !(early && in.at[0] == RECORD_DATA))
		return in.at[0] == RECORD_DATA ? HF_HELLO_OTHER : HF_HELLO_COUNT;
	if (!hf_bytes_take(&in, RECORD_HEADER, &header))
		return HF_HELLO_MORE;
	size_t len = (size_t)header.at[3] << 8 | header.at[4];
	if (len == 0 || len > (changes ? 1 : RECORD_MOST + 256))
		return HF_HELLO_COUNT;
	said->used = RECORD_HEADER + len;
	return HF_HELLO_NAMELESS;
}

/* An alert, or an empty record, is passed over by some servers and by others not. */
enum hf_hello hf_hello_again(const uint8_t *buf, size_t len, bool early, struct hf_said *ret)
{
	struct hf_bytes in = first_bytes(buf, len);
	memset(ret, 0, sizeof(*ret));
	if (in.left == 0)
		return HF_HELLO_MORE;
	if (in.at[0] != RECORD_HANDSHAKE)
		return pass_over(in, early, ret);
	if (in.left <= RECORD_HEADER)
		return HF_HELLO_MORE;
	if (in.at[3] == 0 && in.at[4] == 0)
		return HF_HELLO_COUNT;
	if (in.at[RECORD_HEADER] != CLIENT_HELLO)
		return HF_HELLO_OTHER;
	enum hf_hello hello = at_most(read_tls_strict(in, ret), len);
	return hello == HF_HELLO_NAMED || hello == HF_HELLO_MORE ? hello : HF_HELLO_COUNT;
}

bool hf_hello_is_outer(const char *host)
{
	/* Those that are published in DNS by whoever serves many sites: Cloudflare's, and that of the public trial. */
	static const char *const outer[] = {"cloudflare-ech.com", "public.tls-ech.dev"};
	for (size_t i = 0; i < HF_LEN(outer); i++) {
		if (strcmp(host, outer[i]) == 0)
			return true;
	}
	return false;
}
