/* SPDX-License-Identifier: MIT */
/*
 * Owns what the controller says on the bus: signed states, and the documents as they were approved.
 * Must never say a state whose seq is not on disk.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/state.h>

#include "controller/log_witness.h"
#include "controller/own_words.h"
#include "controller/pages.h"
#include "controller/publish.h"
#include "controller/say.h"
#include "controller/say_brokers.h"
#include "controller/say_register.h"
#include "controller/say_slices.h"
#include "controller/to_device.h"

#define STATE_ROOM 1200 /* bytes of a state's payload that are no orders: ids, digests, numbers, names */
#define HURRY_MS 5000	/* between states while more wait for a proof than one answers */
#define FRESH_MS 60000	/* an answer is made of a state that is no older: who asks wants to know what is so now */

/* To all at once. */
static void publish_page(struct hf_controller *c, int64_t page, const struct hf_envelope *envelope)
{
	struct hf_topic topic = {.kind = HF_TOPIC_STATE, .number = page};
	memcpy(topic.id, c->settings->controller_id, sizeof(topic.id));
	hf_say_document(c, &topic, envelope);
}

static enum hf_rc carry(const struct hf_controller *c, const struct hf_estate *estate, struct hf_carried *ret_carried,
			struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_estate_view view = {&lockdowns, hf_clock_wall(), hf_controller_stale_s(c)};
	enum hf_rc rc = hf_controller_lockdowns(c, &lockdowns, err);
	if (rc == HF_OK)
		rc = hf_carry(&c->known, &view, estate, ret_carried);
	return rc == HF_E_MEMORY ? hf_err_set(err, rc, "no memory to choose what a state carries") : rc;
}

enum hf_rc hf_publish_shown(const struct hf_controller *c, struct hf_carried *ret_carried, struct hf_err *err)
{
	return carry(c, NULL, ret_carried, err);
}

/* Everything but the orders and the page. */
static void fill_state(const struct hf_controller *c, struct hf_state *state)
{
	const struct hf_merkle *tree = hf_journal_tree(c->journal);
	state->council = c->known.council;
	state->controller = c->settings->controller_id;
	state->seq = c->seq;
	state->issued = hf_clock_wall();
	state->valid_until.s = state->issued.s + c->settings->beat_s * HF_VALID_BEATS;
	state->trust_epoch = c->known.trust->epoch;
	state->trust_digest = c->known.trust->digest;
	if (c->known.reg) {
		state->register_version = c->known.reg->version;
		state->register_digest = c->known.reg->digest;
	}
	state->log_size = (int64_t)tree->size;
	state->log_root = hf_merkle_root(tree);
}

static void say_page(struct hf_controller *c, struct hf_state *state, bool to_all)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err err = {""};
	enum hf_rc rc = hf_say_sign(c, state, &envelope, &err);
	if (rc != HF_OK) {
		hf_say_failed("a state", rc, &err);
		return;
	}
	if (to_all)
		publish_page(c, state->page, envelope);
	hf_envelope_free(&c->said[state->page]);
	c->said[state->page] = hf_steal_ptr(&envelope);
}

/* The next seq is on disk before anybody hears it: a crash may skip one, never use one twice. */
static enum hf_rc next_seq(struct hf_controller *c, int64_t n_pages, struct hf_err *err)
{
	enum hf_rc rc = hf_journal_set_number(c->journal, HF_NUMBER_SEQ, c->seq + 1, err);
	/* Pages that were once said are remembered until they are cleared. */
	if (rc == HF_OK && n_pages > c->kept_pages)
		rc = hf_journal_set_number(c->journal, HF_NUMBER_PAGES, n_pages, err);
	if (rc != HF_OK)
		return rc;
	c->seq++;
	if (n_pages > c->kept_pages)
		c->kept_pages = n_pages;
	return HF_OK;
}

static void clear_pages(struct hf_controller *c, int64_t n_pages, bool to_all)
{
	for (int64_t page = n_pages; page < c->n_pages; page++)
		hf_envelope_free(&c->said[page]);
	c->n_pages = n_pages;
	if (!to_all)
		return;
	for (int64_t page = n_pages; page < c->all_pages; page++)
		publish_page(c, page, NULL);
	c->all_pages = n_pages;
}

/* What a state says in pieces: its orders, then the claims; and the page of each. */
struct saying {
	struct hf_carried carried;
	struct hf_posting claims[HF_CLAIMS_MAX];
	size_t n_claims;
	size_t *sizes, *group, *page_of; /* of each piece */
	size_t n, n_fit, n_pages;
	struct hf_log_turn turn; /* whom a page behind all these answers; none when there is no room for it */
};

