/* SPDX-License-Identifier: MIT */
/*
 * Owns which lists of brokers count, and what they come to together.
 * Must never let one person take a broker away, or let the order of hearing decide.
 *
 * The law
 *  1. The base is the highest version that two approved by the rule to change; of two of one version the one with the
 *     lesser digest. Those below it are let go of.
 *  2. What one person alone approved only adds: its brokers count beside those of the base, if its version is above.
 *  3. Of these the eight of the highest versions count, and of all brokers together the first sixteen.
 *
 * How we read it
 *  2: so a list of one person that leaves something out removes nothing, and no comparison with what was held then is
 *  needed, which would hang on the order of hearing.
 *  3: the highest, for a base that comes later leaves these and no others: so what fell out can never be missed. One
 *  stolen key can push out what another person alone added, and nothing that two approved.
 *  What the roots set aside stands for the number below the one that may follow it; what only added counts for nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/law/law.h"

enum hf_rc hf_broker_list_weigh(const struct hf_trust *trust, const struct hf_envelope *envelope,
				struct hf_broker_list *ret_list, struct hf_err *err)
{
	struct hf_broker_list list = {0};
	struct hf_sifted sifted;
	struct hf_verdict verdict;
	enum hf_rc rc = HF_OK;

	list.two = hf_approval_changing(trust, envelope, &verdict, NULL) == HF_OK;
	if (!list.two)
		rc = hf_approval_document(trust, envelope, &verdict, err);
	if (rc == HF_OK)
		rc = hf_brokers_decode(envelope, &list.doc, err);
	if (rc == HF_OK && hf_envelope_copy(envelope, &list.envelope) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "There is no memory for the new list of brokers.");
	if (rc != HF_OK) {
		hf_broker_list_done(&list);
		return rc;
	}
	hf_signers_sift(trust, envelope, &sifted);
	if (!verdict.affirmed)
		hf_sifted_only(&sifted, list.envelope);
	*ret_list = list;
	return HF_OK;
}

static int by_number(const void *a, const void *b)
{
	const struct hf_broker_list *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return hf_digest_cmp(&x->doc->digest, &y->doc->digest);
}

const struct hf_broker_list *hf_broker_set_base(const struct hf_broker_set *set)
{
	const struct hf_broker_list *base = NULL;

	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].two && (!base || set->v[i].number > base->number))
			base = &set->v[i];
	return base;
}

const struct hf_broker_list *hf_broker_set_newest(const struct hf_broker_set *set)
{
	return set->n > 0 ? &set->v[set->n - 1] : NULL;
}

const struct hf_broker_list *hf_broker_set_find(const struct hf_broker_set *set, const struct hf_digest *digest)
{
	for (size_t i = 0; i < set->n; i++)
		if (hf_digest_cmp(&set->v[i].doc->digest, digest) == 0)
			return &set->v[i];
	return NULL;
}

static void take_out_list(struct hf_broker_set *set, size_t i)
{
	hf_broker_list_done(&set->v[i]);
	memmove(&set->v[i], &set->v[i + 1], (set->n - i - 1) * sizeof(*set->v));
	memset(&set->v[--set->n], 0, sizeof(*set->v));
}

static bool counts(const struct hf_broker_list *list, const struct hf_broker_list *base, const struct hf_trust *trust)
{
	if (list == base)
		return true;
	return !list->two && !hf_trust_void(trust, &list->doc->digest) && (!base || list->number > base->number);
}

/* Laws 1 to 3. */
static void settle_lists(struct hf_broker_set *set, const struct hf_trust *trust)
{
	const struct hf_broker_list *base;
	struct hf_digest based = {{0}};

	if (set->n > 1)
		qsort(set->v, set->n, sizeof(*set->v), by_number);
	base = hf_broker_set_base(set);
	if (base)
		based = base->doc->digest;
	for (size_t i = set->n; i > 0; i--) {
		base = hf_broker_set_find(set, &based);
		if (!counts(&set->v[i - 1], base, trust))
			take_out_list(set, i - 1);
	}
	while (set->n > HF_BROKER_ADDS_MAX + (hf_broker_set_base(set) ? 1 : 0))
		take_out_list(set, hf_broker_set_base(set) ? 1 : 0);
}

static void number_list(const struct hf_trust *trust, struct hf_broker_list *list)
{
	const struct hf_void *aside = hf_trust_void(trust, &list->doc->digest);

	list->number = aside ? 2 * aside->from_version - 1 : 2 * list->doc->version;
}

static void join_list(struct hf_broker_list *mine, const struct hf_trust *trust, struct hf_broker_list *fresh,
		      bool *ret_new)
{
	struct hf_verdict verdict;
	bool was_two = mine->two;
	bool grew = hf_envelope_join(&mine->envelope, &fresh->envelope, fresh->two && !mine->two);

	mine->two = mine->two || fresh->two ||
		    (grew && hf_approval_changing(trust, mine->envelope, &verdict, NULL) == HF_OK);
	*ret_new = grew || mine->two != was_two;
}

