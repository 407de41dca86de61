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
static const struct hf_sender staff = {true, 1001, false}, exempt = {true, 1002, false}, other = {true, 1003, false};

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
		cr_expect_eq(hf_flows_take(&flows, &first, &staff, 1), HF_FLOW_WAIT, "D9.2: %zu bytes first", cut);
		cr_expect_eq(hf_flows_take(&flows, &again, &staff, 1), HF_FLOW_WAIT, "sent again: %zu", cut);
		cr_expect_eq(hf_flows_take(&flows, &rest, &staff, 1), HF_FLOW_REFUSE, "D9.2: the rest after %zu", cut);
		cr_expect_eq(hf_flows_take(&flows, &first, &exempt, 1), HF_FLOW_WAIT, "D9.1: the exempt person");
		cr_expect_eq(hf_flows_take(&flows, &rest, &exempt, 1), HF_FLOW_PASS, "D9.1: passes");
	}
}

Test(flows, gaps_and_repeats)
{
	static uint8_t bytes[SIZE];
	size_t len = make_hello(bytes, "x.com", 40);
	const struct hf_segment first = piece(bytes, 20, 100), late = piece(bytes + 40, len - 40, 140),
				before = piece(bytes, 5, 50), over = piece(bytes + 10, len - 10, 110);
	begin();
	cr_expect_eq(hf_flows_take(&flows, &first, &staff, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &late, &staff, 1), HF_FLOW_PASS, "nobody can be sure of what has a hole");
	begin();
	cr_expect_eq(hf_flows_take(&flows, &first, &staff, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &before, &staff, 1), HF_FLOW_WAIT, "older bytes add nothing");
	cr_expect_eq(hf_flows_take(&flows, &over, &staff, 1), HF_FLOW_REFUSE, "what overlaps counts once");
}

/* Attack: a program says the rest, and closes before the kernel sends it. */
Test(flows, closed_before_its_bytes_go)
{
	static uint8_t bytes[SIZE];
	static const struct hf_sender gone = {false, UINT32_MAX, false};
	size_t len = make_hello(bytes, "x.com", 40);
	const struct hf_segment first = piece(bytes, 20, 100), rest = piece(bytes + 20, len - 20, 120),
				whole = piece(bytes, len, 100);
	begin();
	cr_expect_eq(hf_flows_take(&flows, &first, &staff, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &rest, &gone, 1), HF_FLOW_REFUSE, "it is theirs still");
	cr_expect_eq(hf_flows_take(&flows, &first, &exempt, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &rest, &gone, 1), HF_FLOW_PASS, "D9.1: and so is an exempt person's");
	cr_expect_eq(hf_flows_take(&flows, &whole, &gone, 1), HF_FLOW_REFUSE, "nobody's is judged as if it were anybody's");
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
	cr_expect_eq(hf_flows_take(&flows, &first, &staff, 1), HF_FLOW_WAIT, "a tunnel begins anew");
	cr_expect_eq(hf_flows_take(&flows, &rest, &staff, 1), HF_FLOW_REFUSE, "attack: the name inside the tunnel");
	cr_expect_eq(hf_flows_take(&flows, &no, &staff, 1), HF_FLOW_REFUSE, "attack: the name asked of the proxy");
}

/* Nobody lets a name pass in halves by sending halves without end: the first of them may not go on. */
Test(flows, room)
{
	static const uint8_t one[] = {0x16};
	struct hf_segment segment = piece(one, 1, 1);
	begin();
	for (uint16_t i = 0; i <= HF_PARTS_OF_USER; i++) {
		segment.from_port = i;
		cr_expect_eq(hf_flows_take(&flows, &segment, &staff, 1 + i), HF_FLOW_WAIT);
	}
	segment.from_port = 0;
	segment.seq = 2;
	cr_expect_eq(hf_flows_take(&flows, &segment, &staff, 70), HF_FLOW_REFUSE, "attack: its second half is refused");
	segment.from_port = 1;
	cr_expect_eq(hf_flows_take(&flows, &segment, &staff, 70), HF_FLOW_PASS, "the others go on");
	segment.from_port = 0;
	cr_expect_eq(hf_flows_take(&flows, &segment, &other, 70), HF_FLOW_REFUSE, "it stays refused");
	segment.from_port = 900;
	cr_expect_eq(hf_flows_take(&flows, &segment, &other, 70), HF_FLOW_WAIT, "another user has room");
	cr_expect_eq(hf_flows_take(&flows, &segment, &staff, 80 + HF_FLOW_S), HF_FLOW_WAIT, "old ones are forgotten");
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

/* Where a listed site lives -----------------------------------------------------------------------------------------
 */

static const struct hf_sender strict = {true, 1001, true}, closed = {false, 0, true};

static struct hf_segment syn(uint16_t port, uint32_t seq)
{
	return (struct hf_segment){.from_port = port, .to_port = 443, .seq = seq, .opens = true};
}

/* What becomes of these bytes as the first of a connection, in one packet. */
static enum hf_flow_end said(const void *bytes, size_t len)
{
	const struct hf_segment first = syn(40000, 100), data = piece(bytes, len, 100);
	begin();
	cr_assert_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN);
	return hf_flows_take(&flows, &data, &strict, 1);
}

