/* SPDX-License-Identifier: MIT */
/*
 * Answers of names as they pass the device: read whole or not at all, believed only when somebody was seen to ask, kept
 * by shares. Policy D9.2. Attack: answers that nobody asked for, rings of names, a flood, and one that would unlist.
 * Must never need a network.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <holdfast/fs.h>

#include "agent/enforce/network/lessons.h"
#include "agent/enforce/network/net_want.h"
#include "tests/help/folder.h"

#define ALICE 1001
#define BOB 1002
#define ROOM 2000

static const struct hf_boot_ms early = {1000};
static const struct hf_addrs none;

static struct hf_shut_hosts listed_hosts(void)
{
	struct hf_shut_hosts shut = {0};
	hf_auto_json json_t *doc = json_loads("{\"hosts\": [{\"host\": \"facebook.com\", \"open_for\": []},"
					      "{\"host\": \"x.com\", \"open_for\": [], \"dedicated\": true}]}",
					      0, NULL);
	cr_assert_eq(hf_shut_hosts_from_json(doc, &shut, NULL), HF_OK);
	return shut;
}

/* Packets -----------------------------------------------------------------------------------------------------------
 */

struct packet {
	uint8_t v[ROOM];
	size_t n;
};

static void put(struct packet *to, const void *bytes, size_t n)
{
	cr_assert_leq(to->n + n, (size_t)ROOM);
	memcpy(to->v + to->n, bytes, n);
	to->n += n;
}

/* A literal, with its zeros. */
#define PUT(to, text) put(to, text, sizeof(text) - 1)

/* UDP over IPv4 or IPv6 around a message. */
static struct packet around(const struct packet *message, bool six, uint16_t from, uint16_t to)
{
	struct packet packet = {.n = 0};
	const uint8_t four_head[20] = {0x45, [9] = 17, [16] = 10, 0, 0, 1}, six_head[40] = {0x60, [6] = 17};
	const size_t len = message->n + 8;
	const uint8_t udp[8] = {(uint8_t)(from >> 8), (uint8_t)from,	   (uint8_t)(to >> 8),
				(uint8_t)to,	      (uint8_t)(len >> 8), (uint8_t)len};
	put(&packet, six ? six_head : four_head, six ? sizeof(six_head) : sizeof(four_head));
	put(&packet, udp, sizeof(udp));
	put(&packet, message->v, message->n);
	return packet;
}

#define HEAD(flags, answers) "\x12\x34" flags "\0\1\0" answers "\0\0\0\0"
#define ASKED "\5graph\10facebook\3com\0\0\1\0\1"
#define QUESTION HEAD("\1\0", "\0") ASKED
#define RECORD(kind, len) "\xc0\x0c\0" kind "\0\1\0\0\0\x3c\0" len
#define ONE RECORD("\1", "\4") "\xcb\0\x71\x15"

