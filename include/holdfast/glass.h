/* SPDX-License-Identifier: MIT */
/*
 * glass.h - break-glass: the document by which one side of officers lets a device be opened, and the halves that open it
 */
#ifndef HOLDFAST_GLASS_H
#define HOLDFAST_GLASS_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/key.h>
#include <holdfast/time.h>

#define HF_GLASS_SLOTS_MAX 16	     /* openings of one set: a device that needs more in a year needs a visit */
#define HF_GLASS_MINUTES_LEAST 5     /* of an opening */
#define HF_GLASS_MINUTES_MAX 240     /* as a posting window has at most */
#define HF_GLASS_LIFE_S (366 * 86400) /* twelve months, of whichever year */
#define HF_GLASS_HALF_LEN 13	     /* 12 characters of 5 bits, and the check */
#define HF_GLASS_HALF_SIZE (HF_GLASS_HALF_LEN + 1)
#define HF_GLASS_TYPED_MAX 64 /* bytes of what somebody types: 26 characters, and what they group them with */

/* clang-format off */
enum hf_glass_side { HF_GLASS_A, HF_GLASS_B, HF_GLASS_SIDES };
/* clang-format on */

struct hf_glass {
	json_t *doc; /* owns every text below */
	struct hf_digest digest;
	const char *council;
	const char *device;
	struct hf_pub pub; /* of the device: another key, another set */
	enum hf_glass_side side;
	int64_t set;
	struct hf_wall issued, until;
	int64_t minutes;	  /* that an opening lasts */
	struct hf_digest people; /* hf_glass_people of the trust that it was made under */
	struct hf_digest *verifiers; /* one a slot, from slot 1 */
	size_t n_verifiers;
};

#define hf_auto_glass __attribute__((cleanup(hf_glass_free)))

/* One half, as it is typed: without separators, upper case, with its check. */
struct hf_glass_half {
	char text[HF_GLASS_HALF_SIZE];
};

/* Which of the halves of a device. */
struct hf_glass_slot {
	const char *council, *device;
	struct hf_pub pub;
	enum hf_glass_side side;
	int64_t set, slot; /* from 1 */
};

/*
 * hf_glass_side_name - "a" or "b"
 *
 * Owner     static text
 * Returns   the word
 * Source    proto/README.md "Break-glass"
 */
const char *hf_glass_side_name(enum hf_glass_side side);

/*
 * hf_glass_decode - the payload of a glass envelope; verifies no approval (see known.h)
 *
 * @ret_glass  the caller's, to hf_glass_free; untouched unless HF_OK
 * Owner     see ret_glass
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_KEY; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_decode(const struct hf_envelope *envelope, struct hf_glass **ret_glass,
					struct hf_err *err);

/*
 * hf_glass_encode - it as the JSON of its payload
 *
 * @glass    doc and digest are not looked at
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Break-glass"
 */
json_t *hf_glass_encode(const struct hf_glass *glass);

/*
 * hf_glass_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_glass_free(struct hf_glass **glass);

/*
 * hf_glass_derive - the half of one slot, from the key of its side
 *
 * @key      of the side: of no person, and no other use
 * @ret      untouched unless HF_OK; the caller wipes it
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SIZE
 * Source    proto/README.md "Break-glass"; RFC 5869
 */
HF_NODISCARD enum hf_rc hf_glass_derive(const struct hf_key *key, const struct hf_glass_slot *slot,
					struct hf_glass_half *ret);

/*
 * hf_glass_verifier - what a half is known by, and cannot be made from: takes a tenth of a second and 32 MiB
 *
 * Pure, and may run on any thread.
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SIZE
 * Source    proto/README.md "Break-glass"; RFC 7914
 */
HF_NODISCARD enum hf_rc hf_glass_verifier(const struct hf_glass_half *half, const struct hf_glass_slot *slot,
					  struct hf_digest *ret);

/*
 * hf_glass_read - two halves from what somebody typed, in whichever order, grouped however they like
 *
 * Capitals and small letters are one; O is 0, I and L are 1; spaces and hyphens are passed over. The check of a half says
 * its side, so that a slip is seen before it costs a try.
 * @ret      by side; untouched unless HF_OK; the caller wipes them
 * Returns   HF_OK; HF_E_SIZE not 26 characters; HF_E_SHAPE a character that none has, a check that does not fit, or
 *           both of one side
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_read(const char *typed, struct hf_glass_half ret[HF_GLASS_SIDES], struct hf_err *err);

#define HF_GLASS_SHOWN_SIZE 20 /* "7K2M-9QXB-4T1Z-P" */

/*
 * hf_glass_shown - a half as it is read out, in groups of four
 *
 * Owner     shown is the caller's buffer; it wipes it
 * Returns   shown
 */
const char *hf_glass_shown(const struct hf_glass_half *half, char shown[HF_GLASS_SHOWN_SIZE]);

#endif
