/* SPDX-License-Identifier: MIT */
/*
 * Owns when what devices said goes to disk: some of it together, and what only repeats the last much later.
 * Must never let a record count that is not on disk, or keep officers waiting for a slow disk again and again.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/pending.h"
#include "controller/saving.h"

#define FLUSH_MS 100			 /* what comes in this time goes to disk together */
#define REST 4				 /* a slow disk is left alone for so many times as long as it took */
#define SLICE_MS 4			 /* officers wait so long for a disk that is busy with reports */
#define SLICE_FIRST 64			 /* rows */
#define SLICE_LEAST 16			 /* what a commit costs whatever is in it is shared by so many */
#define SLICE_MOST 1024
#define HEARD_MS (10 * 60 * 1000)	 /* so late when a device was heard is on disk: each says it anew after a start */

/* What people have done that is not on disk. Both lists are the caller's to free; NULL: none. */
static enum hf_rc list_acks(const struct hf_ack_book *book, struct hf_ack_row **ret, size_t *ret_n)
{
	struct hf_ack_row *rows = calloc(book->n_unsaved + 1, sizeof(*rows));
	if (!rows)
		return HF_E_MEMORY;
	for (size_t i = 0; i < book->n; i++)
		if (!book->v[i].saved)
			rows[(*ret_n)++] =
				(struct hf_ack_row){book->v[i].lockdown, book->v[i].text, book->v[i].person,
						    book->v[i].device,	 book->v[i].at,	  book->v[i].heard};
	*ret = rows;
	return HF_OK;
}

static enum hf_rc list_postings(const struct hf_post_book *book, struct hf_posting_row **ret, size_t *ret_n)
{
	struct hf_posting_row *rows = calloc(book->n_unsaved + 1, sizeof(*rows));
	if (!rows)
		return HF_E_MEMORY;
	for (size_t i = 0; i < book->n; i++) {
		const struct hf_post_entry *e = &book->v[i];
		if (!e->saved)
			rows[(*ret_n)++] = (struct hf_posting_row){e->lockdown,	   e->account, e->person,
								   e->word.device, e->text,    e->word.state,
								   e->word.at,	   e->word.heard, e->word.post,
								   e->word.why};
	}
	*ret = rows;
	return HF_OK;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A row stands for what is recorded: until all records are on disk, or go there with it, it waits. */
static size_t rows_of(const struct hf_pending *p, size_t most)
{
	return p->n_journal <= most ? least(p->n_rows, most) : 0;
}

/* One commit for the first `most` of each; the tables of people also when nothing is new, to say how far they reach. */
static enum hf_rc save(struct hf_controller *c, size_t most, bool people, struct hf_err *err)
{
	hf_auto_free struct hf_ack_row *acks = NULL;
	hf_auto_free struct hf_posting_row *postings = NULL;
	struct hf_batch batch = {.entries = c->pending.journal,
				 .n_entries = least(c->pending.n_journal, most),
				 .reports = c->pending.rows,
				 .n_reports = rows_of(&c->pending, most)};
	enum hf_rc rc = HF_OK;
	if (people || c->acks.n_unsaved)
		rc = list_acks(&c->acks, &acks, &batch.n_acks);
	if (rc == HF_OK && (people || c->posts.n_unsaved))
		rc = list_postings(&c->posts, &postings, &batch.n_postings);
	batch.acks = acks;
	batch.postings = postings;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to keep what people have done");
	rc = hf_journal_save(c->journal, &batch, err);
	if (rc == HF_OK && acks)
		hf_ack_book_saved(&c->acks);
	if (rc == HF_OK && postings)
		hf_post_book_saved(&c->posts);
	return rc;
}

/* What could not be recorded counts for nothing: a device that says it again is heard again. */
static void forget_unrecorded(struct hf_controller *c)
{
	hf_ack_book_forget(&c->acks);
	hf_post_book_forget(&c->posts);
}

/* Of each device the next report is kept, whatever it says. */
static void keep_all_anew(struct hf_controller *c)
{
	for (size_t i = 0; i < c->estate.n; i++)
		c->estate.v[i].kept = false;
}

/* The first `most` of each are done with. */
static void drop_first(struct hf_pending *p, size_t most)
{
	size_t n_journal = least(p->n_journal, most), n_rows = rows_of(p, most);
	for (size_t i = 0; i < n_journal; i++) {
		p->bytes -= p->journal[i].body_len;
		free((char *)p->journal[i].body);
	}
	for (size_t i = 0; i < n_rows; i++) {
		p->bytes -= p->rows[i].body_len;
		free((char *)p->rows[i].device);
		free((char *)p->rows[i].body);
	}
	p->n_journal -= n_journal;
	p->n_rows -= n_rows;
	p->gone += n_rows;
	if (p->n_journal)
		memmove(p->journal, p->journal + n_journal, p->n_journal * sizeof(*p->journal));
	if (p->n_rows)
		memmove(p->rows, p->rows + n_rows, p->n_rows * sizeof(*p->rows));
}

/* Where it fails nothing waits any more: it counts for nothing, and comes again. */
static void save_first(struct hf_controller *c, size_t most)
{
	struct hf_pending *p = &c->pending;
	struct hf_err err = {""};
	bool any = p->n_journal || p->n_rows || c->acks.n_unsaved || c->posts.n_unsaved;
	enum hf_rc rc = any ? save(c, most, false, &err) : HF_OK;
	if (rc == HF_E_STALE_HEAD)
		hf_controller_stop(c, rc);
	if (rc != HF_OK) {
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "reports=%zu not kept: %s",
			     p->n_rows, err.text);
		forget_unrecorded(c);
		keep_all_anew(c);
	}
	drop_first(p, rc == HF_OK ? most : SIZE_MAX);
}

