/* SPDX-License-Identifier: MIT */
/*
 * Owns the step from postures to what the layers are told.
 * Must never leave a tool open that is closed to anybody, but for the users to whom it is open.
 */
#include "agent/rules/plan.h"

#include <stdlib.h>
#include <string.h>

/* One tool while a plan is being made. Texts are borrowed. */
struct draft {
	const char *tool, *name;
	/* of one plan, or of two that are joined */
	const struct hf_strs *addresses[2], *dedicated[2], *programs[2];
	const struct hf_block *limits; /* open_for and machine_wide */
};

struct drafts {
	struct draft *v;
	size_t n;
};

static int by_tool(const void *a, const void *b)
{
	return strcmp(((const struct draft *)a)->tool, ((const struct draft *)b)->tool);
}

/* The strings of one or two lists as a JSON array, none twice. */
static json_t *copy_lists(const struct hf_strs *const lists[2])
{
	hf_auto_json json_t *array = json_array();

	for (size_t l = 0; l < 2 && array; l++) {
		for (size_t i = 0; lists[l] && i < lists[l]->n; i++) {
			if (l == 1 && lists[0] && hf_strs_has(lists[0], lists[l]->v[i]))
				continue;
			if (json_array_append_new(array, json_string(lists[l]->v[i])) != 0)
				return NULL;
		}
	}
	return array ? json_incref(array) : NULL;
}

static enum hf_rc point_at(json_t *array, struct hf_strs *ret)
{
	size_t n = json_array_size(array);

	ret->v = calloc(n + 1, sizeof(*ret->v));
	if (!ret->v)
		return HF_E_MEMORY;
	for (ret->n = 0; ret->n < n; ret->n++)
		ret->v[ret->n] = json_string_value(json_array_get(array, ret->n));
	return HF_OK;
}

static enum hf_rc own_block(struct hf_own_plan *own, const struct draft *draft)
{
	size_t i = own->plan.n_blocks;
	struct hf_block *block = &own->plan.blocks[i];
	struct hf_strs *lists = &own->lists[HF_PLAN_LISTS * i];
	json_t *row = json_pack("{s:s, s:s, s:o, s:o, s:o}", "tool", draft->tool, "name", draft->name, "addresses",
				copy_lists(draft->addresses), "dedicated", copy_lists(draft->dedicated), "programs",
				copy_lists(draft->programs));

	if (!row || json_array_append_new(own->doc, row) != 0)
		return HF_E_MEMORY;
	*block = *draft->limits;
	block->tool = json_string_value(json_object_get(row, "tool"));
	block->name = json_string_value(json_object_get(row, "name"));
	block->addresses = &lists[0];
	block->dedicated = &lists[1];
	block->programs = &lists[2];
	own->plan.n_blocks++;
	if (point_at(json_object_get(row, "addresses"), &lists[0]) != HF_OK ||
	    point_at(json_object_get(row, "dedicated"), &lists[1]) != HF_OK)
		return HF_E_MEMORY;
	return point_at(json_object_get(row, "programs"), &lists[2]);
}

static enum hf_rc own_plan(struct drafts *drafts, struct hf_own_plan *ret_plan, struct hf_err *err)
{
	hf_auto_plan struct hf_own_plan own = {0};

	if (drafts->n > 1)
		qsort(drafts->v, drafts->n, sizeof(*drafts->v), by_tool);
	own.doc = json_array();
	own.plan.blocks = calloc(drafts->n + 1, sizeof(*own.plan.blocks));
	own.lists = calloc(HF_PLAN_LISTS * drafts->n + 1, sizeof(*own.lists));
	if (!own.doc || !own.plan.blocks || !own.lists)
		return hf_err_set(err, HF_E_MEMORY, "no memory to plan what to block");
	for (size_t i = 0; i < drafts->n; i++) {
		if (own_block(&own, &drafts->v[i]) != HF_OK)
			return hf_err_set(err, HF_E_MEMORY, "no memory to plan what to block");
	}
	*ret_plan = own;
	memset(&own, 0, sizeof(own));
	return HF_OK;
}

/* Postures of everybody: those of the device's pairs in their order, then that of anybody else. */
struct postures {
	struct hf_posture v[HF_PAIRS_MAX + 1];
	size_t n;
};

