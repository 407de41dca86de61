/* SPDX-License-Identifier: MIT */
/*
 * Owns the outbox: what is written with a document, what is handed out, and what became of it.
 * Must never hand out what a release has cancelled, or twice what may be gone.
 */
#include <inttypes.h>
#include <openssl/rand.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/json.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/notice_write.h"
#include "controller/notices.h"
#include "controller/own_words.h"
#include "controller/telling/retry.h"

#define TAKE_MOST 16 /* one page of mail: a channel asks again when they are gone */
#define NUMBER_PROBE "%s-probe" /* beside the journal: when a stopped channel is looked at next; 0: it is not stopped */
#define NUMBER_SIZE (HF_ID_SIZE + 8)

static const char *const sent_names[] = {
	[HF_SENT_GONE] = "sent",       [HF_SENT_REFUSED] = "refused", [HF_SENT_LATER] = "later",
	[HF_SENT_UNKNOWN] = "unknown", [HF_SENT_STOPPED] = "stopped",
};

enum hf_sent hf_sent_from_name(const char *name)
{
	size_t i = 0;
	while (i < HF_SENT_COUNT && strcmp(sent_names[i], name) != 0)
		i++;
	return (enum hf_sent)i;
}

bool hf_notices_on(const struct hf_controller *c)
{
	return c->settings->notify_user[0];
}

static enum hf_rc channel_number(const char *channel, char ret[NUMBER_SIZE], struct hf_err *err)
{
	enum hf_rc rc = hf_str_printf(ret, NUMBER_SIZE, NUMBER_PROBE, channel);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "the name of a channel is too long");
}

static enum hf_rc add_channel(struct hf_controller *c, const char *name, struct hf_err *err)
{
	struct hf_notice_channel *channel = &c->notices.channels[c->notices.n_channels++];
	char number[NUMBER_SIZE];
	enum hf_rc rc = channel_number(name, number, err);
	*channel = (struct hf_notice_channel){.stopped = false};
	if (rc == HF_OK)
		rc = hf_journal_number(c->journal, number, &channel->probe.s, err);
	if (rc != HF_OK)
		return rc;
	channel->stopped = channel->probe.s != 0;
	rc = hf_str_copy(channel->name, sizeof(channel->name), name);
	if (rc == HF_OK && channel->stopped)
		rc = hf_str_copy(channel->why, sizeof(channel->why), "it was stopped before this start");
	return rc == HF_OK ? rc : hf_err_set(err, rc, "why a channel is stopped is too long");
}

static struct hf_notice_channel *find_channel(struct hf_controller *c, const char *name)
{
	for (size_t i = 0; i < c->notices.n_channels; i++)
		if (strcmp(c->notices.channels[i].name, name) == 0)
			return &c->notices.channels[i];
	return NULL;
}

enum hf_rc hf_notices_start(struct hf_controller *c, struct hf_err *err)
{
	const struct passwd *user = hf_notices_on(c) ? getpwnam(c->settings->notify_user) : NULL;
	enum hf_rc rc = hf_ways_read(c->settings->notify_sms, c->settings->notify_hooks, c->settings->notify_alerts,
				     &c->notices.ways, err);
	c->notices.sender = user ? user->pw_uid : (hf_user)-1;
	if (hf_notices_on(c) && !user)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_ABSENT)),
			     "notify.user is no user of this machine: nobody is told of anything");
	c->notices.n_channels = 0;
	if (rc == HF_OK)
		rc = add_channel(c, HF_CHANNEL_MAIL, err);
	if (rc == HF_OK)
		rc = add_channel(c, HF_CHANNEL_SMS, err);
	for (size_t i = 0; i < c->notices.ways.n_hooks && rc == HF_OK; i++)
		rc = add_channel(c, c->notices.ways.hooks[i].name, err);
	return rc;
}

static int64_t unsent(const struct hf_notice_counts *counts)
{
	return counts->n[HF_NOTICE_WAITING] + counts->n[HF_NOTICE_SENDING];
}

