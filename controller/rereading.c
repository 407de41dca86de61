/* SPDX-License-Identifier: MIT */
/*
 * Owns how the last report of each device becomes known again after a start, while the controller serves.
 * Must never let a row count that its device has not signed, or take the place of what the device said since.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/rows.h>

#include "controller/pending.h"
#include "controller/readers.h"
#include "controller/rereading.h"

#define SEARCH_MS 3    /* of one turn; then the loop's other watches have theirs, officers among them */
#define SEARCH_ROWS 64
#define HELD_MAX (16 * 1024 * 1024) /* bytes of reports that wait for the end of the search */
#define AT_ONCE 64 /* rows: a small council's are all read before it serves */

static enum hf_rc no_memory(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "no memory for what devices said last");
}

/* It was taken on its day: it may name any state. */
static struct hf_listener listener_of_then(const struct hf_controller *c)
{
	return (struct hf_listener){
		.council = c->known.council, .controller = c->settings->controller_id, .seq = INT64_MAX};
}

static enum hf_rc take_main(struct hf_controller *c, struct hf_device *device, struct hf_reading *r)
{
	const struct hf_listener listener = listener_of_then(c);
	enum hf_rc rc = hf_report_follows(r->report, device, &listener, &r->err);
	if (rc != HF_OK)
		return rc;
	hf_device_names_state(device, &listener, r->report);
	if (r->counter > 0)
		r->report->counter = r->counter;
	hf_device_heard(device, &r->report, r->heard);
	device->kept = true;
	return HF_OK;
}

/* Of the second machine with a device's key; a row of a key that has left is worth nothing. */
static enum hf_rc take_other(struct hf_controller *c, struct hf_device *device, struct hf_reading *r)
{
	const struct hf_listener listener = listener_of_then(c);
	struct hf_device alone = {.assignment = device->assignment};
	enum hf_rc rc = device->report ? hf_report_follows(r->report, &alone, &listener, &r->err) : HF_E_DEVICE;
	if (rc != HF_OK)
		return rc;
	hf_device_names_state(&alone, &listener, r->report);
	if (r->counter > 0)
		r->report->counter = r->counter;
	device->other_named = alone.named;
	hf_report_free(&device->other);
	device->other = hf_steal_ptr(&r->report);
	device->other_heard = r->heard;
	return HF_OK;
}

/* A device that is gone, or has another key now, has said nothing that would count. */
static struct hf_device *same_device(const struct hf_controller *c, const struct hf_reading *r)
{
	struct hf_device *device = hf_estate_find(&c->estate, r->device);
	return device && memcmp(device->assignment->pub.b, r->pub.b, sizeof(r->pub.b)) == 0 ? device : NULL;
}

/* ---- what the table has lost is in the journal ---- */

static void look_in_journal_for(struct hf_controller *c, struct hf_device *device)
{
	device->lost_row = true;
	c->again.n_lost++;
}

/* The table has it again, too. */
static enum hf_rc keep_again(struct hf_controller *c, struct hf_device *device, bool other, const struct hf_entry *entry)
{
	const struct hf_report *report = other ? device->other : device->report;
	enum hf_rc rc = hf_pending_row(&c->pending, &(struct hf_row_said){device, other, report->counter, entry->at},
				       entry->body, entry->body_len);
	device->kept = device->kept || (rc == HF_OK && !other);
	return rc;
}

static enum hf_rc search_record(void *arg, const struct hf_record *record, struct hf_err *err)
{
	struct hf_controller *c = arg;
	const struct hf_entry *entry = &record->entry;
	const struct hf_listener listener = listener_of_then(c);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_report struct hf_report *said = NULL, *report = NULL;
	struct hf_device *device = NULL;
	enum hf_rc rc = hf_envelope_decode(entry->body, entry->body_len, &envelope, err);
	if (rc == HF_OK)
		rc = hf_report_decode(envelope, &said, err);
	if (rc == HF_OK)
		device = hf_estate_find(&c->estate, said->device);
	if (rc == HF_OK && device && device->lost_row)
		rc = hf_report_open(envelope, device, &listener, &report, err);
	if (rc == HF_OK && report) {
		bool other = hf_device_voice(device, report) == HF_VOICE_OTHER;
		hf_device_names_state(device, &listener, report);
		hf_device_heard(device, &report, entry->at);
		rc = keep_again(c, device, other, entry);
	}
	return rc == HF_E_MEMORY ? no_memory(err) : HF_OK;
}

/* It repeated since what its last report says. */
static enum hf_rc search_heard(void *arg, const struct hf_heard_row *row, struct hf_err *err)
{
	struct hf_controller *c = arg;
	char id[HF_ID_SIZE];
	bool other = hf_report_row_split(row->device, id);
	struct hf_device *device = hf_estate_find(&c->estate, id);
	struct hf_report *report;
	(void)err;
	if (!device || !device->lost_row)
		return HF_OK;
	report = other ? device->other : device->report;
	if (!report)
		return HF_OK;
	report->counter = row->counter;
	*(other ? &device->other_heard : &device->heard) = row->heard;
	return HF_OK;
}

/* Whether it has come to the end. What cannot be read is said, and the devices say it anew. */
static bool search_some(struct hf_controller *c)
{
	struct hf_rereading *again = &c->again;
	struct hf_err err = {""};
	enum hf_rc rc;
	again->searched.most = SEARCH_ROWS;
	rc = hf_journal_some_reports(c->journal, &again->searched, search_record, c, &err);
	if (rc == HF_OK && again->searched.n == SEARCH_ROWS)
		return false;
	if (rc == HF_OK)
		rc = hf_journal_each_heard(c->journal, search_heard, c, &err);
	if (rc != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)),
			     "what devices said last is not found in the journal: %s", err.text);
	return true;
}

