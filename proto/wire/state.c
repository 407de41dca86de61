/* SPDX-License-Identifier: MIT */
/*
 * Owns the state document: what a controller says exists now, one page of it.
 * Must never let one order that is no envelope hide the others, nor judge any of them: that is proto/law.
 */
#include <holdfast/state.h>

#include <stdlib.h>
#include <string.h>

#include "proto/wire/doc.h"

struct parts {
	json_t *trust, *reg, *orders, *log, *claims, *from;
	bool no_claims, no_from, no_heard; /* none to be put; when taken, there need be none */
};

/* clang-format off */
#define STATE_ROWS(s, p) {                                          \
	HF_ROW("council",     ID,     &(s)->council,     0),        \
	HF_ROW("controller",  ID,     &(s)->controller,  0),        \
	HF_ROW("seq",         INT,    &(s)->seq,         HF_JSON_INT_MAX), \
	HF_ROW("issued",      WALL,   &(s)->issued,      0),        \
	HF_ROW("valid_until", WALL,   &(s)->valid_until, 0),        \
	HF_ROW("page",        INT,    &(s)->page,        HF_PAGES_MAX - 1), \
	HF_ROW("pages",       INT,    &(s)->pages,       HF_PAGES_MAX), \
	HF_ROW("trust",       OBJECT, &(p)->trust,       0),        \
	HF_ROW("register",    OBJECT, &(p)->reg,         0),        \
	HF_ROW("orders",      ARRAY,  &(p)->orders,      HF_PAGE_ORDERS_MAX), \
	HF_ROW("log",         OBJECT, &(p)->log,         0),        \
	HF_ROW_IF("claims",   ARRAY,  &(p)->claims,      HF_PAGE_CLAIMS_MAX, (p)->no_claims), \
	HF_ROW_IF("heard",    DIGEST, &(s)->heard,       0, (p)->no_heard), \
}
#define TRUST_ROWS(s) {                                             \
	HF_ROW("epoch",   INT,    &(s)->trust_epoch,      HF_JSON_INT_MAX), \
	HF_ROW("digest",  DIGEST, &(s)->trust_digest,     0),       \
}
#define REGISTER_ROWS(s) {                                          \
	HF_ROW("version", INT,    &(s)->register_version, HF_JSON_INT_MAX), \
	HF_ROW("digest",  DIGEST, &(s)->register_digest,  0),       \
}
#define LOG_ROWS(s, p) {                                            \
	HF_ROW("size",    INT,    &(s)->log_size,         HF_JSON_INT_MAX), \
	HF_ROW("root",    DIGEST, &(s)->log_root,         0),       \
	HF_ROW_IF("from", ARRAY,  &(p)->from,             HF_LOG_FROM_MAX, (p)->no_from), \
}
#define FROM_ROWS(f, proof) {                                       \
	HF_ROW("size",    INT,    &(f)->size,             HF_JSON_INT_MAX), \
	HF_ROW("proof",   ARRAY,  proof,                  HF_MERKLE_DEPTH), \
}
/* clang-format on */

static enum hf_rc take_order(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_state *state = doc;
	size_t i = state->n_orders;
	state->orders_rc[i] = hf_envelope_from_json(value, &state->orders[i], err);
	if (state->orders_rc[i] == HF_E_MEMORY)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for an order of this state.");
	state->n_orders++;
	return HF_OK;
}

static enum hf_rc take_orders(struct hf_state *state, json_t *orders, struct hf_err *err)
{
	size_t n = json_array_size(orders);
	enum hf_rc rc = hf_doc_alloc(n, sizeof(struct hf_envelope *), &state->orders, err);
	if (rc == HF_OK)
		rc = hf_doc_alloc(n, sizeof(*state->orders_rc), &state->orders_rc, err);
	return rc == HF_OK ? hf_doc_each(orders, take_order, state, err) : rc;
}

static enum hf_rc take_from(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_state *state = doc;
	struct hf_log_from *from = &state->from[state->n_from];
	json_t *list = NULL;
	hf_auto_free struct hf_digest *proof = NULL;
	const struct hf_json_member rows[] = FROM_ROWS(from, &list);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_digests(list, &proof, &from->proof.n, err);
	if (rc != HF_OK)
		return rc;
	if (proof)
		memcpy(from->proof.v, proof, from->proof.n * sizeof(*proof));
	if (from->size < 1 || (from->size >= state->log_size && from->proof.n > 0))
		return hf_err_set(err, HF_E_SHAPE, "A log is proved to go on from a size that it had before.");
	for (const struct hf_log_from *other = state->from; other < from; other++)
		if (other->size == from->size)
			return hf_err_set(err, HF_E_SHAPE, "The state says twice how its log goes on from one size.");
	state->n_from++;
	return HF_OK;
}

