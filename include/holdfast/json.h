/* SPDX-License-Identifier: MIT */
/*
 * json.h - the one strict reader of JSON, and the few ways in which documents take members out of it
 */
#ifndef HOLDFAST_JSON_H
#define HOLDFAST_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include <holdfast/bytes.h>
#include <holdfast/err.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_JSON_DEPTH_MAX 12 /* a state holds envelopes: 5 levels; twice over */

#define HF_JSON_INT_MAX 9007199254740991 /* 2^53 - 1: other readers of JSON keep no more (RFC 8259 section 6) */

#define hf_auto_json __attribute__((cleanup(hf_json_free_ptr)))
void hf_json_free_ptr(json_t **j);

/*
 * hf_json_read - bytes to a JSON object, strictly
 *
 * Before parsing: size, depth. Then: no duplicate members, object at the top, nothing after it, whole numbers
 * only, no control characters but newline and tab, no bidirectional controls, no non-characters in any string or name.
 * @buf, @len  bytes, no end mark needed
 * @max        the most bytes allowed
 * @ret        the object; the caller's to decref; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SIZE; HF_E_JSON; HF_E_MEMORY
 * Source    proto/README.md "JSON"
 */
HF_NODISCARD enum hf_rc hf_json_read(const char *buf, size_t len, size_t max, json_t **ret, struct hf_err *err);

/* One member that a document has. Kinds say what is allowed and what ret points to. */
enum hf_json_kind {
	HF_JSON_ID,	  /* const char **: [a-z0-9-]{1,64} */
	HF_JSON_TEXT,	  /* const char **: 1..max bytes, shown to people */
	HF_JSON_TEXT0,	  /* const char **: 0..max bytes */
	HF_JSON_LINE,	  /* const char **: 1..max bytes without newline or tab */
	HF_JSON_LINE0,	  /* const char **: 0..max bytes without newline or tab */
	HF_JSON_INT,	  /* int64_t *: 0..max, which is at most HF_JSON_INT_MAX */
	HF_JSON_WALL,	  /* struct hf_wall *: 0..HF_WALL_MAX */
	HF_JSON_DIGEST,	  /* struct hf_digest *: 64 lower-case hex characters */
	HF_JSON_BYTES32,  /* uint8_t[32]: canonical base64 of 32 bytes */
	HF_JSON_BOOL,	  /* bool *: true or false */
	HF_JSON_IDS,	  /* struct hf_strs *: list of ids, at most max, no one twice; "*" alone is allowed */
	HF_JSON_NAMES,	  /* struct hf_strs *: as HF_JSON_IDS, but "*" is not allowed */
	HF_JSON_ACCOUNTS, /* struct hf_strs *: list of account ids, at most max, no one twice; "*" alone is allowed */
	HF_JSON_LINES,	  /* struct hf_strs *: list of lines of 1..512 bytes, at most max */
	HF_JSON_ARRAY,	  /* json_t **: borrowed, at most max elements */
	HF_JSON_OBJECT,	  /* json_t **: borrowed */
};

struct hf_json_member {
	const char *name;
	enum hf_json_kind kind;
	void *ret;
	int64_t max;
	bool optional; /* absent leaves ret as it was */
};

/*
 * hf_json_take - take all members of an object by a table; a member that is not in the table is refused
 *
 * @object   a JSON object
 * @members  n_members rows; every ret is written only when its row is right, so on failure some may be written
 * Owner     texts, arrays and objects are borrowed from object; each hf_strs.v is allocated and the caller's to free
 *           (hf_strs_done), also after a failure: start them zeroed
 * Returns   HF_OK; HF_E_SHAPE with the member's name; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_json_take(json_t *object, const struct hf_json_member *members, size_t n_members,
				     struct hf_err *err);

/*
 * hf_json_take_one - take one value, such as an element of a list, by one row
 *
 * @value    borrowed
 * @member   its name stands in the text for people
 * Owner     as hf_json_take
 * Returns   as hf_json_take
 */
HF_NODISCARD enum hf_rc hf_json_take_one(json_t *value, const struct hf_json_member *member, struct hf_err *err);

/*
 * hf_json_put - the object that hf_json_take would take apart by the same table
 *
 * @members  n_members rows; every ret is only read; max is not looked at; nothing is checked
 *           an optional one is left out: an encoder that has it says that it is not optional
 * Owner     a new reference, the caller's; arrays and objects get a reference more, and stay the caller's too
 * Returns   the object; NULL no memory, or a text that is NULL or not UTF-8
 */
json_t *hf_json_put(const struct hf_json_member *members, size_t n_members);

/*
 * hf_json_with - the first object of an array whose member has this text
 *
 * @array    NULL, or no array: there is none
 * Owner     borrowed from the array
 * Returns   the object; NULL there is none
 */
json_t *hf_json_with(const json_t *array, const char *member, const char *text);

/*
 * hf_strs_done - free the array of a list, keep its strings
 *
 * @strs     may be empty; zeroed afterwards
 * Owner     the strings belong to their document
 */
void hf_strs_done(struct hf_strs *strs);

/*
 * hf_json_from_strs, hf_json_from_digest, hf_json_from_bytes - values for encoders
 *
 * @strs, @digest, @bytes  copied
 * Owner     a new reference, the caller's
 * Returns   the value; NULL no memory
 */
json_t *hf_json_from_strs(const struct hf_strs *strs);
json_t *hf_json_from_digest(const struct hf_digest *digest);
json_t *hf_json_from_bytes(const uint8_t *bytes, size_t len);

/*
 * hf_json_bytes - the compact text of an object, members in the order in which they were set
 *
 * @object   borrowed
 * @ret, @ret_len  malloc'ed, with an end mark that is not counted; the caller's to free; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_json_bytes(const json_t *object, char **ret, size_t *ret_len);

/*
 * hf_json_load - a value of somebody else's JSON, as json_loadb reads it; for our own messages there is hf_json_read
 *
 * @flags    jansson's
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_JSON; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_json_load(const char *text, size_t len, size_t flags, json_t **ret);

/*
 * hf_json_text - the text of a value, as json_dumps makes it, and whole or not at all
 *
 * @value    borrowed; may be NULL (then HF_E_MEMORY)
 * @flags    jansson's
 * @ret      malloc'ed; the caller's to free; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_json_text(const json_t *value, size_t flags, char **ret);

#endif
