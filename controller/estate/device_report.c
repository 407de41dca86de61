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

/* Which state of this controller a report names; 0: none that was said yet. */
static int64_t state_named(const struct hf_listener *listener, const struct hf_report *report)
{
	bool named = strcmp(report->controller, listener->controller) == 0 && report->state_seq <= listener->seq;
	return named ? report->state_seq : 0;
}

static const struct hf_states_named *named_by(const struct hf_device *device, const struct hf_report *report)
{
	return hf_device_voice(device, report) == HF_VOICE_OTHER ? &device->other_named : &device->named;
}

/*
 * A device hears the states of one controller in their order, and nobody has named a state before it was said. So what
 * names a later one than all before was said after them, whatever its counter: that of a memory that was lost begins
 * anew, and must be heard. From then on what names an earlier one is old, however high its counter.
 */
static bool is_later(const struct hf_device *device, const struct hf_listener *listener,
		     const struct hf_report *report)
{
	const struct hf_report *said = hf_device_said(device, report);
	const struct hf_states_named *named = named_by(device, report);
	int64_t now = state_named(listener, report);
	if (!said || (now > named->newest && now > listener->since))
		return true;
	return report->counter > said->counter && (now == 0 || now >= named->least);
}

void hf_device_names_state(struct hf_device *device, const struct hf_listener *listener,
			   const struct hf_report *report)
{
	const struct hf_report *said = hf_device_said(device, report);
	bool other = hf_device_voice(device, report) == HF_VOICE_OTHER;
	struct hf_states_named *named = other ? &device->other_named : &device->named;
	int64_t now = state_named(listener, report);
	if (!said || now > named->newest)
		named->newest = now;
	/* Only a memory that was lost begins to count anew, and it says so. */
	device->apart = device->apart || (said && report->counter <= said->counter && !report->unknown);
	if (!said || report->counter <= said->counter)
		named->least = said || listener->since == 0 ? now : 0;
}

enum hf_rc hf_report_read(const struct hf_envelope *envelope, const struct hf_pub *pub, struct hf_report **ret_report,
			  struct hf_err *err)
{
	if (envelope->type != HF_DOC_REPORT)
		return hf_err_set(err, HF_E_TYPE, "this is no report");
	if (!hf_envelope_signed_by(envelope, pub, NULL))
		return hf_err_set(err, HF_E_SIGNATURE, "not signed with the key of the device");
	return hf_report_decode(envelope, ret_report, err);
}

enum hf_rc hf_report_follows(const struct hf_report *report, const struct hf_device *device, const struct hf_listener *listener,
			     struct hf_err *err)
{
	if (strcmp(report->council, listener->council) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "a report for the council '%s'", report->council);
	if (strcmp(report->device, device->assignment->device) != 0)
		return hf_err_set(err, HF_E_DEVICE, "the device '%s' speaks for '%s'", device->assignment->device,
				  report->device);
	if (!is_later(device, listener, report))
		return hf_err_set(err, HF_E_ROLLBACK,
				  "counter %" PRId64 ", of state %" PRId64 ", was said before counter %" PRId64,
				  report->counter, report->state_seq, hf_device_said(device, report)->counter);
	return HF_OK;
}

enum hf_rc hf_report_open(const struct hf_envelope *envelope, const struct hf_device *device,
			  const struct hf_listener *listener, struct hf_report **ret_report, struct hf_err *err)
{
	hf_auto_report struct hf_report *report = NULL;
	enum hf_rc rc = hf_report_read(envelope, &device->assignment->pub, &report, err);
	if (rc == HF_OK)
		rc = hf_report_follows(report, device, listener, err);
	if (rc == HF_OK)
		*ret_report = hf_steal_ptr(&report);
	return rc;
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
		    strcmp(p->person, posting->person) == 0 && hf_digest_cmp(&p->text, &posting->text) == 0)
			return p->state == posting->state && strcmp(p->post, posting->post) == 0;
	}
	return false;
}

bool hf_report_news(const struct hf_report *before, const struct hf_report *after)
{
	if (!before)
		return true;
	if (before->unknown != after->unknown || hf_digest_cmp(&before->nonce, &after->nonce) != 0 ||
	    before->n_lockdowns != after->n_lockdowns || before->restored.s != after->restored.s || before->retired != after->retired ||
	    before->unknown_logins != after->unknown_logins || before->glass.wrong != after->glass.wrong ||
	    before->glass.slot != after->glass.slot || before->glass.set != after->glass.set || before->glass.open != after->glass.open)
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
