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
#include <holdfast/topic.h>

#include "controller/publish.h"
#include "controller/recall.h"
#include "controller/reports.h"
#include "controller/to_device.h"

#define FLUSH_MS 100
/* One commit for all that is new, with the number of the last record that they can be in. */
static enum hf_rc save_acks(struct hf_controller *c, struct hf_err *err)
{
	struct hf_ack_book *book = &c->acks;
	hf_auto_free struct hf_ack_row *rows = calloc(book->n_unsaved + 1, sizeof(*rows));
	size_t n = 0;
	enum hf_rc rc;
	if (!rows)
		return hf_err_set(err, HF_E_MEMORY, "no memory to keep the acknowledgements");
	for (size_t i = 0; i < book->n; i++)
		if (!book->v[i].saved)
			rows[n++] = (struct hf_ack_row){book->v[i].lockdown, book->v[i].text, book->v[i].person,
							book->v[i].device,   book->v[i].at,   book->v[i].heard};
	rc = hf_journal_save_acks(c->journal, rows, n, (int64_t)hf_journal_tree(c->journal)->size, err);
	if (rc == HF_OK)
		hf_ack_book_saved(book);
	return rc;
}

static enum hf_rc save_postings(struct hf_controller *c, struct hf_err *err)
{
	struct hf_post_book *book = &c->posts;
	hf_auto_free struct hf_posting_row *rows = calloc(book->n_unsaved + 1, sizeof(*rows));
	size_t n = 0;
	enum hf_rc rc;
	if (!rows)
		return hf_err_set(err, HF_E_MEMORY, "no memory to keep the postings");
	for (size_t i = 0; i < book->n; i++) {
		const struct hf_post_entry *e = &book->v[i];
		if (!e->saved)
			rows[n++] = (struct hf_posting_row){e->lockdown,    e->account, e->person,
							    e->word.device, e->text,	e->word.state,
							    e->word.at,	    e->word.heard, e->word.post,
							    e->word.why};
	}
	rc = hf_journal_save_postings(c->journal, rows, n, (int64_t)hf_journal_tree(c->journal)->size, err);
	if (rc == HF_OK)
		hf_post_book_saved(book);
	return rc;
}

static void on_flush(void *arg, uint32_t events)
{
	(void)events;
	hf_reports_flush(arg);
}

enum hf_rc hf_reports_start(struct hf_controller *c, struct hf_err *err)
{
	enum hf_rc rc = hf_recall_reports(c, err);
	if (rc == HF_OK)
		rc = save_acks(c, err);
	if (rc == HF_OK)
		rc = save_postings(c, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_loop_add_timer(c->loop, on_flush, c, &c->flush);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "no timer for the reports");
}

/* What could not be recorded counts for nothing: a device that says it again is heard again. */
static void forget_unrecorded(struct hf_controller *c)
{
	hf_ack_book_forget(&c->acks);
	hf_post_book_forget(&c->posts);
}

void hf_reports_flush(struct hf_controller *c)
{
	struct hf_pending *p = &c->pending;
	struct hf_err err = {""};
	enum hf_rc rc = p->n_journal ? hf_journal_append(c->journal, p->journal, p->n_journal, &err) : HF_OK;
	if (rc == HF_E_STALE_HEAD)
		hf_controller_stop(c, rc);
	if (rc != HF_OK)
		forget_unrecorded(c);
	if (rc == HF_OK && p->n_rows)
		rc = hf_journal_save_reports(c->journal, p->rows, p->n_rows, &err);
	if (rc == HF_OK && c->acks.n_unsaved)
		rc = save_acks(c, &err);
	if (rc == HF_OK && c->posts.n_unsaved)
		rc = save_postings(c, &err);
	if (rc != HF_OK)
		hf_log(HF_LOG_ERROR, HF_EV_FAILED, "reports=%zu reason=%s not kept: %s", p->n_rows, hf_rc_name(rc),
		       err.text);
	for (size_t i = 0; i < p->n_journal; i++)
		free((char *)p->journal[i].body);
	for (size_t i = 0; i < p->n_rows; i++) {
		free((char *)p->rows[i].device);
		free((char *)p->rows[i].body);
	}
	p->n_journal = p->n_rows = 0;
}

/* A report that was just taken. */
struct heard_of {
	const struct hf_device *device;
	const struct hf_report *report; /* belongs to the device now */
	bool other;			/* of another machine than the first */
	struct hf_wall at;
};

static struct hf_report_row *row_of(struct hf_pending *p, const char *device)
{
	for (size_t i = 0; i < p->n_rows; i++)
		if (strcmp(p->rows[i].device, device) == 0)
			return &p->rows[i];
	return NULL;
}

static enum hf_rc queue_row(struct hf_pending *p, const struct heard_of *heard, const char *body, size_t len)
{
	char name[HF_REPORT_NAME_SIZE];
	struct hf_report_row *row =
		row_of(p, hf_report_row_name(heard->device->assignment->device, heard->other, name));
	struct hf_report_row new = {.device = row ? row->device : strdup(name),
				    .counter = heard->report->counter,
				    .heard = heard->at,
				    .body = strndup(body, len),
				    .body_len = len};
	if (!new.device || !new.body) {
		if (!row)
			free((char *)new.device);
		free((char *)new.body);
		return HF_E_MEMORY;
	}
	if (row)
		free((char *)row->body);
	else
		row = &p->rows[p->n_rows++];
	*row = new;
	return HF_OK;
}

