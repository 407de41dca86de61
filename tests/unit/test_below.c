/* SPDX-License-Identifier: MIT */
/*
 * Names below listed hosts, and what a network teaches: looked up for each user in turn, kept by shares, dropped with
 * the network; a captive portal's address is nobody's. Policy D9.2. Attack: inventing names, and answering them. Must
 * never need a network.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include <holdfast/fs.h>

#include "agent/enforce/network/lessons.h"
#include "agent/enforce/network/net_want.h"
#include "tests/help/folder.h"

#define ALICE 1001
#define BOB 1002

static const struct hf_addrs none;
static const struct hf_boot_ms early = {1000};

static struct hf_shut_hosts hosts_of(const char *text)
{
	struct hf_shut_hosts shut = {0};
	hf_auto_json json_t *doc = json_loads(text, 0, NULL);
	cr_assert_eq(hf_shut_hosts_from_json(doc, &shut, NULL), HF_OK);
	return shut;
}

static struct hf_shut_hosts listed_hosts(void)
{
	return hosts_of("{\"hosts\": [{\"host\": \"facebook.com\", \"open_for\": []}, {\"host\": \"m.facebook.com\", "
			"\"open_for\": []},"
			"{\"host\": \"x.com\", \"open_for\": [], \"dedicated\": true}]}");
}

Test(below, only_names_below_listed_hosts_wait)
{
	static const struct {
		const char *name;
		bool waits;
	} rows[] = {
		{"graph.facebook.com", true},
		{"graph.facebook.com", false}, /* it waits already */
		{"a.b.c.facebook.com", true},
		{"facebook.com", false},
		{"www.facebook.com", false}, /* is looked up with its host */
		{"m.facebook.com", false},   /* is listed itself */
		{"www.m.facebook.com", false},
		{"notfacebook.com", false},
		{"council.example", false},
		{"com", false},
		{"", false},
		{"six.x.com", true},
	};
	struct hf_shut_hosts listed = listed_hosts();
	struct hf_below below = {0};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_below_said(&below, &listed, ALICE, rows[i].name), rows[i].waits, "%s", rows[i].name);
	hf_shut_hosts_done(&listed);
}

static void invent(struct hf_below *below, const struct hf_shut_hosts *listed, hf_user uid, int number)
{
	char name[HF_HOST_SIZE];
	cr_assert_eq(hf_str_printf(name, sizeof(name), "a%d-%u.facebook.com", number, (unsigned int)uid), HF_OK);
	hf_below_said(below, listed, uid, name);
}

Test(below, one_users_inventions_are_their_own_harm)
{
	struct hf_shut_hosts listed = listed_hosts();
	struct hf_below below = {0};
	for (int i = 0; i < 1000; i++)
		invent(&below, &listed, ALICE, i);
	cr_expect_eq(below.n_waiting, HF_BELOW_WAITING_OF_USER, "attack: 1,000 names of one user");
	cr_expect_str_eq(hf_below_next(&below, early), "a0-1001.facebook.com");
	cr_expect_null(hf_below_next(&below, early), "one at a time");
	cr_expect(hf_below_said(&below, &listed, BOB, "graph.facebook.com"));
	below.asked.name[0] = '\0'; /* answered */
	cr_expect_str_eq(hf_below_next(&below, early), "graph.facebook.com", "it is the other's turn");
	const struct hf_boot_ms later = {early.ms + HF_BELOW_ANSWER_MS};
	cr_expect_str_eq(hf_below_next(&below, later), "a1-1001.facebook.com", "a link that never answers");
	for (hf_user uid = 2000; uid < 2100; uid++) {
		for (int i = 0; i < 10; i++)
			invent(&below, &listed, uid, i);
	}
	cr_expect_eq(below.n_waiting, HF_BELOW_WAITING_MAX, "attack: of a hundred users");
	hf_shut_hosts_done(&listed);
}

struct scene {
	struct hf_shut_hosts listed;
	struct hf_below below;
	struct hf_learned learned;
};

