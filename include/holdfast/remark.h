/* SPDX-License-Identifier: MIT */
/*
 * remark.h - what one officer says of a draft: that they take back their own approval, or that they refuse it and why; of a
 * register: that whoever was withdrawn by it has no access at the platform any more; or a note for the record of anything
 * that was decided: why
 */
#ifndef HOLDFAST_REMARK_H
#define HOLDFAST_REMARK_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/time.h>

#define HF_REMARK_OF_MAX 8 /* the parts of one register */

#define HF_NOTE_MAX 4000   /* bytes of a note: a page */

enum hf_remark_act { HF_REMARK_WITHDRAW, HF_REMARK_REFUSE, HF_REMARK_CONFIRM, HF_REMARK_NOTE, HF_REMARK_ACT_COUNT };

struct hf_remark {
	json_t *doc; /* owns every text below */
	struct hf_digest digest;
	const char *council;
	enum hf_remark_act act;
	struct hf_digest *of; /* drafts, by their digest; of a confirmation the register in force; of a note what it is about */
	size_t n_of;
	struct hf_wall at;
	const char *reason; /* NULL: none is said; never of a refusal; of a note what it says */
	struct hf_wall happened; /* of a note alone: when that was which it tells of; 0: it is not said */
	const char *account, *person; /* whose access is gone; of a confirmation alone, else NULL */
};

#define hf_auto_remark __attribute__((cleanup(hf_remark_free)))

/*
 * hf_remark_act_name - "withdraw", "refuse", "confirm", "note"
 *
 * Source    proto/README.md "Remark"
 */
const char *hf_remark_act_name(enum hf_remark_act act);

/*
 * hf_remark_decode - the payload of a remark envelope; verifies no signature (see known.h)
 *
 * @ret_remark  the caller's, to hf_remark_free; untouched unless HF_OK
 * Owner     see ret_remark
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Remark"
 */
HF_NODISCARD enum hf_rc hf_remark_decode(const struct hf_envelope *envelope, struct hf_remark **ret_remark,
					 struct hf_err *err);

/*
 * hf_remark_encode - it as the JSON of its payload
 *
 * @remark   doc and digest are not looked at
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Remark"
 */
json_t *hf_remark_encode(const struct hf_remark *remark);

/*
 * hf_remark_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_remark_free(struct hf_remark **remark);

#endif
