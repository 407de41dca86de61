/* SPDX-License-Identifier: MIT */
/*
 * The text and name of a lockdown's browser policy, and who has read it. Policy D9.2 (blocked on every device), D9.3
 * (only an all-clear opens).
 * Must never start a browser.
 */
#include <criterion/criterion.h>

#include "agent/enforce/common/policies/policy_addresses.h"
#include "agent/enforce/common/policies/policy_readers.h"
#include "agent/enforce/common/policies/policy_texts.h"

/* clang-format off */
static const struct {
	const char *what, *entry, *address;
	bool opens;
} ENTRIES[] = {
	{ "the address itself",               "x.com",                       "x.com", true },
	{ "a scheme and a path of it",        "https://x.com/help",          "x.com", true },
	{ "a subdomain: longer hosts win",    "mobile.x.com",                "x.com", true },
	{ "exactly this host",                ".x.com",                      "x.com", true },
	{ "a port",                           "x.com:8443",                  "x.com", true },
	{ "capitals",                         "HTTPS://X.COM/",              "x.com", true },
	{ "a user name before it",            "https://me:pw@x.com/",        "x.com", true },
	{ "a host that is written in escapes", "x%2Ecom",                    "x.com", true },
	{ "a dot behind it",                  "x.com.",                      "x.com", true },
	{ "blanks before it",                 "  x.com",                     "x.com", true },
	{ "a query",                          "x.com?a=b",                   "x.com", true },
	{ "another site that ends so",        "netflix.com",                 "x.com", false },
	{ "another site that begins so",      "x.com.example",               "x.com", false },
	{ "everything: the block is longer",  "*",                           "x.com", false },
	{ "a whole domain: the block is longer", "com",                      "x.com", false },
	{ "a scheme",                         "https://*",                   "x.com", false },
	{ "the name in a path",               "www.gov.uk/x.com",            "x.com", false },
	{ "the name in a query",              "www.gov.uk?u=https://x.com",  "x.com", false },
	{ "nothing",                          "",                            "x.com", false },
	{ "another script, in doubt",         "b\xc3\xbc" "cher.example",    "xn--bcher-kva.example", true },
	{ "another script, no doubt",         "b\xc3\xbc" "cher.example",    "x.com", false },
};

static const struct {
	const char *what, *text;
	bool read;
} TEXTS[] = {
	{ "plain",                    "{\"a\":1}", true },
	{ "commas at the end",        "{\"a\":[1,2,],}", true },
	{ "comments",                 "{ // one\n \"a\": /* two, ] */ 1 }", true },
	{ "a comment mark in a text", "{\"a\":\"http://x/*y*/,]\"}", true },
	{ "a quote in a text",        "{\"a\":\"\\\"//\"}", true },
	{ "a byte order mark",        "\xef\xbb\xbf{}", true },
	{ "a comment without end",    "{} /* ", true },
	{ "a short comment mark",     "{\"a\":1 /*/ }", false },
	{ "a list",                   "[1]", false },
	{ "half",                     "{\"a\":", false },
	{ "a text without end",       "{\"a\":\"b", false },
	{ "nothing",                  "", false },
};

