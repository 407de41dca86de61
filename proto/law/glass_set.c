/* SPDX-License-Identifier: MIT */
/*
 * Owns which halves of break-glass a device may be opened by now: the newest set of both sides.
 * Must never let one side do for the other, or a set outlive the people who hold its keys.
 *
 * The law
 *  1. Two sides, disjoint by the trust, each sign for themselves; a set counts when both have signed one of its number.
 *  2. A set ends after what it says, twelve months at most, by the first of the two clocks; with every change of the people
 *     of either side; and with the device's key.
 *
 * How we read it
 *  1: a later set of one side ends the earlier one at once, and the other side's with it: who replaces a lost key does not
 *  leave the old halves good.
 *  2: a clock behind what the council has said of the time is wrong, so nothing is opened by it.
 */
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/rows.h>

#include "proto/law/law.h"

#define PEOPLE_TEXT_MAX (HF_PEOPLE_MAX * (HF_ID_SIZE + 2 + HF_KEYS_MAX * (HF_BASE64_LEN(32) + 1)) + 64)

bool hf_glass_is_of(const struct hf_trust *trust, const struct hf_person *person, enum hf_glass_side side)
{
	const struct hf_need need = hf_glass_need(side);
	const struct hf_rule *rule = hf_trust_rule(trust, need.kind, need.act);

	for (size_t i = 0; rule && i < person->roles.n; i++)
		if (hf_strs_has(&rule->roles, person->roles.v[i]))
			return true;
	return false;
}

/* The next in the order of ids behind this one; NULL: none. */
static const struct hf_person *next_of(const struct hf_trust *trust, const struct hf_person *before,
				       enum hf_glass_side side)
{
	const struct hf_person *next = NULL;

	for (size_t i = 0; i < trust->n_people; i++) {
		const struct hf_person *p = &trust->people[i];

		if (hf_glass_is_of(trust, p, side) && (!before || strcmp(p->id, before->id) > 0) &&
		    (!next || strcmp(p->id, next->id) < 0))
			next = p;
	}
	return next;
}

static enum hf_rc write_person(const struct hf_person *person, char *text, size_t size, size_t *len)
{
	enum hf_rc rc = hf_str_printf(text + *len, size - *len, "%s\n", person->id);

	for (size_t i = 0; rc == HF_OK && i < person->n_keys; i++) {
		*len += strlen(text + *len);
		rc = hf_base64_encode(person->keys[i].b, sizeof(person->keys[i].b), text + *len, size - *len - 1);
		*len += rc == HF_OK ? strlen(text + *len) : 0;
		if (rc == HF_OK)
			rc = hf_str_copy(text + *len, size - *len, "\n");
	}
	*len += rc == HF_OK ? strlen(text + *len) : 0;
	return rc;
}

enum hf_rc hf_glass_people(const struct hf_trust *trust, struct hf_digest *ret)
{
	hf_auto_free char *text = malloc(PEOPLE_TEXT_MAX);
	size_t len = 0;
	enum hf_rc rc = text ? hf_str_copy(text, PEOPLE_TEXT_MAX, "holdfast-glass-people\n") : HF_E_MEMORY;

	for (int side = 0; rc == HF_OK && side < HF_GLASS_SIDES; side++) {
		const struct hf_person *person = NULL;

		len += strlen(text + len);
		rc = hf_str_printf(text + len, PEOPLE_TEXT_MAX - len, "%s\n", hf_glass_side_name((enum hf_glass_side)side));
		len += rc == HF_OK ? strlen(text + len) : 0;
		while (rc == HF_OK && (person = next_of(trust, person, (enum hf_glass_side)side)))
			rc = write_person(person, text, PEOPLE_TEXT_MAX, &len);
	}
	return rc == HF_OK ? hf_digest_of(text, len, ret) : rc;
}

static enum hf_rc check_people(const struct hf_trust *trust, const struct hf_glass *glass, struct hf_err *err)
{
	struct hf_digest people;
	enum hf_rc rc = hf_glass_people(trust, &people);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is no memory to see whose halves these are.");
	if (hf_digest_cmp(&people, &glass->people) != 0)
		return hf_err_set(err, HF_E_MISMATCH,
				  "The people of break-glass have changed since these halves were made: they open nothing.");
	return HF_OK;
}

/* Approvals come before the content, as of every document; but the content says which side's they are. */
enum hf_rc hf_glass_open(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_glass **ret_glass,
			 struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	struct hf_verdict verdict;
	enum hf_rc rc = hf_approval_document(known->trust, envelope, &verdict, err);

	if (rc == HF_OK)
		rc = hf_glass_decode(envelope, &glass, err);
	if (rc == HF_OK && strcmp(known->council, glass->council) != 0)
		rc = hf_err_set(err, HF_E_COUNCIL, "These halves were made for another council, %s.", glass->council);
	if (rc == HF_OK && known->device[0] && strcmp(known->device, glass->device) != 0)
		rc = hf_err_set(err, HF_E_DEVICE, "These halves are for another device, %s.", glass->device);
	if (rc == HF_OK && known->assignment && memcmp(known->assignment->pub.b, glass->pub.b, sizeof(glass->pub.b)) != 0)
		rc = hf_err_set(err, HF_E_MISMATCH, "These halves were made for another key of the device %s.", glass->device);
	if (rc == HF_OK)
		rc = check_people(known->trust, glass, err);
	if (rc == HF_OK)
		*ret_glass = hf_steal_ptr(&glass);
	return rc;
}