/* All is known again that can be: what waited for that is taken. */
static void end_reading(struct hf_controller *c)
{
	struct hf_rereading *again = &c->again;
	for (size_t i = 0; i < c->estate.n && again->n_lost > 0; i++)
		c->estate.v[i].lost_row = false;
	again->n_lost = 0;
	for (size_t i = 0; i < again->n_held; i++)
		again->held[i].take(c, &again->held[i]);
	hf_rereading_done(c);
	if (again->n > 0)
		hf_log(HF_LOG_NOTICE, HF_EV_STORE, "what devices said last is read again: reports=%zu", again->n);
}

static void on_search(void *arg, uint32_t events)
{
	struct hf_controller *c = arg;
	int64_t end = hf_clock_boot().ms + SEARCH_MS;
	bool at_end = false;
	(void)events;
	while (!at_end && hf_clock_boot().ms < end)
		at_end = search_some(c);
	if (!at_end && hf_timer_arm(c->again.turn, 1) != HF_OK)
		hf_controller_stop(c, HF_E_SYSTEM);
	if (at_end)
		end_reading(c);
}

/* Once no row is left. */
static void go_on(struct hf_controller *c)
{
	struct hf_rereading *again = &c->again;
	if (again->left > 0 || again->giving)
		return;
	while (!c->readers && again->n_lost > 0 && !search_some(c))
		continue;
	if (!c->readers || again->n_lost == 0)
		end_reading(c);
	else if (hf_timer_arm(again->turn, 1) != HF_OK)
		hf_controller_stop(c, HF_E_SYSTEM);
}

static void take_again(struct hf_controller *c, struct hf_reading *r)
{
	struct hf_device *device = same_device(c, r);
	enum hf_rc rc = r->rc;
	if (device && rc == HF_OK)
		rc = r->other ? take_other(c, device, r) : take_main(c, device, r);
	if (device && rc != HF_OK && !r->other) {
		hf_log_about(HF_LOG_INFO, HF_EV_STORE, HF_ABOUT(.device = r->device, .reason = hf_rc_name(rc)),
			     "its last report no longer counts: %s", r->err.text);
		look_in_journal_for(c, device);
	}
	c->again.left--;
	go_on(c);
}

bool hf_rereading_holds(struct hf_controller *c, struct hf_reading *r)
{
	struct hf_rereading *again = &c->again;
	const struct hf_device *device = again->n_lost > 0 ? hf_estate_find(&c->estate, r->device) : NULL;
	if (!device || !device->lost_row || again->held_bytes + r->len > HELD_MAX ||
	    hf_rows_reserve(&again->held, &again->held_room, again->n_held + 1, sizeof(*again->held)) != HF_OK)
		return false;
	again->held_bytes += r->len;
	again->held[again->n_held++] = *r;
	memset(r, 0, sizeof(*r));
	return true;
}

/* ---- the start ---- */

/* It is read by the threads, or now where there are none, or few rows. */
static enum hf_rc give_row(void *arg, const struct hf_report_row *row, struct hf_err *err)
{
	struct hf_controller *c = arg;
	const struct hf_wall now = hf_clock_wall(); /* one who was heard tomorrow would be fresh until then, though silent */
	struct hf_reading r = {.rc = HF_E_PENDING, .take = take_again,
				.again = true,
				.heard = row->heard.s < now.s ? row->heard : now,
				.counter = row->repeated};
	const struct hf_device *device;
	c->again.n++;
	r.other = hf_report_row_split(row->device, r.device);
	device = hf_estate_find(&c->estate, r.device);
	if (!device)
		return HF_OK;
	r.pub = device->assignment->pub;
	r.buf = strndup(row->body, row->body_len);
	r.len = row->body_len;
	if (!r.buf)
		return no_memory(err);
	c->again.left++;
	if (c->readers && c->again.n > AT_ONCE)
		return hf_readers_read(c->readers, &r) == HF_OK ? HF_OK : no_memory(err);
	hf_reading_read(&r);
	take_again(c, &r);
	hf_reading_done(&r);
	return HF_OK;
}

enum hf_rc hf_rereading_start(struct hf_controller *c, struct hf_err *err)
{
	struct hf_rereading *again = &c->again;
	enum hf_rc rc = hf_loop_add_timer(c->loop, on_search, c, &again->turn);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no timer for what devices said last");
	again->giving = true;
	rc = hf_journal_each_report(c->journal, give_row, c, err);
	again->giving = false;
	if (rc != HF_OK)
		return rc;
	/* A table that is gone, or a first start: then there is nothing to look for. */
	for (size_t i = 0; again->n == 0 && i < c->estate.n; i++)
		look_in_journal_for(c, &c->estate.v[i]);
	if (again->n == 0 && search_some(c))
		end_reading(c);
	else
		go_on(c);
	return HF_OK;
}

size_t hf_rereading_left(const struct hf_controller *c)
{
	return c->again.left + c->again.n_lost;
}

void hf_rereading_done(struct hf_controller *c)
{
	struct hf_rereading *again = &c->again;
	for (size_t i = 0; i < again->n_held; i++)
		hf_reading_done(&again->held[i]);
	free(again->held);
	again->held = NULL;
	again->n_held = again->held_room = again->held_bytes = 0;
}
