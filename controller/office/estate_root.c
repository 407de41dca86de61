/* SPDX-License-Identifier: MIT */
/*
 * Owns which assignments a trust affirms by its one root, in which order, and the proof of each.
 * Must never count one as more than the trust before approved.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/assignment.h>
#include <holdfast/rows.h>

#include "controller/office/estate_root.h"

static int compare_estate_rows(const void *a, const void *b)
{
	const struct hf_estate_row *x = a, *y = b;
	int by_device = strcmp(x->device, y->device);

	return by_device ? by_device : hf_digest_cmp(&x->digest, &y->digest);
}

static enum hf_rc not_approved(const struct hf_trust *held, const struct hf_envelope *envelope, struct hf_err *err)
{
	char hex[HF_DIGEST_HEX_SIZE];
	struct hf_verdict verdict;
	struct hf_err why = {0};
	enum hf_rc rc = hf_approval_document(held, envelope, &verdict, &why);

	return hf_err_set(err, rc, "DO NOT SIGN THIS: it affirms the assignment %.12s, which the trust before it did not approve (%s): %s",
			  hf_digest_hex(&envelope->digest, hex), hf_rc_name(rc), why.text);
}

enum hf_rc hf_estate_root_add(struct hf_estate_root *root, const struct hf_envelope *envelope, enum hf_by by,
			      struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	enum hf_rc rc = hf_assignment_decode(envelope, &assignment, err);

	if (rc != HF_OK)
		return rc;
	if (root->n == HF_PROVEN_MAX)
		return hf_err_set(err, HF_E_SIZE, "A trust affirms at most %d assignments.", HF_PROVEN_MAX);
	if (hf_rows_reserve(&root->v, &root->room, root->n + 1, sizeof(*root->v)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	root->v[root->n] = (struct hf_estate_row){.digest = envelope->digest, .by_two = by == HF_BY_TWO};
	rc = hf_str_copy(root->v[root->n].device, HF_ID_SIZE, assignment->device);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The device's id is too long.");
	root->n++;
	return HF_OK;
}

static enum hf_rc add_approved(const struct hf_trust *held, const struct hf_envelope *envelope,
			       struct hf_estate_root *root, struct hf_err *err)
{
	struct hf_followed by;

	hf_approval_follow(held, held, envelope, &by);
	return by.before == HF_BY_NOBODY ? not_approved(held, envelope, err)
					 : hf_estate_root_add(root, envelope, by.before, err);
}

/* Sorted, and each once. */
static void settle_estate_rows(struct hf_estate_root *root)
{
	size_t kept = 0;

	if (root->n > 0)
		qsort(root->v, root->n, sizeof(*root->v), compare_estate_rows);
	for (size_t i = 0; i < root->n; i++)
		if (kept == 0 || compare_estate_rows(&root->v[kept - 1], &root->v[i]) != 0)
			root->v[kept++] = root->v[i];
	root->n = kept;
	for (size_t i = 0; i < root->n; i++) {
		root->n_by_two += root->v[i].by_two;
		root->n_devices += i == 0 || strcmp(root->v[i - 1].device, root->v[i].device) != 0;
	}
}

/* Of the subtrees of a level those that are full stand there, one level behind the other. */
static enum hf_rc node_of_estate(void *arg, unsigned level, uint64_t place, struct hf_digest *ret, struct hf_err *err)
{
	const struct hf_estate_root *root = arg;
	const struct hf_digest *nodes = root->nodes;

	for (unsigned below = 0; below < level; below++)
		nodes += root->n >> below;
	if (place >= root->n >> level)
		return hf_err_set(err, HF_E_ABSENT, "there is no node %u-%" PRIu64, level, place);
	*ret = nodes[place];
	return HF_OK;
}

static struct hf_merkle_nodes nodes_of_estate(const struct hf_estate_root *root)
{
	return (struct hf_merkle_nodes){node_of_estate, (void *)root};
}

static enum hf_rc fill_estate_nodes(struct hf_estate_root *root)
{
	struct hf_digest *level = root->nodes;
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < root->n; i++)
		rc = hf_assignment_leaf(root->v[i].device, &root->v[i].digest,
					hf_rule_act_name(root->v[i].by_two ? HF_RULE_LOOSEN : HF_RULE_APPROVE), &level[i]);
	for (size_t left = root->n; left > 1; left /= 2) {
		struct hf_digest *above = level + left;

		for (size_t i = 0; i < left / 2; i++)
			above[i] = hf_merkle_node(&level[2 * i], &level[2 * i + 1]);
		level = above;
	}
	return rc;
}

enum hf_rc hf_estate_root_finish(struct hf_estate_root *root, struct hf_err *err)
{
	struct hf_merkle_nodes nodes;
	enum hf_rc rc;

