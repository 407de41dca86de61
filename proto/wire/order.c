/* SPDX-License-Identifier: MIT */
/*
 * Owns the order document: raise, amend, release, and what makes one well-formed (policy D9, D10).
 * Must never judge whether an order is approved or in force: that is proto/law.
 */
#include <holdfast/order.h>

#include <stdlib.h>
#include <string.h>

#include <holdfast/day.h>
#include <holdfast/digest.h>

#include "proto/wire/doc.h"

static const char *const ACT_NAMES[HF_ACT_COUNT] = {
	[HF_ACT_RAISE] = "raise",
	[HF_ACT_AMEND] = "amend",
	[HF_ACT_RELEASE] = "release",
};

static const char *const KIND_NAMES[HF_KIND_COUNT] = {
	[HF_KIND_EMERGENCY] = "emergency",
	[HF_KIND_PURDAH] = "purdah",
};

static const char *const MODE_NAMES[HF_MODE_COUNT] = {
	[HF_MODE_LIVE] = "live",
	[HF_MODE_EXERCISE] = "exercise",
};

static const char *const LEVEL_NAMES[HF_LEVEL_COUNT] = {
	[HF_LEVEL_OPEN] = "open",
	[HF_LEVEL_GUARD] = "guard",
	[HF_LEVEL_BLOCK] = "block",
};

/* What stands in the JSON and is not yet, or no longer, what stands in the struct. */
struct parts {
	const char *act, *kind, *mode, *level;
	json_t *releases, *holding, *timetable;
	bool no_timetable; /* none to be put; when taken, there need be none */
};

#define RAISE (1u << HF_ACT_RAISE)
#define AMEND (1u << HF_ACT_AMEND)
#define RELEASE (1u << HF_ACT_RELEASE)
#define ALL (RAISE | AMEND | RELEASE)
#define BODY (RAISE | AMEND)
#define ROWS_MAX 24

/* The members of this order's act, in rows. Returns how many. */
static size_t order_rows(struct hf_order *o, struct parts *p, struct hf_json_member rows[ROWS_MAX])
{
	struct hf_body *b = &o->body;
	/* clang-format off */
	const struct {
		unsigned acts;
		struct hf_json_member row;
	} all[] = {
		{ALL,     HF_ROW("council",      ID,       &o->council,      0)},
		{ALL,     HF_ROW("act",          ID,       &p->act,          0)},
		{ALL,     HF_ROW("kind",         ID,       &p->kind,         0)},
		{ALL,     HF_ROW("mode",         ID,       &p->mode,         0)},
		{ALL,     HF_ROW("at",           WALL,     &o->at,           0)},
		{AMEND,   HF_ROW("of",           DIGEST,   &o->of,           0)},
		{AMEND,   HF_ROW("rev",          INT,      &o->rev,          HF_JSON_INT_MAX)},
		{RELEASE, HF_ROW("of",           ARRAY,    &p->releases,     HF_RELEASES_MAX)},
		{BODY,    HF_ROW("level",        ID,       &p->level,        0)},
		{BODY,    HF_ROW("from",         WALL,     &b->from,         0)},
		{BODY,    HF_ROW("until",        WALL,     &b->until,        0)},
		{BODY,    HF_ROW("accounts",     ACCOUNTS, &b->accounts,     HF_ACCOUNTS_MAX)},
		{BODY,    HF_ROW("groups",       IDS,      &b->groups,       HF_ORDER_GROUPS_MAX)},
		{BODY,    HF_ROW("exempt",       NAMES,    &b->exempt,       HF_EXEMPT_MAX)},
		{ALL,     HF_ROW("reason",       TEXT,     &b->reason,       HF_REASON_MAX)},
		{BODY,    HF_ROW("contact",      LINE,     &b->contact,      HF_CONTACT_MAX)},
		{BODY,    HF_ROW("instructions", TEXT0,    &b->instructions, HF_INSTRUCTIONS_MAX)},
		{BODY,    HF_ROW("holding",      ARRAY,    &p->holding,      HF_ACCOUNTS_MAX)},
		{BODY,    HF_ROW_IF("timetable", OBJECT,   &p->timetable,    0, p->no_timetable)},
		{RELEASE, HF_ROW("message",      TEXT,     &o->message,      HF_MESSAGE_TEXT_MAX)},
	};
	/* clang-format on */
	_Static_assert(HF_LEN(all) <= ROWS_MAX, "room for all rows");
	size_t n = 0;
	for (size_t i = 0; i < HF_LEN(all); i++)
		if (all[i].acts & 1u << o->act)
			rows[n++] = all[i].row;
	return n;
}

