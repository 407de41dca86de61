/* SPDX-License-Identifier: MIT */
/*
 * windows.h - which holding messages may have a posting window
 */
#ifndef HOLDFAST_WINDOWS_H
#define HOLDFAST_WINDOWS_H

#include <holdfast/lockdowns.h>
#include <holdfast/posting.h>

#define HF_WINDOWS_ALONE 2 /* that one approval gives of one lockdown and account: the message, and one that is new */

/*
 * hf_window_granted - may this holding message of a lockdown have a posting window
 *
 * Pure, and the same in whatever order the orders were heard: the first messages of that account, by revision and then
 * digest, have one each by one approval; any other only if an order that names it meets the rule of a release.
 * @raise    of the set; an exercise opens nothing, and is practised without end
 * Source    proto/README.md "Posting"; policy D9.3
 */
bool hf_window_granted(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_order *raise,
		       const struct hf_holding *holding);

/*
 * hf_holding_says - is this the text of a posting
 *
 * @text     zeros: of the version before, which knew no texts: any
 */
bool hf_holding_says(const struct hf_holding *holding, const struct hf_digest *text);

/*
 * hf_posting_of - the row of a holding message: whose, where, and which text
 *
 * Owner     texts belong to the holding message
 * Returns   a row without state
 * Source    proto/README.md "Posting"
 */
struct hf_posting hf_posting_of(const struct hf_digest *lockdown, const struct hf_holding *holding);

#endif
