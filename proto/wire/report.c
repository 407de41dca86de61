/* SPDX-License-Identifier: MIT */
/*
 * Owns the report document: what one device says it did and then saw.
 * Must never judge whether it is signed by that device: that is for those who know its assignment.
 */
#include <holdfast/report.h>

#include <holdfast/glass.h>

#include <stdlib.h>
#include <string.h>

#include "proto/wire/doc.h"

#define LAYER_NAME_MAX 64

#define HF_STANDING_NAME(code, name) [code] = name,
static const char *const STANDING_NAMES[HF_STANDING_COUNT] = {HF_STANDING_LIST(HF_STANDING_NAME)};
#undef HF_STANDING_NAME

static const char *const GLASS_STATES[] = {"ended", "open"};

static const char *const LAYER_STATE_NAMES[HF_LAYER_STATE_COUNT] = {
	[HF_LAYER_IDLE] = "idle",     [HF_LAYER_ARMED] = "armed", [HF_LAYER_VERIFIED] = "verified",
	[HF_LAYER_FAILED] = "failed", [HF_LAYER_OFF] = "off",
};

struct parts {
	json_t *layers, *lockdowns, *refused, *acks, *postings, *logs, *machine, *over, *glass;
	/* none to be put; when taken, there need be none */
	bool no_acks, no_postings, no_logs, no_boot, no_machine, no_over, no_nonce, no_open_for, no_restored, no_retired, no_logins, no_brokers, no_glass;
};

