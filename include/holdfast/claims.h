/* SPDX-License-Identifier: MIT */
/*
 * claims.h - which device was the first to take each posting window, as controllers repeat it: it denies, never opens
 */
#ifndef HOLDFAST_CLAIMS_H
#define HOLDFAST_CLAIMS_H

#include <holdfast/posting.h>
#include <holdfast/state.h>
#include <holdfast/str.h>
#include <holdfast/trust.h>

#define HF_CLAIMS_MAX 256 /* the newest of one controller: more accounts than a council has, with a poster each */
#define HF_CLAIMS_ALL (HF_CLAIMS_MAX * HF_CONTROLLERS_MAX) /* so that no controller's words crowd out another's */
#define HF_ACCOUNT_SIZE (2 * HF_ID_SIZE) /* an account's id, with its end mark */

/* What one controller says of one window: of one lockdown, account, person and text. */
struct hf_claim {
	struct hf_digest lockdown;
	char account[HF_ACCOUNT_SIZE];
	char person[HF_ID_SIZE];
	char device[HF_ID_SIZE];
	enum hf_posting_state state;
	struct hf_wall at;
	char post[HF_POST_SIZE];
	struct hf_digest text; /* zeros: a controller of the version before said it, of any text */
	/* the newest state that says so */
	struct hf_wall issued;
	int64_t seq;
	char controller[HF_ID_SIZE];
};

/* Each window once for each controller. Start it zeroed. */
struct hf_claims {
	struct hf_claim *v;
	size_t n, room;
};

/* What the controllers' word is to a device that wants the window. */
/* clang-format off */
enum hf_claimed { HF_CLAIMED_NOT, HF_CLAIMED_HERE, HF_CLAIMED_ELSEWHERE };
/* clang-format on */

/*
 * hf_claims_find - the newest claim of this window; hf_claims_word - what it means for this device
 *
 * @window   its lockdown, account, person and text are looked at; a claim of no text is of any
 * Owner     belongs to the set, until it is changed
 * Returns   NULL when there is none; the word
 * Source    proto/README.md "Posting"
 */
const struct hf_claim *hf_claims_find(const struct hf_claims *claims, const struct hf_posting *window);
enum hf_claimed hf_claims_word(const struct hf_claims *claims, const struct hf_posting *window, const char *device);

/*
 * hf_claims_used_by_another - who else had the window of this text: it was open, or it is posted
 *
 * Who says that they cannot post leaves the message to whom the officers name next.
 * @window   its lockdown, account, person and text are looked at
 * Returns   belongs to the set; NULL when nobody had
 * Source    proto/README.md "Posting"
 */
const struct hf_claim *hf_claims_used_by_another(const struct hf_claims *claims, const struct hf_posting *window);

/*
 * hf_claims_reserve - make room for n more, so that hf_claims_join needs no memory
 *
 * Owner     the set owns its array
 * Returns   HF_OK; HF_E_MEMORY (nothing changed)
 */
HF_NODISCARD enum hf_rc hf_claims_reserve(struct hf_claims *claims, size_t n);

/*
 * hf_claims_join - hear the claims of one page of a state that was verified
 *
 * Of two words about one window the one of the later state counts, and of more than HF_CLAIMS_MAX windows of one
 * controller the newest stay: the end does not depend on the order of hearing.
 * @claims   has room for all of the page
 * @state    its claims are copied
 * Returns   true if what is said of some window is another thing now
 * Source    proto/README.md "Posting"
 */
bool hf_claims_join(struct hf_claims *claims, const struct hf_state *state);

/*
 * hf_claims_follow - forget the words of controllers whose keys have left the trust
 *
 * @later    the trust that follows before; a key may have another id in it
 * Source    proto/README.md "Time"
 */
void hf_claims_follow(struct hf_claims *claims, const struct hf_trust *before, const struct hf_trust *later);

/*
 * hf_claims_encode, hf_claims_decode - the set as JSON and back
 *
 * @list     borrowed array; NULL: an empty set
 * @ret      to hf_claims_done; untouched unless HF_OK
 * Owner     a new reference, the caller's; see ret
 * Returns   the array, NULL no memory; HF_OK, or the reason why it is none
 * Source    proto/README.md "Failing"
 */
json_t *hf_claims_encode(const struct hf_claims *claims);
HF_NODISCARD enum hf_rc hf_claims_decode(json_t *list, struct hf_claims *ret, struct hf_err *err);

/*
 * hf_claims_done - free all, zero the struct
 *
 * Owner     ends
 */
void hf_claims_done(struct hf_claims *claims);

#endif
