/* SPDX-License-Identifier: MIT */
/*
 * Owns the proof that a device that runs out of memory is never open while it should be locked. Policy D9.2, D9.3.
 * Attack: whoever can make a machine run out of memory.
 * Must never call a pass open that is not on disk. Where a try needs a new device, not every allocation is tried.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/help/device.h"
#include "tests/oom/help_oom.h"

#define ALLOCATIONS_MAX 50000
#define TOPIC "holdfast/1/" COUNCIL_NAME "/state/main"
#define ACCOUNT "x:CannockChaseDC" /* its poster is comms-2 */
#define ME DEVICE_COMMS_2
#define TOOLS 6	    /* of the demo council's register */
#define TRY_LOST 29 /* of the tries that changed nothing so many are one that is followed up */

static struct device *d;
static struct hf_envelope *orders[2];
static char *state_text; /* what the controller says next, as bytes */
static size_t state_len;
static size_t n_asks;

static void take_word(void *arg, const char *topic, const void *buf, size_t len)
{
	(void)arg, (void)buf, (void)len;
	n_asks += strstr(topic, "/ask") ? 1 : 0;
}

static void say_next(size_t n_orders)
{
	struct hf_state doc = council_state_doc(&d->council, ++d->seq, orders, n_orders);
	struct hf_envelope *envelope = council_state(&d->council, &doc, CONTROLLER);

	free(state_text);
	cr_assert_eq(hf_envelope_encode(envelope, &state_text, &state_len, NULL), HF_OK);
	hf_envelope_free(&envelope);
}

static void hear(void)
{
	hf_keeper_hear(d->keeper, TOPIC, state_text, state_len);
}

static void end(void)
{
	if (!d)
		return;
	for (size_t i = 0; i < HF_LEN(orders); i++)
		hf_envelope_free(&orders[i]);
	free(state_text);
	state_text = NULL;
	device_close();
	d = NULL;
}

static void begin_open(void)
{
	struct hf_order doc = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_holding holding;

	end();
	d = device_open(1, NULL);
	d->keeper->conf.send = take_word;
	d->keeper->conf.tell = NULL;
	holding = doc.body.holding[0];
	holding.poster = "comms-2";
	holding.minutes = 15;
	doc.body.holding = &holding;
	orders[0] = council_order(&d->council, &doc, COMMS_1);
	say_next(1);
	n_asks = 0;
	d->keeper->asked_at.ms = 0;
}

static void begin_locked(void)
{
	begin_open();
	hear();
	cr_assert_eq(device_n_shut(), TOOLS);
	d->layer.least = TOOLS;
	say_next(1);
}

static void begin_release(void)
{
	struct hf_order doc;

	begin_locked();
	doc = council_release_doc(HF_KIND_EMERGENCY, &orders[0]->digest, 1);
	orders[1] = council_order(&d->council, &doc, COMMS_1 | MONITORING_1);
	say_next(2);
}

/* One thing that a device does while memory runs out. */
struct scene {
	const char *what;
	void (*begin)(void);
	void (*act)(void);
	/* with memory again; returns whether all is as it was before */
	bool (*check)(const char *what, size_t n);
	size_t step; /* where each try needs a new device: of so many allocations one is tried */
};

/* The last try, in which nothing fails, is checked too. */
static void play_arming(const struct scene *scene, void (*arm)(size_t))
{
	bool failed = true;

	scene->begin();
	for (size_t n = 1; failed; n += scene->step) {
		cr_assert_lt(n, ALLOCATIONS_MAX, "%s: it never ends", scene->what);
		arm(n);
		scene->act();
		failed = oom_disarm(NULL);
		if (!scene->check(scene->what, n) && failed)
			scene->begin();
	}
	end();
}

static void play(const struct scene *scene)
{
	cr_assert(oom_hooked(), "OpenSSL allocated before it could be hooked");
	play_arming(scene, oom_arm);
	play_arming(scene, oom_arm_from);
}

/* A raise ---------------------------------------------------------------------------------------------------------- */

static bool check_raise(const char *what, size_t n)
{
	bool lost = d->keeper->memory.known.orders.n == 0;

	if (lost && d->keeper->memory.refused[HF_E_MEMORY] > 0)
		cr_expect(n_asks > 0, "%s: allocation %zu fails, and nobody asks for what was lost", what, n);
	if (lost && n % TRY_LOST != 0) {
		n_asks = 0;
		d->keeper->asked_at.ms = 0;
		d->keeper->memory.refused[HF_E_MEMORY] = 0;
		return true;
	}
	if (lost)
		hear();
	else
		device_beat();
	cr_expect_eq(device_n_shut(), TOOLS, "D9.2 %s: allocation %zu fails, and memory again does not block", what, n);
	return false;
}

Test(oom_keeper, raise_is_enforced_as_soon_as_there_is_memory_D9_2)
{
	play(&(struct scene){"a raise", begin_open, hear, check_raise, 31});
}

/* While locked ----------------------------------------------------------------------------------------------------- */

static bool check_locked(const char *what, size_t n)
{
	cr_expect_geq(d->layer.least, TOOLS, "D9.2 %s: allocation %zu fails and something is open", what, n);
	cr_expect_eq(device_n_shut(), TOOLS, "D9.2 %s: allocation %zu fails and something stays open", what, n);
	return true;
}

static bool check_heard(const char *what, size_t n)
{
	check_locked(what, n);
	say_next(1);
	return true;
}

