/* SPDX-License-Identifier: MIT */
/*
 * Owns the glass document: by what one side's halves of a device are known.
 * Must never judge who may write one, nor whether it opens anything: that is proto/law.
 */
#include <holdfast/glass.h>

#include <stdlib.h>

#include "proto/wire/doc.h"

static const char *const SIDE_NAMES[HF_GLASS_SIDES] = {[HF_GLASS_A] = "a", [HF_GLASS_B] = "b"};

/* clang-format off */
#define GLASS_ROWS(g, side, verifiers) {                                  \
	HF_ROW("council",   ID,      &(g)->council, 0),                   \
	HF_ROW("device",    ID,      &(g)->device,  0),                   \
	HF_ROW("public",    BYTES32, (g)->pub.b,    0),                   \
	HF_ROW("side",      ID,      side,          0),                   \
	HF_ROW("set",       INT,     &(g)->set,     HF_JSON_INT_MAX),     \
	HF_ROW("issued",    WALL,    &(g)->issued,  0),                   \
	HF_ROW("until",     WALL,    &(g)->until,   0),                   \
	HF_ROW("minutes",   INT,     &(g)->minutes, HF_GLASS_MINUTES_MAX), \
	HF_ROW("people",    DIGEST,  &(g)->people,  0),                   \
	HF_ROW("verifiers", ARRAY,   verifiers,     HF_GLASS_SLOTS_MAX),  \
}
/* clang-format on */

const char *hf_glass_side_name(enum hf_glass_side side)
{
	return SIDE_NAMES[side];
}

static enum hf_rc check_glass(const struct hf_glass *glass, struct hf_err *err)
{
	if (glass->set < 1)
		return hf_err_set(err, HF_E_SHAPE, "The sets of a device's halves begin at 1.");
	if (glass->minutes < HF_GLASS_MINUTES_LEAST)
		return hf_err_set(err, HF_E_SHAPE, "A device is opened for %d to %d minutes.", HF_GLASS_MINUTES_LEAST,
				  HF_GLASS_MINUTES_MAX);
	if (glass->until.s <= glass->issued.s || glass->until.s - glass->issued.s > HF_GLASS_LIFE_S)
		return hf_err_set(err, HF_E_SHAPE, "A set of halves holds for twelve months at most.");
	if (glass->n_verifiers == 0)
		return hf_err_set(err, HF_E_SHAPE, "A set of halves has at least one slot.");
	return hf_pub_check(&glass->pub, err);
}

enum hf_rc hf_glass_decode(const struct hf_envelope *envelope, struct hf_glass **ret_glass, struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	const char *word = NULL;
	json_t *verifiers = NULL;
	size_t side = 0;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*glass), &glass, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_GLASS, &glass->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = GLASS_ROWS(glass, &word, &verifiers);
	rc = hf_json_take(glass->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_word(word, SIDE_NAMES, HF_LEN(SIDE_NAMES), &side, err);
	if (rc == HF_OK)
		rc = hf_doc_digests(verifiers, &glass->verifiers, &glass->n_verifiers, err);
	if (rc == HF_OK)
		rc = check_glass(glass, err);
	if (rc != HF_OK)
		return rc;
	glass->side = (enum hf_glass_side)side;
	glass->digest = envelope->digest;
	*ret_glass = hf_steal_ptr(&glass);
	return HF_OK;
}

json_t *hf_glass_encode(const struct hf_glass *glass)
{
	struct hf_glass copy = *glass; /* the table points to what may be written; nothing is */
	const char *side = SIDE_NAMES[glass->side];
	hf_auto_json json_t *verifiers = hf_doc_digests_to_json(glass->verifiers, glass->n_verifiers);
	const struct hf_json_member rows[] = GLASS_ROWS(&copy, &side, &verifiers);
	return hf_json_put(rows, HF_LEN(rows));
}

void hf_glass_free(struct hf_glass **glass)
{
	if (!*glass)
		return;
	free((*glass)->verifiers);
	json_decref((*glass)->doc);
	free(*glass);
	*glass = NULL;
}
