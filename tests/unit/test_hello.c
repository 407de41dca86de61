/* SPDX-License-Identifier: MIT */
/*
 * Which server a new connection asks for: whole, in pieces, and written by somebody who wants past. Policy D9.2: a
 * tool is refused by its name where others share its address, and nothing else is.
 * Must never need a network.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/enforce/network/names/flows.h"
#include "agent/enforce/network/names/shut_hosts.h"

#define SIZE 20000

/* A ClientHello of one record: @padding bytes of another extension before the name; "" has no name. */
static size_t make_hello(uint8_t out[SIZE], const char *host, size_t padding)
{
	size_t n = strlen(host), name = n > 0 ? n + 9 : 0, pad = padding > 0 ? padding + 4 : 0, at = 0;
	size_t extensions = name + pad, body = 2 + 32 + 1 + 4 + 2 + 2 + extensions, all = body + 4;
	const uint8_t head[] = {
		0x16,	       3, 1, (uint8_t)(all >> 8), (uint8_t)all, 1, (uint8_t)(body >> 16), (uint8_t)(body >> 8),
		(uint8_t)body, 3, 3};
	const uint8_t middle[] = {0, 0, 2, 0x13, 1, 1, 0, (uint8_t)(extensions >> 8), (uint8_t)extensions};
	const uint8_t first[] = {0, 21, (uint8_t)(padding >> 8), (uint8_t)padding};
	const uint8_t sni[] = {0,
			       0,
			       (uint8_t)((n + 5) >> 8),
			       (uint8_t)(n + 5),
			       (uint8_t)((n + 3) >> 8),
			       (uint8_t)(n + 3),
			       0,
			       (uint8_t)(n >> 8),
			       (uint8_t)n};
	memset(out, 0, SIZE);
	memcpy(out, head, sizeof(head));
	at = sizeof(head) + 32;
	memcpy(out + at, middle, sizeof(middle));
	at += sizeof(middle);
	if (pad > 0)
		memcpy(out + at, first, sizeof(first));
	at += pad;
	if (name > 0) {
		memcpy(out + at, sni, sizeof(sni));
		memcpy(out + at + sizeof(sni), host, n);
	}
	return at + name;
}

Test(hello, names)
{
	static const struct {
		const char *what, *host, *want;
		enum hf_hello hello;
	} rows[] = {
		{"a name", "x.com", "x.com", HF_HELLO_NAMED},
		{"attack: capitals", "X.CoM", "x.com", HF_HELLO_NAMED},
		{"attack: a last dot", "x.com.", "x.com", HF_HELLO_NAMED},
		{"an underscore, as some have", "a_b.x.com", "a_b.x.com", HF_HELLO_NAMED},
		{"no name", "", NULL, HF_HELLO_NAMELESS},
		{"a dot alone", ".", NULL, HF_HELLO_NAMELESS},
		{"a space is no name", "x .com", NULL, HF_HELLO_OTHER},
		{"letters beyond ASCII are no name", "\xc3\xa9.com", NULL, HF_HELLO_OTHER},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		static uint8_t bytes[SIZE];
		char host[HF_HOST_SIZE] = "untouched";
		size_t used = 1, len = make_hello(bytes, rows[i].host, 0);
		cr_expect_eq(hf_hello_read(bytes, len, host, &used), rows[i].hello, "%s", rows[i].what);
		cr_expect_str_eq(host, rows[i].want ? rows[i].want : "untouched", "%s", rows[i].what);
		cr_expect_eq(used, 0, "%s", rows[i].what);
		/* Every shorter piece is an unfinished one. */
		for (size_t n = 0; n < len; n++)
			cr_expect_eq(hf_hello_read(bytes, n, host, &used), HF_HELLO_MORE, "%s: %zu bytes", rows[i].what,
				     n);
	}
}

Test(hello, sizes)
{
	static uint8_t bytes[SIZE];
	char host[HF_HOST_SIZE];
	char longest[HF_HOST_SIZE + 8];
	size_t used;
	cr_expect_eq(hf_hello_read(bytes, make_hello(bytes, "x.com", 2000), host, &used), HF_HELLO_NAMED,
		     "as Chromium sends it");
	cr_expect_eq(hf_hello_read(bytes, make_hello(bytes, "x.com", 16250), host, &used), HF_HELLO_NAMED,
		     "the longest");
	cr_expect_eq(hf_hello_read(bytes, make_hello(bytes, "x.com", 17000), host, &used), HF_HELLO_OTHER,
		     "a longer one is none");
	memset(longest, 'a', sizeof(longest));
	longest[HF_HOST_SIZE - 1] = '\0';
	cr_expect_eq(hf_hello_read(bytes, make_hello(bytes, longest, 0), host, &used), HF_HELLO_NAMED, "253 bytes");
	longest[HF_HOST_SIZE - 1] = 'a';
	longest[HF_HOST_SIZE] = '\0';
	cr_expect_eq(hf_hello_read(bytes, make_hello(bytes, longest, 0), host, &used), HF_HELLO_OTHER,
		     "254 bytes are no name");
}

