/* SPDX-License-Identifier: MIT */
/*
 * glass_key.h - at the terminal: whose side of break-glass somebody is, and the key of that side
 */
#ifndef HOLDFAST_CLI_GLASS_KEY_H
#define HOLDFAST_CLI_GLASS_KEY_H

#include <holdfast/glass.h>

#include "controller/cli/sign.h"

/*
 * hf_glass_side_of - which side this officer is of
 *
 * @officer  opened
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_ROLE of neither
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_side_of(const struct hf_officer *officer, enum hf_glass_side *ret, struct hf_err *err);

/*
 * hf_glass_ask_key - open the key of a side: it signs nothing, and is nobody's
 *
 * @path     NULL: it was not said
 * @ret_key  to hf_key_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE not said; HF_E_KEY it is that of a person or root of the trust; as hf_ask_key
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_ask_key(const struct hf_officer *officer, const char *path, struct hf_key **ret_key,
					 struct hf_err *err);

#endif