/* Whoever can make drafts could fill a disk with messages about them. */
static enum hf_rc outbox_has_room(struct hf_controller *c, struct hf_err *err)
{
	struct hf_notice_counts counts;
	enum hf_rc rc = hf_journal_count_notices(c->journal, NULL, &counts, err);
	if (rc == HF_OK && unsent(&counts) >= HF_OUTBOX_MAX)
		rc = hf_err_set(err, HF_E_SIZE, "%d messages are not gone yet, which is all that is kept",
				HF_OUTBOX_MAX);
	return rc;
}

static struct hf_notice_batch batch_of(const struct hf_notice_post *post)
{
	/* The two are one text each. */
	_Static_assert(sizeof(struct hf_letter) == sizeof(struct hf_letter_row), "a letter is written as it is");
	return (struct hf_notice_batch){.letters = (const void *)post->letters,
					.n_letters = post->n_letters,
					.rows = post->rows,
					.n_rows = post->n_rows,
					.cancels = post->cancels,
					.n_cancels = post->n_cancels};
}

static void say_trouble(struct hf_controller *c, const char *why)
{
	if (hf_str_printf(c->notices.trouble, sizeof(c->notices.trouble), "%.300s", why) != HF_OK)
		c->notices.trouble[0] = '?';
	/* Whom it names stands on screens, and in no log. */
	hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "not-all-told"),
		     "`holdfast notify outbox` says who is not told, and why");
}

static json_t *named_rows(const struct hf_notice_post *post)
{
	json_t *list = json_array();
	for (size_t i = 0; i < post->n_rows; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "what", post->rows[i].what, "person",
						      post->rows[i].person, "channel", post->rows[i].channel));
	return list;
}

/* The document, who brought it, and who is told of it: by their ids, for addresses are no part of the record. */
static enum hf_rc save_all(struct hf_controller *c, const struct hf_batch *batch, const struct hf_notice_post *post,
			   struct hf_err *err)
{
	struct hf_entry *all = calloc(batch->n_entries + 1, sizeof(*all));
	struct hf_batch more = *batch;
	enum hf_rc rc;
	if (!all)
		return hf_err_set(err, HF_E_MEMORY, "no memory for messages");
	memcpy(all, batch->entries, batch->n_entries * sizeof(*all));
	rc = hf_own_entry(HF_RECORD_NOTICE,
			  json_pack("{s:o, s:o}", "of", hf_json_from_digest(&batch->entries->digest), "messages",
				    named_rows(post)),
			  &all[batch->n_entries], err);
	more.entries = all;
	more.n_entries++;
	if (rc == HF_OK)
		rc = hf_journal_save(c->journal, &more, err);
	free((char *)all[batch->n_entries].body);
	free(all);
	return rc;
}

static enum hf_rc save_with(struct hf_controller *c, struct hf_batch batch, struct hf_notice_post *post,
			    struct hf_err *err)
{
	const struct hf_notice_batch notices = batch_of(post);
	enum hf_rc rc;
	batch.notices = &notices;
	rc = post->n_rows ? save_all(c, &batch, post, err) : hf_journal_save(c->journal, &batch, err);
	if (rc == HF_OK && post->trouble.text[0])
		say_trouble(c, post->trouble.text);
	return rc;
}

static bool is_certain(enum hf_rc rc)
{
	return rc != HF_E_STALE_HEAD && rc != HF_E_UNSURE;
}

static enum hf_rc save_told(struct hf_controller *c, const struct hf_batch *batch, const struct hf_envelope *envelope,
			    struct hf_notice_post *post, struct hf_err *err)
{
	enum hf_rc rc = hf_notice_post_write(post, batch->entries->kind, envelope, err);
	if (rc == HF_OK)
		rc = outbox_has_room(c, err);
	return rc == HF_OK ? save_with(c, *batch, post, err) : rc;
}

