/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of an agent's memory.
 * Must never take part of a memory for the whole.
 */
#include "agent/rules/memory.h"

#include <string.h>

#include "agent/rules/refused.h"

#define VERSION 1

static json_t *seen_encode(const struct hf_started *seen)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < seen->n; i++) {
		if (json_array_append_new(list, hf_json_from_digest(&seen->v[i])) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

bool hf_memory_nonce(const struct hf_memory *memory)
{
	static const struct hf_digest none = {0};

	return hf_digest_cmp(&memory->nonce, &none) != 0;
}

/* What there is not always. */
static bool set_optional(const struct hf_memory *memory, json_t *json)
{
	if (hf_memory_nonce(memory) && json_object_set_new(json, "nonce", hf_json_from_digest(&memory->nonce)) != 0)
		return false;
	if (memory->restored.s > 0 &&
	    json_object_set_new(json, "restored", json_integer(memory->restored.s)) != 0)
		return false;
	if ((memory->brokers.n > 0 || memory->brokers.last.row) &&
	    json_object_set_new(json, "brokers", hf_brokers_met_encode(&memory->brokers)) != 0)
		return false;
	if ((memory->glass.boot[0] || memory->glass.since.s > 0) &&
	    json_object_set_new(json, "glass", hf_glass_slots_encode(&memory->glass)) != 0)
		return false;
	if (memory->saves > 0 && json_object_set_new(json, "saves", json_integer(memory->saves)) != 0)
		return false;
	return true;
}

static json_t *encode_always(const struct hf_memory *memory, int copy)
{
	json_int_t counter = (json_int_t)(memory->counter + HF_COUNTER_AHEAD);

	hf_auto_json json_t *object =
		json_pack("{s:i, s:i, s:i, s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "version", VERSION, "copy", copy,
			  "unknown", memory->unknown ? 1 : 0, "holding", memory->holding ? 1 : 0, "counter", counter,
			  "refused", hf_refused_json(memory->refused), "seen", seen_encode(&memory->seen), "shown",
			  hf_acks_encode(&memory->shown), "acknowledged", hf_acks_encode(&memory->acked), "passes",
			  hf_posting_windows_encode(&memory->windows), "known", hf_known_encode(&memory->known));

	if (!object ||
	    (hf_machine_any(&memory->machine) &&
	     json_object_set_new(object, "machine", hf_machine_put(&memory->machine)) != 0) ||
	    (memory->moved && json_object_set_new(object, "moved", json_integer(1)) != 0))
		return NULL;
	return json_incref(object);
}

json_t *hf_memory_encode(const struct hf_memory *memory, int copy)
{
	hf_auto_json json_t *json = encode_always(memory, copy);

	return json && set_optional(memory, json) ? json_incref(json) : NULL;
}

static enum hf_rc refused_decode(json_t *list, int64_t *refused, struct hf_err *err)
{
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		const char *name = NULL;
		int64_t count = 0;
		enum hf_rc reason;
		const struct hf_json_member members[] = {
			{.name = "reason", .kind = HF_JSON_LINE, .ret = &name, .max = 32},
			{.name = "count", .kind = HF_JSON_INT, .ret = &count, .max = INT64_MAX},
		};
		enum hf_rc rc = hf_json_take(row, members, HF_LEN(members), err);

		if (rc != HF_OK)
			return rc;
		if (hf_rc_from_name(name, &reason) != HF_OK)
			return hf_err_set(err, HF_E_SHAPE, "'%s' is no reason to refuse a message", name);
		refused[reason] = count;
	}
	return HF_OK;
}

static enum hf_rc seen_decode(json_t *list, struct hf_started *seen, struct hf_err *err)
{
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		struct hf_digest digest;
		const char *hex = json_string_value(row);
		enum hf_rc rc = hex ? hf_digest_from_hex(hex, &digest) : HF_E_SHAPE;

		if (rc == HF_OK)
			rc = hf_started_add(seen, &digest);
		if (rc != HF_OK)
			return hf_err_set(err, rc, "the list of lockdowns that were shown is damaged");
	}
	return HF_OK;
}

