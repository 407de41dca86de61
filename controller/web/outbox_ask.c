/* SPDX-License-Identifier: MIT */
/*
 * Owns the outbox as it is asked for: who may ask what of it.
 * Must never hand a message to anybody but the user of the settings, or let others say that one is gone.
 */
#include <inttypes.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/notices.h"
#include "controller/telling/retry.h"
#include "controller/web/outbox_ask.h"

#define PAGE_MOST 500
#define SILENT_MS 60000 /* who sends asks every two seconds */

/* One page of rows; of what is sent, the texts with them. */
struct page {
	json_t *rows;
	bool whole;
};

static enum hf_rc put_row(void *arg, const struct hf_notice_row *row, struct hf_err *err)
{
	struct page *page = arg;
	json_t *one = json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:b, s:b}", "id",
				(json_int_t)row->id, "lockdown", hf_json_from_digest(&row->lockdown), "what", row->what,
				"person", row->person, "channel", row->channel, "address", row->address, "state",
				hf_notice_state_name(row->state), "made", (json_int_t)row->made.s, "due",
				(json_int_t)row->due.s, "tries", (json_int_t)row->tries, "code", (json_int_t)row->code,
				"line", row->line, "seen", row->seen, "again",
				(row->again & HF_AGAIN_SENT) != 0);
	if (one && page->whole)
		json_object_set_new(one, "subject", json_string(row->subject));
	if (one && page->whole)
		json_object_set_new(one, "body", json_string(row->body));
	return one && json_array_append_new(page->rows, one) == 0 ? HF_OK
								  : hf_err_set(err, HF_E_MEMORY, "no memory for messages");
}

/* What people should know of their file: lines that count for nothing, ids that give a name away. */
static json_t *show_people(const struct hf_controller *c)
{
	hf_auto_contacts struct hf_contacts people = {0};
	struct hf_err why = {""};
	enum hf_rc rc = hf_notices_people(c, &people, &why);
	return json_pack("{s:I, s:I, s:s, s:I, s:s}", "n", (json_int_t)people.n, "bad", (json_int_t)people.n_bad, "why",
			 rc == HF_OK ? people.bad.text : why.text, "named", (json_int_t)people.n_named, "first",
			 people.named ? people.named : "");
}

static const char *channel_word(const struct hf_notice_channel *channel)
{
	if (channel->stopped)
		return "stopped";
	return channel->asked.ms > 0 && hf_clock_boot().ms - channel->asked.ms < SILENT_MS ? "up" : "silent";
}

static int64_t waiting_in(const struct hf_controller *c, const char *channel)
{
	struct hf_notice_counts counts;
	return hf_journal_count_notices(c->journal, channel, &counts, NULL) == HF_OK ? counts.n[HF_NOTICE_WAITING] : 0;
}

/* Text messages are a channel of who has them. */
static bool is_used(const struct hf_controller *c, const struct hf_notice_channel *channel)
{
	return strcmp(channel->name, HF_CHANNEL_SMS) != 0 || c->settings->notify_sms[0] || channel->asked.ms > 0 ||
	       waiting_in(c, channel->name) > 0;
}

static json_t *show_channels(const struct hf_controller *c)
{
	json_t *list = json_array();
	for (size_t i = 0; i < c->notices.n_channels; i++) {
		const struct hf_notice_channel *channel = &c->notices.channels[i];
		if (is_used(c, channel))
			json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I}", "channel", channel->name, "state",
							      channel_word(channel), "why",
							      channel->stopped ? channel->why : "", "waiting",
							      (json_int_t)waiting_in(c, channel->name)));
	}
	return list;
}

static json_t *show_counts(struct hf_controller *c)
{
	struct hf_notice_counts counts;
	json_t *shown = json_object();
	if (hf_journal_count_notices(c->journal, NULL, &counts, NULL) != HF_OK)
		return shown;
	for (size_t i = 0; i < HF_NOTICE_STATE_COUNT; i++)
		json_object_set_new(shown, hf_notice_state_name((int64_t)i), json_integer(counts.n[i]));
	return shown;
}