static void saying_done(struct saying *saying)
{
	hf_carried_done(&saying->carried);
	free(saying->sizes);
	free(saying->group);
	free(saying->page_of);
}

static enum hf_rc measure(struct saying *saying, struct hf_err *err)
{
	const struct hf_carried *carried = &saying->carried;
	size_t last = carried->n ? carried->group[carried->n - 1] : 0, most = carried->n + saying->n_claims + 1;
	saying->sizes = calloc(most, sizeof(size_t));
	saying->group = calloc(most, sizeof(size_t));
	saying->page_of = calloc(most, sizeof(size_t));
	if (!saying->sizes || !saying->group || !saying->page_of)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a state");
	for (size_t i = 0; i < carried->n; i++) {
		hf_auto_free char *text = NULL;
		enum hf_rc rc = hf_envelope_encode(carried->v[i]->envelope, &text, &saying->sizes[i], err);
		if (rc != HF_OK)
			return rc;
		saying->sizes[i]++; /* the comma after it */
		saying->group[i] = carried->group[i];
	}
	for (size_t i = 0; i < saying->n_claims; i++) {
		hf_auto_json json_t *row = hf_posting_put(&saying->claims[i], HF_POSTING_REPEATED);
		hf_auto_free char *text = NULL;
		if (!row || hf_json_bytes(row, &text, &saying->sizes[carried->n + i]) != HF_OK)
			return hf_err_set(err, HF_E_MEMORY, "no memory for a claim");
		saying->sizes[carried->n + i]++;
		saying->group[carried->n + i] = last + 1 + i; /* a claim stands by itself */
	}
	saying->n = carried->n + saying->n_claims;
	return HF_OK;
}

/* Claims come last: they never take the place of an order. */
static enum hf_rc gather(const struct hf_controller *c, struct saying *saying, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_pieces pieces = {.room = HF_PAYLOAD_MAX - STATE_ROOM,
				   .most = HF_PAGE_ORDERS_MAX,
				   .pages_max = HF_PAGES_MAX};
	enum hf_rc rc = carry(c, &c->estate, &saying->carried, err);
	_Static_assert(HF_PAGE_CLAIMS_MAX >= HF_PAGE_ORDERS_MAX, "as many claims as pieces");
	if (rc == HF_OK)
		rc = hf_controller_lockdowns(c, &lockdowns, err);
	if (rc != HF_OK)
		return rc;
	saying->n_claims = hf_post_book_claims(&c->posts, &lockdowns, saying->claims, HF_CLAIMS_MAX);
	rc = measure(saying, err);
	if (rc != HF_OK)
		return rc;
	pieces.sizes = saying->sizes;
	pieces.group = saying->group;
	pieces.n = saying->n;
	saying->n_pages = hf_pages_split(&pieces, saying->page_of, &saying->n_fit);
	return HF_OK;
}

/* Last, so that nothing waits for the proofs. */
static void say_growth(struct hf_controller *c, struct hf_state *state, const struct hf_log_turn *turn, bool to_all)
{
	struct hf_log_from from[HF_LOG_FROM_MAX];

	state->n_orders = state->n_claims = 0;
	state->from = from;
	state->n_from = hf_log_witness_prove(c, turn, from);
	say_page(c, state, to_all);
}

static size_t pages_of(const struct saying *saying)
{
	return saying->n_pages + (saying->turn.n > 0);
}

static void say_pages(struct hf_controller *c, const struct saying *saying, bool to_all)
{
	struct hf_envelope *orders[HF_PAGE_ORDERS_MAX];
	enum hf_rc orders_rc[HF_PAGE_ORDERS_MAX] = {HF_OK};
	struct hf_posting claims[HF_PAGE_CLAIMS_MAX];
	struct hf_state state = {
		.orders = orders, .orders_rc = orders_rc, .claims = claims, .pages = (int64_t)pages_of(saying)};
	size_t i = 0;
	fill_state(c, &state);
	for (; state.page < (int64_t)saying->n_pages; state.page++) {
		state.n_orders = state.n_claims = 0;
		for (; i < saying->n_fit && saying->page_of[i] == (size_t)state.page; i++) {
			if (i < saying->carried.n)
				orders[state.n_orders++] = saying->carried.v[i]->envelope;
			else
				claims[state.n_claims++] = saying->claims[i - saying->carried.n];
		}
		say_page(c, &state, to_all);
	}
	if (state.page < state.pages)
		say_growth(c, &state, &saying->turn, to_all);
	/* Its own word is the newest that it has heard: phases follow the same clock as on the devices. */
	hf_known_said(&c->known, &state);
}