/* What cannot be told must not hold up what is ordered; but that nothing of before goes out any more is part of it. */
static enum hf_rc save_untold(struct hf_controller *c, struct hf_batch batch, const struct hf_notice_post *post,
			      struct hf_err *err)
{
	const struct hf_notice_batch cancels = {.cancels = post->cancels, .n_cancels = post->n_cancels};
	enum hf_rc rc = HF_E_SYSTEM;
	batch.notices = &cancels;
	if (cancels.n_cancels)
		rc = hf_journal_save(c->journal, &batch, err);
	batch.notices = NULL;
	return rc == HF_OK || !is_certain(rc) ? rc : hf_journal_save(c->journal, &batch, err);
}

enum hf_rc hf_notices_append(struct hf_controller *c, const struct hf_entry *entries, size_t n,
			     const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_notice_post struct hf_notice_post post = {.c = c};
	const struct hf_batch batch = {.entries = entries, .n_entries = n};
	struct hf_err why = {""};
	bool asks = entries->kind != HF_RECORD_APPROVAL && entries->kind != HF_RECORD_REMARK &&
		    entries->kind != HF_RECORD_NOTE;
	enum hf_rc rc;
	if (!hf_notices_on(c) || !asks)
		return hf_journal_append(c->journal, entries, n, err);
	rc = save_told(c, &batch, envelope, &post, &why);
	if (rc == HF_OK)
		return rc;
	/* Once more only what is certainly not recorded. */
	if (!is_certain(rc))
		return hf_err_set(err, rc, "%s", why.text);
	rc = save_untold(c, batch, &post, err);
	if (rc == HF_OK)
		say_trouble(c, why.text);
	return rc;
}

/* A person of the people file. */
static enum hf_rc find_person(const struct hf_notice_post *post, const char *to, struct hf_tell *tell,
			      struct hf_contact *ret, struct hf_err *err)
{
	const struct hf_contact *found = hf_contacts_find(&post->people, to);
	bool sms = strcmp(tell->channel, HF_CHANNEL_SMS) == 0;
	if (!found || !(sms ? found->mobile : found->mail)[0])
		return hf_err_set(err, HF_E_ABSENT, "%.80s has no %s in the people file", to, sms ? "mobile" : "address");
	*ret = *found;
	tell->address = sms ? ret->mobile : ret->mail;
	return HF_OK;
}

/* An address has an @, a number begins with + or 0; a hook is found before a person. */
static enum hf_rc find_to(const struct hf_notice_post *post, const char *to, struct hf_tell *tell,
			  struct hf_contact *ret, struct hf_err *err)
{
	const struct hf_hook *hook = hf_ways_hook(&post->c->notices.ways, to);
	if (strchr(to, '@')) {
		tell->address = ret->mail;
		return hf_mail_address(to, ret->mail, err);
	}
	if (to[0] == '+' || to[0] == '0') {
		tell->channel = HF_CHANNEL_SMS;
		tell->address = ret->mobile;
		return hf_contacts_mobile(to, ret->mobile, err);
	}
	if (!hook)
		return find_person(post, to, tell, ret, err);
	ret->person = HF_CONTACT_HOOK;
	tell->channel = tell->address = hook->name;
	return HF_OK;
}

static enum hf_rc keep_id(void *arg, const struct hf_notice_row *row, struct hf_err *err)
{
	int64_t *id = arg;
	(void)err;
	*id = row->id > *id ? row->id : *id;
	return HF_OK;
}