const char *hf_order_act_name(enum hf_order_act act)
{
	return ACT_NAMES[act];
}

const char *hf_kind_name(enum hf_kind kind)
{
	return KIND_NAMES[kind];
}

const char *hf_mode_name(enum hf_mode mode)
{
	return MODE_NAMES[mode];
}

const char *hf_level_name(enum hf_level level)
{
	return LEVEL_NAMES[level];
}

/* The act says which members there are, so it is looked at first. */
static enum hf_rc take_act(struct hf_order *order, struct hf_err *err)
{
	const char *word = json_string_value(json_object_get(order->doc, "act"));
	size_t act = 0;
	if (!word)
		return hf_err_set(err, HF_E_SHAPE, "Member \"act\" must be raise, amend or release.");
	enum hf_rc rc = hf_doc_word(word, ACT_NAMES, HF_LEN(ACT_NAMES), &act, err);
	order->act = (enum hf_order_act)act;
	return rc;
}

static enum hf_rc take_words(struct hf_order *order, const struct parts *parts, struct hf_err *err)
{
	size_t kind = 0, mode = 0, level = 0;
	enum hf_rc rc = hf_doc_word(parts->kind, KIND_NAMES, HF_LEN(KIND_NAMES), &kind, err);
	if (rc == HF_OK)
		rc = hf_doc_word(parts->mode, MODE_NAMES, HF_LEN(MODE_NAMES), &mode, err);
	if (rc == HF_OK && parts->level)
		rc = hf_doc_word(parts->level, LEVEL_NAMES, HF_LEN(LEVEL_NAMES), &level, err);
	order->kind = (enum hf_kind)kind;
	order->mode = (enum hf_mode)mode;
	order->body.level = (enum hf_level)level;
	return rc;
}

/* The first message with this text. */
static const struct hf_holding *first_of_text(const struct hf_holding *holding, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(holding[i].text, text) == 0)
			return &holding[i];
	return NULL;
}

/* Its own text, or that of a message before it. */
static enum hf_rc take_text(const struct hf_order *order, const char *text_of, struct hf_holding *h, struct hf_err *err)
{
	const struct hf_holding *of = text_of ? hf_order_holding(order, text_of) : NULL;
	if (!h->text == !text_of)
		return hf_err_set(err, HF_E_SHAPE, "The holding message of %s has either a text or a text_of.",
				  h->account);
	if (text_of && !of)
		return hf_err_set(err, HF_E_SHAPE, "The text of %s is said to be that of %s, which has none before it.",
				  h->account, text_of);
	h->text = of ? of->text : h->text;
	return HF_OK;
}

/* What was signed when each text had at most HF_MESSAGE_TEXT_MAX bytes, and together whatever fitted, is read. */
static enum hf_rc check_texts(const struct hf_body *body, struct hf_err *err)
{
	size_t total = 0, longest = 0;
	for (size_t i = 0; i < body->n_holding; i++) {
		size_t len = strlen(body->holding[i].text);
		total += first_of_text(body->holding, i, body->holding[i].text) ? 0 : len;
		longest = len > longest ? len : longest;
	}
	if (total > HF_HOLDING_TEXTS_MAX && longest > HF_MESSAGE_TEXT_MAX)
		return hf_err_set(err, HF_E_SIZE, "The holding messages have %zu bytes together; at most %d are allowed.",
				  total, HF_HOLDING_TEXTS_MAX);
	return HF_OK;
}

