/* SPDX-License-Identifier: MIT */
/*
 * Owns which machine speaks with a device's key: two laptops from one image are two voices of one device.
 * Must never let the report of one machine stand for the other, or take a report sent again for a second machine.
 */
#include <string.h>

#include "controller/estate/estate.h"

static bool same_boot(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The machine alone told too little: a boot ends, and none that ended speaks again. */
static enum hf_voice voice_by_boot(const struct hf_device *device, const struct hf_report *report)
{
	const struct hf_report *main = device->report;
	if (!report->boot || !main->boot || same_boot(report->boot, main->boot))
		return HF_VOICE_MAIN;
	if (device->other && same_boot(report->boot, device->other->boot))
		return HF_VOICE_OTHER;
	if (same_boot(report->boot, device->before.boot) && report->counter > device->before.counter)
		return HF_VOICE_OTHER;
	return HF_VOICE_MAIN;
}

enum hf_voice hf_device_voice(const struct hf_device *device, const struct hf_report *report)
{
	if (!device->report)
		return HF_VOICE_MAIN;
	switch (hf_machine_compare(&device->report->machine, &report->machine)) {
	case HF_MACHINE_SAME:
		return HF_VOICE_MAIN;
	case HF_MACHINE_OTHER:
		return HF_VOICE_OTHER;
	case HF_MACHINE_UNTOLD:
		break;
	}
	return voice_by_boot(device, report);
}

const struct hf_report *hf_device_said(const struct hf_device *device, const struct hf_report *report)
{
	if (hf_device_voice(device, report) == HF_VOICE_MAIN)
		return device->report;
	/* A third machine has said nothing yet. */
	if (device->other && hf_machine_compare(&device->other->machine, &report->machine) == HF_MACHINE_OTHER)
		return NULL;
	return device->other;
}

/* What the boot that has ended said last. */
static void note_end_of_boot(struct hf_device *device, const struct hf_report *next)
{
	const struct hf_report *last = device->report;
	if (!last || !last->boot || same_boot(last->boot, next->boot) ||
	    hf_str_copy(device->before.boot, sizeof(device->before.boot), last->boot) != HF_OK)
		return;
	device->before.counter = last->counter;
}

void hf_device_heard(struct hf_device *device, struct hf_report **report, struct hf_wall at)
{
	if (hf_device_voice(device, *report) == HF_VOICE_OTHER) {
		hf_report_free(&device->other);
		device->other = hf_steal_ptr(report);
		device->other_heard = at;
		return;
	}
	note_end_of_boot(device, *report);
	hf_report_free(&device->report);
	device->report = hf_steal_ptr(report);
	device->heard = at;
}
