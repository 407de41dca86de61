/* SPDX-License-Identifier: MIT */
/*
 * london.h - the local time of Europe/London, without asking the machine
 */
#ifndef HOLDFAST_LONDON_H
#define HOLDFAST_LONDON_H

#include <stdbool.h>

#include <holdfast/day.h>
#include <holdfast/time.h>

/*
 * hf_london_summer - does summer time hold in Europe/London at this moment
 *
 * From 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October.
 * @t        from 1996 on, when the rule was made
 * Returns   true or false
 * Source    Summer Time Act 1972 s.1, as amended by the Summer Time Order 2002
 */
bool hf_london_summer(struct hf_wall t);

/*
 * hf_london_wall - the moment when clocks in London show this day and time
 *
 * A time that the spring change leaves out is taken as if the change had not come yet; of a time that comes twice in
 * autumn the first is meant.
 * @minute   minutes since midnight, 0..1439
 * Returns   UTC seconds
 * Source    as hf_london_summer
 */
struct hf_wall hf_london_wall(struct hf_day day, int minute);

/*
 * hf_london_often - how often clocks in London show this day and time: never in spring's hour, twice in autumn's
 *
 * @minute   as hf_london_wall
 * Returns   0, 1 or 2
 * Source    as hf_london_summer
 */
int hf_london_often(struct hf_day day, int minute);

/*
 * hf_london_text - a moment as clocks in London show it, "2027-03-31 00:01 BST"
 *
 * @text     room for HF_WALL_TEXT_SIZE
 * Owner     the caller's buffer
 * Returns   text; as hf_wall_text outside 1970..9999 and for 0
 * Source    as hf_london_summer
 */
const char *hf_london_text(struct hf_wall t, char text[HF_WALL_TEXT_SIZE]);

#endif
