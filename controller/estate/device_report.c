/* SPDX-License-Identifier: MIT */
/*
 * Owns which report of a device counts as its next one, and which says something of account.
 * Must never let a device speak for another, or twice.
 */
#include <inttypes.h>
#include <string.h>

#include "controller/estate/estate.h"

/* A device may have so many reports recorded at once, and then one more each so many milliseconds. */
#define BURST 40
#define REFILL_MS 15000

enum hf_rc hf_report_open(const struct hf_envelope *envelope, const struct hf_device *device, const char *council,
			  struct hf_report **ret_report, struct hf_err *err)
{
	hf_auto_report struct hf_report *report = NULL;
	const struct hf_report *said;
	enum hf_rc rc;
	if (envelope->type != HF_DOC_REPORT)
		return hf_err_set(err, HF_E_TYPE, "this is no report");
	if (!hf_envelope_signed_by(envelope, &device->assignment->pub, NULL))
		return hf_err_set(err, HF_E_SIGNATURE, "not signed with the key of the device '%s'",
				  device->assignment->device);
	rc = hf_report_decode(envelope, &report, err);
	if (rc != HF_OK)
		return rc;
	if (strcmp(report->council, council) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "a report for the council '%s'", report->council);
	if (strcmp(report->device, device->assignment->device) != 0)
		return hf_err_set(err, HF_E_DEVICE, "the device '%s' speaks for '%s'", device->assignment->device,
				  report->device);
	said = hf_device_said(device, report);
	if (said && report->counter <= said->counter)
		return hf_err_set(err, HF_E_ROLLBACK, "counter %" PRId64 " is not higher than %" PRId64,
				  report->counter, said->counter);
	*ret_report = hf_steal_ptr(&report);
	return HF_OK;
}

const struct hf_report_lockdown *hf_report_of_lockdown(const struct hf_report *report, const struct hf_digest *id)
{
	for (size_t i = 0; report && i < report->n_lockdowns; i++)
		if (hf_digest_cmp(&report->lockdowns[i].id, id) == 0)
			return &report->lockdowns[i];
	return NULL;
}

static int64_t refused_count(const struct hf_report *report, enum hf_rc reason)
{
	for (size_t i = 0; i < report->n_refused; i++)
		if (report->refused[i].reason == reason)
			return report->refused[i].count;
	return 0;
}

static bool said_posting(const struct hf_report *report, const struct hf_posting *posting)
{
	for (size_t i = 0; i < report->n_postings; i++) {
		const struct hf_posting *p = &report->postings[i];
		if (hf_digest_cmp(&p->lockdown, &posting->lockdown) == 0 && strcmp(p->account, posting->account) == 0 &&
		    strcmp(p->person, posting->person) == 0)
			return p->state == posting->state && strcmp(p->post, posting->post) == 0;
	}
	return false;
}

bool hf_report_news(const struct hf_report *before, const struct hf_report *after)
{
	if (!before)
		return true;
	if (before->unknown != after->unknown || hf_digest_cmp(&before->nonce, &after->nonce) != 0 ||
	    before->n_lockdowns != after->n_lockdowns)
		return true;
	for (size_t i = 0; i < after->n_lockdowns; i++) {
		const struct hf_report_lockdown *said = hf_report_of_lockdown(before, &after->lockdowns[i].id);
		if (!said || said->standing != after->lockdowns[i].standing || said->rev != after->lockdowns[i].rev)
			return true;
	}
	if (before->n_postings != after->n_postings)
		return true;
	for (size_t i = 0; i < after->n_postings; i++)
		if (!said_posting(before, &after->postings[i]))
			return true;
	for (size_t i = 0; i < after->n_refused; i++)
		if (refused_count(before, after->refused[i].reason) != after->refused[i].count)
			return true;
	return false;
}

/* Tokens of a bucket, by a clock that nobody sets: what is of account is recorded, a device gone mad is not. */
bool hf_device_may_record(struct hf_device *device, struct hf_boot_ms now)
{
	int64_t refill = (now.ms - device->bucket_at.ms) / REFILL_MS;
	if (device->bucket_at.ms == 0 || device->bucket + refill >= BURST) {
		device->bucket = BURST;
		device->bucket_at = now;
	} else {
		device->bucket += refill;
		device->bucket_at.ms += refill * REFILL_MS;
	}
	if (!device->bucket)
		return false;
	device->bucket--;
	return true;
}
