/* SPDX-License-Identifier: MIT */
/*
 * Owns what the controller says on the bus: signed states, and the documents as they were approved.
 * Must never sign anything but a state, or say a state whose seq is not on disk.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/state.h>
#include <holdfast/topic.h>

#include "controller/pages.h"
#include "controller/publish.h"

#define STATE_ROOM 1200 /* bytes of a state's payload that are no orders: ids, digests, numbers, names */
#define ASKED_MS 1000	/* between two answers to devices that ask */
#define NUMBER_SEQ "seq"
#define NUMBER_PAGES "pages"

static void log_failure(const char *what, enum hf_rc rc, const struct hf_err *err)
{
	hf_log(HF_LOG_ERROR, HF_EV_FAILED, "publishing %s reason=%s %s", what, hf_rc_name(rc), err->text);
}

static enum hf_rc topic_text(const struct hf_controller *c, enum hf_topic_kind kind, const char *id, int64_t number,
			     char text[HF_TOPIC_SIZE])
{
	struct hf_topic topic = {.kind = kind, .number = number};
	enum hf_rc rc = hf_str_copy(topic.council, sizeof(topic.council), c->known.council);
	if (rc == HF_OK)
		rc = hf_str_copy(topic.id, sizeof(topic.id), id);
	return rc == HF_OK ? hf_topic_print(&topic, text) : rc;
}

/* @envelope NULL: clear what is retained there. */
static void publish_envelope(struct hf_controller *c, const char *topic, const struct hf_envelope *envelope)
{
	hf_auto_free char *text = NULL;
	struct hf_err err = {""};
	size_t len = 0;
	enum hf_rc rc = envelope ? hf_envelope_encode(envelope, &text, &len, &err) : HF_OK;
	if (rc == HF_OK)
		rc = hf_bus_publish(c->bus, &(struct hf_bus_message){topic, text ? text : "", len, true}, &err);
	if (rc != HF_OK)
		log_failure(topic, rc, &err);
}

static void publish_document(struct hf_controller *c, enum hf_topic_kind kind, const char *id, int64_t number,
			     const struct hf_envelope *envelope)
{
	char topic[HF_TOPIC_SIZE];
	if (topic_text(c, kind, id, number, topic) == HF_OK)
		publish_envelope(c, topic, envelope);
}

enum hf_rc hf_publish_carried(const struct hf_controller *c, struct hf_carried *ret_carried, struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_estate_view view = {&lockdowns, hf_clock_wall(), hf_controller_stale_s(c)};
	enum hf_rc rc = hf_controller_lockdowns(c, &lockdowns, err);
	if (rc == HF_OK)
		hf_carry(&c->known, &view, &c->estate, ret_carried);
	return rc;
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

static enum hf_rc sign_state(const struct hf_controller *c, const struct hf_state *state,
			     struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_json json_t *json = hf_state_encode(state);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_envelope_of_json(HF_DOC_STATE, json, &envelope, err);

	if (rc == HF_OK)
		rc = hf_envelope_sign(envelope, c->key, err);
	if (rc == HF_OK)
		*ret_envelope = hf_steal_ptr(&envelope);
	return rc;
}

static void say_page(struct hf_controller *c, struct hf_state *state)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err err = {""};
	enum hf_rc rc = sign_state(c, state, &envelope, &err);
	if (rc != HF_OK)
		log_failure("a state", rc, &err);
	else
		publish_document(c, HF_TOPIC_STATE, c->settings->controller_id, state->page, envelope);
}

/* The next seq is on disk before anybody hears it: a crash may skip one, never use one twice. */
static enum hf_rc next_seq(struct hf_controller *c, int64_t n_pages, struct hf_err *err)
{
	enum hf_rc rc = hf_journal_set_number(c->journal, NUMBER_SEQ, c->seq + 1, err);
	/* Pages that were once said are remembered until they are cleared. */
	if (rc == HF_OK && n_pages > c->n_pages)
		rc = hf_journal_set_number(c->journal, NUMBER_PAGES, n_pages, err);
	if (rc == HF_OK)
		c->seq++;
	return rc;
}

static void clear_pages(struct hf_controller *c, int64_t n_pages)
{
	struct hf_err err = {""};
	enum hf_rc rc = HF_OK;
	for (int64_t page = n_pages; page < c->n_pages; page++)
		publish_document(c, HF_TOPIC_STATE, c->settings->controller_id, page, NULL);
	if (n_pages < c->n_pages)
		rc = hf_journal_set_number(c->journal, NUMBER_PAGES, n_pages, &err);
	if (rc != HF_OK)
		log_failure("the end of a page", rc, &err);
	c->n_pages = n_pages;
}

