/* SPDX-License-Identifier: MIT */
/*
 * Addresses that are learned, and the words in which the kernel is told what is shut. Policy D9.1, D9.2.
 * What the link says is not believed.
 * Must never need a network, nor rights. HF_BLESS=1 writes the golden text anew.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#include "agent/enforce/network/learned.h"
#include "agent/enforce/network/net_keep.h"
#include "agent/enforce/network/net_want.h"

#define GOLDEN HF_SOURCE_DIR "/tests/golden/network/table.txt"

static struct hf_addr addr_of(const char *text)
{
	struct hf_addr addr = {{0}};
	cr_assert_eq(hf_addr_parse(text, &addr), HF_OK, "%s", text);
	return addr;
}

Test(addr, public_ones)
{
	static const struct {
		const char *text;
		bool is_public;
	} rows[] = {
		{"157.240.1.35", true},
		{"203.0.113.7", true},
		{"2a03:2880:f1::1", true},
		{"64:ff9b::9df0:123", true},
		{"::ffff:1.2.3.4", true},
		{"172.32.0.1", true},
		{"100.128.0.1", true},
		{"223.255.255.255", true},
		{"0.0.0.0", false},
		{"10.0.0.1", false},
		{"100.64.0.1", false},
		{"127.0.0.1", false},
		{"169.254.0.1", false},
		{"172.16.0.1", false},
		{"172.31.255.255", false},
		{"192.0.0.1", false},
		{"192.168.1.1", false},
		{"224.0.0.251", false},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", false},
		{"::ffff:10.0.0.1", false},
		{"fe80::1", false},
		{"fc00::1", false},
		{"ff02::1", false},
		{"64:ff9b::7f00:1", false},
		{"fec0::1", false},
		{"64:ff9b::a00:1", false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_addr addr = addr_of(rows[i].text);
		cr_expect_eq(hf_addr_is_public(&addr), rows[i].is_public, "%s", rows[i].text);
	}
}

Test(addr, text)
{
	static const char *const wrong[] = {"",	     "1.2.3",	     "1.2.3.4 ",  " 1.2.3.4", "1.2.3.256",
					    "x.com", "fe80::1%eth0", "1.2.3.4/8", "::g"};
	char text[HF_ADDR_TEXT_SIZE];
	struct hf_addr addr = addr_of("2001:DB8::1"), mapped = addr_of("::ffff:1.2.3.4"), four = addr_of("1.2.3.4");
	cr_expect_str_eq(hf_addr_print(&addr, text), "2001:db8::1");
	cr_expect_eq(hf_addr_order(&mapped, &four), 0, "a socket of either kind compares alike");
	for (size_t i = 0; i < HF_LEN(wrong); i++)
		cr_expect_eq(hf_addr_parse(wrong[i], &addr), HF_E_SHAPE, "'%s'", wrong[i]);
	cr_expect_str_eq(hf_addr_print(&addr, text), "2001:db8::1", "untouched");
}

/* Both headers in their shortest form, to 203.0.113.10 and 2001:db8::10. */
static const uint8_t packet4[20] = {0x45, [9] = 17, [12] = 198, 51, 100, 1, 203, 0, 113, 10};
static const uint8_t packet6[40] = {
	0x60, [6] = 6, [8] = 0x20, 1, 0x0d, 0xb8, [23] = 9, 0x20, 1, 0x0d, 0xb8, [39] = 0x10};

Test(addr, of_packet)
{
	static const struct {
		const uint8_t *packet;
		size_t len;
		const char *to;
	} rows[] = {{packet4, sizeof(packet4), "203.0.113.10"}, {packet6, sizeof(packet6), "2001:db8::10"}};
	const struct hf_addr before = addr_of("192.0.2.1");
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		const struct hf_addr wanted = addr_of(rows[i].to);
		for (size_t len = 0; len <= rows[i].len; len++) {
			/* Exactly as long as is said, so that a byte too far is seen. */
			hf_auto_free uint8_t *cut = malloc(len > 0 ? len : 1);
			struct hf_addr to = before;
			memcpy(cut, rows[i].packet, len);
			bool whole = hf_addr_of_packet(cut, len, &to);
			cr_expect_eq(whole, len == rows[i].len, "%s cut to %zu bytes", rows[i].to, len);
			cr_expect_eq(hf_addr_order(&to, whole ? &wanted : &before), 0, "%s cut to %zu bytes",
				     rows[i].to, len);
		}
	}
}