static enum hf_rc read_filters(const struct hf_web_request *request, struct hf_digest *id, struct hf_notice_ask *ask,
			       struct hf_err *err)
{
	static const size_t bounds[3] = {0, 0, (size_t)HF_JSON_INT_MAX};
	const char *lockdown = NULL;
	size_t after = 0;
	enum hf_rc rc = hf_query_text(&request->query, "lockdown", &lockdown, err);
	if (rc == HF_OK)
		rc = hf_query_number(&request->query, "after", bounds, &after, err);
	if (rc == HF_OK && lockdown && hf_digest_from_hex(lockdown, id) != HF_OK)
		rc = hf_err_set(err, HF_E_SHAPE, "say which lockdown with all 64 characters of its id");
	if (rc == HF_OK)
		*ask = (struct hf_notice_ask){.lockdown = lockdown ? id : NULL, .after = (int64_t)after,
					      .most = PAGE_MOST};
	return rc;
}

struct hf_web_answer hf_outbox_show(struct hf_controller *c, const struct hf_web_request *request)
{
	struct page page = {.rows = json_array()};
	struct hf_notice_ask ask;
	struct hf_digest id;
	struct hf_err err = {""};
	json_t *next;
	size_t n;
	enum hf_rc rc = read_filters(request, &id, &ask, &err);
	if (rc == HF_OK)
		rc = hf_journal_each_notice(c->journal, &ask, put_row, &page, &err);
	if (rc != HF_OK) {
		json_decref(page.rows);
		return hf_web_fail(rc, &err);
	}
	n = json_array_size(page.rows);
	next = n == PAGE_MOST ? json_incref(json_object_get(json_array_get(page.rows, n - 1), "id")) : json_null();
	return hf_web_json(200, json_pack("{s:b, s:o, s:s, s:o, s:o, s:o, s:o}", "on", hf_notices_on(c), "channels",
					  show_channels(c), "trouble", c->notices.trouble, "counts", show_counts(c), "people", show_people(c),
					  "outbox", page.rows, "next", next));
}

/* What a POST says; texts belong to its JSON. */
struct said {
	const char *act, *channel, *session, *outcome, *line, *to;
	int64_t id, code;
	bool sms;
};

static enum hf_rc read_said(const struct hf_web_request *request, json_t **ret_json, struct said *ret,
			    struct hf_err *err)
{
	const struct hf_json_member members[] = {
		{"act", HF_JSON_ID, &ret->act, 0, false},	   {"session", HF_JSON_ID, &ret->session, 0, true},
		{"outcome", HF_JSON_ID, &ret->outcome, 0, true},  {"line", HF_JSON_LINE0, &ret->line, HF_NOTICE_LINE_MAX, true},
		{"to", HF_JSON_LINE, &ret->to, HF_MAIL_SIZE, true}, {"id", HF_JSON_INT, &ret->id, HF_JSON_INT_MAX, true},
		{"code", HF_JSON_INT, &ret->code, 999, true},	  {"channel", HF_JSON_ID, &ret->channel, 0, true},
		{"sms", HF_JSON_BOOL, &ret->sms, 0, true},
	};
	enum hf_rc rc = hf_json_read(request->body, request->body_len, HF_MESSAGE_MAX, ret_json, err);
	return rc == HF_OK ? hf_json_take(*ret_json, members, HF_LEN(members), err) : rc;
}

static struct hf_web_answer post_take(struct hf_controller *c, const struct said *said)
{
	struct page page = {.rows = json_array(), .whole = true};
	const struct hf_taker taker = {said->channel, said->session};
	struct hf_err err = {""};
	enum hf_rc rc = hf_notices_take(c, &taker, put_row, &page, &err);
	if (rc == HF_OK)
		return hf_web_json(200, json_pack("{s:s, s:o}", "council", c->known.council, "outbox", page.rows));
	json_decref(page.rows);
	return hf_web_fail(rc, &err);
}