static enum hf_rc take_log(struct hf_state *state, struct parts *parts, struct hf_err *err)
{
	const struct hf_json_member rows[] = LOG_ROWS(state, parts);
	enum hf_rc rc = hf_json_take(parts->log, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_some(parts->from, "from", err);
	if (rc != HF_OK || !parts->from)
		return rc;
	if (state->page + 1 != state->pages || json_array_size(parts->orders) > 0 || parts->claims)
		return hf_err_set(err, HF_E_SHAPE, "How a log goes on stands on a last page of its own.");
	rc = hf_doc_alloc(json_array_size(parts->from), sizeof(*state->from), &state->from, err);
	return rc == HF_OK ? hf_doc_each(parts->from, take_from, state, err) : rc;
}

static enum hf_rc take_parts(struct hf_state *state, struct parts *parts, struct hf_err *err)
{
	const struct hf_json_member trust_rows[] = TRUST_ROWS(state);
	const struct hf_json_member register_rows[] = REGISTER_ROWS(state);
	enum hf_rc rc = hf_json_take(parts->trust, trust_rows, HF_LEN(trust_rows), err);
	if (rc == HF_OK)
		rc = hf_json_take(parts->reg, register_rows, HF_LEN(register_rows), err);
	if (rc == HF_OK)
		rc = take_log(state, parts, err);
	if (rc == HF_OK)
		rc = hf_doc_some(parts->claims, "claims", err);
	if (rc == HF_OK)
		rc = hf_postings_take(parts->claims, HF_POSTING_REPEATED, &state->claims, &state->n_claims, err);
	return rc == HF_OK ? take_orders(state, parts->orders, err) : rc;
}

static enum hf_rc take_heard(struct hf_state *state, struct hf_err *err)
{
	state->hears = json_object_get(state->doc, "heard");
	if (state->hears && (state->pages != 1 || state->n_orders > 0 || state->n_claims > 0 || state->n_from > 0))
		return hf_err_set(err, HF_E_SHAPE, "A state that says of a report that it was heard says nothing else.");
	return HF_OK;
}

enum hf_rc hf_state_decode(const struct hf_envelope *envelope, struct hf_state **ret_state, struct hf_err *err)
{
	hf_auto_state struct hf_state *state = NULL;
	struct parts parts = {.no_claims = true, .no_from = true, .no_heard = true};
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*state), &state, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_STATE, &state->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = STATE_ROWS(state, &parts);
	rc = hf_json_take(state->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK && (state->seq < 1 || state->page >= state->pages))
		rc = hf_err_set(err, HF_E_SHAPE, "A state's seq begins at 1, and its page is below its pages.");
	if (rc == HF_OK && state->valid_until.s - state->issued.s > HF_STATE_VALID_S)
		rc = hf_err_set(err, HF_E_SHAPE, "A state is valid for at most %d seconds.", HF_STATE_VALID_S);
	if (rc == HF_OK)
		rc = take_parts(state, &parts, err);
	if (rc == HF_OK)
		rc = take_heard(state, err);
	if (rc != HF_OK)
		return rc;
	state->digest = envelope->digest;
	*ret_state = hf_steal_ptr(&state);
	return HF_OK;
}

static json_t *order_to_json(const void *doc, size_t i)
{
	struct hf_envelope *const *orders = doc;
	return orders[i] ? hf_envelope_to_json(orders[i]) : json_null();
}

static json_t *from_to_json(const void *doc, size_t i)
{
	struct hf_log_from from = ((const struct hf_log_from *)doc)[i];
	hf_auto_json json_t *proof = hf_doc_digests_to_json(from.proof.v, from.proof.n);
	const struct hf_json_member rows[] = FROM_ROWS(&from, &proof);
	return proof ? hf_json_put(rows, HF_LEN(rows)) : NULL;
}

static json_t *log_to_json(const struct hf_state *state)
{
	struct hf_state copy = *state;
	hf_auto_json json_t *from = hf_doc_list(from_to_json, state->from, state->n_from);
	struct parts parts = {.from = from, .no_from = state->n_from == 0};
	const struct hf_json_member rows[] = LOG_ROWS(&copy, &parts);
	return from ? hf_json_put(rows, HF_LEN(rows)) : NULL;
}

json_t *hf_state_encode(const struct hf_state *state)
{
	struct hf_state copy = *state; /* the tables point to what may be written; nothing is */
	const struct hf_json_member trust_rows[] = TRUST_ROWS(&copy);
	const struct hf_json_member register_rows[] = REGISTER_ROWS(&copy);
	hf_auto_json json_t *trust = hf_json_put(trust_rows, HF_LEN(trust_rows));
	hf_auto_json json_t *reg = hf_json_put(register_rows, HF_LEN(register_rows));
	hf_auto_json json_t *log = log_to_json(state);
	hf_auto_json json_t *orders = hf_doc_list(order_to_json, state->orders, state->n_orders);
	hf_auto_json json_t *claims = hf_postings_put(state->claims, state->n_claims, HF_POSTING_REPEATED);
	struct parts parts = {.trust = trust,
			      .reg = reg,
			      .orders = orders,
			      .log = log,
			      .claims = claims,
			      .no_claims = state->n_claims == 0,
			      .no_heard = !state->hears};
	const struct hf_json_member rows[] = STATE_ROWS(&copy, &parts);
	return hf_json_put(rows, HF_LEN(rows));
}

void hf_state_free(struct hf_state **state)
{
	struct hf_state *s = *state;
	if (!s)
		return;
	for (size_t i = 0; i < s->n_orders; i++)
		hf_envelope_free(&s->orders[i]);
	free(s->orders);
	free(s->orders_rc);
	free(s->claims);
	free(s->from);
	json_decref(s->doc);
	free(s);
	*state = NULL;
}
