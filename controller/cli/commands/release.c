/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast release`: the all-clear.
 * Must never guess which lockdown is meant.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/release_person.h"
#include "controller/cli/release_waits.h"
#include "controller/cli/send.h"
#include "controller/office/compose.h"
#include "controller/office/sentence.h"

/* What the officer says with an all-clear. */
struct words {
	const char *reason, *message;
	int64_t seconds; /* how long to watch it arrive */
};

static bool has_ended(const struct hf_lockdown *lockdown)
{
	return lockdown->phase == HF_PHASE_RELEASED || lockdown->phase == HF_PHASE_OVER;
}

/* An emergency, which is never planned, before a period, and one that holds before one to come: a tired reader takes the first. */
static int rank_of(const struct hf_lockdown *lockdown, enum hf_mode mode)
{
	if (lockdown->raise->order->mode != mode)
		return 3;
	if (lockdown->raise->order->kind == HF_KIND_EMERGENCY)
		return 0;
	return lockdown->phase == HF_PHASE_IN_FORCE ? 1 : 2;
}

#define RANKS 4
#define NAMED_MAX 4
#define LIST_SIZE (NAMED_MAX * (HF_SHORT_ID + 40)) /* ids, each with what it is */

static enum hf_rc say_which(const struct hf_view *view, enum hf_mode mode, size_t n, struct hf_err *err)
{
	static const char *const WHAT[RANKS] = {HF_TEXT("emergency"), HF_TEXT("pre-election period"),
						HF_TEXT("pre-election period, planned"), HF_TEXT("EXERCISE")};
	char list[LIST_SIZE] = "", id[HF_SHORT_ID + 1];
	size_t named = 0, all = 0;

	for (int rank = 0; rank < RANKS; rank++) {
		for (size_t i = 0; i < view->lockdowns.n; i++) {
			const struct hf_lockdown *one = &view->lockdowns.v[i];
			size_t used = strlen(list);

			if (has_ended(one) || rank_of(one, mode) != rank)
				continue;
			if (all++ >= NAMED_MAX)
				continue;
			if (hf_str_printf(list + used, sizeof(list) - used, "%s%s (%s)", named++ ? ", " : "",
					  hf_words_short(&one->id, id), hf_text(WHAT[rank])) != HF_OK)
				break;
		}
	}
	return hf_err_set(err, HF_E_USAGE,
			  "There are %zu %s lockdowns: say which by its id, `holdfast release ID`: %s%s.", n,
			  hf_mode_name(mode), list, all > named ? hf_text(" and others (`holdfast status`)") : "");
}

/* Live ones go before exercises: the all-clear that matters is the default. */
static enum hf_rc only_one(const struct hf_view *view, const struct hf_lockdown **ret_lockdown, struct hf_err *err)
{
	const struct hf_lockdown *found[HF_MODE_COUNT] = {NULL, NULL};
	size_t n[HF_MODE_COUNT] = {0, 0};
	enum hf_mode mode;

	for (size_t i = 0; i < view->lockdowns.n; i++) {
		const struct hf_lockdown *one = &view->lockdowns.v[i];

		if (has_ended(one))
			continue;
		mode = one->raise->order->mode;
		n[mode]++;
		found[mode] = one;
	}
	mode = n[HF_MODE_LIVE] > 0 ? HF_MODE_LIVE : HF_MODE_EXERCISE;
	if (n[mode] == 0)
		return hf_err_set(err, HF_E_ABSENT, "Nothing is in force: there is nothing to release.");
	if (n[mode] > 1)
		return say_which(view, mode, n[mode], err);
	*ret_lockdown = found[mode];
	return HF_OK;
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
	const struct hf_release_of what = {.lockdown = &lockdown->id};
	enum hf_rc rc = another ? HF_OK : hf_release_waits(officer->view, &what, err);

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
		{"person", HF_ARG_TEXT, &wish.person, "PERSON", HF_TEXT("all that this person alone has raised"), 0},
		{"before", HF_ARG_TEXT, &wish.before, "TIME",
		 HF_TEXT("with --person: what was written before it, UTC (now)"), 0},
		{"kind", HF_ARG_TEXT, &wish.kind, "KIND", HF_TEXT("with --person: emergency or purdah"), 0},
		{"reason", HF_ARG_TEXT, &words.reason, "TEXT", HF_TEXT("why, for the record"), 0},
		{"message", HF_ARG_TEXT, &words.message, "TEXT", HF_TEXT("the all-clear, as staff read it"), 0},
		{"another", HF_ARG_FLAG, &another, NULL, HF_TEXT("also when a release of it waits for approval"), 0},
		{"wait", HF_ARG_INT, &words.seconds, "S", HF_TEXT("how long to watch it arrive; 0: not (10)"), 0},
	};
	size_t first = pick == named_or_only ? 0 : OF_A_PERSON;
	enum hf_rc rc = hf_args_parse(cli, args, rows + first, HF_LEN(rows) - first, err);

	if (rc == HF_OK)
		rc = check_words(&words, err);
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK && wish.person) {
		wish.another = another;
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