static enum hf_rc take_holding(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_order *order = doc;
	struct hf_holding *h = &order->body.holding[order->body.n_holding];
	const char *text_of = NULL;
	const struct hf_json_member rows[] = {
		HF_ROW("account", LINE, &h->account, HF_REASON_MAX),
		HF_ROW_IF("text", TEXT, &h->text, HF_HOLDING_TEXT_MAX, true),
		HF_ROW_IF("text_of", LINE, &text_of, HF_REASON_MAX, true),
		HF_ROW("poster", ID, &h->poster, 0),
		HF_ROW("minutes", INT, &h->minutes, HF_JSON_INT_MAX),
	};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = take_text(order, text_of, h, err);
	if (rc != HF_OK)
		return rc;
	if (!hf_account_ok(h->account))
		return hf_err_set(err, HF_E_SHAPE, "\"%s\" is no account; write platform:handle.", h->account);
	if (hf_order_holding(order, h->account))
		return hf_err_set(err, HF_E_SHAPE, "The account %s has two holding messages; one is allowed.",
				  h->account);
	if (h->minutes < 1 || h->minutes > HF_MINUTES_MAX)
		return hf_err_set(err, HF_E_SHAPE, "The posting window of %s must be 1 to %d minutes.", h->account,
				  HF_MINUTES_MAX);
	order->body.n_holding++;
	return HF_OK;
}

/* A lower-case word with dashes: kinds of poll may be added without a new document. */
static bool is_poll_kind(const char *s)
{
	for (; *s; s++)
		if (*s != '-' && (*s < 'a' || *s > 'z'))
			return false;
	return true;
}

/* The rows of one poll, and of all: read and written by the same. */
#define POLL_ROWS(p)                                                                                                   \
	{                                                                                                              \
		HF_ROW("kind", LINE, &(p)->kind, HF_POLL_KIND_MAX), HF_ROW("poll", LINE, &(p)->day, HF_POLL_KIND_MAX)  \
	}
#define TIMETABLE_ROWS(polls, b)                                                                                       \
	{                                                                                                              \
		HF_ROW("polls", ARRAY, polls, HF_POLL_NOTES_MAX), HF_ROW("calendar", DIGEST, &(b)->calendar, 0)        \
	}

static enum hf_rc take_poll(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_body *body = doc;
	struct hf_poll_note *poll = &body->polls[body->n_polls];
	struct hf_day day;
	const struct hf_json_member rows[] = POLL_ROWS(poll);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	if (!is_poll_kind(poll->kind))
		return hf_err_set(err, HF_E_SHAPE, "\"%s\" is no kind of poll.", poll->kind);
	if (hf_day_parse(poll->day, &day) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "\"%s\" is no polling day; write YYYY-MM-DD.", poll->day);
	body->n_polls++;
	return HF_OK;
}