static struct hf_web_answer post_begin(struct hf_controller *c, const struct said *said)
{
	const struct hf_sending sending = {.id = said->id, .session = said->session};
	struct hf_err err = {""};
	bool go = false;
	enum hf_rc rc = hf_notices_begin(c, &sending, &go, &err);
	return rc == HF_OK ? hf_web_json(200, json_pack("{s:b}", "go", go)) : hf_web_fail(rc, &err);
}

static struct hf_web_answer post_outcome(struct hf_controller *c, const struct said *said)
{
	const struct hf_sending sending = {said->id, said->session, hf_sent_from_name(said->outcome), said->code,
					   said->line};
	enum hf_notice_state state = HF_NOTICE_WAITING;
	struct hf_err err = {""};
	enum hf_rc rc = HF_E_SHAPE;
	if (sending.outcome == HF_SENT_COUNT)
		return hf_web_refuse(400, "shape", "that is no outcome of a message");
	rc = hf_notices_outcome(c, &sending, &state, &err);
	/* A journal that was put back may not have it: whoever sends is not to say so again and again. */
	if (rc == HF_E_ABSENT)
		rc = HF_E_MISMATCH;
	return rc == HF_OK ? hf_web_json(200, json_pack("{s:s}", "state", hf_notice_state_name(state)))
			   : hf_web_fail(rc, &err);
}

static struct hf_web_answer post_decision(struct hf_controller *c, const struct said *said)
{
	struct hf_err err = {""};
	int64_t id = said->id;
	enum hf_rc rc = HF_OK;
	if (strcmp(said->act, "retry") == 0)
		rc = hf_notices_retry(c, id, &err);
	else if (strcmp(said->act, "drop") == 0)
		rc = hf_notices_drop(c, id, &err);
	else
		rc = hf_notices_test(c, said->to, said->sms, &id, &err);
	return rc == HF_OK ? hf_web_json(200, json_pack("{s:I}", "id", (json_int_t)id)) : hf_web_fail(rc, &err);
}

static struct hf_web_answer post_seen(struct hf_controller *c, const struct said *said)
{
	struct hf_err err = {""};
	enum hf_rc rc = hf_journal_see_notices(c->journal, &err);
	(void)said;
	c->notices.trouble[0] = '\0';
	return rc == HF_OK ? hf_web_json(200, json_pack("{s:I}", "id", (json_int_t)0)) : hf_web_fail(rc, &err);
}

/* Who may do what: who sends, whoever is root here, or all who may open the socket. */
enum door { DOOR_SENDER, DOOR_ROOT, DOOR_ALL };
static const struct act {
	const char *name;
	enum door door;
	struct hf_web_answer (*fn)(struct hf_controller *c, const struct said *said);
} ACTS[] = {
	{"take", DOOR_SENDER, post_take}, {"begin", DOOR_SENDER, post_begin},  {"outcome", DOOR_SENDER, post_outcome},
	{"retry", DOOR_ROOT, post_decision}, {"drop", DOOR_ROOT, post_decision}, {"test", DOOR_ROOT, post_decision},
	{"seen", DOOR_ALL, post_seen},
};

static bool may_ask(const struct hf_controller *c, enum door door, hf_user uid)
{
	switch (door) {
	case DOOR_SENDER:
		return uid == c->notices.sender && c->notices.sender != (hf_user)-1;
	case DOOR_ROOT:
		return uid == 0;
	case DOOR_ALL:
		return true;
	}
	return false;
}

static struct hf_web_answer do_act(struct hf_controller *c, const struct act *act, const struct said *said, hf_user uid)
{
	if (!may_ask(c, act->door, uid))
		return hf_web_refuse(403, "role", act->door == DOOR_SENDER ? "only the user that sends messages may do that"
									   : "only root of the council's server may do that");
	if (!hf_notices_on(c))
		return hf_web_refuse(400, "absent", "nobody is told of anything here: notify.user is not set");
	return act->fn(c, said);
}