Test(hello, http)
{
	static const struct {
		const char *what, *text, *want;
		enum hf_hello hello;
		bool tunnel;
	} rows[] = {
		{"a request", "GET / HTTP/1.1\r\nHost: x.com\r\n\r\n", "x.com", HF_HELLO_NAMED, false},
		{"with a port", "GET / HTTP/1.1\r\nA: b\r\nhost:\tX.com:8080\r\n\r\n", "x.com", HF_HELLO_NAMED, false},
		{"to a proxy", "POST http://x.com/a?b HTTP/1.0\r\nHost: other.example\r\n\r\n", "x.com", HF_HELLO_NAMED,
		 false},
		{"for a tunnel", "CONNECT x.com:443 HTTP/1.1\r\nHost: other.example\r\n\r\n", "x.com", HF_HELLO_NAMED,
		 true},
		{"for a tunnel to an address", "CONNECT [2001:db8::1]:443 HTTP/1.1\r\n\r\n", NULL, HF_HELLO_NAMELESS,
		 true},
		{"without a host", "GET / HTTP/1.0\r\n\r\n", NULL, HF_HELLO_NAMELESS, false},
		{"unfinished", "GET / HTTP/1.1\r\nHost: x.com\r\n", NULL, HF_HELLO_MORE, false},
		{"a method's beginning", "PO", NULL, HF_HELLO_MORE, false},
		{"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", NULL, HF_HELLO_OTHER, false},
		{"capitals without end", "AAAAAAAAAAAAAAAAAAAAAAAA", NULL, HF_HELLO_OTHER, false},
		{"another protocol with a like line", "GET / RTSP/1.0\r\nHost: x.com\r\n\r\n", NULL, HF_HELLO_OTHER,
		 false},
		{"one word", "GET\r\n\r\n", NULL, HF_HELLO_OTHER, false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char host[HF_HOST_SIZE] = "untouched";
		size_t used = 1, len = strlen(rows[i].text);
		cr_expect_eq(hf_hello_read((const uint8_t *)rows[i].text, len, host, &used), rows[i].hello, "%s",
			     rows[i].what);
		cr_expect_str_eq(host, rows[i].want ? rows[i].want : "untouched", "%s", rows[i].what);
		cr_expect_eq(used, rows[i].tunnel ? len : 0, "%s", rows[i].what);
	}
}

Test(hello, nonsense)
{
	static const struct {
		const char *what, *bytes;
		size_t len;
		enum hf_hello hello;
	} rows[] = {
		{"nothing", "", 0, HF_HELLO_MORE},
		{"another kind of record", "\x17\x03\x03\0\1a", 6, HF_HELLO_OTHER},
		{"an empty record", "\x16\x03\x01\0\0", 5, HF_HELLO_OTHER},
		{"a record too long", "\x16\x03\x01\xff\xff", 5, HF_HELLO_OTHER},
		{"no TLS version", "\x16\x02", 2, HF_HELLO_OTHER},
		{"a server's hello", "\x16\x03\x03\0\4\x02\0\0\0", 9, HF_HELLO_OTHER},
		{"a hello of no bytes", "\x16\x03\x01\0\4\x01\0\0\0", 9, HF_HELLO_OTHER},
		{"a hello too long to be one", "\x16\x03\x01\0\4\x01\xff\xff\xff", 9, HF_HELLO_OTHER},
		{"a record of another kind inside", "\x16\x03\x01\0\1\x01\x17\x03\x03\0\1\0", 12, HF_HELLO_OTHER},
		{"zeros", "\0\0\0\0\0\0\0\0", 8, HF_HELLO_OTHER},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char host[HF_HOST_SIZE] = "untouched";
		size_t used;
		cr_expect_eq(hf_hello_read((const uint8_t *)rows[i].bytes, rows[i].len, host, &used), rows[i].hello,
			     "%s", rows[i].what);
		cr_expect_str_eq(host, "untouched", "%s", rows[i].what);
	}
}

/* Flows -------------------------------------------------------------------------------------------------------------
 */

static struct hf_flows flows;

static bool may(void *arg, uid_t uid, const char *host)
{
	(void)arg;
	return uid == 1002 || strcmp(host, "x.com") != 0;
}

static struct hf_segment piece(const uint8_t *data, size_t len, uint32_t seq)
{
	struct hf_segment segment = {.from_port = 40000, .to_port = 443, .seq = seq, .data = data, .len = len};
	return segment;
}

static void begin(void)
{
	memset(&flows, 0, sizeof(flows));
	flows.may = may;
}

Test(flows, every_split)
{
	static uint8_t bytes[SIZE];
	size_t len = make_hello(bytes, "x.com", 40);
	for (size_t cut = 1; cut < len; cut++) {
		const struct hf_segment first = piece(bytes, cut, 0xfffffff0), again = piece(bytes, cut, 0xfffffff0),
					rest = piece(bytes + cut, len - cut, 0xfffffff0 + (uint32_t)cut);
		begin();
		cr_expect_eq(hf_flows_take(&flows, &first, 1001, 1), HF_FLOW_WAIT, "D9.2: %zu bytes first", cut);
		cr_expect_eq(hf_flows_take(&flows, &again, 1001, 1), HF_FLOW_WAIT, "sent again: %zu", cut);
		cr_expect_eq(hf_flows_take(&flows, &rest, 1001, 1), HF_FLOW_REFUSE, "D9.2: the rest after %zu", cut);
		cr_expect_eq(hf_flows_take(&flows, &first, 1002, 1), HF_FLOW_WAIT, "D9.1: the exempt person");
		cr_expect_eq(hf_flows_take(&flows, &rest, 1002, 1), HF_FLOW_PASS, "D9.1: passes");
	}
}

Test(flows, gaps_and_repeats)
{
	static uint8_t bytes[SIZE];
	size_t len = make_hello(bytes, "x.com", 40);
	const struct hf_segment first = piece(bytes, 20, 100), late = piece(bytes + 40, len - 40, 140),
				before = piece(bytes, 5, 50), over = piece(bytes + 10, len - 10, 110);
	begin();
	cr_expect_eq(hf_flows_take(&flows, &first, 1001, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &late, 1001, 1), HF_FLOW_PASS, "nobody can be sure of what has a hole");
	begin();
	cr_expect_eq(hf_flows_take(&flows, &first, 1001, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &before, 1001, 1), HF_FLOW_WAIT, "older bytes add nothing");
	cr_expect_eq(hf_flows_take(&flows, &over, 1001, 1), HF_FLOW_REFUSE, "what overlaps counts once");
}

Test(flows, tunnel)
{
	static uint8_t bytes[SIZE];
	static const char ask[] = "CONNECT proxy.example:443 HTTP/1.1\r\n\r\n",
			  shut[] = "CONNECT x.com:443 HTTP/1.1\r\n\r\n";
	size_t len = make_hello(bytes, "x.com", 0);
	const struct hf_segment first = piece((const uint8_t *)ask, strlen(ask), 7),
				rest = piece(bytes, len, 7 + (uint32_t)strlen(ask)),
				no = piece((const uint8_t *)shut, strlen(shut), 7);
	begin();
	cr_expect_eq(hf_flows_take(&flows, &first, 1001, 1), HF_FLOW_WAIT, "a tunnel begins anew");
	cr_expect_eq(hf_flows_take(&flows, &rest, 1001, 1), HF_FLOW_REFUSE, "attack: the name inside the tunnel");
	cr_expect_eq(hf_flows_take(&flows, &no, 1001, 1), HF_FLOW_REFUSE, "attack: the name asked of the proxy");
}

Test(flows, room)
{
	static const uint8_t one[] = {0x16};
	struct hf_segment segment = piece(one, 1, 1);
	begin();
	for (uint16_t i = 0; i < HF_FLOWS_OF_USER; i++) {
		segment.from_port = i;
		cr_expect_eq(hf_flows_take(&flows, &segment, 1001, 1), HF_FLOW_WAIT);
	}
	segment.from_port = HF_FLOWS_OF_USER;
	cr_expect_eq(hf_flows_take(&flows, &segment, 1001, 1), HF_FLOW_LATER,
		     "attack: halves without end drive out no half");
	cr_expect_eq(hf_flows_take(&flows, &segment, 1003, 1), HF_FLOW_WAIT, "another user has room");
	segment.from_port = HF_FLOWS_OF_USER + 1;
	cr_expect_eq(hf_flows_take(&flows, &segment, 1001, 2 + HF_FLOW_S), HF_FLOW_WAIT, "old ones are forgotten");
}

Test(flows, packets)
{
	static const uint8_t v4[] = {0x45, 0, 0,   42, 0,    0,	   0,	 0,    64, 6,	 0, 0, 10,  0,
				     0,	   1, 203, 0,  113,  9,	   0x9c, 0x40, 1,  0xbb, 0, 0, 1,   0,
				     0,	   0, 0,   0,  0x50, 0x18, 0,	 0,    0,  0,	 0, 0, 'h', 'i'};
	static const uint8_t v6[] = {0x60, 0, 0, 0, 0,	  22,	6, 64, 0x20, 1,	   0xd, 0xb8, 0,   0,  0, 0,
				     0,	   0, 0, 0, 0,	  0,	0, 1,  0x20, 1,	   0xd, 0xb8, 0,   0,  0, 0,
				     0,	   0, 0, 0, 0,	  0,	0, 2,  0x9c, 0x40, 1,	0xbb, 0,   0,  1, 0,
				     0,	   0, 0, 0, 0x50, 0x02, 0, 0,  0,    0,	   0,	0,    'h', 'i'};
	struct hf_segment segment;
	char text[HF_ADDR_TEXT_SIZE];
	cr_assert(hf_segment_read(v4, sizeof(v4), &segment));
	cr_expect_str_eq(hf_addr_print(&segment.to, text), "203.0.113.9");
	cr_expect_eq(segment.from_port, 40000);
	cr_expect_eq(segment.to_port, 443);
	cr_expect_eq(segment.seq, 256);
	cr_expect_eq(segment.len, 2);
	cr_assert(hf_segment_read(v6, sizeof(v6), &segment));
	cr_expect_str_eq(hf_addr_print(&segment.to, text), "2001:db8::2");
	cr_expect_eq(segment.seq, 257, "data beside a SYN begins one later");
	for (size_t n = 0; n < 40; n++)
		cr_expect_not(hf_segment_read(v4, n, &segment), "cut to %zu", n);
	for (size_t n = 0; n < 60; n++)
		cr_expect_not(hf_segment_read(v6, n, &segment), "cut to %zu", n);
}

/* What is shut ------------------------------------------------------------------------------------------------------
 */

static const char *one_host[] = {"x.com"}, *two_hosts[] = {"x.com", "pro.x.com"};
static struct hf_strs none_listed, one_listed = {one_host, 1}, two_listed = {two_hosts, 2};

Test(shut, plan)
{
	struct hf_block blocks[] = {
		{.addresses = &one_listed,
		 .dedicated = &one_listed,
		 .programs = &none_listed,
		 .open_for = {1003, 1002},
		 .n_open_for = 2},
		{.addresses = &two_listed,
		 .dedicated = &none_listed,
		 .programs = &none_listed,
		 .open_for = {1002},
		 .n_open_for = 1},
	};
	const struct hf_plan plan = {blocks, 2}, empty = {NULL, 0};
	hf_auto_shut_hosts struct hf_shut_hosts shut = {0}, again = {0}, nothing = {0};
	hf_auto_json json_t *doc = NULL;
	struct hf_users spared;
	cr_assert_eq(hf_shut_hosts_of_plan(&plan, &shut, NULL), HF_OK);
	doc = hf_shut_hosts_to_json(&shut);
	cr_assert_eq(hf_shut_hosts_from_json(doc, &again, NULL), HF_OK);
	cr_assert_eq(again.n, 2, "each host once");
	static const struct {
		const char *what, *host;
		uid_t uid;
		bool may;
	} rows[] = {
		{"D9.2: the host", "x.com", 1001, false},
		{"D9.2: a subdomain", "api.x.com", 1001, false},
		{"D9.2: deep below", "a.b.c.pro.x.com", 1001, false},
		{"another that ends alike", "netflix.com", 1001, true},
		{"the name above", "com", 1001, true},
		{"no name", "", 1001, true},
		{"D9.1: exempt in both", "x.com", 1002, true},
		{"D9.1: exempt in one of two blocks of the host", "x.com", 1003, false},
		{"root", "x.com", 0, true},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_shut_hosts_may(&again, rows[i].uid, rows[i].host), rows[i].may, "%s", rows[i].what);
	hf_shut_hosts_spared(&again, &spared);
	cr_expect_eq(spared.n, 1);
	cr_expect_eq(spared.v[0], 1002);
	cr_assert_eq(hf_shut_hosts_of_plan(&empty, &nothing, NULL), HF_OK);
	cr_expect(hf_shut_hosts_may(&nothing, 1001, "x.com"), "D9.3: nothing is shut");
}

Test(shut, nonsense)
{
	static const char *const texts[] = {"{}",
					    "{\"hosts\":{}}",
					    "{\"hosts\":[1]}",
					    "{\"hosts\":[{\"host\":\"x.com\"}]}",
					    "{\"hosts\":[{\"host\":1,\"open_for\":[]}]}",
					    "{\"hosts\":[{\"host\":\"x.com\",\"open_for\":[-1]}]}",
					    "{\"hosts\":[{\"host\":\"x.com\",\"open_for\":[4294967296]}]}"};
	for (size_t i = 0; i < HF_LEN(texts); i++) {
		hf_auto_json json_t *doc = json_loads(texts[i], 0, NULL);
		struct hf_shut_hosts shut = {0};
		cr_assert_not_null(doc);
		cr_expect_eq(hf_shut_hosts_from_json(doc, &shut, NULL), HF_E_SHAPE, "%s", texts[i]);
		cr_expect_null(shut.v, "untouched");
	}
}
