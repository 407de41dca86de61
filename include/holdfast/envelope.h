/* SPDX-License-Identifier: MIT */
/*
 * envelope.h - DSSE 1.0.2: bytes, their type, and who signed them
 *
 * The payload that was verified is the payload that is parsed. Decoding an envelope verifies nothing: the rooms
 * above ask hf_envelope_signed_by() with the keys that they trust.
 */
#ifndef HOLDFAST_ENVELOPE_H
#define HOLDFAST_ENVELOPE_H

#include <jansson.h>

#include <holdfast/bytes.h>
#include <holdfast/err.h>
#include <holdfast/key.h>

#define HF_MESSAGE_MAX 65536	   /* one message on the bus; checked before anything is parsed */
#define HF_PAYLOAD_MAX 48000	   /* HF_MESSAGE_MAX less base64's third and the signatures */
#define HF_ORDER_PAYLOAD_MAX 32768 /* an order's envelope fits into one page of a state */
#define HF_SIGNATURES_MAX 16	   /* no rule asks for more; root thresholds are 2 or 3 */

/* clang-format off */
enum hf_doc_type { HF_DOC_TRUST, HF_DOC_REGISTER, HF_DOC_ASSIGNMENT, HF_DOC_ORDER, HF_DOC_STATE, HF_DOC_REPORT,
		   HF_DOC_RECOVER, HF_DOC_REMARK, HF_DOC_ERASE, HF_DOC_BROKERS, HF_DOC_GLASS, HF_DOC_COUNT };
/* clang-format on */

struct hf_signature {
	char keyid[65]; /* a hint; never believed */
	uint8_t sig[HF_SIG_LEN];
};

/* More than three estates of the most devices that a controller serves: each may have several assignments in effect. */
#define HF_PROVEN_MAX 65536
#define HF_PROOF_NODES_MAX 16 /* beside the way up from one of that many leaves */

/* What it takes to say that an assignment is below the root of a trust: its place, and the nodes beside its way up. */
struct hf_proof {
	int64_t index;
	struct hf_digest v[HF_PROOF_NODES_MAX]; /* the lowest first */
	size_t n;
};

struct hf_envelope {
	enum hf_doc_type type;
	uint8_t *payload;
	size_t payload_len;
	struct hf_digest digest; /* SHA-256 of PAE(type, payload): the document's identity */
	struct hf_signature signatures[HF_SIGNATURES_MAX];
	size_t n_signatures;
	struct hf_proof *proof; /* of an assignment: its way to the root in a trust; NULL: none. Believed as little as a keyid */
};

#define hf_auto_envelope __attribute__((cleanup(hf_envelope_free)))

/*
 * hf_doc_type_name - "trust", "register", ...; hf_doc_type_uri - the payloadType of the envelope
 *
 * @type     any but HF_DOC_COUNT
 * Owner     static text
 * Returns   the text
 * Source    proto/README.md "Envelope"
 */
const char *hf_doc_type_name(enum hf_doc_type type);
const char *hf_doc_type_uri(enum hf_doc_type type);

/*
 * hf_envelope_new - an unsigned envelope around a payload
 *
 * @payload, @len  copied; 1..HF_PAYLOAD_MAX bytes
 * @ret_envelope   the caller's, to hf_envelope_free; untouched unless HF_OK
 * Owner     see ret_envelope
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY
 * Source    DSSE 1.0.2
 */
HF_NODISCARD enum hf_rc hf_envelope_new(enum hf_doc_type type, const void *payload, size_t len,
					struct hf_envelope **ret_envelope, struct hf_err *err);

/*
 * hf_envelope_of_json - an unsigned envelope around a document
 *
 * @document  what an encoder of the document gave; borrowed; NULL: it had no memory
 * Owner     as hf_envelope_new
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Envelope"
 */
HF_NODISCARD enum hf_rc hf_envelope_of_json(enum hf_doc_type type, const json_t *document,
					    struct hf_envelope **ret_envelope, struct hf_err *err);

/*
 * hf_envelope_decode - bytes to an envelope; verifies no signature
 *
 * @buf, @len  at most HF_MESSAGE_MAX bytes, checked before parsing
 * @ret_envelope  untouched unless HF_OK
 * Owner     as hf_envelope_new
 * Returns   HF_OK; HF_E_SIZE; HF_E_JSON; HF_E_SHAPE; HF_E_TYPE unknown type; HF_E_BASE64; HF_E_MEMORY
 * Source    proto/README.md "Envelope"
 */
