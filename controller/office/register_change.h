/* SPDX-License-Identifier: MIT */
/*
 * register_change.h - the register in force, and one thing in it that becomes another: what every draft of it begins with
 */
#ifndef HOLDFAST_OFFICE_REGISTER_CHANGE_H
#define HOLDFAST_OFFICE_REGISTER_CHANGE_H

#include "controller/office/catalogue.h"
#include "controller/office/compose.h"
#include "controller/office/council_view.h"
#include "controller/office/register_draft.h"

/* How much of one register another has not. */
struct hf_register_loss {
	size_t had;  /* accounts, holders, tools, addresses and programs */
	size_t lost; /* of them */
};

/* The lists of the next register, while they are changed. */
struct hf_change {
	const struct hf_register *held; /* in force; NULL: none */
	const char *council;
	int64_t version; /* of the next */
	struct hf_wall now;
	json_t *accounts, *tools, *words; /* as in a register; owned */
};

#define hf_auto_change __attribute__((cleanup(hf_change_done)))

/* A tool as it is to be; a list that is NULL stays as it was. */
struct hf_tool_wish {
	const char *id, *name;
	const struct hf_list *platforms, *addresses, *dedicated, *programs;
};

/*
 * hf_change_text - can this stand in a register at all
 *
 * Returns   HF_OK; HF_E_USAGE it is no UTF-8
 * Source    RFC 8259 section 8.1
 */
HF_NODISCARD enum hf_rc hf_change_text(const char *text, struct hf_err *err);

/*
 * hf_change_begin - the lists as they are in force
 *
 * @ret_change  zeroed before; to hf_change_done
 * Owner     held and council belong to the view
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_change_begin(const struct hf_view *view, struct hf_change *ret_change, struct hf_err *err);

/*
 * hf_change_account, hf_change_account_kind, hf_change_retire - a new account; another kind of one; one less
 *
 * @kind     "corporate", "departmental" or "campaign"
 * Returns   HF_OK; HF_E_ABSENT there is no such account; HF_E_MISMATCH there is one already; HF_E_USAGE what is said is no
 *           account, no kind; HF_E_SHAPE no tool reaches it; HF_E_MEMORY
 * Source    policy D2.1-2.2
 */
HF_NODISCARD enum hf_rc hf_change_account(struct hf_change *change, const char *account, const char *kind,
					  struct hf_err *err);
HF_NODISCARD enum hf_rc hf_change_account_kind(struct hf_change *change, const char *account, const char *kind,
					       struct hf_err *err);
HF_NODISCARD enum hf_rc hf_change_retire(struct hf_change *change, const char *account, struct hf_err *err);

/* A person and an account, and when that ends. */
struct hf_holder_wish {
	const char *account, *person;
	struct hf_wall until; /* 0: no end */
};

/*
 * hf_change_hold, hf_change_review, hf_change_withdraw - a holder more; another end; a holder less
 *
 * Returns   HF_OK; HF_E_ABSENT no such account, or that person does not hold it; HF_E_MISMATCH they hold it already;
 *           HF_E_USAGE no person, or an end that is past; HF_E_MEMORY
 * Source    policy D2.3, D2.9
 */
HF_NODISCARD enum hf_rc hf_change_hold(struct hf_change *change, const struct hf_holder_wish *wish,
				       struct hf_err *err);
HF_NODISCARD enum hf_rc hf_change_review(struct hf_change *change, const struct hf_holder_wish *wish,
					 struct hf_err *err);
HF_NODISCARD enum hf_rc hf_change_withdraw(struct hf_change *change, const struct hf_holder_wish *wish,
					   struct hf_err *err);

/*
 * hf_change_withdraw_all - a person holds nothing any more
 *
 * @ret_n    of how many accounts; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT they hold none
 * Source    policy D2.9
 */
HF_NODISCARD enum hf_rc hf_change_withdraw_all(struct hf_change *change, const char *person, size_t *ret_n,
					       struct hf_err *err);

/*
 * hf_change_tool, hf_change_tool_lists, hf_change_tool_remove - a tool more; other lists of one; a tool less
 *
 * Returns   HF_OK; HF_E_ABSENT; HF_E_MISMATCH; HF_E_USAGE what is said is no id; HF_E_SHAPE an account would be reached
 *           no more; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_change_tool(struct hf_change *change, const struct hf_tool_wish *wish, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_change_tool_lists(struct hf_change *change, const struct hf_tool_wish *wish,
					     struct hf_err *err);
HF_NODISCARD enum hf_rc hf_change_tool_remove(struct hf_change *change, const char *id, struct hf_err *err);

/*
 * hf_change_catalogue - the tools that a catalogue has for the platforms of the accounts, as it has them now
 *
 * Those of the register that the catalogue has not are the council's own, and stay.
 * @keep     ids of tools that stay as they are
 * Returns   HF_OK; HF_E_SHAPE an account would be reached no more; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_change_catalogue(struct hf_change *change, const struct hf_catalogue *catalogue,
					    const struct hf_list *keep, struct hf_err *err);

/*
 * hf_change_word, hf_change_word_remove - a word of the draft check more, or less
 *
 * @kind     "member", "ward", "candidate", "party" or "hashtag"; to remove: NULL: of whichever kind
 * Returns   HF_OK; HF_E_ABSENT there is none; HF_E_MISMATCH there is one already; HF_E_USAGE no such kind; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_change_word(struct hf_change *change, const char *text, const char *kind,
				       struct hf_err *err);
HF_NODISCARD enum hf_rc hf_change_word_remove(struct hf_change *change, const char *text, const char *kind,
					      struct hf_err *err);

/*
 * hf_change_draft - the register that the lists make
 *
 * Owner     as hf_register_draft_make
 * Returns   as hf_register_draft_make
 */
HF_NODISCARD enum hf_rc hf_change_draft(const struct hf_change *change, struct hf_register_draft *ret_draft,
					struct hf_err *err);

/*
 * hf_change_done - free all, zero the struct
 */
void hf_change_done(struct hf_change *change);

/*
 * hf_account_holder - this person as a holder of this account
 *
 * @account  may be NULL
 * Owner     belongs to the account
 * Returns   NULL they do not hold it
 */
const struct hf_holder *hf_account_holder(const struct hf_account *account, const char *person);

/*
 * hf_account_same, hf_tool_same, hf_register_has_word, hf_register_same - do both say the same; in whichever order
 */
bool hf_account_same(const struct hf_account *a, const struct hf_account *b);
bool hf_tool_same(const struct hf_tool *a, const struct hf_tool *b);
bool hf_register_has_word(const struct hf_register *reg, const struct hf_word *word);
bool hf_register_same(const struct hf_register *a, const struct hf_register *b);

/*
 * hf_register_loss, hf_register_much_smaller - what the next one takes out, and is that more than a fifth
 *
 * Pure. What is said in another order is not taken out.
 * Source    policy D2.1: a slip of one hand must not empty the register
 */
void hf_register_loss(const struct hf_register *held, const struct hf_register *next, struct hf_register_loss *ret);
bool hf_register_much_smaller(const struct hf_register_loss *loss);

#endif