enum hf_rc hf_notices_test(struct hf_controller *c, const char *to, bool sms, int64_t *ret_id, struct hf_err *err)
{
	hf_auto_notice_post struct hf_notice_post post = {.c = c};
	struct hf_notice_ask ask = {.now = hf_clock_wall(), .most = HF_OUTBOX_MAX};
	struct hf_letter_matter matter = {.council = c->known.council, .people = &post.people,
					  .size = (int64_t)hf_journal_tree(c->journal)->size,
					  .root = hf_merkle_root(hf_journal_tree(c->journal))};
	struct hf_contact contact = {.person = "", .name = "", .title = ""};
	struct hf_tell tell = {.what = HF_TOLD_TEST, .to = &contact, .due = hf_clock_wall(),
			       .channel = sms ? HF_CHANNEL_SMS : HF_CHANNEL_MAIL};
	struct hf_notice_batch notices;
	int64_t id = 0;
	enum hf_rc rc = outbox_has_room(c, err);
	(void)hf_notices_people(c, &post.people, NULL);
	if (rc == HF_OK)
		rc = find_to(&post, to, &tell, &contact, err);
	if (rc == HF_OK)
		rc = hf_notice_post_letter(&post, &matter, &tell, err);
	if (rc != HF_OK)
		return rc;
	notices = batch_of(&post);
	ask.due = tell.channel;
	rc = hf_journal_save(c->journal, &(struct hf_batch){.notices = &notices}, err);
	if (rc == HF_OK)
		rc = hf_journal_each_notice(c->journal, &ask, keep_id, &id, err);
	if (rc == HF_OK)
		*ret_id = id;
	return rc;
}

/* Who takes rows, and which must not go out any more. */
struct taking {
	struct hf_controller *c;
	struct hf_notice_channel *channel;
	hf_notice_row_fn fn;
	void *arg;
	int64_t stale[TAKE_MOST];
	size_t n_stale, n_taken;
};

static bool has_acknowledged(const struct hf_controller *c, const struct hf_notice_row *row)
{
	size_t n = 0;
	const struct hf_ack_entry *entries = hf_ack_book_of(&c->acks, &row->lockdown, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(entries[i].person, row->person) == 0)
			return true;
	return false;
}

static enum hf_rc take_one(struct taking *t, const struct hf_notice_row *row, struct hf_err *err)
{
	t->n_taken++;
	return t->fn(t->arg, row, err);
}

static enum hf_rc take_row(void *arg, const struct hf_notice_row *row, struct hf_err *err)
{
	struct taking *t = arg;
	if (strcmp(row->what, hf_told_name(HF_TOLD_REMINDER)) != 0 || !has_acknowledged(t->c, row))
		return take_one(t, row, err);
	t->stale[t->n_stale++] = row->id;
	return HF_OK;
}

static enum hf_rc set_probe(struct hf_controller *c, struct hf_notice_channel *channel, int64_t at, struct hf_err *err)
{
	char number[NUMBER_SIZE];
	enum hf_rc rc = channel_number(channel->name, number, err);
	channel->probe.s = at;
	return rc == HF_OK ? hf_journal_set_number(c->journal, number, at, err) : rc;
}

/* The next look at a stopped channel is put off before this one: whoever is killed meanwhile looks no sooner. */
static enum hf_rc take_due(struct taking *t, struct hf_err *err)
{
	const struct hf_notice_ask ask = {.due = t->channel->name, .now = hf_clock_wall(),
					  .most = t->channel->stopped ? 1 : TAKE_MOST};
	enum hf_rc rc = hf_journal_each_notice(t->c->journal, &ask, take_row, t, err);
	for (size_t i = 0; i < t->n_stale && rc == HF_OK; i++)
		rc = hf_notices_drop(t->c, t->stale[i], err);
	return rc == HF_OK && t->channel->stopped && t->n_taken > 0
		       ? set_probe(t->c, t->channel, ask.now.s + HF_PROBE_S, err)
		       : rc;
}

static enum hf_rc begin_session(struct hf_controller *c, struct hf_notice_channel *channel, const char *session,
				struct hf_err *err)
{
	const struct hf_wall again = {hf_clock_wall().s + HF_AGAIN_S};
	enum hf_rc rc;
	channel->asked = hf_clock_boot();
	if (strcmp(channel->session, session) == 0)
		return HF_OK;
	rc = hf_journal_abandon_notices(c->journal, channel->name, session, again, err);
	if (rc == HF_OK && hf_str_copy(channel->session, sizeof(channel->session), session) != HF_OK)
		rc = hf_err_set(err, HF_E_SIZE, "the name of a session is too long");
	return rc;
}

