/* SPDX-License-Identifier: MIT */
/*
 * Owns heads and proofs of the journal, as JSON for those who ask, and what devices have seen of it.
 * Must never give a proof that does not fit, or call a head seen that a device did not sign.
 */
#include <inttypes.h>
#include <string.h>

#include <holdfast/checkpoint.h>
#include <holdfast/clock.h>

#include "controller/web/show.h"

static enum hf_rc checkpoint_now(const struct hf_controller *c, struct hf_merkle_head *ret_head,
				 char ret_note[HF_CHECKPOINT_MAX], struct hf_err *err)
{
	char name[HF_CHECKPOINT_NAME_SIZE];
	const struct hf_merkle *tree = hf_journal_tree(c->journal);
	enum hf_rc rc = hf_checkpoint_name(c->known.council, c->settings->controller_id, name);
	*ret_head = (struct hf_merkle_head){tree->size, hf_merkle_root(tree)};
	if (rc == HF_OK)
		rc = hf_checkpoint_sign(name, ret_head, c->key, ret_note);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "the head of the journal cannot be signed");
}

enum hf_rc hf_show_checkpoint(const struct hf_controller *c, json_t **ret, struct hf_err *err)
{
	char note[HF_CHECKPOINT_MAX], key[HF_CHECKPOINT_MAX], name[HF_CHECKPOINT_NAME_SIZE];
	const struct hf_pub pub = hf_key_pub(c->key);
	struct hf_merkle_head head;
	enum hf_rc rc = checkpoint_now(c, &head, note, err);
	if (rc != HF_OK)
		return rc;
	if (hf_checkpoint_name(c->known.council, c->settings->controller_id, name) != HF_OK ||
	    hf_checkpoint_key(name, &pub, key) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "the name of the council is too long");
	*ret = json_pack("{s:I, s:o, s:s, s:s}", "size", (json_int_t)head.size, "root", hf_json_from_digest(&head.root),
			 "checkpoint", note, "key", key);
	return *ret ? HF_OK : hf_err_set(err, HF_E_MEMORY, "there is no memory to show the head");
}

enum hf_rc hf_show_proof(const struct hf_controller *c, int64_t seq, json_t **ret, struct hf_err *err)
{
	char note[HF_CHECKPOINT_MAX], text[HF_TLOG_PROOF_MAX];
	struct hf_merkle_head head;
	struct hf_merkle_proof proof;
	enum hf_rc rc = hf_journal_prove(c->journal, seq, &proof, err);
	if (rc == HF_OK)
		rc = checkpoint_now(c, &head, note, err);
	if (rc == HF_OK && hf_tlog_proof_text((uint64_t)seq - 1, &proof, note, text) != HF_OK)
		rc = hf_err_set(err, HF_E_SIZE, "the proof is too long");
	if (rc != HF_OK)
		return rc;
	*ret = json_pack("{s:I, s:I, s:o, s:s}", "record", (json_int_t)seq, "size", (json_int_t)head.size, "root",
			 hf_json_from_digest(&head.root), "proof", text);
	return *ret ? HF_OK : hf_err_set(err, HF_E_MEMORY, "there is no memory to show the proof");
}

/* What a device's last report says of this controller's journal; NULL: nothing. */
static const struct hf_log_row *seen_by(const struct hf_controller *c, const struct hf_device *device, const char *key)
{
	const struct hf_report *report = device->report;
	for (size_t i = 0; report && i < report->n_logs; i++)
		if (strcmp(report->logs[i].controller, c->settings->controller_id) == 0 &&
		    strcmp(report->logs[i].key, key) == 0)
			return &report->logs[i];
	return NULL;
}

static json_t *head_of_device(const struct hf_controller *c, const struct hf_device *device, const char *key)
{
	const struct hf_log_row *row = seen_by(c, device, key);
	struct hf_digest root;
	enum hf_rc rc;
	if (!row)
		return json_pack("{s:s, s:I, s:n, s:n, s:n}", "device", device->assignment->device, "heard",
				 (json_int_t)(device->report ? device->heard.s : 0), "size", "root", "fits");
	rc = hf_journal_head_at(c->journal, row->seen.size, &root, NULL);
	return json_pack("{s:s, s:I, s:I, s:o, s:b}", "device", device->assignment->device, "heard",
			 (json_int_t)device->heard.s, "size", (json_int_t)row->seen.size, "root",
			 hf_json_from_digest(&row->seen.root), "fits",
			 rc == HF_OK && hf_digest_cmp(&root, &row->seen.root) == 0);
}

enum hf_rc hf_show_heads(const struct hf_controller *c, const char *after, json_t **ret, struct hf_err *err)
{
	hf_auto_json json_t *rows = json_array();
	const struct hf_pub pub = hf_key_pub(c->key);
	char key[HF_KEYID_SIZE];
	size_t i = 0, n = 0;
	hf_pub_keyid(&pub, key);
	while (i < c->estate.n && after && strcmp(c->estate.v[i].assignment->device, after) <= 0)
		i++;
	for (; i < c->estate.n && n < HF_PAGE_HEADS; i++, n++)
		if (json_array_append_new(rows, head_of_device(c, &c->estate.v[i], key)) != 0)
			return hf_err_set(err, HF_E_MEMORY, "there is no memory to show the heads");
	*ret = json_pack("{s:O, s:I, s:I, s:I, s:o}", "devices", rows, "total", (json_int_t)c->estate.n, "stale_s",
			 (json_int_t)hf_controller_stale_s(c), "now", (json_int_t)hf_clock_wall().s, "next",
			 i < c->estate.n ? json_string(c->estate.v[i - 1].assignment->device) : json_null());
	return *ret ? HF_OK : hf_err_set(err, HF_E_MEMORY, "there is no memory to show the heads");
}
