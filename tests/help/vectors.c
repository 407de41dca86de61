/* SPDX-License-Identifier: MIT */
/*
 * Owns how tests hear the examples of proto/vectors.
 * Must never judge by itself: every reason comes from the libraries that ship.
 */
#include "tests/help/vectors.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/report.h>

#define PATH_SIZE 512
#define FILE_MAX (1024 * 1024) /* the index is the largest */

char *vectors_read(const char *file, size_t *ret_len)
{
	char path[PATH_SIZE];
	char *buf = malloc(FILE_MAX + 1);

	cr_assert_eq(hf_str_printf(path, sizeof(path), "%s/proto/vectors/%s", HF_SOURCE_DIR, file), HF_OK);
	FILE *in = fopen(path, "rb");
	cr_assert_not_null(in, "%s cannot be read", path);
	cr_assert_not_null(buf);
	*ret_len = fread(buf, 1, FILE_MAX, in);
	cr_assert(feof(in), "%s is too large", path);
	fclose(in);
	buf[*ret_len] = '\0';
	return buf;
}

json_t *vectors_index(void)
{
	size_t len;
	hf_auto_free char *text = vectors_read("index.json", &len);
	json_t *index = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	cr_assert_not_null(index, "index.json is no JSON");
	cr_assert_gt(json_array_size(json_object_get(index, "rows")), 300, "the index has lost its rows");
	return index;
}

const char *vectors_text(json_t *row, const char *member)
{
	return json_string_value(json_object_get(row, member));
}

/* The controller's view of a report: from the device that it names, signed by that device's key, newer than the last.
 */
static enum hf_rc judge_report(struct vectors_party *party, const struct hf_envelope *envelope)
{
	const struct hf_assignment *assignment = party->known.assignment;
	hf_auto_report struct hf_report *report = NULL;
	enum hf_rc rc = hf_report_decode(envelope, &report, NULL);

	if (rc != HF_OK)
		return rc;
	cr_assert_not_null(assignment, "a report is heard without an assignment");
	if (strcmp(report->council, assignment->council) != 0)
		return HF_E_COUNCIL;
	if (strcmp(report->device, assignment->device) != 0)
		return HF_E_DEVICE;
	if (!hf_envelope_signed_by(envelope, &assignment->pub, NULL))
		return HF_E_SIGNATURE;
	if (report->counter <= party->counter)
		return HF_E_ROLLBACK;
	party->counter = report->counter;
	return HF_OK;
}

static enum hf_doc_type type_of_topic(const char *topic)
{
	for (int type = 0; topic && type < HF_DOC_COUNT; type++)
		if (strcmp(topic, hf_doc_type_name((enum hf_doc_type)type)) == 0)
			return (enum hf_doc_type)type;
	cr_assert_null(topic, "no document is called %s", topic);
	return HF_DOC_COUNT;
}

enum hf_rc vectors_hear(struct vectors_party *party, const char *file, const char *topic,
			struct hf_hearing *ret_hearing)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_doc_type expect = type_of_topic(topic);
	size_t len;
	hf_auto_free char *buf = vectors_read(file, &len);
	struct hf_err err = {0};

	if (expect != HF_DOC_REPORT)
		return hf_known_hear(&party->known, &(struct hf_message){buf, len, expect}, ret_hearing, &err);
	memset(ret_hearing, 0, sizeof(*ret_hearing));
	enum hf_rc rc = hf_envelope_decode(buf, len, &envelope, &err);
	return rc == HF_OK ? judge_report(party, envelope) : rc;
}

static void begin_with(const char *file, struct vectors_party *party)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err err = {0};
	size_t len;
	hf_auto_free char *buf = vectors_read(file, &len);

	cr_assert_eq(hf_envelope_decode(buf, len, &envelope, &err), HF_OK, "%s: %s", file, err.text);
	cr_assert_eq(hf_known_begin(envelope, party->device, &party->known, &err), HF_OK, "%s: %s", file, err.text);
}

bool vectors_begin(json_t *row, struct vectors_party *ret_party)
{
	json_t *known = json_object_get(row, "known");
	const char *topic = vectors_text(row, "topic");
	bool reports = topic && strcmp(topic, "report") == 0;
	struct hf_hearing hearing;

	*ret_party = (struct vectors_party){.device = vectors_text(row, "device")};
	if (json_array_size(known) == 0)
		return false;
	begin_with(json_string_value(json_array_get(known, 0)), ret_party);
	for (size_t i = 1; i < json_array_size(known); i++) {
		const char *file = json_string_value(json_array_get(known, i));
		bool report = reports && strstr(file, "report");
		enum hf_rc rc = vectors_hear(ret_party, file, report ? "report" : NULL, &hearing);
		cr_assert_eq(rc, HF_OK, "%s: known %s is refused: %s", vectors_text(row, "name"), file, hf_rc_name(rc));
	}
	return true;
}

void vectors_end(struct vectors_party *party)
{
	hf_known_done(&party->known);
}