/* This user asks for a name, and that is the answer; whether it taught anything. */
static bool learns(struct scene *s, hf_user uid, const char *name, const char *answer)
{
	hf_auto_json json_t *list = json_loads(answer, 0, NULL);
	const struct hf_learning how = {.grow = true, .no = &none};
	const struct hf_below_answer one = {&s->listed, &how, name, list};
	bool changed = false;
	s->below.n_waiting = 0;
	s->below.asked.name[0] = '\0';
	if (uid != 0 && hf_below_said(&s->below, &s->listed, uid, name))
		hf_below_next(&s->below, early);
	cr_assert_eq(hf_below_hear(&s->below, &s->learned, &one, &changed), HF_OK);
	return changed;
}

Test(below, what_is_kept)
{
	struct scene s = {.listed = listed_hosts()};
	cr_expect_not(learns(&s, 0, "graph.facebook.com", "[\"203.0.113.21\"]"),
		      "attack: a link says what nobody asked for");
	cr_expect_not(learns(&s, ALICE, "graph.facebook.com", "[]"), "an invention has no address");
	cr_expect_not(learns(&s, ALICE, "graph.facebook.com", "[\"10.0.0.1\", 7, \"x\"]"),
		      "nor one that no site can have");
	cr_expect(learns(&s, ALICE, "graph.facebook.com", "[\"203.0.113.21\", \"10.0.0.1\"]"));
	cr_expect_not(learns(&s, BOB, "api.facebook.com", "[\"203.0.113.21\"]"),
		      "what teaches no new address takes no place");
	cr_expect(learns(&s, 0, "graph.facebook.com", "[\"203.0.113.22\"]"), "one that is kept is asked for again");
	cr_expect_eq(hf_learned_of(&s.learned, "graph.facebook.com")->n, 2,
		     "and nothing is forgotten while something is locked");
	cr_expect_eq(s.learned.n_addrs, 0, "listed hosts have the room for addresses for themselves");
	hf_learned_done(&s.learned);
	hf_shut_hosts_done(&s.listed);
}

static size_t kept_by(const struct hf_learned *learned, hf_user uid)
{
	size_t n = 0;
	for (size_t i = 0; i < learned->n; i++)
		n += learned->v[i].owner == uid;
	return n;
}

/* A network that gives each name an address of its own: only who runs that network can. */
Test(below, places_are_shared)
{
	struct scene s = {.listed = listed_hosts()};
	char name[64], answer[64];
	for (hf_user uid = ALICE; uid < ALICE + 6; uid++) {
		for (int i = 0; i < 1000 / 6 + 1; i++) {
			cr_assert_eq(hf_str_printf(name, sizeof(name), "a%d-%u.facebook.com", i, (unsigned int)uid),
				     HF_OK);
			cr_assert_eq(hf_str_printf(answer, sizeof(answer), "[\"203.0.%u.%d\"]",
						   (unsigned int)(uid % 250), i),
				     HF_OK);
			learns(&s, uid, name, answer);
		}
		cr_expect_leq(kept_by(&s.learned, uid), HF_BELOW_OF_USER, "attack: user %u", (unsigned int)uid);
	}
	cr_expect_eq(s.learned.n, HF_BELOW_MAX, "at most 64 below a host");
	cr_expect(learns(&s, ALICE, "six.x.com", "[\"203.0.112.1\"]"), "another host has its own");
	hf_learned_done(&s.learned);
	hf_shut_hosts_done(&s.listed);
}