/* clang-format off */
#define REPORT_ROWS(r, p) {                                                      \
	HF_ROW("council",          ID,     &(r)->council,          0),           \
	HF_ROW("device",           ID,     &(r)->device,           0),           \
	HF_ROW("counter",          INT,    &(r)->counter,          HF_JSON_INT_MAX), \
	HF_ROW("at",               WALL,   &(r)->at,               0),           \
	HF_ROW("unknown",          BOOL,   &(r)->unknown,          0),           \
	HF_ROW("controller",       LINE0,  &(r)->controller,       HF_ID_MAX),   \
	HF_ROW("state_seq",        INT,    &(r)->state_seq,        HF_JSON_INT_MAX), \
	HF_ROW("state",            DIGEST, &(r)->state_digest,     0),           \
	HF_ROW("trust_epoch",      INT,    &(r)->trust_epoch,      HF_JSON_INT_MAX), \
	HF_ROW("register_version", INT,    &(r)->register_version, HF_JSON_INT_MAX), \
	HF_ROW("layers",           ARRAY,  &(p)->layers,           HF_LAYERS_MAX), \
	HF_ROW("lockdowns",        ARRAY,  &(p)->lockdowns,        HF_REPORT_LOCKDOWNS_MAX), \
	HF_ROW("refused",          ARRAY,  &(p)->refused,          HF_RC_COUNT), \
	HF_ROW_IF("acknowledged",  ARRAY,  &(p)->acks,             HF_REPORT_ACKS_MAX, (p)->no_acks), \
	HF_ROW_IF("postings",      ARRAY,  &(p)->postings,         HF_REPORT_POSTINGS_MAX, (p)->no_postings), \
	HF_ROW_IF("logs",          ARRAY,  &(p)->logs,             HF_REPORT_LOGS_MAX, (p)->no_logs), \
	HF_ROW_IF("boot",          LINE,   &(r)->boot,             HF_REPORT_BOOT_MAX, (p)->no_boot), \
	HF_ROW_IF("machine",       OBJECT, &(p)->machine,          0, (p)->no_machine), \
	HF_ROW_IF("over",          ARRAY,  &(p)->over,             HF_REPORT_OVER_MAX, (p)->no_over), \
	HF_ROW_IF("nonce",         DIGEST, &(r)->nonce,            0, (p)->no_nonce), \
	HF_ROW_IF("open_for",      NAMES,  &(r)->open_for,         HF_DEVICE_PEOPLE_MAX, (p)->no_open_for), \
	HF_ROW_IF("restored",      WALL,   &(r)->restored,         0, (p)->no_restored), \
	HF_ROW_IF("retired",       BOOL,   &(r)->retired,          0, (p)->no_retired), \
	HF_ROW_IF("unknown_logins", INT,   &(r)->unknown_logins,   HF_DEVICE_PEOPLE_MAX, (p)->no_logins), \
	HF_ROW_IF("brokers_version", INT,  &(r)->brokers_version,  HF_JSON_INT_MAX, (p)->no_brokers), \
	HF_ROW_IF("glass",         OBJECT, &(p)->glass,            0, (p)->no_glass), \
}
#define GLASS_ROWS(g, opened, never) {                                     \
	HF_ROW("wrong", INT, &(g)->wrong, HF_JSON_INT_MAX),                \
	HF_ROW("tried", WALL, &(g)->tried, 0),                             \
	HF_ROW_IF("opened", OBJECT, opened, 0, never),                     \
}
#define OPENED_ROWS(g, state) {                                            \
	HF_ROW("set",   INT,  &(g)->set,  HF_JSON_INT_MAX),                \
	HF_ROW("slot",  INT,  &(g)->slot, HF_GLASS_SLOTS_MAX),             \
	HF_ROW("at",    WALL, &(g)->at,   0),                              \
	HF_ROW("state", ID,   state,      0),                              \
}
#define LAYER_ROWS(l, word) {                                \
	HF_ROW("name",  LINE,  &(l)->name, LAYER_NAME_MAX),  \
	HF_ROW("state", ID,    word,       0),               \
	HF_ROW("saw",   LINE0, &(l)->saw,  HF_SAW_MAX),      \
}
#define LOCKDOWN_ROWS(l, kind, mode, standing) {             \
	HF_ROW("id",       DIGEST, &(l)->id,  0),            \
	HF_ROW("kind",     ID,     kind,      0),            \
	HF_ROW("mode",     ID,     mode,      0),            \
	HF_ROW("rev",      INT,    &(l)->rev, HF_JSON_INT_MAX), \
	HF_ROW("standing", ID,     standing,  0),            \
}
#define REFUSED_ROWS(r, word) {                              \
	HF_ROW("reason", ID,  word,        0),               \
	HF_ROW("count",  INT, &(r)->count, HF_JSON_INT_MAX), \
}
#define ACK_ROWS(a) {                                \
	HF_ROW("lockdown", DIGEST, &(a)->lockdown, 0), \
	HF_ROW("text",     DIGEST, &(a)->text,     0), \
	HF_ROW("person",   ID,     &(a)->person,   0), \
	HF_ROW("at",       WALL,   &(a)->at,       0), \
}
#define OVER_ROWS(o, kind) {                      \
	HF_ROW("person", ID, &(o)->person, 0),   \
	HF_ROW("kind",   ID, kind,         0),   \
}
/* clang-format on */

const char *hf_standing_name(enum hf_standing standing)
{
	return STANDING_NAMES[standing];
}

const char *hf_layer_state_name(enum hf_layer_state state)
{
	return LAYER_STATE_NAMES[state];
}

static enum hf_rc take_layer(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_report *report = doc;
	struct hf_report_layer *layer = &report->layers[report->n_layers];
	const char *word = NULL;
	size_t state = 0;
	const struct hf_json_member rows[] = LAYER_ROWS(layer, &word);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_word(word, LAYER_STATE_NAMES, HF_LAYER_STATE_COUNT, &state, err);
	if (rc != HF_OK)
		return rc;
	layer->state = (enum hf_layer_state)state;
	report->n_layers++;
	return HF_OK;
}

