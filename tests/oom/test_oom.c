/* SPDX-License-Identifier: MIT */
/*
 * Owns the proof that no allocation failure crashes, leaks, half-fills, or opens anything.
 * Must never skip an allocation: each operation is tried with the first failing, then the second, until none fails.
 * Only of a message that is a flood a sample fails, spread over all of it (TRIES_MAX). HF_OOM_STEP (1) is for a run under
 * a sanitizer: of what is heard only every so many allocations fail.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/posture.h>
#include <holdfast/report.h>

#include "tests/help/council.h"
#include "tests/help/dice.h"
#include "tests/help/vectors.h"
#include "tests/oom/help_oom.h"

#define LOCAL_NOW 1767226000 /* the examples' emergencies are in force */
#define ALLOCATIONS_MAX 100000
#define TRIES_MAX 700 /* of one message; a try of a flood hears all of it again */

/* One try: does its work, checks that its outputs are untouched unless HF_OK, frees them. */
typedef enum hf_rc (*attempt_fn)(void *arg, const char *what);

/* Tries with each allocation failing in turn; the last try, in which none fails, must succeed. */
static void survive(const char *what, attempt_fn attempt, void *arg)
{
	for (size_t n = 1; n < ALLOCATIONS_MAX; n++) {
		oom_arm(n);
		enum hf_rc rc = attempt(arg, what);
		if (!oom_disarm(NULL)) {
			cr_expect_eq(rc, HF_OK, "%s: with all memory it gives %s", what, hf_rc_name(rc));
			return;
		}
		cr_expect(rc == HF_OK || rc == HF_E_MEMORY, "%s: allocation %zu fails and it says %s", what, n,
			  hf_rc_name(rc));
	}
	cr_assert_fail("%s: it never ends", what);
}

/* Outputs start as this; it must still be there after a failure. */
static char untouched;
#define UNTOUCHED ((void *)&untouched)

static void check_output(const void *ret, enum hf_rc rc, const char *what)
{
	if (rc == HF_OK)
		cr_expect_neq(ret, UNTOUCHED, "%s: HF_OK and no result", what);
	else
		cr_expect_eq(ret, UNTOUCHED, "%s: %s and a result", what, hf_rc_name(rc));
}

struct bytes {
	char *buf;
	size_t len;
};

static enum hf_rc decode_envelope(void *arg, const char *what)
{
	const struct bytes *bytes = arg;
	struct hf_envelope *envelope = UNTOUCHED;
	enum hf_rc rc = hf_envelope_decode(bytes->buf, bytes->len, &envelope, NULL);

	check_output(envelope, rc, what);
	if (rc == HF_OK)
		hf_envelope_free(&envelope);
	return rc;
}

/* Decodes and encodes again: NULL is how an encoder says that there is no memory. */
#define DECODE_AND_ENCODE(name)                                                                                        \
	static enum hf_rc decode_##name(void *arg, const char *what)                                                   \
	{                                                                                                              \
		struct hf_##name *document = UNTOUCHED;                                                                \
		enum hf_rc rc = hf_##name##_decode(arg, &document, NULL);                                              \
		check_output(document, rc, what);                                                                      \
		if (rc != HF_OK)                                                                                       \
			return rc;                                                                                     \
		hf_auto_json json_t *json = hf_##name##_encode(document);                                              \
		hf_##name##_free(&document);                                                                           \
		return json ? HF_OK : HF_E_MEMORY;                                                                     \
	}
DECODE_AND_ENCODE(trust)
DECODE_AND_ENCODE(register)
DECODE_AND_ENCODE(assignment)
DECODE_AND_ENCODE(order)
DECODE_AND_ENCODE(state)
DECODE_AND_ENCODE(report)
DECODE_AND_ENCODE(recover)
DECODE_AND_ENCODE(remark)
DECODE_AND_ENCODE(erase)
DECODE_AND_ENCODE(brokers)
DECODE_AND_ENCODE(glass)

