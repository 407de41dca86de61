/* SPDX-License-Identifier: MIT */
/*
 * Owns the order and the words of the status: what holds stands above all else, an emergency above any period.
 * Must never take the controller's word for what is in force, or claim what nobody counted.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/status_screen.h"
#include "controller/office/access.h"
#include "controller/office/client.h"
#include "controller/office/posting_words.h"
#include "controller/office/purdah_words.h"
#include "controller/office/times.h"

#define REFUSED_SHOWN 3		     /* drafts that are named as refused */
#define NAMES_MAX 10		     /* devices named in one sentence */
#define NAME_SIZE (HF_SHORT_ID + 12) /* "Emergency 4dd521e6595b" */

static const char *const PHASES[HF_PHASE_COUNT] = {
	[HF_PHASE_SCHEDULED] = HF_TEXT("Scheduled"),
	[HF_PHASE_IN_FORCE] = HF_TEXT("IN FORCE"),
	[HF_PHASE_OVER] = HF_TEXT("Over"),
	[HF_PHASE_RELEASED] = HF_TEXT("Released"),
};

/* The screen while it is made: all lockdowns in order of importance. */
struct screen {
	struct hf_words words;
	const struct hf_lockdown **v; /* malloc'ed */
	size_t n;
	size_t crowd; /* live ones in force that are not among them: one person has raised more than anybody reads */
};

static bool is_exercise(const struct hf_lockdown *lockdown)
{
	return lockdown->raise->order->mode == HF_MODE_EXERCISE;
}

static bool has_ended(const struct hf_lockdown *lockdown)
{
	return lockdown->phase == HF_PHASE_RELEASED || lockdown->phase == HF_PHASE_OVER;
}

static bool is_live_in_force(const struct hf_lockdown *lockdown)
{
	return lockdown->phase == HF_PHASE_IN_FORCE && !is_exercise(lockdown);
}

/* Order ----------------------------------------------------------------------------------------------------------- */

static int place_of(const struct hf_lockdown *lockdown)
{
	int place = has_ended(lockdown) ? 8 : lockdown->phase == HF_PHASE_SCHEDULED ? 4 : 0;

	return place + (is_exercise(lockdown) ? 2 : 0) + (lockdown->raise->order->kind == HF_KIND_EMERGENCY ? 0 : 1);
}

static int by_importance(const void *a, const void *b)
{
	const struct hf_lockdown *const *x = a, *const *y = b;
	int64_t start = (*x)->bodies[0]->order->body.from.s, other = (*y)->bodies[0]->order->body.from.s;

	if (place_of(*x) != place_of(*y))
		return place_of(*x) - place_of(*y);
	if (start != other)
		return start < other ? -1 : 1;
	return hf_digest_cmp(&(*x)->id, &(*y)->id);
}

static bool is_newer_of_same(const struct hf_lockdown *a, const struct hf_lockdown *b)
{
	const struct hf_signers *x = &a->raise->signers, *y = &b->raise->signers;

	if (!is_live_in_force(a) || x->n_people == 0 || y->n_people == 0 || x->people[0] != y->people[0])
		return false;
	if (a->raise->order->at.s != b->raise->order->at.s)
		return a->raise->order->at.s > b->raise->order->at.s;
	return hf_digest_cmp(&a->id, &b->id) < 0;
}

/* A thief of one key must not hide what others raised behind what that key raised. */
static bool is_crowd(const struct hf_lockdowns *lockdowns, const struct hf_lockdown *one)
{
	size_t newer = 0;

	for (size_t i = 0; is_live_in_force(one) && i < lockdowns->n; i++)
		newer += is_newer_of_same(&lockdowns->v[i], one);
	return newer >= HF_SAID_FIRST_MAX;
}

static enum hf_rc put_in_order(struct screen *screen, bool all)
{
	const struct hf_lockdowns *lockdowns = &screen->words.view->lockdowns;

	screen->v = calloc(lockdowns->n + 1, sizeof(*screen->v));
	if (!screen->v)
		return HF_E_MEMORY;
	for (size_t i = 0; i < lockdowns->n; i++) {
		if (!all && is_crowd(lockdowns, &lockdowns->v[i]))
			screen->crowd++;
		else
			screen->v[screen->n++] = &lockdowns->v[i];
	}
	qsort(screen->v, screen->n, sizeof(*screen->v), by_importance);
	return HF_OK;
}