/* D9.2: what goes to such an address is judged strictly, also of a dedicated host. */
Test(below, their_addresses_are_listed)
{
	static const struct {
		const char *addr;
		hf_user uid;
		enum hf_net_shut how;
	} rows[] = {
		{"203.0.113.21", ALICE, HF_NET_STRICT}, {"203.0.113.12", ALICE, HF_NET_STRICT},
		{"203.0.113.10", ALICE, HF_NET_SHUT},	{"203.0.113.20", ALICE, HF_NET_STRICT},
		{"203.0.113.30", ALICE, HF_NET_OPEN},	{"203.0.113.10", 0, HF_NET_OPEN},
		{"203.0.113.21", 0, HF_NET_OPEN},	{"203.0.113.21", 998, HF_NET_OPEN},
	};
	struct scene s = {.listed = listed_hosts()};
	hf_auto_net_want struct hf_net_want want = {0}, nothing = {0};
	hf_auto_json json_t *answer =
		json_loads("{\"x.com\": [\"203.0.113.10\"], \"facebook.com\": [\"203.0.113.20\"]}", 0, NULL);
	const struct hf_learning how = {.grow = true, .no = &none};
	struct hf_addr addr;
	bool changed;
	cr_assert_eq(hf_learned_hear(&s.learned, answer, &how, &changed), HF_OK);
	cr_assert(learns(&s, ALICE, "graph.facebook.com", "[\"203.0.113.21\"]"));
	cr_assert(learns(&s, ALICE, "six.x.com", "[\"203.0.113.10\", \"203.0.113.12\"]"));
	cr_assert_eq(hf_net_want_make(&s.listed, &s.learned, 998, &want, NULL), HF_OK);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		cr_assert_eq(hf_addr_parse(rows[i].addr, &addr), HF_OK);
		cr_expect_eq(hf_net_want_shuts(&want, rows[i].uid, &addr), rows[i].how, "%s by %u", rows[i].addr,
			     (unsigned int)rows[i].uid);
		cr_expect_eq(hf_net_want_shuts(&nothing, rows[i].uid, &addr), HF_NET_OPEN);
	}
	hf_learned_done(&s.learned);
	hf_shut_hosts_done(&s.listed);
}

Test(below, which_network)
{
	static const char route[] = "Iface\tDestination\tGateway\neth0\t00000000\t0102A8C0\t0003\n";
	static const char other[] = "Iface\tDestination\tGateway\neth0\t00000000\t0202A8C0\t0003\n";
	static const char arp[] =
		"IP address HW type Flags HW address Mask Device\n192.168.2.9 0x1 0x2 aa:aa:aa:aa:aa:aa * eth0\n"
		"192.168.2.1 0x1 0x2 bb:bb:bb:bb:bb:bb * eth0\n";
	static const char hotspot[] = "IP address\n192.168.2.1 0x1 0x2 cc:cc:cc:cc:cc:cc * wlan0\n";
	static const char unknown[] = "IP address\n192.168.2.1 0x1 0x0 00:00:00:00:00:00 * eth0\n";
	static const struct {
		const char *what, *route, *arp;
		bool moved;
	} rows[] = {
		{"the first", route, unknown, false},
		{"its card is known now", route, arp, false},
		{"the same", route, arp, false},
		{"its card was forgotten", route, unknown, false},
		{"in none", "", "", false},
		{"back", route, arp, false},
		{"another of the same number", route, hotspot, true},
		{"another gateway", other, "", true},
		{"and back", route, arp, true},
	};
	struct hf_net_here here = {"", ""}, now;
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_net_here_read(rows[i].route, "", rows[i].arp, &now);
		cr_expect_eq(hf_net_here_moved(&here, &now), rows[i].moved, "%s: %s%s", rows[i].what, now.gateways,
			     now.cards);
	}
	cr_expect_str_eq(here.gateways, "192.168.2.1 ");
	cr_expect_str_eq(here.cards, "bb:bb:bb:bb:bb:bb ");
}

/* What is learned ---------------------------------------------------------------------------------------------------
 */

static struct hf_lessons lessons;
static const struct hf_net_here office = {"192.0.2.1 ", ""}, hotspot = {"192.0.2.2 ", ""};

static bool hears(const struct hf_shut_hosts *listed, const char *text, bool locked)
{
	hf_auto_json json_t *answer = json_loads(text, 0, NULL);
	const struct hf_learning how = {.grow = locked, .no = &none};
	cr_assert(answer, "%s", text);
	return hf_lessons_hear(&lessons, listed, answer, &how);
}

static bool answer_invented(const struct hf_shut_hosts *listed, const char *address)
{
	hf_auto_json json_t *names = json_array();
	char text[512];
	hf_lessons_names(&lessons, names);
	const char *name = json_string_value(json_array_get(names, 0));
	cr_assert_str_eq(name + strlen(name) - 12, ".example.com", "it is asked for first");
	cr_assert_eq(hf_str_printf(text, sizeof(text), "{\"%s\": [%s]}", name, address), HF_OK);
	return hears(listed, text, true);
}

