/* SPDX-License-Identifier: MIT */
/*
 * Owns the proof that the agent's own parts end well when memory runs out: whole, or with an error. Policy D9.1, D9.2,
 * D9.3.
 * Must never take a result that lacks something for a whole one: with HF_OK it is what it is with all memory.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enforce/common/policies/policy_texts.h"
#include "agent/enforce/common/programs_list.h"
#include "agent/enforce/firefox/firefox_policy.h"
#include "agent/enforce/network/names/hello.h"
#include "agent/enforce/network/net_want.h"
#include "agent/rules/sites.h"
#include "agent/rules/view.h"
#include "agent/talk/question.h"
#include "tests/help/council.h"
#include "tests/help/judged.h"
#include "tests/oom/help_oom.h"

#define ALLOCATIONS_MAX 20000
#define NOW ((struct hf_wall){COUNCIL_T + 3600})
#define COMMS_2_UID 5002

/* A device with a lockdown in force: all that the agent's parts are made from. */
static struct world {
	struct council council;
	struct hf_memory memory;
	struct hf_lockdowns lockdowns;
	struct hf_facts facts;
	struct hf_case matter;
	struct hf_logins logins;
	struct hf_own_plan plan;
	struct hf_report_facts report;
} w;

static void take_window(void)
{
	const struct hf_posting which = {.lockdown = w.lockdowns.v[0].id,
					 .account = "x:CannockChaseDC",
					 .person = "comms-2",
					 .state = HF_POSTING_CLAIMED};
	struct hf_posting_window *window;

	cr_assert_eq(hf_posting_windows_add(&w.memory.windows, &which, NOW, &window), HF_OK);
	cr_assert_eq(hf_started_add(&w.memory.seen, &which.lockdown), HF_OK);
}

static void set_up(void)
{
	struct hf_known *known = &w.memory.known;
	struct hf_order doc = council_raise_doc(HF_KIND_EMERGENCY);

	cr_assert(oom_hooked(), "OpenSSL allocated before it could be hooked");
	council_open(&w.council);
	council_begin(&w.council, known);
	judged_order(known, &w.council, &doc, COMMS_1);
	cr_assert_eq(hf_known_lockdowns(known, NOW, &w.lockdowns, NULL), HF_OK);
	w.matter = (struct hf_case){known, &w.lockdowns, &w.facts, hf_known_now(known, NOW)};
	w.logins = (struct hf_logins){.v = {{.uid = COMMS_2_UID, .there = true, .in = true}},
				      .n = known->assignment->n_people};
	cr_assert_eq(hf_plan_make(&w.matter, &w.logins, &w.plan, NULL), HF_OK);
	w.report =
		(struct hf_report_facts){.memory = &w.memory, .plan = &w.plan.plan, .decided = true, .settled = true};
	take_window();
}

static void tear_down(void)
{
	hf_plan_done(&w.plan);
	hf_lockdowns_done(&w.lockdowns);
	hf_memory_done(&w.memory);
	council_close(&w.council);
}

TestSuite(oom_agent, .init = set_up, .fini = tear_down);

/* One try: its result as text, malloc'ed, with HF_OK. */
typedef enum hf_rc (*attempt_fn)(char **ret);

/* Outputs start as this; it must still be there after a failure. */
static char untouched;
#define UNTOUCHED ((void *)&untouched)

static void check_try(const char *what, size_t n, enum hf_rc rc, const char *text, const char *want)
{
	if (rc == HF_OK)
		cr_expect_str_eq(text, want,
				 "%s: allocation %zu fails, and with HF_OK it is something else: %s, not %s", what, n,
				 text, want);
	else
		cr_expect_eq(rc, HF_E_MEMORY, "%s: allocation %zu fails and it says %s", what, n, hf_rc_name(rc));
}

static void survive_arming(const char *what, attempt_fn attempt, const char *want, void (*arm)(size_t))
{
	bool failed = true;

	for (size_t n = 1; failed; n++) {
		char *text = NULL;

		cr_assert_lt(n, ALLOCATIONS_MAX, "%s: it never ends", what);
		arm(n);
		enum hf_rc rc = attempt(&text);
		failed = oom_disarm(NULL);
		check_try(what, n, rc, text, want);
		cr_expect(failed || rc == HF_OK, "%s: with all memory it gives %s", what, hf_rc_name(rc));
		free(text);
	}
}

static void survive(const char *what, attempt_fn attempt)
{
	hf_auto_free char *want = NULL;

	cr_assert_eq(attempt(&want), HF_OK, "%s", what);
	survive_arming(what, attempt, want, oom_arm);
	survive_arming(what, attempt, want, oom_arm_from);
}

