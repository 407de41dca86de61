/* SPDX-License-Identifier: MIT */
/*
 * tongue.h - the language of the person who started a program
 */
#ifndef HOLDFAST_TONGUE_H
#define HOLDFAST_TONGUE_H

/*
 * hf_tongue_begin - sentences are looked up in a program's catalogue, in the language that the environment asks for
 *
 * Only messages follow it: numbers, times and the order of letters stay as they are.
 *
 * @catalogue   the name of its file in deploy/text, such as "holdfast"
 * Source       gettext(3), setlocale(3)
 */
void hf_tongue_begin(const char *catalogue);

#endif
