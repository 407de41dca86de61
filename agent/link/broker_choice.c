/* SPDX-License-Identifier: MIT */
/*
 * Owns the choice among brokers: what the agent told of them, and which one is next.
 * Must never forget the broker of the enrolment.
 */
#include "agent/link/broker_choice.h"

#include <string.h>

#include <holdfast/sock.h>

void hf_choice_begin(struct hf_choice *choice, const struct hf_broker *enrolment)
{
	memset(choice, 0, sizeof(*choice));
	choice->v[0] = (struct hf_choice_row){.broker = *enrolment, .trusted = true};
	choice->n = 1;
}

/* Where the list names the broker of the enrolment, that row says so. */
static void add_row(struct hf_choice *choice, const struct hf_choice_row *row)
{
	if (hf_broker_same(&choice->v[0].broker, &row->broker))
		choice->v[0].listed = row->listed;
	else if (choice->n < HF_CHOICE_MAX)
		choice->v[choice->n++] = *row;
}

static enum hf_rc take_row(json_t *told, struct hf_choice *choice, struct hf_err *err)
{
	hf_auto_json json_t *copy = json_copy(told);
	struct hf_choice_row row = {.trusted = json_is_true(json_object_get(told, "proven")),
				    .listed = json_is_true(json_object_get(told, "listed"))};
	enum hf_rc rc;

	if (!copy)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a broker");
	(void)json_object_del(copy, "proven");
	(void)json_object_del(copy, "listed");
	rc = hf_broker_take(copy, &row.broker, err); /* its texts are shared with what was told */
	if (rc == HF_OK)
		add_row(choice, &row);
	return rc;
}

enum hf_rc hf_choice_take(struct hf_choice *choice, const void *buf, size_t len, struct hf_err *err)
{
	struct hf_choice next = {.n = 0};
	json_t *list = NULL, *last = NULL;
	enum hf_rc rc;

	hf_choice_begin(&next, &choice->v[0].broker);
	rc = hf_json_read(buf, len, HF_SOCK_MESSAGE_MAX, &next.told, err);
	const struct hf_json_member members[] = {
		{.name = "brokers", .kind = HF_JSON_ARRAY, .ret = &list, .max = HF_CHOICE_MAX - 1},
		{.name = "leave", .kind = HF_JSON_BOOL, .ret = &next.leave},
		{.name = "last", .kind = HF_JSON_OBJECT, .ret = &last, .optional = true},
	};
	if (rc == HF_OK)
		rc = hf_json_take(next.told, members, HF_LEN(members), err);
	for (size_t i = 0; rc == HF_OK && i < json_array_size(list); i++)
		rc = take_row(json_array_get(list, i), &next, err);
	if (rc == HF_OK && last)
		rc = hf_broker_take(last, &next.last, err);
	if (rc != HF_OK) {
		hf_choice_done(&next);
		return rc;
	}
	hf_choice_done(choice);
	*choice = next;
	return HF_OK;
}

const struct hf_choice_row *hf_choice_row_of(const struct hf_choice *choice, const struct hf_broker *broker)
{
	for (size_t i = 0; i < choice->n; i++)
		if (hf_broker_same(&choice->v[i].broker, broker))
			return &choice->v[i];
	return NULL;
}

bool hf_choice_left(const struct hf_choice *choice, const struct hf_broker *present)
{
	const struct hf_choice_row *row = hf_choice_row_of(choice, present);
	bool enrolment = row == &choice->v[0];

	return !row || (!row->listed && (choice->leave || !enrolment));
}

/* The one of this kind whose turn it is. */
static const struct hf_broker *of_kind(const struct hf_choice *choice, const struct hf_broker *present, bool trusted,
				       size_t turn)
{
	const struct hf_broker *found[HF_CHOICE_MAX];
	size_t n = 0;

	/* That of the enrolment last: where it is listed no more, the list comes first. */
	for (size_t i = 1; i <= choice->n; i++) {
		const struct hf_choice_row *row = &choice->v[i % choice->n];

		if (row->trusted == trusted && !hf_broker_same(&row->broker, present))
			found[n++] = &row->broker;
	}
	return n > 0 ? found[turn % n] : NULL;
}

const struct hf_broker *hf_choice_next(const struct hf_choice *choice, const struct hf_broker *present, size_t turn)
{
	bool trusted = turn % 2 == 0;
	const struct hf_broker *next = of_kind(choice, present, trusted, turn / 2);

	return next ? next : of_kind(choice, present, !trusted, turn / 2);
}

void hf_choice_done(struct hf_choice *choice)
{
	json_decref(choice->told);
	memset(choice, 0, sizeof(*choice));
}
