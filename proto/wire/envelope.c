/* SPDX-License-Identifier: MIT */
/*
 * Owns DSSE: the bytes that are signed, the signatures on them, and the digest that names a document.
 * Must never re-serialise a payload, nor believe a keyid.
 */
#include <holdfast/envelope.h>

#include <stdlib.h>
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/json.h>
#include <holdfast/str.h>

#define SIG_TEXT_MAX 128
#define PAE_FRAME_MAX 192 /* all of a PAE but the payload */

static const struct {
	const char *name, *uri;
} TYPES[HF_DOC_COUNT] = {
	[HF_DOC_TRUST] = {"trust", "application/vnd.holdfast.trust.v1+json"},
	[HF_DOC_REGISTER] = {"register", "application/vnd.holdfast.register.v1+json"},
	[HF_DOC_ASSIGNMENT] = {"assignment", "application/vnd.holdfast.assignment.v1+json"},
	[HF_DOC_ORDER] = {"order", "application/vnd.holdfast.order.v1+json"},
	[HF_DOC_STATE] = {"state", "application/vnd.holdfast.state.v1+json"},
	[HF_DOC_REPORT] = {"report", "application/vnd.holdfast.report.v1+json"},
	[HF_DOC_RECOVER] = {"recover", "application/vnd.holdfast.recover.v1+json"},
	[HF_DOC_REMARK] = {"remark", "application/vnd.holdfast.remark.v1+json"},
	[HF_DOC_ERASE] = {"erase", "application/vnd.holdfast.erase.v1+json"},
	[HF_DOC_BROKERS] = {"brokers", "application/vnd.holdfast.brokers.v1+json"},
	[HF_DOC_GLASS] = {"glass", "application/vnd.holdfast.glass.v1+json"},
};

/* PAE(type, payload), the bytes that are signed. */
struct pae {
	uint8_t *b;
	size_t len;
};

#define auto_pae __attribute__((cleanup(pae_done)))

static void pae_done(struct pae *pae)
{
	free(pae->b);
}

const char *hf_doc_type_name(enum hf_doc_type type)
{
	return TYPES[type].name;
}

const char *hf_doc_type_uri(enum hf_doc_type type)
{
	return TYPES[type].uri;
}

static enum hf_rc no_memory(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "There is no memory left for a message.");
}

static enum hf_rc pae_make(const struct hf_envelope *envelope, struct pae *pae)
{
	const char *uri = TYPES[envelope->type].uri;
	char frame[PAE_FRAME_MAX];
	if (hf_str_printf(frame, sizeof(frame), "DSSEv1 %zu %s %zu ", strlen(uri), uri, envelope->payload_len) != HF_OK)
		return HF_E_SIZE;
	size_t frame_len = strlen(frame);
	pae->b = malloc(frame_len + envelope->payload_len);
	if (!pae->b)
		return HF_E_MEMORY;
	memcpy(pae->b, frame, frame_len);
	memcpy(pae->b + frame_len, envelope->payload, envelope->payload_len);
	pae->len = frame_len + envelope->payload_len;
	return HF_OK;
}

static enum hf_rc find_digest(struct hf_envelope *envelope)
{
	auto_pae struct pae pae = {0};
	enum hf_rc rc = pae_make(envelope, &pae);
	return rc == HF_OK ? hf_digest_of(pae.b, pae.len, &envelope->digest) : rc;
}

enum hf_rc hf_envelope_new(enum hf_doc_type type, const void *payload, size_t len, struct hf_envelope **ret_envelope,
			   struct hf_err *err)
{
	if (len < 1 || len > HF_PAYLOAD_MAX)
		return hf_err_set(err, HF_E_SIZE, "The %s has %zu bytes; 1 to %d are allowed.", TYPES[type].name, len,
				  HF_PAYLOAD_MAX);
	hf_auto_envelope struct hf_envelope *envelope = calloc(1, sizeof(*envelope));
	if (!envelope)
		return no_memory(err);
	envelope->type = type;
	envelope->payload_len = len;
	envelope->payload = malloc(len);
	if (!envelope->payload)
		return no_memory(err);
	memcpy(envelope->payload, payload, len);
	if (find_digest(envelope) != HF_OK)
		return no_memory(err);
	*ret_envelope = hf_steal_ptr(&envelope);
	return HF_OK;
}

