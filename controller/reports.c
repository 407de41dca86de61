/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of a device's report from the bus into the estate, the projection and the journal.
 * Must never believe a report that its own device did not sign, or let one device fill the disk.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/rows.h>
#include <holdfast/topic.h>

#include "controller/log_witness.h"
#include "controller/own_words.h"
#include "controller/pending.h"
#include "controller/publish.h"
#include "controller/readers.h"
#include "controller/reports.h"
#include "controller/rereading.h"
#include "controller/saving.h"
#include "controller/to_device.h"

#define QUESTION_MOST 16 /* bytes: `{}`, and what may stand around it */

enum hf_rc hf_reports_start(struct hf_controller *c, struct hf_err *err)
{
	enum hf_rc rc = hf_rereading_start(c, err);
	return rc == HF_OK ? hf_saving_start(c, err) : rc;
}

void hf_reports_flush(struct hf_controller *c)
{
	hf_saving_flush(c);
	hf_saving_heard(c);
}

/* A report that was just taken. */
struct heard_of {
	struct hf_device *device;
	const struct hf_report *report; /* belongs to the device now */
	bool other;			/* of another machine than the first */
	bool news, same; /* against the last of its machine that was kept: see hf_report_news, hf_report_same */
	bool of_people;			/* somebody has acknowledged, or said how far a posting is */
	struct hf_wall at;
};

static enum hf_rc queue_record(struct hf_pending *p, struct hf_wall at, const struct hf_envelope *envelope,
			       const char *body, size_t len)
{
	struct hf_entry entry = {.at = at,
				 .kind = HF_RECORD_REPORT,
				 .digest = envelope->digest,
				 .body = strndup(body, len),
				 .body_len = len};
	enum hf_rc rc = entry.body ? hf_pending_record(p, &entry) : HF_E_MEMORY;
	if (rc != HF_OK)
		free((char *)entry.body);
	return rc;
}

static void log_news(const struct hf_report *report)
{
	hf_log_about(HF_LOG_INFO, HF_EV_CHANGED, HF_ABOUT(.device = report->device),
		     "counter=%" PRId64 " lockdowns=%zu", report->counter, report->n_lockdowns);
	for (size_t i = 0; i < report->n_lockdowns; i++) {
		char hex[HF_DIGEST_HEX_SIZE];
		hf_log_about(
			HF_LOG_INFO, HF_EV_CHANGED,
			HF_ABOUT(.lockdown = hf_digest_hex(&report->lockdowns[i].id, hex), .device = report->device),
			"mode=%s standing=%s", hf_mode_name(report->lockdowns[i].mode),
			hf_standing_name(report->lockdowns[i].standing));
	}
}

/* What people have done, as this report says it. */
struct done {
	bool acked, posted;
};

static enum hf_rc hear_people(struct hf_controller *c, const struct hf_device *device, const struct hf_report *report,
			      struct done *ret, struct hf_err *err)
{
	const struct hf_testimony word = {&c->known.orders, &device->versions, report, hf_clock_wall()};
	enum hf_rc rc = hf_ack_book_hear(&c->acks, &word, &ret->acked);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for an acknowledgement");
	rc = hf_post_book_hear(&c->posts, &word, &ret->posted);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "no memory for a posting");
}

static void log_twins(const struct hf_device *device, bool other)
{
	if (other && !device->other)
		hf_log_about(HF_LOG_ERROR, HF_EV_CHANGED,
			     HF_ABOUT(.device = device->assignment->device, .reason = "two-machines"),
			     "two machines speak with its key: find both, and enrol the copy anew");
}

/* It is worth a row on disk if it says something else than what is there; when it was heard is kept apart. */
static enum hf_rc keep_report(struct hf_controller *c, struct hf_device *device, const struct heard_of *heard,
			      const struct hf_reading *r)
{
	enum hf_rc rc;
	if (heard->same && device->kept) {
		hf_saving_repeat(c, device);
		return HF_OK;
	}
	rc = hf_pending_row(&c->pending,
			    &(struct hf_row_said){device, heard->other, heard->report->counter, heard->at}, r->buf,
			    r->len);
	device->kept = rc == HF_OK;
	/* Of acknowledgements there are no more than people and texts, of postings no more than messages: each is
	 * recorded, whatever the device did before. */
	if (rc == HF_OK && (heard->of_people || (heard->news && hf_device_may_record(device, hf_clock_boot())))) {
		log_news(heard->report);
		rc = queue_record(&c->pending, heard->at, r->envelope, r->buf, r->len);
	}
	if (rc != HF_OK) {
		hf_ack_book_forget(&c->acks);
		hf_post_book_forget(&c->posts);
	}
	/* Nobody acknowledges twice: the device may have no second chance to say it. */
	if (heard->of_people)
		hf_saving_people(c);
	else
		hf_saving_later(c);
	return rc;
}