enum hf_rc hf_memory_decode(json_t *json, struct hf_memory *ret_memory, int *ret_copy, struct hf_err *err)
{
	hf_auto_memory struct hf_memory memory = {0};
	int64_t version = 0, copy = 0, unknown = 0, holding = 0, moved = 0;
	json_t *machine = NULL, *refused = NULL, *seen = NULL, *shown = NULL, *acked = NULL, *windows = NULL,
	       *known = NULL, *brokers = NULL, *glass = NULL;
	const struct hf_json_member members[] = {
		{.name = "version", .kind = HF_JSON_INT, .ret = &version, .max = VERSION},
		{.name = "copy", .kind = HF_JSON_INT, .ret = &copy, .max = 2},
		{.name = "unknown", .kind = HF_JSON_INT, .ret = &unknown, .max = 1},
		{.name = "holding", .kind = HF_JSON_INT, .ret = &holding, .max = 1},
		{.name = "counter", .kind = HF_JSON_INT, .ret = &memory.counter, .max = INT64_MAX / 2},
		{.name = "machine", .kind = HF_JSON_OBJECT, .ret = &machine, .optional = true},
		{.name = "moved", .kind = HF_JSON_INT, .ret = &moved, .max = 1, .optional = true},
		{.name = "refused", .kind = HF_JSON_ARRAY, .ret = &refused, .max = HF_RC_COUNT},
		{.name = "seen", .kind = HF_JSON_ARRAY, .ret = &seen, .max = HF_SET_MAX},
		{.name = "shown", .kind = HF_JSON_ARRAY, .ret = &shown, .max = HF_ACKS_MAX, .optional = true},
		{.name = "acknowledged", .kind = HF_JSON_ARRAY, .ret = &acked, .max = HF_ACKS_MAX, .optional = true},
		{.name = "passes",
		 .kind = HF_JSON_ARRAY,
		 .ret = &windows,
		 .max = HF_POSTING_WINDOWS_MAX,
		 .optional = true},
		{.name = "brokers", .kind = HF_JSON_OBJECT, .ret = &brokers, .optional = true},
		{.name = "glass", .kind = HF_JSON_OBJECT, .ret = &glass, .optional = true},
		{.name = "saves", .kind = HF_JSON_INT, .ret = &memory.saves, .max = INT64_MAX - 1, .optional = true},
		{.name = "nonce", .kind = HF_JSON_DIGEST, .ret = &memory.nonce, .optional = true},
		{.name = "restored", .kind = HF_JSON_INT, .ret = &memory.restored.s, .max = HF_WALL_MAX, .optional = true},
		{.name = "known", .kind = HF_JSON_OBJECT, .ret = &known},
	};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);

	if (rc == HF_OK && (version != VERSION || copy < 1))
		rc = hf_err_set(err, HF_E_SHAPE, "this agent's memory was written by another version");
	if (rc == HF_OK && machine)
		rc = hf_machine_take(machine, &memory.machine, err);
	if (rc == HF_OK)
		rc = refused_decode(refused, memory.refused, err);
	if (rc == HF_OK)
		rc = seen_decode(seen, &memory.seen, err);
	if (rc == HF_OK)
		rc = hf_acks_decode(shown, &memory.shown, err);
	if (rc == HF_OK)
		rc = hf_acks_decode(acked, &memory.acked, err);
	if (rc == HF_OK)
		rc = hf_posting_windows_decode(windows, &memory.windows, err);
	if (rc == HF_OK)
		rc = hf_brokers_met_decode(brokers, &memory.brokers, err);
	if (rc == HF_OK && glass)
		rc = hf_glass_slots_decode(glass, &memory.glass, err);
	if (rc == HF_OK)
		rc = hf_known_decode(known, &memory.known, err);
	if (rc != HF_OK)
		return rc;
	memory.unknown = unknown != 0;
	memory.holding = holding != 0;
	memory.moved = moved != 0;
	memory.counter_saved = memory.counter;
	*ret_memory = memory;
	*ret_copy = (int)copy;
	memset(&memory, 0, sizeof(memory));
	return HF_OK;
}