/* The signatures of an envelope are a set: no signature twice, in order of keyid, then bytes. */
static int compare_signatures(const struct hf_signature *a, const struct hf_signature *b)
{
	int by_keyid = strcmp(a->keyid, b->keyid);
	return by_keyid ? by_keyid : memcmp(a->sig, b->sig, HF_SIG_LEN);
}

/*
 * Puts one into the set, in its place. Of one signature under two keyids the lesser keyid stays, so that the set is
 * the same whichever was heard first. Returns how many there are then; HF_SIGNATURES_MAX + 1 when it is full.
 */
static size_t insert_signature(struct hf_signature *set, size_t n, const struct hf_signature *one)
{
	size_t i = 0;
	while (i < n && memcmp(set[i].sig, one->sig, HF_SIG_LEN) != 0)
		i++;
	if (i < n && strcmp(set[i].keyid, one->keyid) <= 0)
		return n;
	if (i < n)
		memmove(set + i, set + i + 1, (--n - i) * sizeof(*set));
	if (n == HF_SIGNATURES_MAX)
		return n + 1;
	i = n;
	while (i > 0 && compare_signatures(&set[i - 1], one) > 0)
		i--;
	memmove(set + i + 1, set + i, (n - i) * sizeof(*set));
	set[i] = *one;
	return n + 1;
}

static enum hf_rc signature_from_json(json_t *json, struct hf_signature *ret_signature, struct hf_err *err)
{
	const char *keyid = NULL, *sig = NULL;
	const struct hf_json_member rows[] = {
		{"keyid", HF_JSON_LINE0, &keyid, sizeof(ret_signature->keyid) - 1, false},
		{"sig", HF_JSON_TEXT, &sig, SIG_TEXT_MAX, false},
	};
	enum hf_rc rc = hf_json_take(json, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	uint8_t bytes[SIG_TEXT_MAX];
	size_t len = 0;
	rc = hf_base64_decode(sig, strlen(sig), bytes, sizeof(bytes), &len);
	if (rc != HF_OK || len != HF_SIG_LEN)
		return hf_err_set(err, HF_E_BASE64, "A signature is not the canonical base64 of %d bytes.", HF_SIG_LEN);
	memcpy(ret_signature->sig, bytes, HF_SIG_LEN);
	rc = hf_str_copy(ret_signature->keyid, sizeof(ret_signature->keyid), keyid);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "A keyid is too long.");
}

static enum hf_rc signatures_from_json(json_t *list, struct hf_envelope *envelope, struct hf_err *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct hf_signature one = {0};
		enum hf_rc rc = signature_from_json(json_array_get(list, i), &one, err);
		if (rc != HF_OK)
			return rc;
		envelope->n_signatures = insert_signature(envelope->signatures, envelope->n_signatures, &one);
	}
	return HF_OK;
}

static enum hf_rc path_from_json(json_t *list, struct hf_proof *proof, struct hf_err *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct hf_json_member row = {"path", HF_JSON_DIGEST, &proof->v[i], 0, false};
		enum hf_rc rc = hf_json_take_one(json_array_get(list, i), &row, err);
		if (rc != HF_OK)
			return rc;
		proof->n++;
	}
	return HF_OK;
}

