/* SPDX-License-Identifier: MIT */
/*
 * Owns when a device may be opened by two halves, and for how long it is.
 * Must never offer a slot twice, or let a reboot, a clock or a new start give anybody more time or more tries.
 */
#include "agent/rules/glass_slots.h"

#include <string.h>

static bool same_boot(const struct hf_glass_slots *slots, const struct hf_posting_time *time)
{
	return time->boot_id[0] && strcmp(slots->boot, time->boot_id) == 0;
}

static void note_boot(struct hf_glass_slots *slots, const struct hf_posting_time *time)
{
	if (hf_str_copy(slots->boot, sizeof(slots->boot), time->boot_id) != HF_OK)
		slots->boot[0] = '\0';
}

static bool is_used(const struct hf_glass_slots *slots, int64_t set, int64_t slot)
{
	return set < slots->set || (set == slots->set && (slots->used >> (slot - 1) & 1));
}

static int64_t next_slot(const struct hf_glass_slots *slots, const struct hf_glass_set *set)
{
	for (int64_t slot = 1; slot <= set->slots; slot++)
		if (!is_used(slots, set->set, slot))
			return slot;
	return 0;
}

/* Whole seconds, and none less. */
static int64_t seconds(int64_t ms)
{
	return ms > 0 ? (ms + 999) / 1000 : 0;
}

static int64_t wait_of(const struct hf_glass_case *matter)
{
	int64_t now = matter->time.boot.ms, silent = matter->fresh.ms + HF_GLASS_SILENT_S * 1000 - now, tried = 0;

	if (matter->slots->tries >= HF_GLASS_TRIES)
		tried = same_boot(matter->slots, &matter->time) ? matter->slots->wait_ms - now : HF_GLASS_WAIT_S * 1000;
	return seconds(silent > tried ? silent : tried);
}

static enum hf_rc is_for_this(const struct hf_glass_case *matter, const struct hf_glass_set *set, struct hf_err *err)
{
	const struct hf_known *known = matter->known;

	if (!matter->whole)
		return hf_err_set(err, HF_E_OTHER,
				  "This device does not know for sure what is in force, so halves open nothing here: ring IT.");
	if (!matter->pub || memcmp(matter->pub->b, known->glass[HF_GLASS_A].doc->pub.b, sizeof(matter->pub->b)) != 0 ||
	    memcmp(matter->pub->b, known->glass[HF_GLASS_B].doc->pub.b, sizeof(matter->pub->b)) != 0)
		return hf_err_set(err, HF_E_MISMATCH, "The halves of this device were made for another key of it: ring IT.");
	if (matter->slots->since.s > 0 && set->issued.s <= matter->slots->since.s)
		return hf_err_set(err, HF_E_VOID,
				  "The halves of this device were made before it lost what it knew, and open nothing: ring IT.");
	return HF_OK;
}

enum hf_rc hf_glass_offer_of(const struct hf_glass_case *matter, struct hf_glass_offer *ret, struct hf_err *err)
{
	struct hf_glass_set set;
	struct hf_glass_offer offer;
	enum hf_rc rc = hf_glass_now(matter->known, matter->time.wall, &set, err);

	if (rc == HF_OK)
		rc = is_for_this(matter, &set, err);
	if (rc != HF_OK)
		return rc;
	if (!matter->shut)
		return hf_err_set(err, HF_E_ABSENT, "Nothing is shut on this device.");
	offer = (struct hf_glass_offer){set.set, next_slot(matter->slots, &set), set.minutes, wait_of(matter)};
	if (offer.slot == 0)
		return hf_err_set(err, HF_E_ABSENT, "All halves of this device have been used: the council makes new ones.");
	*ret = offer;
	if (offer.wait_s > 0 && matter->slots->tries >= HF_GLASS_TRIES)
		return hf_err_set(err, HF_E_PENDING, "Wrong halves were typed too often: try again in %lld min.",
				  (long long)(offer.wait_s + 59) / 60);
	if (offer.wait_s > 0)
		return hf_err_set(err, HF_E_PENDING,
				  "The council's server may be back any moment: halves can be typed in %lld min.",
				  (long long)(offer.wait_s + 59) / 60);
	return HF_OK;
}

int64_t hf_glass_left_ms(const struct hf_glass_slots *slots, const struct hf_posting_time *time)
{
	if (slots->until_ms == 0 || !same_boot(slots, time) || time->boot.ms >= slots->until_ms)
		return 0;
	return slots->until_ms - time->boot.ms;
}

