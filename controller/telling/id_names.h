/* SPDX-License-Identifier: MIT */
/*
 * id_names.h - does an id say who somebody is: ids go into signed documents that nobody can take back
 *
 * Pure.
 */
#ifndef HOLDFAST_TELLING_ID_NAMES_H
#define HOLDFAST_TELLING_ID_NAMES_H

#include <stdbool.h>

/*
 * hf_id_says_name - has an id a part of this name between its hyphens
 *
 * @name     "" says nothing
 */
bool hf_id_says_name(const char *id, const char *name);

/*
 * hf_id_looks_like_name - is a part of an id a given name that many people have: "anna-price", "ben2"
 *
 * By a list: a name that is on none is not seen.
 */
bool hf_id_looks_like_name(const char *id);

#endif