/* Why a list that is not held may not come in; HF_OK: it may. */
static enum hf_rc refuse_list(const struct hf_broker_set *set, const struct hf_trust *trust,
			      const struct hf_broker_list *fresh, struct hf_err *err)
{
	const struct hf_broker_list *base = hf_broker_set_base(set);

	if (hf_trust_void(trust, &fresh->doc->digest) && (base || !fresh->two))
		return hf_err_set(err, HF_E_VOID, "The roots have set version %lld of the list of brokers aside.",
				  (long long)fresh->doc->version);
	if (base && (fresh->two ? fresh->number < base->number : fresh->number <= base->number))
		return hf_err_set(err, HF_E_ROLLBACK,
				  "Version %lld of the list of brokers is not newer than version %lld, which two have "
				  "approved: make it version %lld.",
				  (long long)fresh->doc->version, (long long)base->doc->version,
				  (long long)hf_broker_set_newest(set)->doc->version + 1);
	return HF_OK;
}

static enum hf_rc insert_list(struct hf_broker_set *set, const struct hf_trust *trust, struct hf_broker_list *fresh,
			      bool *ret_new, struct hf_err *err)
{
	const struct hf_digest digest = fresh->doc->digest;
	const struct hf_broker_list *base = hf_broker_set_base(set);
	const int64_t version = fresh->doc->version;
	bool fork = base && fresh->two && fresh->number == base->number;

	set->v[set->n++] = *fresh;
	memset(fresh, 0, sizeof(*fresh));
	settle_lists(set, trust);
	*ret_new = hf_broker_set_find(set, &digest);
	if (fork)
		return hf_err_set(err, HF_E_FORK,
				  "Two have approved another list of brokers of version %lld: of them one counts.",
				  (long long)version);
	if (!*ret_new)
		return hf_err_set(err, HF_E_SIZE,
				  "One person alone has approved %d newer lists of brokers: two approve the next one.",
				  HF_BROKER_ADDS_MAX);
	return HF_OK;
}

enum hf_rc hf_broker_set_join(struct hf_broker_set *set, const struct hf_trust *trust, struct hf_broker_list *fresh,
			      bool *ret_new, struct hf_err *err)
{
	struct hf_broker_list *mine = (struct hf_broker_list *)hf_broker_set_find(set, &fresh->doc->digest);
	enum hf_rc rc = HF_OK;

	*ret_new = false;
	number_list(trust, fresh);
	if (mine) {
		join_list(mine, trust, fresh, ret_new);
		settle_lists(set, trust);
	} else {
		rc = refuse_list(set, trust, fresh, err);
		if (rc == HF_OK)
			rc = insert_list(set, trust, fresh, ret_new, err);
	}
	hf_broker_list_done(fresh);
	return rc;
}

void hf_broker_set_rejudge(struct hf_broker_set *set, const struct hf_trust *trust)
{
	for (size_t i = 0; i < set->n; i++) {
		struct hf_verdict verdict;

		if (!set->v[i].two && hf_approval_changing(trust, set->v[i].envelope, &verdict, NULL) == HF_OK)
			set->v[i].two = true;
		number_list(trust, &set->v[i]);
	}
	settle_lists(set, trust);
}

bool hf_brokers_now_has(const struct hf_brokers_now *now, const struct hf_broker *broker)
{
	for (size_t i = 0; i < now->n; i++)
		if (hf_broker_same(&now->v[i], broker))
			return true;
	return false;
}

void hf_broker_set_now(const struct hf_broker_set *set, struct hf_brokers_now *ret_now)
{
	const struct hf_broker_list *newest = hf_broker_set_newest(set);

	memset(ret_now, 0, sizeof(*ret_now));
	ret_now->version = newest ? newest->doc->version : 0;
	ret_now->by_two = hf_broker_set_base(set);
	for (size_t i = 0; i < set->n; i++)
		for (size_t b = 0; b < set->v[i].doc->n && ret_now->n < HF_BROKERS_ALL_MAX; b++)
			if (!hf_brokers_now_has(ret_now, &set->v[i].doc->v[b]))
				ret_now->v[ret_now->n++] = set->v[i].doc->v[b];
}

bool hf_brokers_take_away(const struct hf_brokers_now *now, const struct hf_brokers *next)
{
	for (size_t i = 0; i < now->n; i++) {
		bool kept = false;

		for (size_t b = 0; b < next->n; b++)
			kept = kept || (hf_broker_same(&now->v[i], &next->v[b]) && strcmp(now->v[i].id, next->v[b].id) == 0);
		if (!kept)
			return true;
	}
	return false;
}

void hf_broker_list_done(struct hf_broker_list *list)
{
	hf_envelope_free(&list->envelope);
	hf_brokers_free(&list->doc);
	memset(list, 0, sizeof(*list));
}

void hf_broker_set_done(struct hf_broker_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		hf_broker_list_done(&set->v[i]);
	memset(set, 0, sizeof(*set));
}