/* Takes the reference. */
static enum hf_rc dump(json_t *json, char **ret)
{
	enum hf_rc rc = hf_json_text(json, JSON_COMPACT | JSON_SORT_KEYS, ret);

	json_decref(json);
	return rc;
}

static enum hf_rc dump_plan(enum hf_rc rc, struct hf_own_plan *plan, char **ret)
{
	if (rc != HF_OK) {
		cr_expect_eq(plan->doc, UNTOUCHED, "a plan, and %s", hf_rc_name(rc));
		return rc;
	}
	rc = dump(json_pack("{s:O, s:I, s:b}", "doc", plan->doc, "n", (json_int_t)plan->plan.n_blocks, "same",
			    hf_plan_same(&plan->plan, &w.plan.plan)),
		  ret);
	hf_plan_done(plan);
	return rc;
}

static enum hf_rc plan_make(char **ret)
{
	struct hf_own_plan plan = {.doc = UNTOUCHED};

	return dump_plan(hf_plan_make(&w.matter, &w.logins, &plan, NULL), &plan, ret);
}

static enum hf_rc plan_all(char **ret)
{
	struct hf_own_plan plan = {.doc = UNTOUCHED};

	return dump_plan(hf_plan_all(w.memory.known.reg, &plan, NULL), &plan, ret);
}

static enum hf_rc plan_join(char **ret)
{
	struct hf_own_plan plan = {.doc = UNTOUCHED};

	return dump_plan(hf_plan_join(&w.plan.plan, &w.plan.plan, &plan, NULL), &plan, ret);
}

/* To JSON and back, too. */
static enum hf_rc shut(char **ret)
{
	struct hf_shut_hosts list = {.doc = UNTOUCHED}, back = {.doc = UNTOUCHED};
	json_t *json = NULL;
	enum hf_rc rc = hf_shut_hosts_of_plan(&w.plan.plan, &list, NULL);

	if (rc != HF_OK) {
		cr_expect_eq(list.doc, UNTOUCHED, "a list, and %s", hf_rc_name(rc));
		return rc;
	}
	json = hf_shut_hosts_to_json(&list);
	hf_shut_hosts_done(&list);
	if (!json)
		return HF_E_MEMORY;
	rc = hf_shut_hosts_from_json(json, &back, NULL);
	json_decref(json);
	if (rc != HF_OK) {
		cr_expect_eq(back.doc, UNTOUCHED, "a list, and %s", hf_rc_name(rc));
		return rc;
	}
	rc = dump(hf_shut_hosts_to_json(&back), ret);
	hf_shut_hosts_done(&back);
	return rc;
}

static enum hf_rc teach(struct hf_learned *learned)
{
	static const char text[] = "{\"x.com\":[\"203.0.113.7\",\"203.0.113.8\"],\"twitter.com\":[\"2a03:2880::1\"]}";
	hf_auto_json json_t *answer = NULL;
	const struct hf_addrs none = {0};
	const struct hf_learning how = {.no = &none};
	bool changed;
	enum hf_rc rc = hf_json_read(text, sizeof(text) - 1, sizeof(text), &answer, NULL);

	return rc == HF_OK ? hf_learned_hear(learned, answer, &how, &changed) : rc;
}

static enum hf_rc network(char **ret)
{
	hf_auto_net_want struct hf_net_want want = {0};
	hf_auto_shut_hosts struct hf_shut_hosts list = {0};
	struct hf_learned learned = {0};
	enum hf_rc rc = teach(&learned);

	if (rc == HF_OK)
		rc = hf_shut_hosts_of_plan(&w.plan.plan, &list, NULL);
	if (rc == HF_OK)
		rc = hf_net_want_make(&list, &learned, 0, &want, NULL);
	cr_expect(rc == HF_OK || (!want.targets && !want.shared.v), "targets, and %s", hf_rc_name(rc));
	if (rc == HF_OK)
		rc = dump(json_pack("{s:o, s:I, s:I, s:I}", "learned", hf_learned_to_json(&learned, false), "groups",
				    (json_int_t)want.n_groups, "targets", (json_int_t)want.n_targets, "shared",
				    (json_int_t)want.shared.n),
			  ret);
	hf_learned_done(&learned);
	return rc;
}

static enum hf_rc sites(char **ret)
{
	return dump(hf_sites_make(&w.matter, &w.memory, &w.plan.plan, COMMS_2_UID, COUNCIL_PAIR("comms-2")), ret);
}

