/* SPDX-License-Identifier: MIT */
/*
 * The progress of an order over the devices.
 * Must never count a device that has not been seen to do it.
 */
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/cli/wait.h"
#include "controller/office/client.h"
#include "controller/office/sentence.h"

#define EVERY_MS 200 /* a person sees no difference below it */
#define NAMES_MAX 6  /* devices named on one line */
#define ERASE_LINE "\r\033[K"

/* One look at all devices. */
struct look {
	size_t devices, done;
	json_t *not_yet; /* [{"device", "state"}] */
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static bool overrides(const char *state)
{
	return strcmp(state, "tampered") == 0 || strcmp(state, "stale") == 0;
}

const char *hf_wait_standing(const json_t *device, const struct hf_awaited *awaited)
{
	const char *state = text_of(device, "state");
	char hex[HF_DIGEST_HEX_SIZE];
	json_t *one;
	size_t index;

	hf_digest_hex(awaited->lockdown, hex);
	json_array_foreach(json_object_get(device, "lockdowns"), index, one)
	{
		const char *standing = text_of(one, "standing");

		if (strcmp(text_of(one, "id"), hex) != 0 ||
		    (!awaited->released && json_integer_value(json_object_get(one, "rev")) < awaited->rev))
			continue;
		return overrides(state) && strcmp(standing, "released-verified") != 0 ? state : standing;
	}
	return strcmp(state, "tampered") == 0 ? state : "unreached";
}

bool hf_wait_is_done(const char *standing, bool released)
{
	if (released)
		return strcmp(standing, "released-verified") == 0;
	return strcmp(standing, "enforced-verified") == 0 || strcmp(standing, "message-seen") == 0 ||
	       strcmp(standing, "exempt") == 0;
}

bool hf_wait_holds(const char *standing, const struct hf_awaited *awaited)
{
	return hf_wait_is_done(standing, awaited->released) ||
	       (awaited->scheduled && !awaited->released && strcmp(standing, "received") == 0);
}

static enum hf_rc look(struct hf_cli *cli, const struct hf_awaited *awaited, struct look *ret_look, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	json_t *one;
	size_t index;
	enum hf_rc rc = hf_client_get(cli, "/v1/devices", &answer, err);

	if (rc != HF_OK)
		return rc;
	*ret_look = (struct look){.not_yet = json_array()};
	json_array_foreach(json_object_get(answer, "devices"), index, one)
	{
		const char *standing = hf_wait_standing(one, awaited);

		if (!hf_view_in_scope(one, awaited->groups))
			continue;
		ret_look->devices++;
		if (hf_wait_holds(standing, awaited))
			ret_look->done++;
		else
			(void)json_array_append_new(
				ret_look->not_yet,
				json_pack("{s:s, s:s}", "device", text_of(one, "device"), "state", standing));
	}
	return HF_OK;
}

static void say(struct hf_cli *cli, const struct hf_awaited *awaited, const struct look *now)
{
	FILE *out = cli->talk;
	json_t *one;
	size_t index;

	fprintf(out, "%s%s on %zu of %zu device%s", awaited->exercise ? "EXERCISE: " : "",
		awaited->released    ? "released-verified"
		: awaited->scheduled ? "held, to start by itself,"
		: awaited->exercise  ? "seen to be shown"
				     : "enforced-verified",
		now->done, now->devices, now->devices == 1 ? "" : "s");
	json_array_foreach(now->not_yet, index, one)
	{
		if (index == NAMES_MAX) {
			fprintf(out, " and %zu more", json_array_size(now->not_yet) - index);
			break;
		}
		fprintf(out, "%s%s (%s)", index ? ", " : "; not yet: ", text_of(one, "device"), text_of(one, "state"));
	}
}

static bool same(const struct look *a, const struct look *b)
{
	return a->devices == b->devices && a->done == b->done && json_equal(a->not_yet, b->not_yet) == 1;
}

static void paint(struct hf_cli *cli, const struct hf_awaited *awaited, const struct look *now, const struct look *last)
{
	if (last->not_yet && same(now, last))
		return;
	if (cli->tty)
		fputs(ERASE_LINE, cli->talk);
	say(cli, awaited, now);
	if (!cli->tty)
		fputc('\n', cli->talk);
	fflush(cli->talk);
}

/* All that have not done it, each on its own line, before the officer looks away. */
static void name_them(struct hf_cli *cli, const struct hf_awaited *awaited, const struct look *now)
{
	json_t *one;
	size_t index;

	if (json_array_size(now->not_yet) == 0)
		return;
	fprintf(cli->talk, "%sNot yet on %zu device%s; `holdfast status --watch` goes on showing them:\n",
		awaited->exercise ? "EXERCISE: " : "", json_array_size(now->not_yet),
		json_array_size(now->not_yet) == 1 ? "" : "s");
	json_array_foreach(now->not_yet, index, one)
	{
		fprintf(cli->talk, "  %-24s %s\n", text_of(one, "device"), text_of(one, "state"));
	}
}

static enum hf_rc put(json_t *answer, const struct look *now, struct hf_err *err)
{
	if (json_object_set_new(answer, "devices", json_integer((json_int_t)now->devices)) != 0 ||
	    json_object_set_new(answer, "done", json_integer((json_int_t)now->done)) != 0 ||
	    json_object_set(answer, "not_yet", now->not_yet) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return HF_OK;
}

enum hf_rc hf_wait(struct hf_cli *cli, const struct hf_awaited *awaited, int64_t seconds, json_t *answer,
		   struct hf_err *err)
{
	const int64_t end = hf_clock_boot().ms + seconds * 1000;
	struct look last = {0};
	enum hf_rc rc;

	for (;;) {
		struct look now = {0};

		rc = look(cli, awaited, &now, err);
		if (rc != HF_OK)
			break;
		paint(cli, awaited, &now, &last);
		json_decref(last.not_yet);
		last = now;
		if (now.done == now.devices || hf_clock_boot().ms >= end)
			break;
		(void)poll(NULL, 0, EVERY_MS);
	}
	if (last.not_yet && cli->tty)
		fputc('\n', cli->talk);
	if (rc == HF_OK) {
		name_them(cli, awaited, &last);
		rc = put(answer, &last, err);
	}
	json_decref(last.not_yet);
	return rc;
}