static enum hf_rc take_timetable(struct hf_body *body, json_t *timetable, struct hf_err *err)
{
	json_t *polls = NULL;
	const struct hf_json_member rows[] = TIMETABLE_ROWS(&polls, body);
	if (!timetable)
		return HF_OK;
	enum hf_rc rc = hf_json_take(timetable, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_each(polls, take_poll, body, err);
	if (rc == HF_OK && body->n_polls == 0)
		return hf_err_set(err, HF_E_SHAPE, "A timetable names at least one poll.");
	return rc;
}

/* What each kind asks of from, until, level and instructions. */
static enum hf_rc check_kind(const struct hf_order *order, struct hf_err *err)
{
	const struct hf_body *b = &order->body;
	switch (order->kind) {
	case HF_KIND_EMERGENCY:
		if (b->level != HF_LEVEL_BLOCK || b->until.s != 0)
			return hf_err_set(err, HF_E_SHAPE, "An emergency blocks, and has no end but its release.");
		if (b->from.s > order->at.s)
			return hf_err_set(err, HF_E_SHAPE,
					  "An emergency begins at once, not later than it is written.");
		if (b->n_polls > 0)
			return hf_err_set(err, HF_E_SHAPE, "An emergency has no timetable: no poll brings it.");
		return HF_OK;
	case HF_KIND_PURDAH:
		if (b->until.s == 0 || !b->instructions[0])
			return hf_err_set(err, HF_E_SHAPE, "A pre-election period needs an end and instructions.");
		return HF_OK;
	case HF_KIND_COUNT:
		break;
	}
	return hf_err_set(err, HF_E_USAGE, "The order has no kind.");
}

static enum hf_rc check_body(const struct hf_order *order, struct hf_err *err)
{
	const struct hf_body *b = &order->body;
	if (b->level == HF_LEVEL_OPEN)
		return hf_err_set(err, HF_E_SHAPE, "The level of an order is guard or block.");
	if (b->until.s != 0 && b->from.s > b->until.s)
		return hf_err_set(err, HF_E_SHAPE, "The order ends before it begins.");
	if (b->accounts.n == 0 || b->groups.n == 0)
		return hf_err_set(err, HF_E_SHAPE, "The order must name at least one account and one group, or \"*\".");
	if (order->act == HF_ACT_AMEND && order->rev < 1)
		return hf_err_set(err, HF_E_SHAPE, "The first amendment has rev 1.");
	return check_kind(order, err);
}

static enum hf_rc take_body(struct hf_order *order, const struct parts *parts, struct hf_err *err)
{
	struct hf_body *b = &order->body;
	enum hf_rc rc = hf_doc_alloc(json_array_size(parts->holding), sizeof(*b->holding), &b->holding, err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->holding, take_holding, order, err);
	if (rc == HF_OK)
		rc = check_texts(b, err);
	if (rc == HF_OK)
		rc = take_timetable(b, parts->timetable, err);
	return rc == HF_OK ? check_body(order, err) : rc;
}

#define PERSON_ROWS(p)                                                                                                 \
	{                                                                                                              \
		HF_ROW("person", ID, &(p)->person, 0), HF_ROW("before", WALL, &(p)->before, 0)                         \
	}

static enum hf_rc take_release_person(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_order *order = doc;
	struct hf_release_person *p = &order->persons[order->n_persons];
	const struct hf_json_member rows[] = PERSON_ROWS(p);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < order->n_persons; i++)
		if (strcmp(order->persons[i].person, p->person) == 0)
			return hf_err_set(err, HF_E_SHAPE, "The release names %s twice.", p->person);
	order->n_persons++;
	return HF_OK;
}

/* Digests and people may stand in one list: they are told apart by what they are. */
static enum hf_rc take_releases(struct hf_order *order, json_t *releases, struct hf_err *err)
{
	hf_auto_json json_t *digests = json_array(), *persons = json_array();
	size_t i;
	json_t *value;
	if (!digests || !persons)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory left to read a document.");
	json_array_foreach(releases, i, value)
		if (json_array_append(json_is_object(value) ? persons : digests, value) != 0)
			return hf_err_set(err, HF_E_MEMORY, "There is no memory left to read a document.");
	if (json_array_size(releases) == 0)
		return hf_err_set(err, HF_E_SHAPE, "A release must name what it releases.");
	enum hf_rc rc = hf_doc_digests(digests, &order->releases, &order->n_releases, err);
	if (rc == HF_OK)
		rc = hf_doc_alloc(json_array_size(persons), sizeof(*order->persons), &order->persons, err);
	return rc == HF_OK ? hf_doc_each(persons, take_release_person, order, err) : rc;
}

static enum hf_rc take_order(struct hf_order *order, struct hf_err *err)
{
	enum hf_rc rc = take_act(order, err);
	if (rc != HF_OK)
		return rc;
	struct parts parts = {.no_timetable = true};
	struct hf_json_member rows[ROWS_MAX];
	size_t n_rows = order_rows(order, &parts, rows);
	rc = hf_json_take(order->doc, rows, n_rows, err);
	if (rc == HF_OK)
		rc = take_words(order, &parts, err);
	if (rc != HF_OK)
		return rc;
	return order->act == HF_ACT_RELEASE ? take_releases(order, parts.releases, err) : take_body(order, &parts, err);
}