static const struct {
	const char *what, *message;
	size_t len;
	bool answer, read;
	size_t n_addrs;
} messages[] = {
#define ROW(what, message, ...)                                                                                        \
	{                                                                                                              \
		what, message, sizeof(message) - 1, __VA_ARGS__                                                        \
	}
	ROW("a question", QUESTION, false, true, 0),
	ROW("its name in capitals", HEAD("\1\0", "\0") "\5GRAPH\10FaceBook\3com\0\0\1\0\1", false, true, 0),
	ROW("for IPv6", HEAD("\1\0", "\0") "\5graph\10facebook\3com\0\0\x1c\0\1", false, true, 0),
	ROW("for mail", HEAD("\1\0", "\0") "\5graph\10facebook\3com\0\0\x0f\0\1", false, false, 0),
	ROW("of another class", HEAD("\1\0", "\0") "\5graph\10facebook\3com\0\0\1\0\3", false, false, 0),
	ROW("an answer on the way there", HEAD("\x81\x80", "\1") ASKED ONE, false, false, 0),
	ROW("a question on the way back", QUESTION, true, false, 0),
	ROW("an answer", HEAD("\x81\x80", "\1") ASKED ONE, true, true, 1),
	ROW("that is empty", HEAD("\x81\x80", "\0") ASKED, true, true, 0),
	ROW("that there is no such name", HEAD("\x81\x83", "\1") ASKED ONE, true, false, 0),
	ROW("that is no plain one", HEAD("\xa9\x80", "\1") ASKED ONE, true, false, 0),
	ROW("two questions", "\x12\x34\x81\x80\0\2\0\1\0\0\0\0" ASKED ASKED ONE, true, false, 0),
	ROW("fewer records than it says", HEAD("\x81\x80", "\2") ASKED ONE, true, false, 0),
	ROW("of IPv6", HEAD("\x81\x80", "\1") ASKED RECORD("\x1c", "\x10") "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1",
	    true, true, 1),
	ROW("an address that is too short", HEAD("\x81\x80", "\1") ASKED RECORD("\1", "\3") "\xcb\0\x71", true, false,
	    0),
	ROW("data beyond its end", HEAD("\x81\x80", "\1") ASKED RECORD("\1", "\x40") "\xcb\0\x71\x15", true, false, 0),
	ROW("another name of it",
	    HEAD("\x81\x80", "\2") ASKED RECORD("\5", "\7") "\4edge\xc0\x12"
							    "\4edge\xc0\x12\0\1\0\1\0\0\0\x3c\0\4\xcb\0\x71\x15",
	    true, true, 1),
	ROW("an address of a name that nobody asked for",
	    HEAD("\x81\x80", "\1") ASKED "\4bank\7example\0\0\1\0\1\0\0\0\x3c\0\4\xcb\0\x71\x15", true, true, 0),
	ROW("another name of it, with bytes behind", HEAD("\x81\x80", "\1") ASKED RECORD("\5", "\3") "\xc0\x12\0", true,
	    false, 0),
	ROW("attack: a name that leads to itself",
	    HEAD("\x81\x80", "\1") ASKED "\xc0\x26\0\1\0\1\0\0\0\x3c\0\4\xcb\0\x71\x15", true, false, 0),
	ROW("attack: a name that leads on", HEAD("\x81\x80", "\1") ASKED "\xc0\x80\0\1\0\1\0\0\0\x3c\0\4\xcb\0\x71\x15",
	    true, false, 0),
	ROW("attack: a dot inside a label", HEAD("\1\0", "\0") "\5gra.h\10facebook\3com\0\0\1\0\1", false, false, 0),
	ROW("attack: a zero inside a label", HEAD("\1\0", "\0") "\5gra\0h\10facebook\3com\0\0\1\0\1", false, false, 0),
	ROW("a label of 64", HEAD("\1\0", "\0") "\x40graph", false, false, 0),
	ROW("a name without an end", HEAD("\1\0", "\0") "\5graph", false, false, 0),
	ROW("no name", HEAD("\1\0", "\0") "\0\0\1\0\1", false, false, 0),
	ROW("a head alone", HEAD("\1\0", "\0"), false, false, 0),
	ROW("nothing", "", false, false, 0),
#undef ROW
};

Test(answers, are_read_whole_or_not_at_all)
{
	for (size_t i = 0; i < 2 * HF_LEN(messages); i++) {
		const bool six = i % 2 == 1, answer = messages[i / 2].answer;
		struct packet message = {.n = 0};
		struct hf_dns dns = {.id = 7};
		put(&message, messages[i / 2].message, messages[i / 2].len);
		struct packet packet = around(&message, six, answer ? 53 : 999, answer ? 999 : 53);
		const bool read = hf_dns_read(packet.v, packet.n, &dns);
		cr_expect_eq(read, messages[i / 2].read, "%s", messages[i / 2].what);
		cr_expect_eq(dns.id, read ? 0x1234 : 7, "%s: untouched unless it was read", messages[i / 2].what);
		cr_expect_eq(dns.n_addrs, messages[i / 2].n_addrs, "%s", messages[i / 2].what);
		if (read) {
			cr_expect_str_eq(dns.name, "graph.facebook.com", "%s", messages[i / 2].what);
			cr_expect(dns.port == 999 && dns.answers == answer, "%s", messages[i / 2].what);
		}
		for (size_t len = 0; len < packet.n; len++)
			cr_expect_not(hf_dns_read(packet.v, len, &dns), "%s, %zu bytes of it", messages[i / 2].what,
				      len);
	}
}

