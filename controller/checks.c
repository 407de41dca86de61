/* SPDX-License-Identifier: MIT */
/*
 * Owns what is ticked off of the checklists, and by whom.
 * Must never take a tick on something that nobody is asked to do.
 */
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "controller/checks.h"
#include "controller/own_words.h"

static void read_standing(const struct hf_controller *c, struct hf_checks *ret)
{
	const char *path = c->settings->check_standing;
	struct hf_err why = {""};
	char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, HF_STANDING_FILE_MAX, &text, &len, &why);
	if (rc == HF_OK) {
		hf_standing_read(text, &ret->standing);
		if (ret->standing.n_bad > 0)
			why = ret->standing.bad;
	} else if (rc == HF_E_ABSENT) {
		return;
	}
	if (why.text[0])
		(void)hf_err_set(&ret->trouble, HF_E_SHAPE, "%.100s, %.180s", path, why.text);
}

enum hf_rc hf_checks_make(const struct hf_controller *c, const struct hf_lockdowns *lockdowns, struct hf_checks *ret,
			  struct hf_err *err)
{
	const struct hf_check_ask ask = {lockdowns,	    c->known.reg, &c->beside, &ret->standing,
					 &c->checks, hf_clock_wall()};
	enum hf_rc rc;
	read_standing(c, ret);
	rc = hf_checklist_make(&ask, &ret->list);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "no memory for a checklist");
}

static json_t *body_of_check(const struct hf_check_item *item, const struct hf_check_word *word)
{
	json_t *body = json_pack("{s:s, s:s, s:o, s:s, s:s}", "act", word->done ? "done" : "undo", "item", item->id, "lockdown",
				 hf_json_from_digest(&item->lockdown->id), "what", hf_check_what_name(item->what), "of",
				 item->standing ? item->standing->id : item->account);
	if (body && word->count >= 0)
		json_object_set_new(body, "count", json_integer(word->count));
	if (body && word->note[0])
		json_object_set_new(body, "note", json_string(word->note));
	return body;
}

static bool says_the_same(const struct hf_check_entry *entry, const struct hf_check_word *word)
{
	return entry && entry->done && word->done && entry->count == word->count &&
	       strcmp(entry->note ? entry->note : "", word->note) == 0;
}

static enum hf_rc may_say(const struct hf_check_item *item, const struct hf_check_word *word, struct hf_err *err)
{
	if (!item)
		return hf_err_set(err, HF_E_ABSENT, "no checklist has an item %.20s now", word->item);
	if (!word->done && hf_check_is_open(item))
		return hf_err_set(err, HF_E_MISMATCH, "the item %s is not done", item->id);
	if (item->entry && item->entry->turns >= HF_CHECK_TURNS_MAX)
		return hf_err_set(err, HF_E_SIZE, "the item %s was changed %d times, which is all that is recorded", item->id,
				  HF_CHECK_TURNS_MAX);
	return HF_OK;
}

static enum hf_rc record_check(struct hf_controller *c, json_t *body, struct hf_err *err)
{
	hf_auto_json json_t *own = body;
	enum hf_rc rc = hf_own_record(c, c->speaker, HF_RECORD_CHECK, json_incref(own), err);
	if (rc != HF_OK)
		return rc;
	rc = hf_check_book_put(&c->checks, own, hf_clock_wall(), err);
	hf_check_book_by(&c->checks, c->speaker ? (int64_t)c->speaker->uid : -1);
	return rc;
}

enum hf_rc hf_checks_say(struct hf_controller *c, const struct hf_check_word *word, bool *ret_new, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_checks struct hf_checks checks = {0};
	const struct hf_check_item *item = NULL;
	enum hf_rc rc = hf_controller_lockdowns(c, &lockdowns, err);
	if (rc == HF_OK)
		rc = hf_checks_make(c, &lockdowns, &checks, err);
	if (rc != HF_OK)
		return rc;
	item = hf_checklist_find(&checks.list, word->item);
	if (item && says_the_same(item->entry, word)) {
		*ret_new = false;
		return HF_OK;
	}
	rc = may_say(item, word, err);
	if (rc == HF_OK)
		rc = record_check(c, body_of_check(item, word), err);
	if (rc == HF_OK)
		*ret_new = true;
	return rc;
}

void hf_checks_done(struct hf_checks *checks)
{
	hf_checklist_done(&checks->list);
	hf_standing_done(&checks->standing);
}
