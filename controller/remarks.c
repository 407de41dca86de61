/* SPDX-License-Identifier: MIT */
/*
 * Owns what officers have said of drafts.
 * Must never take off an approval but that of the person who has taken it back.
 */
#include "controller/remarks.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/assignment.h>
#include <holdfast/rows.h>

bool hf_remarks_find(const struct hf_remarks *book, const struct hf_digest *draft, const char *person,
		     enum hf_remark_act act)
{
	for (size_t i = 0; act == HF_REMARK_WITHDRAW && i < book->n_withdrawn; i++)
		if (hf_digest_cmp(&book->withdrawn[i].draft, draft) == 0 &&
		    strcmp(book->withdrawn[i].person, person) == 0)
			return true;
	for (size_t i = 0; act == HF_REMARK_REFUSE && i < book->n_refused; i++)
		if (hf_digest_cmp(&book->refused[i].draft, draft) == 0 && strcmp(book->refused[i].person, person) == 0)
			return true;
	return false;
}

size_t hf_remarks_count(const struct hf_remarks *book, const char *person, enum hf_remark_act act)
{
	size_t n = 0;
	for (size_t i = 0; act == HF_REMARK_WITHDRAW && i < book->n_withdrawn; i++)
		n += strcmp(book->withdrawn[i].person, person) == 0;
	for (size_t i = 0; act == HF_REMARK_REFUSE && i < book->n_refused; i++)
		n += strcmp(book->refused[i].person, person) == 0;
	return n;
}

static enum hf_rc put_withdrawn(struct hf_remarks *book, const struct hf_envelope *of, const char *person,
				struct hf_wall at)
{
	struct hf_withdrawn row = {.draft = of->digest, .type = of->type, .at = at};
	if (hf_str_copy(row.person, sizeof(row.person), person) != HF_OK ||
	    hf_rows_reserve(&book->withdrawn, &book->withdrawn_room, book->n_withdrawn + 1, sizeof(row)) != HF_OK)
		return HF_E_MEMORY;
	book->withdrawn[book->n_withdrawn++] = row;
	return HF_OK;
}

static enum hf_rc name_device(const struct hf_envelope *of, struct hf_refused_draft *row)
{
	hf_auto_assignment struct hf_assignment *doc = NULL;
	if (of->type != HF_DOC_ASSIGNMENT || hf_assignment_decode(of, &doc, NULL) != HF_OK)
		return HF_OK;
	return hf_str_copy(row->device, sizeof(row->device), doc->device);
}

static enum hf_rc put_refused(struct hf_remarks *book, const struct hf_envelope *of, const char *person,
			      const struct hf_remark *remark, struct hf_wall at)
{
	struct hf_refused_draft row = {.draft = of->digest, .at = at};
	if (hf_str_copy(row.person, sizeof(row.person), person) != HF_OK ||
	    name_device(of, &row) != HF_OK ||
	    hf_rows_reserve(&book->refused, &book->refused_room, book->n_refused + 1, sizeof(row)) != HF_OK)
		return HF_E_MEMORY;
	row.reason = strdup(remark->reason ? remark->reason : "");
	if (!row.reason)
		return HF_E_MEMORY;
	book->refused[book->n_refused++] = row;
	return HF_OK;
}

enum hf_rc hf_remarks_put(struct hf_remarks *book, const struct hf_envelope *of, const char *person,
			  const struct hf_remark *remark, struct hf_wall at)
{
	if (hf_remarks_find(book, &of->digest, person, remark->act))
		return HF_OK;
	return remark->act == HF_REMARK_WITHDRAW ? put_withdrawn(book, of, person, at)
						 : put_refused(book, of, person, remark, at);
}

bool hf_remarks_confirmed(const struct hf_remarks *book, const struct hf_remark *remark)
{
	for (size_t i = 0; i < book->n_confirmed; i++)
		if (hf_digest_cmp(&book->confirmed[i].reg, &remark->of[0]) == 0 &&
		    strcmp(book->confirmed[i].person, remark->person) == 0 &&
		    strcmp(book->confirmed[i].account, remark->account) == 0)
			return true;
	return false;
}

size_t hf_remarks_confirms(const struct hf_remarks *book, const struct hf_digest *reg, const char *by)
{
	size_t n = 0;
	for (size_t i = 0; i < book->n_confirmed; i++)
		n += hf_digest_cmp(&book->confirmed[i].reg, reg) == 0 && strcmp(book->confirmed[i].by, by) == 0;
	return n;
}