/* Width ----------------------------------------------------------------------------------------------------------- */

static size_t bounded(size_t columns)
{
	if (columns == 0 || columns > HF_SCREEN_COLUMNS)
		return HF_SCREEN_COLUMNS;
	return columns < HF_SCREEN_COLUMNS_MIN ? HF_SCREEN_COLUMNS_MIN : columns;
}

static size_t columns_of(const struct hf_words *words)
{
	return bounded(words->columns);
}

/* A colour begins or ends here: so many bytes take no place on the screen. */
static size_t colour_at(const char *text, size_t len)
{
	size_t n = 0;

	if (text[0] != '\033')
		return 0;
	while (n < len && text[n] != 'm')
		n++;
	return n < len ? n + 1 : n;
}

/* Where a line is broken: at its last space that fits and is in no command, or else where it is full. */
static size_t fitting(const char *line, size_t len, size_t columns)
{
	size_t width = 0, space = 0;
	bool command = false;

	for (size_t i = 0; i < len; i++) {
		size_t colour = colour_at(&line[i], len - i);

		if (colour > 0) {
			i += colour - 1;
			continue;
		}
		if (((unsigned char)line[i] & 0xc0) != 0x80 && width++ == columns)
			return space > 0 ? space : i;
		command = command != (line[i] == '`');
		if (line[i] == ' ' && i > 0 && line[i - 1] != ' ' && (!command || columns + 2 < HF_SCREEN_COLUMNS))
			space = i;
	}
	return len;
}

/* Further lines are set in, so that no text of somebody else begins where a sentence of ours would. */
static void wrap_line(FILE *out, const char *line, size_t len, size_t columns)
{
	size_t n = fitting(line, len, columns);

	fprintf(out, "%.*s\n", (int)n, line);
	while (n < len) {
		size_t taken = n + (line[n] == ' ');

		line += taken;
		len -= taken;
		n = fitting(line, len, columns - 2);
		fprintf(out, "  %.*s\n", (int)n, line);
	}
}

void hf_screen_wrap(FILE *out, const char *text, size_t columns)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		wrap_line(out, text, len, bounded(columns));
		text += len + (text[len] == '\n');
	}
}

static size_t columns_left(const struct hf_words *words)
{
	return columns_of(words) - (words->exercise ? strlen(hf_text("EXERCISE: ")) : 0);
}

static bool is_one_line(const struct hf_words *words, const char *text)
{
	size_t len = strcspn(text, "\n");

	return !text[len] && fitting(text, len, columns_left(words)) == len;
}

/* As much of it as one line takes; what was cut stands whole further down. */
static void say_one_line(const struct hf_words *words, const char *text)
{
	bool whole = is_one_line(words, text);
	size_t len = strcspn(text, "\n");

	hf_words_line(words, "%.*s%s", (int)(whole ? len : fitting(text, len, columns_left(words) - 4)), text,
		      whole ? "" : " ...");
}

/* Devices --------------------------------------------------------------------------------------------------------- */

static struct hf_awaited awaited_of(const struct hf_lockdown *lockdown)
{
	return (struct hf_awaited){.lockdown = &lockdown->id,
				   .released = lockdown->phase == HF_PHASE_RELEASED,
				   .spoke = lockdown->phase == HF_PHASE_RELEASED,
				   .exercise = is_exercise(lockdown),
				   .scheduled = lockdown->phase == HF_PHASE_SCHEDULED};
}

/* NULL: it says nothing of this lockdown as it holds now, after its newest amendment or its release. */
static const json_t *said_of(const struct hf_view *view, const struct hf_lockdown *lockdown)
{
	const json_t *said = hf_view_status_of(view->status, &lockdown->id);
	bool released = strcmp(hf_client_text(said, "phase", ""), hf_phase_name(HF_PHASE_RELEASED)) == 0;

	if (!said || released != (lockdown->phase == HF_PHASE_RELEASED) ||
	    (!released && hf_client_number(said, "rev") != lockdown->rev))
		return NULL;
	return json_is_object(json_object_get(said, "counts")) ? said : NULL;
}

