/* SPDX-License-Identifier: MIT */
/*
 * Owns which device was first to take each posting window, by the newest word of the controllers.
 * Must never open anything: what is said here can only keep a window shut, or tell people what was done.
 *
 * The law
 *  1. Policy D9.3: one named poster posts the one holding message of an account, once: the first device that took the
 *     window has it, for that lockdown, account and person, for ever.
 *  2. A state is freshness, never authority: a stolen controller key can at worst hold back.
 *
 * How we read it
 *  1: the controller writes down the first device that says so, signed; here its word is believed for "no" alone.
 *  Later is the greater of issued, seq and controller, so that the end is the same in whatever order states are heard.
 *  2: a claim of this very device opens nothing either: the device must have written it down itself before. Each
 *  controller's word is kept beside the others', in room of its own, so that a stolen key's words crowd out nobody's,
 *  and what they hid is there again when that key has left the trust.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/claims.h>
#include <holdfast/rows.h>

static bool is_of_account(const struct hf_claim *claim, const struct hf_posting *window)
{
	return hf_digest_cmp(&claim->lockdown, &window->lockdown) == 0 && strcmp(claim->account, window->account) == 0;
}

static bool is_claim_of(const struct hf_claim *claim, const struct hf_posting *window, const struct hf_digest *text)
{
	return is_of_account(claim, window) && strcmp(claim->person, window->person) == 0 &&
	       hf_digest_cmp(&claim->text, text) == 0;
}

enum hf_rc hf_claims_reserve(struct hf_claims *claims, size_t n)
{
	return hf_rows_reserve(&claims->v, &claims->room, claims->n + n, sizeof(*claims->v));
}

/* Total: only the same words are equal. */
static int by_age(const struct hf_claim *a, const struct hf_claim *b)
{
	int order;

	if (a->issued.s != b->issued.s)
		return a->issued.s < b->issued.s ? -1 : 1;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	order = strcmp(a->controller, b->controller);
	if (order == 0)
		order = strcmp(a->device, b->device);
	if (order == 0)
		order = (int)a->state - (int)b->state;
	if (order == 0)
		order = strcmp(a->post, b->post);
	if (order == 0)
		order = a->at.s < b->at.s ? -1 : a->at.s > b->at.s;
	if (order == 0)
		order = hf_digest_cmp(&a->lockdown, &b->lockdown);
	if (order == 0)
		order = strcmp(a->account, b->account);
	if (order == 0)
		order = hf_digest_cmp(&a->text, &b->text);
	return order != 0 ? order : strcmp(a->person, b->person);
}

static const struct hf_claim *find_claim(const struct hf_claims *claims, const struct hf_posting *window,
					 const struct hf_digest *text)
{
	const struct hf_claim *newest = NULL;

	for (size_t i = 0; i < claims->n; i++)
		if (is_claim_of(&claims->v[i], window, text) && (!newest || by_age(&claims->v[i], newest) > 0))
			newest = &claims->v[i];
	return newest;
}

const struct hf_claim *hf_claims_find(const struct hf_claims *claims, const struct hf_posting *window)
{
	static const struct hf_digest any = {0};
	const struct hf_claim *claim = find_claim(claims, window, &window->text);

	return claim ? claim : find_claim(claims, window, &any);
}

const struct hf_claim *hf_claims_used_by_another(const struct hf_claims *claims, const struct hf_posting *window)
{
	for (size_t i = 0; i < claims->n; i++) {
		const struct hf_claim *claim = &claims->v[i];

		if (is_of_account(claim, window) && strcmp(claim->person, window->person) != 0 &&
		    hf_digest_cmp(&claim->text, &window->text) == 0 && claim->state != HF_POSTING_CLAIMED &&
		    claim->state != HF_POSTING_CANNOT)
			return claim;
	}
	return NULL;
}

enum hf_claimed hf_claims_word(const struct hf_claims *claims, const struct hf_posting *window, const char *device)
{
	const struct hf_claim *claim = hf_claims_find(claims, window);

	if (!claim)
		return HF_CLAIMED_NOT;
	return strcmp(claim->device, device) == 0 ? HF_CLAIMED_HERE : HF_CLAIMED_ELSEWHERE;
}

static bool says_the_same(const struct hf_claim *a, const struct hf_claim *b)
{
	return strcmp(a->device, b->device) == 0 && a->state == b->state && a->at.s == b->at.s &&
	       strcmp(a->post, b->post) == 0;
}

/* Every text was measured when it was decoded; what does not fit all the same is left out. */
static bool fill_claim(const struct hf_posting *said, struct hf_claim *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->lockdown = said->lockdown;
	ret->state = said->state;
	ret->at = said->at;
	ret->text = said->text;
	return hf_str_copy(ret->account, sizeof(ret->account), said->account) == HF_OK &&
	       hf_str_copy(ret->person, sizeof(ret->person), said->person) == HF_OK &&
	       hf_str_copy(ret->device, sizeof(ret->device), said->device) == HF_OK &&
	       hf_str_copy(ret->post, sizeof(ret->post), said->post) == HF_OK;
}

/* Where this word belongs: in place of that controller's word of the same window, else at the end, else of its oldest. */
static struct hf_claim *place_of(struct hf_claims *claims, const struct hf_posting *window, const char *controller)
{
	struct hf_claim *oldest = NULL;
	size_t n = 0;

	for (size_t i = 0; i < claims->n; i++) {
		struct hf_claim *held = &claims->v[i];

		if (strcmp(held->controller, controller) != 0)
			continue;
		if (is_claim_of(held, window, &window->text))
			return held;
		if (!oldest || by_age(held, oldest) < 0)
			oldest = held;
		n++;
	}
	return n < HF_CLAIMS_MAX ? &claims->v[claims->n] : oldest;
}

