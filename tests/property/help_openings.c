/* SPDX-License-Identifier: MIT */
/*
 * Owns how openings of connections are made, as servers take them and nearly so, and how our reader's word is held
 * beside another's.
 * Must never call a disagreement harmless: what the other has read as listed and we have not refused, has been posted.
 */
#include "tests/property/help_openings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "agent/enforce/network/names/flows.h"
#include "tests/help/dice.h"

#define LISTED "x.com"
#define OTHER "council.example"

static struct hf_flows flows;

static void put(struct opening *to, const void *bytes, size_t n)
{
	if (to->n + n > OPENING_ROOM)
		return;
	memcpy(to->v + to->n, bytes, n);
	to->n += n;
}

static void put_number(struct opening *to, size_t value, size_t width)
{
	while (width-- > 0) {
		const uint8_t byte = (uint8_t)(value >> 8 * width);
		put(to, &byte, 1);
	}
}

static void put_text(struct opening *to, const char *text)
{
	put(to, text, strlen(text));
}

/* Some bytes changed, lost, or twice. */
static void mutate(struct opening *of)
{
	for (size_t n = below(3); n > 0 && of->n > 1; n--) {
		size_t at = below(of->n);
		switch (below(4)) {
		case 0:
			of->v[at] = (uint8_t)below(256);
			break;
		case 1:
			of->v[at] ^= (uint8_t)(1U << below(8));
			break;
		case 2:
			memmove(of->v + at, of->v + at + 1, of->n - at - 1);
			of->n--;
			break;
		default:
			if (of->n < OPENING_ROOM) {
				memmove(of->v + at + 1, of->v + at, of->n - at);
				of->n++;
			}
		}
	}
}

/* Ours --------------------------------------------------------------------------------------------------------------
 */

static bool may(void *arg, hf_user uid, const char *host)
{
	size_t n = strlen(host), m = strlen(LISTED);
	(void)arg;
	(void)uid;
	return strcmp(host, LISTED) != 0 && !(n > m && host[n - m - 1] == '.' && strcmp(host + n - m, LISTED) == 0);
}

static bool we_refuse(const struct opening *of)
{
	static const struct hf_sender sender = {true, 1001, true};
	struct hf_segment segment = {.from_port = 1, .seq = below(2) ? 7 : UINT32_MAX - 9, .opens = true};
	enum hf_flow_end end = hf_flows_take(&flows, &segment, &sender, 1);
	segment.opens = false;
	for (size_t at = 0; at < of->n && end != HF_FLOW_REFUSE;) {
		size_t n = below(3) == 0 ? 1 + below(40) : of->n - at;
		segment.data = of->v + at;
		segment.len = n < of->n - at ? n : of->n - at;
		end = hf_flows_take(&flows, &segment, &sender, 1);
		at += segment.len;
		segment.seq += (uint32_t)segment.len;
	}
	return end == HF_FLOW_REFUSE;
}

bool opening_is_listed(const char *name, size_t n)
{
	while (n > 0 && name[n - 1] == '.')
		n--;
	return n == strlen(LISTED) && strncasecmp(name, LISTED, n) == 0;
}

/* Openings of TLS ---------------------------------------------------------------------------------------------------
 */

static void put_name(struct opening *to, const char *name)
{
	size_t n = strlen(name), twice = below(12) == 0 ? n + 3 : 0;
	put_number(to, 0, 2);
	put_number(to, n + 5 + twice, 2);
	put_number(to, n + 3 + twice, 2);
	for (size_t i = 0; i <= (twice > 0); i++) {
		put_number(to, below(20) == 0, 1);
		put_number(to, n, 2);
		put_text(to, name);
	}
}

static void put_extension(struct opening *to, unsigned type, const void *bytes, size_t n)
{
	put_number(to, type, 2);
	put_number(to, n, 2);
	put(to, bytes, n);
}

static const char *some_name(void)
{
	static const char *const names[] = {LISTED,	 LISTED, LISTED, "X.com", "x.com.",
					    "api.x.com", OTHER,	 OTHER,	 "",	  "x.com\1"};
	return names[below(10)];
}