enum hf_rc hf_status_wanting(const struct hf_view *view, const struct hf_lockdown *lockdown, size_t most,
			     struct hf_look *ret, struct hf_err *err)
{
	const struct hf_awaited awaited = awaited_of(lockdown);
	const json_t *said = said_of(view, lockdown), *counts = json_object_get(said, "counts");
	long long n = 0;

	if (!said)
		return hf_err_set(err, HF_E_ABSENT, "The controller gives no counts for it.");
	for (size_t i = 0; i < HF_ARRIVAL_STATES; i++)
		if (!hf_arrival_holds(hf_arrival_states[i], &awaited))
			n += hf_client_number(counts, hf_arrival_states[i]);
	if (n > 0)
		return hf_arrival_look(view->office, &awaited, most, ret, err);
	ret->devices = (size_t)hf_client_number(said, "devices");
	ret->not_yet = json_array();
	return HF_OK;
}

/* What is said of the devices on which it stands as it should not, and of all when there are none. */
static const char *wanting_words(const struct hf_lockdown *lockdown, bool none)
{
	if (lockdown->phase == HF_PHASE_RELEASED)
		return none ? hf_text("Seen to be released") : hf_text("NOT YET SEEN TO BE RELEASED");
	if (lockdown->phase == HF_PHASE_SCHEDULED)
		return none ? hf_text("Held, to start by itself,") : hf_text("NOT YET HELD");
	if (is_exercise(lockdown))
		return none ? hf_text("Seen to be shown") : hf_text("NOT YET SEEN TO BE SHOWN");
	return none ? hf_text("Enforced and verified") : hf_text("NOT ENFORCED");
}

static void say_names(FILE *out, const struct hf_look *look, const char *where_all)
{
	json_t *one;
	size_t index;

	json_array_foreach(look->not_yet, index, one)
	{
		fprintf(out, "%s%s (%s", index ? ", " : "", hf_client_text(one, "device", "?"),
			hf_client_text(one, "state", "?"));
		if (json_array_size(json_object_get(one, "partly")) > 0) {
			fputs(hf_text("; partly enforced, these do not hold: "), out);
			hf_words_list(out, json_object_get(one, "partly"));
		}
		fputc(')', out);
	}
	if (look->n_not_yet > json_array_size(look->not_yet))
		fprintf(out, hf_text(" and %zu more: `%s`"), look->n_not_yet - json_array_size(look->not_yet),
			where_all);
}

static const char *name_shortly(const struct hf_lockdown *lockdown, char text[NAME_SIZE])
{
	char id[HF_SHORT_ID + 1];
	bool emergency = lockdown->raise->order->kind == HF_KIND_EMERGENCY;

	if (hf_str_printf(text, NAME_SIZE, "%s %s", emergency ? hf_text("Emergency") : hf_text("Period"),
			  hf_words_short(&lockdown->id, id)) != HF_OK)
		return "?";
	return text;
}

/* @named    say which lockdown it is: there are others beside it */
static void say_wanting(const struct hf_words *words, const struct hf_lockdown *lockdown, bool named)
{
	hf_auto_look struct hf_look look = {0};
	struct hf_err why = {0};
	enum hf_rc rc = hf_status_wanting(words->view, lockdown, NAMES_MAX, &look, &why);
	char name[NAME_SIZE];

	hf_words_begin(words);
	if (named)
		fprintf(words->out, "%s: ", name_shortly(lockdown, name));
	if (rc != HF_OK) {
		fprintf(words->out,
			hf_text("ATTENTION: on which devices it does not stand as it should cannot be said. %s\n"),
			why.text);
	} else if (look.devices == 0) {
		fputs(hf_text("It bears on no device.\n"), words->out);
	} else if (look.n_not_yet == 0) {
		fprintf(words->out, hf_text("%s on every device%s.\n"), wanting_words(lockdown, true),
			lockdown->phase == HF_PHASE_RELEASED ? hf_text(" that had spoken of it") : "");
	} else {
		fprintf(words->out, hf_text_n("%s on %zu device: ", "%s on %zu devices: ", look.n_not_yet),
			wanting_words(lockdown, false), look.n_not_yet);
		say_names(words->out, &look,
			  is_live_in_force(lockdown) ? "holdfast devices --not-enforced" : "holdfast status --json");
		fputs(".\n", words->out);
	}
}