static enum hf_rc proof_from_json(json_t *json, struct hf_envelope *envelope, struct hf_err *err)
{
	struct hf_proof proof = {0};
	json_t *path = NULL;
	const struct hf_json_member rows[] = {
		{"index", HF_JSON_INT, &proof.index, HF_PROVEN_MAX - 1, false},
		{"path", HF_JSON_ARRAY, &path, HF_PROOF_NODES_MAX, false},
	};
	enum hf_rc rc = hf_json_take(json, rows, HF_LEN(rows), err);
	if (rc == HF_OK && envelope->type != HF_DOC_ASSIGNMENT)
		rc = hf_err_set(err, HF_E_SHAPE, "A %s has no proof.", TYPES[envelope->type].name);
	if (rc == HF_OK)
		rc = path_from_json(path, &proof, err);
	if (rc != HF_OK)
		return rc;
	return hf_envelope_prove(envelope, &proof) == HF_OK ? HF_OK : no_memory(err);
}

static enum hf_rc type_of_uri(const char *uri, enum hf_doc_type *ret_type, struct hf_err *err)
{
	for (size_t i = 0; i < HF_DOC_COUNT; i++) {
		if (strcmp(TYPES[i].uri, uri) == 0) {
			*ret_type = (enum hf_doc_type)i;
			return HF_OK;
		}
	}
	return hf_err_set(err, HF_E_TYPE, "The payload type \"%.100s\" is not known.", uri);
}

static enum hf_rc payload_from_text(enum hf_doc_type type, const char *text, struct hf_envelope **ret_envelope,
				    struct hf_err *err)
{
	size_t len = strlen(text);
	size_t size = len / 4 * 3 + 1;
	hf_auto_free uint8_t *payload = malloc(size);
	if (!payload)
		return no_memory(err);
	enum hf_rc rc = hf_base64_decode(text, len, payload, size, &len);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The payload is not canonical base64.");
	return hf_envelope_new(type, payload, len, ret_envelope, err);
}

