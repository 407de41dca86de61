/* SPDX-License-Identifier: MIT */
/*
 * machine.h - which machine a device's agent runs on, so that two laptops of one image are told apart
 *
 * Three things are looked at, and two of them must be the same: an image carries its machine id along, a repair changes
 * the mainboard or the disk. Each is a digest with the council and the device in it: it says nothing about the machine
 * to others, and cannot be compared between devices.
 */
#ifndef HOLDFAST_MACHINE_H
#define HOLDFAST_MACHINE_H

#include <holdfast/bytes.h>
#include <holdfast/json.h>

enum hf_machine_part { HF_MACHINE_ID, HF_MACHINE_BOARD, HF_MACHINE_DISK, HF_MACHINE_PARTS };

struct hf_machine {
	bool has[HF_MACHINE_PARTS];
	struct hf_digest part[HF_MACHINE_PARTS];
};

enum hf_machine_same { HF_MACHINE_UNTOLD, HF_MACHINE_SAME, HF_MACHINE_OTHER };

/*
 * hf_machine_of - the digests of what was read of this machine
 *
 * @facts    a text for each part; "" where it could not be read
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SIZE
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_machine_of(const char *const facts[HF_MACHINE_PARTS], const char *council,
				      const char *device, struct hf_machine *ret_machine);

/*
 * hf_machine_compare - are these of one machine: two parts are the same; that cannot be told when fewer than two can be
 * compared
 *
 * Source    proto/README.md "Report"
 */
enum hf_machine_same hf_machine_compare(const struct hf_machine *a, const struct hf_machine *b);

/*
 * hf_machine_any - was anything of it read
 */
bool hf_machine_any(const struct hf_machine *machine);

/*
 * hf_machine_put, hf_machine_take - as JSON and back
 *
 * @ret      untouched unless HF_OK
 * Owner     a new reference, the caller's
 * Returns   the object, NULL no memory; HF_OK, HF_E_SHAPE (also an empty object), HF_E_BASE64
 * Source    proto/README.md "Report"
 */
json_t *hf_machine_put(const struct hf_machine *machine);
HF_NODISCARD enum hf_rc hf_machine_take(json_t *value, struct hf_machine *ret, struct hf_err *err);

#endif