static const attempt_fn DECODERS[HF_DOC_COUNT] = {
	[HF_DOC_TRUST] = decode_trust, [HF_DOC_REGISTER] = decode_register, [HF_DOC_ASSIGNMENT] = decode_assignment,
	[HF_DOC_ORDER] = decode_order, [HF_DOC_STATE] = decode_state,	    [HF_DOC_REPORT] = decode_report,
	[HF_DOC_RECOVER] = decode_recover, [HF_DOC_REMARK] = decode_remark, [HF_DOC_ERASE] = decode_erase,
	[HF_DOC_BROKERS] = decode_brokers, [HF_DOC_GLASS] = decode_glass,
};

static enum hf_rc encode_envelope(void *arg, const char *what)
{
	char *text = UNTOUCHED;
	size_t len = 0;
	enum hf_rc rc = hf_envelope_encode(arg, &text, &len, NULL);

	check_output(text, rc, what);
	if (rc == HF_OK)
		free(text);
	return rc;
}

static enum hf_rc copy_envelope(void *arg, const char *what)
{
	struct hf_envelope *copy = UNTOUCHED;
	enum hf_rc rc = hf_envelope_copy(arg, &copy);

	check_output(copy, rc, what);
	if (rc == HF_OK)
		hf_envelope_free(&copy);
	return rc;
}

/* No memory must not look like an approval, and an approval that was made must verify. */
static enum hf_rc sign_envelope(void *arg, const char *what)
{
	static const uint8_t seed[32] = {7};
	hf_auto_envelope struct hf_envelope *copy = NULL;
	hf_auto_key struct hf_key *key = NULL;
	enum hf_rc rc = hf_envelope_copy(arg, &copy);

	if (rc == HF_OK)
		rc = hf_key_from_seed(seed, &key);
	if (rc != HF_OK)
		return rc;
	size_t before = copy->n_signatures;
	rc = hf_envelope_sign(copy, key, NULL);
	cr_expect_eq(copy->n_signatures, before + (rc == HF_OK), "%s: %s and %zu signatures", what, hf_rc_name(rc),
		     copy->n_signatures);
	return rc;
}

static struct bytes file_of(const char *file)
{
	struct bytes bytes;

	bytes.buf = vectors_read(file, &bytes.len);
	return bytes;
}

static void need_hooks(void)
{
	cr_assert(oom_hooked(), "OpenSSL allocated before it could be hooked");
}

Test(oom, decoders_and_encoders)
{
	need_hooks();
	hf_auto_json json_t *index = vectors_index();
	const char *file;
	json_t *digest;

	json_object_foreach(json_object_get(index, "digests"), file, digest)
	{
		struct bytes bytes = file_of(file);
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		cr_assert_eq(hf_envelope_decode(bytes.buf, bytes.len, &envelope, NULL), HF_OK);
		survive(file, decode_envelope, &bytes);
		survive(file, DECODERS[envelope->type], envelope);
		free(bytes.buf);
	}
}

Test(oom, envelopes)
{
	need_hooks();
	struct bytes bytes = file_of("good/release-emergency.json");
	hf_auto_envelope struct hf_envelope *envelope = NULL;

	cr_assert_eq(hf_envelope_decode(bytes.buf, bytes.len, &envelope, NULL), HF_OK);
	survive("encode", encode_envelope, envelope);
	survive("copy", copy_envelope, envelope);
	survive("sign", sign_envelope, envelope);
	free(bytes.buf);
}

static char *known_text(const struct vectors_party *party)
{
	json_t *json = hf_known_encode(&party->known);
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	cr_assert_not_null(text);
	json_decref(json);
	return text;
}

/* What hearing a row's file does when there is memory. */
struct hearing_row {
	const char *name;
	struct bytes bytes;
	enum hf_rc rc;
	char *before, *after;
	size_t allocations;
};

static enum hf_rc hear(struct vectors_party *party, const struct hearing_row *row)
{
	struct hf_hearing hearing;

	return hf_known_hear(&party->known, &(struct hf_message){row->bytes.buf, row->bytes.len, HF_DOC_COUNT},
			     &hearing, NULL);
}

/*
 * With one allocation failing: what would be refused is refused; what is refused changes nothing, but for a state that
 * is joined all the same; and hearing it again, with memory, ends where it would have ended.
 * Returns whether the party has to be made anew.
 */
