/* SPDX-License-Identifier: MIT */
/*
 * Owns what is said to one device alone, and the pace at which a whole estate is told what it should know already.
 * Must never let an order wait: it says a little, and goes on when the broker has taken that.
 */
#include <stdlib.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/rows.h>

#include "controller/say.h"
#include "controller/say_brokers.h"
#include "controller/say_register.h"
#include "controller/say_slices.h"
#include "controller/to_device.h"

#define DEVICES_A_TURN 16 /* devices a turn: a few milliseconds of a broker */
#define TURN_MS 2      /* between two turns */
#define ANSWER_MS 1000 /* between two answers to one device */
#define AGAIN_MS 200   /* between two looks at devices that asked again too soon */
#define STUCK_MS 1000  /* a broker that acknowledges nothing for so long is told more all the same */

static void say(struct hf_controller *c, enum hf_topic_kind kind, const struct hf_device *device,
		const struct hf_envelope *envelope)
{
	struct hf_topic topic = {.kind = kind};

	if (hf_str_copy(topic.id, sizeof(topic.id), device->assignment->device) == HF_OK)
		hf_say_document(c, &topic, envelope);
}

static void say_version(struct hf_controller *c, const struct hf_device *device, int64_t number,
			const struct hf_envelope *envelope)
{
	struct hf_topic topic = {.kind = HF_TOPIC_ASSIGNMENT, .number = number};

	if (hf_str_copy(topic.id, sizeof(topic.id), device->assignment->device) == HF_OK)
		hf_say_document(c, &topic, envelope);
}

static bool is_beside(const struct hf_device *device, int64_t version)
{
	for (size_t i = 0; i < device->versions.n; i++)
		if (device->versions.v[i].doc->version == version && device->versions.v[i].doc != device->assignment)
			return true;
	return false;
}

/* What was said of it before, and is in effect no longer: a device that comes late must not hear it. */
static void clear_versions(struct hf_controller *c, struct hf_device *device)
{
	size_t kept = 0;

	for (size_t i = 0; i < device->n_said; i++) {
		if (is_beside(device, device->said[i]))
			device->said[kept++] = device->said[i];
		else
			say_version(c, device, device->said[i], NULL);
	}
	device->n_said = kept;
}

/* Remembered before it is said. Without memory it is said all the same: an old one that stays is refused as such. */
static void note_said(struct hf_device *device, int64_t version)
{
	for (size_t i = 0; i < device->n_said; i++)
		if (device->said[i] == version)
			return;
	if (hf_rows_reserve(&device->said, &device->said_room, device->n_said + 1, sizeof(*device->said)) == HF_OK)
		device->said[device->n_said++] = version;
}

/* The newest under the device's topic, the others that are in effect beside it: none counts without the others. */
static void say_versions(struct hf_controller *c, struct hf_device *device)
{
	clear_versions(c, device);
	for (size_t i = 0; i < device->versions.n; i++) {
		const struct hf_edition *one = &device->versions.v[i];
		bool newest = one->doc == device->assignment;

		if (!newest)
			note_said(device, one->doc->version);
		say_version(c, device, newest ? 0 : one->doc->version, one->envelope);
	}
}

/* There is a recovery for it, and it has not said that it knows again what it had lost. */
static bool is_lost(const struct hf_device *device)
{
	return device->recover && !(device->report && !device->report->unknown);
}

/* Halves end with a change of the people who give them: a device would only refuse them. */
static bool is_good_yet(const struct hf_controller *c, const struct hf_envelope *envelope)
{
	hf_auto_glass struct hf_glass *glass = NULL;

	return hf_glass_open(&c->known, envelope, &glass, NULL) == HF_OK && !hf_trust_void(c->known.trust, &glass->digest);
}

static void say_glass_sides(struct hf_controller *c, const struct hf_device *device)
{
	struct hf_topic topic = {.kind = HF_TOPIC_GLASS};

	if (hf_str_copy(topic.id, sizeof(topic.id), device->assignment->device) != HF_OK)
		return;
	for (topic.number = 1; topic.number <= HF_GLASS_SIDES; topic.number++) {
		const struct hf_envelope *envelope = device->glass[topic.number - 1].envelope;

		if (envelope)
			hf_say_document(c, &topic, is_good_yet(c, envelope) ? envelope : NULL);
	}
}

static void say_answer(struct hf_controller *c, const struct hf_device *device)
{
	const struct hf_envelope *part;

	for (size_t i = 0; i < c->n_trusts; i++)
		say(c, HF_TOPIC_ANSWER, device, c->trusts[i]);
	for (size_t i = 0; (part = hf_parts_in_force(&c->known.parts, i)); i++)
		say(c, HF_TOPIC_ANSWER, device, part);
	for (size_t i = 0; i < c->known.brokers.n; i++)
		say(c, HF_TOPIC_ANSWER, device, c->known.brokers.v[i].envelope);
	for (size_t i = 0; i < device->versions.n; i++)
		say(c, HF_TOPIC_ANSWER, device, device->versions.v[i].envelope);
	for (int side = 0; side < HF_GLASS_SIDES; side++)
		if (device->glass[side].envelope && is_good_yet(c, device->glass[side].envelope))
			say(c, HF_TOPIC_ANSWER, device, device->glass[side].envelope);
	if (is_lost(device))
		say(c, HF_TOPIC_ANSWER, device, device->recover);
	for (int64_t page = 0; page < c->n_pages; page++) {
		if (c->said[page])
			say(c, HF_TOPIC_ANSWER, device, c->said[page]);
	}
	/* Whoever leaves waits to know that it was heard. */
	if (device->report && device->report->retired)
		hf_say_heard(c, device);
}

