/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast release`: the all-clear.
 * Must never guess which lockdown is meant.
 */
#include <string.h>

#include <holdfast/str.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/release_person.h"
#include "controller/cli/send.h"
#include "controller/office/client.h"
#include "controller/office/compose.h"
#include "controller/office/sentence.h"

/* What the officer says with an all-clear. */
struct words {
	const char *reason, *message;
	int64_t seconds; /* how long to watch it arrive */
};

/* Live ones go before exercises: the all-clear that matters is the default. */
static enum hf_rc only_one(const struct hf_view *view, const struct hf_lockdown **ret_lockdown, struct hf_err *err)
{
	const struct hf_lockdown *found[HF_MODE_COUNT] = {NULL, NULL};
	size_t n[HF_MODE_COUNT] = {0, 0};
	enum hf_mode mode;
	char a[HF_SHORT_ID + 1];

	for (size_t i = 0; i < view->lockdowns.n; i++) {
		const struct hf_lockdown *one = &view->lockdowns.v[i];

		if (one->phase == HF_PHASE_RELEASED || one->phase == HF_PHASE_OVER)
			continue;
		mode = one->raise->order->mode;
		n[mode]++;
		found[mode] = one;
	}
	mode = n[HF_MODE_LIVE] > 0 ? HF_MODE_LIVE : HF_MODE_EXERCISE;
	if (n[mode] == 0)
		return hf_err_set(err, HF_E_ABSENT, "Nothing is in force: there is nothing to release.");
	if (n[mode] > 1)
		return hf_err_set(err, HF_E_USAGE,
				  "%zu %s lockdowns are in force: say which by its id, such as `holdfast release %s` "
				  "(`holdfast status` lists them).",
				  n[mode], hf_mode_name(mode), hf_words_short(&found[mode]->id, a));
	*ret_lockdown = found[mode];
	return HF_OK;
}

/* Is this draft a release of that lockdown that somebody of the trust has signed? */
static bool releases(const struct hf_view *view, json_t *draft, const struct hf_digest *id,
		     struct hf_digest *ret_digest)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_weighed struct hf_weighed weighed = {0};

	if (hf_envelope_from_json(json_object_get(draft, "envelope"), &envelope, NULL) != HF_OK ||
	    envelope->type != HF_DOC_ORDER || hf_weigh(view, envelope, &weighed, NULL) != HF_OK ||
	    weighed.order->act != HF_ACT_RELEASE || weighed.signers.n_people == 0)
		return false;
	for (size_t i = 0; i < weighed.order->n_releases; i++) {
		if (hf_digest_cmp(&weighed.order->releases[i], id) != 0)
			continue;
		*ret_digest = envelope->digest;
		return true;
	}
	return false;
}

/* Two officers who each write a release of their own wait for each other for ever. */
static enum hf_rc none_waits(const struct hf_view *view, const struct hf_lockdown *lockdown, struct hf_err *err)
{
	hf_auto_json json_t *drafts = NULL;
	struct hf_digest digest;
	char text[HF_SHORT_ID + 1];
	json_t *one;
	size_t index;
	enum hf_rc rc = hf_client_list(view->office, "drafts", &drafts, err);

	json_array_foreach(drafts, index, one)
	{
		if (releases(view, one, &lockdown->id, &digest))
			return hf_err_set(
				err, HF_E_PENDING,
				"A release of that lockdown waits already: `holdfast approve %s` approves it; "
				"--another writes a second one.",
				hf_words_short(&digest, text));
	}
	return rc;
}

static enum hf_rc send_release(struct hf_officer *officer, const struct hf_lockdown *lockdown,
			       const struct words *words, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	json_t *payload;
	enum hf_rc rc;

	if (lockdown->phase == HF_PHASE_RELEASED)
		return hf_err_set(err, HF_E_ABSENT, "That lockdown is released already.");
	if (lockdown->phase == HF_PHASE_OVER)
		return hf_err_set(err, HF_E_ABSENT, "That lockdown is over: its end has passed.");
	payload = hf_compose_release(officer->view, lockdown, words->reason, words->message);
	rc = hf_compose_order(officer->view, payload, &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(officer, err);
	return rc == HF_OK ? hf_send(officer, envelope, words->seconds, err) : rc;
}

/* A poll that is countermanded or abandoned: its period ends by a release, like any other. */
static enum hf_rc named_period(struct hf_view *view, const char *prefix, const struct hf_lockdown **ret_lockdown,
			       struct hf_err *err)
{
	enum hf_rc rc = hf_view_lockdown(view, prefix, ret_lockdown, err);

	if (rc == HF_OK && (*ret_lockdown)->raise->order->kind != HF_KIND_PURDAH)
		return hf_err_set(err, HF_E_USAGE, "That is an emergency: `holdfast release` gives its all-clear.");
	return rc;
}

/* The one that is named, or the only one. */
static enum hf_rc named_or_only(struct hf_view *view, const char *prefix, const struct hf_lockdown **ret_lockdown,
				struct hf_err *err)
{
	return prefix ? hf_view_lockdown(view, prefix, ret_lockdown, err) : only_one(view, ret_lockdown, err);
}

/* Which lockdown is meant by the word behind the command; NULL: no word. */
typedef enum hf_rc (*pick_fn)(struct hf_view *view, const char *prefix, const struct hf_lockdown **ret_lockdown,
			      struct hf_err *err);

static enum hf_rc check_words(const struct words *words, struct hf_err *err)
{
	if (words->reason && words->message)
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "Say why with --reason TEXT and what staff are told with --message TEXT.");
}

#define OF_A_PERSON 3 /* the first options: `release` alone has them */

static enum hf_rc end_lockdown(struct hf_officer *officer, const struct hf_lockdown *lockdown,
			       const struct words *words, bool another, struct hf_err *err)
{
	enum hf_rc rc = another ? HF_OK : none_waits(officer->view, lockdown, err);

	return rc == HF_OK ? send_release(officer, lockdown, words, err) : rc;
}

static enum hf_rc end_one(struct hf_cli *cli, struct hf_args *args, pick_fn pick, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	const struct hf_lockdown *lockdown = NULL;
	struct words words = {.seconds = HF_WAIT_S};
	struct hf_person_wish wish = {0};
	bool another = false;
	const struct hf_arg rows[] = {
		{"person", HF_ARG_TEXT, &wish.person, "PERSON", "all that this person alone has raised", 0},
		{"before", HF_ARG_TEXT, &wish.before, "TIME", "with --person: what was written before it, UTC (now)", 0},
		{"kind", HF_ARG_TEXT, &wish.kind, "KIND", "with --person: emergency or purdah", 0},
		{"reason", HF_ARG_TEXT, &words.reason, "TEXT", "why, for the record", 0},
		{"message", HF_ARG_TEXT, &words.message, "TEXT", "the all-clear, as staff read it", 0},
		{"another", HF_ARG_FLAG, &another, NULL, "also when a release of it waits for approval", 0},
		{"wait", HF_ARG_INT, &words.seconds, "S", "how long to watch it arrive; 0: not (10)", 0},
	};
	size_t first = pick == named_or_only ? 0 : OF_A_PERSON;
	enum hf_rc rc = hf_args_parse(cli, args, rows + first, HF_LEN(rows) - first, err);

	if (rc == HF_OK)
		rc = check_words(&words, err);
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK && wish.person) {
		wish.reason = words.reason;
		wish.message = words.message;
		return hf_release_person(&officer, &wish, err);
	}
	if (rc == HF_OK)
		rc = pick(&view, args->n_rest == 1 ? args->rest[0] : NULL, &lockdown, err);
	return rc == HF_OK ? end_lockdown(&officer, lockdown, &words, another, err) : rc;
}

enum hf_rc hf_cli_cancel(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	return end_one(cli, args, named_period, err);
}

enum hf_rc hf_cli_release(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	return end_one(cli, args, named_or_only, err);
}
