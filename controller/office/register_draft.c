/* SPDX-License-Identifier: MIT */
/*
 * Owns the parts of a register while it is written and approved: split, found again, put together.
 * Must never show a part as the whole, or let one be approved without the others.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/office/council_folder.h"
#include "controller/office/register_draft.h"

#define PART_ROOM 46000 /* HF_PAYLOAD_MAX less its head, so that HF_SIGNATURES_MAX approvals fit beside it */

/* A register being split. */
struct splitting {
	json_t *parts; /* payloads that are full, and the one that is being filled */
	size_t used;   /* of the last one */
	const char *council;
	int64_t version;
	struct hf_wall now;
};

static const char *const LISTS[] = {"accounts", "tools", "words"};

static enum hf_rc no_memory(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static enum hf_rc begin_part(struct splitting *s, struct hf_err *err)
{
	json_t *part = json_pack("{s:s, s:I, s:I, s:[], s:[]}", "council", s->council, "version",
				 (json_int_t)s->version, "issued", (json_int_t)s->now.s, LISTS[0], LISTS[1]);

	s->used = 0;
	return json_array_append_new(s->parts, part) == 0 ? HF_OK : no_memory(err);
}

static json_t *list_of(json_t *part, const char *name)
{
	if (!json_object_get(part, name) && json_object_set_new(part, name, json_array()) != 0)
		return NULL;
	return json_object_get(part, name);
}

static enum hf_rc put_row(struct splitting *s, const char *name, json_t *row, struct hf_err *err)
{
	size_t len = json_dumpb(row, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY) + 1;
	enum hf_rc rc = s->used > 0 && s->used + len > PART_ROOM ? begin_part(s, err) : HF_OK;

	if (rc != HF_OK)
		return rc;
	s->used += len;
	return json_array_append(list_of(json_array_get(s->parts, json_array_size(s->parts) - 1), name), row) == 0
		       ? HF_OK
		       : no_memory(err);
}

static enum hf_rc put_rows(struct splitting *s, const char *name, json_t *rows, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < json_array_size(rows); i++)
		rc = put_row(s, name, json_array_get(rows, i), err);
	return rc;
}

static enum hf_rc split(struct splitting *s, const struct hf_council_plan *plan, struct hf_err *err)
{
	json_t *const rows[] = {plan->accounts, plan->tools, plan->words};
	enum hf_rc rc = begin_part(s, err);

	/* A list of words with nothing in it is refused where it is read; any other begins in the part of its first row. */
	if (rc == HF_OK && plan->words && json_array_size(plan->words) == 0 &&
	    !list_of(json_array_get(s->parts, 0), LISTS[2]))
		rc = no_memory(err);
	for (size_t i = 0; rc == HF_OK && i < HF_LEN(LISTS); i++)
		rc = put_rows(s, LISTS[i], rows[i], err);
	if (rc == HF_OK && json_array_size(s->parts) > HF_REGISTER_PARTS_MAX)
		rc = hf_err_set(err, HF_E_SIZE,
				"The accounts, tools and words take %zu parts of a register, which has at most %d.",
				json_array_size(s->parts), HF_REGISTER_PARTS_MAX);
	return rc;
}

/* Part 1 names the others: it is made last. */
static enum hf_rc name_part(json_t *part, size_t place, const struct hf_register_draft *draft, struct hf_err *err)
{
	json_t *rest = json_array();

	for (size_t i = 1; place == 0 && i < draft->n; i++)
		if (json_array_append_new(rest, hf_json_from_digest(&draft->v[i]->digest)) != 0)
			break;
	if (json_array_size(rest) != (place == 0 ? draft->n - 1 : 0) ||
	    json_object_set_new(part, "part", json_integer((json_int_t)place + 1)) != 0 ||
	    json_object_set_new(part, "parts", json_integer((json_int_t)draft->n)) != 0 ||
	    (place == 0 && json_object_set(part, "rest", rest) != 0)) {
		json_decref(rest);
		return no_memory(err);
	}
	json_decref(rest);
	return HF_OK;
}