static void postures_done(struct postures *postures)
{
	for (size_t i = 0; i < postures->n; i++)
		hf_posture_done(&postures->v[i]);
}

static enum hf_rc postures_of(const struct hf_case *matter, struct postures *ret, struct hf_err *err)
{
	struct hf_pairs pairs;

	hf_versions_pairs(&matter->known->versions, &pairs);
	for (ret->n = 0; ret->n <= pairs.n; ret->n++) {
		const struct hf_pair *who = ret->n < pairs.n ? &pairs.v[ret->n] : NULL;
		enum hf_rc rc = hf_case_posture(matter, who, &ret->v[ret->n], err);

		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

static void let_through(struct hf_block *limits, hf_user uid)
{
	for (size_t i = 0; i < limits->n_open_for; i++) {
		if (limits->open_for[i] == uid)
			return;
	}
	limits->open_for[limits->n_open_for++] = uid;
}

/* People who share one login are let through only if all of them are. */
static bool shut_for_user(const struct postures *postures, const struct hf_logins *logins, size_t tool, hf_user uid)
{
	for (size_t p = 0; p + 1 < postures->n; p++) {
		if (logins->v[p].there && logins->v[p].uid == uid && postures->v[p].tools[tool].level != HF_LEVEL_OPEN)
			return true;
	}
	return false;
}

/* Is somebody here, and is the tool open for all who are. */
static bool open_for_all_here(const struct postures *postures, const struct hf_logins *logins, size_t tool)
{
	size_t n_people = postures->n - 1;
	bool any = logins->strangers;

	if (logins->strangers && postures->v[n_people].tools[tool].level != HF_LEVEL_OPEN)
		return false;
	for (size_t p = 0; p < n_people && p < logins->n; p++) {
		if (!logins->v[p].there || !logins->v[p].in)
			continue;
		any = true;
		if (shut_for_user(postures, logins, tool, logins->v[p].uid))
			return false;
	}
	return any;
}

/* Fills in for whom a tool is open; returns whether it is shut for anybody. */
static bool limits_of(const struct postures *postures, const struct hf_logins *logins, size_t tool,
		      struct hf_block *ret_limits)
{
	size_t n_people = postures->n - 1;
	bool shut = postures->v[n_people].tools[tool].level != HF_LEVEL_OPEN;

	memset(ret_limits, 0, sizeof(*ret_limits));
	for (size_t p = 0; p < n_people; p++) {
		if (postures->v[p].tools[tool].level != HF_LEVEL_OPEN) {
			shut = true;
			continue;
		}
		if (p < logins->n && logins->v[p].there && !shut_for_user(postures, logins, tool, logins->v[p].uid))
			let_through(ret_limits, logins->v[p].uid);
	}
	ret_limits->machine_wide = !open_for_all_here(postures, logins, tool);
	return shut;
}

enum hf_rc hf_plan_make(const struct hf_case *matter, const struct hf_logins *logins, struct hf_own_plan *ret_plan,
			struct hf_err *err)
{
	__attribute__((cleanup(postures_done))) struct postures postures = {0};
	enum hf_rc rc = postures_of(matter, &postures, err);
	const struct hf_register *reg = matter->known->reg;
	size_t n_tools = reg ? reg->n_tools : 0;
	hf_auto_free struct draft *rows = calloc(n_tools + 1, sizeof(*rows));
	hf_auto_free struct hf_block *limits = calloc(n_tools + 1, sizeof(*limits));
	struct drafts drafts = {.v = rows};

	if (rc != HF_OK)
		return rc;
	if (!rows || !limits)
		return hf_err_set(err, HF_E_MEMORY, "no memory to plan what to block");
	for (size_t t = 0; t < n_tools; t++) {
		const struct hf_tool *tool = &reg->tools[t];

		if (!limits_of(&postures, logins, t, &limits[t]))
			continue;
		rows[drafts.n++] = (struct draft){
			.tool = tool->id,
			.name = tool->name,
			.addresses = {&tool->addresses},
			.dedicated = {&tool->dedicated},
			.programs = {&tool->programs},
			.limits = &limits[t],
		};
	}
	return own_plan(&drafts, ret_plan, err);
}

enum hf_rc hf_plan_all(const struct hf_register *reg, struct hf_own_plan *ret_plan, struct hf_err *err)
{
	static const struct hf_block shut = {.machine_wide = true};
	size_t n = reg ? reg->n_tools : 0;
	hf_auto_free struct draft *rows = calloc(n + 1, sizeof(*rows));
	struct drafts drafts = {.v = rows, .n = n};

	if (!rows)
		return hf_err_set(err, HF_E_MEMORY, "no memory to plan what to block");
	for (size_t t = 0; t < n; t++) {
		rows[t] = (struct draft){
			.tool = reg->tools[t].id,
			.name = reg->tools[t].name,
			.addresses = {&reg->tools[t].addresses},
			.dedicated = {&reg->tools[t].dedicated},
			.programs = {&reg->tools[t].programs},
			.limits = &shut,
		};
	}
	return own_plan(&drafts, ret_plan, err);
}

static struct draft draft_of(const struct hf_block *block)
{
	return (struct draft){
		.tool = block->tool,
		.name = block->name,
		.addresses = {block->addresses},
		.dedicated = {block->dedicated},
		.programs = {block->programs},
		.limits = block,
	};
}

static struct hf_block join_limits(const struct hf_block *a, const struct hf_block *b)
{
	struct hf_block both = {.machine_wide = a->machine_wide || b->machine_wide};

	for (size_t i = 0; i < a->n_open_for; i++) {
		if (hf_block_open_for(b, a->open_for[i]))
			both.open_for[both.n_open_for++] = a->open_for[i];
	}
	return both;
}

enum hf_rc hf_plan_join(const struct hf_plan *a, const struct hf_plan *b, struct hf_own_plan *ret_plan,
			struct hf_err *err)
{
	hf_auto_free struct draft *rows = calloc(a->n_blocks + b->n_blocks + 1, sizeof(*rows));
	hf_auto_free struct hf_block *limits = calloc(a->n_blocks + 1, sizeof(*limits));
	struct drafts drafts = {.v = rows};
	size_t i = 0, j = 0;

	if (!rows || !limits)
		return hf_err_set(err, HF_E_MEMORY, "no memory to plan what to block");
	while (i < a->n_blocks || j < b->n_blocks) {
		int order = i == a->n_blocks ? 1 : j == b->n_blocks ? -1 : strcmp(a->blocks[i].tool, b->blocks[j].tool);
		struct draft *draft = &rows[drafts.n++];

		*draft = draft_of(order > 0 ? &b->blocks[j] : &a->blocks[i]);
		if (order == 0) {
			limits[i] = join_limits(&a->blocks[i], &b->blocks[j]);
			draft->limits = &limits[i];
			draft->addresses[1] = b->blocks[j].addresses;
			draft->dedicated[1] = b->blocks[j].dedicated;
			draft->programs[1] = b->blocks[j].programs;
		}
		i += order <= 0;
		j += order >= 0;
	}
	return own_plan(&drafts, ret_plan, err);
}

static bool same_strs(const struct hf_strs *a, const struct hf_strs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (!hf_strs_has(b, a->v[i]))
			return false;
	}
	return true;
}

static bool same_block(const struct hf_block *a, const struct hf_block *b)
{
	if (strcmp(a->tool, b->tool) != 0 || a->machine_wide != b->machine_wide || a->n_open_for != b->n_open_for)
		return false;
	for (size_t i = 0; i < a->n_open_for; i++) {
		if (!hf_block_open_for(b, a->open_for[i]))
			return false;
	}
	return same_strs(a->addresses, b->addresses) && same_strs(a->dedicated, b->dedicated) &&
	       same_strs(a->programs, b->programs);
}

bool hf_plan_same(const struct hf_plan *a, const struct hf_plan *b)
{
	if (a->n_blocks != b->n_blocks)
		return false;
	for (size_t i = 0; i < a->n_blocks; i++) {
		if (!same_block(&a->blocks[i], &b->blocks[i]))
			return false;
	}
	return true;
}

void hf_plan_done(struct hf_own_plan *plan)
{
	for (size_t i = 0; i < HF_PLAN_LISTS * plan->plan.n_blocks; i++)
		hf_strs_done(&plan->lists[i]);
	free(plan->plan.blocks);
	free(plan->lists);
	json_decref(plan->doc);
	memset(plan, 0, sizeof(*plan));
}