/* What a state says in pieces: its orders, then the claims; and the page of each. */
struct saying {
	struct hf_carried carried;
	struct hf_posting claims[HF_CLAIMS_MAX];
	size_t n_claims;
	size_t sizes[HF_ORDERS_MAX + HF_CLAIMS_MAX], group[HF_ORDERS_MAX + HF_CLAIMS_MAX];
	size_t page_of[HF_ORDERS_MAX + HF_CLAIMS_MAX];
	size_t n, n_fit, n_pages;
};

static enum hf_rc measure(struct saying *saying, struct hf_err *err)
{
	const struct hf_carried *carried = &saying->carried;
	size_t last = carried->n ? carried->group[carried->n - 1] : 0;
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
	struct hf_pieces pieces = {.sizes = saying->sizes,
				   .group = saying->group,
				   .room = HF_PAYLOAD_MAX - STATE_ROOM,
				   .most = HF_PAGE_ORDERS_MAX,
				   .pages_max = HF_PAGES_MAX};
	enum hf_rc rc = hf_publish_carried(c, &saying->carried, err);
	_Static_assert(HF_PAGE_CLAIMS_MAX >= HF_PAGE_ORDERS_MAX, "as many claims as pieces");
	if (rc == HF_OK)
		rc = hf_controller_lockdowns(c, &lockdowns, err);
	if (rc != HF_OK)
		return rc;
	saying->n_claims = hf_post_book_claims(&c->posts, &lockdowns, saying->claims, HF_CLAIMS_MAX);
	rc = measure(saying, err);
	if (rc != HF_OK)
		return rc;
	pieces.n = saying->n;
	saying->n_pages = hf_pages_split(&pieces, saying->page_of, &saying->n_fit);
	return HF_OK;
}

static void say_pages(struct hf_controller *c, const struct saying *saying)
{
	struct hf_envelope *orders[HF_PAGE_ORDERS_MAX];
	enum hf_rc orders_rc[HF_PAGE_ORDERS_MAX] = {HF_OK};
	struct hf_posting claims[HF_PAGE_CLAIMS_MAX];
	struct hf_state state = {
		.orders = orders, .orders_rc = orders_rc, .claims = claims, .pages = (int64_t)saying->n_pages};
	size_t i = 0;
	fill_state(c, &state);
	for (; state.page < state.pages; state.page++) {
		state.n_orders = state.n_claims = 0;
		for (; i < saying->n_fit && saying->page_of[i] == (size_t)state.page; i++) {
			if (i < saying->carried.n)
				orders[state.n_orders++] = saying->carried.v[i]->envelope;
			else
				claims[state.n_claims++] = saying->claims[i - saying->carried.n];
		}
		say_page(c, &state);
	}
	/* Its own word is the newest that it has heard: phases follow the same clock as on the devices. */
	hf_known_said(&c->known, &state);
}

static enum hf_rc say_state(struct hf_controller *c, struct hf_err *err)
{
	hf_auto_free struct saying *saying = calloc(1, sizeof(*saying));
	enum hf_rc rc;
	if (!saying)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a state");
	rc = gather(c, saying, err);
	if (rc != HF_OK)
		return rc;
	if (saying->n_fit < saying->n)
		hf_log(HF_LOG_ERROR, HF_EV_FAILED,
		       "pieces=%zu said=%zu a state has no room for all: prune old orders with void_before in a new "
		       "trust",
		       saying->n, saying->n_fit);
	rc = next_seq(c, (int64_t)saying->n_pages, err);
	if (rc != HF_OK)
		return rc;
	say_pages(c, saying);
	clear_pages(c, (int64_t)saying->n_pages);
	hf_log(HF_LOG_INFO, HF_EV_PUBLISHED, "seq=%" PRId64 " pages=%zu orders=%zu claims=%zu", c->seq, saying->n_pages,
	       saying->n_fit < saying->carried.n ? saying->n_fit : saying->carried.n, saying->n_claims);
	return HF_OK;
}

static void try_state(struct hf_controller *c)
{
	struct hf_err err = {""};
	enum hf_rc rc = say_state(c, &err);
	if (rc != HF_OK)
		log_failure("the state", rc, &err);
}