static enum hf_rc make_parts(json_t *parts, struct hf_register_draft *draft, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	draft->n = json_array_size(parts);
	for (size_t i = draft->n; rc == HF_OK && i > 0; i--) {
		json_t *part = json_array_get(parts, i - 1);

		if (draft->n > 1)
			rc = name_part(part, i - 1, draft, err);
		if (rc == HF_OK)
			rc = hf_envelope_of_json(HF_DOC_REGISTER, part, &draft->v[i - 1], err);
	}
	return rc;
}

enum hf_rc hf_register_draft_make(const struct hf_council_plan *plan, int64_t version, struct hf_wall now,
				  struct hf_register_draft *ret_draft, struct hf_err *err)
{
	hf_auto_json json_t *parts = json_array();
	hf_auto_register struct hf_register *whole = NULL;
	hf_auto_register_draft struct hf_register_draft draft = {.n = 0};
	struct splitting s = {.parts = parts, .council = plan->council, .version = version, .now = now};
	enum hf_rc rc = parts ? split(&s, plan, err) : no_memory(err);

	if (rc == HF_OK)
		rc = make_parts(parts, &draft, err);
	if (rc == HF_OK)
		rc = hf_register_draft_open(&draft, &whole, err);
	if (rc != HF_OK)
		return rc;
	*ret_draft = draft;
	draft = (struct hf_register_draft){.n = 0};
	return HF_OK;
}

/* Opened parts, while they are put together. */
struct pieces {
	struct hf_register *v[HF_REGISTER_PARTS_MAX];
};

static void pieces_done(struct pieces *pieces)
{
	for (size_t i = 0; i < HF_REGISTER_PARTS_MAX; i++)
		hf_register_free(&pieces->v[i]);
}

#define auto_pieces __attribute__((cleanup(pieces_done)))

enum hf_rc hf_register_draft_open(const struct hf_register_draft *draft, struct hf_register **ret_register,
				  struct hf_err *err)
{
	auto_pieces struct pieces pieces = {0};
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < draft->n; i++)
		rc = hf_register_decode(draft->v[i], &pieces.v[i], err);
	if (rc != HF_OK)
		return rc;
	if (draft->n > 1)
		return hf_register_join((const struct hf_register *const *)pieces.v, draft->n, ret_register, err);
	*ret_register = hf_steal_ptr(&pieces.v[0]);
	return HF_OK;
}

static bool names(const struct hf_envelope *first, const struct hf_digest *digest)
{
	hf_auto_register struct hf_register *reg = NULL;

	if (first->type != HF_DOC_REGISTER || hf_register_decode(first, &reg, NULL) != HF_OK || reg->place.part != 1)
		return false;
	for (int64_t i = 0; i + 1 < reg->place.parts; i++)
		if (hf_digest_cmp(&reg->place.rest[i], digest) == 0)
			return true;
	return false;
}

static bool is_wanted(const struct hf_envelope *envelope, const struct hf_digest *digest, bool first_of)
{
	return first_of ? names(envelope, digest) : hf_digest_cmp(&envelope->digest, digest) == 0;
}

/*
 * The part with this digest, or the part 1 that names it; of those that wait, or else of those that are known. A copy
 * in *ret, which stays NULL when there is none.
 */
static enum hf_rc find(const struct hf_view *view, json_t *drafts, const struct hf_digest *digest, bool first_of,
		       struct hf_envelope **ret)
{
	const struct hf_parts *known = &view->known.parts;
	json_t *one;
	size_t index;

	json_array_foreach(drafts, index, one)
	{
		hf_auto_envelope struct hf_envelope *draft = NULL;

		if (hf_envelope_from_json(json_object_get(one, "envelope"), &draft, NULL) == HF_OK &&
		    is_wanted(draft, digest, first_of)) {
			*ret = hf_steal_ptr(&draft);
			return HF_OK;
		}
	}
	for (size_t i = 0; i < known->n; i++)
		if (is_wanted(known->v[i].envelope, digest, first_of))
			return hf_envelope_copy(known->v[i].envelope, ret);
	return HF_OK;
}

static enum hf_rc add_part(const struct hf_view *view, json_t *drafts, const struct hf_digest *digest,
			   struct hf_register_draft *draft, struct hf_err *err)
{
	if (find(view, drafts, digest, false, &draft->v[draft->n]) != HF_OK)
		return no_memory(err);
	if (!draft->v[draft->n])
		return hf_err_set(err, HF_E_ABSENT,
				  "Part %zu of this register does not wait here: whoever wrote it must send it again.",
				  draft->n + 1);
	draft->n++;
	return HF_OK;
}