enum hf_rc hf_notices_take(struct hf_controller *c, const struct hf_taker *taker, hf_notice_row_fn fn, void *arg,
			   struct hf_err *err)
{
	struct hf_notice_channel *channel = find_channel(c, taker->channel);
	struct taking t = {.c = c, .channel = channel, .fn = fn, .arg = arg};
	struct hf_wall now = hf_clock_wall();
	enum hf_rc rc;
	if (!channel)
		return hf_err_set(err, HF_E_ABSENT, "the settings of the controller have no channel %s", taker->channel);
	rc = begin_session(c, channel, taker->session, err);
	if (rc != HF_OK || (channel->stopped && now.s < channel->probe.s && channel->probe.s <= now.s + HF_PROBE_S))
		return rc;
	return take_due(&t, err);
}

/* One row, with its texts kept. */
struct held_row {
	struct hf_notice_row row;
	char what[HF_ID_SIZE], person[HF_ID_SIZE], channel[HF_ID_SIZE], session[HF_ID_SIZE], line[HF_NOTICE_LINE_MAX + 1];
	bool found;
};

static enum hf_rc hold_row(void *arg, const struct hf_notice_row *row, struct hf_err *err)
{
	struct held_row *held = arg;
	(void)err;
	held->row = *row;
	held->found = true;
	if (hf_str_copy(held->session, sizeof(held->session), row->session) != HF_OK ||
	    hf_str_copy(held->line, sizeof(held->line), row->line) != HF_OK)
		held->line[0] = '\0';
	if (hf_str_copy(held->what, sizeof(held->what), row->what) != HF_OK ||
	    hf_str_copy(held->channel, sizeof(held->channel), row->channel) != HF_OK ||
	    hf_str_copy(held->person, sizeof(held->person), row->person) != HF_OK)
		held->person[0] = '\0';
	held->row.what = held->what;
	held->row.person = held->person;
	held->row.channel = held->channel;
	held->row.address = held->row.subject = held->row.body = "";
	held->row.session = held->session;
	held->row.line = held->line;
	return HF_OK;
}

static enum hf_rc find_row(struct hf_controller *c, int64_t id, struct held_row *held, struct hf_err *err)
{
	const struct hf_notice_ask ask = {.id = id, .most = 1};
	enum hf_rc rc;
	held->found = false;
	rc = id > 0 ? hf_journal_each_notice(c->journal, &ask, hold_row, held, err) : HF_OK;
	if (rc == HF_OK && !held->found)
		rc = hf_err_set(err, HF_E_ABSENT, "there is no message %" PRId64, id);
	return rc;
}

enum hf_rc hf_notices_begin(struct hf_controller *c, const struct hf_sending *sending, bool *ret_go, struct hf_err *err)
{
	struct held_row held;
	struct hf_wall now = hf_clock_wall();
	enum hf_rc rc = find_row(c, sending->id, &held, err);
	bool again;
	if (rc != HF_OK)
		return rc;
	again = held.row.state == HF_NOTICE_UNKNOWN && !held.row.again;
	*ret_go = held.row.state == HF_NOTICE_WAITING || again;
	if (!*ret_go)
		return HF_OK;
	held.row.again |= again ? HF_AGAIN_SENT : 0;
	held.row.state = HF_NOTICE_SENDING;
	held.row.session = sending->session;
	if (held.row.first.s == 0)
		held.row.first = now;
	return hf_journal_set_notice(c->journal, &held.row, err);
}

/* Nobody knows whether it arrived before: that stays so, whatever a server says of the second try. */
static bool may_have_arrived(const struct hf_notice_row *row)
{
	return row->state == HF_NOTICE_UNKNOWN || (row->state == HF_NOTICE_SENDING && (row->again & HF_AGAIN_SENT));
}

