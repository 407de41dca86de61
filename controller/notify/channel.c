/* SPDX-License-Identifier: MIT */
/*
 * Owns the thread of a channel.
 * Must never send what the controller has not let go, nor leave it without a word on what became of it.
 */
#include <inttypes.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/bytes.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/notify/bell.h"
#include "controller/notify/channel.h"
#include "controller/office/client.h"

#define ASK_MS 2000  /* an e-mail is as good as at once; and an idle server is asked thirty times a minute */
#define AGAIN_MS 500 /* until the controller is back: it may have been started anew */
#define SESSION_BYTES 16

struct hf_channel {
	const struct hf_channel_plan *plan;
	struct hf_office office;
	struct hf_carrier carrier;
	struct hf_bell bell;
	bool silent; /* it was said that the controller does not answer */
	char session[2 * SESSION_BYTES + 1];
};

/* One message on its way. */
struct on_its_way {
	struct hf_channel *channel;
	int64_t id;
};

static bool may_go(void *arg)
{
	const struct on_its_way *way = arg;
	hf_auto_json json_t *said = NULL;
	struct hf_err err = {""};
	enum hf_rc rc = hf_client_tell(&way->channel->office,
				       json_pack("{s:s, s:I, s:s}", "act", "begin", "id", (json_int_t)way->id, "session",
						 way->channel->session),
				       &said, &err);
	return rc == HF_OK && json_is_true(json_object_get(said, "go"));
}

static const char *word_of(enum hf_parcel_result result)
{
	switch (result) {
	case HF_PARCEL_SENT:
		return "sent";
	case HF_PARCEL_REFUSED:
		return "refused";
	case HF_PARCEL_UNKNOWN:
		return "unknown";
	case HF_PARCEL_STOPPED:
		return "stopped";
	case HF_PARCEL_LATER:
	case HF_PARCEL_GIVEN_UP:
		break;
	}
	return "later";
}

/* What is wrong is not what was said: the controller is away, or has no room or memory for it now. */
static bool is_said_again(enum hf_rc rc)
{
	return rc == HF_E_ABSENT || rc == HF_E_SYSTEM || rc == HF_E_UNSURE || rc == HF_E_MEMORY ||
	       rc == HF_E_STALE_HEAD;
}

/* Until the controller has taken it down: else it is unknown for ever. */
static void say_outcome(struct hf_channel *ch, int64_t id, const struct hf_parcel_answer *answer)
{
	enum hf_rc rc = HF_E_ABSENT;
	while (is_said_again(rc)) {
		hf_auto_json json_t *said = NULL;
		struct hf_err err = {""};
		rc = hf_client_tell(&ch->office,
				    json_pack("{s:s, s:I, s:s, s:s, s:I, s:s}", "act", "outcome", "id", (json_int_t)id,
					      "session", ch->session, "outcome", word_of(answer->result), "code",
					      (json_int_t)(answer->code > 0 ? answer->code : 0), "line", answer->line),
				    &said, &err);
		if (ch->bell.stop)
			return;
		if (rc != HF_OK)
			hf_bell_wait(&ch->bell, AGAIN_MS);
	}
}

static void send_one(struct hf_channel *ch, const json_t *row, struct hf_parcel_answer *ret)
{
	struct on_its_way way = {ch, hf_client_number(row, "id")};
	const struct hf_parcel parcel = {.id = way.id,
					 .address = hf_client_text(row, "address", ""),
					 .subject = hf_client_text(row, "subject", ""),
					 .body = hf_client_text(row, "body", ""),
					 .lockdown = hf_client_text(row, "lockdown", ""),
					 .made = {hf_client_number(row, "made")},
					 .tried = hf_client_number(row, "tries") > 0 ||
						  strcmp(hf_client_text(row, "state", ""), "unknown") == 0,
					 .go = may_go,
					 .arg = &way};
	*ret = (struct hf_parcel_answer){.result = HF_PARCEL_LATER};
	ch->carrier.send(ch->carrier.self, &parcel, ret);
}

