/* SPDX-License-Identifier: MIT */
/*
 * Owns the officer's signature: shown, confirmed, made, posted.
 * Must never sign what was not shown.
 */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/names.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/draft_of.h"
#include "controller/cli/sign.h"
#include "controller/cli/status_screen.h"
#include "controller/office/message_words.h"

static enum hf_rc open_key(struct hf_officer *officer, struct hf_pub *ret_pub, struct hf_err *err)
{
	const char *path = officer->cli->key;
	enum hf_rc rc;

	if (!path || !path[0])
		return hf_err_set(err, HF_E_USAGE, "Say which key is yours: --key FILE or HOLDFAST_KEY.");
	rc = hf_ask_key(officer->cli, path, &officer->key, err);
	if (rc == HF_OK)
		*ret_pub = hf_key_pub(officer->key);
	return rc;
}

enum hf_rc hf_officer_open(struct hf_officer *officer, struct hf_err *err)
{
	struct hf_pub pub;
	enum hf_rc rc = open_key(officer, &pub, err);

	return rc == HF_OK ? hf_signing_person(officer->view, &pub, officer->cli->key, &officer->person, err) : rc;
}

enum hf_rc hf_officer_open_root(struct hf_officer *officer, const struct hf_envelope *envelope, struct hf_err *err)
{
	struct hf_pub pub;
	enum hf_rc rc = open_key(officer, &pub, err);

	return rc == HF_OK ? hf_signing_may_root(officer->view, envelope, &pub, officer->cli->key, err) : rc;
}

void hf_officer_done(struct hf_officer *officer)
{
	hf_key_free(&officer->key);
	officer->person = NULL;
}

static enum hf_rc write_message(const struct hf_officer *officer, const struct hf_envelope *envelope,
				const struct hf_weighed *weighed, FILE *out, struct hf_err *err)
{
	struct hf_words words = {.out = out,
				 .marks = hf_cli_marks(officer->cli),
				 .view = officer->view,
				 .me = officer->person ? officer->person->id : NULL};
	char who[HF_PERSON_TEXT_SIZE];
	enum hf_rc rc = hf_words_envelope(&words, envelope, err);

	if (rc != HF_OK)
		return rc;
	hf_signing_needs(&words, weighed);
	hf_draft_refusals(&words, officer->said);
	if (officer->person)
		hf_words_line(&words, "You sign as %s.", hf_words_who(&words, officer->person->id, who));
	else
		hf_words_line(&words, "You sign as a root of %s.", officer->view->known.trust->council);
	return HF_OK;
}

static bool is_exercise(const struct hf_weighed *weighed)
{
	return weighed->order && weighed->order->mode == HF_MODE_EXERCISE;
}

/* On a terminal lines are broken between words; not those of an exercise, for each of them says so at its beginning. */
static enum hf_rc show_message(const struct hf_officer *officer, const struct hf_envelope *envelope,
			       const struct hf_weighed *weighed, struct hf_err *err)
{
	struct hf_cli *cli = officer->cli;
	hf_auto_free char *text = NULL;
	struct winsize size = {0};
	size_t len = 0;
	FILE *out = cli->tty && !is_exercise(weighed) ? open_memstream(&text, &len) : NULL;
	enum hf_rc rc = write_message(officer, envelope, weighed, out ? out : cli->talk, err);

	if (out && fclose(out) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (!out || rc != HF_OK)
		return rc;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		size.ws_col = 0;
	hf_screen_wrap(cli->talk, text, size.ws_col);
	return HF_OK;
}

static enum hf_rc ask_confirmation(const struct hf_officer *officer, const struct hf_weighed *weighed,
				   struct hf_err *err)
{
	struct hf_cli *cli = officer->cli;

	if (officer->removed > 0) {
		enum hf_rc rc = hf_ask_number(cli, officer->removed,
					      hf_text("How many accounts, holders, tools, addresses and programs does it take out?"),
					      err);

		if (rc != HF_OK)
			return rc;
	}
	if (!weighed->order)
		return hf_ask_word(cli, "APPROVE", hf_text("Do you approve this?"), err);
	if (is_exercise(weighed))
		return hf_ask_word(cli, "EXERCISE", hf_text("This is an EXERCISE."), err);
	return hf_ask_word(cli, "LIVE", hf_text("This is LIVE. It is not practice."), err);
}

enum hf_rc hf_officer_sign(const struct hf_officer *officer, struct hf_envelope *envelope, bool confirm,
			   struct hf_weighed *ret_weighed, struct hf_err *err)
{
	hf_auto_weighed struct hf_weighed before = {0};
	enum hf_rc rc = hf_weigh(officer->view, envelope, &before, err);

	if (rc == HF_OK && officer->person)
		rc = hf_signing_may(officer->view, officer->person, &before, err);
	if (rc == HF_OK)
		rc = show_message(officer, envelope, &before, err);
	if (rc == HF_OK && confirm)
		rc = ask_confirmation(officer, &before, err);
	if (rc == HF_OK)
		hf_ask_interrupts(HF_COME_SIGNED);
	if (rc == HF_OK)
		rc = hf_envelope_sign(envelope, officer->key, err);
	return rc == HF_OK ? hf_weigh(officer->view, envelope, ret_weighed, err) : rc;
}

enum hf_rc hf_officer_post(const struct hf_officer *officer, const struct hf_envelope *envelope,
			   const struct hf_weighed *weighed, struct hf_posted *ret_posted, struct hf_err *err)
{
	const struct hf_words words = {
		.out = officer->cli->talk, .view = officer->view, .exercise = is_exercise(weighed)};
	char digest[HF_SHORT_ID + 1];
	enum hf_rc rc = hf_signing_post(officer->view, envelope, weighed, ret_posted, err);

	if (rc != HF_OK)
		return rc;
	hf_ask_interrupts(HF_COME_TAKEN);
	hf_signing_outcome(&words, weighed, ret_posted);
	if (!ret_posted->recorded || weighed->second)
		hf_words_line(&words, "The command for that: holdfast approve %s",
			      hf_words_short(&envelope->digest, digest));
	fflush(officer->cli->talk);
	return HF_OK;
}