Test(addr, of_no_packet)
{
	uint8_t packet[sizeof(packet6)];
	struct hf_addr to = addr_of("192.0.2.1"), before = to;
	for (unsigned int first = 0; first < 256; first++) {
		memcpy(packet, packet6, sizeof(packet));
		packet[0] = (uint8_t)first;
		bool is_one = first >> 4 == 6 || (first >> 4 == 4 && (first & 15) >= 5);
		cr_expect_eq(hf_addr_of_packet(packet, sizeof(packet), &to), is_one, "attack: first byte %u", first);
		cr_expect(is_one || hf_addr_order(&to, &before) == 0, "untouched");
		to = before;
	}
}

/* What was learned ------------------------------------------------------------------------------------------------- */

static bool hear(struct hf_learned *learned, const char *text, bool grow)
{
	hf_auto_json json_t *answer = json_loads(text, 0, NULL);
	struct hf_addrs no = {0};
	struct hf_addr broker = addr_of("203.0.113.99");
	const struct hf_learning how = {.grow = grow, .no = &no};
	bool changed;
	cr_assert_not_null(answer);
	cr_assert_eq(hf_addrs_add(&no, &broker, NULL), HF_OK);
	cr_assert_eq(hf_learned_hear(learned, answer, &how, &changed), HF_OK);
	hf_addrs_done(&no);
	return changed;
}

static size_t n_of(const struct hf_learned *learned, const char *host)
{
	const struct hf_addrs *addrs = hf_learned_of(learned, host);
	return addrs ? addrs->n : 0;
}

Test(learned, heard)
{
	struct hf_learned learned = {0};
	cr_expect(hear(&learned,
		       "{\"x.com\":[\"203.0.113.2\",\"203.0.113.1\",\"203.0.113.2\"],\"a.com\":[\"2001:db8::1\"]}",
		       false));
	cr_expect_eq(n_of(&learned, "x.com"), 2, "each once");
	cr_expect_eq(n_of(&learned, "com"), 0);
	cr_expect_not(hear(&learned, "{\"x.com\":[\"203.0.113.1\",\"203.0.113.2\"]}", false), "nothing new");
	cr_expect_not(hear(&learned, "{\"x.com\":[]}", false), "no answer teaches nothing");
	cr_expect(hear(&learned, "{\"x.com\":[\"203.0.113.3\"]}", true), "locked: it grows");
	cr_expect_eq(n_of(&learned, "x.com"), 3, "attack: nothing is forgotten while something is locked");
	cr_expect(hear(&learned, "{\"x.com\":[\"203.0.113.4\"]}", false), "open: the new ones take its place");
	cr_expect_eq(n_of(&learned, "x.com"), 1);
	cr_expect_eq(learned.n_addrs, 2);
	hf_learned_done(&learned);
}

Test(learned, lies)
{
	static const char *const lies[] = {
		"{\"x.com\":[\"127.0.0.1\",\"::1\",\"10.0.0.1\",\"192.168.0.1\",\"fe80::1\",\"0.0.0.0\",\"ff02::1\"]}",
		"{\"x.com\":[\"203.0.113.99\"]}", /* the broker's */
		"{\"x.com\":[1,null,true,{},[],\"\",\"x\",\"203.0.113.1/24\"]}",
		"{\"x.com\":\"203.0.113.1\"}",
		"{\"\":[\"203.0.113.1\"]}",
		"{}",
	};
	struct hf_learned learned = {0};
	const struct hf_addrs none = {0};
	const struct hf_learning how = {.no = &none};
	hf_auto_json json_t *list = json_array();
	bool changed = true;
	for (size_t i = 0; i < HF_LEN(lies); i++)
		cr_expect_not(hear(&learned, lies[i], false), "attack: %s", lies[i]);
	cr_expect_eq(learned.n, 0);
	cr_expect_eq(hf_learned_hear(&learned, list, &how, &changed), HF_E_SHAPE, "a list is no answer");
	cr_expect_not(changed);
	hf_learned_done(&learned);
}

