/* SPDX-License-Identifier: MIT */
/*
 * Owns which register is in force, of all the parts that were heard.
 * Must never let a register count that is not whole, or whose parts were not approved as one.
 *
 * The law
 *  1. A register is in force when its part 1 and every part that it names are held, each approved by itself. Until then
 *     the one before stays.
 *  2. Of those that are whole the highest version is in force; of two of one version the one with the lower digest of
 *     part 1, and it is told as `fork`. So it is a pure function of what was heard.
 *  3. What the roots set aside is not taken where another is in force; where it is, it stays until a successor is whole.
 *
 * How we read it
 *  1: part 1 names the others by digest, so nobody can put parts of two editions together.
 *  2: every part that could still be of a register in force later is kept: of the version in force and above.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/law/law.h"

static struct hf_part *find_part(const struct hf_parts *parts, const struct hf_digest *digest)
{
	for (size_t i = 0; i < parts->n; i++)
		if (hf_digest_cmp(&parts->v[i].envelope->digest, digest) == 0)
			return (struct hf_part *)&parts->v[i];
	return NULL;
}

const struct hf_envelope *hf_parts_find(const struct hf_parts *parts, const struct hf_digest *digest)
{
	const struct hf_part *part = find_part(parts, digest);

	return part ? part->envelope : NULL;
}

const struct hf_envelope *hf_parts_in_force(const struct hf_parts *parts, size_t i)
{
	return i < parts->n_in_force ? hf_parts_find(parts, &parts->in_force[i]) : NULL;
}

bool hf_parts_are_in_force(const struct hf_parts *parts, const struct hf_digest *digest)
{
	for (size_t i = 0; i < parts->n_in_force; i++)
		if (hf_digest_cmp(&parts->in_force[i], digest) == 0)
			return true;
	return false;
}

static void remove_part(struct hf_parts *parts, size_t at)
{
	hf_envelope_free(&parts->v[at].envelope);
	memmove(&parts->v[at], &parts->v[at + 1], (parts->n - at - 1) * sizeof(parts->v[0]));
	parts->n--;
}

/* Opened parts of one register, while it is put together. */
struct opened {
	struct hf_register *v[HF_REGISTER_PARTS_MAX];
	size_t n;
};

#define auto_opened __attribute__((cleanup(opened_done)))

static void opened_done(struct opened *opened)
{
	for (size_t i = 0; i < opened->n; i++)
		hf_register_free(&opened->v[i]);
}

/* The parts that part 1, which is opened, names. *ret_all is false when one of them is missing. */
static enum hf_rc open_rest(const struct hf_parts *parts, struct opened *opened, bool *ret_all, struct hf_err *err)
{
	const struct hf_register_place *place = &opened->v[0]->place;
	enum hf_rc rc = HF_OK;

	*ret_all = true;
	for (int64_t i = 0; i + 1 < place->parts && *ret_all; i++)
		*ret_all = find_part(parts, &place->rest[i]);
	for (int64_t i = 0; i + 1 < place->parts && *ret_all && rc == HF_OK; i++) {
		rc = hf_register_decode(hf_parts_find(parts, &place->rest[i]), &opened->v[opened->n], err);
		opened->n += rc == HF_OK;
	}
	return rc;
}

enum hf_rc hf_parts_whole(const struct hf_parts *parts, const struct hf_envelope *first,
			  struct hf_register **ret_register, struct hf_err *err)
{
	auto_opened struct opened opened = {.n = 0};
	bool all = false;
	enum hf_rc rc = hf_register_decode(first, &opened.v[0], err);

	if (rc != HF_OK)
		return rc;
	opened.n = 1;
	if (opened.v[0]->place.part != 1)
		return hf_err_set(err, HF_E_TYPE, "This is part %lld of a register, and no part 1.",
				  (long long)opened.v[0]->place.part);
	rc = open_rest(parts, &opened, &all, err);
	if (rc != HF_OK)
		return rc;
	if (!all)
		*ret_register = NULL;
	else if (opened.n == 1)
		*ret_register = hf_steal_ptr(&opened.v[0]);
	else
		rc = hf_register_join((const struct hf_register *const *)opened.v, opened.n, ret_register, err);
	return rc;
}

/* May it take the place of the one in force? HF_E_FORK: yes, and two of its version were approved. */
static bool may_follow(const struct hf_known *known, struct hf_version heard)
{
	enum hf_rc rc = hf_version_follows(known->trust, HF_VERSION_OF(known->reg), heard, NULL);

	return rc == HF_OK || (rc == HF_E_FORK && hf_digest_cmp(&heard.digest, &known->reg->digest) < 0);
}

/* Those of which nothing that could be in force later is made. */
static void let_go(struct hf_known *known)
{
	struct hf_parts *parts = &known->parts;

	for (size_t i = parts->n; i > 0; i--) {
		const struct hf_part *part = &parts->v[i - 1];
		const struct hf_version version = {part->version, part->envelope->digest};
		enum hf_rc rc = hf_version_follows(known->trust, HF_VERSION_OF(known->reg), version, NULL);

		if (rc != HF_OK && rc != HF_E_FORK && !hf_parts_are_in_force(parts, &part->envelope->digest))
			remove_part(parts, i - 1);
	}
}

