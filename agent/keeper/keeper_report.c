/* SPDX-License-Identifier: MIT */
/*
 * Owns when this device speaks: reports, and asking for news.
 * Must never let somebody who sends bad messages make it speak without end.
 */
#include <stdlib.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/topic.h>

#include "agent/keeper/keeper_inside.h"

#define REPORT_PAUSE_MS 100 /* between two reports; what happens meanwhile goes into one */
#define ASK_PAUSE_MS 5000
#define RETIRING_MS 120000 /* who has not gone by then stays, and says so with its next report */

void hf_keeper_send(struct hf_keeper *k, enum hf_topic_kind kind, const void *buf, size_t len)
{
	struct hf_topic topic = {.kind = kind};
	char text[HF_TOPIC_SIZE];

	if (hf_str_copy(topic.council, sizeof(topic.council), k->memory.known.council) == HF_OK &&
	    hf_str_copy(topic.id, sizeof(topic.id), k->memory.known.device) == HF_OK &&
	    hf_topic_print(&topic, text) == HF_OK)
		k->conf.send(k->conf.arg, text, buf, len);
}

/* What was said of journals is due in states from now on. */
static void note_told(struct hf_keeper *k)
{
	for (size_t i = 0; i < k->memory.known.n_controllers; i++)
		hf_log_told(&k->memory.known.controllers[i].log);
}

/* Whoever has heard it says so by its digest. */
static enum hf_rc note_last_word(struct hf_keeper *k, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_envelope_decode(k->report, k->report_len, &envelope, err);

	if (rc == HF_OK)
		k->last_word = envelope->digest;
	return rc;
}

/* Signs and sends. What is said is kept, to see next time whether anything is new. */
static enum hf_rc sign_and_send(struct hf_keeper *k, struct hf_report *report, json_t *json, struct hf_err *err)
{
	char *bytes = NULL;
	size_t len = 0;
	enum hf_rc rc;

	report->counter = ++k->memory.counter;
	/* A counter that is not reserved on disk would come twice after a crash; a full disk must not silence us. */
	if (k->memory.counter > k->memory.counter_saved)
		hf_keeper_save(k);
	rc = hf_report_sign(report, k->key, &bytes, &len, err);
	if (rc != HF_OK)
		return rc;
	free(k->report);
	k->report = bytes;
	k->report_len = len;
	json_decref(k->said);
	k->said = json_incref(json);
	k->reported_at = hf_clock_boot();
	k->report_due = k->report_again = false;
	hf_keeper_send(k, HF_TOPIC_REPORT, bytes, len);
	note_told(k);
	return report->retired ? note_last_word(k, err) : HF_OK;
}

static int64_t since_report(const struct hf_keeper *k)
{
	return k->reported_at.ms == 0 ? REPORT_PAUSE_MS : hf_clock_boot().ms - k->reported_at.ms;
}

/* Returns false when it cannot wait, so that the report goes out at once. */
static bool report_later(struct hf_keeper *k, int64_t ms)
{
	if (!k->report_due && hf_timer_arm(k->speak, ms) != HF_OK)
		return false;
	k->report_due = true;
	return true;
}

/* What was seen to be open stays said, also while something else holds. One that cannot be noted is looked at again. */
static void note_opened(struct hf_keeper *k, const struct hf_report *made)
{
	for (size_t i = 0; i < made->n_lockdowns; i++) {
		const struct hf_report_lockdown *row = &made->lockdowns[i];

		if (row->standing == HF_STANDING_RELEASED_VERIFIED && row->mode == HF_MODE_LIVE &&
		    hf_started_add(&k->opened, &row->id) != HF_OK)
			return;
	}
}

bool hf_keeper_retiring(const struct hf_keeper *k)
{
	return k->retiring.ms != 0 && k->told.plan.n_blocks == 0 && hf_clock_boot().ms - k->retiring.ms < RETIRING_MS;
}

static enum hf_rc report_now(struct hf_keeper *k, bool anyway, struct hf_err *err)
{
	hf_auto_moment struct hf_moment moment = {0};
	hf_auto_json json_t *json = NULL;
	struct hf_report_rows rows;
	struct hf_report made;
	int64_t since = since_report(k);
	enum hf_rc rc = hf_moment_of(k, &moment, err);
	bool same;

	if (rc != HF_OK)
		return rc;
	if (hf_report_make(&moment.matter, &moment.report, &rows, &made) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a report");
	note_opened(k, &made);
	made.at = moment.local;
	made.boot = k->boot_id[0] ? k->boot_id : NULL;
	made.machine = k->machine;
	made.retired = hf_keeper_retiring(k);
	json = hf_report_encode(&made);
	if (!json)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a report");
	same = hf_report_same(json, k->said);
	if (same && (!anyway || since < REPORT_PAUSE_MS))
		return HF_OK;
	if (since < REPORT_PAUSE_MS && report_later(k, REPORT_PAUSE_MS - since))
		return HF_OK;
	return sign_and_send(k, &made, json, err);
}

void hf_keeper_report(struct hf_keeper *k, bool anyway)
{
	struct hf_err err = {""};
	enum hf_rc rc = k->key ? report_now(k, anyway, &err) : HF_OK;

	if (rc != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "cannot report: %s",
			     err.text);
}

void hf_keeper_report_again(struct hf_keeper *k)
{
	int64_t since = since_report(k);

	k->report_again = true;
	if (since >= REPORT_PAUSE_MS || !report_later(k, REPORT_PAUSE_MS - since))
		hf_keeper_report(k, true);
}

void hf_keeper_ask(struct hf_keeper *k)
{
	struct hf_boot_ms now = hf_clock_boot();

	if (k->asked_at.ms != 0 && now.ms - k->asked_at.ms < ASK_PAUSE_MS)
		return;
	k->asked_at = now;
	hf_keeper_send(k, HF_TOPIC_ASK, "{}", 2);
}