struct hf_web_answer hf_outbox_post(struct hf_controller *c, const struct hf_web_request *request)
{
	hf_auto_json json_t *json = NULL;
	struct said said = {.act = "", .channel = HF_CHANNEL_MAIL, .session = "none", .outcome = "none", .line = "", .to = ""};
	struct hf_err err = {""};
	enum hf_rc rc = read_said(request, &json, &said, &err);
	if (rc != HF_OK)
		return hf_web_fail(rc, &err);
	for (size_t i = 0; i < HF_LEN(ACTS); i++)
		if (strcmp(ACTS[i].name, said.act) == 0)
			return do_act(c, &ACTS[i], &said, request->speaker.uid);
	return hf_web_refuse(400, "shape", "that is nothing that can be done with messages");
}

/* In red on every screen, by its first words. */
static void say_stopped(const struct hf_notice_channel *channel, int64_t waiting, json_t *list)
{
	json_t *sentence;
	if (strcmp(channel->name, HF_CHANNEL_MAIL) == 0)
		sentence = json_sprintf("NO E-MAIL GOES OUT (%" PRId64 " wait): %s; it is tried again every %d minutes", waiting,
					channel->why, HF_PROBE_S / 60);
	else if (strcmp(channel->name, HF_CHANNEL_SMS) == 0)
		sentence = json_sprintf("NO TEXT MESSAGE GOES OUT (%" PRId64 " wait): %s; it is tried again every %d minutes",
					waiting, channel->why, HF_PROBE_S / 60);
	else
		sentence = json_sprintf("NOTHING GOES OUT BY THE HOOK %s (%" PRId64 " wait): %s; it is tried again every %d minutes",
					channel->name, waiting, channel->why, HF_PROBE_S / 60);
	json_array_append_new(list, sentence);
}

/* How many wait there. */
static int64_t say_channel_of(const struct hf_controller *c, const struct hf_notice_channel *channel, json_t *list)
{
	int64_t waiting = waiting_in(c, channel->name);
	if (channel->stopped)
		say_stopped(channel, waiting, list);
	else if (waiting > 0 && strcmp(channel_word(channel), "silent") == 0)
		json_array_append_new(list, json_sprintf("%" PRId64 " message%s wait%s (%s) and holdfast-notify asks for none: it must "
							 "run on this machine, with this channel in its settings", waiting,
							 waiting == 1 ? "" : "s", waiting == 1 ? "s" : "", channel->name));
	return waiting;
}

void hf_outbox_say(const struct hf_controller *c, json_t *list)
{
	struct hf_notice_counts n;
	int64_t lost;
	if (!hf_notices_on(c) || hf_journal_count_notices(c->journal, NULL, &n, NULL) != HF_OK)
		return;
	lost = n.n[HF_NOTICE_WAITING];
	for (size_t i = 0; i < c->notices.n_channels; i++)
		lost -= say_channel_of(c, &c->notices.channels[i], list);
	if (lost > 0)
		json_array_append_new(list, json_sprintf("%" PRId64 " message%s for a hook that the settings do not name any more: "
							 "`holdfast notify drop` gives them up", lost, lost == 1 ? " waits" : "s wait"));
	if (c->notices.trouble[0])
		json_array_append_new(list, json_sprintf("not everybody is told as you want it: %s (`holdfast notify "
							 "outbox` shows it)", c->notices.trouble));
	if (n.unseen_failed + n.unseen_unknown > 0)
		json_array_append_new(
			list, json_sprintf("%" PRId64 " message%s could not be delivered and %" PRId64 " may or may not have "
					   "arrived: `holdfast notify outbox` shows whose",
					   n.unseen_failed, n.unseen_failed == 1 ? "" : "s", n.unseen_unknown));
}
