/* SPDX-License-Identifier: MIT */
/*
 * telling.h - who is told of an order, a draft, or an all-clear
 *
 * Pure: a function of orders, register, trust, people and time. No clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_TELLING_H
#define HOLDFAST_TELLING_TELLING_H

#include <holdfast/order.h>
#include <holdfast/register.h>
#include <holdfast/trust.h>

#include "controller/telling/contacts.h"

/* What somebody is told; by the name of its template. */
#define HF_TOLD_LIST(X)                                                                                                \
	X(HF_TOLD_POSTER, "poster")	      /* of one message: its text, what to do and by when */                   \
	X(HF_TOLD_HOLDER, "holder")	      /* not to post */                                                        \
	X(HF_TOLD_OFFICER, "officer")	      /* that it was raised */                                                 \
	X(HF_TOLD_COUNCIL, "council")	      /* the council's list */                                                 \
	X(HF_TOLD_OUTSIDE, "outside")	      /* administrators of an account whom no device of ours stops */          \
	X(HF_TOLD_DRAFT, "draft")	      /* that something waits for their approval */                            \
	X(HF_TOLD_SECOND, "second")	      /* that it is over */                                                    \
	X(HF_TOLD_INSTRUCTIONS, "instructions") /* of a pre-election period, at its start */                           \
	X(HF_TOLD_REMINDER, "reminder")	      /* that they have not acknowledged them */                               \
	X(HF_TOLD_TEST, "test")
#define HF_TOLD_ENUM(code, name) code,
enum hf_told_kind { HF_TOLD_LIST(HF_TOLD_ENUM) HF_TOLD_COUNT };
#undef HF_TOLD_ENUM

/* One person or machine to be told. */
struct hf_tell {
	enum hf_told_kind what;
	const struct hf_contact *to;
	struct hf_wall due;   /* not before */
	const char *channel;  /* see controller/telling/ways.h */
	const char *address;  /* as the channel has it */
};

/* All of them, each address of a channel once. Start it zeroed. */
struct hf_tellings {
	struct hf_tell *v; /* points into contacts and ways */
	size_t n, room;
	const char **without; /* people who should be told and have no address; each once */
	size_t n_without, without_room;
};

struct hf_ways;

/* What decides who is told. Borrowed. */
struct hf_telling_ask {
	const struct hf_register *reg; /* NULL: there is none */
	const struct hf_trust *trust;
	const struct hf_contacts *people;
	struct hf_wall now;
	int64_t remind_s; /* after the start of a period; 0: nobody is reminded */
	const struct hf_ways *ways; /* NULL: e-mail alone */
};

#define hf_auto_tellings __attribute__((cleanup(hf_tellings_done)))

/*
 * hf_told_name, hf_told_from_name - "poster", "holder" ...
 *
 * Owner     static text
 * Returns   the word; HF_TOLD_COUNT for one that is none
 */
const char *hf_told_name(enum hf_told_kind what);
enum hf_told_kind hf_told_from_name(const char *name);

/*
 * hf_telling_raise - who is told of a raise or an amendment
 *
 * Of an emergency: the holders of every account in scope, who may raise one, the council's list, and the administrators
 * outside of the council that stand among the people. Of a pre-election
 * period the same and the Members, at its start; its holders once more later, for who has acknowledged by then.
 * @ret      zeroed before; to hf_tellings_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.3, D10
 */
HF_NODISCARD enum hf_rc hf_telling_raise(const struct hf_telling_ask *ask, const struct hf_order *order,
					 struct hf_tellings *ret);

/*
 * hf_telling_draft - who is told that something waits for approval: who has a role that counts, and has not approved
 *
 * @roles    of the rule that is not met yet
 * @signed_by  people
 * Owner     as hf_telling_raise
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_telling_draft(const struct hf_telling_ask *ask, const struct hf_strs *roles,
					 const struct hf_strs *signed_by, struct hf_tellings *ret);

/*
 * hf_telling_holding - the messages of an order that this person posts, one after the other
 *
 * @after    NULL: the first
 * Owner     belongs to the order
 * Returns   NULL when there is no more
 * Source    policy D9.3
 */
const struct hf_holding *hf_telling_holding(const struct hf_order *order, const char *person,
					    const struct hf_holding *after);

/*
 * hf_tellings_done - free, zero
 */
void hf_tellings_done(struct hf_tellings *tellings);

#endif
