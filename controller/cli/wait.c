/* SPDX-License-Identifier: MIT */
/*
 * Owns the progress of an order over the devices.
 * Must never count a device that has not been seen to do it.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/cli/wait.h"
#include "controller/office/client.h"

#define EVERY_MS 200 /* a person sees no difference below it */
#define NAMES_MAX 6  /* devices named on one line */
#define CUT " ..."
#define ERASE_LINE "\r\033[K"

static void say_progress(FILE *out, const struct hf_awaited *awaited, const struct hf_look *now)
{
	json_t *one;
	size_t index;

	fprintf(out, hf_text_n("%s%s on %zu of %zu device", "%s%s on %zu of %zu devices", now->devices), awaited->exercise ? hf_text("EXERCISE: ") : "",
		awaited->beside	     ? hf_text("no longer shut by this one, and still by another,")
		: awaited->released  ? "released-verified"
		: awaited->scheduled ? hf_text("held, to start by itself,")
		: awaited->exercise  ? hf_text("seen to be shown")
				     : "enforced-verified",
		now->devices - now->n_not_yet, now->devices);
	json_array_foreach(now->not_yet, index, one)
	{
		fprintf(out, "%s%s (%s)", index ? ", " : hf_text("; not yet: "), hf_client_text(one, "device", ""),
			hf_client_text(one, "state", ""));
	}
	if (now->n_not_yet > json_array_size(now->not_yet))
		fprintf(out, hf_text(" and %zu more"), now->n_not_yet - json_array_size(now->not_yet));
}

static bool is_same_look(const struct hf_look *a, const struct hf_look *b)
{
	return a->devices == b->devices && a->n_not_yet == b->n_not_yet && json_equal(a->not_yet, b->not_yet) == 1;
}

/* How much of a line fits the terminal, in bytes; a line that is longer would stay above the next. */
static size_t fitting(const char *text)
{
	struct winsize size = {0};
	size_t len = strlen(text), columns = 0;
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > strlen(CUT) + 1;

	for (size_t i = 0; known && i < len; i++) {
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (columns > size.ws_col - strlen(CUT) - 1)
			return i;
	}
	return len;
}

static void paint_line(struct hf_cli *cli, const struct hf_awaited *awaited, const struct hf_look *now)
{
	hf_auto_free char *text = NULL;
	size_t len = 0, fits;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	say_progress(out, awaited, now);
	if (fclose(out) != 0)
		return;
	fits = fitting(text);
	fprintf(cli->talk, ERASE_LINE "%.*s%s", (int)fits, text, fits < len ? CUT : "");
}

static void paint_progress(struct hf_cli *cli, const struct hf_awaited *awaited, const struct hf_look *now,
			   const struct hf_look *last)
{
	if (last->not_yet && is_same_look(now, last))
		return;
	if (cli->tty)
		paint_line(cli, awaited, now);
	else
		say_progress(cli->talk, awaited, now);
	if (!cli->tty)
		fputc('\n', cli->talk);
	fflush(cli->talk);
}

/* All that have not done it, each on its own line, before the officer looks away. */
static void name_them(struct hf_cli *cli, const struct hf_awaited *awaited, const struct hf_look *now)
{
	json_t *one;
	size_t index;

	if (now->n_not_yet == 0)
		return;
	fprintf(cli->talk,
		hf_text_n("%sNot yet on %zu device; `holdfast status --watch` goes on showing it:\n",
			  "%sNot yet on %zu devices; `holdfast status --watch` goes on showing them:\n", now->n_not_yet),
		awaited->exercise ? hf_text("EXERCISE: ") : "", now->n_not_yet);
	json_array_foreach(now->not_yet, index, one)
	{
		fprintf(cli->talk, "  %-24s %s\n", hf_client_text(one, "device", ""), hf_client_text(one, "state", ""));
	}
}

static enum hf_rc put_look(json_t *answer, const struct hf_look *now, struct hf_err *err)
{
	size_t done = now->devices - now->n_not_yet;

	if (json_object_set_new(answer, "devices", json_integer((json_int_t)now->devices)) != 0 ||
	    json_object_set_new(answer, "done", json_integer((json_int_t)done)) != 0 ||
	    json_object_set(answer, "not_yet", now->not_yet) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return HF_OK;
}

/* While it is watched a few are named; at the end all of them. */
static enum hf_rc look_until(struct hf_cli *cli, const struct hf_awaited *awaited, int64_t seconds,
			     struct hf_look *ret_last, struct hf_err *err)
{
	const int64_t end = hf_clock_boot().ms + seconds * 1000;
	enum hf_rc rc;

	for (;;) {
		struct hf_look now = {0};

		rc = hf_arrival_look(&cli->office, awaited, NAMES_MAX, &now, err);
		if (rc != HF_OK)
			return rc;
		paint_progress(cli, awaited, &now, ret_last);
		hf_look_done(ret_last);
		*ret_last = now;
		if (now.n_not_yet == 0 || hf_clock_boot().ms >= end)
			return rc;
		(void)poll(NULL, 0, EVERY_MS);
	}
}

enum hf_rc hf_wait(struct hf_cli *cli, const struct hf_awaited *awaited, int64_t seconds, json_t *answer,
		   struct hf_err *err)
{
	hf_auto_look struct hf_look last = {0};
	hf_auto_look struct hf_look whole = {0};
	enum hf_rc rc = look_until(cli, awaited, seconds, &last, err);
	bool some = last.n_not_yet > json_array_size(last.not_yet);

	if (last.not_yet && cli->tty)
		fputc('\n', cli->talk);
	if (rc == HF_OK && some)
		rc = hf_arrival_look(&cli->office, awaited, 0, &whole, err);
	if (rc != HF_OK)
		return rc;
	name_them(cli, awaited, some ? &whole : &last);
	return put_look(answer, some ? &whole : &last, err);
}