static void stay_unknown(struct hf_notice_row *row)
{
	row->state = HF_NOTICE_UNKNOWN;
	row->again |= HF_AGAIN_SENT;
}

static uint32_t chance(void)
{
	uint32_t number = 0;
	return RAND_bytes((unsigned char *)&number, sizeof(number)) == 1 ? number : 0;
}

/* Its last byte did not go out: later, unless it is too old, or somebody cancelled it meanwhile. */
static void put_off(struct hf_notice_row *row)
{
	struct hf_wall now = hf_clock_wall();
	bool more;
	if (row->state == HF_NOTICE_SENDING && may_have_arrived(row)) {
		stay_unknown(row);
		return;
	}
	if (row->first.s == 0)
		row->first = now;
	more = hf_retry_next(row->tries, row->first, now, chance(), &row->due);
	if (row->state == HF_NOTICE_UNKNOWN && !more)
		stay_unknown(row);
	else if (row->state != HF_NOTICE_UNKNOWN)
		row->state = row->again & HF_AGAIN_OVER ? HF_NOTICE_CANCELLED
			     : more			? HF_NOTICE_WAITING
							: HF_NOTICE_FAILED;
}

static void refuse_row(struct hf_notice_row *row)
{
	if (may_have_arrived(row))
		stay_unknown(row);
	else
		row->state = HF_NOTICE_FAILED;
}

/* It was not taken: it goes out when its channel does, unless somebody cancelled it meanwhile. */
static void wait_for_channel(struct hf_notice_row *row)
{
	if (row->state != HF_NOTICE_SENDING)
		return;
	if (may_have_arrived(row)) {
		row->state = HF_NOTICE_UNKNOWN;
		row->again &= ~HF_AGAIN_SENT;
		return;
	}
	row->state = row->again & HF_AGAIN_OVER ? HF_NOTICE_CANCELLED : HF_NOTICE_WAITING;
}

static void settle_row(struct hf_notice_row *row, enum hf_sent outcome)
{
	row->tries += outcome != HF_SENT_STOPPED;
	row->seen = false;
	switch (outcome) {
	case HF_SENT_GONE:
		row->state = HF_NOTICE_SENT;
		return;
	case HF_SENT_REFUSED:
		refuse_row(row);
		return;
	case HF_SENT_UNKNOWN:
		row->state = HF_NOTICE_UNKNOWN;
		row->due.s = hf_clock_wall().s + HF_AGAIN_S;
		return;
	case HF_SENT_LATER:
		put_off(row);
		return;
	case HF_SENT_STOPPED:
		wait_for_channel(row);
		return;
	case HF_SENT_COUNT:
		break;
	}
}

/* Where the record has no room the message is settled all the same: it must not go out twice for want of it. */
static enum hf_rc record_outcome(struct hf_controller *c, const struct hf_notice_row *row, struct hf_err *err)
{
	struct hf_entry entry = {.body = NULL};
	const struct hf_notice_batch notices = {.settled = row};
	enum hf_rc rc = hf_own_entry(HF_RECORD_OUTCOME,
				     json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:I}", "message", (json_int_t)row->id, "of",
					       hf_json_from_digest(&row->lockdown), "what", row->what, "person", row->person,
					       "channel", row->channel, "state", hf_notice_state_name(row->state), "code", (json_int_t)row->code),
				     &entry, err);
	if (rc == HF_OK)
		rc = hf_journal_save(c->journal, &(struct hf_batch){.entries = &entry, .n_entries = 1, .notices = &notices},
				     err);
	free((char *)entry.body);
	if (rc == HF_E_STALE_HEAD)
		hf_controller_stop(c, rc);
	return rc == HF_OK || rc == HF_E_UNSURE ? rc : hf_journal_set_notice(c->journal, row, err);
}

