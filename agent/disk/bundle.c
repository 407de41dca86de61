/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of an enrolment bundle.
 * Must never take a document of a bundle on trust but the first root-signed one.
 */
#include "agent/disk/bundle.h"

#include <string.h>

#include <holdfast/fs.h>

enum hf_rc hf_bundle_read(const char *path, struct hf_bundle *ret_bundle, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	hf_auto_bundle struct hf_bundle bundle = {0};
	struct hf_err why = {""};
	size_t len = 0;
	const struct hf_json_member members[] = {
		{.name = "council", .kind = HF_JSON_ID, .ret = &bundle.council},
		{.name = "device", .kind = HF_JSON_ID, .ret = &bundle.device},
		{.name = "trusts", .kind = HF_JSON_ARRAY, .ret = &bundle.trusts, .max = 1024},
		{.name = "register", .kind = HF_JSON_OBJECT, .ret = &bundle.reg},
		{.name = "register_parts",
		 .kind = HF_JSON_ARRAY,
		 .ret = &bundle.register_parts,
		 .max = HF_REGISTER_PARTS_MAX - 1,
		 .optional = true},
		{.name = "assignment", .kind = HF_JSON_OBJECT, .ret = &bundle.assignment},
		{.name = "said", .kind = HF_JSON_ARRAY, .ret = &bundle.said, .max = HF_BUNDLE_SAID_MAX, .optional = true},
		{.name = "host", .kind = HF_JSON_LINE, .ret = &bundle.host, .max = 253},
		{.name = "port", .kind = HF_JSON_INT, .ret = &bundle.port, .max = 65535},
		{.name = "ca", .kind = HF_JSON_TEXT, .ret = &bundle.ca, .max = HF_PEM_MAX},
		{.name = "certificate", .kind = HF_JSON_TEXT, .ret = &bundle.certificate, .max = HF_PEM_MAX},
	};
	enum hf_rc rc = hf_fs_read(path, HF_BUNDLE_MAX, &text, &len, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_json_read(text, len, HF_BUNDLE_MAX, &bundle.doc, &why);
	if (rc == HF_OK)
		rc = hf_json_take(bundle.doc, members, HF_LEN(members), &why);
	if (rc == HF_OK && (json_array_size(bundle.trusts) == 0 || bundle.port == 0))
		rc = hf_err_set(&why, HF_E_SHAPE, "it has no trust or no port");
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s is not what `holdfast device add` wrote for this device (%s): take that file, whole",
				  path, why.text);
	*ret_bundle = bundle;
	memset(&bundle, 0, sizeof(bundle));
	return HF_OK;
}

static enum hf_rc refuse_document(enum hf_doc_type type, enum hf_rc rc, const struct hf_err *why, struct hf_err *err)
{
	if (type == HF_DOC_COUNT)
		return rc;
	return hf_err_set(err, rc, "the bundle's %s is refused (%s): %s", hf_doc_type_name(type), hf_rc_name(rc),
			  why->text);
}

static enum hf_rc hear_document(struct hf_known *known, json_t *document, enum hf_doc_type type, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_free char *bytes = NULL;
	struct hf_hearing hearing;
	struct hf_err why = {""};
	size_t len = 0;
	enum hf_rc rc = hf_envelope_from_json(document, &envelope, &why);

	if (rc == HF_OK)
		rc = hf_envelope_encode(envelope, &bytes, &len, &why);
	if (rc == HF_OK)
		rc = hf_known_hear(known, &(struct hf_message){bytes, len, type}, &hearing, &why);
	return rc == HF_OK ? HF_OK : refuse_document(type, rc, &why, err);
}

static enum hf_rc hear_register(struct hf_known *known, const struct hf_bundle *bundle, struct hf_err *err)
{
	enum hf_rc rc = hear_document(known, bundle->reg, HF_DOC_REGISTER, err);

	for (size_t i = 0; rc == HF_OK && i < json_array_size(bundle->register_parts); i++)
		rc = hear_document(known, json_array_get(bundle->register_parts, i), HF_DOC_REGISTER, err);
	if (rc == HF_OK && !known->reg)
		rc = hf_err_set(err, HF_E_SHAPE,
				"the bundle has not all parts of its register: make it again with `holdfast device add`");
	return rc;
}

/* As from the broker: what is refused changes nothing, and keeps nothing else out. Without memory nothing is believed. */
static enum hf_rc hear_said(struct hf_known *known, const struct hf_bundle *bundle, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc != HF_E_MEMORY && i < json_array_size(bundle->said); i++)
		rc = hear_document(known, json_array_get(bundle->said, i), HF_DOC_COUNT, err);
	return rc == HF_E_MEMORY ? rc : HF_OK;
}

static enum hf_rc begin_known(const struct hf_bundle *bundle, struct hf_known *known, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *first = NULL;
	struct hf_err why = {""};
	enum hf_rc rc = hf_envelope_from_json(json_array_get(bundle->trusts, 0), &first, &why);

	if (rc == HF_OK)
		rc = hf_known_begin(first, bundle->device, known, &why);
	if (rc != HF_OK)
		return refuse_document(HF_DOC_TRUST, rc, &why, err);
	if (strcmp(known->council, bundle->council) != 0)
		rc = hf_err_set(err, HF_E_COUNCIL, "the bundle is for council %s, its first trust is of %s",
				bundle->council, known->council);
	return rc;
}

enum hf_rc hf_bundle_known(const struct hf_bundle *bundle, struct hf_known *ret_known, struct hf_err *err)
{
	hf_auto_known struct hf_known known = {0};
	enum hf_rc rc = begin_known(bundle, &known, err);

	for (size_t i = 1; rc == HF_OK && i < json_array_size(bundle->trusts); i++)
		rc = hear_document(&known, json_array_get(bundle->trusts, i), HF_DOC_TRUST, err);
	if (rc == HF_OK)
		rc = hear_register(&known, bundle, err);
	if (rc == HF_OK)
		rc = hear_document(&known, bundle->assignment, HF_DOC_ASSIGNMENT, err);
	if (rc == HF_OK)
		rc = hear_said(&known, bundle, err);
	if (rc != HF_OK)
		return rc;
	*ret_known = known;
	memset(&known, 0, sizeof(known));
	return HF_OK;
}

/* Epoch N is followed by N + 1 alone, and all of the bundle's trusts were heard: so the first is told by their number. */
enum hf_rc hf_bundle_anchored(const struct hf_bundle *bundle, const struct hf_known *known, struct hf_err *err)
{
	int64_t first = known->trust->epoch - (int64_t)json_array_size(bundle->trusts) + 1;

	if (first == 1)
		return HF_OK;
	return hf_err_set(err, HF_E_EPOCH,
			  "the bundle begins with a trust of epoch %lld: it must begin with the council's first, of "
			  "epoch 1",
			  (long long)first);
}

void hf_bundle_done(struct hf_bundle *bundle)
{
	json_decref(bundle->doc);
	memset(bundle, 0, sizeof(*bundle));
}
