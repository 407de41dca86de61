/* SPDX-License-Identifier: MIT */
/*
 * trust.h - who the people, roles, rules and controllers of a council are; signed by its roots
 */
#ifndef HOLDFAST_TRUST_H
#define HOLDFAST_TRUST_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/merkle.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_ROOTS_MAX 8
#define HF_CONTROLLERS_MAX 8
#define HF_PEOPLE_MAX 256
#define HF_KEYS_MAX 4 /* of one person: old and new, file and passkey */
#define HF_AFFIRMED_MAX 256
#define HF_PERSON_NAME_MAX 100 /* bytes of a name that screens show */
#define HF_ROLES_MAX 32 /* of one person or one rule; the default rules know six roles in all */
#define HF_VOIDS_MAX 64 /* a register and the assignments that a thief of two people's keys could write before the roots act */

/* What a rule is about. An exercise of either kind is of kind HF_RULE_EXERCISE. */
/* clang-format off */
enum hf_rule_kind { HF_RULE_EMERGENCY, HF_RULE_PURDAH, HF_RULE_EXERCISE, HF_RULE_REGISTER, HF_RULE_ASSIGNMENT,
		    HF_RULE_EXEMPT, HF_RULE_RECOVER, HF_RULE_RECORD, HF_RULE_BROKERS, HF_RULE_GLASS, HF_RULE_KIND_COUNT };
/* Emergency and purdah have raise and release, the record has erase, the brokers add and change, the glass its sides; all others `approve`, and the assignment `loosen` beside it. */
enum hf_rule_act { HF_RULE_RAISE, HF_RULE_RELEASE, HF_RULE_APPROVE, HF_RULE_LOOSEN, HF_RULE_ERASE, HF_RULE_ADD, HF_RULE_CHANGE, HF_RULE_A, HF_RULE_B,
		   HF_RULE_ACT_COUNT };
/* clang-format on */

/* `need` different people, each with one of `roles`; to loosen or change, one of each role among them. */
struct hf_rule {
	enum hf_rule_kind kind;
	enum hf_rule_act act;
	struct hf_strs roles;
	int64_t need;
	bool assumed; /* the document has no such row: this is its default */
};

/* Is a different person wanted for each role of a rule of this act. */
#define HF_RULE_OF_EACH(act) ((act) == HF_RULE_LOOSEN || (act) == HF_RULE_CHANGE)

struct hf_person {
	const char *id;
	const char *name; /* that screens show beside the id; NULL: none */
	struct hf_strs roles;
	struct hf_pub keys[HF_KEYS_MAX];
	size_t n_keys;
};

struct hf_controller_key {
	const char *id;
	struct hf_pub pub;
};

/* A register, assignment or list of brokers that the roots set aside: it stays in force until a successor is heard. */
struct hf_void {
	struct hf_digest digest;
	int64_t from_version; /* the lowest that may follow it */
};

struct hf_trust {
	json_t *doc;		 /* owns every text below */
	struct hf_digest digest; /* of the envelope it came in */
	const char *council;
	int64_t epoch; /* 1 for the first; N is followed by N + 1 */
	struct hf_wall issued;
	struct hf_pub roots[HF_ROOTS_MAX];
	size_t n_roots;
	struct hf_strs root_names; /* whose each of them is; none: the document does not say */
	int64_t threshold; /* different roots that must sign */
	struct hf_controller_key controllers[HF_CONTROLLERS_MAX];
	size_t n_controllers;
	struct hf_person *people;
	size_t n_people;
	struct hf_rule rules[HF_RULE_KIND_COUNT * HF_RULE_ACT_COUNT];
	size_t n_rules;
	struct hf_digest *affirmed; /* orders that stay valid although a signer has gone */
	size_t n_affirmed;
	struct hf_merkle_head assignments; /* over the assignments that stay valid although a signer has gone; size 0: none */
	struct hf_wall void_before; /* orders made before it are void, but for the affirmed */
	struct hf_void voids[HF_VOIDS_MAX];
	size_t n_voids;
};

#define hf_auto_trust __attribute__((cleanup(hf_trust_free)))

/*
 * hf_rule_kind_name, hf_rule_act_name - the words of a rule, "emergency" ... and "raise" ...
 *
 * Owner     static text
 * Returns   the word
 * Source    proto/README.md "Trust"
 */
const char *hf_rule_kind_name(enum hf_rule_kind kind);
const char *hf_rule_act_name(enum hf_rule_act act);

/*
 * hf_trust_decode - the payload of a trust envelope; verifies no signature
 *
 * Refuses keys of small order, a key that two people or two offices share, a person or role twice, missing or double
 * rules (but a row that the version before did not know: without it, its default holds), a live release or exempt or register rule that one person alone could meet, a threshold above the roots,
 * or somebody who may sign both sides of break-glass.
 * @envelope   of type HF_DOC_TRUST
 * @ret_trust  the caller's, to hf_trust_free; untouched unless HF_OK
 * Owner     see ret_trust; nothing of the envelope is kept
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_KEY; HF_E_RULE; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_trust_decode(const struct hf_envelope *envelope, struct hf_trust **ret_trust,
					struct hf_err *err);

/*
 * hf_trust_encode - a trust as the JSON of its payload
 *
 * @trust    doc and digest are not looked at
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Trust"
 */