enum hf_rc hf_glass_follows(const struct hf_trust *trust, const struct hf_glass *held, const struct hf_glass *heard,
			    struct hf_err *err)
{
	const struct hf_version before = held ? (struct hf_version){held->set, held->digest} : (struct hf_version){0};

	return hf_version_follows(trust, before, (struct hf_version){heard->set, heard->digest}, err);
}

enum hf_rc hf_glass_hold(struct hf_glass_held *held, const struct hf_envelope *envelope, struct hf_glass **glass,
			 struct hf_err *err)
{
	struct hf_envelope *copy = NULL;

	if (hf_envelope_copy(envelope, &copy) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the halves of this device.");
	hf_envelope_free(&held->envelope);
	hf_glass_free(&held->doc);
	held->envelope = copy;
	held->doc = hf_steal_ptr(glass);
	return HF_OK;
}

/* A controller keeps them with its devices, not here. */
enum hf_rc hf_known_hear_glass(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			       struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	struct hf_glass_held *held;
	enum hf_rc rc = hf_glass_open(known, envelope, &glass, err);

	if (rc != HF_OK || !known->device[0])
		return rc;
	held = &known->glass[glass->side];
	rc = hf_glass_follows(known->trust, held->doc, glass, err);
	if (rc != HF_OK || (held->doc && hf_digest_cmp(&held->doc->digest, &glass->digest) == 0))
		return rc;
	rc = hf_glass_hold(held, envelope, &glass, err);
	hearing->grew = rc == HF_OK;
	return rc;
}

enum hf_rc hf_known_keep_glass(struct hf_known *known, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	enum hf_rc rc = hf_glass_decode(envelope, &glass, err);

	if (rc == HF_OK && (strcmp(glass->council, known->council) != 0 || strcmp(glass->device, known->device) != 0))
		rc = hf_err_set(err, HF_E_DEVICE, "Halves of another device, %s, are stored.", glass->device);
	return rc == HF_OK ? hf_glass_hold(&known->glass[glass->side], envelope, &glass, err) : rc;
}

static enum hf_rc holds_now(const struct hf_known *known, const struct hf_glass_held *held, struct hf_wall local,
			    struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	enum hf_rc rc;

	if (!held->doc)
		return hf_err_set(err, HF_E_ABSENT, "The council has made no halves for this device.");
	rc = hf_glass_open(known, held->envelope, &glass, err);
	if (rc == HF_OK && hf_trust_void(known->trust, &glass->digest))
		rc = hf_err_set(err, HF_E_VOID, "The roots have set the halves of this device aside.");
	if (rc == HF_OK && (local.s > glass->until.s || known->issued.s > glass->until.s))
		rc = hf_err_set(err, HF_E_VOID, "The halves of this device have ended: they held for twelve months at most.");
	if (rc == HF_OK && local.s < known->issued.s)
		rc = hf_err_set(err, HF_E_ROLLBACK, "The clock of this device is behind what the council has said of the time.");
	return rc;
}

enum hf_rc hf_glass_now(const struct hf_known *known, struct hf_wall local, struct hf_glass_set *ret_set,
			struct hf_err *err)
{
	const struct hf_glass *a = known->glass[HF_GLASS_A].doc, *b = known->glass[HF_GLASS_B].doc;
	enum hf_rc rc = holds_now(known, &known->glass[HF_GLASS_A], local, err);

	if (rc == HF_OK)
		rc = holds_now(known, &known->glass[HF_GLASS_B], local, err);
	if (rc == HF_OK && a->set != b->set)
		rc = hf_err_set(err, HF_E_PENDING, "One side has made new halves of this device, and the other has not yet.");
	if (rc != HF_OK)
		return rc;
	*ret_set = (struct hf_glass_set){
		.set = a->set,
		.slots = (int64_t)(a->n_verifiers < b->n_verifiers ? a->n_verifiers : b->n_verifiers),
		.minutes = a->minutes < b->minutes ? a->minutes : b->minutes,
		.until = a->until.s < b->until.s ? a->until : b->until,
		.issued = a->issued.s < b->issued.s ? a->issued : b->issued,
	};
	return HF_OK;
}

void hf_glass_held_done(struct hf_glass_held held[HF_GLASS_SIDES])
{
	for (int side = 0; side < HF_GLASS_SIDES; side++) {
		hf_envelope_free(&held[side].envelope);
		hf_glass_free(&held[side].doc);
	}
}