static enum hf_rc view(char **ret)
{
	const struct hf_posting_time time = {.boot = {1000}, .boot_id = "boot", .wall = NOW};
	const struct hf_view_facts facts = {.who = COUNCIL_PAIR("comms-2"), .trouble = "", .time = &time, .heard_s = 1};

	return dump(hf_view_make(&w.matter, &w.report, &facts, NULL), ret);
}

static enum hf_rc report(char **ret)
{
	struct hf_report_rows rows;
	struct hf_report made;
	char *bytes = UNTOUCHED;
	size_t len = 0;

	if (hf_report_make(&w.matter, &w.report, &rows, &made) != HF_OK)
		return HF_E_MEMORY;
	enum hf_rc rc = hf_report_sign(&made, w.council.keys[3], &bytes, &len, NULL);
	if (rc != HF_OK)
		cr_expect_eq(bytes, UNTOUCHED, "bytes, and %s", hf_rc_name(rc));
	else
		free(bytes);
	return rc == HF_OK ? dump(hf_report_encode(&made), ret) : rc;
}

static enum hf_rc question(char **ret)
{
	static const char text[] = "{\"ask\":\"posted\",\"reads\":1,\"account\":\"x:A\",\"site\":\"https://x.com/1\"}";
	struct hf_question q = {.version = 77};
	enum hf_rc rc = hf_question_decode(text, sizeof(text) - 1, &q);

	cr_expect(rc == HF_OK || q.version == 77, "a question, and %s", hf_rc_name(rc));
	return rc == HF_OK ? dump(hf_question_encode(&q), ret) : rc;
}

static enum hf_rc memory_encode(char **ret)
{
	return dump(hf_memory_encode(&w.memory, 1), ret);
}

/* A signature that cannot be verified for want of memory counts for nobody: then it does not come back either. */
static enum hf_rc memory_decode(char **ret)
{
	hf_auto_json json_t *json = hf_memory_encode(&w.memory, 1);
	hf_auto_memory struct hf_memory back = {0};
	int copy = 7;
	enum hf_rc rc = json ? hf_memory_decode(json, &back, &copy, NULL) : HF_E_MEMORY;

	cr_expect(rc == HF_OK || (copy == 7 && !back.known.trust && !back.windows.v), "half a memory came back");
	if (rc == HF_OK)
		return dump(hf_memory_encode(&back, 1), ret);
	return HF_E_MEMORY;
}

static enum hf_rc passes(char **ret)
{
	hf_auto_posting_windows struct hf_posting_windows back = {NULL, 0}, copy = {NULL, 0};
	hf_auto_json json_t *json = hf_posting_windows_encode(&w.memory.windows);
	enum hf_rc rc = json ? hf_posting_windows_decode(json, &back, NULL) : HF_E_MEMORY;

	if (rc == HF_OK)
		rc = hf_posting_windows_copy(&back, &copy);
	cr_expect(rc == HF_OK || !copy.v, "a copy, and %s", hf_rc_name(rc));
	return rc == HF_OK ? dump(hf_posting_windows_encode(&copy), ret) : rc;
}

static enum hf_rc hello(char **ret)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: x.com\r\n\r\n";
	char host[HF_HOST_SIZE] = "";
	size_t used;

	cr_expect_eq(hf_hello_read((const uint8_t *)text, sizeof(text) - 1, host, &used), HF_HELLO_NAMED);
	return dump(json_pack("[s]", host), ret);
}

static const char *const TWO[] = {"mastodon.social", "x.com"};
static const struct hf_strs ADDRESSES = {.v = (const char **)(uintptr_t)TWO, .n = 2};

static enum hf_rc check_text(enum hf_rc rc, char *text, char **ret)
{
	if (rc == HF_OK)
		*ret = text;
	else
		cr_expect_eq(text, UNTOUCHED, "a text, and %s", hf_rc_name(rc));
	return rc;
}

static enum hf_rc firefox_policies(char **ret)
{
	static const char text[] =
		"{\"policies\":{\"n\":1,\"WebsiteFilter\":\"{\\\"Block\\\":[\\\"<all_urls>\\\"]}\"}}";
	const struct hf_firefox_text theirs = {text, sizeof(text) - 1};
	char *made = UNTOUCHED;

	enum hf_rc rc = hf_firefox_policies(&theirs, &ADDRESSES, &made);

	return check_text(rc, made, ret);
}

static enum hf_rc firefox_lock(char **ret)
{
	char id[HF_DIGEST_HEX_SIZE], *made = UNTOUCHED;

