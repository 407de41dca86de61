/* SPDX-License-Identifier: MIT */
/*
 * doc.h - what all documents share: from envelope to object, words, lists
 */
#ifndef PROTO_WIRE_DOC_H
#define PROTO_WIRE_DOC_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>

/* One row of a table for hf_json_take and hf_json_put. */
#define HF_ROW(name, kind, ret, max)                                                                                   \
	{                                                                                                              \
		name, HF_JSON_##kind, ret, max, false                                                                  \
	}

/* One that may be absent: absent_ok is true for hf_json_take; for hf_json_put it is whether there is none to be put. */
#define HF_ROW_IF(name, kind, ret, max, absent_ok)                                                                     \
	{                                                                                                              \
		name, HF_JSON_##kind, ret, max, absent_ok                                                              \
	}

/*
 * hf_doc_read - the payload of an envelope as an object
 *
 * @type     what it must be
 * @ret_doc  a new reference, the caller's; untouched unless HF_OK
 * Owner     see ret_doc
 * Returns   HF_OK; HF_E_TYPE another document; HF_E_JSON; HF_E_MEMORY
 * Source    proto/README.md "Envelope"
 */
HF_NODISCARD enum hf_rc hf_doc_read(const struct hf_envelope *envelope, enum hf_doc_type type, json_t **ret_doc,
				    struct hf_err *err);

/*
 * hf_doc_word - which of the words of an enum is this
 *
 * @words    n_words texts; NULL stands for a value that no document may name
 * @ret      its place; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE none of them
 */
HF_NODISCARD enum hf_rc hf_doc_word(const char *word, const char *const *words, size_t n_words, size_t *ret,
				    struct hf_err *err);

/*
 * hf_doc_each - call a function with each element of a list, until one fails
 *
 * @list     at most as long as its row allowed
 * @one      takes one element into doc
 * Returns   HF_OK; what one returned
 */
HF_NODISCARD enum hf_rc hf_doc_each(json_t *list, enum hf_rc (*one)(json_t *value, void *doc, struct hf_err *err),
				    void *doc, struct hf_err *err);

/*
 * hf_doc_some - a list that may be absent, but has something in it when it is there: one way to say none
 *
 * @list     NULL when it is absent
 * @name     stands in the text for people
 * Returns   HF_OK; HF_E_SHAPE it is there and empty
 * Source    proto/README.md "JSON"
 */
HF_NODISCARD enum hf_rc hf_doc_some(const json_t *list, const char *name, struct hf_err *err);

/*
 * hf_doc_list - the list of what a function makes of each of n things
 *
 * @one      the i-th as a new reference; NULL no memory
 * Owner     a new reference, the caller's
 * Returns   the list; NULL no memory
 */
json_t *hf_doc_list(json_t *(*one)(const void *doc, size_t i), const void *doc, size_t n);

/*
 * hf_doc_pub - a public key that may stand in a document
 *
 * @value    a JSON text
 * @ret_pub  untouched unless HF_OK
 * Owner     a copy
 * Returns   HF_OK; HF_E_SHAPE no text; HF_E_BASE64; HF_E_KEY; HF_E_MEMORY
 * Source    proto/README.md "Envelope"
 */
HF_NODISCARD enum hf_rc hf_doc_pub(json_t *value, struct hf_pub *ret_pub, struct hf_err *err);

/*
 * hf_doc_digests, hf_doc_digests_to_json - a list of digests, none twice, and back
 *
 * @list         a JSON list, at most as long as its row allowed
 * @ret_digests, @ret_n  malloc'ed, NULL when empty; the caller's to free; untouched unless HF_OK
 * Owner     see ret_digests; the JSON is a new reference, the caller's (NULL: no memory)
 * Returns   HF_OK; HF_E_SHAPE; HF_E_BASE64; HF_E_MEMORY
 * Source    proto/README.md "Bytes"
 */
HF_NODISCARD enum hf_rc hf_doc_digests(json_t *list, struct hf_digest **ret_digests, size_t *ret_n, struct hf_err *err);
json_t *hf_doc_digests_to_json(const struct hf_digest *digests, size_t n);

/*
 * hf_doc_alloc - zeroed room for the n things of a list
 *
 * @ret_address  address of a pointer variable: NULL when n is 0; untouched unless HF_OK
 * Owner     the caller's, to free
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_doc_alloc(size_t n, size_t size, void *ret_address, struct hf_err *err);

#endif