void hf_memory_counter_begin(struct hf_memory *memory, struct hf_wall local)
{
	if (memory->counter < local.s)
		memory->counter = local.s;
}

/* What can be read now takes the place of what was. */
static bool take_over(struct hf_machine *mine, const struct hf_machine *now)
{
	bool changed = false;

	for (size_t i = 0; i < HF_MACHINE_PARTS; i++) {
		if (!now->has[i] || (mine->has[i] && hf_digest_cmp(&mine->part[i], &now->part[i]) == 0))
			continue;
		mine->has[i] = changed = true;
		mine->part[i] = now->part[i];
	}
	return changed;
}

bool hf_memory_on(struct hf_memory *memory, const struct hf_machine *machine)
{
	if (memory->moved)
		return false;
	if (hf_machine_compare(&memory->machine, machine) != HF_MACHINE_OTHER)
		return take_over(&memory->machine, machine);
	memory->moved = memory->unknown = true;
	return true;
}

/* Newer than the one that waits; of one second the greater digest, so that the order of hearing leaves no trace. */
static bool is_newer(const struct hf_memory *memory, const struct hf_recover *recover)
{
	hf_auto_recover struct hf_recover *held = NULL;

	if (!memory->recover || hf_recover_open(&memory->known, memory->recover, &held, NULL) != HF_OK)
		return true;
	if (recover->issued.s != held->issued.s)
		return recover->issued.s > held->issued.s;
	return hf_digest_cmp(&recover->digest, &held->digest) > 0;
}

enum hf_rc hf_memory_take_recover(struct hf_memory *memory, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	hf_auto_envelope struct hf_envelope *copy = NULL;
	enum hf_rc rc = hf_recover_open(&memory->known, envelope, &recover, err);

	if (rc != HF_OK || !memory->unknown || !hf_memory_nonce(memory) ||
	    !hf_recover_names(recover, memory->known.device, &memory->nonce))
		return rc;
	if (!is_newer(memory, recover) && !hf_recover_ends(&memory->known, envelope, &memory->nonce))
		return HF_OK;
	if (hf_envelope_copy(envelope, &copy) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the word of the council's officers.");
	hf_envelope_free(&memory->recover);
	memory->recover = hf_steal_ptr(&copy);
	return HF_OK;
}

/* Which slots are used may be what was lost: what was made before that is over, opens nothing again. */
static void forget_glass(struct hf_memory *memory)
{
	hf_auto_recover struct hf_recover *recover = NULL;

	if (hf_recover_open(&memory->known, memory->recover, &recover, NULL) == HF_OK && recover->issued.s > memory->glass.since.s)
		memory->glass.since = recover->issued;
}

bool hf_memory_recover(struct hf_memory *memory)
{
	if (!memory->unknown || memory->moved || !memory->recover || !hf_memory_nonce(memory) ||
	    !hf_recover_ends(&memory->known, memory->recover, &memory->nonce))
		return false;
	forget_glass(memory);
	memory->unknown = false;
	memset(&memory->nonce, 0, sizeof(memory->nonce));
	hf_envelope_free(&memory->recover);
	return true;
}

void hf_memory_done(struct hf_memory *memory)
{
	hf_known_done(&memory->known);
	hf_envelope_free(&memory->recover);
	hf_started_done(&memory->seen);
	hf_acks_done(&memory->shown);
	hf_acks_done(&memory->acked);
	hf_posting_windows_done(&memory->windows);
	hf_brokers_met_done(&memory->brokers);
	memset(memory, 0, sizeof(*memory));
}