/* With no key of the group that it offers, a server of TLS 1.3 asks for another hello. */
static void put_extensions(struct opening *to, bool keyless, const char *name)
{
	static const uint8_t versions[] = {4, 3, 4, 3, 3}, groups[] = {0, 2, 0, 0x1d}, no_key[] = {0, 0},
			     kinds[] = {0, 6, 4, 3, 8, 4, 4, 1}, zeros[20000];
	uint8_t key[38] = {0, 36, 0, 0x1d, 0, 32, 9};
	bool before = below(2);
	if (before)
		put_name(to, name);
	if (below(10) > 0)
		put_extension(to, 43, versions, sizeof(versions));
	put_extension(to, 10, groups, sizeof(groups));
	put_extension(to, 13, kinds, sizeof(kinds));
	put_extension(to, 51, keyless ? no_key : key, keyless ? sizeof(no_key) : sizeof(key));
	if (below(8) == 0)
		put_extension(to, 21, zeros, below(sizeof(zeros)));
	if (below(16) == 0)
		put_extension(to, 42, zeros, 0);
	if (!before)
		put_name(to, name);
	if (below(12) == 0)
		put_name(to, some_name());
}

static void put_hello(struct opening *to, bool keyless, const char *name)
{
	static const uint8_t middle[] = {0, 0, 4, 0x13, 1, 0xc0, 0x2b, 1, 0};
	static struct opening extensions;
	extensions.n = 0;
	put_extensions(&extensions, keyless, name);
	put_number(to, 1, 1);
	put_number(to, 2 + 32 + sizeof(middle) + 2 + extensions.n, 3);
	put_number(to, 0x0303, 2);
	for (int i = 0; i < 32; i++)
		put_number(to, 7, 1);
	put(to, middle, sizeof(middle));
	put_number(to, extensions.n, 2);
	put(to, extensions.v, extensions.n);
}

/* In one record or several, with what some servers pass over before, between and behind. */
static void put_records(struct opening *to, const struct opening *of)
{
	static const uint8_t empty[] = {0x16, 3, 1, 0, 0}, alert[] = {0x15, 3, 1, 0, 2, 1, 90},
			     change[] = {0x14, 3, 3, 0, 1, 1};
	size_t most = below(3) == 0 ? 1 + below(200) : 16384;
	for (size_t at = 0; at < of->n; at += most) {
		size_t n = of->n - at < most ? of->n - at : most;
		if (below(30) == 0)
			put(to, empty, sizeof(empty));
		if (below(30) == 0)
			put(to, alert, sizeof(alert));
		if (below(30) == 0)
			put(to, change, sizeof(change));
		put_number(to, 0x16, 1);
		put_number(to, 0x0301 + below(3), 2);
		put_number(to, n, 2);
		put(to, of->v + at, n);
	}
}

void opening_make_tls(struct opening *to)
{
	static struct opening part;
	bool asks_again = below(4) == 0;
	to->n = part.n = 0;
	put_hello(&part, asks_again, asks_again ? OTHER : some_name());
	put_records(to, &part);
	if (asks_again) {
		part.n = 0;
		put_hello(&part, false, some_name());
		put_records(to, &part);
	}
	mutate(to);
}

/* HTTP --------------------------------------------------------------------------------------------------------------
 */

static const char *end_of_line(void)
{
	return below(25) == 0 ? "\n" : below(60) == 0 ? "\r\r\n" : "\r\n";
}

static void put_host(struct opening *to)
{
	static const char *const heads[] = {"Host: ",  "Host: ",  "Host: ",	"host:",       "HOST:\t",
					    "Host : ", " Host: ", "Host:\r\n ", "A: b\nHost: "};
	static const char *const tails[] = {"", "", "", ":80", " ", "\t", ":", ":a", "/", "?"};
	put_text(to, below(3) ? heads[0] : heads[below(9)]);
	if (below(20) == 0)
		put_text(to, OTHER "@");
	put_text(to, below(2) ? OTHER : some_name());
	put_text(to, below(3) ? tails[0] : tails[below(10)]);
	put_text(to, end_of_line());
}