	settle_estate_rows(root);
	if (root->n == 0)
		return HF_OK;
	nodes = nodes_of_estate(root);
	root->nodes = calloc(2 * root->n, sizeof(*root->nodes));
	if (!root->nodes || fill_estate_nodes(root) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	root->head.size = root->n;
	rc = hf_merkle_head_of(&nodes, root->n, &root->head.root, err);
	return rc;
}

static enum hf_rc prove_estate_row(const struct hf_estate_root *root, size_t i, struct hf_proof *ret)
{
	const struct hf_merkle_nodes nodes = nodes_of_estate(root);
	struct hf_merkle_proof proof = {.n = 0};
	enum hf_rc rc = hf_merkle_prove_leaf(&nodes, i, root->n, &proof, NULL);

	*ret = (struct hf_proof){.index = (int64_t)i, .n = proof.n};
	memcpy(ret->v, proof.v, sizeof(ret->v));
	return rc;
}

enum hf_rc hf_estate_root_of(const struct hf_trust *held, const struct hf_trust *next, const json_t *documents,
			     struct hf_estate_root *ret, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	json_t *one;
	size_t index;

	json_array_foreach(documents, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;

		if (rc == HF_OK)
			rc = hf_envelope_from_json(one, &envelope, err);
		if (rc == HF_OK && envelope->type == HF_DOC_ASSIGNMENT && !hf_trust_affirms(next, &envelope->digest))
			rc = add_approved(held, envelope, ret, err);
	}
	return rc == HF_OK ? hf_estate_root_finish(ret, err) : rc;
}

json_t *hf_estate_root_json(const struct hf_estate_root *root)
{
	if (root->n == 0)
		return NULL;
	return json_pack("{s:o, s:I}", "root", hf_json_from_digest(&root->head.root), "size", (json_int_t)root->head.size);
}

static json_t *proof_json(const struct hf_estate_root *root, size_t i)
{
	struct hf_proof proof;
	json_t *nodes;

	if (prove_estate_row(root, i, &proof) != HF_OK)
		return NULL;
	nodes = json_array();
	for (size_t k = 0; k < proof.n; k++)
		(void)json_array_append_new(nodes, hf_json_from_digest(&proof.v[k]));
	return json_pack("{s:s, s:o, s:I, s:o}", "device", root->v[i].device, "digest",
			 hf_json_from_digest(&root->v[i].digest), "index", (json_int_t)i, "path", nodes);
}

json_t *hf_estate_root_proofs(const struct hf_estate_root *root, size_t from, size_t n)
{
	json_t *list = json_array();

	for (size_t i = from; i < root->n && i < from + n; i++) {
		if (json_array_append_new(list, proof_json(root, i)) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:o}", "proofs", list);
}

static const struct hf_estate_row *find_estate_row(const struct hf_estate_root *root, const char *device,
						   const struct hf_digest *digest)
{
	struct hf_estate_row wanted = {.digest = *digest};

	if (root->n == 0 || hf_str_copy(wanted.device, sizeof(wanted.device), device) != HF_OK)
		return NULL;
	return bsearch(&wanted, root->v, root->n, sizeof(*root->v), compare_estate_rows);
}

enum hf_rc hf_estate_root_prove(const struct hf_estate_root *root, const char *device, struct hf_envelope *envelope)
{
	const struct hf_estate_row *row = find_estate_row(root, device, &envelope->digest);
	struct hf_proof proof;

	if (!row)
		return HF_OK;
	if (prove_estate_row(root, (size_t)(row - root->v), &proof) != HF_OK)
		return HF_E_MEMORY;
	return hf_envelope_prove(envelope, &proof);
}

enum hf_rc hf_estate_root_effects(const struct hf_estate_root *root, const struct hf_trust *held,
				  const struct hf_trust *next, const json_t *assignments, json_t *effects)
{
	json_t *one;
	size_t index;

	json_array_foreach(assignments, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		hf_auto_assignment struct hf_assignment *assignment = NULL;
		const struct hf_estate_row *row;
		struct hf_followed by;

		if (hf_envelope_from_json(one, &envelope, NULL) != HF_OK || envelope->type != HF_DOC_ASSIGNMENT ||
		    hf_assignment_decode(envelope, &assignment, NULL) != HF_OK)
			continue;
		hf_approval_follow(held, next, envelope, &by);
		row = find_estate_row(root, assignment->device, &envelope->digest);
		if (by.after >= by.before || (row && (row->by_two || by.before == HF_BY_ONE)))
			continue;
		if (json_array_append_new(effects, json_pack("{s:s, s:o, s:s}", "device", assignment->device, "digest",
							     hf_json_from_digest(&envelope->digest), "change", "void")) != 0)
			return HF_E_MEMORY;
	}
	return HF_OK;
}

void hf_estate_root_done(struct hf_estate_root *root)
{
	free(root->nodes);
	free(root->v);
	*root = (struct hf_estate_root){.n = 0};
}