#define COUNCIL "GET / HTTP/1.1\r\nHost: council.example\r\n"

Test(strict, requests)
{
	static const struct {
		const char *what, *text;
		enum hf_flow_end end;
	} rows[] = {
		{"another site", COUNCIL "\r\n", HF_FLOW_PASS},
		{"with blanks around its name", "GET / HTTP/1.0\r\nHOST:\t council.example:80 \r\n\r\n", HF_FLOW_PASS},
		{"to a proxy", "GET http://council.example/?a HTTP/1.1\r\nHost: council.example\r\n\r\n", HF_FLOW_PASS},
		{"a web socket", COUNCIL "Upgrade: WebSocket\r\n\r\n", HF_FLOW_PASS},
		{"unfinished", COUNCIL, HF_FLOW_WAIT},
		{"unfinished between CR and LF", "GET / HTTP/1.1\r", HF_FLOW_WAIT},
		{"D9.2: a listed site", "GET / HTTP/1.1\r\nHost: x.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: bare LF", "GET / HTTP/1.1\nHost: x.com\n\n", HF_FLOW_REFUSE},
		{"attack: one bare LF", COUNCIL "a: b\nHost: x.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: bare LF, not yet at its end", "GET / HTTP/1.1\nH", HF_FLOW_REFUSE},
		{"attack: bare CR", "GET / HTTP/1.1\r\nHost: council.example\rHost: x.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: CRLF before it", "\r\n" COUNCIL "\r\n", HF_FLOW_REFUSE},
		{"attack: user information", "GET http://council.example@x.com/ HTTP/1.1\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: user information in Host", "GET / HTTP/1.1\r\nHost: council.example@x.com\r\n\r\n",
		 HF_FLOW_REFUSE},
		{"attack: a blank before the colon", "GET / HTTP/1.1\r\nHost : x.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: that beside a plain one", COUNCIL "Host : x.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: two hosts", COUNCIL "Host: x.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: a line that goes on", "GET / HTTP/1.1\r\nHost:\r\n x.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: another in the target", "GET http://x.com/ HTTP/1.1\r\nHost: council.example\r\n\r\n",
		 HF_FLOW_REFUSE},
		{"attack: another in Host", "GET http://council.example/ HTTP/1.1\r\nHost: x.com\r\n\r\n",
		 HF_FLOW_REFUSE},
		{"attack: a scheme in capitals", "GET HTTP://x.com/ HTTP/1.1\r\nHost: x.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: another scheme", "GET ftp://council.example/ HTTP/1.1\r\nHost: council.example\r\n\r\n",
		 HF_FLOW_REFUSE},
		{"attack: h2c", COUNCIL "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: h2c among others", COUNCIL "Upgrade: websocket, h2c\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: h2c known before", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: HTTP/0.9", "GET /\r\n", HF_FLOW_REFUSE},
		{"attack: a method in small letters", "connect x.com:443 HTTP/1.1\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: two blanks", "GET  / HTTP/1.1\r\nHost: council.example\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: a tab for a blank", "GET\t/ HTTP/1.1\r\nHost: council.example\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: no host", "GET / HTTP/1.0\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: an address", "GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: a number for a name", "GET / HTTP/1.1\r\nHost: 203.0.113.7\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: a tunnel to a number", "CONNECT 203.0.113.7:443 HTTP/1.1\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: a number of one part", "CONNECT 3405803783:443 HTTP/1.1\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: that with other digits", "CONNECT 0xCB.0.113.0x7:443 HTTP/1.1\r\n\r\n", HF_FLOW_REFUSE},
		{"a name with numbers in it", "CONNECT 203.0.113.7.council.example:443 HTTP/1.1\r\n\r\n", HF_FLOW_WAIT},
		{"attack: a letter that is none", "GET / HTTP/1.1\r\nHost: x%2ecom\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: a hidden name's cover", "GET / HTTP/1.1\r\nHost: cloudflare-ech.com\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: a tunnel to it", "CONNECT x.com:443 HTTP/1.1\r\n\r\n", HF_FLOW_REFUSE},
		{"attack: a tunnel without a port", "CONNECT council.example HTTP/1.1\r\n\r\n", HF_FLOW_REFUSE},
		{"a tunnel elsewhere begins anew", "CONNECT council.example:443 HTTP/1.1\r\n\r\n", HF_FLOW_WAIT},
		{"attack: SOCKS", "\x05\x01\x02", HF_FLOW_REFUSE},
		{"attack: SSH", "SSH-2.0-OpenSSH\r\n", HF_FLOW_REFUSE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(said(rows[i].text, strlen(rows[i].text)), rows[i].end, "%s", rows[i].what);
}

/* Nothing that comes in pieces is read otherwise than whole; and no piece passes what the whole is refused for. */
Test(strict, requests_in_pieces)
{
	static const char text[] = "GET http://council.example/ HTTP/1.1\r\nA: b\r\nHost: council.example\r\n\r\n",
			  bad[] = "GET / HTTP/1.1\r\nHost: council.example\r\nHost: x.com\r\n\r\n";
	for (size_t i = 0; i < 2; i++) {
		const char *whole = i == 0 ? text : bad;
		const struct hf_segment first = syn(40000, 100);
		enum hf_flow_end end = HF_FLOW_WAIT;
		begin();
		cr_assert_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN);
		for (size_t at = 0; at < strlen(whole) && end == HF_FLOW_WAIT; at++) {
			const struct hf_segment byte = piece((const uint8_t *)whole + at, 1, 100 + (uint32_t)at);
			end = hf_flows_take(&flows, &byte, &strict, 1);
		}
		cr_expect_eq(end, i == 0 ? HF_FLOW_PASS : HF_FLOW_REFUSE, "%s", whole);
	}
}

/* A hello with another extension behind its name. */
static size_t hello_with(uint8_t out[SIZE], const char *host, const void *more, size_t n)
{
	size_t len = make_hello(out, host, 0);
	memcpy(out + len, more, n);
	const size_t at[] = {3, 7, 50};
	for (size_t i = 0; i < HF_LEN(at); i++) {
		size_t value = ((size_t)out[at[i]] << 8 | out[at[i] + 1]) + n;
		out[at[i]] = (uint8_t)(value >> 8);
		out[at[i] + 1] = (uint8_t)value;
	}
	return len + n;
}

Test(strict, hellos)
{
	static const uint8_t again[] = {0, 0, 0, 10, 0, 8, 0, 0, 5, 'x', '.', 'c', 'o', 'm'};
	static const uint8_t empty[] = {0x16, 3, 1, 0, 0}, alert[] = {0x15, 3, 1, 0, 2, 1, 0};
	static uint8_t bytes[SIZE], all[2 * SIZE];
	size_t len = make_hello(bytes, "x.com", 0);
	cr_expect_eq(said(bytes, len), HF_FLOW_REFUSE, "D9.2: a listed site");
	memcpy(all, empty, sizeof(empty));
	memcpy(all + sizeof(empty), bytes, len);
	cr_expect_eq(said(all, sizeof(empty) + len), HF_FLOW_REFUSE, "attack: an empty record before it");
	memcpy(all, alert, sizeof(alert));
	memcpy(all + sizeof(alert), bytes, len);
	cr_expect_eq(said(all, sizeof(alert) + len), HF_FLOW_REFUSE, "attack: an alert before it");
	cr_expect_eq(said(bytes, make_hello(bytes, "", 0)), HF_FLOW_REFUSE, "attack: no name");
	cr_expect_eq(said(bytes, make_hello(bytes, "203.0.113.7", 0)), HF_FLOW_REFUSE, "attack: a number for a name");
	cr_expect_eq(said(bytes, make_hello(bytes, "council.example", 16400)), HF_FLOW_REFUSE, "attack: a big one");
	len = hello_with(bytes, "council.example", again, sizeof(again));
	cr_expect_eq(said(bytes, len), HF_FLOW_REFUSE, "attack: two names");
	cr_expect_eq(said(bytes, make_hello(bytes, "cloudflare-ech.com", 0)), HF_FLOW_REFUSE, "attack: a hidden name");
	cr_expect_eq(said(bytes, make_hello(bytes, "council.example", 1700)), HF_FLOW_WAIT, "another site");
	len = make_hello(bytes, "council.example", 0);
	bytes[4]++; /* the record holds a byte more than the hello */
	cr_expect_eq(said(bytes, len + 1), HF_FLOW_REFUSE, "attack: something behind it in its record");
}

/* RFC 8446 section 4.1.4: a server may ask for another hello, and takes the name that it says. */
Test(strict, second_hello)
{
	static const uint8_t change[] = {0x14, 3, 3, 0, 1, 1}, data[] = {0x17, 3, 3, 0, 1, 9}, early[] = {0, 42, 0, 0},
			     keys[] = {0x16, 3, 3, 0, 4, 16, 0, 0, 0}, alert[] = {0x15, 3, 3, 0, 2, 1, 90};
	static uint8_t hello[SIZE], other_hello[SIZE];
	size_t len = make_hello(hello, "x.com", 0), n_other = make_hello(other_hello, "council.example", 9);
	const struct {
		const char *what;
		const uint8_t *v[3];
		size_t n[3];
		bool early;
		enum hf_flow_end end;
	} rows[] = {
		{"what is encrypted", {data}, {sizeof(data)}, false, HF_FLOW_PASS},
		{"a change of cipher, then that", {change, data}, {sizeof(change), sizeof(data)}, false, HF_FLOW_PASS},
		{"keys of TLS 1.2", {keys}, {sizeof(keys)}, false, HF_FLOW_PASS},
		{"another hello with another name", {other_hello}, {n_other}, false, HF_FLOW_WAIT},
		{"attack: a listed name", {change, hello}, {sizeof(change), len}, false, HF_FLOW_REFUSE},
		{"attack: behind early data",
		 {data, change, hello},
		 {sizeof(data), sizeof(change), len},
		 true,
		 HF_FLOW_REFUSE},
		{"early data", {data, data}, {sizeof(data), sizeof(data)}, true, HF_FLOW_WAIT},
		{"attack: behind an alert", {alert, hello}, {sizeof(alert), len}, false, HF_FLOW_REFUSE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		static uint8_t first[SIZE];
		size_t at = hello_with(first, "council.example", early, rows[i].early ? sizeof(early) : 0);
		enum hf_flow_end end = said(first, at);
		for (size_t j = 0; j < 3 && rows[i].v[j] && end == HF_FLOW_WAIT; j++) {
			const struct hf_segment next = piece(rows[i].v[j], rows[i].n[j], 100 + (uint32_t)at);
			end = hf_flows_take(&flows, &next, &strict, 1);
			at += rows[i].n[j];
		}
		cr_expect_eq(end, rows[i].end, "%s", rows[i].what);
	}
}

/* Servers without a limit of their own wait for the second hello as long as its client likes. */
Test(strict, second_hello_long_after)
{
	static const uint8_t data[] = {0x17, 3, 3, 0, 1, 9};
	static uint8_t first[SIZE], hello[SIZE];
	size_t len = make_hello(hello, "x.com", 0);
	for (int i = 0; i < 2; i++) {
		size_t at = make_hello(first, "council.example", 0);
		const struct hf_segment next = piece(i ? data : hello, i ? sizeof(data) : len, 100 + (uint32_t)at);
		cr_assert_eq(said(first, at), HF_FLOW_WAIT);
		cr_expect_eq(hf_flows_take(&flows, &next, &strict, 2 + 2 * HF_FLOW_S), i ? HF_FLOW_PASS : HF_FLOW_REFUSE,
			     "%s", i ? "what is encrypted goes on" : "attack: a listed name");
	}
}

Test(strict, early_data_ends)
{
	static const uint8_t early[] = {0, 42, 0, 0};
	static uint8_t first[SIZE], data[SIZE] = {0x17, 3, 3, 0x40, 0};
	size_t at = hello_with(first, "council.example", early, sizeof(early)), n = 5 + 0x4000;
	cr_assert_eq(said(first, at), HF_FLOW_WAIT);
	for (int i = 0; i < 3; i++) {
		/* In two packets: a record is longer than what is kept of it. */
		const struct hf_segment head = piece(data, 1000, 100 + (uint32_t)at),
					rest = piece(data + 1000, n - 1000, 1100 + (uint32_t)at);
		cr_expect_eq(hf_flows_take(&flows, &head, &strict, 1), i < 1 ? HF_FLOW_WAIT : HF_FLOW_PASS, "%d", i);
		cr_expect_eq(hf_flows_take(&flows, &rest, &strict, 1), i < 1 ? HF_FLOW_WAIT : HF_FLOW_PASS, "%d", i);
		at += n;
	}
}

/* Found by tests/property/test_other_readers.c: two hellos in one packet that is longer than what is kept of it. */
Test(strict, unseen)
{
	static uint8_t bytes[2 * SIZE];
	size_t len = make_hello(bytes, "council.example", 3000);
	len += make_hello(bytes + len, "x.com", 14000);
	cr_expect_eq(said(bytes, len), HF_FLOW_REFUSE, "attack: the second goes past what is kept");
	len = make_hello(bytes, "council.example", 3000);
	const struct hf_segment first = syn(40000, 100);
	struct hf_segment data = piece(bytes, len, 100);
	data.lost = 1;
	begin();
	cr_assert_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN);
	cr_expect_eq(hf_flows_take(&flows, &data, &strict, 1), HF_FLOW_REFUSE, "attack: past what was captured");
}

/* A flow counts from its SYN on, and is not made up for later. */
Test(strict, beginnings)
{
	static uint8_t bytes[SIZE];
	size_t len = make_hello(bytes, "council.example", 0);
	const struct hf_segment first = syn(40000, 100), whole = piece(bytes, len, 100), half = piece(bytes, 20, 100),
				rest = piece(bytes + 20, len - 20, 120), late = piece(bytes, len, 101),
				more = piece((const uint8_t *)"\x17\x03\x03\0\1a", 6, 100 + (uint32_t)len);
	struct hf_segment urgent = whole, end = piece(NULL, 0, 100);
	begin();
	cr_expect_eq(hf_flows_take(&flows, &whole, &strict, 1), HF_FLOW_REFUSE, "attack: without its SYN");
	cr_expect_eq(hf_flows_take(&flows, &first, &closed, 1), HF_FLOW_REFUSE, "nobody's");
	cr_expect_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN);
	cr_expect_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN, "sent again");
	cr_expect_eq(hf_flows_take(&flows, &late, &strict, 1), HF_FLOW_LATER, "attack: the first byte is missing");
	cr_expect_eq(hf_flows_take(&flows, &rest, &strict, 1), HF_FLOW_LATER, "what was lost comes again");
	cr_expect_eq(hf_flows_take(&flows, &half, &strict, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &rest, &closed, 1), HF_FLOW_WAIT,
		     "its socket was closed: it is still theirs");
	cr_expect_eq(hf_flows_take(&flows, &more, &strict, 1), HF_FLOW_PASS, "read");
	cr_expect_eq(hf_flows_take(&flows, &more, &strict, 99999), HF_FLOW_PASS, "and goes on");
	cr_expect_eq(hf_flows_take(&flows, &first, &strict, 99999), HF_FLOW_BEGUN, "another begins at the same ports");
	cr_expect_eq(hf_flows_take(&flows, &more, &strict, 99999), HF_FLOW_LATER, "attack: and is not the one before");
	urgent.urgent = true;
	cr_expect_eq(hf_flows_take(&flows, &urgent, &strict, 99999), HF_FLOW_REFUSE, "attack: urgent data");
	cr_expect_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN);
	cr_expect_eq(hf_flows_take(&flows, &whole, &strict, 2 + HF_FLOW_S), HF_FLOW_REFUSE, "attack: after the wait");
	cr_expect_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN);
	cr_expect_eq(hf_flows_take(&flows, &half, &strict, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN, "begun anew: what came before is gone");
	cr_expect_eq(hf_flows_take(&flows, &rest, &strict, 1), HF_FLOW_LATER);
	end.closes = true;
	cr_expect_eq(hf_flows_take(&flows, &end, &strict, 1), HF_FLOW_WAIT, "an end without data is let go");
}

