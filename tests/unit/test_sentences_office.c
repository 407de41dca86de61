/* SPDX-License-Identifier: MIT */
/*
 * Owns the sentences that an officer reads seldom, each from what the controller answers to the sentence.
 * Must never let one be there that nothing brings about (tests/reached.py). Policy D9.2, D9.3.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/json.h>
#include <holdfast/recover.h>
#include <holdfast/str.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/draft_of.h"
#include "controller/office/posting_words.h"
#include "tests/unit/help_view.h"

#define DEVICE_ROW(more)                                                                                               \
	"[{\"device\":\"d7\",\"state\":\"enforced-verified\",\"last_report\":0,\"people\":[\"comms-2\"]" more "}]"

/* clang-format off */
static const struct { const char *rows, *says; } devices[] = {
	{ "[]", "There are no devices yet." },
	{ DEVICE_ROW(""), "never heard" },
	{ DEVICE_ROW(",\"attention\":[\"two-machines\"]"), "; ATTENTION: two machines speak with its key" },
	{ DEVICE_ROW(",\"attention\":[\"other-key\"]"), "; ATTENTION: somebody speaks for it with another key" },
	{ DEVICE_ROW(",\"attention\":[\"memory-damaged\"]"), "; ATTENTION: where it keeps what it knows was damaged" },
	{ DEVICE_ROW(",\"attention\":[\"glass-open\"]"), "; ATTENTION: IT IS OPEN by break-glass" },
	{ DEVICE_ROW(",\"attention\":[\"glass-tried\"]"), "; ATTENTION: somebody typed halves of break-glass there that were wrong" },
	{ DEVICE_ROW(",\"attention\":[\"log-fork\"]"), "; ATTENTION: it saw that a controller's journal was cut" },
	{ DEVICE_ROW(",\"attention\":[\"a-later-word\"]"), "; ATTENTION: a-later-word" },
	{ DEVICE_ROW(",\"partly\":[\"network\"],\"layers\":[{\"name\":\"network\",\"state\":\"failed\",\"saw\":\"no nftables\"}]"), "; PARTLY ENFORCED: network failed (no nftables)" },
	{ DEVICE_ROW(",\"unknown\":true"), "; LOCKED: it lost what it knew: tampered with, or replaced? Look, then `holdfast recover d7`" },
	{ DEVICE_ROW(",\"unknown\":true,\"open_for\":[\"comms-2\"]"), "; open all the same for comms-2" },
	{ DEVICE_ROW(",\"over\":[{\"person\":\"comms-1\"}]"), "; LOCKED: comms-1 is over" },
	{ DEVICE_ROW(",\"refused\":[{\"reason\":\"signature\",\"count\":3}]"), "; refused: signature 3" },
};
static const struct { const char *posting, *says; } postings[] = {
	{ "{\"state\":\"claimed\"}", "x:One, poster comms-2: about to open the window." },
	{ "{\"state\":\"open\",\"at\":1790000600,\"device\":\"d9\"}", "x:One, poster comms-2: window open, 2026-09-21 15:23 BST, on d9." },
	{ "{\"state\":\"ended\"}", "window over, nothing said." },
	{ "{\"state\":\"cannot\",\"why\":\"No signal.\"}", "cannot post.\n  Why not: No signal." },
	{ "{\"state\":\"posted\",\"post\":\"https://x.com/1\"}", "posted.\n  The post: https://x.com/1" },
};
/* clang-format on */

static const char *answered; /* the rows of the controller's page */

static enum hf_rc get(void *arg, const char *path, json_t **ret, struct hf_err *err)
{
	(void)arg;
	(void)err;
	cr_assert(strncmp(path, "/v1/devices", 11) == 0, "%s is asked for", path);
	*ret = json_pack("{s:o, s:n}", "devices", json_loads(answered, 0, NULL), "next");
	return HF_OK;
}

/* What `holdfast devices` prints of these rows. */
static char *listed(const char *rows, char *option)
{
	char name[] = "devices", *argv[] = {name, option, NULL};
	struct hf_cli cli = {.office = {.get = get}, .passphrase_fd = -1, .err = stderr};
	static const struct hf_command command = {.name = "devices", .run = hf_cli_devices};
	struct hf_args args = {.command = &command, .argc = option ? 2 : 1, .argv = argv};
	struct hf_err err = {""};
	char *text = NULL;
	size_t len = 0;

	answered = rows;
	cli.out = cli.talk = open_memstream(&text, &len);
	cr_assert_not_null(cli.out);
	cr_assert_eq(hf_cli_devices(&cli, &args, &err), HF_OK, "%s", err.text);
	fclose(cli.out);
	return text;
}

