/* SPDX-License-Identifier: MIT */
/*
 * second_look.h - what in an order is probably a slip, said before it is signed; none of it stands in its way
 */
#ifndef HOLDFAST_OFFICE_SECOND_LOOK_H
#define HOLDFAST_OFFICE_SECOND_LOOK_H

#include "controller/office/sentence.h"

/*
 * hf_look_counts - how long a text is where it is to be posted, and what is taken there
 *
 * On X a character of most scripts but the Latin and those near it counts two, and on X and Mastodon an address counts 23.
 * @account  whose platform it is about
 * @ret_most untouched when false
 * Returns   false: nothing is known of that platform
 */
bool hf_look_counts(const char *account, const char *text, size_t *ret_count, size_t *ret_most);

/*
 * hf_look_is_known - has this person a role, or holds an account, by the trust and the register in force
 *
 * Returns   true, also when there is no register: nothing can be said then
 */
bool hf_look_is_known(const struct hf_view *view, const char *person);

/*
 * hf_look_words - a sentence for each: texts that are too long for their platform, people whom nobody knows, groups
 * without a device, a period that is over, a raise beside one of the same
 *
 * Nothing when the controller was not asked: what lies in a file is read long after it was signed.
 * Owner     the words' out
 * Source    policy D9.1: an officer raises at once
 */
void hf_look_words(const struct hf_words *words, const struct hf_order *order, const struct hf_body *body);

#endif