static size_t known_of(const char *host)
{
	const struct hf_addrs *addrs = hf_learned_of(&lessons.learned, host);
	return addrs ? addrs->n : 0;
}

Test(lessons, a_captive_portal)
{
	char folder[TEST_FOLDER_SIZE];
	struct hf_shut_hosts listed = listed_hosts();
	test_folder_make(folder);
	cr_assert_eq(hf_lessons_open(&lessons, folder), HF_OK);
	answer_invented(&listed, "");
	cr_expect(hears(&listed, "{\"facebook.com\": [\"203.0.113.5\"], \"x.com\": [\"203.0.113.5\"]}", true),
		  "two listed hosts share an address: that is no portal");
	answer_invented(&listed, "\"203.0.113.7\", \"192.168.0.1\"");
	cr_expect_eq(lessons.portal.n, 2);
	cr_expect_not(hears(&listed, "{\"facebook.com\": [\"203.0.113.7\"], \"x.com\": [\"203.0.113.7\"]}", true),
		      "what every name gets is learned of none");
	cr_expect_not(hears(&listed, "{\"facebook.com\": [\"203.0.113.7\"]}", false));
	cr_expect_eq(known_of("facebook.com"), 1, "and nothing is forgotten for it");
	cr_expect(hears(&listed, "{\"facebook.com\": [\"203.0.113.7\", \"203.0.113.6\"]}", true),
		  "what only it gets is");
	hf_below_said(&lessons.below, &listed, ALICE, "graph.facebook.com");
	hf_below_next(&lessons.below, early);
	cr_expect_not(hears(&listed, "{\"graph.facebook.com\": [\"203.0.113.7\"]}", true));
	answer_invented(&listed, "");
	cr_expect_eq(lessons.portal.n, 0, "somebody has signed in there");
	cr_expect(hears(&listed, "{\"facebook.com\": [\"203.0.113.7\"]}", true));
	hf_lessons_close(&lessons);
	test_folder_remove(folder);
	hf_shut_hosts_done(&listed);
}

/* The network began to answer every name while listed hosts waited to be looked up. */
Test(lessons, what_was_learned_is_doubted)
{
	char folder[TEST_FOLDER_SIZE], name[HF_HOST_SIZE], text[64];
	struct hf_shut_hosts listed = listed_hosts();
	test_folder_make(folder);
	cr_assert_eq(hf_lessons_open(&lessons, folder), HF_OK);
	cr_expect(hears(&listed, "{\"x.com\": [\"203.0.113.10\", \"203.0.113.11\"]}", true));
	cr_expect(hf_lessons_doubt(&lessons, name) && strlen(name) == 28, "%s", name);
	cr_expect_not(hf_lessons_doubt(&lessons, name), "once");
	cr_expect_not(answer_invented(&listed, ""), "nothing to forget");
	cr_expect(hears(&listed, "{\"x.com\": [\"203.0.113.7\"], \"facebook.com\": [\"203.0.113.7\"]}", true));
	hf_below_said(&lessons.below, &listed, ALICE, "graph.facebook.com");
	hf_below_next(&lessons.below, early);
	hears(&listed, "{\"graph.facebook.com\": [\"203.0.113.7\", \"203.0.113.21\"]}", true);
	cr_expect_eq(known_of("x.com"), 3);
	cr_expect(answer_invented(&listed, "\"203.0.113.7\", \"203.0.113.10\""));
	cr_expect_eq(known_of("x.com"), 2, "attack: what was known before a network answered everything stays");
	cr_expect_eq(known_of("facebook.com"), 0);
	cr_expect_eq(known_of("graph.facebook.com"), 1);
	cr_expect_not(hf_lessons_doubt(&lessons, name), "all was judged");
	cr_expect_not(hears(&listed, "{\"aaaabbbbccccdddd.example.com\": [\"203.0.113.7\"],"
				     "\"x.com\": [\"203.0.113.7\"]}", true),
		      "an earlier question's name is answered like the newest");
	cr_expect_eq(lessons.learned.n_addrs, 2);
	for (int i = 0; i < 1000; i++) {
		cr_assert_eq(hf_str_printf(text, sizeof(text), "{\"x.com\": [\"10.0.%d.%d\"]}", i / 250, i % 250), HF_OK);
		hears(&listed, text, true);
	}
	cr_expect_leq(json_array_size(json_object_get(lessons.doubted, "x.com")), HF_LEARNED_OF_HOST,
		      "attack: a link that never answers a name that nobody has");
	hf_lessons_close(&lessons);
	test_folder_remove(folder);
	hf_shut_hosts_done(&listed);
}

