/* SPDX-License-Identifier: MIT */
/*
 * Owns the text forms of heads and proofs that tools of others read.
 * Must never sign a text that it did not make itself.
 */
#include <holdfast/checkpoint.h>

#include <inttypes.h>
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/str.h>

#define ED25519 0x01 /* the kind of a note's key */
#define HINT_LEN 4
#define SIGNED_LEN (HINT_LEN + HF_SIG_LEN)
#define DIGEST_TEXT (HF_BASE64_LEN(sizeof(struct hf_digest)) + 1)
#define DASH "\xe2\x80\x94 " /* an em dash and a blank begin a line of a signature */

enum hf_rc hf_checkpoint_name(const char *council, const char *controller, char ret[HF_CHECKPOINT_NAME_SIZE])
{
	return hf_str_printf(ret, HF_CHECKPOINT_NAME_SIZE, "holdfast/%s/%s", council, controller);
}

/* The first bytes of SHA-256 of name, newline, kind and key. */
static enum hf_rc hint_of(const char *name, const struct hf_pub *pub, uint8_t hint[HINT_LEN])
{
	uint8_t bytes[HF_CHECKPOINT_NAME_SIZE + 2 + sizeof(pub->b)];
	struct hf_digest digest;
	enum hf_rc rc;
	size_t len = strlen(name);
	if (len >= HF_CHECKPOINT_NAME_SIZE)
		return HF_E_SIZE;
	memcpy(bytes, name, len);
	bytes[len++] = '\n';
	bytes[len++] = ED25519;
	memcpy(bytes + len, pub->b, sizeof(pub->b));
	rc = hf_digest_of(bytes, len + sizeof(pub->b), &digest);
	if (rc == HF_OK)
		memcpy(hint, digest.b, HINT_LEN);
	return rc;
}

static enum hf_rc note_of(const char *name, const struct hf_merkle_head *head, char note[HF_CHECKPOINT_MAX])
{
	char root[DIGEST_TEXT];
	enum hf_rc rc = hf_base64_encode(head->root.b, sizeof(head->root.b), root, sizeof(root));
	return rc == HF_OK ? hf_str_printf(note, HF_CHECKPOINT_MAX, "%s\n%" PRIu64 "\n%s\n", name, head->size, root) : rc;
}

enum hf_rc hf_checkpoint_sign(const char *name, const struct hf_merkle_head *head, const struct hf_key *key,
			      char ret[HF_CHECKPOINT_MAX])
{
	char note[HF_CHECKPOINT_MAX], text[HF_BASE64_LEN(SIGNED_LEN) + 1];
	uint8_t bytes[SIGNED_LEN];
	const struct hf_pub pub = hf_key_pub(key);
	enum hf_rc rc = note_of(name, head, note);
	if (rc == HF_OK)
		rc = hint_of(name, &pub, bytes);
	if (rc == HF_OK)
		rc = hf_key_sign(key, (const uint8_t *)note, strlen(note), bytes + HINT_LEN);
	if (rc == HF_OK)
		rc = hf_base64_encode(bytes, sizeof(bytes), text, sizeof(text));
	return rc == HF_OK ? hf_str_printf(ret, HF_CHECKPOINT_MAX, "%s\n" DASH "%s %s\n", note, name, text) : rc;
}

enum hf_rc hf_checkpoint_key(const char *name, const struct hf_pub *pub, char ret[HF_CHECKPOINT_MAX])
{
	char text[HF_BASE64_LEN(1 + sizeof(pub->b)) + 1], hex[2 * HINT_LEN + 1];
	uint8_t bytes[1 + sizeof(pub->b)] = {ED25519}, hint[HINT_LEN];
	enum hf_rc rc = hint_of(name, pub, hint);
	memcpy(bytes + 1, pub->b, sizeof(pub->b));
	if (rc == HF_OK)
		rc = hf_base64_encode(bytes, sizeof(bytes), text, sizeof(text));
	if (rc != HF_OK)
		return rc;
	hf_hex_encode(hint, sizeof(hint), hex);
	return hf_str_printf(ret, HF_CHECKPOINT_MAX, "%s+%s+%s", name, hex, text);
}

enum hf_rc hf_tlog_proof_text(uint64_t index, const struct hf_merkle_proof *proof, const char *checkpoint,
			      char ret[HF_TLOG_PROOF_MAX])
{
	char text[HF_TLOG_PROOF_MAX], node[DIGEST_TEXT];
	size_t len;
	enum hf_rc rc = hf_str_printf(text, sizeof(text), "c2sp.org/tlog-proof@v1\nindex %" PRIu64 "\n", index);
	for (size_t i = 0; rc == HF_OK && i < proof->n; i++) {
		len = strlen(text);
		rc = hf_base64_encode(proof->v[i].b, sizeof(proof->v[i].b), node, sizeof(node));
		if (rc == HF_OK)
			rc = hf_str_printf(text + len, sizeof(text) - len, "%s\n", node);
	}
	return rc == HF_OK ? hf_str_printf(ret, HF_TLOG_PROOF_MAX, "%s\n%s", text, checkpoint) : rc;
}
