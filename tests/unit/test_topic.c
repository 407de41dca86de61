/* SPDX-License-Identifier: MIT */
/*
 * Holds topics to their one name each.
 * Must never ask a broker.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/topic.h>

#define L64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

Test(topic, there_and_back)
{
	static const struct {
		const char *text;
		enum hf_topic_kind kind;
		const char *id;
		int64_t number, slice;
	} rows[] = {
		{"holdfast/1/cannock-chase/trust/1", HF_TOPIC_TRUST, "", 1, 0},
		{"holdfast/1/cannock-chase/trust/9007199254740991", HF_TOPIC_TRUST, "", 9007199254740991, 0},
		{"holdfast/1/cannock-chase/register", HF_TOPIC_REGISTER, "", 0, 0},
		{"holdfast/1/cannock-chase/register/2", HF_TOPIC_REGISTER, "", 2, 0},
		{"holdfast/1/cannock-chase/register/8", HF_TOPIC_REGISTER, "", 8, 0},
		{"holdfast/1/cannock-chase/state/main", HF_TOPIC_STATE, "main", 0, 0},
		{"holdfast/1/cannock-chase/state/main/1", HF_TOPIC_STATE, "main", 1, 0},
		{"holdfast/1/cannock-chase/state/main/63", HF_TOPIC_STATE, "main", 63, 0},
		{"holdfast/1/cannock-chase/beat/1/main", HF_TOPIC_BEAT, "main", 0, 1},
		{"holdfast/1/cannock-chase/beat/64/main", HF_TOPIC_BEAT, "main", 0, 64},
		{"holdfast/1/cannock-chase/beat/17/main/63", HF_TOPIC_BEAT, "main", 63, 17},
		{"holdfast/1/cannock-chase/device/d1/assignment", HF_TOPIC_ASSIGNMENT, "d1", 0, 0},
		{"holdfast/1/cannock-chase/device/d1/assignment/7", HF_TOPIC_ASSIGNMENT, "d1", 7, 0},
		{"holdfast/1/cannock-chase/device/" L64 "/report", HF_TOPIC_REPORT, L64, 0, 0},
		{"holdfast/1/cannock-chase/device/d1/ask", HF_TOPIC_ASK, "d1", 0, 0},
		{"holdfast/1/cannock-chase/device/d1/answer", HF_TOPIC_ANSWER, "d1", 0, 0},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_topic topic = {0};
		char text[HF_TOPIC_SIZE];
		cr_assert_eq(hf_topic_parse(rows[i].text, &topic), HF_OK, "Bus: %s", rows[i].text);
		cr_expect_eq(topic.kind, rows[i].kind, "Bus: %s", rows[i].text);
		cr_expect_str_eq(topic.council, "cannock-chase", "Bus: %s", rows[i].text);
		cr_expect_str_eq(topic.id, rows[i].id, "Bus: %s", rows[i].text);
		cr_expect_eq(topic.number, rows[i].number, "Bus: %s", rows[i].text);
		cr_expect_eq(topic.slice, rows[i].slice, "Bus: %s", rows[i].text);
		cr_assert_eq(hf_topic_print(&topic, text), HF_OK, "Bus: %s", rows[i].text);
		cr_expect_str_eq(text, rows[i].text, "Bus: one name");
	}
}

Test(topic, none_of_ours)
{
	static const char *const rows[] = {
		"",
		"holdfast",
		"holdfast/1",
		"holdfast/1/",
		"holdfast/1/c",
		"holdfast/1/c/",
		"holdfast/2/c/register",
		"Holdfast/1/c/register",
		"/holdfast/1/c/register",
		"holdfast/1/c/register/",
		"holdfast/1/c/registers",
		"holdfast/1/c/register/0",
		"holdfast/1/c/register/1",
		"holdfast/1/c/register/9",
		"holdfast/1/c/register/2/",
		"holdfast/1//register",
		"holdfast/1/C/register",
		"holdfast/1/+/register",
		"holdfast/1/c/#",
		"holdfast/1/" L64 "a/register",
		"holdfast/1/c/trust",
		"holdfast/1/c/trust/",
		"holdfast/1/c/trust/0",
		"holdfast/1/c/trust/01",
		"holdfast/1/c/trust/-1",
		"holdfast/1/c/trust/+1",
		"holdfast/1/c/trust/1x",
		"holdfast/1/c/trust/9007199254740992",
		"holdfast/1/c/trust/99999999999999999999",
		"holdfast/1/c/state",
		"holdfast/1/c/state/",
		"holdfast/1/c/state/main/",
		"holdfast/1/c/state/main/0",
		"holdfast/1/c/state/main/64",
		"holdfast/1/c/state/main/1/1",
		"holdfast/1/c/device",
		"holdfast/1/c/device/d1",
		"holdfast/1/c/device/d1/",
		"holdfast/1/c/device//report",
		"holdfast/1/c/device/d1/reports",
		"holdfast/1/c/device/d1/report/x",
		"holdfast/1/c/device/d1/d2/report",
		"holdfast/1/c/device/D1/report",
		"$SYS/broker/version",
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_topic topic = {.number = -7};
		cr_expect_eq(hf_topic_parse(rows[i], &topic), HF_E_TYPE, "Bus: %s", rows[i]);
		cr_expect_eq(topic.number, -7, "untouched unless HF_OK: %s", rows[i]);
	}
	char much[HF_TOPIC_SIZE + 1];
	memset(much, 'a', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	struct hf_topic topic;
	cr_expect_eq(hf_topic_parse(much, &topic), HF_E_SIZE, "Bus: a name too long");
}

Test(topic, no_beat_of_ours)
{
	static const char *const rows[] = {
		"holdfast/1/c/beat",
		"holdfast/1/c/beat/main",
		"holdfast/1/c/beat/1",
		"holdfast/1/c/beat/1/",
		"holdfast/1/c/beat/0/main",
		"holdfast/1/c/beat/65/main",
		"holdfast/1/c/beat/01/main",
		"holdfast/1/c/beat/+/main",
		"holdfast/1/c/beat/1/main/0",
		"holdfast/1/c/beat/1/main/64",
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_topic topic;
		cr_expect_eq(hf_topic_parse(rows[i], &topic), HF_E_TYPE, "Bus: %s", rows[i]);
	}
}

Test(topic, what_cannot_be_printed)
{
	static const struct {
		const char *what;
		struct hf_topic topic;
	} rows[] = {
		{"no council", {HF_TOPIC_REGISTER, "", "", 0, 0}},
		{"a council that is no id", {HF_TOPIC_REGISTER, "a/b", "", 0, 0}},
		{"attack: a wild card for a device", {HF_TOPIC_REPORT, "c", "+", 0, 0}},
		{"attack: a device with a level", {HF_TOPIC_ASSIGNMENT, "c", "d1/report", 0, 0}},
		{"no device", {HF_TOPIC_ASK, "c", "", 0, 0}},
		{"epoch 0", {HF_TOPIC_TRUST, "c", "", 0, 0}},
		{"page 64", {HF_TOPIC_STATE, "c", "main", 64, 0}},
		{"page -1", {HF_TOPIC_STATE, "c", "main", -1, 0}},
		{"slice 0", {HF_TOPIC_BEAT, "c", "main", 0, 0}},
		{"slice 65", {HF_TOPIC_BEAT, "c", "main", 0, 65}},
		{"no kind", {HF_TOPIC_KIND_COUNT, "c", "main", 0, 0}},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char text[HF_TOPIC_SIZE] = "x";
		cr_expect_eq(hf_topic_print(&rows[i].topic, text), HF_E_TYPE, "Bus: %s", rows[i].what);
		cr_expect_str_eq(text, "", "Bus: %s: nothing to publish to by accident", rows[i].what);
	}
}

/* Found by `printf %s ID | sha256sum`, whose first byte it is. */
Test(slices_of_devices, follow_from_the_id_alone)
{
	static const struct {
		const char *device;
		int64_t slice;
	} rows[] = {
		{"d1", 12},
		{"d2", 40},
		{"civic-centre-17", 15},
		{L64, 64},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		int64_t slice = 0;
		cr_assert_eq(hf_slice_of(rows[i].device, &slice), HF_OK, "Bus: %s", rows[i].device);
		cr_expect_eq(slice, rows[i].slice, "Bus: %s", rows[i].device);
	}
}

Test(slices_of_devices, are_of_like_size)
{
	size_t n[HF_SLICES + 1] = {0};
	for (int i = 0; i < 10000; i++) {
		char device[16];
		int64_t slice = 0;
		cr_assert_eq(hf_str_printf(device, sizeof(device), "d%05d", i), HF_OK);
		cr_assert_eq(hf_slice_of(device, &slice), HF_OK);
		cr_assert(slice >= 1 && slice <= HF_SLICES);
		n[slice]++;
	}
	for (int i = 1; i <= HF_SLICES; i++)
		cr_expect(n[i] > 100 && n[i] < 220, "Bus: an order waits behind one of 10,000 devices' slices: %d has %zu", i, n[i]);
}