/* Attack: two sockets have the same addresses and ports on two cards, so that what one says is read as the other's. */
Test(strict, twins)
{
	static uint8_t bytes[SIZE];
	size_t len = make_hello(bytes, "x.com", 0);
	const struct hf_segment listed = piece(bytes, len, 100), end = {.from_port = 40000, .to_port = 443, .closes = true};
	struct hf_segment first = syn(40000, 100), twin = syn(40000, 50);
	twin.card = 2;
	begin();
	cr_expect_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN);
	cr_expect_eq(hf_flows_take(&flows, &twin, &strict, 1), HF_FLOW_REFUSE, "while the first lives");
	cr_expect_eq(hf_flows_take(&flows, &listed, &strict, 1), HF_FLOW_REFUSE, "which is read as ever");
	cr_expect_eq(hf_flows_take(&flows, &first, &strict, 1), HF_FLOW_BEGUN);
	cr_expect_eq(hf_flows_take(&flows, &end, &strict, 1), HF_FLOW_WAIT);
	cr_expect_eq(hf_flows_take(&flows, &twin, &strict, 1), HF_FLOW_BEGUN, "the first has ended");
}

/* Attack: a SYN that brings bytes settles nothing, whosever they are: where a listed site lives, and elsewhere. */
Test(strict, syn_with_bytes)
{
	static const char plain[] = "GET / HTTP/1.1\r\nHost: council.example\r\n\r\n",
			  bad[] = "GET / HTTP/1.1\r\nHost: x.com\r\n\r\n";
	for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
		const struct hf_sender sender = {true, 1001, !elsewhere};
		struct hf_segment first = piece((const uint8_t *)plain, strlen(plain), 100);
		const struct hf_segment shut = piece((const uint8_t *)bad, strlen(bad), 100), alone = syn(40000, 300),
					again = piece((const uint8_t *)bad, strlen(bad), 300);
		first.opens = true;
		begin();
		cr_expect_eq(hf_flows_take(&flows, &first, &sender, 1), HF_FLOW_BEGUN);
		first.data = shut.data;
		first.len = shut.len;
		cr_expect_eq(hf_flows_take(&flows, &first, &sender, 1), HF_FLOW_REFUSE, "its name counts");
		cr_expect_eq(hf_flows_take(&flows, &alone, &sender, 1), HF_FLOW_BEGUN, "begun anew");
		cr_expect_eq(hf_flows_take(&flows, &again, &sender, 1), HF_FLOW_REFUSE, "and read anew");
	}
}