json_t *hf_trust_encode(const struct hf_trust *trust);

/*
 * hf_trust_open - decode a trust and check that it may follow the one that is held
 *
 * @held     NULL: the envelope must be signed by a threshold of its own roots (the first one, taken on enrolment)
 *           else: same council, epoch one higher, signed by a threshold of both old and new roots
 * Owner     as hf_trust_decode
 * Returns   as hf_trust_decode; HF_E_SIGNATURE too few roots signed; HF_E_COUNCIL; HF_E_EPOCH a gap;
 *           HF_E_RULE one root would be enough where two were; HF_E_ROLLBACK an older one; HF_E_FORK same epoch, other content (the very same one again: HF_OK)
 * Source    proto/README.md "Trust", "When people change"
 */
HF_NODISCARD enum hf_rc hf_trust_open(const struct hf_envelope *envelope, const struct hf_trust *held,
				      struct hf_trust **ret_trust, struct hf_err *err);

/*
 * hf_trust_is_root, hf_trust_roots_signed - is this the key of a root; how many of the roots have signed
 *
 * Source    proto/README.md "Trust"
 */
bool hf_trust_is_root(const struct hf_trust *trust, const struct hf_pub *pub);
size_t hf_trust_roots_signed(const struct hf_trust *trust, const struct hf_envelope *envelope);

/* How many roots have signed, of how many that must. */
struct hf_roots_signed {
	size_t have, need;
};

/*
 * hf_trust_progress - of the roots of both trusts, those of the side that lacks signatures
 *
 * Source    proto/README.md "Trust"
 */
void hf_trust_progress(const struct hf_trust *held, const struct hf_trust *next, const struct hf_envelope *envelope,
		       struct hf_roots_signed *ret);

/*
 * hf_trust_person_of_key, hf_trust_person, hf_trust_controller, hf_trust_rule, hf_trust_affirms, hf_trust_void - look-ups
 *
 * A rule that a trust may leave out is there with its default.
 * Owner     what is returned belongs to the trust
 * Returns   NULL (false) when there is none
 */
const struct hf_person *hf_trust_person_of_key(const struct hf_trust *trust, const struct hf_pub *pub);
const struct hf_person *hf_trust_person(const struct hf_trust *trust, const char *id);
const struct hf_controller_key *hf_trust_controller(const struct hf_trust *trust, const char *id);
const struct hf_rule *hf_trust_rule(const struct hf_trust *trust, enum hf_rule_kind kind, enum hf_rule_act act);
bool hf_trust_affirms(const struct hf_trust *trust, const struct hf_digest *order);
const struct hf_void *hf_trust_void(const struct hf_trust *trust, const struct hf_digest *document);

/* Room for a name, and the id in brackets behind it. */
#define HF_PERSON_TEXT_SIZE (HF_PERSON_NAME_MAX + HF_ID_SIZE + 3)

/*
 * hf_trust_person_text, hf_person_text - how screens call somebody: "Anna Price (comms-1)", or the id alone
 *
 * A name is shown and never judged by: what is typed, compared and signed is the id.
 * @trust    NULL: nobody has a name
 * @id       also of somebody whom the trust does not have
 * @text     room for it
 * Owner     borrowed: in text, or the id itself
 * Returns   what they are called
 * Source    proto/README.md "Trust"
 */
const char *hf_trust_person_text(const struct hf_trust *trust, const char *id, char text[HF_PERSON_TEXT_SIZE]);
const char *hf_person_text(const struct hf_person *person, char text[HF_PERSON_TEXT_SIZE]);

/* Room for whose a root is, and the first characters of its keyid. */
#define HF_ROOT_TEXT_SIZE (HF_PERSON_NAME_MAX + HF_KEYID_SIZE + 8)

/*
 * hf_trust_root_text - how screens call a root: "Chief Executive (root 0b046b83)", or "root 0b046b83"
 *
 * @i        below n_roots
 * @text     room for it
 * Returns   text
 * Source    proto/README.md "Trust"
 */
const char *hf_trust_root_text(const struct hf_trust *trust, size_t i, char text[HF_ROOT_TEXT_SIZE]);

/*
 * hf_trust_controller_now - the name that the key of this controller has in a later trust
 *
 * Owner     belongs to the later trust
 * Returns   NULL: the key has left
 * Source    proto/README.md "Time"
 */
const char *hf_trust_controller_now(const struct hf_trust *before, const char *id, const struct hf_trust *later);

/*
 * hf_trust_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_trust_free(struct hf_trust **trust);

#endif