/* The words of kind and mode belong to orders; asked by number, so that there is one list of them. */
static enum hf_rc kind_of_word(const char *word, enum hf_kind *ret_kind, struct hf_err *err)
{
	const char *const words[] = {hf_kind_name(HF_KIND_EMERGENCY), hf_kind_name(HF_KIND_PURDAH)};
	size_t i = 0;
	_Static_assert(HF_LEN(words) == HF_KIND_COUNT, "every kind");
	enum hf_rc rc = hf_doc_word(word, words, HF_LEN(words), &i, err);
	*ret_kind = (enum hf_kind)i;
	return rc;
}

static enum hf_rc mode_of_word(const char *word, enum hf_mode *ret_mode, struct hf_err *err)
{
	const char *const words[] = {hf_mode_name(HF_MODE_LIVE), hf_mode_name(HF_MODE_EXERCISE)};
	size_t i = 0;
	_Static_assert(HF_LEN(words) == HF_MODE_COUNT, "every mode");
	enum hf_rc rc = hf_doc_word(word, words, HF_LEN(words), &i, err);
	*ret_mode = (enum hf_mode)i;
	return rc;
}

static enum hf_rc take_lockdown(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_report *report = doc;
	struct hf_report_lockdown *l = &report->lockdowns[report->n_lockdowns];
	const char *kind = NULL, *mode = NULL, *word = NULL;
	size_t standing = 0;
	const struct hf_json_member rows[] = LOCKDOWN_ROWS(l, &kind, &mode, &word);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = kind_of_word(kind, &l->kind, err);
	if (rc == HF_OK)
		rc = mode_of_word(mode, &l->mode, err);
	if (rc == HF_OK)
		rc = hf_doc_word(word, STANDING_NAMES, HF_STANDING_COUNT, &standing, err);
	if (rc != HF_OK)
		return rc;
	for (const struct hf_report_lockdown *other = report->lockdowns; other < l; other++)
		if (hf_digest_cmp(&other->id, &l->id) == 0)
			return hf_err_set(err, HF_E_SHAPE, "The report names a lockdown twice.");
	l->standing = (enum hf_standing)standing;
	report->n_lockdowns++;
	return HF_OK;
}

static enum hf_rc take_refused(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_report *report = doc;
	struct hf_report_refused *r = &report->refused[report->n_refused];
	const char *word = NULL;
	const struct hf_json_member rows[] = REFUSED_ROWS(r, &word);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	if (hf_rc_from_name(word, &r->reason) != HF_OK || r->reason == HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "\"%s\" is no reason to refuse a message.", word);
	for (const struct hf_report_refused *other = report->refused; other < r; other++)
		if (other->reason == r->reason)
			return hf_err_set(err, HF_E_SHAPE, "The report counts the reason %s twice.", word);
	report->n_refused++;
	return HF_OK;
}

static enum hf_rc take_ack(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_report *report = doc;
	struct hf_report_ack *ack = &report->acks[report->n_acks];
	const struct hf_json_member rows[] = ACK_ROWS(ack);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	for (const struct hf_report_ack *other = report->acks; other < ack; other++)
		if (hf_digest_cmp(&other->lockdown, &ack->lockdown) == 0 &&
		    hf_digest_cmp(&other->text, &ack->text) == 0 && strcmp(other->person, ack->person) == 0)
			return hf_err_set(err, HF_E_SHAPE, "The report says twice that %s has acknowledged a text.",
					  ack->person);
	report->n_acks++;
	return HF_OK;
}

static enum hf_rc take_over(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_report *report = doc;
	struct hf_report_over *over = &report->over[report->n_over];
	const char *kind = NULL;
	const struct hf_json_member rows[] = OVER_ROWS(over, &kind);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = kind_of_word(kind, &over->kind, err);
	if (rc != HF_OK)
		return rc;
	for (const struct hf_report_over *other = report->over; other < over; other++)
		if (strcmp(other->person, over->person) == 0 && other->kind == over->kind)
			return hf_err_set(err, HF_E_SHAPE, "The report says twice that %s is over.", over->person);
	report->n_over++;
	return HF_OK;
}

