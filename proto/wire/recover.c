/* SPDX-License-Identifier: MIT */
/*
 * Owns the recover document: which devices may believe again that they know what is in force, and what that is.
 * Must never judge whether it is approved, nor whether what it names is held: that is proto/law.
 */
#include <holdfast/recover.h>

#include <stdlib.h>
#include <string.h>

#include "proto/wire/doc.h"

/* clang-format off */
#define RECOVER_ROWS(r, devices, live) {                            \
	HF_ROW("council", ID,    &(r)->council, 0),                 \
	HF_ROW("devices", ARRAY, devices,       HF_RECOVER_DEVICES_MAX), \
	HF_ROW("issued",  WALL,  &(r)->issued,  0),                 \
	HF_ROW("live",    ARRAY, live,          HF_RECOVER_LIVE_MAX), \
}
#define DEVICE_ROWS(d) {                                            \
	HF_ROW("device", ID,     &(d)->device, 0),                  \
	HF_ROW("nonce",  DIGEST, &(d)->nonce,  0),                  \
}
/* clang-format on */

static enum hf_rc take_device(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_recover *recover = doc;
	struct hf_recover_device *d = &recover->devices[recover->n_devices];
	const struct hf_json_member rows[] = DEVICE_ROWS(d);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < recover->n_devices; i++)
		if (strcmp(recover->devices[i].device, d->device) == 0)
			return hf_err_set(err, HF_E_SHAPE, "The device %s is named twice.", d->device);
	recover->n_devices++;
	return HF_OK;
}

static enum hf_rc take_lists(struct hf_recover *recover, json_t *devices, json_t *live, struct hf_err *err)
{
	enum hf_rc rc = hf_doc_alloc(json_array_size(devices), sizeof(*recover->devices), &recover->devices, err);
	if (rc == HF_OK && json_array_size(devices) == 0)
		rc = hf_err_set(err, HF_E_SHAPE, "It names no device.");
	if (rc == HF_OK)
		rc = hf_doc_each(devices, take_device, recover, err);
	if (rc == HF_OK)
		rc = hf_doc_digests(live, &recover->live, &recover->n_live, err);
	return rc;
}

enum hf_rc hf_recover_decode(const struct hf_envelope *envelope, struct hf_recover **ret_recover, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	json_t *devices = NULL, *live = NULL;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*recover), &recover, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_RECOVER, &recover->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = RECOVER_ROWS(recover, &devices, &live);
	rc = hf_json_take(recover->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = take_lists(recover, devices, live, err);
	if (rc != HF_OK)
		return rc;
	recover->digest = envelope->digest;
	*ret_recover = hf_steal_ptr(&recover);
	return HF_OK;
}

static json_t *device_to_json(const void *doc, size_t i)
{
	struct hf_recover_device d = ((const struct hf_recover_device *)doc)[i];
	const struct hf_json_member rows[] = DEVICE_ROWS(&d);
	return hf_json_put(rows, HF_LEN(rows));
}

json_t *hf_recover_encode(const struct hf_recover *recover)
{
	struct hf_recover copy = *recover; /* the table points to what may be written; nothing is */
	hf_auto_json json_t *devices = hf_doc_list(device_to_json, recover->devices, recover->n_devices);
	hf_auto_json json_t *live = hf_doc_digests_to_json(recover->live, recover->n_live);
	const struct hf_json_member rows[] = RECOVER_ROWS(&copy, &devices, &live);
	return hf_json_put(rows, HF_LEN(rows));
}

bool hf_recover_names(const struct hf_recover *recover, const char *device, const struct hf_digest *nonce)
{
	for (size_t i = 0; i < recover->n_devices; i++)
		if (strcmp(recover->devices[i].device, device) == 0)
			return hf_digest_cmp(&recover->devices[i].nonce, nonce) == 0;
	return false;
}

void hf_recover_free(struct hf_recover **recover)
{
	if (!*recover)
		return;
	free((*recover)->devices);
	free((*recover)->live);
	json_decref((*recover)->doc);
	free(*recover);
	*recover = NULL;
}