static void say_counts(const struct hf_words *words, const struct hf_lockdown *lockdown)
{
	const json_t *said = said_of(words->view, lockdown), *counts = json_object_get(said, "counts");
	long long of = hf_client_number(said, "devices");
	size_t n = 0;

	/* That it holds on all of them has been said. */
	if (of == 0 || hf_client_number(counts, "enforced-verified") == of)
		return;
	hf_words_begin(words);
	fprintf(words->out, hf_text_n("Of %lld device: ", "Of %lld devices: ", (unsigned long)of), of);
	for (size_t i = 0; i < HF_ARRIVAL_STATES; i++)
		if (hf_client_number(counts, hf_arrival_states[i]) > 0)
			fprintf(words->out, "%s%lld %s", n++ ? ", " : "",
				hf_client_number(counts, hf_arrival_states[i]), hf_arrival_states[i]);
	fputs(".\n", words->out);
}

/* A lockdown ------------------------------------------------------------------------------------------------------ */

static void say_name(struct hf_words *words, const struct hf_lockdown *lockdown)
{
	const struct hf_order *raise = lockdown->raise->order;
	enum hf_tone tone = has_ended(lockdown)	    ? HF_TONE_PLAIN
			    : is_exercise(lockdown) ? HF_TONE_EXERCISE
						    : HF_TONE_LIVE;
	char id[HF_SHORT_ID + 1], rev[48] = "";

	words->exercise = is_exercise(lockdown);
	if (lockdown->rev > 0 &&
	    hf_str_printf(rev, sizeof(rev), hf_text(", amendment %lld"), (long long)lockdown->rev) != HF_OK)
		rev[0] = '\0';
	hf_words_heading(words, tone, "%s: %s %s%s", hf_text(PHASES[lockdown->phase]),
			 hf_words_name(raise->kind, raise->mode), hf_words_short(&lockdown->id, id), rev);
}

/* "Raised by comms-1 and comms-2 on 2027-03-30 00:01 BST: A fire"; malloc'ed; NULL: no memory. */
static char *people_text(const char *what, const struct hf_heard *heard, const char *when, struct hf_wall t)
{
	char *text = NULL, at[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out, hf_text("%s by "), what);
	for (size_t i = 0; i < heard->signers.n_people; i++)
		hf_words_item(out, i, heard->signers.n_people,
			      hf_person_text(heard->signers.people[i], who));
	fprintf(out, hf_text("%s on %s: %s"), when, hf_london_text(t, at), heard->order->body.reason);
	return fclose(out) == 0 ? text : NULL;
}

static char *raised_text(const struct hf_lockdown *lockdown)
{
	return people_text(hf_text("Raised"), lockdown->raise, "", lockdown->raise->order->at);
}

/* A release takes effect by its last approval, and only the controller's record has the time of that. */
static void say_released(const struct hf_words *words, const struct hf_lockdown *lockdown)
{
	const struct hf_heard *release = lockdown->release;
	const struct hf_wall at = {
		hf_client_number(hf_view_status_of(words->view->status, &lockdown->id), "released_at")};
	hf_auto_free char *text =
		at.s > 0 ? people_text(hf_text("Released"), release, hf_text(", recorded by the controller"), at)
			 : people_text(hf_text("Released"), release, hf_text(", in an order that was written"),
				       release->order->at);

	hf_words_text(words, "", text ? text : "");
}

static void say_period(const struct hf_words *words, const struct hf_body *body)
{
	char from[HF_WALL_TEXT_SIZE], until[HF_WALL_TEXT_SIZE];

	if (body->until.s > 0)
		hf_words_line(words, "From %s until %s.", hf_london_text(body->from, from),
			      hf_london_text(body->until, until));
}

static void put_groups(FILE *out, const struct hf_body *body, const json_t *said)
{
	long long n = hf_client_number(said, "devices");
	bool everywhere = hf_words_is_all(&body->groups);

	if (!said)
		fputs(hf_text("devices that nobody counted"), out);
	else if (everywhere)
		fprintf(out, hf_text_n("the %lld device", "all %lld devices", (unsigned long)n), n);
	else
		fprintf(out, hf_text_n("%lld device", "%lld devices", (unsigned long)n), n);
	if (everywhere)
		return;
	fputs(hf_text_n(" (group ", " (groups ", body->groups.n), out);
	hf_words_strs(out, &body->groups);
	fputc(')', out);
}