static enum hf_rc take_acks(struct hf_report *report, json_t *acks, struct hf_err *err)
{
	enum hf_rc rc = hf_doc_some(acks, "acknowledged", err);
	if (rc == HF_OK)
		rc = hf_doc_alloc(json_array_size(acks), sizeof(*report->acks), &report->acks, err);
	return rc == HF_OK ? hf_doc_each(acks, take_ack, report, err) : rc;
}

static enum hf_rc take_log(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_report *report = doc;
	struct hf_log_row *row = &report->logs[report->n_logs];
	enum hf_rc rc = hf_log_row_take(value, row, err);
	if (rc != HF_OK)
		return rc;
	for (const struct hf_log_row *other = report->logs; other < row; other++)
		if (strcmp(other->controller, row->controller) == 0)
			return hf_err_set(err, HF_E_SHAPE, "The report names the journal of %s twice.",
					  row->controller);
	report->n_logs++;
	return HF_OK;
}

static enum hf_rc take_broken(json_t *value, struct hf_report_glass *glass, struct hf_err *err)
{
	json_t *opened = NULL;
	const char *word = NULL;
	size_t open = 0;
	const struct hf_json_member rows[] = GLASS_ROWS(glass, &opened, true);
	const struct hf_json_member opened_rows[] = OPENED_ROWS(glass, &word);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK && (glass->tried.s == 0 || (!opened && glass->wrong == 0)))
		return hf_err_set(err, HF_E_SHAPE, "Member \"glass\" is left out by a device that nobody tried to open.");
	if (rc != HF_OK || !opened)
		return rc;
	rc = hf_json_take(opened, opened_rows, HF_LEN(opened_rows), err);
	if (rc == HF_OK)
		rc = hf_doc_word(word, GLASS_STATES, HF_LEN(GLASS_STATES), &open, err);
	glass->open = open == 1;
	if (rc == HF_OK && (glass->set < 1 || glass->slot < 1))
		rc = hf_err_set(err, HF_E_SHAPE, "Sets and slots of halves begin at 1.");
	return rc;
}

static enum hf_rc take_lists(struct hf_report *report, const struct parts *parts, struct hf_err *err)
{
	size_t n = json_array_size(parts->lockdowns);
	enum hf_rc rc = hf_doc_alloc(n, sizeof(*report->lockdowns), &report->lockdowns, err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->layers, take_layer, report, err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->lockdowns, take_lockdown, report, err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->refused, take_refused, report, err);
	if (rc == HF_OK)
		rc = take_acks(report, parts->acks, err);
	if (rc == HF_OK)
		rc = hf_doc_some(parts->over, "over", err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->over, take_over, report, err);
	if (rc == HF_OK)
		rc = hf_doc_some(parts->postings, "postings", err);
	if (rc == HF_OK)
		rc = hf_postings_take(parts->postings, HF_POSTING_REPORTED, &report->postings, &report->n_postings,
				      err);
	if (rc == HF_OK)
		rc = hf_doc_some(parts->logs, "logs", err);
	if (rc == HF_OK && parts->logs)
		rc = hf_doc_each(parts->logs, take_log, report, err);
	if (rc == HF_OK && parts->glass)
		rc = take_broken(parts->glass, &report->glass, err);
	return rc == HF_OK && parts->machine ? hf_machine_take(parts->machine, &report->machine, err) : rc;
}

