/* SPDX-License-Identifier: MIT */
/*
 * Owns the rows of the estate: which devices there are and what each said last.
 * Must never read a clock, or believe a report that its caller has not verified.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>
#include <holdfast/sorted.h>

#include "controller/estate/estate.h"

#define STATE_NAME(code, name) name,
static const char *const state_names[] = {HF_DEVICE_STATE_LIST(STATE_NAME)};

const char *hf_device_state_name(enum hf_device_state state)
{
	return state < HF_DEVICE_STATE_COUNT ? state_names[state] : "?";
}

static int compare_device(const void *id, const void *device)
{
	return strcmp(id, ((const struct hf_device *)device)->assignment->device);
}

/* The row of this id, or where it would stand. */
static size_t device_place(const struct hf_estate *estate, const char *id)
{
	return hf_sorted_place(id, estate->v, estate->n, sizeof(*estate->v), compare_device);
}

struct hf_device *hf_estate_find(const struct hf_estate *estate, const char *id)
{
	size_t i = device_place(estate, id);
	return i < estate->n && strcmp(estate->v[i].assignment->device, id) == 0 ? &estate->v[i] : NULL;
}

static int compare_key(const void *key, const void *row)
{
	uint64_t a = *(const uint64_t *)key, b = *(const uint64_t *)row;
	return (a > b) - (a < b);
}

static uint64_t begin_of(const struct hf_pub *pub)
{
	uint64_t begin;
	memcpy(&begin, pub->b, sizeof(begin));
	return begin;
}

static bool had_key(const struct hf_estate *estate, uint64_t begin, size_t *ret_place)
{
	size_t i = hf_sorted_place(&begin, estate->keys, estate->n_keys, sizeof(begin), compare_key);
	*ret_place = i;
	return i < estate->n_keys && estate->keys[i] == begin;
}

/* Before the device has it, so that none is ever missing here. */
static enum hf_rc note_key(struct hf_estate *estate, const struct hf_pub *pub)
{
	uint64_t begin = begin_of(pub);
	size_t i;
	enum hf_rc rc;
	if (had_key(estate, begin, &i))
		return HF_OK;
	rc = hf_sorted_open(&estate->keys, &estate->keys_room, estate->n_keys, i, sizeof(begin));
	if (rc != HF_OK)
		return rc;
	estate->keys[i] = begin;
	estate->n_keys++;
	return HF_OK;
}

struct hf_device *hf_estate_find_key(const struct hf_estate *estate, const struct hf_pub *pub)
{
	size_t place;
	for (size_t i = had_key(estate, begin_of(pub), &place) ? 0 : estate->n; i < estate->n; i++)
		if (memcmp(estate->v[i].assignment->pub.b, pub->b, sizeof(pub->b)) == 0)
			return &estate->v[i];
	return NULL;
}

static void device_done(struct hf_device *device)
{
	hf_versions_done(&device->versions);
	hf_report_free(&device->report);
	hf_report_free(&device->other);
	free(device->said);
	hf_envelope_free(&device->recover);
	hf_glass_held_done(device->glass);
	free(device->halves);
}

/* What was approved late must not take the place of the word on the loss that the device speaks of now. */
static bool is_of_another_loss(const struct hf_device *device, const struct hf_digest *loss)
{
	const struct hf_report *report = device->report;
	return device->recover && report && report->has_nonce && hf_digest_cmp(&device->recovers, &report->nonce) == 0 &&
	       hf_digest_cmp(loss, &report->nonce) != 0;
}

enum hf_rc hf_estate_recover(struct hf_estate *estate, const struct hf_recover *recover,
			     const struct hf_envelope *envelope)
{
	for (size_t i = 0; i < recover->n_devices; i++) {
		struct hf_device *device = hf_estate_find(estate, recover->devices[i].device);
		struct hf_envelope *copy = NULL;
		if (!device || is_of_another_loss(device, &recover->devices[i].nonce))
			continue;
		if (hf_envelope_copy(envelope, &copy) != HF_OK)
			return HF_E_MEMORY;
		hf_envelope_free(&device->recover);
		device->recover = copy;
		device->recovers = recover->devices[i].nonce;
	}
	return HF_OK;
}