Test(sentences_office, what_is_found_at_a_device_is_said)
{
	char not_enforced[] = "--not-enforced";
	hf_auto_free char *none = listed("[]", not_enforced);

	for (size_t i = 0; i < HF_LEN(devices); i++) {
		hf_auto_free char *text = listed(devices[i].rows, NULL);

		cr_expect(strstr(text, devices[i].says), "row %zu: %s not in\n%s", i, devices[i].says, text);
	}
	cr_expect(strstr(none, "No live lockdown bears on a device that is not seen to enforce it."), "%s", none);
}

static char *posting_text(struct desk *desk, const char *posting)
{
	struct hf_holding holding = {.account = "x:One", .poster = "comms-2", .text = "We know."};
	const struct hf_body body = {.holding = &holding, .n_holding = 1};
	hf_auto_json json_t *said = json_pack("{s:[{s:s, s:s, s:o}]}", "holding", "account", "x:One", "poster",
					      "comms-2", "posting", json_loads(posting, 0, NULL));
	struct hf_words words = {.view = &desk->view};
	char *text = NULL;
	size_t len = 0;

	words.out = open_memstream(&text, &len);
	cr_assert_not_null(words.out);
	hf_words_postings(&words, said, &body);
	fclose(words.out);
	return text;
}

Test(sentences_office, how_far_a_holding_message_has_come_is_said_D9_3)
{
	desk_auto struct desk desk;

	desk_open(&desk);
	for (size_t i = 0; i < HF_LEN(postings); i++) {
		hf_auto_free char *text = posting_text(&desk, postings[i].posting);

		cr_expect(strstr(text, postings[i].says), "row %zu: %s not in\n%s", i, postings[i].says, text);
	}
}

/* One line of `holdfast drafts` about a document. The envelope is taken over. */
static char *draft_text(struct desk *desk, struct hf_envelope *envelope)
{
	hf_auto_envelope struct hf_envelope *mine = envelope;
	const struct hf_weighed weighed = {.order = NULL};
	struct hf_words words = {.view = &desk->view};
	char *text = NULL;
	size_t len = 0;

	words.out = open_memstream(&text, &len);
	cr_assert_not_null(words.out);
	hf_draft_say(&words, mine, &weighed);
	fclose(words.out);
	return text;
}

Test(sentences_office, a_draft_says_which_document_it_is)
{
	desk_auto struct desk desk;
	struct hf_register reg = council_register_doc();
	struct hf_recover_device lost = {.device = "d7"};
	struct hf_recover recover = {.council = COUNCIL_NAME, .issued = {COUNCIL_T}, .devices = &lost, .n_devices = 1};
	hf_auto_free char *of_register = NULL, *of_recover = NULL;

	desk_open(&desk);
	reg.version = 2;
	of_register = draft_text(&desk, council_register(&desk.council, &reg, NOBODY));
	cr_expect(strstr(of_register, ": register, version 2\n"), "%s", of_register);
	of_recover =
		draft_text(&desk, council_sign(&desk.council, HF_DOC_RECOVER, hf_recover_encode(&recover), NOBODY));
	cr_expect(strstr(of_recover, ": recover of d7\n"), "%s", of_recover);
}

/* What a person signs is said as far as it can be, without a register, too. */
Test(sentences_office, accounts_are_counted_without_a_register)
{
	const struct hf_strs one = COUNCIL_LIST("x:One"), two = COUNCIL_LIST("x:One", "x:Two");
	const struct hf_view none = {0};
	struct hf_words words = {.view = &none};
	hf_auto_free char *text = NULL;
	size_t len = 0;

	words.out = open_memstream(&text, &len);
	cr_assert_not_null(words.out);
	hf_words_accounts(&words, &one);
	hf_words_accounts(&words, &two);
	fclose(words.out);
	cr_expect_str_eq(text, "1 account (x:One)2 accounts (x:One and x:Two)");
}