	enum hf_rc rc = hf_firefox_lock(&w.plan.plan, "/x.xpi", &made, id);

	return check_text(rc, made, ret);
}

static enum hf_rc firefox_engine(char **ret)
{
	const struct hf_firefox_paths paths = {"/lock", "/socket", "/policies", "/theirs", 13};
	char *made = UNTOUCHED;

	enum hf_rc rc = hf_firefox_engine(&paths, &made);

	return check_text(rc, made, ret);
}

/* Of another vendor, and it would open what is blocked if it were not seen. */
static enum hf_rc with_theirs(enum hf_rc (*make)(const struct hf_policy_file *, char **), char **ret)
{
	static const char text[] = "{\"URLAllowlist\":[\"x.com/help\",],\"URLBlocklist\":[\"games.example\"]}";
	json_t *doc = UNTOUCHED;
	char *made = UNTOUCHED;
	enum hf_rc rc = hf_policy_parse(text, sizeof(text) - 1, &doc);

	if (rc != HF_OK) {
		cr_expect_eq(doc, UNTOUCHED);
		return rc;
	}
	const struct hf_policy_file file = {.name = "corp.json", .doc = doc};
	rc = make(&file, &made);
	rc = check_text(rc, made, ret);
	json_decref(doc);
	return rc;
}

static enum hf_rc make_lockdown(const struct hf_policy_file *file, char **ret)
{
	return hf_policy_lockdown(file, 1, &ADDRESSES, ret);
}

static const struct hf_policy_extension EXTENSION = {"id", "https://updates.example", "{}", true};

static enum hf_rc make_told(const struct hf_policy_file *file, char **ret)
{
	return hf_policy_told(file, 1, &EXTENSION, ret);
}

static enum hf_rc make_install(const struct hf_policy_file *file, char **ret)
{
	return hf_policy_install(file, 1, &EXTENSION, ret);
}

static enum hf_rc policy_lockdown(char **ret)
{
	return with_theirs(make_lockdown, ret);
}

static enum hf_rc policy_told(char **ret)
{
	return with_theirs(make_told, ret);
}

static enum hf_rc policy_install(char **ret)
{
	return with_theirs(make_install, ret);
}

/* Files that every Debian has. */
static enum hf_rc programs(char **ret)
{
	static const char *const paths[] = {"/bin/sh", "/bin/true", "/usr/share/base-files"};
	static const struct hf_strs list_of = {.v = (const char **)(uintptr_t)paths, .n = HF_LEN(paths)};
	struct hf_block block = {.tool = "t", .name = "T", .programs = &list_of};
	const struct hf_plan plan = {&block, 1};
	struct hf_programs_list list = {NULL, 0};
	struct hf_programs_found found = {.n = 77};
	const struct hf_programs_guard guard = {NULL, 0};
	enum hf_rc rc = hf_programs_list_take(&list, &plan, NULL);

	cr_expect(rc == HF_OK || !list.v, "a list, and %s", hf_rc_name(rc));
	if (rc == HF_OK)
		rc = hf_programs_find(&list, &guard, &found, NULL);
	cr_expect(rc == HF_OK || found.n == 77, "files, and %s", hf_rc_name(rc));
	if (rc == HF_OK) {
		rc = dump(json_pack("[I, s]", (json_int_t)found.n, found.trouble), ret);
		hf_programs_found_done(&found);
	}
	hf_programs_list_done(&list);
	return rc;
}

/* clang-format off */
static const struct { const char *what; attempt_fn attempt; } PARTS[] = {
	{ "D9.2 plan", plan_make },            { "plan of all", plan_all },
	{ "D9.2 plans joined", plan_join },    { "D9.1 hosts that are shut", shut },
	{ "addresses that are shut", network },
	{ "D9.1 sites", sites },               { "view", view },
	{ "report", report },                  { "question", question },
	{ "memory out", memory_encode },       { "memory back", memory_decode },
	{ "D9.3 posting windows", passes },    { "hello", hello },
	{ "Firefox policies", firefox_policies }, { "Firefox lock", firefox_lock },
	{ "Firefox engine", firefox_engine },  { "attack: allowed by another policy", policy_lockdown },
	{ "policy that tells", policy_told },  { "policy that installs", policy_install },
	{ "programs", programs },
};
/* clang-format on */

Test(oom_agent, each_part_is_whole_or_says_so)
{
	for (size_t i = 0; i < HF_LEN(PARTS); i++)
		survive(PARTS[i].what, PARTS[i].attempt);
}