static void ask(const char *what)
{
	struct hf_question q = {.reads = true};

	cr_assert_eq(hf_str_copy(q.ask, sizeof(q.ask), what), HF_OK);
	cr_assert_eq(hf_str_copy(q.account, sizeof(q.account), ACCOUNT), HF_OK);
	cr_assert_eq(hf_str_copy(q.site, sizeof(q.site), "x.com"), HF_OK);
	json_decref(hf_keeper_answer(d->keeper, ME, &q));
}

static void be_asked(void)
{
	static const char *const asks[] = {HF_ASK_STATUS, HF_ASK_INSTRUCTIONS, HF_ASK_ACKNOWLEDGE, HF_ASK_WORDS,
					   HF_ASK_SITES,  HF_ASK_TRIED,	       HF_ASK_TOLD};

	for (size_t i = 0; i < HF_LEN(asks); i++)
		ask(asks[i]);
}

static void look_and_report(void)
{
	d->keeper->reported_at.ms = 0;
	hf_keeper_look(d->keeper);
	hf_keeper_report(d->keeper, true);
}

Test(oom_keeper, beat_never_opens_D9_2)
{
	play(&(struct scene){"a beat", begin_locked, device_beat, check_locked, 1});
	play(&(struct scene){"a report", begin_locked, look_and_report, check_locked, 1});
}

Test(oom_keeper, news_never_open_D9_2)
{
	play(&(struct scene){"news", begin_locked, hear, check_heard, 1});
}

Test(oom_keeper, questions_never_open_D9_2)
{
	play(&(struct scene){"questions", begin_locked, be_asked, check_locked, 1});
}

/* A start ---------------------------------------------------------------------------------------------------------- */

static struct hf_keeper_conf conf;

static void begin_stopped(void)
{
	begin_locked();
	conf = d->keeper->conf;
	cr_assert(hf_keeper_save(d->keeper));
	hf_keeper_free(&d->keeper);
}

static void start(void)
{
	if (hf_keeper_new(d->loop, &conf, &d->keeper, NULL) == HF_OK)
		hf_keeper_start(d->keeper);
}

static bool check_start(const char *what, size_t n)
{
	check_locked(what, n);
	if (!d->keeper)
		start();
	cr_assert_not_null(d->keeper, "%s: allocation %zu fails, and nothing starts again", what, n);
	device_beat();
	check_locked(what, n);
	hear();
	if (d->keeper->memory.unknown)
		device_recover(NULL, 0, COMMS_1 | MONITORING_1);
	cr_expect_not(d->keeper->memory.unknown, "%s: allocation %zu fails, and nothing is known for ever", what, n);
	return false;
}

Test(oom_keeper, start_never_opens_D9_2)
{
	play(&(struct scene){"a start", begin_stopped, start, check_start, 61});
}

/* A release -------------------------------------------------------------------------------------------------------- */

/* What another life would know. */
static void load(struct hf_memory *memory)
{
	hf_auto_store struct hf_store *store = NULL;
	bool doubt = false;

	cr_assert_eq(hf_store_open(d->keeper->conf.state, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_load(store, memory, &doubt, NULL), HF_OK);
}

static bool check_release(const char *what, size_t n)
{
	bool lost = d->keeper->memory.known.orders.n == 1;
	hf_auto_memory struct hf_memory disk = {0};

	if (device_n_shut() < TOOLS) {
		load(&disk);
		cr_expect_eq(disk.known.orders.n, 2, "%s: allocation %zu fails, open and not on disk", what, n);
	}
	if (lost && n % TRY_LOST != 0)
		return check_locked(what, n);
	if (lost)
		hear();
	device_beat();
	cr_expect_eq(device_n_shut(), 0, "D9.3 %s: allocation %zu fails and it stays locked", what, n);
	return false;
}

Test(oom_keeper, release_opens_as_soon_as_there_is_memory_D9_3)
{
	play(&(struct scene){"a release", begin_release, hear, check_release, 31});
}

/* A posting window ------------------------------------------------------------------------------------------------- */

static void begin_pass(void)
{
	begin_locked();
	d->keeper->heard_at.ms = 0; /* the council's server is silent, and this is the first device */
}

static void take_pass(void)
{
	ask(HF_ASK_PASS);
}

static void expect_on_disk(const char *what, size_t n)
{
	hf_auto_memory struct hf_memory disk = {0};

	load(&disk);
	cr_expect(disk.windows.n == 1 && disk.windows.v[0].state == HF_POSTING_OPEN,
		  "attack %s: allocation %zu fails, open and not on disk", what, n);
}

static bool check_pass(const char *what, size_t n)
{
	bool nothing = d->keeper->memory.windows.n == 0;

	if (!device_is_shut("x-web", ME))
		expect_on_disk(what, n);
	cr_expect_eq(device_n_shut(), TOOLS, "%s: allocation %zu fails and it opens for others", what, n);
	if (nothing && n % TRY_LOST != 0)
		return true;
	cr_expect_str_eq(device_state(ME, HF_ASK_PASS, ACCOUNT, NULL), "open", "%s: allocation %zu fails for good",
			 what, n);
	device_beat();
	cr_expect_not(device_is_shut("x-web", ME), "%s: allocation %zu fails and it never opens", what, n);
	expect_on_disk(what, n);
	return false;
}

Test(oom_keeper, pass_opens_only_from_disk_D9_3)
{
	play(&(struct scene){"a pass", begin_pass, take_pass, check_pass, 31});
}