/* Returns true if what is said of that window is another thing now. */
static bool put_claim(struct hf_claims *claims, const struct hf_posting *window, const struct hf_claim *claim)
{
	const struct hf_claim *word = hf_claims_find(claims, window);
	struct hf_claim before = word ? *word : (struct hf_claim){0};
	bool had = word;
	struct hf_claim *place = place_of(claims, window, claim->controller);

	if (place == &claims->v[claims->n])
		claims->n++;
	else if (by_age(claim, place) <= 0)
		return false;
	*place = *claim;
	return !had || !says_the_same(&before, hf_claims_find(claims, window));
}

void hf_claims_follow(struct hf_claims *claims, const struct hf_trust *before, const struct hf_trust *later)
{
	size_t kept = 0;

	for (size_t i = 0; i < claims->n; i++) {
		struct hf_claim *claim = &claims->v[i];
		const char *now = hf_trust_controller_now(before, claim->controller, later);

		if (!now || hf_str_copy(claim->controller, sizeof(claim->controller), now) != HF_OK)
			continue;
		if (kept != i)
			claims->v[kept] = *claim;
		kept++;
	}
	claims->n = kept;
}

bool hf_claims_join(struct hf_claims *claims, const struct hf_state *state)
{
	bool grew = false;

	for (size_t i = 0; i < state->n_claims; i++) {
		struct hf_claim claim;

		if (!fill_claim(&state->claims[i], &claim) ||
		    hf_str_copy(claim.controller, sizeof(claim.controller), state->controller) != HF_OK)
			continue;
		claim.issued = state->issued;
		claim.seq = state->seq;
		grew = put_claim(claims, &state->claims[i], &claim) || grew;
	}
	return grew;
}

static int by_window(const void *a, const void *b)
{
	const struct hf_claim *x = a, *y = b;
	int order = hf_digest_cmp(&x->lockdown, &y->lockdown);

	if (order == 0)
		order = strcmp(x->account, y->account);
	if (order == 0)
		order = strcmp(x->person, y->person);
	if (order == 0)
		order = hf_digest_cmp(&x->text, &y->text);
	return order != 0 ? order : strcmp(x->controller, y->controller);
}

static json_t *encode_one(const struct hf_claim *claim)
{
	const struct hf_posting said = {claim->lockdown, claim->account, claim->person, claim->device,
					claim->state,	 claim->at,	 claim->post,	NULL, claim->text};

	return json_pack("{s:o, s:I, s:I, s:s}", "said", hf_posting_put(&said, HF_POSTING_REPEATED), "issued",
			 (json_int_t)claim->issued.s, "seq", (json_int_t)claim->seq, "controller", claim->controller);
}

/* Sorted, so that what is written depends on what is known and not on the order of learning. */
json_t *hf_claims_encode(const struct hf_claims *claims)
{
	hf_auto_json json_t *list = json_array();
	hf_auto_free struct hf_claim *sorted = calloc(claims->n + 1, sizeof(*sorted));

	if (!list || !sorted)
		return NULL;
	if (claims->n > 0) {
		memcpy(sorted, claims->v, claims->n * sizeof(*sorted));
		qsort(sorted, claims->n, sizeof(*sorted), by_window);
	}
	for (size_t i = 0; i < claims->n; i++) {
		json_t *row = encode_one(&sorted[i]);

		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return json_incref(list);
}

static enum hf_rc decode_one(json_t *json, struct hf_claims *claims, struct hf_err *err)
{
	struct hf_posting said;
	struct hf_claim claim;
	const char *controller = NULL;
	json_t *row = NULL;
	struct hf_wall issued = {0};
	int64_t seq = 0;
	const struct hf_json_member members[] = {
		{.name = "said", .kind = HF_JSON_OBJECT, .ret = &row},
		{.name = "issued", .kind = HF_JSON_WALL, .ret = &issued},
		{.name = "seq", .kind = HF_JSON_INT, .ret = &seq, .max = INT64_MAX},
		{.name = "controller", .kind = HF_JSON_ID, .ret = &controller},
	};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);

	if (rc == HF_OK)
		rc = hf_posting_take(row, HF_POSTING_REPEATED, &said, err);
	if (rc == HF_OK && (!fill_claim(&said, &claim) ||
			    hf_str_copy(claim.controller, sizeof(claim.controller), controller) != HF_OK))
		rc = hf_err_set(err, HF_E_SIZE, "A text of a claim is too long.");
	if (rc != HF_OK)
		return rc;
	claim.issued = issued;
	claim.seq = seq;
	(void)put_claim(claims, &said, &claim);
	return HF_OK;
}

enum hf_rc hf_claims_decode(json_t *list, struct hf_claims *ret, struct hf_err *err)
{
	__attribute__((cleanup(hf_claims_done))) struct hf_claims claims = {0};
	size_t n = json_array_size(list);
	enum hf_rc rc = hf_claims_reserve(&claims, n);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is no memory for the claims.");
	for (size_t i = 0; i < n && rc == HF_OK; i++)
		rc = decode_one(json_array_get(list, i), &claims, err);
	if (rc != HF_OK)
		return rc;
	*ret = claims;
	memset(&claims, 0, sizeof(claims));
	return HF_OK;
}

void hf_claims_done(struct hf_claims *claims)
{
	free(claims->v);
	memset(claims, 0, sizeof(*claims));
}