Test(answers, what_is_no_datagram_of_names)
{
	struct packet message = {.n = 0};
	struct hf_dns dns;
	PUT(&message, QUESTION);
	struct packet good = around(&message, false, 999, 53), other = good;
	cr_assert(hf_dns_read(good.v, good.n, &dns));
	other.v[9] = 6;
	cr_expect_not(hf_dns_read(other.v, other.n, &dns), "TCP");
	other = good;
	other.v[6] = 0x20;
	cr_expect_not(hf_dns_read(other.v, other.n, &dns), "the first part of a packet");
	other = good;
	other.v[7] = 1;
	cr_expect_not(hf_dns_read(other.v, other.n, &dns), "a later part");
	other = around(&message, false, 53, 53);
	cr_expect_not(hf_dns_read(other.v, other.n, &dns), "from port 53 to port 53");
	other = around(&message, false, 999, 5353);
	cr_expect_not(hf_dns_read(other.v, other.n, &dns), "to another port");
	other = good;
	other.v[20 + 5] = 7;
	cr_expect_not(hf_dns_read(other.v, other.n, &dns), "shorter than its own head");
}

/* What waits, and what is kept --------------------------------------------------------------------------------------
 */

static struct hf_dns dns_of(const char *name, uint16_t number)
{
	struct hf_dns dns = {.port = number, .id = number};
	cr_assert_eq(hf_str_copy(dns.name, sizeof(dns.name), name), HF_OK);
	return dns;
}

static void add_address(struct hf_dns *dns, const char *text)
{
	cr_assert_eq(hf_addr_parse(text, &dns->addrs[dns->n_addrs++]), HF_OK);
}

Test(answers, only_what_somebody_asked_for)
{
	struct hf_shut_hosts listed = listed_hosts();
	struct hf_answers answers = {0};
	struct hf_dns dns = dns_of("graph.facebook.com", 7), other;
	hf_user uid = 0;
	cr_expect_not(hf_answers_due(&answers, &dns, early, &uid), "attack: an answer that nobody asked for");
	cr_expect(hf_answers_asked(&answers, &listed, ALICE, &dns, early));
	other = dns;
	other.id++;
	cr_expect_not(hf_answers_due(&answers, &other, early, &uid), "attack: another number");
	other = dns;
	other.port++;
	cr_expect_not(hf_answers_due(&answers, &other, early, &uid), "attack: another port");
	other = dns_of("api.facebook.com", 7);
	cr_expect_not(hf_answers_due(&answers, &other, early, &uid), "attack: another name");
	cr_expect(hf_answers_due(&answers, &dns, early, &uid) && uid == ALICE);
	cr_expect_not(hf_answers_due(&answers, &dns, early, &uid), "attack: answered twice");
	cr_expect(hf_answers_asked(&answers, &listed, ALICE, &dns, early));
	cr_expect_not(hf_answers_due(&answers, &dns, (struct hf_boot_ms){early.ms + HF_ASKED_MS}, &uid), "too late");
	other = dns_of("council.example", 7);
	cr_expect_not(hf_answers_asked(&answers, &listed, ALICE, &other, early),
		      "what is not listed is not waited for");
	other = dns_of("x.com", 7);
	cr_expect(hf_answers_asked(&answers, &listed, ALICE, &other, early), "a listed host itself is");
	hf_answers_done(&answers);
	hf_shut_hosts_done(&listed);
}

Test(answers, whoever_asks_without_end_loses_their_own)
{
	struct hf_shut_hosts listed = listed_hosts();
	struct hf_answers answers = {0};
	struct hf_dns bobs = dns_of("graph.facebook.com", 9), dns;
	hf_user uid = 0;
	cr_expect(hf_answers_asked(&answers, &listed, BOB, &bobs, early));
	for (uint16_t i = 0; i < 1000; i++) {
		dns = dns_of("a.facebook.com", i);
		cr_expect(hf_answers_asked(&answers, &listed, ALICE, &dns, (struct hf_boot_ms){early.ms + i}));
	}
	dns = dns_of("a.facebook.com", 0);
	cr_expect_not(hf_answers_due(&answers, &dns, early, &uid), "her oldest has gone");
	cr_expect(hf_answers_due(&answers, &bobs, early, &uid) && uid == BOB, "attack: 1,000 questions of another");
	for (hf_user each = 2000; each < 3000; each++) {
		dns = dns_of("a.facebook.com", 1);
		hf_answers_asked(&answers, &listed, each, &dns, early);
	}
	cr_expect(hf_answers_asked(&answers, &listed, BOB, &bobs, (struct hf_boot_ms){early.ms + 7000}), "it heals");
	hf_answers_done(&answers);
	hf_shut_hosts_done(&listed);
}