static enum hf_rc queue_record(struct hf_pending *p, struct hf_wall at, const struct hf_envelope *envelope,
			       const char *body, size_t len)
{
	char *copy = strndup(body, len);
	if (!copy)
		return HF_E_MEMORY;
	p->journal[p->n_journal++] = (struct hf_entry){
		.at = at, .kind = HF_RECORD_REPORT, .digest = envelope->digest, .body = copy, .body_len = len};
	return HF_OK;
}

static void log_news(const struct hf_report *report)
{
	hf_log(HF_LOG_INFO, HF_EV_CHANGED, "device=%s counter=%" PRId64 " lockdowns=%zu", report->device,
	       report->counter, report->n_lockdowns);
	for (size_t i = 0; i < report->n_lockdowns; i++) {
		char hex[HF_DIGEST_HEX_SIZE];
		hf_log(HF_LOG_INFO, HF_EV_CHANGED, "device=%s lockdown=%.16s mode=%s standing=%s", report->device,
		       hf_digest_hex(&report->lockdowns[i].id, hex), hf_mode_name(report->lockdowns[i].mode),
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
		hf_log(HF_LOG_ERROR, HF_EV_CHANGED,
		       "device=%s two machines speak with its key: find both, and enrol the copy anew",
		       device->assignment->device);
}

static enum hf_rc take_report(struct hf_controller *c, const char *id, const char *buf, size_t len, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_report struct hf_report *report = NULL;
	struct hf_device *device = hf_estate_find(&c->estate, id);
	struct hf_wall now = hf_clock_wall();
	struct done done = {false, false};
	struct heard_of heard;
	bool news, first;
	enum hf_rc rc;
	if (!device)
		return hf_err_set(err, HF_E_DEVICE, "no device '%s' is assigned", id);
	rc = hf_envelope_decode(buf, len, &envelope, err);
	if (rc == HF_OK)
		rc = hf_report_open(envelope, device, c->known.council, &report, err);
	if (rc != HF_OK)
		return rc;
	rc = hear_people(c, device, report, &done, err);
	if (rc != HF_OK)
		return rc;
	news = hf_report_news(hf_device_said(device, report), report);
	heard = (struct heard_of){device, report, hf_device_voice(device, report) == HF_VOICE_OTHER, now};
	log_twins(device, heard.other);
	hf_device_heard(device, &report, now);
	first = c->pending.n_rows == 0;
	rc = queue_row(&c->pending, &heard, buf, len);
	/* Of acknowledgements there are no more than people and texts, of postings no more than messages: each is
	 * recorded, whatever the device did before. */
	if (rc == HF_OK && (done.acked || done.posted || (news && hf_device_may_record(device, hf_clock_boot())))) {
		log_news(heard.report);
		rc = queue_record(&c->pending, now, envelope, buf, len);
	}
	if (rc != HF_OK) {
		rc = hf_err_set(err, rc, "no memory for a report");
		forget_unrecorded(c);
	}
	/* Nobody acknowledges twice: the device may have no second chance to say it. */
	if (done.acked || done.posted || c->pending.n_rows == HF_REPORTS_PENDING_MAX ||
	    c->pending.n_journal == HF_REPORTS_PENDING_MAX)
		hf_reports_flush(c);
	else if (first && hf_timer_arm(c->flush, FLUSH_MS) != HF_OK)
		hf_reports_flush(c);
	/* The device waits for it, and so does every other device of that person. */
	if (done.posted)
		hf_publish_claims(c);
	return rc;
}

/* Counted always, logged at 1, 2, 4, 8 ...: whoever sends rubbish does not fill the log. */
static void count_bad(struct hf_controller *c, const char *topic, enum hf_rc rc, const struct hf_err *err)
{
	int64_t n = ++c->bad_reports[rc];
	if ((n & (n - 1)) == 0)
		hf_log(HF_LOG_WARNING, HF_EV_REFUSED, "topic=%s reason=%s count=%" PRId64 " %s", topic, hf_rc_name(rc),
		       n, err->text);
}

static enum hf_rc take_question(struct hf_controller *c, const char *id, struct hf_err *err)
{
	struct hf_device *device = hf_estate_find(&c->estate, id);

	if (!device)
		return hf_err_set(err, HF_E_DEVICE, "no device '%s' is assigned", id);
	hf_publish_fresh(c);
	hf_to_device_answer(c, device);
	return HF_OK;
}

void hf_reports_message(struct hf_controller *c, const char *topic, const void *buf, size_t len)
{
	struct hf_topic parsed;
	struct hf_err err = {""};
	enum hf_rc rc = hf_topic_parse(topic, &parsed);
	if (rc == HF_OK && strcmp(parsed.council, c->known.council) != 0)
		rc = HF_E_COUNCIL;
	if (rc == HF_OK && parsed.kind == HF_TOPIC_ASK)
		rc = take_question(c, parsed.id, &err);
	else if (rc == HF_OK && parsed.kind == HF_TOPIC_REPORT)
		rc = take_report(c, parsed.id, buf, len, &err);
	if (rc != HF_OK)
		count_bad(c, topic, rc, &err);
}