Test(learned, bounds)
{
	struct hf_learned learned = {0};
	for (int h = 0; h < 100; h++) {
		hf_auto_json json_t *answer = json_object(), *list = json_array();
		hf_auto_free char *text = NULL;
		char host[32], one[32];
		for (int i = 0; i < 100; i++) {
			cr_assert_eq(hf_str_printf(one, sizeof(one), "203.%d.%d.%d", h, i, i), HF_OK);
			json_array_append_new(list, json_string(one));
		}
		cr_assert_eq(hf_str_printf(host, sizeof(host), "h%d.example", h), HF_OK);
		json_object_set(answer, host, list);
		text = json_dumps(answer, 0);
		hear(&learned, text, true);
		cr_expect_leq(n_of(&learned, host), HF_LEARNED_OF_HOST);
	}
	cr_expect_eq(learned.n_addrs, HF_LEARNED_MAX, "attack: a link that answers without end");
	hf_auto_json json_t *all = hf_learned_to_json(&learned, false);
	cr_expect_eq(json_object_size(all), learned.n);
	hf_learned_done(&learned);
}

Test(keep, texts)
{
	struct hf_addrs addrs = {0};
	struct hf_addr one;
	hf_net_keep_resolvers("# nameserver 9.9.9.9\nnameserver 8.8.8.8\nnameserver fe80::1%eth0\nnameserver "
			      "x\noptions a\nnameserver 2001:4860:4860::8888",
			      &addrs);
	hf_net_keep_routes("Iface\tDestination\tGateway "
			   "\tFlags\neth0\t00000000\t0171CBCB\t0003\neth0\t0071CBCB\t00000000\t0001\nnonsense",
			   &addrs);
	hf_net_keep_routes6("00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
			    "20010db8000000000000000000000001 00000400 1 0 0 eth0\n"
			    "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
			    "00000000000000000000000000000000 00000100 1 0 0 eth0\nx\n",
			    &addrs);
	static const char *const kept[] = {"8.8.8.8", "fe80::1", "2001:4860:4860::8888", "203.203.113.1",
					   "2001:db8::1"};
	for (size_t i = 0; i < HF_LEN(kept); i++) {
		one = addr_of(kept[i]);
		cr_expect(hf_addrs_has(&addrs, &one), "%s", kept[i]);
	}
	cr_expect_eq(addrs.n, HF_LEN(kept));
	hf_addrs_done(&addrs);
}

/* The table -------------------------------------------------------------------------------------------------------- */

static const char *shared_host[] = {"shared.example"}, *tool_host[] = {"tool.example"},
		  *both_hosts[] = {"other.example", "tool.example"};
static struct hf_strs none_listed, shared_listed = {shared_host, 1}, tool_listed = {tool_host, 1},
				   both_listed = {both_hosts, 2};

static void lists_of(struct hf_shut_hosts *ret_shut, struct hf_learned *learned)
{
	struct hf_block blocks[] = {
		{.addresses = &shared_listed,
		 .dedicated = &none_listed,
		 .programs = &none_listed,
		 .open_for = {1002, 1003},
		 .n_open_for = 2},
		{.addresses = &both_listed,
		 .dedicated = &both_listed,
		 .programs = &none_listed,
		 .open_for = {1002},
		 .n_open_for = 1},
		{.addresses = &tool_listed, .dedicated = &none_listed, .programs = &none_listed},
	};
	const struct hf_plan plan = {blocks, 3};
	hear(learned,
	     "{\"tool.example\":[\"203.0.113.10\",\"2001:db8::10\"],\"other.example\":[\"203.0.113.11\",\"203.0.113."
	     "12\",\"203.0.113.10\"],"
	     "\"shared.example\":[\"203.0.113.20\",\"203.0.113.10\",\"2001:db8::20\"]}",
	     false);
	cr_assert_eq(hf_shut_hosts_of_plan(&plan, ret_shut, NULL), HF_OK);
}