enum hf_rc hf_order_decode(const struct hf_envelope *envelope, struct hf_order **ret_order, struct hf_err *err)
{
	if (envelope->type == HF_DOC_ORDER && envelope->payload_len > HF_ORDER_PAYLOAD_MAX)
		return hf_err_set(err, HF_E_SIZE, "The order has %zu bytes and at most %d are allowed.",
				  envelope->payload_len, HF_ORDER_PAYLOAD_MAX);
	hf_auto_order struct hf_order *order = NULL;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*order), &order, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_ORDER, &order->doc, err);
	if (rc == HF_OK)
		rc = take_order(order, err);
	if (rc != HF_OK)
		return rc;
	order->digest = envelope->digest;
	*ret_order = hf_steal_ptr(&order);
	return HF_OK;
}

static json_t *holding_to_json(const void *doc, size_t i)
{
	struct hf_holding h = ((const struct hf_holding *)doc)[i];
	const struct hf_holding *first = first_of_text(doc, i, h.text);
	const char *text_of = first ? first->account : NULL;
	const struct hf_json_member rows[] = {
		HF_ROW("account", LINE, &h.account, 0),
		HF_ROW_IF("text", TEXT, &h.text, 0, first != NULL),
		HF_ROW_IF("text_of", LINE, &text_of, 0, !first),
		HF_ROW("poster", ID, &h.poster, 0),
		HF_ROW("minutes", INT, &h.minutes, 0),
	};
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *poll_to_json(const void *doc, size_t i)
{
	struct hf_poll_note poll = ((const struct hf_poll_note *)doc)[i];
	const struct hf_json_member rows[] = POLL_ROWS(&poll);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *timetable_to_json(const struct hf_body *body)
{
	struct hf_body copy = *body;
	hf_auto_json json_t *polls = hf_doc_list(poll_to_json, body->polls, body->n_polls);
	const struct hf_json_member rows[] = TIMETABLE_ROWS(&polls, &copy);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *release_person_to_json(const void *doc, size_t i)
{
	struct hf_release_person p = ((const struct hf_release_person *)doc)[i];
	const struct hf_json_member rows[] = PERSON_ROWS(&p);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *releases_to_json(const struct hf_order *order)
{
	hf_auto_json json_t *list = hf_doc_digests_to_json(order->releases, order->n_releases);
	hf_auto_json json_t *persons = hf_doc_list(release_person_to_json, order->persons, order->n_persons);
	return list && persons && json_array_extend(list, persons) == 0 ? json_incref(list) : NULL;
}

json_t *hf_order_encode(const struct hf_order *order)
{
	struct hf_order copy = *order; /* the table points to what may be written; nothing is */
	hf_auto_json json_t *releases = releases_to_json(order);
	hf_auto_json json_t *holding = hf_doc_list(holding_to_json, order->body.holding, order->body.n_holding);
	hf_auto_json json_t *timetable = timetable_to_json(&order->body);
	struct parts parts = {ACT_NAMES[order->act],
			      KIND_NAMES[order->kind],
			      MODE_NAMES[order->mode],
			      LEVEL_NAMES[order->body.level],
			      releases,
			      holding,
			      timetable,
			      order->body.n_polls == 0};
	struct hf_json_member rows[ROWS_MAX];
	return hf_json_put(rows, order_rows(&copy, &parts, rows));
}

const struct hf_holding *hf_order_holding(const struct hf_order *order, const char *account)
{
	for (size_t i = 0; i < order->body.n_holding; i++)
		if (strcmp(order->body.holding[i].account, account) == 0)
			return &order->body.holding[i];
	return NULL;
}

void hf_order_free(struct hf_order **order)
{
	struct hf_order *o = *order;
	if (!o)
		return;
	hf_strs_done(&o->body.accounts);
	hf_strs_done(&o->body.groups);
	hf_strs_done(&o->body.exempt);
	free(o->body.holding);
	free(o->releases);
	free(o->persons);
	json_decref(o->doc);
	free(o);
	*order = NULL;
}

enum hf_rc hf_instructions_digest(const char *text, struct hf_digest *ret)
{
	return hf_digest_of(text, strlen(text), ret);
}
