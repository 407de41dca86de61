/* SPDX-License-Identifier: MIT */
/*
 * Owns what machines are sent: signatures, forms, alerts and tokens, and the settings that have their secrets.
 * Must never let a text become markup, an exercise pass for the real thing, or a secret be printed (policy D9.3).
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "controller/notify/cap.h"
#include "controller/notify/hook_conf.h"
#include "controller/notify/hook_sign.h"
#include "controller/notify/jwt.h"
#include "tests/help/folder.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SERVICE "26785a09-ab16-4eb0-8407-a37497a57506"
#define KEY_SECRET "3d844edf-8d35-48ac-975b-e847b4f122b0"

static struct hf_err err;

/* Its example: id, time, body and secret are those of the standard's libraries. */
Test(hooks, the_signature_of_the_standard)
{
	static const char body[] = "{\"test\": 2432232314}";
	const struct hf_hook_message message = {"msg_p5jXN8AQM9LWM0D4loKWxJek", {1614265330}, body, sizeof(body) - 1};
	char signature[HF_HOOK_SIGNATURE_SIZE] = "";
	cr_assert_eq(hf_hook_sign(SECRET, &message, signature, &err), HF_OK, "%s", err.text);
	cr_expect_str_eq(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

Test(hooks, secrets)
{
	static const struct {
		const char *what, *secret;
		enum hf_rc want;
	} rows[] = {
		{"shared, 24 bytes", SECRET, HF_OK},
		{"a key of Ed25519", "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", HF_OK},
		{"nothing", "", HF_E_SHAPE},
		{"no kind", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", HF_E_SHAPE},
		{"too short", "whsec_MfKQ9r8GKYqrTw==", HF_E_SHAPE},
		{"no base64", "whsec_!!!!", HF_E_SHAPE},
		{"a key that is none", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", HF_E_SHAPE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		cr_expect_eq(hf_hook_secret_ok(rows[i].secret, &err), rows[i].want, "%s", rows[i].what);
		cr_expect(rows[i].want == HF_OK || !rows[i].secret[0] || !strstr(err.text, rows[i].secret), "it is in no sentence: %s", err.text);
	}
}

/* Checked by the other side with openssl in tests/system/test_channels.py. */
Test(hooks, a_signature_of_ed25519)
{
	const struct hf_hook_message message = {"a", {1}, "b", 1};
	char signature[HF_HOOK_SIGNATURE_SIZE] = "";
	cr_assert_eq(hf_hook_sign("whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &message, signature, &err), HF_OK, "%s", err.text);
	cr_expect_eq(strncmp(signature, "v1a,", 4), 0, "%s", signature);
	cr_expect_eq(strlen(signature), 4 + 88);
}

#define DATA(subject, text) "{\"type\":\"test\",\"timestamp\":1,\"data\":{\"subject\":\"" subject "\",\"text\":\"" text "\"}}"

Test(hooks, forms)
{
	static const struct {
		const char *what;
		enum hf_rc (*fn)(const char *event, char **ret, size_t *ret_len, struct hf_err *err);
		const char *event, *want; /* NULL: refused */
	} rows[] = {
		{"a card", hf_hook_card, DATA("Stop", "Now"), "{\"type\":\"message\",\"attachments\":[{\"contentType\":\"application/vnd.microsoft.card.adaptive\",\"contentUrl\":null,"
		 "\"content\":{\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\",\"type\":\"AdaptiveCard\",\"version\":\"1.4\",\"body\":["
		 "{\"type\":\"TextBlock\",\"text\":\"Stop\",\"weight\":\"Bolder\",\"size\":\"Medium\",\"wrap\":true},{\"type\":\"TextBlock\",\"text\":\"Now\",\"wrap\":true}]}}]}"},
		{"a link in a card is none", hf_hook_card, DATA("S", "[a](https://b)"), "\\\\[a\\\\]\\\\(https://b\\\\)"},
		{"Slack", hf_hook_slack, DATA("Stop", "Now"), "{\"text\":\"Stop\\n\\nNow\",\"mrkdwn\":false}"},
		{"a command of Slack is none", hf_hook_slack, DATA("S", "<!channel> & <https://b|a>"), "&lt;!channel&gt; &amp; &lt;https://b|a&gt;"},
		{"no text", hf_hook_slack, "{\"type\":\"test\",\"data\":{}}", NULL},
		{"no JSON", hf_hook_card, "{", NULL},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_free char *text = NULL;
		size_t len = 0;
		enum hf_rc rc = rows[i].fn(rows[i].event, &text, &len, &err);
		cr_expect_eq(rc == HF_OK, rows[i].want != NULL, "%s: %s", rows[i].what, err.text);
		if (rc == HF_OK && rows[i].want)
			cr_expect(strstr(text, rows[i].want), "%s: %s", rows[i].what, text);
	}
}

#define ID1 "11112222333344445555666677778888aaaabbbbccccddddeeeeffff00001111"
#define ID2 "99992222333344445555666677778888aaaabbbbccccddddeeeeffff00001111"
#define EVENT(type, mode, more)                                                                                        \
	"{\"type\":\"" type "\",\"timestamp\":1,\"data\":{\"council\":\"cannock-chase\",\"id\":\"" ID1                           \
	"\",\"at\":1796093563,\"kind\":\"emergency\",\"mode\":\"" mode "\",\"reason\":\"Flood <b> & \\\"wind\\\"\",\"contact\":\"01543\","    \
	"\"from\":1796093563,\"subject\":\"Emergency lockdown\",\"text\":\"t\"" more "}}"
#define EARLIER ",\"earlier\":[{\"id\":\"" ID2 "\",\"at\":1796093500},{\"id\":\"" ID1 "\",\"at\":1796093501}]"

/* Rows written from the standard: OASIS CAP 1.2, sections 3.2 and 3.3.2. */
Test(hooks, alerts)
{
	static const struct {
		const char *what, *event, *want, *not;
	} rows[] = {
		{"3.2.1 the name and time of the order", EVENT("lockdown.raised", "live", ""),
		 "<identifier>holdfast-11112222333344445555666677778888</identifier>\n<sender>holdfast@example.org</sender>\n<sent>2026-12-01T02:52:43-00:00</sent>\n", "Z<"},
		{"Actual, Alert, Restricted", EVENT("lockdown.raised", "live", ""),
		 "<status>Actual</status>\n<msgType>Alert</msgType>\n<scope>Restricted</scope>\n<restriction>Council only</restriction>\n<info>", "<note>"},
		{"Exercise", EVENT("lockdown.raised", "exercise", ""), "<status>Exercise</status>\n<msgType>Alert</msgType>\n<scope>Restricted</scope>\n"
		 "<restriction>Council only</restriction>\n<note>This is an exercise.", "Actual"},
		{"Update, with what it replaces", EVENT("lockdown.amended", "live", EARLIER), "<references>holdfast@example.org,holdfast-"
		 "99992222333344445555666677778888,2026-12-01T02:51:40-00:00 holdfast@example.org,holdfast-11112222333344445555666677778888,2026-12-01T02:51:41-00:00</references>\n<info>", "Alert<"},
		{"an Update", EVENT("lockdown.amended", "live", EARLIER), "<msgType>Update</msgType>", "<msgType>Alert"},
		{"a Cancel", EVENT("lockdown.released", "live", EARLIER ",\"message\":\"Post again.\""), "<msgType>Cancel</msgType>", "Immediate"},
		{"an all-clear", EVENT("lockdown.released", "live", EARLIER ",\"message\":\"Post again.\""), "<responseType>AllClear</responseType>\n<urgency>Past</urgency>", "Flood"},
		{"a test", DATA("S", "T"), "<identifier>holdfast-1-2-000</identifier>\n<sender>holdfast@example.org</sender>\n<sent>1970-01-01T00:00:01-00:00</sent>\n<status>Test</status>", "Actual"},
		{"no markup in a text", EVENT("lockdown.raised", "live", ""), "<description>Flood &lt;b&gt; &amp; \"wind\"</description>", "<b>"},
		{"all that an info must have", EVENT("lockdown.raised", "live", ""), "<category>Other</category>\n<event>Lockdown of social media</event>\n"
		 "<responseType>Execute</responseType>\n<urgency>Immediate</urgency>\n<severity>Severe</severity>\n<certainty>Observed</certainty>\n<onset>2026-12-01T02:52:43-00:00</onset>\n"
		 "<senderName>cannock-chase</senderName>\n<headline>Emergency lockdown</headline>\n", "<expires>"},
	};
	static const struct hf_cap_frame frame = {"holdfast@example.org", "Council only", "holdfast-1-2-000", {1}};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_cap cap = {.xml = NULL};
		cr_assert_eq(hf_cap_write(rows[i].event, &frame, &cap, &err), HF_OK, "%s: %s", rows[i].what, err.text);
		cr_expect(strstr(cap.xml, rows[i].want), "%s: %s", rows[i].what, cap.xml);
		cr_expect_not(strstr(cap.xml, rows[i].not), "%s: %s", rows[i].what, cap.xml);
		cr_expect(strstr(cap.xml, "<scope>Restricted</scope>\n<restriction>"), "%s", rows[i].what);
		free(cap.xml);
	}
}

Test(hooks, what_is_no_alert)
{
	static const struct {
		const char *what, *event;
		struct hf_cap_frame frame;
		const char *says;
	} rows[] = {
		{"a sender with a blank", DATA("S", "T"), {"the council", "r", "a", {1}}, "'the council'"},
		{"with a comma", DATA("S", "T"), {"a,b", "r", "a", {1}}, "'a,b'"},
		{"with markup", DATA("S", "T"), {"a<b", "r", "a", {1}}, "'a<b'"},
		{"with an ampersand", DATA("S", "T"), {"a&b", "r", "a", {1}}, "'a&b'"},
		{"no sender", DATA("S", "T"), {"", "r", "a", {1}}, "without a name"},
		{"an identifier with a comma", DATA("S", "T"), {"a", "r", "a,b", {1}}, "'a,b'"},
		{"for everybody", DATA("S", "T"), {"a", "", "a", {1}}, "whom it is for"},
		{"a draft", "{\"type\":\"draft.waiting\",\"data\":{}}", {"a", "r", "a", {1}}, "notify.alerts"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_cap cap = {.xml = NULL};
		cr_expect_eq(hf_cap_write(rows[i].event, &rows[i].frame, &cap, &err), HF_E_SHAPE, "%s", rows[i].what);
		cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

Test(hooks, the_key_of_govuk_notify)
{
	static const struct {
		const char *what, *text;
		bool ok;
	} rows[] = {
		{"as its page shows it", "holdfast-live-" SERVICE "-" KEY_SECRET, true},
		{"with the end of a line", "a-" SERVICE "-" KEY_SECRET "\n", true},
		{"no name", SERVICE "-" KEY_SECRET, false},
		{"half of it", "a-" KEY_SECRET, false},
		{"nothing", "", false},
		{"no hex", "a-" SERVICE "-3d844edf-8d35-48ac-975b-e847b4f122bx", false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_govuk_key key;
		cr_expect_eq(hf_govuk_key_read(rows[i].text, &key, &err) == HF_OK, rows[i].ok, "%s", rows[i].what);
		cr_expect(rows[i].ok || !strstr(err.text, "3d844edf"), "the secret is in no sentence: %s", err.text);
		cr_expect(!rows[i].ok || (strcmp(key.service, SERVICE) == 0 && strcmp(key.secret, KEY_SECRET) == 0), "%s", rows[i].what);
	}
}

/* The token was made with Python's hmac from the same claims. */
Test(hooks, a_token)
{
	struct hf_govuk_key key;
	char token[HF_JWT_SIZE];
	cr_assert_eq(hf_govuk_key_read("a-" SERVICE "-" KEY_SECRET, &key, &err), HF_OK);
	cr_assert_eq(hf_jwt_make(&key, (struct hf_wall){1796093563}, token, &err), HF_OK, "%s", err.text);
	cr_expect_str_eq(token, "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiIyNjc4NWEwOS1hYjE2LTRlYjAtODQwNy1hMzc0OTdhNTc1MDYiLCJpYXQiOjE3OTYwOTM1NjN9.OGmdTN2XoIjUMiIM8sSQPGhmLOKNY1DryAbLviqjEm0");
}

static enum hf_rc read_hooks(const char *file, const char *text, mode_t mode, struct hf_hook_confs *ret)
{
	char folder[TEST_FOLDER_SIZE], path[TEST_FOLDER_SIZE + 32];
	enum hf_rc rc;
	test_folder_make(folder);
	cr_assert_eq(hf_str_printf(path, sizeof(path), "%s/%s", folder, file), HF_OK);
	cr_assert_eq(hf_fs_replace(path, text, strlen(text), mode, &err), HF_OK);
	*ret = (struct hf_hook_confs){.n = 0};
	rc = hf_hook_confs_read(folder, "", ret, &err);
	test_folder_remove(folder);
	return rc;
}

#define EVENTS "form = event\nurl = https://hooks.example.org/\nsecret = " SECRET "\n"

Test(hooks, settings)
{
	static const struct {
		const char *what, *file, *text;
		mode_t mode;
		enum hf_rc want;
		size_t n;
		const char *says;
	} rows[] = {
		{"events", "log.conf", EVENTS, 0600, HF_OK, 1, ""},
		{"others can read its secret", "log.conf", EVENTS, 0640, HF_E_KEY, 0, "log.conf"},
		{"no file of a hook", "log.conf~", EVENTS, 0600, HF_OK, 0, ""},
		{"no name of a hook", "Log.conf", EVENTS, 0600, HF_OK, 0, ""},
		{"Teams, whose address is the secret", "teams.conf", "form = teams\nurl = https://a.example/?sig=x\n", 0600, HF_OK, 1, ""},
		{"no secret", "log.conf", "form = event\nurl = https://a.example/\n", 0600, HF_E_SHAPE, 0, "secret is missing"},
		{"in clear", "log.conf", "form = slack\nurl = http://a.example/\n", 0600, HF_E_SHAPE, 0, "https://"},
		{"nowhere", "log.conf", "form = slack\n", 0600, HF_E_SHAPE, 0, "url or folder"},
		{"no form", "log.conf", "form = fax\nfolder = /a\n", 0600, HF_E_SHAPE, 0, "event, teams, slack or cap"},
		{"alerts into a folder", "cap.conf", "form = cap\nfolder = /a\nsender = holdfast@example.org\n", 0600, HF_OK, 1, ""},
		{"alerts of nobody", "cap.conf", "form = cap\nfolder = /a\n", 0600, HF_E_SHAPE, 0, "sender of an alert"},
		{"a sender with a comma", "cap.conf", "form = cap\nfolder = /a\nsender = a,b\n", 0600, HF_E_SHAPE, 0, "sender of an alert"},
		{"a slip, with its line", "log.conf", EVENTS "urls = a\n", 0600, HF_E_SHAPE, 0, "line 4"},
	};
	static struct hf_hook_confs confs;
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		err.text[0] = '\0';
		cr_expect_eq(read_hooks(rows[i].file, rows[i].text, rows[i].mode, &confs), rows[i].want, "%s: %s", rows[i].what, err.text);
		cr_expect_eq(confs.n, rows[i].n, "%s: %zu", rows[i].what, confs.n);
		cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
		cr_expect_not(strstr(err.text, SECRET), "%s", err.text);
	}
}

Test(hooks, no_secret_is_printed)
{
	static struct hf_hook_confs confs;
	hf_auto_free char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	cr_assert_eq(read_hooks("log.conf", EVENTS, 0600, &confs), HF_OK, "%s", err.text);
	hf_hook_conf_print(out, &confs.v[0]);
	fclose(out);
	cr_expect(strstr(text, "form = event\n") && strstr(text, "url = (kept back)") && strstr(text, "secret = (kept back)"), "%s", text);
	cr_expect_not(strstr(text, "hooks.example.org") || strstr(text, SECRET), "%s", text);
}