enum hf_rc hf_remarks_confirm(struct hf_remarks *book, const char *by, const struct hf_remark *remark)
{
	struct hf_confirmed row = {.reg = remark->of[0]};
	if (hf_remarks_confirmed(book, remark))
		return HF_OK;
	if (hf_str_copy(row.by, sizeof(row.by), by) != HF_OK ||
	    hf_str_copy(row.person, sizeof(row.person), remark->person) != HF_OK ||
	    hf_str_copy(row.account, sizeof(row.account), remark->account) != HF_OK)
		return HF_E_MEMORY;
	if (book->n_confirmed > 0 && hf_digest_cmp(&book->confirmed[0].reg, &row.reg) != 0)
		book->n_confirmed = 0;
	if (hf_rows_reserve(&book->confirmed, &book->confirmed_room, book->n_confirmed + 1, sizeof(row)) != HF_OK)
		return HF_E_MEMORY;
	book->confirmed[book->n_confirmed++] = row;
	return HF_OK;
}

static bool any_of(const struct hf_remarks *book, const struct hf_digest *draft)
{
	for (size_t i = 0; i < book->n_withdrawn; i++)
		if (hf_digest_cmp(&book->withdrawn[i].draft, draft) == 0)
			return true;
	return false;
}

void hf_remarks_sift(const struct hf_remarks *book, const struct hf_trust *trust, struct hf_envelope *envelope,
		     const char **ret_person)
{
	struct hf_sifted sifted;
	size_t kept = 0;
	*ret_person = NULL;
	if (!any_of(book, &envelope->digest) || hf_trust_affirms(trust, &envelope->digest))
		return;
	hf_signers_sift(trust, envelope, &sifted);
	for (size_t i = 0; i < envelope->n_signatures; i++) {
		const struct hf_pub *key = sifted.keys[i];
		const struct hf_person *person = key ? hf_trust_person_of_key(trust, key) : NULL;
		if (person && hf_remarks_find(book, &envelope->digest, person->id, HF_REMARK_WITHDRAW))
			*ret_person = person->id;
		else
			envelope->signatures[kept++] = envelope->signatures[i];
	}
	envelope->n_signatures = kept;
}

void hf_remarks_gone(struct hf_remarks *book, const struct hf_digest *draft)
{
	for (size_t i = 0; i < book->n_withdrawn; i++)
		if (hf_digest_cmp(&book->withdrawn[i].draft, draft) == 0)
			book->withdrawn[i].gone = true;
}

/* Until two have approved it, or a newer one is there. */
static bool waits_for_second(const struct hf_estate *estate, const struct hf_refused_draft *one)
{
	const struct hf_device *device = one->device[0] ? hf_estate_find(estate, one->device) : NULL;
	const struct hf_edition *newest = device ? hf_versions_newest(&device->versions) : NULL;
	return newest && !newest->two && hf_digest_cmp(&newest->envelope->digest, &one->draft) == 0;
}

void hf_remarks_settle(struct hf_remarks *book, struct hf_drafts *drafts, const struct hf_estate *estate)
{
	size_t kept = 0;
	for (size_t i = 0; i < book->n_refused; i++) {
		const struct hf_refused_draft *one = &book->refused[i];
		if (hf_drafts_find(drafts, &one->draft) || waits_for_second(estate, one))
			book->refused[kept++] = book->refused[i];
		else
			free(book->refused[i].reason);
	}
	book->n_refused = kept;
}

bool hf_remarks_noted(const struct hf_remarks *book, const struct hf_digest *note)
{
	for (size_t i = 0; i < book->n_noted; i++)
		if (hf_digest_cmp(&book->noted[i].note, note) == 0)
			return true;
	return false;
}

size_t hf_remarks_notes(const struct hf_remarks *book, const struct hf_digest *of, const char *person)
{
	size_t n = 0;
	for (size_t i = 0; i < book->n_noted; i++)
		n += hf_digest_cmp(&book->noted[i].of, of) == 0 && strcmp(book->noted[i].person, person) == 0;
	return n;
}

enum hf_rc hf_remarks_note(struct hf_remarks *book, const char *person, const struct hf_remark *remark)
{
	struct hf_noted row = {.note = remark->digest, .of = remark->of[0]};
	if (hf_str_copy(row.person, sizeof(row.person), person) != HF_OK ||
	    hf_rows_reserve(&book->noted, &book->noted_room, book->n_noted + 1, sizeof(row)) != HF_OK)
		return HF_E_MEMORY;
	book->noted[book->n_noted++] = row;
	return HF_OK;
}

void hf_remarks_done(struct hf_remarks *book)
{
	for (size_t i = 0; i < book->n_refused; i++)
		free(book->refused[i].reason);
	free(book->refused);
	free(book->withdrawn);
	free(book->confirmed);
	free(book->noted);
	*book = (struct hf_remarks){0};
}
