/* SPDX-License-Identifier: MIT */
/*
 * blocks.h - an officer's text as items of a page: headings, lists, paragraphs, no marks, nothing that acts; pure
 */
#ifndef HOLDFAST_AGENT_DESK_BLOCKS_H
#define HOLDFAST_AGENT_DESK_BLOCKS_H

#include "agent/desk/page.h"

/*
 * hf_desk_blocks - add instructions to a page, a block an item
 *
 * Each line is read by hf_instructions_plain, so that the words are those of every other program. A text that is none
 * is shown as it came.
 * @text     of the order
 * Owner     copied
 * Source    proto/README.md "Instructions"; policy D10
 */
void hf_desk_blocks(struct hf_desk_writer *w, const char *text);

#endif