static size_t n_over;
static hf_user over_uid;

static void count_over(void *arg, enum hf_flow_word word, hf_user uid, const struct hf_addr *to)
{
	(void)arg;
	(void)to;
	n_over += word == HF_FLOW_OVER;
	over_uid = word == HF_FLOW_OVER ? uid : over_uid;
}

/* Attack: one user fills the table; they lose what they opened first, and nobody else anything. */
Test(strict, shares)
{
	static const uint8_t nothing[] = {0x17};
	struct hf_segment first = syn(1, 100), data = piece(nothing, 1, 100);
	const struct hf_sender many[] = {{true, 1, true}, {true, 2, true}, {true, 3, true}};
	begin();
	flows.say = count_over;
	n_over = 0;
	cr_assert_eq(hf_flows_take(&flows, &first, &many[1], 1), HF_FLOW_BEGUN);
	for (uint32_t i = 0; i < 3 * HF_FLOWS_OF_USER; i++) {
		first.from_port = (uint16_t)(2 + i);
		cr_expect_eq(hf_flows_take(&flows, &first, &many[0], 2 + (int64_t)i / 100), HF_FLOW_BEGUN);
	}
	cr_expect_eq(n_over, 2 * HF_FLOWS_OF_USER, "%zu", n_over);
	cr_expect_eq(over_uid, 1);
	cr_expect_leq(flows.n_top, HF_FLOWS_OF_USER + 1);
	first.from_port = 1;
	cr_expect_eq(hf_flows_take(&flows, &first, &many[1], 3), HF_FLOW_BEGUN, "another's is there still");
	data.from_port = 2;
	cr_expect_eq(hf_flows_take(&flows, &data, &many[0], 3), HF_FLOW_REFUSE, "the oldest is not");
	for (uint32_t uid = 100; uid < 120; uid++) {
		const struct hf_sender one = {true, uid, true};
		for (uint32_t i = 0; i < HF_FLOWS_OF_USER; i++) {
			first = syn((uint16_t)i, uid);
			first.to_port = (uint16_t)uid;
			cr_expect_eq(hf_flows_take(&flows, &first, &one, 3),
				     uid < 114 || (uid == 114 && i < HF_FLOWS_OF_USER - 1) ? HF_FLOW_BEGUN
											   : HF_FLOW_REFUSE,
				     "%u %u", uid, i);
		}
	}
	first = syn(7, 7);
	cr_expect_eq(hf_flows_take(&flows, &first, &many[2], 4 + HF_FLOW_S), HF_FLOW_BEGUN, "it heals by itself");
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