/* Of this user, one answer of that address; whether it taught anything. */
static bool keeps(struct hf_answers *answers, const struct hf_shut_hosts *listed, hf_user uid, const char *name,
		  const char *address)
{
	struct hf_dns dns = dns_of(name, 7);
	add_address(&dns, address);
	return hf_answers_keep(answers, listed, uid, &dns, &none);
}

Test(answers, each_user_has_a_share_and_nothing_is_unlisted)
{
	struct hf_shut_hosts listed = listed_hosts();
	struct hf_answers answers = {0};
	struct hf_addr first;
	char name[64], address[64];
	cr_expect(keeps(&answers, &listed, ALICE, "graph.facebook.com", "203.0.113.21"));
	cr_expect_not(keeps(&answers, &listed, ALICE, "graph.facebook.com", "203.0.113.21"), "once");
	cr_expect_not(keeps(&answers, &listed, ALICE, "graph.facebook.com", "10.0.0.1"),
		      "attack: an address that no site can have");
	cr_expect_not(keeps(&answers, &listed, ALICE, "council.example", "203.0.113.9"),
		      "attack: a name that is not listed");
	for (int i = 0; i < 1000; i++) {
		snprintf(address, sizeof(address), "203.0.%d.%d", 100 + i / 250, 1 + i % 250);
		keeps(&answers, &listed, BOB, "graph.facebook.com", address);
	}
	cr_expect_eq(answers.n, HF_ANSWERS_OF_NAME, "attack: 1,000 addresses of one name");
	cr_assert_eq(hf_addr_parse("203.0.113.21", &first), HF_OK);
	cr_expect_eq(hf_addr_order(&answers.v[0].addr, &first), 0, "attack: what is known stays");
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "a%d.facebook.com", i);
		snprintf(address, sizeof(address), "203.1.%d.%d", i / 250, 1 + i % 250);
		keeps(&answers, &listed, BOB, name, address);
	}
	cr_expect_leq(answers.n, 2 * HF_ANSWERS_OF_NAME, "attack: 1,000 names of one user");
	cr_expect(keeps(&answers, &listed, ALICE, "api.facebook.com", "203.0.113.22"), "another user has their own");
	cr_expect(keeps(&answers, &listed, BOB, "x.com", "203.0.113.23"), "and another host");
	for (hf_user uid = 3000; uid < 3100; uid++) {
		snprintf(name, sizeof(name), "b%u.facebook.com", (unsigned)uid);
		keeps(&answers, &listed, uid, name, "203.0.113.24");
	}
	cr_expect_leq(answers.n, HF_ANSWERS_NAMES + HF_ANSWERS_OF_NAME + 1, "at most 64 names of a host");
	hf_answers_done(&answers);
	hf_shut_hosts_done(&listed);
}

