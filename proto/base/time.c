/* SPDX-License-Identifier: MIT */
/*
 * Owns the text of a time and its way back, in UTC and the Gregorian calendar.
 * Must never look at a clock or a time zone: the same number is the same text everywhere.
 */
#include <holdfast/time.h>

#include <inttypes.h>
#include <string.h>

#include <holdfast/day.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#define DAY 86400

const char *hf_wall_text(struct hf_wall t, char text[HF_WALL_TEXT_SIZE])
{
	enum hf_rc rc;
	if (t.s == 0) {
		rc = hf_str_copy(text, HF_WALL_TEXT_SIZE, hf_text("no end"));
	} else if (t.s < 0 || t.s > HF_WALL_MAX) {
		rc = hf_str_copy(text, HF_WALL_TEXT_SIZE, hf_text("an impossible time"));
	} else {
		struct hf_day_parts d = hf_day_parts((struct hf_day){(int32_t)(t.s / DAY)});
		int64_t s = t.s % DAY;
		rc = hf_str_printf(text, HF_WALL_TEXT_SIZE,
				   "%04d-%02d-%02d %02" PRId64 ":%02" PRId64 ":%02" PRId64 " UTC", d.year, d.month,
				   d.day, s / 3600, s / 60 % 60, s % 60);
	}
	return rc == HF_OK ? text : "?";
}

static enum hf_rc parse_seconds(const char *text, struct hf_wall *ret_t)
{
	size_t len = strlen(text);
	if (len < 1 || len > 12)
		return HF_E_SHAPE;
	int64_t s = hf_str_digits(text, len);
	if (s < 0 || s > HF_WALL_MAX)
		return HF_E_SHAPE;
	ret_t->s = s;
	return HF_OK;
}

enum hf_rc hf_wall_parse(const char *text, struct hf_wall *ret_t)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	if (strlen(text) != strlen(form))
		return parse_seconds(text, ret_t);
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? hf_str_digits(text + i, 1) < 0 : text[i] != form[i])
			return HF_E_SHAPE;

	struct hf_day day;
	char date[HF_DAY_TEXT_SIZE] = "";
	memcpy(date, text, HF_DAY_TEXT_SIZE - 1);
	int64_t h = hf_str_digits(text + 11, 2), m = hf_str_digits(text + 14, 2), s = hf_str_digits(text + 17, 2);
	if (hf_day_parse(date, &day) != HF_OK || h > 23 || m > 59 || s > 59)
		return HF_E_SHAPE;
	ret_t->s = (int64_t)day.n * DAY + h * 3600 + m * 60 + s;
	return HF_OK;
}