/* Takes the register over. */
static void put_in_force(struct hf_known *known, struct hf_register **reg)
{
	struct hf_parts *parts = &known->parts;

	hf_register_free(&known->reg);
	known->reg = hf_steal_ptr(reg);
	parts->in_force[0] = known->reg->digest;
	parts->n_in_force = (size_t)known->reg->place.parts;
	memcpy(&parts->in_force[1], known->reg->place.rest, (parts->n_in_force - 1) * sizeof(parts->in_force[0]));
	let_go(known);
}

/* A part 1 whose parts do not belong together promises what is not so: it is let go, and told. */
static void refuse_whole(struct hf_known *known, size_t at, enum hf_rc rc, struct hf_hearing *hearing,
			 const struct hf_err *why)
{
	if (hearing)
		hf_hearing_refuse(hearing, rc, &known->parts.v[at].envelope->digest, why);
	remove_part(&known->parts, at);
}

/* The best is looked at first, so that the first that is whole is the one. */
static enum hf_rc settle(struct hf_known *known, struct hf_hearing *hearing, struct hf_err *err)
{
	struct hf_parts *parts = &known->parts;

	for (size_t i = 0; i < parts->n;) {
		hf_auto_register struct hf_register *reg = NULL;
		const struct hf_part *part = &parts->v[i];
		struct hf_err why = {""};
		enum hf_rc rc;

		if (part->place.part != 1 || hf_parts_are_in_force(parts, &part->envelope->digest) ||
		    !may_follow(known, (struct hf_version){part->version, part->envelope->digest})) {
			i++;
			continue;
		}
		rc = hf_parts_whole(parts, part->envelope, &reg, &why);
		if (rc == HF_E_MEMORY)
			return hf_err_set(err, rc, "%s", why.text);
		if (rc == HF_OK && reg) {
			put_in_force(known, &reg);
			if (hearing)
				hearing->grew = true;
			return HF_OK;
		}
		if (rc != HF_OK)
			refuse_whole(known, i, rc, hearing, &why);
		else
			i++;
	}
	return HF_OK;
}

/* Where a part of this version and digest stands in the set, or would. */
static size_t place_of(const struct hf_parts *parts, struct hf_version one)
{
	size_t at = 0;

	while (at < parts->n && (parts->v[at].version > one.version ||
				 (parts->v[at].version == one.version &&
				  hf_digest_cmp(&parts->v[at].envelope->digest, &one.digest) < 0)))
		at++;
	return at;
}

static size_t n_waiting(const struct hf_parts *parts)
{
	return parts->n - parts->n_in_force;
}

/* The last of those that wait: for a better one it is let go. There is one. */
static size_t last_waiting(const struct hf_parts *parts)
{
	size_t i = parts->n - 1;

	while (hf_parts_are_in_force(parts, &parts->v[i].envelope->digest))
		i--;
	return i;
}

static bool has_room(const struct hf_parts *parts, struct hf_version one)
{
	return n_waiting(parts) < HF_PARTS_WAITING_MAX || place_of(parts, one) <= last_waiting(parts);
}

/* For one part there is always room: trim takes it back when the register in force has been settled. */
static void keep(struct hf_parts *parts, const struct hf_register *reg, struct hf_envelope **envelope)
{
	size_t at = place_of(parts, (struct hf_version){reg->version, (*envelope)->digest});

	memmove(&parts->v[at + 1], &parts->v[at], (parts->n - at) * sizeof(parts->v[0]));
	parts->v[at] = (struct hf_part){
		.envelope = hf_steal_ptr(envelope), .version = reg->version, .place = reg->place};
	parts->n++;
}

static void trim(struct hf_parts *parts)
{
	while (n_waiting(parts) > HF_PARTS_WAITING_MAX)
		remove_part(parts, last_waiting(parts));
}

static enum hf_rc check_approved(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_err *err)
{
	struct hf_verdict verdict;

	return hf_approval_document(known->trust, envelope, &verdict, err);
}

/* What could refuse this part, which is approved and new. A part of the version in force may be of a register that goes before it. */
static enum hf_rc weigh_part(const struct hf_known *known, const struct hf_envelope *envelope,
			     struct hf_register **ret_register, struct hf_err *err)
{
	const struct hf_register *reg;
	enum hf_rc rc = hf_register_decode(envelope, ret_register, err);

	reg = *ret_register;
	if (rc == HF_OK && strcmp(known->council, reg->council) != 0)
		rc = hf_err_set(err, HF_E_COUNCIL, "This was made for another council, %s.", reg->council);
	if (rc != HF_OK)
		return rc;
	rc = hf_version_follows(known->trust, HF_VERSION_OF(known->reg), HF_VERSION_OF(reg), err);
	if (rc != HF_OK && !(rc == HF_E_FORK && reg->place.part > 1) && !may_follow(known, HF_VERSION_OF(reg)))
		return rc;
	if (!has_room(&known->parts, HF_VERSION_OF(reg)))
		return hf_err_set(err, HF_E_SIZE, "%d parts of registers wait already, and each of a higher version.",
				  HF_PARTS_WAITING_MAX);
	return HF_OK;
}