/* What is said of a loss is said by a device that has lost what it knew. */
static enum hf_rc check_loss(struct hf_report *report, struct hf_err *err)
{
	json_t *open_for = json_object_get(report->doc, "open_for");
	report->has_nonce = json_object_get(report->doc, "nonce");
	if ((report->has_nonce || open_for) && !report->unknown)
		return hf_err_set(err, HF_E_SHAPE, "A nonce is of a device that has lost what it knew.");
	if (report->restored.s == 0 && json_object_get(report->doc, "restored"))
		return hf_err_set(err, HF_E_SHAPE, "Member \"restored\" is left out by a device that never was.");
	if (!report->retired && json_object_get(report->doc, "retired"))
		return hf_err_set(err, HF_E_SHAPE, "Member \"retired\" is left out by a device that stays.");
	if (report->unknown_logins == 0 && json_object_get(report->doc, "unknown_logins"))
		return hf_err_set(err, HF_E_SHAPE, "Member \"unknown_logins\" is left out by a device that knows all.");
	if (report->brokers_version == 0 && json_object_get(report->doc, "brokers_version"))
		return hf_err_set(err, HF_E_SHAPE, "Member \"brokers_version\" is left out by a device that holds no list.");
	if (report->retired && report->unknown)
		return hf_err_set(err, HF_E_SHAPE, "A device that has lost what it knew is not retired.");
	return hf_doc_some(open_for, "open_for", err);
}

enum hf_rc hf_report_decode(const struct hf_envelope *envelope, struct hf_report **ret_report, struct hf_err *err)
{
	hf_auto_report struct hf_report *report = NULL;
	struct parts parts = {.no_acks = true,
			      .no_postings = true,
			      .no_logs = true,
			      .no_boot = true,
			      .no_machine = true,
			      .no_over = true,
			      .no_nonce = true,
			      .no_open_for = true,
			      .no_restored = true,
			      .no_retired = true,
			      .no_logins = true,
			      .no_brokers = true,
			      .no_glass = true};
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*report), &report, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_REPORT, &report->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = REPORT_ROWS(report, &parts);
	rc = hf_json_take(report->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK && report->counter < 1)
		rc = hf_err_set(err, HF_E_SHAPE, "The counter of a device's reports begins at 1.");
	if (rc == HF_OK && report->controller[0] && !hf_id_ok(report->controller))
		rc = hf_err_set(err, HF_E_SHAPE, "Member \"controller\" must be an id or empty.");
	if (rc == HF_OK)
		rc = take_lists(report, &parts, err);
	if (rc == HF_OK)
		rc = check_loss(report, err);
	if (rc != HF_OK)
		return rc;
	report->digest = envelope->digest;
	*ret_report = hf_steal_ptr(&report);
	return HF_OK;
}