static enum hf_rc take_report(struct hf_controller *c, struct hf_reading *r, struct hf_err *err)
{
	struct hf_device *device = hf_estate_find(&c->estate, r->device);
	struct hf_listener listener = hf_controller_listener(c);
	struct done done = {false, false};
	const struct hf_report *said;
	struct heard_of heard;
	bool leaves;
	enum hf_rc rc;
	if (!device || memcmp(device->assignment->pub.b, r->pub.b, sizeof(r->pub.b)) != 0)
		return hf_err_set(err, HF_E_DEVICE, "no device '%s' with this key is assigned any more", r->device);
	rc = hf_report_follows(r->report, device, &listener, err);
	if (rc == HF_OK)
		rc = hear_people(c, device, r->report, &done, err);
	if (rc != HF_OK)
		return rc;
	said = hf_device_said(device, r->report);
	heard = (struct heard_of){.device = device,
				  .report = r->report,
				  .other = hf_device_voice(device, r->report) == HF_VOICE_OTHER,
				  .news = !device->kept || hf_report_news(said, r->report),
				  .same = said && hf_report_same(said->doc, r->report->doc),
				  .of_people = done.acked || done.posted,
				  .at = hf_clock_wall()};
	leaves = r->report->retired;
	log_twins(device, heard.other);
	hf_own_silence(c, device, heard.at);
	hf_device_names_state(device, &listener, r->report);
	hf_device_heard(device, &r->report, heard.at);
	hf_log_witness_wait(c, device);
	if (keep_report(c, device, &heard, r) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for a report");
	/* The device waits for it, and so does every other device of that person. */
	if (done.posted)
		hf_publish_claims(c);
	if (leaves)
		hf_to_device_answer(c, device);
	return rc;
}

/* Counted always, logged at 1, 2, 4, 8 ...: whoever sends rubbish does not fill the log. */
static void count_bad(struct hf_controller *c, const char *from, enum hf_rc rc, const struct hf_err *err)
{
	int64_t n = ++c->bad_reports[rc];
	if ((n & (n - 1)) == 0)
		hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.device = from, .reason = hf_rc_name(rc)),
			     "count=%" PRId64 " %s", n, err->text);
}

/* What is more than a question was asked for. */
static enum hf_rc take_question(struct hf_controller *c, const char *id, const struct hf_bus_message *m,
				struct hf_err *err)
{
	struct hf_device *device = hf_estate_find(&c->estate, id);
	enum hf_rc rc;

	if (!device)
		return hf_err_set(err, HF_E_DEVICE, "no device '%s' is assigned", id);
	if (m->len > QUESTION_MOST) {
		rc = hf_log_witness_hear(c, m->buf, m->len, err);
		return rc == HF_E_ABSENT ? HF_OK : rc;
	}
	hf_publish_fresh(c);
	hf_to_device_answer(c, device);
	return HF_OK;
}

static enum hf_rc begin_reading(struct hf_controller *c, const void *buf, size_t len, struct hf_reading *r,
				struct hf_err *err)
{
	const struct hf_device *device = hf_estate_find(&c->estate, r->device);
	if (!device) {
		hf_strangers_note(&c->strangers, r->device);
		return hf_err_set(err, HF_E_DEVICE, "no device '%s' is assigned", r->device);
	}
	r->pub = device->assignment->pub;
	r->buf = strndup(buf, len);
	r->len = len;
	return r->buf ? HF_OK : hf_err_set(err, HF_E_MEMORY, "no memory for a report");
}

static void take_reading(struct hf_controller *c, struct hf_reading *r)
{
	struct hf_device *device = r->rc == HF_E_SIGNATURE ? hf_estate_find(&c->estate, r->device) : NULL;
	if (device)
		device->disowned = hf_clock_boot();
	if (r->rc == HF_OK && hf_rereading_holds(c, r))
		return;
	if (r->rc == HF_OK)
		r->rc = take_report(c, r, &r->err);
	if (r->rc != HF_OK)
		count_bad(c, r->device, r->rc, &r->err);
	else
		c->n_reports++;
}

/* False: there is no report to read; it was a question, or is refused. */
static bool find_reading(struct hf_controller *c, const struct hf_bus_message *m, struct hf_reading *ret)
{
	struct hf_reading r = {.rc = HF_E_PENDING, .take = take_reading};
	struct hf_topic parsed;
	struct hf_err err = {""};
	enum hf_rc rc = hf_topic_parse(m->topic, &parsed);
	if (rc == HF_OK && strcmp(parsed.council, c->known.council) != 0)
		rc = HF_E_COUNCIL;
	if (rc == HF_OK && parsed.kind == HF_TOPIC_ASK)
		rc = take_question(c, parsed.id, m, &err);
	else if (rc == HF_OK && parsed.kind == HF_TOPIC_REPORT)
		rc = hf_str_copy(r.device, sizeof(r.device), parsed.id);
	if (rc == HF_OK && r.device[0])
		rc = begin_reading(c, m->buf, m->len, &r, &err);
	if (rc != HF_OK)
		count_bad(c, m->topic, rc, &err);
	if (rc != HF_OK || !r.buf) {
		hf_reading_done(&r);
		return false;
	}
	*ret = r;
	return true;
}

/* Without memory for a thread's work it is dropped, not read here: what came before it may wait still. It comes again. */
void hf_reports_message(struct hf_controller *c, const char *topic, const void *buf, size_t len)
{
	struct hf_reading r;
	if (!find_reading(c, &(struct hf_bus_message){.topic = topic, .buf = buf, .len = len}, &r))
		return;
	if (c->readers) {
		(void)!hf_readers_read(c->readers, &r);
		return;
	}
	hf_reading_read(&r);
	r.take(c, &r);
	hf_reading_done(&r);
}
