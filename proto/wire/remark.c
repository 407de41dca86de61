/* SPDX-License-Identifier: MIT */
/*
 * Owns the remark document: what one officer says of drafts, of access that was withdrawn, and of why something was decided.
 * Must never judge who may say it: that is proto/law and whoever keeps the drafts.
 */
#include <holdfast/remark.h>

#include <stdlib.h>
#include <string.h>

#include <holdfast/order.h>

#include "proto/wire/doc.h"

static const char *const REMARK_ACTS[] = {"withdraw", "refuse", "confirm", "note"};

#define ACCOUNT_ROOM 97 /* platform, colon, handle */

/* clang-format off */
#define REMARK_ROWS(r, act, of) {                                              \
	HF_ROW("council",   ID,    &(r)->council, 0),                          \
	HF_ROW("act",       LINE,  act,           HF_ID_MAX),                  \
	HF_ROW("of",        ARRAY, of,            HF_REMARK_OF_MAX),           \
	HF_ROW("at",        WALL,  &(r)->at,      0),                          \
	HF_ROW_IF("reason", TEXT,  &(r)->reason,  HF_NOTE_MAX, !(r)->reason), \
	HF_ROW_IF("happened", WALL, &(r)->happened, 0, (r)->happened.s == 0), \
	HF_ROW_IF("account", LINE, &(r)->account, ACCOUNT_ROOM, !(r)->account), \
	HF_ROW_IF("person", ID,    &(r)->person,  0,             !(r)->person), \
}
/* clang-format on */

const char *hf_remark_act_name(enum hf_remark_act act)
{
	return act < HF_REMARK_ACT_COUNT ? REMARK_ACTS[act] : "?";
}

/* Whose access is gone is said by a confirmation, of one register, and by nothing else. */
static enum hf_rc check_access(const struct hf_remark *remark, size_t n_of, struct hf_err *err)
{
	bool confirms = remark->act == HF_REMARK_CONFIRM, of_account = remark->account, of_person = remark->person;
	if (confirms != of_account || confirms != of_person)
		return hf_err_set(err, HF_E_SHAPE, "A confirmation, and nothing else, names an account and a person.");
	if (confirms && n_of != 1)
		return hf_err_set(err, HF_E_SHAPE, "A confirmation is of one register.");
	if (confirms && !hf_account_ok(remark->account))
		return hf_err_set(err, HF_E_SHAPE, "\"%s\" is no account; write platform:handle.", remark->account);
	return HF_OK;
}

/* A note is longer than a reason, and of one thing; when it happened is said by nothing else, and was before. */
static enum hf_rc check_note(const struct hf_remark *remark, size_t n_of, struct hf_err *err)
{
	bool notes = remark->act == HF_REMARK_NOTE;
	if (notes && (!remark->reason || n_of != 1))
		return hf_err_set(err, HF_E_SHAPE, "A note says something, and is about one thing.");
	if (remark->happened.s == 0 && json_object_get(remark->doc, "happened"))
		return hf_err_set(err, HF_E_SHAPE, "A note that does not say when something happened leaves that out.");
	if (!notes && remark->happened.s != 0)
		return hf_err_set(err, HF_E_SHAPE, "A note, and nothing else, says when something happened.");
	if (!notes && remark->reason && strlen(remark->reason) > HF_REASON_MAX)
		return hf_err_set(err, HF_E_SIZE, "The reason is longer than %d bytes.", HF_REASON_MAX);
	if (remark->happened.s > remark->at.s)
		return hf_err_set(err, HF_E_SHAPE, "A note tells of what has happened, and not of what is to come.");
	return HF_OK;
}

static enum hf_rc take_content(struct hf_remark *remark, const char *word, json_t *of, struct hf_err *err)
{
	size_t act = 0;
	enum hf_rc rc = hf_doc_word(word, REMARK_ACTS, HF_LEN(REMARK_ACTS), &act, err);
	remark->act = (enum hf_remark_act)act;
	if (rc == HF_OK && json_array_size(of) == 0)
		rc = hf_err_set(err, HF_E_SHAPE, "It is of no draft.");
	if (rc == HF_OK && remark->act == HF_REMARK_REFUSE && !remark->reason)
		rc = hf_err_set(err, HF_E_SHAPE, "A refusal has a reason.");
	if (rc == HF_OK)
		rc = check_access(remark, json_array_size(of), err);
	if (rc == HF_OK)
		rc = check_note(remark, json_array_size(of), err);
	return rc == HF_OK ? hf_doc_digests(of, &remark->of, &remark->n_of, err) : rc;
}

enum hf_rc hf_remark_decode(const struct hf_envelope *envelope, struct hf_remark **ret_remark, struct hf_err *err)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	const char *act = NULL;
	json_t *of = NULL;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*remark), &remark, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_REMARK, &remark->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = REMARK_ROWS(remark, &act, &of);
	rc = hf_json_take(remark->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = take_content(remark, act, of, err);
	if (rc != HF_OK)
		return rc;
	remark->digest = envelope->digest;
	*ret_remark = hf_steal_ptr(&remark);
	return HF_OK;
}

json_t *hf_remark_encode(const struct hf_remark *remark)
{
	struct hf_remark copy = *remark; /* the table points to what may be written; nothing is */
	const char *act = hf_remark_act_name(remark->act);
	hf_auto_json json_t *of = hf_doc_digests_to_json(remark->of, remark->n_of);
	const struct hf_json_member rows[] = REMARK_ROWS(&copy, &act, &of);
	return hf_json_put(rows, HF_LEN(rows));
}

void hf_remark_free(struct hf_remark **remark)
{
	if (!*remark)
		return;
	free((*remark)->of);
	json_decref((*remark)->doc);
	free(*remark);
	*remark = NULL;
}