static bool begins_with(const struct hf_part *first, const struct hf_digest *part)
{
	for (int64_t i = 0; first->place.part == 1 && i + 1 < first->place.parts; i++)
		if (hf_digest_cmp(&first->place.rest[i], part) == 0)
			return true;
	return hf_digest_cmp(&first->envelope->digest, part) == 0;
}

/* Every register that this part would make whole must be one: what is told to a hearing is refused here beforehand. */
enum hf_rc hf_known_try_register(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_register struct hf_register *part = NULL;
	struct hf_envelope *lent = (struct hf_envelope *)envelope; /* it is only looked at */
	struct hf_parts with = known->parts;
	enum hf_rc rc = check_approved(known, envelope, err);

	if (rc == HF_OK && hf_parts_find(&known->parts, &envelope->digest))
		return HF_OK;
	if (rc == HF_OK)
		rc = weigh_part(known, envelope, &part, err);
	if (rc != HF_OK)
		return rc;
	keep(&with, part, &lent);
	for (size_t i = 0; rc == HF_OK && i < with.n; i++) {
		hf_auto_register struct hf_register *whole = NULL;

		if (with.v[i].place.part == 1 && begins_with(&with.v[i], &envelope->digest))
			rc = hf_parts_whole(&with, with.v[i].envelope, &whole, err);
	}
	return rc;
}

/* It is approved and may count; a part 1 was opened with its parts before, so that a refused one changes nothing. */
static enum hf_rc take_part(struct hf_known *known, struct hf_register **whole, struct hf_hearing *hearing,
			    struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	if (*whole) {
		put_in_force(known, whole);
		hearing->grew = true;
	} else {
		rc = settle(known, hearing, err);
	}
	trim(&known->parts);
	return rc;
}

enum hf_rc hf_known_hear_register(struct hf_known *known, const struct hf_envelope *envelope,
				  struct hf_hearing *hearing, struct hf_err *err)
{
	hf_auto_register struct hf_register *part = NULL, *whole = NULL;
	hf_auto_envelope struct hf_envelope *copy = NULL;
	bool fork;
	enum hf_rc rc = check_approved(known, envelope, err);

	if (rc == HF_OK && hf_parts_find(&known->parts, &envelope->digest))
		return settle(known, hearing, err);
	if (rc == HF_OK)
		rc = weigh_part(known, envelope, &part, err);
	if (rc == HF_OK && part->place.part == 1)
		rc = hf_parts_whole(&known->parts, envelope, &whole, err);
	if (rc == HF_OK && hf_envelope_copy(envelope, &copy) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "There is no memory for the new register.");
	if (rc != HF_OK)
		return rc;
	fork = part->place.part == 1 &&
	       hf_version_follows(known->trust, HF_VERSION_OF(known->reg), HF_VERSION_OF(part), err) == HF_E_FORK;
	keep(&known->parts, part, &copy);
	rc = take_part(known, &whole, hearing, err);
	return rc == HF_OK && fork ? HF_E_FORK : rc;
}

/* Nothing of it can fail but for memory: then the next part that is heard settles it. */
void hf_parts_rejudge(struct hf_known *known, struct hf_hearing *hearing)
{
	struct hf_parts *parts = &known->parts;

	for (size_t i = parts->n; i > 0; i--) {
		const struct hf_envelope *envelope = parts->v[i - 1].envelope;

		if (!hf_parts_are_in_force(parts, &envelope->digest) &&
		    (check_approved(known, envelope, NULL) != HF_OK ||
		     (known->reg && hf_trust_void(known->trust, &envelope->digest))))
			remove_part(parts, i - 1);
	}
	(void)settle(known, hearing, NULL);
}

enum hf_rc hf_parts_restore(struct hf_known *known, struct hf_envelope **envelopes, size_t n, struct hf_err *err)
{
	hf_auto_register struct hf_register *whole = NULL;
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < n; i++) {
		hf_auto_register struct hf_register *reg = NULL;

		rc = hf_register_decode(envelopes[i], &reg, err);
		if (rc != HF_OK)
			return rc;
		keep(&known->parts, reg, &envelopes[i]);
		known->parts.in_force[known->parts.n_in_force++] = reg->digest;
	}
	rc = hf_parts_whole(&known->parts, hf_parts_in_force(&known->parts, 0), &whole, err);
	if (rc == HF_OK && (!whole || whole->place.parts != (int64_t)n))
		rc = hf_err_set(err, HF_E_SHAPE, "The stored register is not whole.");
	if (rc == HF_OK && strcmp(whole->council, known->council) != 0)
		rc = hf_err_set(err, HF_E_COUNCIL, "The stored register is of another council, %s.", whole->council);
	if (rc == HF_OK)
		put_in_force(known, &whole);
	return rc;
}

void hf_parts_done(struct hf_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		hf_envelope_free(&parts->v[i].envelope);
	memset(parts, 0, sizeof(*parts));
}
