/* SPDX-License-Identifier: MIT */
/*
 * Owns the rows of the estate: which devices there are and what each said last.
 * Must never read a clock, or believe a report that its caller has not verified.
 */
#include <stdlib.h>
#include <string.h>

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

struct hf_device *hf_estate_find_key(const struct hf_estate *estate, const struct hf_pub *pub)
{
	for (size_t i = 0; i < estate->n; i++)
		if (memcmp(estate->v[i].assignment->pub.b, pub->b, sizeof(pub->b)) == 0)
			return &estate->v[i];
	return NULL;
}

static void device_done(struct hf_device *device)
{
	hf_envelope_free(&device->envelope);
	hf_assignment_free(&device->assignment);
	hf_report_free(&device->report);
	hf_envelope_free(&device->recover);
}

enum hf_rc hf_estate_recover(struct hf_estate *estate, const struct hf_recover *recover,
			     const struct hf_envelope *envelope)
{
	for (size_t i = 0; i < recover->n_devices; i++) {
		struct hf_device *device = hf_estate_find(estate, recover->devices[i].device);
		struct hf_envelope *copy = NULL;
		if (!device)
			continue;
		if (hf_envelope_copy(envelope, &copy) != HF_OK)
			return HF_E_MEMORY;
		hf_envelope_free(&device->recover);
		device->recover = copy;
	}
	return HF_OK;
}

enum hf_rc hf_estate_assign(struct hf_estate *estate, struct hf_envelope **envelope, struct hf_assignment **assignment)
{
	struct hf_device row = {0}, *old = hf_estate_find(estate, (*assignment)->device);
	size_t i = device_place(estate, (*assignment)->device);
	enum hf_rc rc = HF_OK;
	if (!old)
		rc = estate->n >= HF_ESTATE_MAX
			     ? HF_E_SIZE
			     : hf_sorted_open(&estate->v, &estate->room, estate->n, i, sizeof(*estate->v));
	if (rc != HF_OK)
		return rc;
	if (old) {
		if (memcmp(old->assignment->pub.b, (*assignment)->pub.b, sizeof(old->assignment->pub.b)) == 0) {
			row.report = hf_steal_ptr(&old->report);
			row.heard = old->heard;
			row.recover = hf_steal_ptr(&old->recover);
		}
		device_done(old);
	} else {
		estate->n++;
	}
	row.envelope = hf_steal_ptr(envelope);
	row.assignment = hf_steal_ptr(assignment);
	estate->v[i] = row;
	return HF_OK;
}

void hf_device_heard(struct hf_device *device, struct hf_report **report, struct hf_wall at)
{
	hf_report_free(&device->report);
	device->report = hf_steal_ptr(report);
	device->heard = at;
}

void hf_estate_done(struct hf_estate *estate)
{
	for (size_t i = 0; i < estate->n; i++)
		device_done(&estate->v[i]);
	free(estate->v);
	memset(estate, 0, sizeof(*estate));
}
