/* SPDX-License-Identifier: MIT */
/*
 * Owns whatever happens to a device, a posting window is one window of at most its minutes, for one person.
 * Must never be told what the agent remembers: only what opens is looked at. HF_SEED plays one run again.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/help/device.h"
#include "tests/help/dice.h"

#define A "x:CannockChaseDC"
#define ME DEVICE_COMMS_2
#define RUNS 12
#define STEPS 40
#define STEP_MS 2000 /* how late the model of time can be */
#define MINUTES 4

/* What is known from outside. */
struct world {
	struct device *d;
	struct hf_envelope *raise, *release;
	int64_t open_ms;   /* how long the tool was open for the poster, as long as the lockdown holds */
	size_t n_openings; /* how often it went from shut to open without a start in between */
	bool was_open, asked, said, claimed_elsewhere, released, disk_full;
	uint64_t seed;
};

static void hear(struct world *w)
{
	static const char *const devices[] = {COUNCIL_DEVICE, "d2"};
	struct hf_envelope *orders[2] = {w->raise, w->release};
	struct hf_posting claim = {.lockdown = w->raise->digest,
				   .account = A,
				   .person = "comms-2",
				   .device = devices[w->claimed_elsewhere || one_in(12) ? 1 : 0],
				   .state = (enum hf_posting_state)below(one_in(8) ? HF_POSTING_STATE_COUNT : 2),
				   .post = ""};
	bool says = w->claimed_elsewhere || one_in(2);

	w->claimed_elsewhere = says && strcmp(claim.device, "d2") == 0;
	device_hear(orders, w->released ? 2 : 1, &claim, says ? 1 : 0);
}

static void jump(struct world *w)
{
	int64_t far = -(int64_t)below(2 * COUNCIL_DAY);

	if (one_in(8))
		far = -far;

	w->d->wall.s = w->d->wall.s + far > COUNCIL_T ? w->d->wall.s + far : COUNCIL_T + 1;
}

static void ask(struct world *w)
{
	static const char *const asks[] = {HF_ASK_PASS, HF_ASK_POSTED, HF_ASK_CANNOT};
	const char *what = one_in(12) ? asks[below(HF_LEN(asks))] : HF_ASK_PASS;
	uid_t uid = one_in(4) ? DEVICE_COMMS_1 : ME;
	struct hf_err err = {""};
	hf_auto_json json_t *answer = device_ask(uid, what, A, NULL, &err);

	cr_assert(uid == ME || !answer, "seed %lu: another person was answered", w->seed);
	w->asked = w->asked || (answer && strcmp(what, HF_ASK_PASS) == 0);
	w->said = w->said || (answer && strcmp(what, HF_ASK_PASS) != 0);
}

/* What must hold after each step. */
static void look(struct world *w, int64_t passed_ms)
{
	bool is_open = !device_is_shut("x-web", ME);

	if (w->released)
		return;
	cr_assert(device_is_shut("x-web", DEVICE_COMMS_1), "seed %lu: open for another person", w->seed);
	cr_assert(device_is_shut("facebook-web", ME) && device_is_shut("hootsuite", ME),
		  "seed %lu: another platform is open", w->seed);
	cr_assert(!is_open || w->asked, "seed %lu: open and not asked for", w->seed);
	cr_assert(!is_open || !w->said, "seed %lu: open after it was said that it is done", w->seed);
	cr_assert(!is_open || !w->claimed_elsewhere, "seed %lu: open although another device has it", w->seed);
	if (w->was_open)
		w->open_ms += passed_ms;
	w->was_open = is_open;
	cr_assert_leq(w->open_ms, MINUTES * (int64_t)HF_MINUTE_MS + STEP_MS, "seed %lu: %lld ms in all", w->seed,
		      (long long)w->open_ms);
}

/* Time goes by in small steps: what is open at the end of one was open all through it, or at most so long. */
static void wait_a_while(struct world *w)
{
	int64_t ms = (int64_t)below(HF_MINUTE_MS);

	while (ms > 0) {
		int64_t step = ms < STEP_MS ? ms : STEP_MS;

		w->d->boot.ms += step;
		w->d->wall.s += w->d->boot.ms / 1000 - (w->d->boot.ms - step) / 1000;
		if (one_in(15))
			device_beat();
		hf_keeper_decide(w->d->keeper);
		look(w, step);
		ms -= step;
	}
}

/* What a full disk kept from being written is forgotten by a kill, until the council says it again. */
static void forget(struct world *w)
{
	w->claimed_elsewhere = w->claimed_elsewhere && !w->d->keeper->dirty;
	w->was_open = false;
}

static void lose_power(struct world *w)
{
	int64_t off_s = (int64_t)below(40);

	w->d->wall.s += off_s;
	device_disk(!w->disk_full);
	forget(w);
	device_reboot();
}

static void release(struct world *w)
{
	struct hf_digest id = w->raise->digest;
	struct hf_order doc = council_release_doc(HF_KIND_EMERGENCY, &id, 1);

	w->release = council_order(&w->d->council, &doc, COMMS_1 | MONITORING_1);
	w->released = true;
	hear(w);
}

static void step(struct world *w)
{
	switch (below(10)) {
	case 0:
		forget(w);
		device_restart();
		break;
	case 1:
		lose_power(w);
		break;
	case 2:
		jump(w);
		break;
	case 3:
		hear(w);
		break;
	case 4:
		w->disk_full = one_in(3);
		device_disk(!w->disk_full);
		break;
	case 5:
	case 6:
		w->d->keeper->heard_at.ms = one_in(2) ? 0 : w->d->keeper->heard_at.ms;
		ask(w);
		break;
	default:
		wait_a_while(w);
		break;
	}
	look(w, 0);
}

static void live(uint64_t seed)
{
	struct world w = {.seed = seed};
	struct hf_order doc = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_holding holding = doc.body.holding[0];

	dice_at = seed;
	holding.minutes = MINUTES;
	doc.body.holding = &holding;
	w.d = device_open(one_in(3) ? 2 : 1, NULL);
	w.raise = council_order(&w.d->council, &doc, COMMS_1);
	device_hear(&w.raise, 1, NULL, 0);
	for (int i = 0; i < STEPS; i++)
		step(&w);
	device_disk(true);
	release(&w);
	device_beat();
	cr_assert_not(device_is_shut("x-web", DEVICE_COMMS_1), "seed %lu: never shut for ever after the all-clear",
		      seed);
	hf_envelope_free(&w.raise);
	hf_envelope_free(&w.release);
	device_close();
}

Test(posting_windows, one_window_of_at_most_its_minutes_for_one_person_D9_3)
{
	uint64_t first = number_from("HF_SEED", 1), n = number_from("HF_RUNS", RUNS);

	for (uint64_t seed = first; seed < first + n; seed++)
		live(seed);
}