static json_t *layer_to_json(const void *doc, size_t i)
{
	struct hf_report_layer l = ((const struct hf_report_layer *)doc)[i];
	const struct hf_json_member rows[] = LAYER_ROWS(&l, (void *)&LAYER_STATE_NAMES[l.state]);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *lockdown_to_json(const void *doc, size_t i)
{
	struct hf_report_lockdown l = ((const struct hf_report_lockdown *)doc)[i];
	const char *kind = hf_kind_name(l.kind), *mode = hf_mode_name(l.mode), *standing = hf_standing_name(l.standing);
	const struct hf_json_member rows[] = LOCKDOWN_ROWS(&l, &kind, &mode, &standing);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *refused_to_json(const void *doc, size_t i)
{
	struct hf_report_refused r = ((const struct hf_report_refused *)doc)[i];
	const char *word = hf_rc_name(r.reason);
	const struct hf_json_member rows[] = REFUSED_ROWS(&r, &word);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *ack_to_json(const void *doc, size_t i)
{
	struct hf_report_ack a = ((const struct hf_report_ack *)doc)[i];
	const struct hf_json_member rows[] = ACK_ROWS(&a);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *log_to_json(const void *doc, size_t i)
{
	return hf_log_row_put(&((const struct hf_log_row *)doc)[i]);
}

static json_t *over_to_json(const void *doc, size_t i)
{
	struct hf_report_over over = ((const struct hf_report_over *)doc)[i];
	const char *kind = hf_kind_name(over.kind);
	const struct hf_json_member rows[] = OVER_ROWS(&over, &kind);
	return hf_json_put(rows, HF_LEN(rows));
}

/* NULL: there is nothing to say, or no memory. */
static json_t *glass_to_json(const struct hf_report_glass *glass)
{
	struct hf_report_glass copy = *glass;
	const char *state = GLASS_STATES[glass->open];
	const struct hf_json_member opened_rows[] = OPENED_ROWS(&copy, &state);
	hf_auto_json json_t *opened = glass->slot > 0 ? hf_json_put(opened_rows, HF_LEN(opened_rows)) : NULL;
	const struct hf_json_member rows[] = GLASS_ROWS(&copy, &opened, !opened);
	return glass->tried.s == 0 ? NULL : hf_json_put(rows, HF_LEN(rows));
}

json_t *hf_report_encode(const struct hf_report *report)
{
	struct hf_report copy = *report; /* the table points to what may be written; nothing is */
	hf_auto_json json_t *layers = hf_doc_list(layer_to_json, report->layers, report->n_layers);
	hf_auto_json json_t *lockdowns = hf_doc_list(lockdown_to_json, report->lockdowns, report->n_lockdowns);
	hf_auto_json json_t *refused = hf_doc_list(refused_to_json, report->refused, report->n_refused);
	hf_auto_json json_t *acks = hf_doc_list(ack_to_json, report->acks, report->n_acks);
	hf_auto_json json_t *postings = hf_postings_put(report->postings, report->n_postings, HF_POSTING_REPORTED);
	hf_auto_json json_t *logs = hf_doc_list(log_to_json, report->logs, report->n_logs);
	hf_auto_json json_t *machine = hf_machine_put(&report->machine);
	hf_auto_json json_t *over = hf_doc_list(over_to_json, report->over, report->n_over);
	hf_auto_json json_t *glass = glass_to_json(&report->glass);
	struct parts parts = {.layers = layers,
			      .lockdowns = lockdowns,
			      .refused = refused,
			      .acks = acks,
			      .postings = postings,
			      .logs = logs,
			      .machine = machine,
			      .over = over,
			      .no_acks = report->n_acks == 0,
			      .no_postings = report->n_postings == 0,
			      .no_logs = report->n_logs == 0,
			      .no_boot = !report->boot,
			      .no_machine = !hf_machine_any(&report->machine),
			      .no_over = report->n_over == 0,
			      .no_nonce = !report->has_nonce,
			      .no_open_for = report->open_for.n == 0,
			      .no_restored = report->restored.s == 0,
			      .no_retired = !report->retired,
			      .no_logins = report->unknown_logins == 0,
			      .no_brokers = report->brokers_version == 0,
			      .no_glass = !glass,
			      .glass = glass};
	const struct hf_json_member rows[] = REPORT_ROWS(&copy, &parts);
	return hf_json_put(rows, HF_LEN(rows));
}

/* What moves with each beat of the council's server and is no news of this device. */
static bool moves_by_itself(const char *member)
{
	static const char *const names[] = {"counter", "at", "controller", "state_seq", "state", "logs"};

	for (size_t i = 0; i < HF_LEN(names); i++) {
		if (strcmp(member, names[i]) == 0)
			return true;
	}
	return false;
}

/* Every member of a but those stands in b with the same value. */
static bool within(const json_t *a, const json_t *b)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)a, name, value)
	{
		if (!moves_by_itself(name) && !json_equal(value, json_object_get(b, name)))
			return false;
	}
	return true;
}

bool hf_report_restored(struct hf_wall restored, struct hf_wall now)
{
	return restored.s > 0 && now.s - restored.s <= HF_LOSS_SAID_S;
}

bool hf_report_same(const json_t *a, const json_t *b)
{
	return a && b && within(a, b) && within(b, a);
}

void hf_report_free(struct hf_report **report)
{
	if (!*report)
		return;
	free((*report)->lockdowns);
	free((*report)->acks);
	free((*report)->postings);
	if ((*report)->doc)
		hf_strs_done(&(*report)->open_for);
	json_decref((*report)->doc);
	free(*report);
	*report = NULL;
}