bool hf_glass_is_open(const struct hf_glass_slots *slots, const struct hf_posting_time *time)
{
	return hf_glass_left_ms(slots, time) > 0;
}

void hf_glass_count_try(struct hf_glass_slots *slots, const struct hf_posting_time *time)
{
	if (slots->tries >= HF_GLASS_TRIES)
		slots->tries = 0; /* it has waited */
	slots->tries++;
	slots->wrong++;
	slots->tried = (struct hf_wall){time->wall.s > 0 ? time->wall.s : 1};
	slots->wait_ms = slots->tries >= HF_GLASS_TRIES ? time->boot.ms + HF_GLASS_WAIT_S * 1000 : 0;
	note_boot(slots, time);
}

void hf_glass_open_slot(struct hf_glass_slots *slots, const struct hf_glass_offer *offer,
			const struct hf_posting_time *time)
{
	if (offer->set > slots->set) {
		slots->set = offer->set;
		slots->used = 0;
	}
	slots->used |= (int64_t)1 << (offer->slot - 1);
	slots->slot = offer->slot;
	slots->wrong--;
	slots->tries = slots->wait_ms = 0;
	slots->at = time->wall;
	slots->until_ms = time->boot.ms + offer->minutes * 60000;
	note_boot(slots, time);
}

bool hf_glass_shut(struct hf_glass_slots *slots)
{
	bool was = slots->until_ms != 0;

	slots->until_ms = 0;
	return was;
}

bool hf_glass_resume(struct hf_glass_slots *slots, const struct hf_posting_time *time)
{
	bool waits = slots->tries >= HF_GLASS_TRIES;

	if (same_boot(slots, time) || (slots->until_ms == 0 && !waits))
		return false;
	slots->until_ms = 0;
	if (waits)
		slots->wait_ms = time->boot.ms + HF_GLASS_WAIT_S * 1000;
	note_boot(slots, time);
	return true;
}

json_t *hf_glass_slots_encode(const struct hf_glass_slots *slots)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "set", (json_int_t)slots->set, "used",
			 (json_int_t)slots->used, "since", (json_int_t)slots->since.s, "wrong", (json_int_t)slots->wrong, "tried",
			 (json_int_t)slots->tried.s, "tries",
			 (json_int_t)slots->tries, "wait_ms", (json_int_t)slots->wait_ms, "slot", (json_int_t)slots->slot, "at",
			 (json_int_t)slots->at.s, "until_ms", (json_int_t)slots->until_ms, "boot", slots->boot);
}

enum hf_rc hf_glass_slots_decode(json_t *json, struct hf_glass_slots *ret, struct hf_err *err)
{
	struct hf_glass_slots s = {0};
	const char *boot = "";
	const struct hf_json_member members[] = {
		{.name = "set", .kind = HF_JSON_INT, .ret = &s.set, .max = HF_JSON_INT_MAX},
		{.name = "used", .kind = HF_JSON_INT, .ret = &s.used, .max = (1 << HF_GLASS_SLOTS_MAX) - 1},
		{.name = "since", .kind = HF_JSON_WALL, .ret = &s.since},
		{.name = "wrong", .kind = HF_JSON_INT, .ret = &s.wrong, .max = HF_JSON_INT_MAX},
		{.name = "tried", .kind = HF_JSON_WALL, .ret = &s.tried},
		{.name = "tries", .kind = HF_JSON_INT, .ret = &s.tries, .max = HF_GLASS_TRIES},
		{.name = "wait_ms", .kind = HF_JSON_INT, .ret = &s.wait_ms, .max = INT64_MAX},
		{.name = "slot", .kind = HF_JSON_INT, .ret = &s.slot, .max = HF_GLASS_SLOTS_MAX},
		{.name = "at", .kind = HF_JSON_WALL, .ret = &s.at},
		{.name = "until_ms", .kind = HF_JSON_INT, .ret = &s.until_ms, .max = INT64_MAX},
		{.name = "boot", .kind = HF_JSON_LINE0, .ret = &boot, .max = HF_BOOT_ID_SIZE - 1},
	};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);

	if (rc == HF_OK && hf_str_copy(s.boot, sizeof(s.boot), boot) != HF_OK)
		rc = hf_err_set(err, HF_E_SHAPE, "the name of a boot is too long");
	if (rc == HF_OK)
		*ret = s;
	return rc;
}
