/* SPDX-License-Identifier: MIT */
/*
 * account_link.h - a link to a profile, as people keep it in lists, and the account that it is of
 */
#ifndef HOLDFAST_OFFICE_ACCOUNT_LINK_H
#define HOLDFAST_OFFICE_ACCOUNT_LINK_H

#include <stdbool.h>

#include <holdfast/claims.h>

/*
 * hf_account_is_link - does this look like a link, and not like platform:handle
 */
bool hf_account_is_link(const char *text);

/*
 * hf_account_from_link - "https://www.facebook.com/council/?ref=x" is facebook:council
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE a link to a site that is not known here, or to no profile
 */
HF_NODISCARD enum hf_rc hf_account_from_link(const char *text, char ret[HF_ACCOUNT_SIZE]);

#endif
