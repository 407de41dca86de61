/* SPDX-License-Identifier: MIT */
/*
 * Owns what tells one machine from another, and its form.
 * Must never let the serial number of a machine leave it.
 */
#include <holdfast/machine.h>

#include <string.h>

#include <holdfast/digest.h>

#include "proto/wire/doc.h"

#define ENOUGH 2	 /* parts that must be the same */
#define SALTED_SIZE 1024 /* a serial number, two ids and two words */

static const char *const NAMES[HF_MACHINE_PARTS] = {
	[HF_MACHINE_ID] = "installation", [HF_MACHINE_BOARD] = "board", [HF_MACHINE_DISK] = "disk"};

enum hf_rc hf_machine_of(const char *const facts[HF_MACHINE_PARTS], const char *council, const char *device,
			 struct hf_machine *ret_machine)
{
	struct hf_machine machine = {.has = {false}};
	char salted[SALTED_SIZE];

	for (size_t i = 0; i < HF_MACHINE_PARTS; i++) {
		enum hf_rc rc;

		if (!facts[i] || !facts[i][0])
			continue;
		rc = hf_str_printf(salted, sizeof(salted), "holdfast machine\n%s\n%s\n%s\n%s", council, device,
				   NAMES[i], facts[i]);
		if (rc == HF_OK)
			rc = hf_digest_of(salted, strlen(salted), &machine.part[i]);
		if (rc != HF_OK)
			return rc;
		machine.has[i] = true;
	}
	*ret_machine = machine;
	return HF_OK;
}

enum hf_machine_same hf_machine_compare(const struct hf_machine *a, const struct hf_machine *b)
{
	size_t both = 0, same = 0;

	for (size_t i = 0; i < HF_MACHINE_PARTS; i++) {
		if (!a->has[i] || !b->has[i])
			continue;
		both++;
		same += hf_digest_cmp(&a->part[i], &b->part[i]) == 0;
	}
	if (both < ENOUGH)
		return HF_MACHINE_UNTOLD;
	return same >= ENOUGH ? HF_MACHINE_SAME : HF_MACHINE_OTHER;
}

bool hf_machine_any(const struct hf_machine *machine)
{
	return machine->has[HF_MACHINE_ID] || machine->has[HF_MACHINE_BOARD] || machine->has[HF_MACHINE_DISK];
}

static void fill_rows(struct hf_machine *m, bool taking, struct hf_json_member rows[HF_MACHINE_PARTS])
{
	for (size_t i = 0; i < HF_MACHINE_PARTS; i++)
		rows[i] = (struct hf_json_member)HF_ROW_IF(NAMES[i], DIGEST, &m->part[i], 0, taking || !m->has[i]);
}

json_t *hf_machine_put(const struct hf_machine *machine)
{
	struct hf_machine m = *machine; /* the table points to what may be written; nothing is */
	struct hf_json_member rows[HF_MACHINE_PARTS];

	fill_rows(&m, false, rows);
	return hf_json_put(rows, HF_LEN(rows));
}

enum hf_rc hf_machine_take(json_t *value, struct hf_machine *ret, struct hf_err *err)
{
	struct hf_machine m = {.has = {false}};
	struct hf_json_member rows[HF_MACHINE_PARTS];
	enum hf_rc rc;

	fill_rows(&m, true, rows);
	rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < HF_MACHINE_PARTS; i++)
		m.has[i] = json_object_get(value, NAMES[i]);
	if (!hf_machine_any(&m))
		return hf_err_set(err, HF_E_SHAPE, "A machine of which nothing is known is said by leaving it out.");
	*ret = m;
	return HF_OK;
}