static bool check_failed(struct vectors_party *party, const struct hearing_row *row, enum hf_rc rc, size_t n)
{
	hf_auto_free char *now = known_text(party);

	if (row->rc != HF_OK)
		cr_expect_neq(rc, HF_OK, "%s: allocation %zu fails and it is accepted", row->name, n);
	if (strcmp(now, row->before) == 0)
		return false;
	cr_expect(rc == HF_OK || rc == row->rc, "%s: allocation %zu fails, it says %s and has changed something",
		  row->name, n, hf_rc_name(rc));
	rc = hear(party, row);
	hf_auto_free char *again = known_text(party);
	/* What was told as a fork is known now, of an assignment or of a journal: the same again is no news. */
	cr_expect(rc == row->rc || (rc == HF_OK && (row->rc == HF_E_FORK || row->rc == HF_E_LOG_FORK)),
		  "%s: heard again after allocation %zu failed: %s", row->name, n, hf_rc_name(rc));
	cr_expect_str_eq(again, row->after, "%s: after allocation %zu failed it never becomes whole", row->name, n);
	return true;
}

static void survive_hearing(json_t *json, const struct hearing_row *row)
{
	struct vectors_party party;
	bool failed = true;
	size_t step = number_from("HF_OOM_STEP", 1), least = 1 + row->allocations / TRIES_MAX;

	vectors_begin(json, &party);
	for (size_t n = 1; failed; n += step > least ? step : least) {
		cr_assert_lt(n, ALLOCATIONS_MAX, "%s: it never ends", row->name);
		oom_arm(n);
		enum hf_rc rc = hear(&party, row);
		failed = oom_disarm(NULL);
		if (failed && check_failed(&party, row, rc, n)) {
			vectors_end(&party);
			vectors_begin(json, &party);
		}
		if (!failed)
			cr_expect_eq(rc, row->rc, "%s: at last it gives %s", row->name, hf_rc_name(rc));
	}
	hf_auto_free char *after = known_text(&party);
	cr_expect_str_eq(after, row->after, "%s: at last it is something else", row->name);
	vectors_end(&party);
}

static void hear_row(json_t *json)
{
	struct hearing_row row = {.name = vectors_text(json, "name")};
	struct vectors_party party;

	row.bytes = file_of(vectors_text(json, "file"));
	vectors_begin(json, &party);
	row.before = known_text(&party);
	oom_arm(0);
	row.rc = hear(&party, &row);
	oom_disarm(&row.allocations);
	row.after = known_text(&party);
	vectors_end(&party);
	survive_hearing(json, &row);
	free(row.bytes.buf);
	free(row.before);
	free(row.after);
}

/* Rows that are heard by an agent that knows something. */
static bool is_heard(json_t *row)
{
	return !vectors_text(row, "topic") && json_array_size(json_object_get(row, "known")) > 0;
}

/* Every second row, so that two processors share the work. */
static void hear_every_second(size_t first)
{
	need_hooks();
	hf_auto_json json_t *index = vectors_index();
	json_t *rows = json_object_get(index, "rows");
	size_t heard = 0;

	for (size_t i = first; i < json_array_size(rows); i += 2) {
		if (!is_heard(json_array_get(rows, i)))
			continue;
		hear_row(json_array_get(rows, i));
		heard++;
	}
	cr_assert_gt(heard, 100, "only %zu rows were heard", heard);
}

Test(oom, hearing_even_rows)
{
	hear_every_second(0);
}

Test(oom, hearing_odd_rows)
{
	hear_every_second(1);
}

static enum hf_rc begin(void *arg, const char *what)
{
	struct hf_known known;
	enum hf_rc rc;

	memset(&known, 0, sizeof(known));
	rc = hf_known_begin(arg, "d1", &known, NULL);
	if (rc != HF_OK)
		cr_expect(!known.trust && !*known.council, "%s: half begun", what);
	hf_known_done(&known);
	/* A signature that could not be verified for want of memory counts for nobody. */
	return rc == HF_E_SIGNATURE ? HF_E_MEMORY : rc;
}

Test(oom, beginning)
{
	need_hooks();
	struct bytes bytes = file_of("good/trust-1.json");
	hf_auto_envelope struct hf_envelope *envelope = NULL;

	cr_assert_eq(hf_envelope_decode(bytes.buf, bytes.len, &envelope, NULL), HF_OK);
	survive("begin", begin, envelope);
	free(bytes.buf);
}