/* A restart is in the same network; another network forgets what names below taught, and at last all that only others
 * did. */
Test(lessons, age_with_their_network)
{
	char folder[TEST_FOLDER_SIZE];
	struct hf_shut_hosts listed = listed_hosts();
	struct hf_boot_ms now = early;
	test_folder_make(folder);
	cr_assert_eq(hf_lessons_open(&lessons, folder), HF_OK);
	cr_expect_not(hf_lessons_look(&lessons, &listed, &office, now), "the first network is no other one");
	cr_assert(hears(&listed,
			"{\"facebook.com\": [\"203.0.113.20\", \"203.0.113.29\"], \"x.com\": [\"203.0.113.10\"]}",
			true));
	hf_below_said(&lessons.below, &listed, ALICE, "graph.facebook.com");
	cr_assert_str_eq(hf_below_next(&lessons.below, now), "graph.facebook.com");
	cr_assert(hears(&listed, "{\"graph.facebook.com\": [\"203.0.113.21\"]}", true));
	hf_lessons_save(&lessons);
	hf_lessons_close(&lessons);
	memset(&lessons, 0, sizeof(lessons));
	cr_assert_eq(hf_lessons_open(&lessons, folder), HF_OK);
	cr_expect_not(hf_lessons_look(&lessons, &listed, &office, now));
	cr_expect_eq(known_of("graph.facebook.com"), 1, "a restart forgets nothing");
	cr_expect(hf_lessons_look(&lessons, &listed, &hotspot, now));
	cr_expect_eq(known_of("graph.facebook.com"), 0, "dropped with its network");
	cr_expect_str_eq(hf_below_next(&lessons.below, now), "graph.facebook.com", "and asked for here");
	cr_expect_eq(known_of("facebook.com"), 2, "attack: walking to another network makes no listed host forgotten");
	hears(&listed, "{\"facebook.com\": [\"203.0.113.20\", \"203.0.113.28\"]}", true);
	cr_expect_eq(known_of("facebook.com"), 3);
	now.ms += HF_LESSONS_AGE_MS - 1;
	cr_expect_not(hf_lessons_look(&lessons, &listed, &hotspot, now));
	now.ms++;
	cr_expect(hf_lessons_look(&lessons, &listed, &hotspot, now));
	cr_expect_eq(known_of("facebook.com"), 2, "what only the other network taught has aged out");
	cr_expect_eq(known_of("x.com"), 1, "attack: one that is not answered here is not forgotten");
	hf_lessons_close(&lessons);
	test_folder_remove(folder);
	hf_shut_hosts_done(&listed);
}

Test(lessons, a_damaged_note)
{
	static const char *const notes[] = {"", "{", "[]", "{\"gateways\": 7, \"names\": []}",
					    "{\"names\": {\"a.facebook.com\": 7, \"\": [\"203.0.113.1\"]}}"};
	char folder[TEST_FOLDER_SIZE], path[TEST_FOLDER_SIZE + 32];
	test_folder_make(folder);
	cr_assert_eq(hf_str_printf(path, sizeof(path), "%s/names.json", folder), HF_OK);
	for (size_t i = 0; i < HF_LEN(notes); i++) {
		cr_assert_eq(hf_fs_replace(path, notes[i], strlen(notes[i]), 0600, NULL), HF_OK);
		memset(&lessons, 0, sizeof(lessons));
		cr_assert_eq(hf_lessons_open(&lessons, folder), HF_OK);
		cr_expect_str_eq(lessons.here.gateways, "", "%s", notes[i]);
		hf_lessons_close(&lessons);
	}
	test_folder_remove(folder);
}