HF_NODISCARD enum hf_rc hf_envelope_decode(const void *buf, size_t len, struct hf_envelope **ret_envelope,
					   struct hf_err *err);

/*
 * hf_envelope_from_json, hf_envelope_to_json - an envelope inside another document, or a file
 *
 * @json     borrowed object
 * Owner     as hf_envelope_new; the JSON is a new reference, the caller's (NULL: no memory)
 * Returns   as hf_envelope_decode
 * Source    proto/README.md "State"
 */
HF_NODISCARD enum hf_rc hf_envelope_from_json(json_t *json, struct hf_envelope **ret_envelope, struct hf_err *err);
json_t *hf_envelope_to_json(const struct hf_envelope *envelope);

/*
 * hf_envelope_encode - an envelope to bytes for the bus or a file
 *
 * @ret, @ret_len  malloc'ed with an end mark that is not counted; the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SIZE larger than HF_MESSAGE_MAX; HF_E_MEMORY
 * Source    proto/README.md "Envelope"
 */
HF_NODISCARD enum hf_rc hf_envelope_encode(const struct hf_envelope *envelope, char **ret, size_t *ret_len,
					   struct hf_err *err);

/*
 * hf_envelope_copy - a second envelope with the same content
 *
 * Owner     as hf_envelope_new
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_envelope_copy(const struct hf_envelope *envelope, struct hf_envelope **ret_envelope);

/*
 * hf_envelope_sign - add this key's signature; signing twice changes nothing
 *
 * Owner     the envelope stays the caller's
 * Returns   HF_OK; HF_E_SIZE HF_SIGNATURES_MAX reached; HF_E_MEMORY
 * Source    DSSE 1.0.2 PAE
 */
HF_NODISCARD enum hf_rc hf_envelope_sign(struct hf_envelope *envelope, const struct hf_key *key, struct hf_err *err);

/*
 * hf_envelope_signed_by - does any of the signatures verify with this key
 *
 * Tries signatures whose keyid fits first, then the others: keyid is a hint only.
 * @ret_index  which signature; may be NULL; untouched unless true
 * Returns   true or false
 * Source    DSSE 1.0.2
 */
bool hf_envelope_signed_by(const struct hf_envelope *envelope, const struct hf_pub *pub, size_t *ret_index);

/*
 * hf_envelope_signature_ok - does this one signature verify with this key
 *
 * @index    below n_signatures
 * Returns   true or false
 * Source    DSSE 1.0.2
 */
bool hf_envelope_signature_ok(const struct hf_envelope *envelope, size_t index, const struct hf_pub *pub);

/*
 * hf_envelope_merge - add to mine the signatures of heard that mine has not, in a fixed order
 *
 * The result does not depend on which of the two is heard first.
 * @mine, @heard  of one digest
 * @ret_new  true if mine grew; may be NULL
 * Owner     mine is changed; heard stays the caller's
 * Returns   HF_OK; HF_E_MISMATCH other digest; HF_E_SIZE more than HF_SIGNATURES_MAX together
 * Source    proto/README.md "The join"
 */
HF_NODISCARD enum hf_rc hf_envelope_merge(struct hf_envelope *mine, const struct hf_envelope *heard, bool *ret_new);

/*
 * hf_envelope_join - more approvals of one that is held; where there is no room for all, those that are enough stay
 *
 * @mine, @heard  of one digest; they change places where those of heard stay
 * @enough   those of heard are enough, and those of mine are not
 * Returns   true if mine has others now
 * Source    proto/README.md "The join"
 */
bool hf_envelope_join(struct hf_envelope **mine, struct hf_envelope **heard, bool enough);

/*
 * hf_envelope_prove, hf_envelope_unprove - carry this proof from now on, in place of another; or none
 *
 * @proof    copied; NULL: none
 * Owner     the envelope stays the caller's; unchanged unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_envelope_prove(struct hf_envelope *envelope, const struct hf_proof *proof);
void hf_envelope_unprove(struct hf_envelope *envelope);

/*
 * hf_envelope_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_envelope_free(struct hf_envelope **envelope);

#endif
