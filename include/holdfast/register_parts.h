/* SPDX-License-Identifier: MIT */
/*
 * register_parts.h - the parts of registers that were heard, and which of them make the register in force
 */
#ifndef HOLDFAST_REGISTER_PARTS_H
#define HOLDFAST_REGISTER_PARTS_H

#include <holdfast/register.h>
#include <holdfast/trust.h>

#define HF_PARTS_WAITING_MAX 32 /* of four registers at their largest: one is written at a time */
#define HF_PARTS_HEARD_MAX (HF_REGISTER_PARTS_MAX + HF_PARTS_WAITING_MAX)

struct hf_part {
	struct hf_envelope *envelope; /* approved when it was heard, and by each trust since unless it is in force */
	int64_t version;
	struct hf_register_place place;
};

struct hf_parts {
	struct hf_part v[HF_PARTS_HEARD_MAX + 1]; /* one that comes has room before another goes; the highest version first, then the lowest digest */
	size_t n;
	struct hf_digest in_force[HF_REGISTER_PARTS_MAX]; /* of the register in force, part 1 first */
	size_t n_in_force;
};

/*
 * hf_parts_find - a part that was heard, in force or waiting; hf_parts_in_force - part i of the register in force, from
 * 0; hf_parts_are_in_force - is this one of them
 *
 * Owner     belongs to the set
 * Returns   NULL (false) when there is none
 * Source    proto/README.md "Register"
 */
const struct hf_envelope *hf_parts_find(const struct hf_parts *parts, const struct hf_digest *digest);
const struct hf_envelope *hf_parts_in_force(const struct hf_parts *parts, size_t i);
bool hf_parts_are_in_force(const struct hf_parts *parts, const struct hf_digest *digest);

/*
 * hf_parts_whole - the register that this part 1 begins, if every other part is in the set
 *
 * @first    may be in the set or not
 * @ret_register  NULL: a part is missing; else the caller's, to hf_register_free; untouched unless HF_OK
 * Owner     see ret_register
 * Returns   HF_OK; HF_E_TYPE it is no part 1; reasons of hf_register_decode and hf_register_join
 * Source    proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_parts_whole(const struct hf_parts *parts, const struct hf_envelope *first,
				       struct hf_register **ret_register, struct hf_err *err);

/*
 * hf_parts_done - free all, zero the struct
 *
 * Owner     ends
 */
void hf_parts_done(struct hf_parts *parts);

#endif