static void want_of(struct hf_net_want *ret)
{
	hf_auto_shut_hosts struct hf_shut_hosts shut = {0};
	struct hf_learned learned = {0};
	lists_of(&shut, &learned);
	cr_assert_eq(hf_net_want_make(&shut, &learned, 998, ret, NULL), HF_OK);
	cr_expect_eq(ret->log_group, 0);
	ret->log_group = 4847;
	hf_learned_done(&learned);
}

/* D9.2: a blocked attempt brings the window up with that tool's name. */
Test(network, host_of_an_address)
{
	static const struct {
		const char *addr, *host;
		uid_t uid;
	} rows[] = {
		{"203.0.113.11", "other.example", 1001}, /* of one host alone */
		{"64:ff9b::cb00:710b", "other.example", 1001}, /* and behind NAT64 */
		{"203.0.113.10", "other.example", 1001}, /* of both: the first that is shut for this user */
		{"203.0.113.10", "tool.example", 1002},	 /* who may reach the one, and is refused for the other */
		{"203.0.113.11", "other.example", 1002}, /* refused though it is open: the best guess */
		{"2001:db8::10", "tool.example", 1001},
		{"203.0.113.20", NULL, 1001}, /* shared: it is refused by its name */
		{"203.0.113.99", NULL, 1001},
	};
	hf_auto_shut_hosts struct hf_shut_hosts shut = {0};
	struct hf_learned learned = {0};
	lists_of(&shut, &learned);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		const struct hf_addr addr = addr_of(rows[i].addr);
		const char *host = hf_net_host_of(&shut, &learned, rows[i].uid, &addr);
		cr_expect_str_eq(host ? host : "", rows[i].host ? rows[i].host : "", "%s by %u", rows[i].addr,
				 (unsigned int)rows[i].uid);
	}
	hf_learned_done(&learned);
}

Test(network, wanted)
{
	hf_auto_net_want struct hf_net_want want = {0}, again = {0};
	want_of(&want);
	want_of(&again);
	cr_assert_eq(want.n_groups, 2);
	cr_expect_eq(want.groups[0].v[0], 1002);
	cr_expect_eq(want.groups[1].n, 0, "of an address that two hosts have: open for whom both are");
	cr_assert_eq(want.n_targets, 4 + 3, "with those that stand for three of them behind NAT64");
	cr_expect_eq(want.shared.n, 2 + 1, "what is shut altogether is not shared as well");
	cr_expect_eq(want.spared.n, 0, "tool.example is open for nobody");
	cr_expect(hf_net_want_same(&want, &again));
	again.log_group = 0;
	cr_expect_not(hf_net_want_same(&want, &again), "nobody is told");
	again.log_group = want.log_group;
	again.groups[0].v[0] = 1001;
	cr_expect_not(hf_net_want_same(&want, &again), "another user");
	cr_expect(hf_net_same_targets(&want, &again));
	again.targets[0].group ^= 1;
	cr_expect_not(hf_net_same_targets(&want, &again), "another group");
}

static char *text_of(const struct hf_net_want *want)
{
	static const struct hf_net_want none;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	cr_assert_not_null(out);
	hf_net_write_table(out, 4846);
	const struct hf_net_proxies proxies = {
		.v = {{.addr = addr_of("10.1.2.3"), .port = 3128}, {.addr = addr_of("fd00::1"), .port = 8080}}, .n = 2};
	hf_net_write_proxies(out, &proxies);
	fputs("# what is wanted\n", out);
	hf_net_write_want(out, want, &none);
	fputs("# hooks\n", out);
	hf_net_write_hooks(out);
	fputs("# the same once more, less one group\n", out);
	hf_auto_net_want struct hf_net_want nothing = {.n_groups = 1, .link_uid = 998, .log_group = want->log_group};
	hf_net_write_want(out, want, want);
	hf_net_write_want(out, &nothing, want);
	fputs("# without hooks\n", out);
	hf_net_write_unhooks(out, HF_NET_HOOKS);
	cr_assert_eq(fclose(out), 0);
	return text;
}