enum hf_rc hf_register_draft_gather(const struct hf_view *view, json_t *drafts, const struct hf_envelope *part,
				    struct hf_register_draft *ret_draft, struct hf_err *err)
{
	hf_auto_register_draft struct hf_register_draft draft = {.n = 0};
	hf_auto_register struct hf_register *reg = NULL, *first = NULL;
	hf_auto_envelope struct hf_envelope *begins = NULL;
	enum hf_rc rc = hf_register_decode(part, &reg, err);

	if (rc != HF_OK)
		return rc;
	if (reg->place.part == 1)
		rc = hf_envelope_copy(part, &begins);
	else
		rc = find(view, drafts, &part->digest, true, &begins);
	if (rc != HF_OK)
		return no_memory(err);
	if (!begins)
		return hf_err_set(err, HF_E_ABSENT, "Part 1 of this register does not wait here: it is of no use alone.");
	rc = hf_register_decode(begins, &first, err);
	draft.v[draft.n++] = hf_steal_ptr(&begins);
	for (int64_t i = 0; rc == HF_OK && i + 1 < first->place.parts; i++)
		rc = add_part(view, drafts, &first->place.rest[i], &draft, err);
	if (rc != HF_OK)
		return rc;
	*ret_draft = draft;
	draft = (struct hf_register_draft){.n = 0};
	return HF_OK;
}

enum hf_rc hf_register_shown(const struct hf_view *view, const struct hf_envelope *envelope,
			     struct hf_register **ret_register, bool *ret_whole, struct hf_err *err)
{
	hf_auto_register_draft struct hf_register_draft known = {.n = 0};
	hf_auto_register struct hf_register *part = NULL;
	enum hf_rc rc = hf_register_decode(envelope, &part, err);

	if (rc != HF_OK)
		return rc;
	*ret_whole = true;
	if (part->place.parts == 1) {
		*ret_register = hf_steal_ptr(&part);
		return HF_OK;
	}
	if (view->draft)
		return hf_register_draft_open(view->draft, ret_register, err);
	if (hf_register_draft_gather(view, NULL, envelope, &known, NULL) == HF_OK)
		return hf_register_draft_open(&known, ret_register, err);
	*ret_whole = false;
	*ret_register = hf_steal_ptr(&part);
	return HF_OK;
}

bool hf_register_draft_waits(json_t *drafts, const struct hf_digest *digest)
{
	json_t *one;
	size_t index;

	json_array_foreach(drafts, index, one)
	{
		hf_auto_envelope struct hf_envelope *draft = NULL;

		if (hf_envelope_from_json(json_object_get(one, "envelope"), &draft, NULL) == HF_OK &&
		    hf_digest_cmp(&draft->digest, digest) == 0)
			return true;
	}
	return false;
}

bool hf_register_hides(const struct hf_view *view, json_t *drafts, const struct hf_envelope *envelope)
{
	hf_auto_register struct hf_register *reg = NULL, *begins = NULL;
	hf_auto_envelope struct hf_envelope *first = NULL;
	bool found;

	if (envelope->type != HF_DOC_REGISTER || hf_register_decode(envelope, &reg, NULL) != HF_OK ||
	    reg->place.part == 1)
		return false;
	if (find(view, drafts, &envelope->digest, true, &first) != HF_OK || !first ||
	    hf_register_decode(first, &begins, NULL) != HF_OK)
		return false;
	found = hf_register_draft_waits(drafts, &first->digest);
	for (int64_t i = 0; !found && i + 1 < begins->place.parts &&
			    hf_digest_cmp(&begins->place.rest[i], &envelope->digest) != 0;
	     i++)
		found = hf_register_draft_waits(drafts, &begins->place.rest[i]);
	return found;
}

void hf_register_draft_done(struct hf_register_draft *draft)
{
	for (size_t i = 0; i < HF_REGISTER_PARTS_MAX; i++)
		hf_envelope_free(&draft->v[i]);
	*draft = (struct hf_register_draft){.n = 0};
}