/* How many devices it bears on is the controller's word, as all counts are. malloc'ed; NULL: no memory. */
static char *scope_text(const struct hf_words *words, const struct hf_lockdown *lockdown)
{
	const struct hf_body *body = &lockdown->bodies[0]->order->body;
	char *text = NULL;
	size_t len = 0;
	struct hf_words scope = {.out = open_memstream(&text, &len), .view = words->view};

	if (!scope.out)
		return NULL;
	fputs(hf_text("It bears on "), scope.out);
	hf_words_accounts(&scope, &body->accounts);
	fputs(hf_text(", on "), scope.out);
	put_groups(scope.out, body, said_of(words->view, lockdown));
	fputs(hf_text("; exempt: "), scope.out);
	hf_words_persons(&scope, &body->exempt);
	fputc('.', scope.out);
	return fclose(scope.out) == 0 ? text : NULL;
}

/* In three lines: what, by whom and why, on what. */
static void say_holding(struct hf_words *words, const struct hf_lockdown *lockdown)
{
	hf_auto_free char *raised = raised_text(lockdown);
	hf_auto_free char *scope = scope_text(words, lockdown);

	say_name(words, lockdown);
	say_one_line(words, raised ? raised : "");
	say_one_line(words, scope ? scope : "");
}

/* What was cut above. */
static void say_whole(const struct hf_words *words, const struct hf_lockdown *lockdown)
{
	hf_auto_free char *raised = raised_text(lockdown);
	hf_auto_free char *scope = scope_text(words, lockdown);
	const char *first = lockdown->raise->order->body.reason, *now = lockdown->bodies[0]->order->body.reason;

	if (!raised || !is_one_line(words, raised))
		hf_words_text(words, hf_text("Reason: "), first);
	if (strcmp(first, now) != 0)
		hf_words_text(words, hf_text("Reason, as amended: "), now);
	if (scope && !is_one_line(words, scope))
		hf_words_line(words, "%s", scope);
}

static void say_details(const struct hf_words *words, const struct hf_lockdown *lockdown)
{
	const struct hf_body *body = &lockdown->bodies[0]->order->body;

	say_counts(words, lockdown);
	say_period(words, body);
	if (lockdown->raise->order->kind == HF_KIND_PURDAH)
		hf_words_level(words, body);
	for (size_t i = 0; i < body->n_polls; i++)
		hf_words_line(words, "For the poll on %s (%s).", body->polls[i].day, body->polls[i].kind);
	say_whole(words, lockdown);
	hf_words_postings(words, hf_view_status_of(words->view->status, &lockdown->id), body);
	hf_words_text(words, hf_text("Whom to ring: "), body->contact);
}

/* @live     another one holds: a device that it shuts cannot be seen to be open, and was not shut by this one again */
static void say_ended(struct hf_words *words, const struct hf_lockdown *lockdown, bool live)
{
	hf_auto_free char *raised = raised_text(lockdown);

	say_name(words, lockdown);
	if (lockdown->phase == HF_PHASE_RELEASED && live && !is_exercise(lockdown)) {
		hf_words_line(words, "Which devices are open cannot be seen while another lockdown holds.");
	} else {
		if (lockdown->phase == HF_PHASE_RELEASED)
			say_wanting(words, lockdown, false);
		say_counts(words, lockdown);
	}
	hf_words_text(words, "", raised ? raised : "");
	if (lockdown->release)
		say_released(words, lockdown);
}

/* The parts of the screen ----------------------------------------------------------------------------------------- */

/* A controller that has lost its journal knows of nothing. */
static void say_none(const struct hf_words *words)
{
	const json_t *status = words->view->status;
	long long devices = hf_client_number(status, "devices"), accounts = hf_client_number(status, "accounts");

	if (json_array_size(json_object_get(status, "unheard")) > 0)
		fputs(hf_text("This controller knows of no live lockdown, BUT DEVICES HOLD ONE: see ATTENTION. Posting "
			      "is not as usual.\n"),
		      words->out);
	else if (json_array_size(json_object_get(status, "strangers")) > 0)
		fputs(hf_text("This controller knows of no live lockdown, BUT NOT OF EVERY DEVICE: see ATTENTION. "
			      "Whether posting is as usual, only these devices can tell.\n"),
		      words->out);
	else if (hf_client_number(status, "unread") > 0)
		fputs(hf_text("This controller knows of no live lockdown, and has NOT READ YET what devices hold: see "
			      "ATTENTION. Look again in a moment.\n"),
		      words->out);
	else
		fputs(hf_text("No live lockdown is in force: posting is as usual.\n"), words->out);
	fprintf(words->out, hf_text_n("%lld device, ", "%lld devices, ", (unsigned long)devices), devices);
	fprintf(words->out, hf_text_n("%lld account.\n", "%lld accounts.\n", (unsigned long)accounts), accounts);
}