/*
 * What is new goes to all at once, and so does another number of pages, but for that of proofs; all else waits for its
 * turn, slice by slice.
 */
static enum hf_rc say_gathered(struct hf_controller *c, struct saying *saying, struct hf_err *err)
{
	bool to_all = c->news || saying->n_pages != c->order_pages;
	enum hf_rc rc;
	if (saying->n_pages < HF_PAGES_MAX)
		saying->turn = hf_log_witness_turn(c);
	c->hurries = saying->turn.more;
	if (saying->n_fit < saying->n)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_SIZE)),
			     "pieces=%zu said=%zu a state has no room for all: prune old orders with void_before in a "
			     "new trust",
			     saying->n, saying->n_fit);
	rc = next_seq(c, (int64_t)pages_of(saying), err);
	if (rc != HF_OK)
		return rc;
	c->said_at = hf_clock_boot();
	say_pages(c, saying, to_all);
	clear_pages(c, (int64_t)pages_of(saying), to_all);
	c->order_pages = saying->n_pages;
	c->news = false;
	hf_to_device_state(c);
	hf_log(HF_LOG_INFO, HF_EV_PUBLISHED, "seq=%" PRId64 " pages=%zu orders=%zu claims=%zu%s", c->seq, pages_of(saying),
	       saying->n_fit < saying->carried.n ? saying->n_fit : saying->carried.n, saying->n_claims,
	       to_all ? "" : " in slices");
	return HF_OK;
}

static enum hf_rc say_state(struct hf_controller *c, struct hf_err *err)
{
	hf_auto_free struct saying *saying = calloc(1, sizeof(*saying));
	enum hf_rc rc = saying ? gather(c, saying, err) : HF_E_MEMORY;
	if (rc == HF_OK)
		rc = say_gathered(c, saying, err);
	if (!saying)
		return hf_err_set(err, rc, "no memory for a state");
	saying_done(saying);
	return rc;
}

static void try_state(struct hf_controller *c)
{
	struct hf_err err = {""};
	enum hf_rc rc = say_state(c, &err);
	if (rc != HF_OK)
		hf_say_failed("the state", rc, &err);
}

static void try_news(struct hf_controller *c)
{
	c->news = true;
	try_state(c);
}

void hf_publish_all(struct hf_controller *c)
{
	if (!c->bus_up || !c->begun)
		return;
	c->seq += HF_SEQ_LEFT_OUT; /* it tells devices that reports may have been lost meanwhile */
	try_news(c);
	hf_to_device_all(c);
}

void hf_publish_fresh(struct hf_controller *c)
{
	if (hf_clock_boot().ms - c->said_at.ms >= FRESH_MS)
		try_state(c);
}

void hf_publish_claims(struct hf_controller *c)
{
	if (c->bus_up && c->begun)
		try_news(c);
}

static void say_assignment(struct hf_controller *c, const struct hf_digest *digest)
{
	for (size_t i = 0; i < c->estate.n; i++)
		if (hf_versions_find(&c->estate.v[i].versions, digest))
			hf_to_device_assignment(c, &c->estate.v[i]);
}

void hf_publish_proofs(struct hf_controller *c, struct hf_envelope *const *envelopes, size_t n)
{
	for (size_t i = 0; c->bus_up && i < n; i++) {
		hf_auto_assignment struct hf_assignment *assignment = NULL;
		struct hf_device *device = NULL;
		if (hf_assignment_decode(envelopes[i], &assignment, NULL) == HF_OK)
			device = hf_estate_find(&c->estate, assignment->device);
		if (device)
			hf_to_device_assignment(c, device);
	}
}

static void say_recovers(struct hf_controller *c, const struct hf_digest *digest)
{
	for (size_t i = 0; i < c->estate.n; i++)
		if (c->estate.v[i].recover && hf_digest_cmp(&c->estate.v[i].recover->digest, digest) == 0)
			hf_to_device_assignment(c, &c->estate.v[i]);
}

static void say_glass(struct hf_controller *c, const struct hf_envelope *envelope)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	struct hf_device *device = hf_glass_decode(envelope, &glass, NULL) == HF_OK ? hf_estate_find(&c->estate, glass->device) : NULL;
	if (device)
		hf_to_device_assignment(c, device);
}

