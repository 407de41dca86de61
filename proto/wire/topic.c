/* SPDX-License-Identifier: MIT */
/*
 * Owns the names under which messages travel: their text, and what such a text means.
 * Must never give two topics one name, or one topic two names.
 */
#include <holdfast/topic.h>

#include <inttypes.h>
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/glass.h>
#include <holdfast/json.h>
#include <holdfast/register.h>
#include <holdfast/state.h>

#define PREFIX "holdfast/1/"
#define DIGITS_MAX 16 /* of HF_JSON_INT_MAX */

/* Each topic: words, and `$` for an id, `#` for a number, `%` for a slice. The first word after the prefix is the council. */
static const struct form {
	enum hf_topic_kind kind;
	const char *path;
	int64_t least, most; /* of the number; 0, 0: it has none */
} FORMS[] = {
	{HF_TOPIC_TRUST, "trust/#", 1, HF_JSON_INT_MAX},
	{HF_TOPIC_REGISTER, "register", 0, 0},
	{HF_TOPIC_REGISTER, "register/#", 2, HF_REGISTER_PARTS_MAX},
	{HF_TOPIC_BROKERS, "brokers", 0, 0},
	{HF_TOPIC_BROKERS, "brokers/#", 1, 1},
	{HF_TOPIC_STATE, "state/$", 0, 0},
	{HF_TOPIC_STATE, "state/$/#", 1, HF_PAGES_MAX - 1},
	{HF_TOPIC_BEAT, "beat/%/$", 0, 0},
	{HF_TOPIC_BEAT, "beat/%/$/#", 1, HF_PAGES_MAX - 1},
	{HF_TOPIC_ASSIGNMENT, "device/$/assignment", 0, 0},
	{HF_TOPIC_ASSIGNMENT, "device/$/assignment/#", 1, HF_JSON_INT_MAX},
	{HF_TOPIC_RECOVER, "device/$/recover", 0, 0},
	{HF_TOPIC_GLASS, "device/$/glass/#", 1, HF_GLASS_SIDES},
	{HF_TOPIC_REPORT, "device/$/report", 0, 0},
	{HF_TOPIC_ASK, "device/$/ask", 0, 0},
	{HF_TOPIC_ANSWER, "device/$/answer", 0, 0},
};

/* Takes an id off the front of *at. */
static bool take_id(const char **at, char id[HF_ID_SIZE])
{
	size_t n = strcspn(*at, "/");
	if (n > HF_ID_MAX)
		return false;
	memcpy(id, *at, n);
	id[n] = '\0';
	*at += n;
	return hf_id_ok(id);
}

/* Takes a number without leading zeros off the front of *at. */
static bool take_number(const char **at, int64_t least, int64_t most, int64_t *ret_number)
{
	int64_t number = 0;
	size_t n = 0;
	if (**at == '0')
		return false;
	for (; **at >= '0' && **at <= '9'; ++*at) {
		if (++n > DIGITS_MAX)
			return false;
		number = number * 10 + (**at - '0');
	}
	*ret_number = number;
	return n > 0 && number >= least && number <= most;
}

static bool fits(const struct form *form, const char *at, struct hf_topic *topic)
{
	for (const char *f = form->path; *f; f++) {
		if (*f == '$') {
			if (!take_id(&at, topic->id))
				return false;
		} else if (*f == '#') {
			if (!take_number(&at, form->least, form->most, &topic->number))
				return false;
		} else if (*f == '%') {
			if (!take_number(&at, 1, HF_SLICES, &topic->slice))
				return false;
		} else if (*f != *at++) {
			return false;
		}
	}
	return *at == '\0';
}

enum hf_rc hf_topic_parse(const char *text, struct hf_topic *ret_topic)
{
	char council[HF_ID_SIZE];
	if (strlen(text) >= HF_TOPIC_SIZE)
		return HF_E_SIZE;
	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
		return HF_E_TYPE;
	const char *at = text + strlen(PREFIX);
	if (!take_id(&at, council) || *at++ != '/')
		return HF_E_TYPE;
	for (size_t i = 0; i < HF_LEN(FORMS); i++) {
		struct hf_topic topic = {.kind = FORMS[i].kind};
		memcpy(topic.council, council, sizeof(council));
		if (fits(&FORMS[i], at, &topic)) {
			*ret_topic = topic;
			return HF_OK;
		}
	}
	return HF_E_TYPE;
}

static enum hf_rc print(const struct hf_topic *t, char text[HF_TOPIC_SIZE])
{
	switch (t->kind) {
	case HF_TOPIC_TRUST:
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/trust/%" PRId64, t->council, t->number);
	case HF_TOPIC_REGISTER:
		if (t->number == 0)
			return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/register", t->council);
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/register/%" PRId64, t->council, t->number);
	case HF_TOPIC_BROKERS:
		if (t->number == 0)
			return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/brokers", t->council);
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/brokers/%" PRId64, t->council, t->number);
	case HF_TOPIC_STATE:
		if (t->number == 0)
			return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/state/%s", t->council, t->id);
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/state/%s/%" PRId64, t->council, t->id, t->number);
	case HF_TOPIC_BEAT:
		if (t->number == 0)
			return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/beat/%" PRId64 "/%s", t->council, t->slice, t->id);
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/beat/%" PRId64 "/%s/%" PRId64, t->council, t->slice, t->id,
				     t->number);
	case HF_TOPIC_ASSIGNMENT:
		if (t->number == 0)
			return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/device/%s/assignment", t->council, t->id);
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/device/%s/assignment/%" PRId64, t->council, t->id,
				     t->number);
	case HF_TOPIC_RECOVER:
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/device/%s/recover", t->council, t->id);
	case HF_TOPIC_GLASS:
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/device/%s/glass/%" PRId64, t->council, t->id, t->number);
	case HF_TOPIC_REPORT:
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/device/%s/report", t->council, t->id);
	case HF_TOPIC_ASK:
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/device/%s/ask", t->council, t->id);
	case HF_TOPIC_ANSWER:
		return hf_str_printf(text, HF_TOPIC_SIZE, PREFIX "%s/device/%s/answer", t->council, t->id);
	case HF_TOPIC_KIND_COUNT:
		break;
	}
	text[0] = '\0';
	return HF_E_TYPE;
}

enum hf_rc hf_topic_print(const struct hf_topic *topic, char text[HF_TOPIC_SIZE])
{
	struct hf_topic again;
	enum hf_rc rc = print(topic, text);
	if (rc == HF_OK)
		rc = hf_topic_parse(text, &again); /* ids and numbers that make no topic of ours are refused here too */
	if (rc != HF_OK)
		text[0] = '\0';
	return rc;
}

enum hf_rc hf_slice_of(const char *device, int64_t *ret_slice)
{
	struct hf_digest digest;
	enum hf_rc rc = hf_digest_of(device, strlen(device), &digest);

	_Static_assert(256 % HF_SLICES == 0, "one byte spreads devices evenly");
	if (rc == HF_OK)
		*ret_slice = 1 + digest.b[0] % HF_SLICES;
	return rc;
}