/* D9.2: what cannot be read is refused there; nothing is shut altogether, of a dedicated host neither. */
Test(answers, count_where_they_are_listed)
{
	static const struct {
		const char *addr;
		enum hf_net_shut how;
	} rows[] = {{"203.0.113.21", HF_NET_STRICT},
		    {"203.0.113.23", HF_NET_STRICT},
		    {"203.0.113.30", HF_NET_OPEN},
		    {"203.0.113.22", HF_NET_OPEN}};
	struct hf_shut_hosts listed = listed_hosts();
	struct hf_answers answers = {0}, again = {0};
	struct hf_learned learned = {0};
	struct hf_addrs portal = {0};
	struct hf_addr addr;
	hf_auto_net_want struct hf_net_want want = {0};
	keeps(&answers, &listed, ALICE, "graph.facebook.com", "203.0.113.21");
	keeps(&answers, &listed, ALICE, "api.facebook.com", "203.0.113.22");
	keeps(&answers, &listed, ALICE, "x.com", "203.0.113.23");
	cr_assert_eq(hf_addr_parse("203.0.113.22", &addr), HF_OK);
	cr_assert_eq(hf_addrs_add(&portal, &addr, NULL), HF_OK);
	cr_expect(hf_answers_forget(&answers, &portal), "a captive portal's address is nobody's");
	cr_expect_not(hf_answers_forget(&answers, &portal));
	hf_auto_json json_t *doc = hf_answers_to_json(&answers);
	cr_assert_eq(hf_answers_from_json(&again, doc), HF_OK, "after a restart");
	cr_assert_eq(hf_answers_of(&again, &listed, &learned.answered), HF_OK);
	cr_assert_eq(hf_net_want_make(&listed, &learned, 998, &want, NULL), HF_OK);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		cr_assert_eq(hf_addr_parse(rows[i].addr, &addr), HF_OK);
		cr_expect_eq(hf_net_want_shuts(&want, ALICE, &addr), rows[i].how, "%s", rows[i].addr);
		cr_expect_eq(hf_net_want_shuts(&want, 0, &addr), HF_NET_OPEN, "root, %s", rows[i].addr);
	}
	hf_addrs_done(&learned.answered);
	listed.n = 1;
	cr_assert_eq(hf_answers_of(&again, &listed, &learned.answered), HF_OK);
	cr_expect_eq(learned.answered.n, 1, "of hosts that are shut no more none counts");
	hf_addrs_done(&portal);
	hf_learned_done(&learned);
	hf_answers_done(&answers);
	hf_answers_done(&again);
	hf_shut_hosts_done(&listed);
}

static size_t n_counted(struct hf_lessons *lessons, const struct hf_shut_hosts *listed)
{
	cr_assert_eq(hf_lessons_count(lessons, listed), HF_OK);
	return lessons->learned.answered.n;
}

/* D9.2 across restarts; D9.3: nothing is left of them after the all-clear. */
Test(answers, stay_until_the_lock_or_the_network_ends)
{
	static const struct hf_net_here office = {"192.0.2.1 ", ""}, hotspot = {"192.0.2.2 ", ""};
	static struct hf_lessons lessons, again;
	struct hf_shut_hosts listed = listed_hosts();
	struct hf_dns dns = dns_of("graph.facebook.com", 7);
	const struct hf_learning how = {.grow = true, .no = &none};
	char folder[TEST_FOLDER_SIZE], name[HF_HOST_SIZE];
	test_folder_make(folder);
	add_address(&dns, "203.0.113.21");
	cr_assert_eq(hf_lessons_open(&lessons, folder), HF_OK);
	hf_lessons_look(&lessons, &listed, &office, early);
	cr_expect(hf_lessons_answered(&lessons, &listed, ALICE, &dns, &none));
	cr_expect_eq(n_counted(&lessons, &listed), 1);
	cr_expect(hf_lessons_doubt(&lessons, name), "a name that nobody has is asked for after it");
	hf_lessons_save(&lessons);
	cr_assert_eq(hf_lessons_open(&again, folder), HF_OK);
	cr_expect_eq(n_counted(&again, &listed), 1, "after a restart");
	cr_expect_not(hf_lessons_look(&again, &listed, &office, early));
	cr_expect(hf_lessons_look(&again, &listed, &hotspot, early), "another network");
	cr_expect_eq(n_counted(&again, &listed), 0);
	hf_lessons_close(&again);
	hf_auto_json json_t *portal = json_pack("{s:[s]}", name, "203.0.113.21");
	cr_expect(hf_lessons_hear(&lessons, &listed, portal, &how), "a network that answers every name with it");
	cr_expect_eq(n_counted(&lessons, &listed), 0);
	hf_lessons_unanswer(&lessons);
	cr_expect_eq(n_counted(&lessons, &listed), 0);
	cr_assert_eq(hf_lessons_open(&again, folder), HF_OK);
	cr_expect_eq(n_counted(&again, &listed), 0, "the all-clear");
	hf_lessons_close(&again);
	hf_lessons_close(&lessons);
	test_folder_remove(folder);
	hf_shut_hosts_done(&listed);
}
