/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast status`. Counts and devices are the controller's word; lockdowns are those that the law bears out.
 * Must never take the controller's word for what is in force.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <holdfast/london.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/status_screen.h"
#include "controller/office/access.h"
#include "controller/office/client.h"

#define UNTIL_INTERRUPTED (-1)
#define EVERY_MS 1000
#define HOME "\033[H"
#define ERASE_LINE "\033[K"
#define ERASE_BELOW "\033[J"

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

/* Null: it cannot be said. */
static json_t *not_enforced_json(const struct hf_view *view, const struct hf_lockdown *lockdown)
{
	hf_auto_look struct hf_look look = {0};
	struct hf_err why = {0};

	if (hf_status_wanting(view, lockdown, 0, &look, &why) == HF_OK)
		return json_incref(look.not_yet);
	hf_office_warn(view->office, "on which devices it does not stand as it should cannot be said: %s", why.text);
	return json_null();
}

/* The controller's status, each lockdown marked with whether the law bears it out. */
/* Whose access to an account ends soon, or has ended. */
static void put_ending(const struct hf_view *view, json_t *status)
{
	struct hf_access_rows rows = {.n = 0};

	if (view->known.reg && hf_access_list(view->known.reg, view->now, &rows) == HF_OK)
		(void)json_object_set_new(status, "ending", hf_access_json(&rows));
	free(rows.v);
}

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
		(void)json_object_set_new(said, "not_enforced", not_enforced_json(view, lockdown));
		put_local(said, &lockdown->bodies[0]->order->body);
	}
	put_ending(view, status);
	return status;
}

struct showing {
	bool repaint, all, watch;
	size_t columns, lines; /* of the terminal; 0: it is none, or does not say */
};

/* It may have become another size since it was drawn last. */
static void measure(struct showing *showing)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	showing->columns = size.ws_col;
	showing->lines = size.ws_row;
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/*
 * Over what stands there, line by line, so that nothing flickers: what a line leaves behind of the one before is erased
 * at its end, and what is below at the end of all. No more than the screen holds: it does not roll away what is first.
 */
static void repaint(FILE *out, const char *text, size_t most)
{
	size_t n = lines_of(text), shown = 0;
	size_t whole = most == 0 || n < most ? n : most > 2 ? most - 2 : 1;

	fputs(HOME, out);
	for (; *text && shown < whole; shown++) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "%.*s" ERASE_LINE "\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
	if (shown < n) {
		fprintf(out, hf_text("... %zu more: `holdfast status`"), n - shown);
		fputs(ERASE_LINE "\n", out);
	}
	fputs(ERASE_BELOW, out);
}

/* Written in one piece. */
static void paint(struct hf_cli *cli, const char *text, const struct showing *showing)
{
	hf_auto_free char *screen = NULL;
	size_t len = 0;
	FILE *out = showing->repaint ? open_memstream(&screen, &len) : NULL;

	if (out)
		repaint(out, text, showing->lines);
	if (out && fclose(out) != 0)
		return;
	(void)fwrite(out ? screen : text, 1, out ? len : strlen(text), cli->out);
	fflush(cli->out);
}

static enum hf_rc paint_status(struct hf_cli *cli, const struct hf_view *view, const struct showing *showing)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct hf_words words = {.out = out, .marks = hf_cli_marks(cli), .view = view, .columns = showing->columns};
	enum hf_rc rc;

	if (!out)
		return HF_E_MEMORY;
	rc = hf_status_say(&words, showing->all);
	if (fclose(out) != 0 || rc != HF_OK)
		return HF_E_MEMORY;
	paint(cli, text, showing);
	return HF_OK;
}

/* One document a line, for who reads them as they come. */
static enum hf_rc answer_line(struct hf_cli *cli, json_t *status, struct hf_err *err)
{
	hf_auto_json json_t *mine = status;
	hf_auto_free char *text = mine ? json_dumps(mine, JSON_COMPACT) : NULL;

	if (!text)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to show the status.");
	fprintf(cli->out, "%s\n", text);
	fflush(cli->out);
	return HF_OK;
}

static enum hf_rc status_once(struct hf_cli *cli, const struct showing *showing, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	enum hf_rc rc = hf_view_open(&cli->office, &view, err);

	if (rc != HF_OK)
		return rc;
	if (cli->json && showing->watch)
		return answer_line(cli, status_json(&view), err);
	if (cli->json)
		return hf_cli_answer(cli, status_json(&view), err);
	rc = paint_status(cli, &view, showing);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There is no memory to show the status.");
}

static void say_why(struct hf_cli *cli, const struct hf_err *err, const struct showing *showing)
{
	char text[sizeof(err->text) + 2];

	if (showing->repaint && hf_str_printf(text, sizeof(text), "%s\n", err->text) == HF_OK)
		paint(cli, text, showing);
	else
		fprintf(cli->talk, "%s\n", err->text);
}

enum hf_rc hf_cli_status(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct showing showing = {.repaint = false};
	int64_t count = UNTIL_INTERRUPTED;
	const struct hf_arg rows[] = {
		{"all", HF_ARG_FLAG, &showing.all, NULL, HF_TEXT("also what has been released, or is over"), 0},
		{"watch", HF_ARG_FLAG, &showing.watch, NULL, HF_TEXT("show it anew each second until interrupted"), 0},
		{"count", HF_ARG_INT, &count, "N", HF_TEXT("with --watch: so often, at least once, then end"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && (count == 0 || (count > 0 && !showing.watch)))
		return hf_err_set(err, HF_E_USAGE,
				  "--count is how often --watch shows it, at least once; without it --watch goes on until "
				  "it is interrupted.");
	if (rc == HF_OK && !showing.watch && cli->tty)
		measure(&showing);
	if (rc != HF_OK || !showing.watch)
		return rc == HF_OK ? status_once(cli, &showing, err) : rc;
	hf_ask_interrupts(HF_COME_LOOKING);
	for (int64_t i = 0; count == UNTIL_INTERRUPTED || i < count; i++) {
		if (i > 0)
			(void)poll(NULL, 0, EVERY_MS);
		showing.repaint = cli->tty;
		if (showing.repaint)
			measure(&showing);
		rc = status_once(cli, &showing, err);
		/* A controller that restarts is waited for; one that is not ours is not. */
		if (rc != HF_OK && rc != HF_E_ABSENT && rc != HF_E_SYSTEM)
			return rc;
		if (rc != HF_OK)
			say_why(cli, err, &showing);
	}
	return rc;
}