/* As many as the disk takes in the time that officers may wait. */
static void fit_slice(struct hf_pending *p, int64_t took_ms)
{
	if (took_ms > SLICE_MS)
		p->slice /= 2;
	else if (took_ms < SLICE_MS / 2)
		p->slice *= 2;
	if (p->slice < SLICE_LEAST)
		p->slice = SLICE_LEAST;
	if (p->slice > SLICE_MOST)
		p->slice = SLICE_MOST;
}

static void save_slice(struct hf_controller *c)
{
	struct hf_pending *p = &c->pending;
	struct hf_boot_ms begin = hf_clock_boot();
	int64_t took;
	if (!p->slice)
		p->slice = SLICE_FIRST;
	save_first(c, p->slice);
	took = hf_clock_boot().ms - begin.ms;
	p->rest_ms = REST * took;
	fit_slice(p, took);
}

static void wait_for_more(struct hf_controller *c, int64_t ms)
{
	struct hf_pending *p = &c->pending;
	if (!p->waits && hf_timer_arm(c->flush, p->rest_ms > ms ? p->rest_ms : ms) != HF_OK)
		hf_saving_flush(c);
	else
		p->waits = true;
}

void hf_saving_flush(struct hf_controller *c)
{
	save_first(c, SIZE_MAX);
	c->pending.waits = false;
}

void hf_saving_later(struct hf_controller *c)
{
	if (c->pending.bytes > HF_REPORTS_PENDING_MAX)
		save_slice(c);
	wait_for_more(c, FLUSH_MS);
}

void hf_saving_people(struct hf_controller *c)
{
	struct hf_pending *p = &c->pending;
	struct hf_entry last;
	if (p->n_journal > 1) {
		last = p->journal[p->n_journal - 1];
		memmove(p->journal + 1, p->journal, (p->n_journal - 1) * sizeof(*p->journal));
		p->journal[0] = last;
	}
	save_slice(c);
	wait_for_more(c, FLUSH_MS);
}

/* Two machines may speak with one device's key. */
static size_t heard_rows(struct hf_controller *c, char (*names)[HF_REPORT_NAME_SIZE], struct hf_heard_row *rows)
{
	size_t n = 0;
	for (size_t i = 0; i < c->estate.n; i++) {
		struct hf_device *d = &c->estate.v[i];
		const struct hf_report *said[] = {d->report, d->other};
		for (size_t k = 0; k < HF_LEN(said); k++) {
			if (!d->repeats || !said[k])
				continue;
			hf_report_row_name(d->assignment->device, k == 1, names[n]);
			rows[n] = (struct hf_heard_row){names[n], said[k]->counter, k ? d->other_heard : d->heard};
			n++;
		}
		d->repeats = false;
	}
	return n;
}

void hf_saving_heard(struct hf_controller *c)
{
	hf_auto_free struct hf_heard_row *rows = calloc(2 * c->estate.n + 1, sizeof(*rows));
	hf_auto_free char(*names)[HF_REPORT_NAME_SIZE] = calloc(2 * c->estate.n + 1, sizeof(*names));
	struct hf_err err = {"no memory"};
	size_t n = rows && names ? heard_rows(c, names, rows) : 0;
	enum hf_rc rc = rows && names ? HF_OK : HF_E_MEMORY;
	if (n)
		rc = hf_journal_save_heard(c->journal, rows, n, &err);
	if (rc != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)),
			     "when devices were heard is not kept: %s", err.text);
	c->heard_waits = false;
}

void hf_saving_repeat(struct hf_controller *c, struct hf_device *device)
{
	device->repeats = true;
	if (!c->heard_waits && hf_timer_arm(c->heard, HEARD_MS) != HF_OK)
		hf_saving_heard(c);
	else
		c->heard_waits = true;
}

static void on_flush(void *arg, uint32_t events)
{
	struct hf_controller *c = arg;
	(void)events;
	c->pending.waits = false;
	save_slice(c);
	if (c->pending.n_rows || c->pending.n_journal)
		wait_for_more(c, SLICE_MS);
}

static void on_heard(void *arg, uint32_t events)
{
	(void)events;
	hf_saving_heard(arg);
}

enum hf_rc hf_saving_start(struct hf_controller *c, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = save(c, SIZE_MAX, true, &why);
	if (rc == HF_E_STALE_HEAD)
		return hf_err_set(err, rc, "%s", why.text);
	/* What was made again from the journal can be made again at the next start: a full disk ends no controller. */
	if (rc != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "readers"),
			     "what was read of the journal is not kept beside it: %s", why.text);
	rc = hf_loop_add_timer(c->loop, on_flush, c, &c->flush);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(c->loop, on_heard, c, &c->heard);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "no timer for the reports");
}