/* When an emergency and a period hold at once, that is said beside them. */
static void say_stacked(const struct screen *screen)
{
	size_t n[HF_KIND_COUNT] = {0};

	for (size_t i = 0; i < screen->n; i++)
		if (is_live_in_force(screen->v[i]))
			n[screen->v[i]->raise->order->kind]++;
	if (n[HF_KIND_EMERGENCY] > 0 && n[HF_KIND_PURDAH] > 0)
		fputs(hf_text("BOTH hold: when the emergency is released, the pre-election period goes on.\n"),
		      screen->words.out);
}

static bool say_what_holds(struct screen *screen)
{
	bool live = false;

	for (size_t i = 0; i < screen->n; i++)
		live = live || is_live_in_force(screen->v[i]);
	if (!live)
		say_none(&screen->words);
	for (size_t i = 0; i < screen->n; i++)
		if (screen->v[i]->phase == HF_PHASE_IN_FORCE)
			say_holding(&screen->words, screen->v[i]);
	screen->words.exercise = false;
	if (screen->crowd > 0)
		fprintf(screen->words.out,
			hf_text("%zu more of the same people are in force: `holdfast status --all`.\n"), screen->crowd);
	say_stacked(screen);
	return live;
}

/* What was released is looked at here while it still shuts somebody out, and nothing else does. */
static bool is_still_shut(const struct screen *screen, const struct hf_lockdown *lockdown)
{
	hf_auto_look struct hf_look look = {0};

	return lockdown->phase == HF_PHASE_RELEASED && !is_exercise(lockdown) &&
	       (hf_status_wanting(screen->words.view, lockdown, 1, &look, NULL) != HF_OK || look.n_not_yet > 0);
}

static size_t n_in_force(const struct screen *screen)
{
	size_t n = 0;

	for (size_t i = 0; i < screen->n; i++)
		n += screen->v[i]->phase == HF_PHASE_IN_FORCE;
	return n;
}

static void say_where_not(struct screen *screen, bool live)
{
	size_t n = n_in_force(screen);
	bool any = false;

	for (size_t i = 0; i < screen->n; i++) {
		const struct hf_lockdown *one = screen->v[i];

		if (one->phase != HF_PHASE_IN_FORCE && (live || !is_still_shut(screen, one)))
			continue;
		fputs(any ? "" : "\n", screen->words.out);
		any = true;
		screen->words.exercise = is_exercise(one);
		say_wanting(&screen->words, one, n > 1 || one->phase != HF_PHASE_IN_FORCE);
	}
	screen->words.exercise = false;
}

/* In quiet times, too: nobody may learn of it only by asking for the list of devices. */
static void say_lost(const struct hf_words *words)
{
	long long n = hf_client_number(words->view->status, "unknown");
	hf_auto_json json_t *page = NULL;
	struct hf_err why = {0};
	json_t *one;
	size_t index;

	if (n > 0 && hf_client_get(words->view->office, "/v1/devices?unknown=1&limit=10", &page, &why) != HF_OK)
		fprintf(words->out, hf_text("%lld devices LOST WHAT THEY KNEW, and which cannot be said: %s\n"), n,
			why.text);
	json_array_foreach(json_object_get(page, "devices"), index, one)
	{
		fprintf(words->out,
			hf_text("The device %s LOST WHAT IT KNEW and is locked: tampered with, or replaced? Look, then "
				"`holdfast recover %s`"),
			hf_client_text(one, "device", "?"), hf_client_text(one, "device", "?"));
		if (json_array_size(json_object_get(one, "open_for")) > 0) {
			fputs(hf_text("; open all the same for "), words->out);
			hf_words_people(words, json_object_get(one, "open_for"));
		}
		fputs(".\n", words->out);
	}
	if (page && n > (long long)json_array_size(json_object_get(page, "devices")))
		fprintf(words->out,
			hf_text("%lld devices LOST WHAT THEY KNEW in all: `holdfast devices` names them.\n"), n);
}

