/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast status`. Counts and devices are the controller's word; lockdowns are those that the law bears out.
 * Must never take the controller's word for what is in force.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/wait.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/posting_words.h"
#include "controller/office/purdah_words.h"
#include "controller/office/sentence.h"
#include "controller/office/times.h"

#define EVERY_MS 1000
#define CLEAR_SCREEN "\033[H\033[2J"

/* As people read them: what is wrong before what is well. */
static const char *const STATES[] = {
	"tampered",
	"unreached",
	"stale",
	"received",
	"enforced-unverified",
	"enforced-verified",
	"message-seen",
	"exempt",
	"released-unverified",
	"released-verified",
};

static const char *const PHASES[HF_PHASE_COUNT] = {
	[HF_PHASE_SCHEDULED] = "Scheduled",
	[HF_PHASE_IN_FORCE] = "IN FORCE",
	[HF_PHASE_OVER] = "Over",
	[HF_PHASE_RELEASED] = "Released",
};

/* The order on the screen; the first that fits. */
/* clang-format off */
static const struct { enum hf_phase phase; enum hf_mode mode; } ORDER[] = {
	{ HF_PHASE_IN_FORCE,  HF_MODE_LIVE },
	{ HF_PHASE_SCHEDULED, HF_MODE_LIVE },
	{ HF_PHASE_IN_FORCE,  HF_MODE_EXERCISE },
	{ HF_PHASE_SCHEDULED, HF_MODE_EXERCISE },
	{ HF_PHASE_OVER,      HF_MODE_LIVE },
	{ HF_PHASE_OVER,      HF_MODE_EXERCISE },
	{ HF_PHASE_RELEASED,  HF_MODE_LIVE },
	{ HF_PHASE_RELEASED,  HF_MODE_EXERCISE },
};
/* clang-format on */

static struct hf_awaited awaited_of(const struct hf_lockdown *lockdown)
{
	return (struct hf_awaited){.lockdown = &lockdown->id,
				   .groups = &lockdown->bodies[0]->order->body.groups,
				   .rev = lockdown->rev,
				   .released = lockdown->phase == HF_PHASE_RELEASED,
				   .exercise = lockdown->raise->order->mode == HF_MODE_EXERCISE,
				   .scheduled = lockdown->phase == HF_PHASE_SCHEDULED};
}

/* [{"device", "state", "partly"}] of those in scope on which it does not stand as it should. */
static json_t *wanting(const struct hf_view *view, const struct hf_lockdown *lockdown)
{
	const struct hf_awaited awaited = awaited_of(lockdown);
	json_t *list = json_array(), *one;
	size_t index;

	json_array_foreach(view->devices, index, one)
	{
		const char *standing = hf_arrival_standing(one, &awaited);

		/* A device that never spoke of a released lockdown has nothing to open. */
		if (awaited.released && strcmp(standing, "unreached") == 0)
			continue;
		if (hf_view_in_scope(one, awaited.groups) && !hf_arrival_holds(standing, &awaited))
			(void)json_array_append_new(
				list, json_pack("{s:s, s:s, s:O?}", "device", hf_client_text(one, "device", "?"),
						"state", standing, "partly", json_object_get(one, "partly")));
	}
	return list;
}

/* What is said of the devices on which it stands as it should not, and of all when there are none. */
static const char *wanting_words(const struct hf_lockdown *lockdown, bool none)
{
	if (lockdown->phase == HF_PHASE_RELEASED)
		return none ? "Seen to be released" : "NOT YET SEEN TO BE RELEASED";
	if (lockdown->phase == HF_PHASE_SCHEDULED)
		return none ? "Held, to start by itself," : "NOT YET HELD";
	if (lockdown->raise->order->mode == HF_MODE_EXERCISE)
		return none ? "Seen to be shown" : "NOT YET SEEN TO BE SHOWN";
	return none ? "Enforced and verified" : "NOT ENFORCED";
}

static void say_wanting(const struct hf_words *words, const struct hf_lockdown *lockdown)
{
	hf_auto_json json_t *list = wanting(words->view, lockdown);
	size_t n = json_array_size(list), index;
	json_t *one;

	if (lockdown->phase == HF_PHASE_OVER)
		return;
	hf_words_begin(words);
	fputs(wanting_words(lockdown, n == 0), words->out);
	if (n == 0) {
		fputs(lockdown->phase == HF_PHASE_RELEASED ? " on every device that had spoken of it.\n"
							   : " on every device.\n",
		      words->out);
		return;
	}
	fprintf(words->out, " on %zu device%s: ", n, n == 1 ? "" : "s");
	json_array_foreach(list, index, one)
	{
		fprintf(words->out, "%s%s (%s", index ? ", " : "", hf_client_text(one, "device", "?"),
			hf_client_text(one, "state", "?"));
		if (json_array_size(json_object_get(one, "partly")) > 0) {
			fputs("; partly enforced, these do not hold: ", words->out);
			hf_words_list(words->out, json_object_get(one, "partly"));
		}
		fputc(')', words->out);
	}
	fputs(".\n", words->out);
}

static void say_counts(const struct hf_words *words, const struct hf_lockdown *lockdown)
{
	json_t *said = hf_view_status_of(words->view->status, &lockdown->id);
	json_t *counts = json_object_get(said, "counts");

	if (!counts) {
		hf_words_line(words, "The controller gives no counts for it.");
		return;
	}
	hf_words_begin(words);
	fprintf(words->out, "Of %lld devices: ", hf_client_number(said, "devices"));
	for (size_t i = 0; i < HF_LEN(STATES); i++)
		fprintf(words->out, "%s%lld %s", i ? ", " : "", hf_client_number(counts, STATES[i]), STATES[i]);
	fputs(".\n", words->out);
}

static void say_people(const struct hf_words *words, const char *what, const struct hf_heard *heard, const char *text)
{
	char at[HF_WALL_TEXT_SIZE];

	hf_words_begin(words);
	fprintf(words->out, "%s by ", what);
	for (size_t i = 0; i < heard->signers.n_people; i++)
		fprintf(words->out, "%s%s", i ? " and " : "", heard->signers.people[i]->id);
	fprintf(words->out, " on %s.\n", hf_wall_text(heard->order->at, at));
	hf_words_text(words, "Reason: ", text);
}

static void say_scope(const struct hf_words *words, const struct hf_lockdown *lockdown, const struct hf_body *body)
{
	hf_words_begin(words);
	fputs("It bears on ", words->out);
	hf_words_accounts(words, &body->accounts);
	fputs(", on ", words->out);
	hf_words_devices(words, &body->groups);
	fputs("; exempt: ", words->out);
	hf_words_strs(words->out, &body->exempt);
	fputs(".\n", words->out);
	hf_words_postings(words, hf_view_status_of(words->view->status, &lockdown->id), body);
}

/* When it holds, in the time that clocks here show, and what it asks. */
static void say_purdah(const struct hf_words *words, const struct hf_body *body)
{
	char from[HF_TIMES_TEXT_SIZE], until[HF_TIMES_TEXT_SIZE];

	hf_words_line(words, "From %s until %s.", hf_times_text(body->from, from), hf_times_text(body->until, until));
	hf_words_level(words, body);
	for (size_t i = 0; i < body->n_polls; i++)
		hf_words_line(words, "For the poll on %s (%s).", body->polls[i].day, body->polls[i].kind);
}

static void say_lockdown(struct hf_words *words, const struct hf_lockdown *lockdown)
{
	const struct hf_order *raise = lockdown->raise->order;
	const struct hf_body *body = &lockdown->bodies[0]->order->body;
	enum hf_tone tone = raise->mode == HF_MODE_EXERCISE ? HF_TONE_EXERCISE : HF_TONE_LIVE;
	char id[HF_SHORT_ID + 1], rev[48] = "";

	words->exercise = raise->mode == HF_MODE_EXERCISE;
	if (lockdown->rev > 0 && hf_str_printf(rev, sizeof(rev), ", amendment %lld", (long long)lockdown->rev) != HF_OK)
		rev[0] = '\0';
	if (lockdown->phase == HF_PHASE_RELEASED || lockdown->phase == HF_PHASE_OVER)
		tone = HF_TONE_PLAIN;
	fputc('\n', words->out);
	hf_words_heading(words, tone, "%s: %s %s%s", PHASES[lockdown->phase], hf_words_name(raise->kind, raise->mode),
			 hf_words_short(&lockdown->id, id), rev);
	if (raise->kind == HF_KIND_PURDAH)
		say_purdah(words, body);
	say_wanting(words, lockdown);
	say_counts(words, lockdown);
	say_people(words, "Raised", lockdown->raise, body->reason);
	if (lockdown->release) {
		say_people(words, "Released", lockdown->release, lockdown->release->order->body.reason);
		return;
	}
	say_scope(words, lockdown, body);
	hf_words_text(words, "Whom to ring: ", body->contact);
}

/* The controller's own sentences; the screen must not look as usual beside them. */
static void say_attention(const struct hf_words *words)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(words->view->status, "attention"), index, one)
	{
		if (json_is_string(one))
			fprintf(words->out, "ATTENTION: %s.\n", json_string_value(one));
	}
}

static void say_head(const struct hf_words *words)
{
	const struct hf_view *view = words->view;
	const json_t *status = view->status;
	long long drafts = hf_client_number(status, "drafts");
	char now[HF_WALL_TEXT_SIZE];

	hf_words_heading(words, HF_TONE_PLAIN, "%s, %s", view->known.trust->council, hf_wall_text(view->now, now));
	fprintf(words->out, "Controller %s, broker %s, state %lld; %lld device%s, %lld accounts.\n",
		hf_client_text(status, "controller", "?"), hf_client_text(status, "bus", "?"),
		hf_client_number(status, "seq"), hf_client_number(status, "devices"),
		hf_client_number(status, "devices") == 1 ? "" : "s", hf_client_number(status, "accounts"));
	if (strcmp(hf_client_text(status, "bus", "?"), "up") != 0)
		fputs("THE BROKER IS NOT REACHED: devices hear nothing new until it is.\n", words->out);
	say_attention(words);
	if (drafts > 0)
		fprintf(words->out, "%lld draft%s for approval: `holdfast drafts`.\n", drafts,
			drafts == 1 ? " waits" : "s wait");
}

/* What the controller lists and the law does not bear out must not pass for a lockdown, nor pass in silence. */
static void say_unproven(const struct hf_words *words)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(words->view->status, "lockdowns"), index, one)
	{
		struct hf_digest id;

		if (hf_digest_from_hex(hf_client_text(one, "id", "?"), &id) != HF_OK ||
		    !hf_lockdowns_find(&words->view->lockdowns, &id))
			fprintf(words->out,
				"\nATTENTION: the controller lists a lockdown %.12s for which it shows no "
				"approved order: it is not believed.\n",
				hf_client_text(one, "id", "?"));
	}
}

static int by_start(const void *a, const void *b)
{
	const struct hf_lockdown *const *x = a, *const *y = b;
	int64_t start = (*x)->bodies[0]->order->body.from.s, other = (*y)->bodies[0]->order->body.from.s;

	if (start != other)
		return start < other ? -1 : 1;
	return hf_digest_cmp(&(*x)->id, &(*y)->id);
}

/* Pointers to all lockdowns in order of their start; malloc'ed. */
static const struct hf_lockdown **in_order(const struct hf_lockdowns *lockdowns)
{
	const struct hf_lockdown **list = calloc(lockdowns->n + 1, sizeof(*list));

	for (size_t i = 0; list && i < lockdowns->n; i++)
		list[i] = &lockdowns->v[i];
	if (list && lockdowns->n > 0)
		qsort(list, lockdowns->n, sizeof(*list), by_start);
	return list;
}

/* When several live ones hold at once, that is said before each of them. */
static void say_stacked(const struct hf_words *words)
{
	const struct hf_lockdowns *lockdowns = &words->view->lockdowns;
	size_t n[HF_KIND_COUNT] = {0};

	for (size_t i = 0; i < lockdowns->n; i++)
		if (lockdowns->v[i].phase == HF_PHASE_IN_FORCE && lockdowns->v[i].raise->order->mode == HF_MODE_LIVE)
			n[lockdowns->v[i].raise->order->kind]++;
	if (n[HF_KIND_EMERGENCY] > 0 && n[HF_KIND_PURDAH] > 0)
		fputs("BOTH an emergency lockdown AND a pre-election period (purdah) hold: when the emergency is "
		      "released, "
		      "the period goes on.\n",
		      words->out);
}

/* A controller that has lost its journal knows of nothing. */
static void say_none(const struct hf_words *words)
{
	if (json_array_size(json_object_get(words->view->status, "unheard")) > 0)
		fputs("\nThis controller knows of no live lockdown, BUT DEVICES HOLD ONE: see ATTENTION above. Posting "
		      "is "
		      "not as usual.\n",
		      words->out);
	else
		fputs("\nNo live lockdown is in force: posting is as usual.\n", words->out);
}

/* In quiet times, too: nobody may learn of it only by asking for the list of devices. */
static void say_lost(const struct hf_words *words)
{
	json_t *one;
	size_t index;

	json_array_foreach(words->view->devices, index, one)
	{
		if (!json_is_true(json_object_get(one, "unknown")))
			continue;
		fprintf(words->out,
			"The device %s LOST WHAT IT KNEW and is locked: tampered with, or replaced? Look, then "
			"`holdfast recover %s`",
			hf_client_text(one, "device", "?"), hf_client_text(one, "device", "?"));
		if (json_array_size(json_object_get(one, "open_for")) > 0) {
			fputs("; open all the same for ", words->out);
			hf_words_list(words->out, json_object_get(one, "open_for"));
		}
		fputs(".\n", words->out);
	}
}

static void say_status(struct hf_words *words)
{
	const struct hf_lockdowns *lockdowns = &words->view->lockdowns;
	hf_auto_free const struct hf_lockdown **list = in_order(lockdowns);
	bool any = false;

	say_head(words);
	say_lost(words);
	say_stacked(words);
	for (size_t o = 0; list && o < HF_LEN(ORDER); o++) {
		for (size_t i = 0; i < lockdowns->n; i++) {
			const struct hf_lockdown *one = list[i];

			if (one->phase != ORDER[o].phase || one->raise->order->mode != ORDER[o].mode)
				continue;
			any = any || (one->phase == HF_PHASE_IN_FORCE && ORDER[o].mode == HF_MODE_LIVE);
			say_lockdown(words, one);
		}
		if (o == 1 && !any)
			say_none(words);
	}
	words->exercise = false;
	say_unproven(words);
}

static json_t *missing_from_status(const struct hf_lockdown *lockdown)
{
	char id[HF_DIGEST_HEX_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:n}", "id", hf_digest_hex(&lockdown->id, id), "kind",
			 hf_kind_name(lockdown->raise->order->kind), "mode", hf_mode_name(lockdown->raise->order->mode),
			 "phase", hf_phase_name(lockdown->phase), "rev", (json_int_t)lockdown->rev, "counts");
}

/* A period's times as clocks here show them. */
static void put_local(json_t *said, const struct hf_body *body)
{
	char text[HF_WALL_TEXT_SIZE];

	if (body->until.s == 0)
		return;
	(void)json_object_set_new(said, "from_local", json_string(hf_london_text(body->from, text)));
	(void)json_object_set_new(said, "until_local", json_string(hf_london_text(body->until, text)));
}

/* The controller's status, each lockdown marked with whether the law bears it out. */
static json_t *status_json(const struct hf_view *view)
{
	json_t *status = json_deep_copy(view->status), *list = json_object_get(status, "lockdowns"), *one;
	size_t index;

	json_array_foreach(list, index, one)
	{
		(void)json_object_set_new(one, "verified", json_false());
	}
	for (size_t i = 0; i < view->lockdowns.n; i++) {
		const struct hf_lockdown *lockdown = &view->lockdowns.v[i];
		json_t *said = hf_view_status_of(status, &lockdown->id);

		if (!said) {
			said = missing_from_status(lockdown);
			(void)json_array_append_new(list, said);
		}
		(void)json_object_set_new(
			said, "verified",
			json_boolean(strcmp(hf_client_text(said, "phase", "?"), hf_phase_name(lockdown->phase)) == 0));
		(void)json_object_set_new(said, "not_enforced", wanting(view, lockdown));
		put_local(said, &lockdown->bodies[0]->order->body);
	}
	return status;
}

/* Painted in one write, so that the screen does not flicker. */
static enum hf_rc paint_status(struct hf_cli *cli, const struct hf_view *view, bool repaint)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct hf_words words = {.out = out, .marks = hf_cli_marks(cli), .view = view};

	if (!out)
		return HF_E_MEMORY;
	if (repaint)
		fputs(CLEAR_SCREEN, out);
	say_status(&words);
	if (fclose(out) != 0)
		return HF_E_MEMORY;
	(void)fwrite(text, 1, len, cli->out);
	fflush(cli->out);
	return HF_OK;
}

static enum hf_rc status_once(struct hf_cli *cli, bool repaint, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	enum hf_rc rc = hf_view_open(&cli->office, &view, err);

	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, status_json(&view), err);
	rc = paint_status(cli, &view, repaint);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There is no memory to show the status.");
}

enum hf_rc hf_cli_status(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	bool watch = false;
	int64_t count = 0;
	const struct hf_arg rows[] = {
		{"watch", HF_ARG_FLAG, &watch, NULL, "show it anew each second until interrupted", 0},
		{"count", HF_ARG_INT, &count, "N", "with --watch: so often, then end", 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK || !watch)
		return rc == HF_OK ? status_once(cli, false, err) : rc;
	for (int64_t i = 0; count == 0 || i < count; i++) {
		if (i > 0)
			(void)poll(NULL, 0, EVERY_MS);
		rc = status_once(cli, cli->tty, err);
		/* A controller that restarts is waited for; one that is not ours is not. */
		if (rc != HF_OK && rc != HF_E_ABSENT && rc != HF_E_SYSTEM)
			return rc;
		if (rc != HF_OK)
			fprintf(cli->talk, "%s\n", err->text);
	}
	return rc;
}