enum hf_rc hf_envelope_from_json(json_t *json, struct hf_envelope **ret_envelope, struct hf_err *err)
{
	const char *payload = NULL, *uri = NULL;
	json_t *signatures = NULL, *proof = NULL;
	const struct hf_json_member rows[] = {
		{"payload", HF_JSON_TEXT, &payload, HF_BASE64_LEN(HF_PAYLOAD_MAX), false},
		{"payloadType", HF_JSON_TEXT0, &uri, HF_MESSAGE_MAX, false},
		{"signatures", HF_JSON_ARRAY, &signatures, HF_SIGNATURES_MAX, false},
		{"proof", HF_JSON_OBJECT, &proof, 0, true},
	};
	enum hf_doc_type type = HF_DOC_COUNT;
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_json_take(json, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = type_of_uri(uri, &type, err);
	if (rc == HF_OK)
		rc = payload_from_text(type, payload, &envelope, err);
	if (rc == HF_OK)
		rc = signatures_from_json(signatures, envelope, err);
	if (rc == HF_OK && proof)
		rc = proof_from_json(proof, envelope, err);
	if (rc == HF_OK)
		*ret_envelope = hf_steal_ptr(&envelope);
	return rc;
}

enum hf_rc hf_envelope_of_json(enum hf_doc_type type, const json_t *document, struct hf_envelope **ret_envelope,
			       struct hf_err *err)
{
	hf_auto_free char *payload = NULL;
	size_t len = 0;
	enum hf_rc rc = document ? hf_json_bytes(document, &payload, &len) : HF_E_MEMORY;

	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is no memory to write this %s.", hf_doc_type_name(type));
	return hf_envelope_new(type, payload, len, ret_envelope, err);
}

enum hf_rc hf_envelope_decode(const void *buf, size_t len, struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_json json_t *json = NULL;
	enum hf_rc rc = hf_json_read(buf, len, HF_MESSAGE_MAX, &json, err);
	return rc == HF_OK ? hf_envelope_from_json(json, ret_envelope, err) : rc;
}

static json_t *signature_to_json(const struct hf_signature *signature)
{
	hf_auto_json json_t *json = json_object();
	if (json_object_set_new(json, "keyid", json_string(signature->keyid)) != 0 ||
	    json_object_set_new(json, "sig", hf_json_from_bytes(signature->sig, HF_SIG_LEN)) != 0)
		return NULL;
	return json_incref(json);
}

static json_t *proof_to_json(const struct hf_proof *proof)
{
	hf_auto_json json_t *json = json_object();
	hf_auto_json json_t *path = json_array();
	for (size_t i = 0; i < proof->n; i++)
		if (json_array_append_new(path, hf_json_from_digest(&proof->v[i])) != 0)
			return NULL;
	if (json_object_set_new(json, "index", json_integer(proof->index)) != 0 || json_object_set(json, "path", path) != 0)
		return NULL;
	return json_incref(json);
}

json_t *hf_envelope_to_json(const struct hf_envelope *envelope)
{
	hf_auto_json json_t *json = json_object();
	hf_auto_json json_t *signatures = json_array();
	json_t *payload = hf_json_from_bytes(envelope->payload, envelope->payload_len);
	for (size_t i = 0; i < envelope->n_signatures; i++) {
		if (json_array_append_new(signatures, signature_to_json(&envelope->signatures[i])) != 0) {
			json_decref(payload);
			return NULL;
		}
	}
	if (json_object_set_new(json, "payload", payload) != 0 ||
	    json_object_set_new(json, "payloadType", json_string(TYPES[envelope->type].uri)) != 0 ||
	    json_object_set(json, "signatures", signatures) != 0 ||
	    (envelope->proof && json_object_set_new(json, "proof", proof_to_json(envelope->proof)) != 0))
		return NULL;
	return json_incref(json);
}

enum hf_rc hf_envelope_encode(const struct hf_envelope *envelope, char **ret, size_t *ret_len, struct hf_err *err)
{
	hf_auto_json json_t *json = hf_envelope_to_json(envelope);
	hf_auto_free char *text = NULL;
	size_t len = 0;
	if (!json || hf_json_bytes(json, &text, &len) != HF_OK)
		return no_memory(err);
	if (len > HF_MESSAGE_MAX)
		return hf_err_set(err, HF_E_SIZE, "The %s makes a message of %zu bytes; at most %d are allowed.",
				  TYPES[envelope->type].name, len, HF_MESSAGE_MAX);
	*ret = hf_steal_ptr(&text);
	*ret_len = len;
	return HF_OK;
}

enum hf_rc hf_envelope_copy(const struct hf_envelope *envelope, struct hf_envelope **ret_envelope)
{
	hf_auto_envelope struct hf_envelope *copy = malloc(sizeof(*copy));
	if (!copy)
		return HF_E_MEMORY;
	*copy = *envelope;
	copy->proof = NULL;
	copy->payload = malloc(envelope->payload_len);
	if (!copy->payload || hf_envelope_prove(copy, envelope->proof) != HF_OK)
		return HF_E_MEMORY;
	memcpy(copy->payload, envelope->payload, envelope->payload_len);
	*ret_envelope = hf_steal_ptr(&copy);
	return HF_OK;
}

enum hf_rc hf_envelope_sign(struct hf_envelope *envelope, const struct hf_key *key, struct hf_err *err)
{
	auto_pae struct pae pae = {0};
	struct hf_signature one = {0};
	struct hf_pub pub = hf_key_pub(key);
	if (!*hf_pub_keyid(&pub, one.keyid) || pae_make(envelope, &pae) != HF_OK ||
	    hf_key_sign(key, pae.b, pae.len, one.sig) != HF_OK)
		return no_memory(err);
	size_t n = insert_signature(envelope->signatures, envelope->n_signatures, &one);
	if (n > HF_SIGNATURES_MAX)
		return hf_err_set(err, HF_E_SIZE, "The %s has %d signatures already, and may have no more.",
				  TYPES[envelope->type].name, HF_SIGNATURES_MAX);
	envelope->n_signatures = n;
	return HF_OK;
}

/*
 * What verified a moment ago: each rule that asks of the same document would verify its signatures anew, which costs
 * more than all else of it. The bytes stand for themselves by their digest, so the answer is that of a verification.
 */
#define PROVEN_MAX 32 /* the signatures of one envelope, twice */

struct proven {
	struct hf_digest digest;
	struct hf_pub pub;
	uint8_t sig[HF_SIG_LEN];
};

static _Thread_local struct proven proven[PROVEN_MAX];
static _Thread_local size_t n_proven;

static bool is_proven(const struct proven *one)
{
	for (size_t i = 0; i < n_proven && i < PROVEN_MAX; i++)
		if (memcmp(&proven[i], one, sizeof(*one)) == 0)
			return true;
	return false;
}

static bool verify_signature(const struct hf_envelope *envelope, const struct hf_signature *signature,
			     const struct hf_pub *pub)
{
	auto_pae struct pae pae = {0};
	struct proven one = {.digest = envelope->digest, .pub = *pub};
	memcpy(one.sig, signature->sig, sizeof(one.sig));
	if (is_proven(&one))
		return true;
	if (pae_make(envelope, &pae) != HF_OK || !hf_pub_verify(pub, pae.b, pae.len, signature->sig))
		return false;
	proven[n_proven++ % PROVEN_MAX] = one;
	return true;
}

bool hf_envelope_signed_by(const struct hf_envelope *envelope, const struct hf_pub *pub, size_t *ret_index)
{
	char keyid[HF_KEYID_SIZE];
	hf_pub_keyid(pub, keyid);
	for (int fits = 1; fits >= 0; fits--) {
		for (size_t i = 0; i < envelope->n_signatures; i++) {
			const struct hf_signature *s = &envelope->signatures[i];
			if ((strcmp(s->keyid, keyid) == 0) != fits || !verify_signature(envelope, s, pub))
				continue;
			if (ret_index)
				*ret_index = i;
			return true;
		}
	}
	return false;
}

bool hf_envelope_signature_ok(const struct hf_envelope *envelope, size_t index, const struct hf_pub *pub)
{
	return index < envelope->n_signatures && verify_signature(envelope, &envelope->signatures[index], pub);
}

enum hf_rc hf_envelope_merge(struct hf_envelope *mine, const struct hf_envelope *heard, bool *ret_new)
{
	if (hf_digest_cmp(&mine->digest, &heard->digest) != 0)
		return HF_E_MISMATCH;
	struct hf_signature set[HF_SIGNATURES_MAX];
	size_t n = mine->n_signatures;
	memcpy(set, mine->signatures, n * sizeof(*set));
	for (size_t i = 0; i < heard->n_signatures; i++) {
		n = insert_signature(set, n, &heard->signatures[i]);
		if (n > HF_SIGNATURES_MAX)
			return HF_E_SIZE;
	}
	if (ret_new)
		*ret_new = n > mine->n_signatures;
	memcpy(mine->signatures, set, n * sizeof(*set));
	mine->n_signatures = n;
	return HF_OK;
}

bool hf_envelope_join(struct hf_envelope **mine, struct hf_envelope **heard, bool enough)
{
	struct hf_envelope *fewer = *mine;
	bool grew = false;
	if (hf_envelope_merge(*mine, *heard, &grew) == HF_OK || !enough)
		return grew;
	*mine = *heard;
	*heard = fewer;
	return true;
}

enum hf_rc hf_envelope_prove(struct hf_envelope *envelope, const struct hf_proof *proof)
{
	struct hf_proof *copy = proof ? malloc(sizeof(*copy)) : NULL;
	if (proof && !copy)
		return HF_E_MEMORY;
	if (proof)
		*copy = *proof;
	hf_envelope_unprove(envelope);
	envelope->proof = copy;
	return HF_OK;
}

void hf_envelope_unprove(struct hf_envelope *envelope)
{
	free(envelope->proof);
	envelope->proof = NULL;
}

void hf_envelope_free(struct hf_envelope **envelope)
{
	if (!*envelope)
		return;
	hf_envelope_unprove(*envelope);
	free((*envelope)->payload);
	free(*envelope);
	*envelope = NULL;
}