static enum hf_rc encode_known(void *arg, const char *what)
{
	hf_auto_json json_t *json = hf_known_encode(arg);

	(void)what;
	return json ? HF_OK : HF_E_MEMORY;
}

/* From disk: whole, or an error; never less of a lockdown than went in. */
static enum hf_rc decode_known(void *arg, const char *what)
{
	struct hf_known *whole = ((void **)arg)[0];
	struct hf_known known;

	memset(&known, 0, sizeof(known));
	enum hf_rc rc = hf_known_decode(((void **)arg)[1], &known, NULL);
	if (rc == HF_OK)
		cr_expect_eq(known.orders.n, whole->orders.n, "%s: %zu orders come back of %zu", what, known.orders.n,
			     whole->orders.n);
	else
		cr_expect(!known.trust && known.orders.n == 0, "%s: half of it came back", what);
	hf_known_done(&known);
	return rc == HF_OK ? HF_OK : HF_E_MEMORY;
}

static enum hf_rc judge(void *arg, const char *what)
{
	const struct hf_known *known = arg;
	struct hf_lockdowns lockdowns = {.v = UNTOUCHED};
	struct hf_wall now = {LOCAL_NOW};
	enum hf_rc rc = hf_known_lockdowns(known, now, &lockdowns, NULL);

	check_output(lockdowns.v, rc, what);
	if (rc != HF_OK)
		return rc;
	struct hf_posture posture = {.holds = UNTOUCHED};
	struct hf_facts facts = {0};
	rc = hf_posture_of(&(struct hf_posture_ask){&lockdowns, known->reg, &known->versions, &facts, COUNCIL_PAIR("comms-2"),
						    hf_known_now(known, now)},
			   &posture, NULL);
	check_output(posture.holds, rc, what);
	if (rc == HF_OK)
		hf_posture_done(&posture);
	hf_lockdowns_done(&lockdowns);
	return rc;
}

/* That a lockdown has begun is noted for each or for none. */
static enum hf_rc tick(void *arg, const char *what)
{
	struct hf_known *known = arg;
	bool grew = false;

	hf_started_done(&known->started);
	enum hf_rc rc = hf_known_tick(known, (struct hf_wall){LOCAL_NOW}, &grew, NULL);
	if (rc != HF_OK)
		cr_expect(known->started.n == 0 && !grew, "%s: %zu beginnings noted", what, known->started.n);
	return rc;
}

/* Parties of some size: lockdowns in force, amended, released, planned, of two pages, of a second trust. */
static const char *const PARTIES[] = {"state",
				      "state-page-1-of-2",
				      "amend-chain-backwards",
				      "amend-rivals",
				      "release-two-at-once",
				      "purdah-under-emergency",
				      "raise-by-leaver-affirmed",
				      "state-with-many-bad",
				      "state-claims"};

static void survive_party(json_t *row)
{
	const char *name = vectors_text(row, "name");
	struct vectors_party party;
	struct hf_hearing hearing;

	vectors_begin(row, &party);
	cr_assert_eq(vectors_hear(&party, vectors_text(row, "file"), NULL, &hearing), HF_OK);
	cr_assert_gt(party.known.orders.n, 0, "%s knows no order", name);
	hf_auto_json json_t *json = hf_known_encode(&party.known);
	void *both[] = {&party.known, json};
	survive(name, encode_known, &party.known);
	survive(name, decode_known, both);
	survive(name, judge, &party.known);
	survive(name, tick, &party.known);
	vectors_end(&party);
}

Test(oom, what_is_known_and_in_force)
{
	need_hooks();
	hf_auto_json json_t *index = vectors_index();
	size_t found = 0;
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(index, "rows"), i, row)
	{
		for (size_t k = 0; k < HF_LEN(PARTIES); k++) {
			if (strcmp(PARTIES[k], vectors_text(row, "name")) != 0)
				continue;
			survive_party(row);
			found++;
		}
	}
	cr_assert_eq(found, HF_LEN(PARTIES), "only %zu of the parties are in the index", found);
}