Test(proxies, setting)
{
	static const struct {
		const char *what, *text;
		size_t n;
		enum hf_rc rc;
	} rows[] = {
		{"none", "", 0, HF_OK},
		{"blanks", "  ", 0, HF_OK},
		{"one", "10.1.2.3:3128", 1, HF_OK},
		{"two, one of them twice", " 10.1.2.3:3128  [fd00::1]:8080 10.1.2.3:3128", 2, HF_OK},
		{"no port", "10.1.2.3", 0, HF_E_SHAPE},
		{"port 0", "10.1.2.3:0", 0, HF_E_SHAPE},
		{"a port that is none", "10.1.2.3:-1", 0, HF_E_SHAPE},
		{"a port too high", "10.1.2.3:65536", 0, HF_E_SHAPE},
		{"a name", "proxy.example:3128", 0, HF_E_SHAPE},
		{"IPv6 without brackets", "fd00::1:8080", 0, HF_E_SHAPE},
		{"an address of a page", "http://10.1.2.3:3128", 0, HF_E_SHAPE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_net_proxies proxies = {.n = 0};
		struct hf_err err = {""};
		cr_expect_eq(hf_net_proxies_add(rows[i].text, &proxies, &err), rows[i].rc, "%s", rows[i].what);
		cr_expect_eq(proxies.n, rows[i].n, "%s", rows[i].what);
		cr_expect_eq(err.text[0] != '\0', rows[i].rc != HF_OK, "%s", rows[i].what);
	}
	char many[1024] = "";
	for (int i = 0; i <= HF_NET_PROXIES_MAX; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "10.0.0.%d:1 ", i);
	struct hf_net_proxies proxies = {.n = 0};
	cr_expect_eq(hf_net_proxies_add(many, &proxies, NULL), HF_E_SIZE);
}

Test(proxies, environment)
{
	struct hf_net_proxies proxies = {.n = 0};
	char text[HF_ADDR_TEXT_SIZE];
	hf_net_proxies_learn(
		"PATH=/bin\nhttp_proxy=http://10.1.2.3:3128/\nexport HTTPS_PROXY=\"http://[fd00::1]:8080\"\n"
		"all_proxy=10.9.9.9:1\nhttp_proxy=http://proxy.example:3128\nno_proxy=10.0.0.1:5\nhttp_proxy=",
		&proxies);
	cr_assert_eq(proxies.n, 3);
	cr_expect_str_eq(hf_addr_print(&proxies.v[0].addr, text), "10.1.2.3");
	cr_expect_eq(proxies.v[1].port, 8080);
	cr_expect_eq(proxies.v[2].port, 1);
}

Test(proxies, scripts)
{
	static const struct {
		const char *what, *text;
		size_t n;
	} rows[] = {
		{"one", "function FindProxyForURL(url, host) { return \"PROXY 10.1.2.3:3128\"; }", 1},
		{"several, and straight on",
		 "return 'PROXY 10.1.2.3:3128; HTTPS 10.1.2.4:443;SOCKS5 [fd00::1]:1080; DIRECT'", 3},
		{"of every kind", "'HTTP 10.0.0.1:1;SOCKS4 10.0.0.2:1;SOCKS 10.0.0.3:1;proxy\t10.0.0.4:1'", 4},
		{"the same twice", "\"PROXY 10.1.2.3:3128\" \"PROXY 10.1.2.3:3128\"", 1},
		{"in a template", "`PROXY 10.1.2.3:3128`", 1},
		{"a name", "\"PROXY proxy.example:3128\"", 0},
		{"no port", "\"PROXY 10.1.2.3\"", 0},
		{"the end of another word", "\"NOPROXY 10.1.2.3:3128\"", 0},
		{"put together when it runs", "\"PROXY \" + address + \":3128\"", 0},
		{"straight on", "return \"DIRECT\";", 0},
		{"cut off", "\"PROXY ", 0},
		{"nothing", "", 0},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_net_proxies proxies = {.n = 0};
		hf_net_proxies_of_script(rows[i].text, &proxies);
		cr_expect_eq(proxies.n, rows[i].n, "%s", rows[i].what);
	}
}

Test(proxies, where_scripts_lie)
{
	static const struct {
		const char *policy, *path;
	} rows[] = {
		{"{\"ProxyPacUrl\": \"file:///etc/council.pac\"}", "/etc/council.pac"},
		{"{\"ProxySettings\": {\"ProxyPacUrl\": \"FILE:///etc/council.pac\"}}", "/etc/council.pac"},
		{"{\"policies\": {\"Proxy\": {\"AutoConfigURL\": \"/etc/council.pac\"}}}", "/etc/council.pac"},
		{"{\"ProxyPacUrl\": \"https://council.example/proxy.pac\"}", ""},
		{"{\"ProxyPacUrl\": \"file://elsewhere/proxy.pac\"}", ""},
		{"{\"ProxyPacUrl\": 7}", ""},
		{"{}", ""},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *policy = json_loads(rows[i].policy, 0, NULL);
		const char *one, *found = "";
		for (size_t at = 0; (one = hf_net_proxies_script_of(policy, at)); at++)
			found = one[0] ? one : found;
		cr_expect_str_eq(found, rows[i].path, "%s", rows[i].policy);
	}
}

/* What nobody can know by the files of this machine is said, so that IT names it. */
Test(proxies, hidden_ones)
{
	static const struct {
		const char *policy;
		bool hidden;
	} rows[] = {
		{"{\"ProxyMode\": \"auto_detect\"}", true},
		{"{\"ProxySettings\": {\"ProxyMode\": \"auto_detect\"}}", true},
		{"{\"policies\": {\"Proxy\": {\"Mode\": \"autoDetect\"}}}", true},
		{"{\"ProxyPacUrl\": \"https://council.example/proxy.pac\"}", true},
		{"{\"ProxySettings\": {\"ProxyPacUrl\": \"http://wpad/wpad.dat\"}}", true},
		{"{\"policies\": {\"Proxy\": {\"AutoConfigURL\": \"http://wpad/wpad.dat\"}}}", true},
		{"{\"ProxyServer\": \"proxy.example:3128\"}", true},
		{"{\"policies\": {\"Proxy\": {\"HTTPProxy\": \"proxy.example:3128\"}}}", true},
		{"{\"ProxyServer\": \"10.1.2.3:3128\"}", false},
		{"{\"ProxyPacUrl\": \"file:///etc/council.pac\"}", false},
		{"{\"ProxySettings\": {\"ProxyMode\": \"system\", \"ProxyPacUrl\": \"\"}}", false},
		{"{\"ProxyMode\": 7, \"ProxySettings\": [], \"policies\": 1}", false},
		{"{}", false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *policy = json_loads(rows[i].policy, 0, NULL);
		cr_assert(policy);
		cr_expect_eq(hf_net_proxies_hidden(policy), rows[i].hidden, "%s", rows[i].policy);
	}
}

Test(proxies, policies)
{
	static const struct {
		const char *policy;
		size_t n;
		uint16_t port; /* of the last */
	} rows[] = {
		{"{\"ProxySettings\": {\"ProxyMode\": \"fixed_servers\", \"ProxyServer\": \"10.1.2.3:3128\"}}", 1,
		 3128},
		{"{\"ProxyServer\": \"http://10.1.2.3:8080\"}", 1, 8080},
		{"{\"ProxyServer\": \"http=10.1.2.3:1;https=[fd00::1]:2; socks=10.1.2.4:3\"}", 3, 3},
		{"{\"policies\": {\"Proxy\": {\"Mode\": \"manual\", \"HTTPProxy\": \"10.1.2.3:4\", \"SSLProxy\": "
		 "\"10.1.2.3:5\"}}}",
		 2, 5},
		{"{\"ProxyServer\": \"proxy.example:3128\"}", 0, 0}, /* by a name: deploy/LIMITS.md says so */
		{"{\"ProxyServer\": \"https://10.1.2.3:443\"}", 0, 0},
		{"{\"ProxyServer\": 7, \"ProxySettings\": [], \"policies\": {\"Proxy\": \"\"}}", 0, 0},
		{"{\"ProxyServer\": \"=;=; ;http=;:\"}", 0, 0},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *policy = json_loads(rows[i].policy, 0, NULL);
		struct hf_net_proxies proxies = {.n = 0};
		cr_assert(policy);
		hf_net_proxies_of_policy(policy, &proxies);
		cr_expect_eq(proxies.n, rows[i].n, "%s", rows[i].policy);
		cr_expect_eq(proxies.n > 0 ? proxies.v[proxies.n - 1].port : 0, rows[i].port, "%s", rows[i].policy);
	}
}

/* A golden text, so that a change of what the kernel is told is seen by whoever reads the change. */
Test(network, golden)
{
	hf_auto_net_want struct hf_net_want want = {0};
	hf_auto_free char *golden = NULL;
	size_t len = 0;
	want_of(&want);
	hf_auto_free char *text = text_of(&want);
	if (getenv("HF_BLESS"))
		cr_assert_eq(hf_fs_replace(GOLDEN, text, strlen(text), 0644, NULL), HF_OK);
	cr_assert_eq(hf_fs_read(GOLDEN, 1 << 20, &golden, &len, NULL), HF_OK);
	cr_expect_str_eq(text, golden, "HF_BLESS=1 writes it anew");
}

Test(network, no_drop)
{
	hf_auto_net_want struct hf_net_want want = {0};
	want_of(&want);
	hf_auto_free char *text = text_of(&want);
	cr_expect_null(strstr(text, "drop"), "who is refused is told so");
	for (const char *at = strstr(text, "holdfast answers "); at; at = strstr(at + 1, "holdfast answers "))
		cr_expect_null(memmem(at, strcspn(at, "\n"), "reject", 6),
			       "an answer comes in, and is heard at the most");
	cr_expect_not_null(strstr(text, "heard { type filter hook input priority 10; policy accept; }"));
	for (const char *at = strstr(text, "table "); at; at = strstr(at + 1, "table "))
		cr_expect_eq(strncmp(at, "table " HF_NET_TABLE, strlen("table " HF_NET_TABLE)), 0,
			     "another's table is never named");
	const char *hooks = strstr(text, "# hooks\n");
	cr_assert_not_null(hooks);
	cr_expect_null(memmem(text, (size_t)(hooks - text), "hook ", 5), "idle cost: no hook but for a raise");
}

/* A kernel that has no log takes all the rest: a table is taken as a whole or not at all. */
Test(network, no_log)
{
	hf_auto_net_want struct hf_net_want want = {0};
	want_of(&want);
	want.log_group = 0;
	hf_auto_free char *text = text_of(&want);
	cr_expect_null(strstr(text, " log "));
	cr_expect_not_null(strstr(text, "meta skuid != @open0 reject with icmpx admin-prohibited"));
}

/* Whoever tells comes before whoever refuses, and is asked for those alone who are refused. */
Test(network, told_before_refused)
{
	hf_auto_net_want struct hf_net_want want = {0};
	want_of(&want);
	hf_auto_free char *text = text_of(&want);
	const char *told = strstr(text, "shut1 meta skuid != @open1 jump tried");
	cr_assert_not_null(told);
	cr_expect_lt(told, strstr(text, "shut1 meta l4proto tcp meta skuid != @open1 reject"));
	cr_expect_not_null(strstr(text, "log group 4847 snaplen 40\n"), "it ends with the log: no verdict follows");
}

/* A chain with so many rules, in the order of libnftables-json(5). */
static void add_chain(json_t *list, const char *name, size_t n_rules)
{
	json_array_append_new(list, json_pack("{s:{s:s}}", "chain", "name", name));
	for (size_t i = 0; i < n_rules; i++)
		json_array_append_new(list, json_pack("{s:{s:s}}", "rule", "chain", name));
}

/* The table of one set of users for whom nothing is open, with so many rules that tell. */
static json_t *listing_of(size_t n_told, size_t n_shut)
{
	static const char *const sets[] = {"spared", "open0", "shared4", "shared6"};
	json_t *list = json_array();
	static const struct {
		const char *name;
		size_t n_rules;
	} chains[] = {{"ask", 4},   {"strictly", 2}, {"begun_there", 7}, {"listed", 11}, {"begin", 8}, {"refused", 5},
		      {"names", 5}, {"look", 8},     {"over", 2},	 {"settle", 9},	 {"forwarded", 2},
		      {"quic", 3},  {"again", 9}};
	for (size_t i = 0; i < HF_LEN(chains); i++)
		add_chain(list, chains[i].name, chains[i].n_rules);
	add_chain(list, "tried", n_told);
	add_chain(list, "told", n_told > 0 ? 1 : 0);
	add_chain(list, "asks", n_told > 0 ? 5 : 0);
	add_chain(list, "answers", n_told > 0 ? 2 : 0);
	add_chain(list, "shut0", n_shut);
	for (size_t i = 0; i < HF_LEN(sets); i++)
		json_array_append_new(list, i < 2 ? json_pack("{s:{s:s, s:[i]}}", "set", "name", sets[i], "elem", 0)
						  : json_pack("{s:{s:s}}", "set", "name", sets[i]));
	json_array_append_new(list, json_pack("{s:{s:s}}", "map", "name", "shut4"));
	json_array_append_new(list, json_pack("{s:{s:s}}", "map", "name", "shut6"));
	return json_pack("{s:o}", "nftables", list);
}

Test(network, listed_log)
{
	static const struct {
		const char *what;
		uint16_t group;
		size_t n_told, n_shut;
		enum hf_rc rc;
	} rows[] = {
		{"as it should be", 4846, 3, 5, HF_OK},
		{"a kernel without a log", 0, 0, 5, HF_OK},
		{"attack: nobody is told any more", 4846, 0, 5, HF_E_SHAPE},
		{"attack: of one kind of address alone", 4846, 2, 5, HF_E_SHAPE},
		{"attack: a rule that was not put there", 4846, 4, 5, HF_E_SHAPE},
		{"attack: rules that tell where none can be", 0, 3, 5, HF_E_SHAPE},
		{"attack: the way there is taken out", 4846, 3, 4, HF_E_SHAPE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_net_want struct hf_net_want want = {.n_groups = 1, .log_group = rows[i].group};
		hf_auto_json json_t *listing = listing_of(rows[i].n_told, rows[i].n_shut);
		unsigned int hooks;
		cr_expect_eq(hf_net_listed(listing, &want, &hooks, NULL), rows[i].rc, "%s", rows[i].what);
	}
}

Test(network, listed)
{
	hf_auto_net_want struct hf_net_want want = {.n_groups = 1};
	static const char *const listings[] = {"{}", "{\"nftables\":[]}",
					       "{\"nftables\":[{\"chain\":{\"name\":\"ask\"}}]}",
					       "{\"nftables\":[1,null,{}]}"};
	for (size_t i = 0; i < HF_LEN(listings); i++) {
		hf_auto_json json_t *listing = json_loads(listings[i], 0, NULL);
		unsigned int hooks = 9;
		cr_expect_eq(hf_net_listed(listing, &want, &hooks, NULL), HF_E_SHAPE, "%s", listings[i]);
		cr_expect_eq(hooks, 0);
	}
}