static const struct {
	const char *what, *files[3], *want;
} LOCKDOWNS[] = {
	{ "nobody else", { NULL },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\"]}" },
	{ "their prohibitions stay", { "{\"URLBlocklist\":[\"games.example\",\"x.com\"]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\",\"games.example\"]}" },
	{ "of several files the last decides", { "{\"URLBlocklist\":[\"old.example\"]}", "{\"URLBlocklist\":[\"new.example\"]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\",\"new.example\"]}" },
	{ "joined if they say so", { "{\"URLBlocklist\":[\"old.example\"]}",
	    "{\"URLBlocklist\":[\"new.example\"],\"PolicyListMultipleSourceMergeList\":[\"URLBlocklist\"]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\",\"old.example\",\"new.example\"]}" },
	{ "what they allow elsewhere is not touched", { "{\"URLAllowlist\":[\"fine.example\",\"*\"]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\"]}" },
	{ "what they allow must not open", { "{\"URLAllowlist\":[\"fine.example\",\"x.com/help\"]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\"],\"URLAllowlist\":[\"fine.example\"]}" },
	{ "what is allowed in a file that does not count", { "{\"URLAllowlist\":[\"x.com\"]}", "{\"URLAllowlist\":[]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\"]}" },
	{ "permissions are joined no more", { "{\"URLAllowlist\":[\"x.com\",\"fine.example\"],\"Other\":[\"a\"]}",
	    "{\"PolicyListMultipleSourceMergeList\":[\"*\"]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\"],\"URLAllowlist\":[\"fine.example\"],"
	  "\"PolicyListMultipleSourceMergeList\":[\"Other\"]}" },
	{ "values of another kind", { "{\"URLBlocklist\":7,\"URLAllowlist\":[1,null,\"x.com\"]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\"],\"URLAllowlist\":[]}" },
	{ "a file that nobody understands", { "{", "{\"URLBlocklist\":[\"new.example\"]}" },
	  "{\"URLBlocklist\":[\"mastodon.social\",\"x.com\",\"new.example\"]}" },
};

static const struct {
	const char *what;
	bool told, alone;
	const char *file, *key, *want; /* NULL: not set by us */
} GUARDED[] = {
	{ "no other proxy than the machine's", false, false, NULL, "ProxySettings", "{\"ProxyMode\":\"system\"}" },
	{ "a council's proxy goes on", false, false, "{\"ProxyMode\":\"pac_script\",\"ProxyPacUrl\":\"http://p/\"}", "ProxySettings", NULL },
	{ "a council's proxy, in the newer form", false, false, "{\"ProxySettings\":{\"ProxyMode\":\"direct\"}}", "ProxySettings", NULL },
	{ "no encrypted name questions", false, false, NULL, "DnsOverHttpsMode", "\"off\"" },
	{ "not even if they may", false, false, "{\"DnsOverHttpsMode\":\"automatic\"}", "DnsOverHttpsMode", "\"off\"" },
	{ "but to a council's own resolver", false, false,
	  "{\"DnsOverHttpsMode\":\"secure\",\"DnsOverHttpsTemplates\":\"https://dns.council.example/q\"}", "DnsOverHttpsMode", NULL },
	{ "no resolver of the browser's own", false, false, NULL, "BuiltInDnsClientEnabled", "false" },
	{ "no hidden server names", false, false, "{\"EncryptedClientHelloEnabled\":true}", "EncryptedClientHelloEnabled", "false" },
	{ "no guests", false, false, "{\"BrowserGuestModeEnabled\":true}", "BrowserGuestModeEnabled", "false" },
	{ "no guests for the extension's sake", true, false, NULL, "BrowserGuestModeEnabled", "false" },
	{ "no windows without extensions", true, false, "{\"IncognitoModeAvailability\":2}", "IncognitoModeAvailability", "1" },
	{ "no tools for developers on our extension", true, false, "{\"DeveloperToolsAvailability\":1}", "DeveloperToolsAvailability", "0" },
	{ "where there are none at all it stays so", true, false, "{\"DeveloperToolsAvailability\":2}", "DeveloperToolsAvailability", NULL },
	{ "hosts of a person's own go on", true, false, NULL, "NativeMessagingUserLevelHosts", NULL },
	{ "attack: a false host where the extension alone shuts", true, true, NULL, "NativeMessagingUserLevelHosts", "false" },
};

static const struct {
	const char *what, *files[3], *others;
} INSTALLS[] = {
	{ "nobody else", { NULL }, "{}" },
	{ "theirs stay", { "{\"ExtensionSettings\":{\"a\":{\"installation_mode\":\"blocked\"}}}" }, "{\"a\":{\"installation_mode\":\"blocked\"}}" },
	{ "of several files the last decides", { "{\"ExtensionSettings\":{\"a\":{}}}", "{\"ExtensionSettings\":{\"b\":{}}}" }, "{\"b\":{}}" },
	{ "joined if they say so", { "{\"ExtensionSettings\":{\"a\":{}}}",
	    "{\"ExtensionSettings\":{\"b\":{}},\"PolicyDictionaryMultipleSourceMergeList\":[\"ExtensionSettings\"]}" }, "{\"a\":{},\"b\":{}}" },
	{ "their list is not touched", { "{\"ExtensionInstallForcelist\":[\"a;https://u.example/\"]}" }, "{}" },
	{ "a value of another kind", { "{\"ExtensionSettings\":[1]}" }, "{}" },
	{ "attack: another file would let our extension be removed", { "{\"ExtensionSettings\":{\"ours\":{\"installation_mode\":\"removed\"}}}" }, "{}" },
};

static const struct {
	const char *what, *last, *want;
} NAMES[] = {
	{ "nobody else",          NULL,                          "zzzz-holdfast-lockdown.json" },
	{ "usual",                "managed.json",                "zzzz-holdfast-lockdown.json" },
	{ "one that ranks above", "zzzzz.json",                  "~zzzz-holdfast-lockdown.json" },
	{ "one with a tilde",     "~~~",                         "~~~zzzz-holdfast-lockdown.json" },
	{ "none can rank above",  "\xff",                        NULL },
};
/* clang-format on */

Test(policy, entries_that_open)
{
	for (size_t i = 0; i < HF_LEN(ENTRIES); i++)
		cr_expect_eq(hf_policy_opens(ENTRIES[i].entry, ENTRIES[i].address), ENTRIES[i].opens, "%s",
			     ENTRIES[i].what);
}

Test(policy, texts_as_lenient_as_browsers)
{
	for (size_t i = 0; i < HF_LEN(TEXTS); i++) {
		hf_auto_json json_t *doc = NULL;
		enum hf_rc rc = hf_policy_parse(TEXTS[i].text, strlen(TEXTS[i].text), &doc);
		cr_expect_eq(rc, TEXTS[i].read ? HF_OK : HF_E_JSON, "%s: %s", TEXTS[i].what, hf_rc_name(rc));
		cr_expect_eq(doc != NULL, TEXTS[i].read, "%s", TEXTS[i].what);
	}
}

static size_t parse_files(const char *const texts[3], struct hf_policy_file files[3])
{
	static const char *const names[3] = {"a.json", "b.json", "c.json"};
	size_t n = 0;
	for (; n < 3 && texts[n]; n++) {
		json_t *doc = NULL;
		if (hf_policy_parse(texts[n], strlen(texts[n]), &doc) != HF_OK)
			doc = NULL;
		files[n] = (struct hf_policy_file){.name = names[n], .doc = doc};
	}
	return n;
}

static void forget(struct hf_policy_file files[3], size_t n)
{
	for (size_t j = 0; j < n; j++)
		json_decref((json_t *)(uintptr_t)files[j].doc);
}

/* The settings that a lockdown fixes beside its lists: see GUARDED. */
static void without_guards(json_t *doc)
{
	static const char *const keys[] = {"ProxySettings", "DnsOverHttpsMode", "BuiltInDnsClientEnabled",
					   "BrowserGuestModeEnabled", "EncryptedClientHelloEnabled"};
	for (size_t i = 0; i < HF_LEN(keys); i++)
		json_object_del(doc, keys[i]);
}

Test(policy, lockdown_beside_others)
{
	const char *addresses[] = {"mastodon.social", "x.com"};
	const struct hf_strs list = {.v = addresses, .n = 2};
	for (size_t i = 0; i < HF_LEN(LOCKDOWNS); i++) {
		struct hf_policy_file files[3];
		hf_auto_free char *text = NULL;
		size_t n = parse_files(LOCKDOWNS[i].files, files);
		cr_assert_eq(hf_policy_lockdown(files, n, &list, &text), HF_OK, "%s", LOCKDOWNS[i].what);
		hf_auto_json json_t *saw = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		hf_auto_json json_t *want = json_loads(LOCKDOWNS[i].want, 0, NULL);
		without_guards(saw);
		cr_expect(json_equal(saw, want), "D9.2 %s: %s", LOCKDOWNS[i].what, text);
		forget(files, n);
	}
}

Test(policy, ways_round_are_shut_and_what_others_decided_stays)
{
	const char *addresses[] = {"x.com"};
	const struct hf_strs list = {.v = addresses, .n = 1};
	for (size_t i = 0; i < HF_LEN(GUARDED); i++) {
		const struct hf_policy_extension extension = {.id = "id", .sites = "{}", .alone = GUARDED[i].alone};
		struct hf_policy_file files[3];
		hf_auto_free char *text = NULL;
		size_t n = parse_files((const char *const[3]){GUARDED[i].file}, files);
		enum hf_rc rc = GUARDED[i].told ? hf_policy_told(files, n, &extension, &text)
						: hf_policy_lockdown(files, n, &list, &text);
		cr_assert_eq(rc, HF_OK, "%s", GUARDED[i].what);
		hf_auto_json json_t *saw = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		const json_t *value = json_object_get(saw, GUARDED[i].key);
		hf_auto_json json_t *want = GUARDED[i].want ? json_loads(GUARDED[i].want, JSON_DECODE_ANY, NULL) : NULL;
		cr_expect(GUARDED[i].want ? json_equal(value, want) : !value, "D9.2 %s: %s", GUARDED[i].what, text);
		forget(files, n);
	}
}

Test(policy, extension_is_installed_beside_those_of_others)
{
	const struct hf_policy_extension extension = {.id = "ours", .updates = "file:///u.xml"};
	for (size_t i = 0; i < HF_LEN(INSTALLS); i++) {
		struct hf_policy_file files[3];
		hf_auto_free char *text = NULL;
		size_t n = parse_files(INSTALLS[i].files, files);
		cr_assert_eq(hf_policy_install(files, n, &extension, &text), HF_OK, "%s", INSTALLS[i].what);
		hf_auto_json json_t *saw = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		json_t *settings = json_object_get(saw, "ExtensionSettings");
		hf_auto_json json_t *want = json_loads(INSTALLS[i].others, 0, NULL);
		cr_expect_eq(json_object_size(saw), 1, "%s: no list of theirs is touched", INSTALLS[i].what);
		cr_expect_str_eq(
			json_string_value(json_object_get(json_object_get(settings, "ours"), "installation_mode")),
			"force_installed", "%s", INSTALLS[i].what);
		json_object_del(settings, "ours");
		cr_expect(json_equal(settings, want), "%s: %s", INSTALLS[i].what, text);
		forget(files, n);
	}
}

Test(policy, addresses_once_and_not_below_each_other)
{
	const char *v[] = {"x.com", "mobile.x.com", "a.example", "x.com", "notx.com"};
	struct hf_strs list = {.v = v, .n = 5};
	hf_policy_addresses(&list);
	cr_assert_eq(list.n, 3);
	cr_expect_str_eq(list.v[0], "a.example");
	cr_expect_str_eq(list.v[1], "notx.com", "only what is below it is covered by it");
	cr_expect_str_eq(list.v[2], "x.com");
}

Test(policy, names_that_rank_last)
{
	for (size_t i = 0; i < HF_LEN(NAMES); i++) {
		const struct hf_policy_file file = {.name = NAMES[i].last, .doc = NULL};
		char name[HF_POLICY_NAME_SIZE];
		enum hf_rc rc = hf_policy_name(&file, NAMES[i].last ? 1 : 0, HF_POLICY_LOCKDOWN, name);
		cr_expect_eq(rc, NAMES[i].want ? HF_OK : HF_E_SIZE, "%s", NAMES[i].what);
		if (!NAMES[i].want)
			continue;
		cr_expect_str_eq(name, NAMES[i].want, "%s: %s", NAMES[i].what, name);
		cr_expect(hf_policy_is(name, HF_POLICY_LOCKDOWN), "%s: our own name is known again", NAMES[i].what);
	}
	cr_expect_not(hf_policy_is_ours(HF_POLICY_BASE), "the base file stays");
	cr_expect_not(hf_policy_is_ours("corp-zzzz-holdfast-lockdown.json"), "a file of somebody else stays");
}

static struct hf_boot_ms at(int64_t ms)
{
	return (struct hf_boot_ms){.ms = ms};
}

static struct hf_reader *seen(struct hf_readers *readers, pid_t pid, uint64_t start, int64_t now)
{
	const struct hf_proc proc = {.pid = pid, .start = start};
	return hf_readers_saw(readers, &proc, at(now), 100);
}

static struct hf_readers_due due(struct hf_readers *readers, int64_t now)
{
	struct hf_readers_due ret;
	hf_readers_due(readers, at(now), &ret);
	return ret;
}

static const struct hf_reader_opened RIGHT = {.locked = true, .lockdown = true, .right = true};
static const struct hf_reader_opened WRONG = {.locked = true, .lockdown = true, .right = false};
static const struct hf_reader_opened LOCKED_BASE = {.locked = true};
static const struct hf_reader_opened OPEN_LOCKDOWN = {.lockdown = true};
static const struct hf_reader_opened OPEN_BASE = {.locked = false};

Test(readers, a_browser_counts_when_it_has_read_what_is_wanted)
{
	struct hf_readers readers = {.v = NULL};
	hf_readers_change(&readers, at(10000));
	struct hf_reader *reader = seen(&readers, 7, 100, 10000);
	cr_expect_eq(due(&readers, 10001).n_waiting, 1, "D9.2: verified is not received");
	hf_readers_opened(reader, &WRONG, at(10010));
	hf_readers_opened(reader, &LOCKED_BASE, at(10011));
	cr_expect_eq(due(&readers, 10500).n_waiting, 1, "another text than ours does not count");
	hf_readers_opened(reader, &RIGHT, at(10600));
	cr_expect_eq(due(&readers, 10601).n_waiting, 1, "between reading and obeying it still waits");
	struct hf_readers_due later = due(&readers, 10800);
	cr_expect_eq(later.n_waiting, 0);
	cr_expect_eq(later.next_ms, 0, "then nothing wakes the agent any more");
	hf_readers_change(&readers, at(20000));
	cr_expect_eq(due(&readers, 20001).n_waiting, 1, "after a change all must read again");
	hf_readers_done(&readers);
}

Test(readers, release_is_read_only_without_the_lockdown_file)
{
	struct hf_readers readers = {.v = NULL};
	hf_readers_change(&readers, at(10000));
	struct hf_reader *reader = seen(&readers, 7, 100, 10000);
	hf_readers_opened(reader, &OPEN_LOCKDOWN, at(10001));
	hf_readers_opened(reader, &OPEN_BASE, at(10002));
	cr_expect_eq(due(&readers, 10500).n_waiting, 1, "D9.3 it was half way through the old files");
	hf_readers_opened(reader, &OPEN_BASE, at(10600));
	cr_expect_eq(due(&readers, 10800).n_waiting, 0);
	hf_readers_done(&readers);
}

Test(readers, a_browser_started_after_the_change_is_given_time_to_start)
{
	struct hf_readers readers = {.v = NULL};
	hf_readers_change(&readers, at(10000));
	seen(&readers, 7, 1100, 11050);
	struct hf_readers_due young = due(&readers, 11060);
	cr_expect_eq(young.n_waiting, 0, "it reads before it shows a page");
	cr_expect_gt(young.next_ms, 0, "but it is looked at again");
	cr_expect_eq(due(&readers, 13100).n_waiting, 1, "one that does not read is not counted as enforced");
	hf_readers_done(&readers);
}

Test(readers, a_number_given_to_another_process_is_another_browser)
{
	struct hf_readers readers = {.v = NULL};
	hf_readers_change(&readers, at(10000));
	hf_readers_opened(seen(&readers, 7, 100, 10000), &RIGHT, at(10000));
	hf_readers_begin(&readers);
	seen(&readers, 7, 101, 12000);
	hf_readers_end(&readers);
	cr_expect_eq(readers.n, 1, "the one that ended is forgotten");
	cr_expect_eq(due(&readers, 15000).n_waiting, 1, "the other has read nothing");
	hf_readers_done(&readers);
}

Test(readers, prods_come_at_2_8_and_30_seconds_among_others)
{
	struct hf_readers readers = {.v = NULL};
	hf_readers_change(&readers, at(0));
	seen(&readers, 7, 0, 0);
	int prods = 0;
	int fresh = 0;
	for (int64_t now = 0; now <= 31000; now += 100) {
		struct hf_readers_due d = due(&readers, now);
		cr_expect_leq(d.next_ms, 500, "it is looked at soon while somebody waits");
		prods += d.prod;
		fresh += d.prod && d.fresh;
		if (now == 2000 || now == 8000 || now == 30000)
			cr_expect(d.prod, "at %d ms", (int)now);
	}
	cr_expect_eq(prods, 12);
	cr_expect_eq(fresh, 2);
	cr_expect(due(&readers, 95000).prod, "and later every minute");
	hf_readers_done(&readers);
}
