/* SPDX-License-Identifier: MIT */
/*
 * council.h - a demo council in memory, for tests: its keys, trust, register, one device, and signed orders and states
 *
 * Keys come from fixed seeds, so every run makes the same bytes. What cannot be made ends the test program.
 */
#ifndef HOLDFAST_TESTS_COUNCIL_H
#define HOLDFAST_TESTS_COUNCIL_H

#include <holdfast/known.h>

/* A person at a login of their own that two approved; NULL: anybody else. */
#define COUNCIL_PAIR(who) ((who) ? &(const struct hf_pair){(who), "own", 1, true, true, true} : NULL)

/* What a device holds whose one assignment two approved. Borrowed. */
#define COUNCIL_VERSIONS(assignment)                                                                                   \
	&(const struct hf_versions)                                                                                    \
	{                                                                                                              \
		.v = &(struct hf_edition){.doc = (assignment), .two = true}, .n = 1                                    \
	}

#define COUNCIL_NAME "cannock-chase"
#define COUNCIL_DEVICE "d1"
#define COUNCIL_T 1767225600 /* 2026-01-01T00:00:00Z: when the council began */
#define COUNCIL_DAY 86400

/* Who signs: a set of these. COMMS_1_SECOND is another key of comms-1; STRANGER is of nobody. */
/* clang-format off */
enum council_who {
	NOBODY = 0,
	ROOT_1 = 1 << 0, ROOT_2 = 1 << 1, CONTROLLER = 1 << 2, DEVICE = 1 << 3, COMMS_1 = 1 << 4,
	COMMS_1_SECOND = 1 << 5, COMMS_2 = 1 << 6, MONITORING_1 = 1 << 7, ELECTIONS_1 = 1 << 8, IT_1 = 1 << 9,
	STRANGER = 1 << 10, SPARE = 1 << 11, /* a second controller of the trust */
	COUNCIL_KEYS = 12
};
/* clang-format on */

#define COUNCIL_PEOPLE 5

struct council {
	struct hf_key *keys[COUNCIL_KEYS];
	struct hf_person people[COUNCIL_PEOPLE];
	struct hf_envelope *trust, *reg, *assignment; /* epoch 1, version 1, version 1 */
};

#define council_auto __attribute__((cleanup(council_close)))

/*
 * council_open, council_close - make it, free it
 *
 * Owner     the caller's
 */
void council_open(struct council *council);
void council_close(struct council *council);

/*
 * council_pub - the public key of one
 *
 * @who      exactly one
 * Owner     a copy
 * Returns   the key
 */
struct hf_pub council_pub(const struct council *council, enum council_who who);

/*
 * council_sign - an envelope around a document, signed by these
 *
 * @json     taken over
 * @who      a set of enum council_who
 * Owner     the caller's, to hf_envelope_free
 * Returns   the envelope
 */
struct hf_envelope *council_sign(const struct council *council, enum hf_doc_type type, json_t *json, unsigned who);

/*
 * council_sign_more - these sign, too
 *
 * Owner     the envelope stays the caller's
 */
void council_sign_more(const struct council *council, struct hf_envelope *envelope, unsigned who);

/*
 * council_trust_doc, council_register_doc, council_assignment_doc, council_state_doc - the documents as structs, to be
 * changed by a test and signed with the functions below
 *
 * Owner     texts are static or the council's
 * Returns   a struct by value; not to be freed
 * Source    proto/README.md "Trust", "Register", "Assignment", "State"
 */
struct hf_trust council_trust_doc(const struct council *council);
struct hf_register council_register_doc(void);
struct hf_assignment council_assignment_doc(const struct council *council);
struct hf_state council_state_doc(const struct council *council, int64_t seq, struct hf_envelope **orders, size_t n);

struct hf_envelope *council_trust(const struct council *council, const struct hf_trust *trust, unsigned who);
struct hf_envelope *council_register(const struct council *council, const struct hf_register *reg, unsigned who);
struct hf_envelope *council_assignment(const struct council *council, const struct hf_assignment *doc, unsigned who);
struct hf_envelope *council_state(const struct council *council, const struct hf_state *state, unsigned who);

/*
 * council_raise_doc, council_amend_doc, council_release_doc - orders as structs, to be changed and signed
 *
 * A raise is of all accounts and all groups, live, from COUNCIL_T + 60; an emergency blocks, a purdah guards for 30
 * days. An amendment says the same again.
 * @of, @ids  what is amended, released; ids are borrowed
 * Owner     texts are static; not to be freed
 * Returns   a struct by value
 * Source    proto/README.md "Order"
 */
struct hf_order council_raise_doc(enum hf_kind kind);
struct hf_order council_amend_doc(enum hf_kind kind, const struct hf_envelope *of, int64_t rev);
struct hf_order council_release_doc(enum hf_kind kind, struct hf_digest *ids, size_t n);
struct hf_envelope *council_order(const struct council *council, const struct hf_order *order, unsigned who);

/*
 * council_list - a list of texts, "a b c" by static arrays: COUNCIL_LIST("x:one", "x:two")
 */
#define COUNCIL_LIST(...)                                                                                              \
	((struct hf_strs){(const char *[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)})

/*
 * council_begin - what device d1 knows after its enrolment: trust, register, assignment
 *
 * Owner     the caller's, to hf_known_done
 * Source    proto/README.md "Enrolment"
 */
void council_begin(const struct council *council, struct hf_known *ret_known);

/*
 * council_hear - encode an envelope and let a party hear it
 *
 * @ret_hearing  may be NULL
 * Owner     the envelope stays the caller's
 * Returns   as hf_known_hear
 */
enum hf_rc council_hear(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *ret_hearing);

#endif