/* What the controller lists and the law does not bear out must not pass for a lockdown, nor pass in silence. */
static void say_unproven(const struct hf_words *words)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(words->view->status, "lockdowns"), index, one)
	{
		const char *phase = hf_client_text(one, "phase", "?");
		struct hf_digest id;

		/* Of what has long ended no order is shown any more, and nothing holds by it. */
		if (strcmp(phase, hf_phase_name(HF_PHASE_RELEASED)) == 0 ||
		    strcmp(phase, hf_phase_name(HF_PHASE_OVER)) == 0)
			continue;
		if (hf_digest_from_hex(hf_client_text(one, "id", "?"), &id) != HF_OK ||
		    !hf_lockdowns_find(&words->view->lockdowns, &id))
			fprintf(words->out,
				hf_text("ATTENTION: the controller lists a lockdown %.12s for which it shows no "
					"approved order: it is not believed.\n"),
				hf_client_text(one, "id", "?"));
	}
}

/* The controller's own sentences; the screen must not look as usual beside them. */
static void say_attention(const struct hf_words *words)
{
	json_t *one;
	size_t index;

	if (strcmp(hf_client_text(words->view->status, "bus", "?"), "up") != 0)
		fputs(hf_text("THE BROKER IS NOT REACHED: devices hear nothing new until it is.\n"), words->out);
	json_array_foreach(json_object_get(words->view->status, "attention"), index, one)
	{
		if (json_is_string(one))
			fprintf(words->out, hf_text("ATTENTION: %s.\n"), json_string_value(one));
	}
	say_lost(words);
	say_unproven(words);
}

/* Whoever was asked to approve one must not miss that a colleague said no. */
static void say_refused(const struct hf_words *words)
{
	hf_auto_json json_t *answer = NULL;
	char who[HF_PERSON_TEXT_SIZE];
	json_t *draft, *one;
	size_t i, k, n = 0;

	if (hf_client_get(words->view->office, "/v1/drafts", &answer, NULL) != HF_OK)
		return;
	json_array_foreach(json_object_get(answer, "drafts"), i, draft)
	{
		json_t *refused = json_object_get(draft, "refused");

		if (json_array_size(refused) == 0 || n++ >= REFUSED_SHOWN)
			continue;
		fprintf(words->out, hf_text("%.*s is REFUSED by "), HF_SHORT_ID, hf_client_text(draft, "digest", "?"));
		json_array_foreach(refused, k, one)
			hf_words_item(words->out, k, json_array_size(refused), hf_words_who(words, hf_client_text(one, "person", "?"), who));
		fputs(".\n", words->out);
	}
	if (n > REFUSED_SHOWN)
		fprintf(words->out, hf_text("%zu more are refused.\n"), n - REFUSED_SHOWN);
}

static void say_drafts(const struct hf_words *words)
{
	long long n = hf_client_number(words->view->status, "drafts");

	if (n == 0)
		return;
	fprintf(words->out,
		hf_text_n("%lld draft waits for approval: `holdfast drafts`.\n",
			  "%lld drafts wait for approval: `holdfast drafts`.\n", (unsigned long)n),
		n);
	say_refused(words);
}

/* What no laptop can do for anybody. */
static void say_checks(const struct hf_words *words)
{
	const json_t *checks = json_object_get(words->view->status, "checks");
	long long n = hf_client_number(checks, "open"), played = hf_client_number(checks, "exercise");

	if (n > 0)
		fprintf(words->out,
			hf_text_n("%lld item of the checklist is OPEN: `holdfast check list`.\n",
				  "%lld items of the checklist are OPEN: `holdfast check list`.\n", (unsigned long)n),
			n);
	if (played > 0)
		fprintf(words->out,
			hf_text_n("EXERCISE: %lld item of its checklist is open: `holdfast check list`.\n",
				  "EXERCISE: %lld items of its checklist are open: `holdfast check list`.\n", (unsigned long)played),
			played);
}

