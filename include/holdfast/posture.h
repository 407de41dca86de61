/* SPDX-License-Identifier: MIT */
/*
 * posture.h - for one person on one device: which tools and accounts are open, guarded or blocked, and why
 */
#ifndef HOLDFAST_POSTURE_H
#define HOLDFAST_POSTURE_H

#include <holdfast/lockdowns.h>
#include <holdfast/register.h>
#include <holdfast/versions.h>

/* This person has read and acknowledged this text of the instructions of this lockdown. */
struct hf_ack {
	struct hf_digest lockdown;
	struct hf_digest
		text; /* hf_instructions_digest: another text asks again, an amendment of the same text does not */
	char person[HF_ID_SIZE];
	struct hf_wall at;
};

/* A posting window that is open now on this device. */
struct hf_pass {
	char account[HF_ID_SIZE * 2];
	char person[HF_ID_SIZE];
};

/* What the device itself adds. */
struct hf_facts {
	const struct hf_ack *acks;
	size_t n_acks;
	const struct hf_pass *passes;
	size_t n_passes;
	bool unknown; /* what was known is lost: everything is blocked, but for designated officers, until people say what holds */
	bool glass; /* it is opened by the halves of two officers: what orders shut is open, whatever they say */
	const struct hf_trust *trust; /* says who they are; NULL: nobody */
};

/* One body of one lockdown as it bears on this person. */
struct hf_hold {
	const struct hf_lockdown *lockdown;
	const struct hf_heard *body;
	enum hf_level level; /* of the order, lowered to open by exemption, acknowledgement, exercise */
	bool exercise;
	bool exempt;
	bool to_read;	       /* guard: this person has still to acknowledge the instructions */
	struct hf_digest text; /* of the instructions of this body: what an acknowledgement names */
};

struct hf_tool_posture {
	const struct hf_tool *tool;
	enum hf_level level;	   /* strongest of the holds that bear on it, less an open pass */
	const struct hf_hold *why; /* the strongest hold; NULL when open, or when all is unknown or somebody is over */
};

struct hf_account_posture {
	const struct hf_account *account;
	enum hf_level level;
	const struct hf_hold *why;
	const struct hf_holding *holding; /* its message, of the strongest hold that has one; NULL when none */
	const struct hf_hold *holding_of; /* the hold that has it; look whether it is an exercise before showing it */
	bool holder;			  /* this person holds the account now */
	bool poster;			  /* this person is the one named to post the holding message, and a holder */
};

/* Points into lockdowns and register. */
struct hf_posture {
	enum hf_level level; /* the strongest of all tools */
	bool unknown; /* what was known is lost */
	bool spared;  /* and this person is a designated officer, whom that alone does not shut out */
	bool over;    /* somebody's share of orders is full: see lockdowns.h */
	struct hf_hold *holds; /* that bear on this device, live first, then exercises */
	size_t n_holds;
	struct hf_tool_posture *tools; /* one for each tool of the register, in its order */
	size_t n_tools;
	struct hf_account_posture *accounts; /* one for each account of the register, in its order */
	size_t n_accounts;
};

#define hf_auto_posture __attribute__((cleanup(hf_posture_done)))

/* What the posture follows from. */
struct hf_posture_ask {
	const struct hf_lockdowns *lockdowns;
	const struct hf_register *reg;		/* may be NULL: then no tools and no accounts */
	const struct hf_versions *versions;	/* of the device's assignment; none: a device of no group and nobody */
	const struct hf_facts *facts;
	const struct hf_pair *who; /* of versions; NULL: anybody else on this device */
	struct hf_now now;
};

/*
 * hf_pair_exempt, hf_pair_posts - is whoever has this login exempt from an order, the poster of a holding message
 *
 * @who      NULL: nobody
 * Returns   true only for a pair that counts
 * Source    proto/README.md "Assignment"
 */
bool hf_pair_exempt(const struct hf_pair *who, const struct hf_body *body);
bool hf_pair_posts(const struct hf_pair *who, const struct hf_holding *holding);

/*
 * hf_officer_designated - is whoever has this login a designated officer by this trust and register
 *
 * One who may raise an emergency, and holds an account now.
 * @trust, @reg, @who  may be NULL (then false)
 * @now      the later of the two clocks
 * Returns   true only for a pair that counts
 * Source    policy D9.1
 */
bool hf_officer_designated(const struct hf_trust *trust, const struct hf_register *reg, const struct hf_pair *who,
			   struct hf_wall now);

/*
 * hf_posture_of - the posture of one person on one device
 *
 * Pure. A lockdown bears on a device if its groups cover one of the device's groups ("*" covers all), and is in force.
 * Accounts "*": it bears on every tool, for everybody. Named accounts: on the tools of their platforms, for the people
 * who hold one of them now. The strongest hold wins; an exempt person is open in that lockdown alone; an exercise
 * never lowers or raises anything; a pass opens its account's platform for its person: a tool that is shut for another
 * platform, too, stays shut.
 * @ret_posture to hf_posture_done; untouched unless HF_OK
 * Owner     see ret_posture
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Posture"; proto/README.md "Acknowledging"; policy D9.1-9.3, D10
 */
HF_NODISCARD enum hf_rc hf_posture_of(const struct hf_posture_ask *ask, struct hf_posture *ret_posture,
				      struct hf_err *err);

/*
 * hf_posture_done - free the arrays, zero the struct
 *
 * Owner     ends
 */
void hf_posture_done(struct hf_posture *posture);

#endif