static void log_answer(const struct hf_channel *ch, int64_t id, const struct hf_parcel_answer *answer)
{
	enum hf_log_level level = answer->result == HF_PARCEL_SENT ? HF_LOG_INFO : HF_LOG_WARNING;
	hf_log(level, answer->result == HF_PARCEL_SENT ? HF_EV_ACCEPTED : HF_EV_FAILED, "channel=%s message=%" PRId64 " %s code=%ld",
	       ch->plan->name, id, word_of(answer->result), answer->code);
}

/* Where no server was reached for one, none is for the others: they have their own times to be tried again. */
static void send_rows(struct hf_channel *ch, const json_t *rows)
{
	struct hf_parcel_answer answer = {.reached = true};
	const json_t *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		int64_t id = hf_client_number(row, "id");
		bool useless = i > 0 && answer.result == HF_PARCEL_LATER && !answer.reached;
		if (ch->bell.stop || (i > 0 && answer.result == HF_PARCEL_STOPPED))
			return;
		if (!useless)
			send_one(ch, row, &answer);
		log_answer(ch, id, &answer);
		/* The controller knows why it was not to go out; or it was not reached, and nothing went out. */
		say_outcome(ch, id, &answer);
	}
}

static void say_silent(struct hf_channel *ch, enum hf_rc rc, const char *why)
{
	if ((rc != HF_OK) != ch->silent)
		hf_log(rc == HF_OK ? HF_LOG_NOTICE : HF_LOG_WARNING, rc == HF_OK ? HF_EV_START : HF_EV_FAILED,
		       "channel=%s controller=%s %s", ch->plan->name,
		       rc == HF_OK ? "answers" : "does-not-answer", why);
	ch->silent = rc != HF_OK;
}

/* True: there may be more at once. */
static bool take_and_send(struct hf_channel *ch)
{
	hf_auto_json json_t *said = NULL;
	struct hf_err err = {""};
	const json_t *rows;
	enum hf_rc rc = hf_client_tell(&ch->office,
				       json_pack("{s:s, s:s, s:s}", "act", "take", "channel", ch->plan->name, "session",
						 ch->session),
				       &said, &err);
	say_silent(ch, rc, err.text);
	if (rc != HF_OK)
		return false;
	rows = json_object_get(said, "outbox");
	send_rows(ch, rows);
	return json_array_size(rows) > 0;
}

static void *run_channel(void *arg)
{
	struct hf_channel *ch = arg;
	while (!ch->bell.stop)
		if (!take_and_send(ch))
			hf_bell_wait(&ch->bell, ASK_MS);
	return NULL;
}

static void channel_free(struct hf_channel *ch)
{
	if (ch->carrier.self)
		ch->carrier.free(ch->carrier.self);
	free(ch);
}

enum hf_rc hf_channel_start(const struct hf_channel_plan *plan, struct hf_channel **ret, struct hf_err *err)
{
	struct hf_channel *ch = calloc(1, sizeof(*ch));
	uint8_t random[SESSION_BYTES];
	enum hf_rc rc;
	if (!ch)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the channel");
	ch->plan = plan;
	ch->office.socket = plan->socket;
	ch->carrier = plan->make(plan->conf, &ch->bell.stop);
	rc = ch->carrier.self && RAND_bytes(random, sizeof(random)) == 1 ? HF_OK : HF_E_SYSTEM;
	if (rc == HF_OK) {
		hf_hex_encode(random, sizeof(random), ch->session);
		rc = hf_bell_start(&ch->bell, run_channel, ch, err);
	}
	if (rc == HF_OK)
		*ret = ch;
	else
		channel_free(ch);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "the channel %s cannot be begun", plan->name);
}

void hf_channel_stop(struct hf_channel **channel)
{
	if (!*channel)
		return;
	hf_bell_stop(&(*channel)->bell);
	channel_free(*channel);
	*channel = NULL;
}