/* To each device that still says that it has lost what it knew; of this document alone if one is named. */
static void say_recovers(struct hf_controller *c, const struct hf_digest *digest)
{
	for (size_t i = 0; i < c->estate.n; i++) {
		const struct hf_device *device = &c->estate.v[i];
		if (!device->recover || (device->report && !device->report->unknown))
			continue;
		if (!digest || hf_digest_cmp(&device->recover->digest, digest) == 0)
			publish_document(c, HF_TOPIC_RECOVER, device->assignment->device, 0, device->recover);
	}
}

void hf_publish_all(struct hf_controller *c)
{
	if (!c->bus_up || !c->begun)
		return;
	c->said_all = hf_clock_boot();
	for (size_t i = 0; i < c->n_trusts; i++)
		publish_document(c, HF_TOPIC_TRUST, "", (int64_t)i + 1, c->trusts[i]);
	if (c->known.register_envelope)
		publish_document(c, HF_TOPIC_REGISTER, "", 0, c->known.register_envelope);
	/* Before the assignments: there may be thousands, and an order must not stand in line behind them. */
	try_state(c);
	say_recovers(c, NULL);
	for (size_t i = 0; i < c->estate.n; i++)
		publish_document(c, HF_TOPIC_ASSIGNMENT, c->estate.v[i].assignment->device, 0, c->estate.v[i].envelope);
}

void hf_publish_claims(struct hf_controller *c)
{
	if (c->bus_up && c->begun)
		try_state(c);
}

static void say_assignment(struct hf_controller *c, const struct hf_digest *digest)
{
	for (size_t i = 0; i < c->estate.n; i++)
		if (hf_digest_cmp(&c->estate.v[i].envelope->digest, digest) == 0)
			publish_document(c, HF_TOPIC_ASSIGNMENT, c->estate.v[i].assignment->device, 0,
					 c->estate.v[i].envelope);
}

void hf_publish_change(struct hf_controller *c, enum hf_record_kind kind, const struct hf_envelope *envelope)
{
	if (!c->bus_up)
		return;
	switch (kind) {
	case HF_RECORD_TRUST:
		publish_document(c, HF_TOPIC_TRUST, "", c->known.trust->epoch, envelope);
		break;
	case HF_RECORD_REGISTER:
		publish_document(c, HF_TOPIC_REGISTER, "", 0, envelope);
		break;
	case HF_RECORD_ASSIGNMENT:
		say_assignment(c, &envelope->digest);
		break;
	case HF_RECORD_RECOVER:
		say_recovers(c, &envelope->digest);
		return;
	case HF_RECORD_ORDER:
	case HF_RECORD_APPROVAL:
		break;
	case HF_RECORD_DRAFT:
	case HF_RECORD_REPORT:
	case HF_RECORD_KIND_COUNT:
		return;
	}
	try_state(c);
}

static void on_beat(void *arg, uint32_t events)
{
	struct hf_controller *c = arg;
	bool grew;
	(void)events;
	if (hf_known_tick(&c->known, hf_clock_wall(), &grew, NULL) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_FAILED, "no memory to note what has begun");
	hf_publish_all(c);
	if (hf_timer_arm(c->beat, c->settings->beat_s * 1000) != HF_OK)
		hf_controller_stop(c, HF_E_SYSTEM);
}

static void on_again(void *arg, uint32_t events)
{
	(void)events;
	hf_publish_all(arg);
}

void hf_publish_asked(struct hf_controller *c)
{
	int64_t since = hf_clock_boot().ms - c->said_all.ms;
	if (since >= ASKED_MS)
		hf_publish_all(c);
	else if (hf_timer_arm(c->again, ASKED_MS - since) != HF_OK)
		hf_controller_stop(c, HF_E_SYSTEM);
}

enum hf_rc hf_publish_start(struct hf_controller *c, struct hf_err *err)
{
	int64_t now = hf_clock_wall().s;
	enum hf_rc rc = hf_journal_number(c->journal, NUMBER_SEQ, &c->seq, err);
	if (rc == HF_OK)
		rc = hf_journal_number(c->journal, NUMBER_PAGES, &c->n_pages, err);
	if (rc != HF_OK)
		return rc;
	c->seq = c->seq > now ? c->seq : now;
	rc = hf_loop_add_timer(c->loop, on_beat, c, &c->beat);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(c->loop, on_again, c, &c->again);
	if (rc == HF_OK)
		rc = hf_timer_arm(c->beat, c->settings->beat_s * 1000);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "no timer for the beat");
}
