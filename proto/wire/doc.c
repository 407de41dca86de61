/* SPDX-License-Identifier: MIT */
/*
 * Owns what all documents share: from envelope to object, words, lists of keys and digests.
 * Must never know what any one document means.
 */
#include "proto/wire/doc.h"

#include <stdlib.h>
#include <string.h>

enum hf_rc hf_doc_read(const struct hf_envelope *envelope, enum hf_doc_type type, json_t **ret_doc, struct hf_err *err)
{
	if (envelope->type != type)
		return hf_err_set(err, HF_E_TYPE, "This is a document of type %s where %s is expected.",
				  hf_doc_type_name(envelope->type), hf_doc_type_name(type));
	return hf_json_read((const char *)envelope->payload, envelope->payload_len, HF_PAYLOAD_MAX, ret_doc, err);
}

enum hf_rc hf_doc_word(const char *word, const char *const *words, size_t n_words, size_t *ret, struct hf_err *err)
{
	for (size_t i = 0; i < n_words; i++) {
		if (words[i] && strcmp(words[i], word) == 0) {
			*ret = i;
			return HF_OK;
		}
	}
	return hf_err_set(err, HF_E_SHAPE, "The word \"%.64s\" is not known here.", word);
}

enum hf_rc hf_doc_each(json_t *list, enum hf_rc (*one)(json_t *value, void *doc, struct hf_err *err), void *doc,
		       struct hf_err *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		enum hf_rc rc = one(json_array_get(list, i), doc, err);
		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

enum hf_rc hf_doc_some(const json_t *list, const char *name, struct hf_err *err)
{
	if (list && json_array_size(list) == 0)
		return hf_err_set(err, HF_E_SHAPE, "Member \"%s\" is empty; leave it out.", name);
	return HF_OK;
}

json_t *hf_doc_list(json_t *(*one)(const void *doc, size_t i), const void *doc, size_t n)
{
	hf_auto_json json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, one(doc, i)) != 0)
			return NULL;
	return json_incref(list);
}

enum hf_rc hf_doc_pub(json_t *value, struct hf_pub *ret_pub, struct hf_err *err)
{
	struct hf_pub pub;
	const struct hf_json_member row = HF_ROW("key", BYTES32, pub.b, 0);
	enum hf_rc rc = hf_json_take_one(value, &row, err);
	if (rc == HF_OK)
		rc = hf_pub_check(&pub, err);
	if (rc == HF_OK)
		*ret_pub = pub;
	return rc;
}

/* A list of digests while it grows. */
struct digests {
	struct hf_digest *v;
	size_t n;
};

static enum hf_rc one_digest(json_t *value, void *doc, struct hf_err *err)
{
	struct digests *digests = doc;
	struct hf_digest *d = &digests->v[digests->n];
	const struct hf_json_member row = HF_ROW("digest", DIGEST, d, 0);
	enum hf_rc rc = hf_json_take_one(value, &row, err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < digests->n; i++)
		if (hf_digest_cmp(&digests->v[i], d) == 0)
			return hf_err_set(err, HF_E_SHAPE, "A list names a digest twice.");
	digests->n++;
	return HF_OK;
}

enum hf_rc hf_doc_digests(json_t *list, struct hf_digest **ret_digests, size_t *ret_n, struct hf_err *err)
{
	hf_auto_free struct hf_digest *v = NULL;
	enum hf_rc rc = hf_doc_alloc(json_array_size(list), sizeof(*v), &v, err);
	struct digests digests = {.v = v};
	if (rc == HF_OK)
		rc = hf_doc_each(list, one_digest, &digests, err);
	if (rc == HF_OK) {
		*ret_digests = hf_steal_ptr(&v);
		*ret_n = digests.n;
	}
	return rc;
}

static json_t *digest_to_json(const void *doc, size_t i)
{
	const struct hf_digest *digests = doc;
	return hf_json_from_digest(&digests[i]);
}

json_t *hf_doc_digests_to_json(const struct hf_digest *digests, size_t n)
{
	return hf_doc_list(digest_to_json, digests, n);
}

enum hf_rc hf_doc_alloc(size_t n, size_t size, void *ret_address, struct hf_err *err)
{
	void *room = n ? calloc(n, size) : NULL;
	if (n && !room)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory left to read a document.");
	memcpy(ret_address, &room, sizeof(room));
	return HF_OK;
}