static bool answer_is_due(const struct hf_device *device, struct hf_boot_ms now)
{
	return device->asks && (device->answered.ms == 0 || now.ms - device->answered.ms >= ANSWER_MS);
}

/* Was anything said to it? */
static bool say_due(struct hf_controller *c, struct hf_device *device, struct hf_boot_ms now)
{
	bool due = device->untold || answer_is_due(device, now);

	if (device->untold) {
		say_versions(c, device);
		say_glass_sides(c, device);
	}
	if (device->untold && is_lost(device))
		say(c, HF_TOPIC_RECOVER, device, device->recover);
	device->untold = false;
	if (answer_is_due(device, now)) {
		hf_log_about(HF_LOG_INFO, HF_EV_PUBLISHED, HF_ABOUT(.device = device->assignment->device), "answer");
		say_answer(c, device);
		device->asks = false;
		device->answered = now;
	}
	return due;
}

/*
 * Goes once round the estate from where it stood, as far as one turn reaches. Returns in how many ms to go on; 0:
 * nothing is due any more.
 */
static int64_t say_devices(struct hf_controller *c, struct hf_boot_ms now)
{
	size_t said = 0;
	bool asked_again = false;

	for (size_t i = 0; i < c->estate.n && said < DEVICES_A_TURN; i++) {
		struct hf_device *device = &c->estate.v[c->next_told++ % c->estate.n];

		said += say_due(c, device, now);
		asked_again = asked_again || device->asks;
	}
	c->next_told %= c->estate.n ? c->estate.n : 1;
	if (said == DEVICES_A_TURN)
		return TURN_MS;
	return asked_again ? AGAIN_MS : 0;
}

/* Once it waits, more that is due does not put it off. */
static void wait_turn(struct hf_controller *c, int64_t ms)
{
	if (!c->turn_waits && hf_timer_arm(c->turn, ms) != HF_OK)
		hf_controller_stop(c, HF_E_SYSTEM);
	c->turn_waits = true;
}

/* Does something wait behind which nothing more should be put? An order may come in the next moment. */
static bool broker_is_busy(const struct hf_controller *c, struct hf_boot_ms now)
{
	return hf_bus_unanswered(c->bus) > 0 && now.ms - c->told_at.ms < STUCK_MS;
}

static bool common_is_due(const struct hf_controller *c)
{
	return c->next_common < c->n_trusts + hf_register_turns(c) + 1;
}

/* To every device, so that each is a flood of its own. */
static void say_common(struct hf_controller *c)
{
	size_t i = c->next_common++;

	if (i >= c->n_trusts + hf_register_turns(c))
		hf_say_brokers(c);
	else if (i >= c->n_trusts)
		hf_say_register(c, i - c->n_trusts);
	else
		hf_say_document(c, &(struct hf_topic){.kind = HF_TOPIC_TRUST, .number = (int64_t)i + 1}, c->trusts[i]);
}

/* Returns in how many ms to go on; 0: nothing is due any more. */
static int64_t say_others(struct hf_controller *c, struct hf_boot_ms now)
{
	if (!common_is_due(c))
		return say_devices(c, now);
	say_common(c);
	return TURN_MS;
}

/* A slice of the state, and every second time what else is due. */
static int64_t say_next(struct hf_controller *c, struct hf_boot_ms now)
{
	int64_t more = c->sliced || c->slices.left == 0 ? say_others(c, now) : 0;

	c->sliced = c->slices.left > 0 && more != TURN_MS;
	if (!c->sliced)
		return more;
	hf_say_slices(c);
	return TURN_MS;
}

static void on_turn(void *arg, uint32_t events)
{
	struct hf_controller *c = arg;
	struct hf_boot_ms now = hf_clock_boot();
	int64_t more;

	(void)events;
	c->turn_waits = false;
	if (!c->bus_up || !c->begun)
		return; /* all of it is due again when the bus is up */
	if (broker_is_busy(c, now)) {
		wait_turn(c, TURN_MS);
		return;
	}
	c->told_at = now;
	more = say_next(c, now);
	if (more > 0)
		wait_turn(c, more);
}

void hf_to_device_state(struct hf_controller *c)
{
	hf_slices_begin(&c->slices);
	wait_turn(c, TURN_MS);
}

void hf_to_device_all(struct hf_controller *c)
{
	c->next_common = 0;
	for (size_t i = 0; i < c->estate.n; i++)
		c->estate.v[i].untold = true;
	wait_turn(c, TURN_MS);
}

void hf_to_device_assignment(struct hf_controller *c, struct hf_device *device)
{
	device->untold = true;
	wait_turn(c, TURN_MS);
}

void hf_to_device_answer(struct hf_controller *c, struct hf_device *device)
{
	device->asks = true;
	wait_turn(c, TURN_MS);
}

enum hf_rc hf_to_device_start(struct hf_controller *c, struct hf_err *err)
{
	enum hf_rc rc = hf_loop_add_timer(c->loop, on_turn, c, &c->turn);

	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "no timer for what is said to devices");
}