static enum hf_rc keep_row(struct hf_controller *c, const struct hf_notice_row *row, struct hf_err *err)
{
	bool settled = row->state != HF_NOTICE_WAITING && row->state != HF_NOTICE_SENDING;
	return settled ? record_outcome(c, row, err) : hf_journal_set_notice(c->journal, row, err);
}

/* A login that fails stops all of the channel; whatever a server takes, or refuses of a message, starts it. */
static enum hf_rc settle_channel(struct hf_controller *c, struct hf_notice_channel *channel,
				 const struct hf_sending *sending, struct hf_err *err)
{
	if (sending->outcome == HF_SENT_STOPPED) {
		if (!channel->stopped)
			hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "channel-stopped"), "channel=%s code=%d",
				     channel->name, (int)sending->code);
		if (hf_str_printf(channel->why, sizeof(channel->why), "%.*s", HF_NOTICE_LINE_MAX, sending->line) != HF_OK)
			channel->why[0] = '\0';
		channel->stopped = true;
		return set_probe(c, channel, hf_clock_wall().s + HF_PROBE_S, err);
	}
	if (!channel->stopped || sending->outcome == HF_SENT_LATER)
		return HF_OK;
	channel->stopped = false;
	return set_probe(c, channel, 0, err);
}

enum hf_rc hf_notices_outcome(struct hf_controller *c, const struct hf_sending *sending,
			      enum hf_notice_state *ret_state, struct hf_err *err)
{
	struct hf_notice_channel *channel;
	struct held_row held;
	enum hf_rc rc = find_row(c, sending->id, &held, err);
	if (rc != HF_OK)
		return rc;
	channel = find_channel(c, held.channel);
	/* What is settled stays so: an answer may come twice. */
	if (held.row.state == HF_NOTICE_WAITING || held.row.state == HF_NOTICE_SENDING ||
	    held.row.state == HF_NOTICE_UNKNOWN) {
		settle_row(&held.row, sending->outcome);
		held.row.code = sending->code;
		if (sending->line[0] && !held.line[0] && sending->outcome != HF_SENT_STOPPED)
			held.row.line = sending->line;
		held.row.session = "";
		rc = keep_row(c, &held.row, err);
	}
	if (rc == HF_OK && channel)
		rc = settle_channel(c, channel, sending, err);
	if (rc == HF_OK)
		*ret_state = (enum hf_notice_state)held.row.state;
	return rc;
}

static enum hf_rc decide(struct hf_controller *c, int64_t id, enum hf_notice_state state, struct hf_err *err)
{
	struct held_row held;
	enum hf_rc rc = find_row(c, id, &held, err);
	if (rc != HF_OK)
		return rc;
	if (held.row.state == HF_NOTICE_SENT || held.row.state == HF_NOTICE_CANCELLED ||
	    held.row.state == HF_NOTICE_DROPPED || held.row.state == HF_NOTICE_SENDING)
		return hf_err_set(err, HF_E_MISMATCH, "message %" PRId64 " is %s: there is nothing to do about it", id,
				  hf_notice_state_name(held.row.state));
	if (state == HF_NOTICE_WAITING && (held.row.again & HF_AGAIN_OVER))
		return hf_err_set(err, HF_E_MISMATCH,
				  "message %" PRId64 " is of a lockdown that was released or changed since: it is not sent any "
				  "more",
				  id);
	held.row.state = state;
	held.row.due = hf_clock_wall();
	held.row.first.s = held.row.tries = 0;
	held.row.again = 0;
	held.row.seen = true;
	return hf_journal_set_notice(c->journal, &held.row, err);
}

enum hf_rc hf_notices_retry(struct hf_controller *c, int64_t id, struct hf_err *err)
{
	return decide(c, id, HF_NOTICE_WAITING, err);
}

enum hf_rc hf_notices_drop(struct hf_controller *c, int64_t id, struct hf_err *err)
{
	return decide(c, id, HF_NOTICE_DROPPED, err);
}