/* Which of them are good depends on who is in the trust. */
static void say_all_glass(struct hf_controller *c)
{
	for (size_t i = 0; i < c->estate.n; i++)
		if (c->estate.v[i].glass[HF_GLASS_A].envelope || c->estate.v[i].glass[HF_GLASS_B].envelope)
			hf_to_device_assignment(c, &c->estate.v[i]);
}

void hf_publish_change(struct hf_controller *c, enum hf_record_kind kind, const struct hf_envelope *envelope)
{
	if (!c->bus_up)
		return;
	switch (kind) {
	case HF_RECORD_TRUST:
		hf_say_document(c, &(struct hf_topic){.kind = HF_TOPIC_TRUST, .number = c->known.trust->epoch},
				envelope);
		say_all_glass(c);
		break;
	case HF_RECORD_REGISTER:
		for (size_t i = 0; hf_parts_are_in_force(&c->known.parts, &envelope->digest) && i < hf_register_turns(c); i++)
			hf_say_register(c, i);
		break;
	case HF_RECORD_ASSIGNMENT:
		say_assignment(c, &envelope->digest);
		break;
	case HF_RECORD_RECOVER:
		say_recovers(c, &envelope->digest);
		return;
	case HF_RECORD_GLASS:
		say_glass(c, envelope);
		return;
	case HF_RECORD_BROKERS:
		hf_say_brokers(c);
		break;
	case HF_RECORD_APPROVAL:
		if (envelope->type == HF_DOC_ASSIGNMENT)
			say_assignment(c, &envelope->digest);
		if (envelope->type == HF_DOC_BROKERS)
			hf_say_brokers(c);
		break;
	case HF_RECORD_ORDER:
		break;
	case HF_RECORD_DRAFT:
	case HF_RECORD_REMARK:
	case HF_RECORD_START:
	case HF_RECORD_VIA:
	case HF_RECORD_LAPSE:
	case HF_RECORD_SILENCE:
	case HF_RECORD_REFUSAL:
	case HF_RECORD_NOTICE:
	case HF_RECORD_OUTCOME:
	case HF_RECORD_CHECK:
	case HF_RECORD_NOTE:
	case HF_RECORD_ERASURE:
	case HF_RECORD_EXPORT:
	case HF_RECORD_REPORT:
	case HF_RECORD_KIND_COUNT:
		return;
	}
	try_news(c);
}

static int64_t beat_ms(const struct hf_controller *c)
{
	int64_t ms = c->settings->beat_s * 1000;
	return c->hurries && ms > HURRY_MS ? HURRY_MS : ms;
}

static void on_beat(void *arg, uint32_t events)
{
	struct hf_controller *c = arg;
	bool grew;
	(void)events;
	if (hf_known_tick(&c->known, hf_clock_wall(), &grew, NULL) != HF_OK)
		hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_MEMORY)),
			     "no memory to note what has begun");
	if (c->start_said) {
		hf_own_lapses(c, hf_clock_wall());
		hf_refusals_say(c, hf_clock_wall(), false);
	}
	/* What comes sooner than a beat does not take the place of one that is still being said. */
	if (c->bus_up && c->begun && !(c->hurries && c->slices.left > 0))
		try_state(c);
	if (hf_timer_arm(c->beat, beat_ms(c)) != HF_OK)
		hf_controller_stop(c, HF_E_SYSTEM);
}

enum hf_rc hf_publish_start(struct hf_controller *c, struct hf_err *err)
{
	int64_t now = hf_clock_wall().s;
	enum hf_rc rc = hf_journal_number(c->journal, HF_NUMBER_SEQ, &c->seq, err);
	if (rc == HF_OK)
		rc = hf_journal_number(c->journal, HF_NUMBER_PAGES, &c->kept_pages, err);
	if (rc == HF_OK)
		rc = hf_journal_number(c->journal, HF_NUMBER_PARTS, &c->n_parts, err);
	if (rc != HF_OK)
		return rc;
	c->seq = c->seq > now ? c->seq : now;
	c->since = c->seq;
	c->n_pages = c->all_pages = c->kept_pages;
	c->order_pages = (size_t)c->n_pages;
	rc = hf_loop_add_timer(c->loop, on_beat, c, &c->beat);
	if (rc == HF_OK)
		rc = hf_timer_arm(c->beat, c->settings->beat_s * 1000);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no timer for the beat");
	return hf_to_device_start(c, err);
}