/* The first words of a request to a proxy: a tunnel, or a whole address. */
static void put_proxy_request(struct opening *to)
{
	static const char *const methods[] = {"CONNECT ", "CONNECT ", "CONNECT ", "connect ", "Connect ", "CONNECT\t"};
	static const char *const schemes[] = {"http://", "http://",  "HTTP://", "ftp://",
					      "http:",	 "http:///", "https://"};
	static const char *const ports[] = {":443", ":443", ":80", "", ":", ":0443", ":443/", ":443@council.example"};
	const bool tunnel = below(2);
	put_text(to, tunnel ? methods[below(6)] : below(3) ? "GET " : "POST ");
	if (!tunnel)
		put_text(to, schemes[below(2) ? 0 : below(7)]);
	if (below(8) == 0)
		put_text(to, below(2) ? OTHER "@" : OTHER ":a@");
	put_text(to, below(12) == 0 ? "%78.com" : below(2) ? OTHER : some_name());
	if (tunnel || below(4) == 0)
		put_text(to, ports[below(3) ? 0 : below(8)]);
	if (!tunnel)
		put_text(to, below(8) == 0 ? "?" : "/");
}

static void put_request(struct opening *to)
{
	static const char *const methods[] = {"GET ", "POST ", "POST ", "get ", "OPTIONS ", "GET\t"};
	static const char *const schemes[] = {"http://", "http://", "HTTP://", "https://", "//"};
	put_text(to, below(3) ? methods[0] : methods[below(6)]);
	if (below(4) == 0) {
		put_text(to, schemes[below(5)]);
		put_text(to, below(8) == 0 ? OTHER "@" : "");
		put_text(to, some_name());
	}
	put_text(to, "/");
}

void opening_make_http(struct opening *to, bool to_proxy)
{
	static const char *const versions[] = {" HTTP/1.1", " HTTP/1.1", " HTTP/1.1", " HTTP/1.0",
					       "",	    " HTTP/1.2", "  HTTP/1.1"};
	static const char *const fields[] = {
		"A: b", "Content-Length: 0", "Connection: close", "Upgrade: websocket", "Upgrade: h2c", "A:", ": b",
		"A b"};
	to->n = 0;
	if (below(20) == 0)
		put_text(to, "\r\n");
	if (to_proxy)
		put_proxy_request(to);
	else
		put_request(to);
	put_text(to, below(3) ? versions[0] : versions[below(7)]);
	put_text(to, end_of_line());
	for (size_t n = below(3); n > 0; n--) {
		put_text(to, fields[below(3) ? below(4) : below(8)]);
		put_text(to, end_of_line());
	}
	for (size_t n = below(8) == 0 ? below(3) : 1; n > 0; n--)
		put_host(to);
	put_text(to, end_of_line());
	if (below(4) == 0)
		mutate(to);
}

/* Beside another ----------------------------------------------------------------------------------------------------
 */

static size_t n_listed, n_refused;

static void disagree(const char *who, const struct opening *of)
{
	char hex[2 * 6000 + 1] = "";
	for (size_t i = 0; i < of->n && i < 6000; i++)
		snprintf(hex + 2 * i, 3, "%02x", of->v[i]);
	cr_assert_fail("%s reads the listed name, and we do not refuse: %s", who, hex);
}

void opening_compare(const char *who, const struct opening *of, bool listed)
{
	bool refused = we_refuse(of);
	n_listed += listed;
	n_refused += refused;
	if (listed && !refused)
		disagree(who, of);
}

void openings_begin(void)
{
	flows.may = may;
	n_listed = n_refused = 0;
	dice_at = number_from("HF_SEED", 20261130);
}

/* A test of openings that nobody reads would prove nothing, and so would a reader that refuses all. */
void openings_judge(size_t n)
{
	printf("%zu openings are read as listed, %zu are refused, of %zu\n", n_listed, n_refused, n);
	cr_expect_gt(n_listed, n / 20, "of %zu openings %zu are read as listed", n, n_listed);
	cr_expect_lt(n_refused, n - n / 50, "of %zu openings %zu are refused", n, n_refused);
}