static void say_going_on(struct screen *screen, const struct hf_lockdown *lockdown, bool named)
{
	struct hf_words *words = &screen->words;
	char name[NAME_SIZE];

	words->exercise = is_exercise(lockdown);
	if (lockdown->phase == HF_PHASE_SCHEDULED) {
		say_holding(words, lockdown);
		say_wanting(words, lockdown, false);
	} else if (named) {
		hf_words_line(words, "About %s:", name_shortly(lockdown, name));
	}
	say_details(words, lockdown);
}

static void say_rest(struct screen *screen, bool all, bool live)
{
	struct hf_words *words = &screen->words;
	size_t hidden = 0, n = n_in_force(screen);

	for (size_t i = 0; i < screen->n; i++) {
		const struct hf_lockdown *one = screen->v[i];

		if (has_ended(one) && !all) {
			hidden++;
			continue;
		}
		if (i == 0 || one->phase != HF_PHASE_IN_FORCE)
			fputc('\n', words->out);
		if (has_ended(one))
			say_ended(words, one, live);
		else
			say_going_on(screen, one, n > 1);
	}
	words->exercise = false;
	if (hidden > 0)
		fprintf(words->out,
			hf_text_n("\n%zu that has ended is not shown: `holdfast status --all`.\n",
				  "\n%zu that have ended are not shown: `holdfast status --all`.\n", hidden),
			hidden);
}

/* Low down, as what follows: it is for quiet times, and must not stand above what holds (policy D2.9). */
static void say_ends_of_access(const struct hf_words *words)
{
	const struct hf_view *view = words->view;
	struct hf_access_rows rows = {.n = 0};
	size_t ended = 0;

	if (!view->known.reg || hf_access_list(view->known.reg, view->now, &rows) != HF_OK)
		return;
	for (size_t i = 0; i < rows.n; i++)
		ended += rows.v[i].access == HF_ACCESS_ENDED;
	if (rows.n > 0)
		fprintf(words->out,
			hf_text("\nAccess to accounts: %zu end within %d days, %zu have ended: `holdfast account list "
				"--ending`.\n"),
			rows.n - ended, HF_ACCESS_SOON_DAYS, ended);
	free(rows.v);
}

/* Whoever left an account may still get in at the platform itself, until somebody has looked. */
static void say_leavers(const struct hf_words *words)
{
	long long open = hf_client_number(json_object_get(words->view->status, "checks"), "access");

	if (open > 0)
		fprintf(words->out,
			hf_text_n("\n%lld access of somebody who left an account is still to be taken away at the platform: `holdfast holder "
				  "checklist`.\n",
				  "\n%lld accesses of people who left an account are still to be taken away at the platform: `holdfast holder "
				  "checklist`.\n",
				  (unsigned long)open),
			open);
}

static void say_foot(const struct hf_words *words)
{
	const struct hf_view *view = words->view;
	const struct hf_broker_list *brokers = hf_broker_set_newest(&view->known.brokers);
	char now[HF_WALL_TEXT_SIZE];

	fprintf(words->out, hf_text("\n%s, %s. Counts by controller %s, broker %s.\n"), view->known.trust->council,
		hf_london_text(view->now, now), hf_client_text(view->status, "controller", "?"),
		hf_client_text(view->status, "bus", "?"));
	if (brokers)
		hf_words_line(words, "The list of brokers is version %lld: `holdfast broker list`.", (long long)brokers->doc->version);
}

static void say_all(struct screen *screen, bool all)
{
	bool live;

	if (screen->crowd > 0)
		say_attention(&screen->words);
	live = say_what_holds(screen);
	say_where_not(screen, live);
	if (screen->crowd == 0)
		say_attention(&screen->words);
	say_drafts(&screen->words);
	say_checks(&screen->words);
	say_rest(screen, all, live);
	say_ends_of_access(&screen->words);
	say_leavers(&screen->words);
	say_foot(&screen->words);
}

enum hf_rc hf_status_say(const struct hf_words *words, bool all)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	struct screen screen = {.words = *words};
	enum hf_rc rc = put_in_order(&screen, all);

	screen.words.out = rc == HF_OK ? open_memstream(&text, &len) : NULL;
	if (screen.words.out) {
		say_all(&screen, all);
		rc = fclose(screen.words.out) == 0 ? HF_OK : HF_E_MEMORY;
	} else {
		rc = HF_E_MEMORY;
	}
	free(screen.v);
	if (rc == HF_OK)
		hf_screen_wrap(words->out, text, words->columns);
	return rc;
}