enum hf_rc hf_estate_glass(struct hf_estate *estate, struct hf_glass **glass, const struct hf_envelope *envelope,
			   struct hf_err *err)
{
	struct hf_device *device = hf_estate_find(estate, (*glass)->device);
	struct hf_digest digest = (*glass)->digest;
	enum hf_rc rc;
	if (!device)
		return HF_OK;
	if (hf_rows_reserve(&device->halves, &device->halves_room, device->n_halves + 1, sizeof(digest)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the halves of a device");
	rc = hf_glass_hold(&device->glass[(*glass)->side], envelope, glass, err);
	if (rc == HF_OK)
		device->halves[device->n_halves++] = digest;
	return rc;
}

bool hf_estate_had_halves(const struct hf_estate *estate, const struct hf_digest *document)
{
	for (size_t i = 0; i < estate->n; i++)
		for (size_t k = 0; k < estate->v[i].n_halves; k++)
			if (hf_digest_cmp(&estate->v[i].halves[k], document) == 0)
				return true;
	return false;
}

static enum hf_rc add_device(struct hf_estate *estate, size_t i, struct hf_err *err)
{
	struct hf_device row = {0};
	enum hf_rc rc = estate->n >= HF_ESTATE_MAX ? HF_E_SIZE : hf_versions_reserve(&row.versions);
	if (rc == HF_OK)
		rc = hf_sorted_open(&estate->v, &estate->room, estate->n, i, sizeof(*estate->v));
	if (rc != HF_OK) {
		device_done(&row);
		return hf_err_set(err, rc, "there is no room for one more device");
	}
	estate->v[i] = row;
	estate->n++;
	return HF_OK;
}

static void forget_reports(struct hf_device *device)
{
	hf_report_free(&device->report);
	hf_report_free(&device->other);
	hf_envelope_free(&device->recover);
	hf_glass_held_done(device->glass); /* they were for the key of before */
	device->heard = device->other_heard = (struct hf_wall){0};
	memset(&device->before, 0, sizeof(device->before));
	device->apart = false;
	device->disowned = (struct hf_boot_ms){0};
	memset(&device->named, 0, sizeof(device->named));
	memset(&device->other_named, 0, sizeof(device->other_named));
}

enum hf_rc hf_estate_assign(struct hf_estate *estate, const struct hf_trust *trust, struct hf_edition *version,
			    struct hf_err *err)
{
	size_t i = device_place(estate, version->doc->device);
	struct hf_pub pub = version->doc->pub;
	struct hf_device *device = hf_estate_find(estate, version->doc->device);
	bool grew;
	enum hf_rc rc = note_key(estate, &pub);
	if (rc == HF_OK)
		rc = device ? hf_versions_reserve(&device->versions) : add_device(estate, i, err);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "there is no room for one more device");
	if (device)
		pub = device->assignment->pub;
	device = &estate->v[i];
	rc = hf_versions_join(&device->versions, trust, version, &grew, err);
	device->assignment = hf_versions_newest(&device->versions)->doc;
	if (memcmp(pub.b, device->assignment->pub.b, sizeof(pub.b)) != 0)
		forget_reports(device);
	return rc == HF_E_FORK ? HF_OK : rc;
}

bool hf_estate_prove(struct hf_estate *estate, const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	struct hf_device *device;
	if (!envelope->proof || hf_assignment_decode(envelope, &assignment, NULL) != HF_OK)
		return false;
	device = hf_estate_find(estate, assignment->device);
	if (!device || !hf_versions_prove(&device->versions, trust, envelope))
		return false;
	device->assignment = hf_versions_newest(&device->versions)->doc;
	return true;
}

void hf_estate_rejudge(struct hf_estate *estate, const struct hf_trust *trust)
{
	for (size_t i = 0; i < estate->n; i++) {
		struct hf_device *device = &estate->v[i];
		hf_versions_rejudge(&device->versions, trust);
		device->assignment = hf_versions_newest(&device->versions)->doc;
	}
}

void hf_estate_done(struct hf_estate *estate)
{
	for (size_t i = 0; i < estate->n; i++)
		device_done(&estate->v[i]);
	free(estate->v);
	free(estate->keys);
	memset(estate, 0, sizeof(*estate));
}
