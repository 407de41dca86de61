/* SPDX-License-Identifier: MIT */
/*
 * Owns the sentences about the record: what each entry of it says.
 * Must never leave an entry out because its kind is not known here.
 */
#include "controller/office/record_words.h"

#include <string.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/office/client.h"

#define MINUTE_S 60
#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

typedef void (*entry_words_fn)(const struct hf_words *words, const struct hf_record_entry *entry);

static void by_whom(const struct hf_words *words, const struct hf_record_entry *entry)
{
	if (json_array_size(entry->by) == 0) {
		fputs(hf_text("nobody whom a trust bears out"), words->out);
		return;
	}
	hf_words_people(words, entry->by);
}

static const char *short_id(const char *hex, char id[HF_SHORT_ID + 1])
{
	struct hf_digest digest;

	return hex && hf_digest_from_hex(hex, &digest) == HF_OK ? hf_words_short(&digest, id) : "?";
}

static const char *short_of(const json_t *says, const char *name, char id[HF_SHORT_ID + 1])
{
	return short_id(hf_client_text(says, name, NULL), id);
}

static void say_trust_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	fprintf(words->out, hf_text("the roots made the trust of epoch %lld.\n"), hf_client_number(entry->says, "epoch"));
}

static void say_register_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	fprintf(words->out, hf_text("the register, version %lld, approved by "), hf_client_number(entry->says, "version"));
	by_whom(words, entry);
	fputs(".\n", words->out);
}

static void say_assignment_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	fprintf(words->out, hf_text("the assignment of the device %s, version %lld, approved by "),
		hf_client_text(entry->says, "device", "?"), hf_client_number(entry->says, "version"));
	by_whom(words, entry);
	fputs(".\n", words->out);
}

/* Where devices find the server, as it was approved then. */
static void say_brokers_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	json_t *one;
	size_t i;

	fprintf(words->out, hf_text("the list of brokers, version %lld, approved by "), hf_client_number(entry->says, "version"));
	by_whom(words, entry);
	json_array_foreach(json_object_get(entry->says, "brokers"), i, one)
	{
		fprintf(words->out, "%s%s (%s:%lld)", i ? ", " : ": ", hf_client_text(one, "id", "?"),
			hf_client_text(one, "host", "?"), hf_client_number(one, "port"));
	}
	fputs(".\n", words->out);
}

static void say_order_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	hf_auto_order struct hf_order *order = NULL;
	char id[HF_SHORT_ID + 1];

	if (hf_order_decode(entry->envelope, &order, NULL) != HF_OK) {
		fputs(hf_text("an order that cannot be read.\n"), words->out);
		return;
	}
	by_whom(words, entry);
	if (order->act == HF_ACT_RAISE)
		fprintf(words->out, hf_text(" raised %s: %s.\n"), hf_words_short(&order->digest, id),
			hf_words_name(order->kind, order->mode));
	else if (order->act == HF_ACT_AMEND)
		fprintf(words->out, hf_text(" amended %s: %s.\n"), hf_words_short(&order->of, id),
			hf_words_name(order->kind, order->mode));
	else if (order->n_releases > 0)
		fprintf(words->out, hf_text(" ended %s: %s.\n"), hf_words_short(&order->releases[0], id),
			hf_words_name(order->kind, order->mode));
	else
		fprintf(words->out, hf_text(" ended all that %s alone raised: %s.\n"), order->persons[0].person,
			hf_words_name(order->kind, order->mode));
	hf_words_text(words, hf_text("    reason: "), order->body.reason);
}

static void say_waiting_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	const char *type = entry->envelope ? hf_doc_type_name(entry->envelope->type) : "?";
	char id[HF_SHORT_ID + 1] = "?";

	if (entry->envelope)
		(void)hf_words_short(&entry->envelope->digest, id);
	fprintf(words->out,
		strcmp(entry->kind, "draft") == 0 ? hf_text("a draft, %s (%s), signed by ") : hf_text("approvals of %s (%s), now by "),
		id, type);
	by_whom(words, entry);
	fputs(".\n", words->out);
}

static void say_report_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	const json_t *lockdowns = json_object_get(entry->says, "lockdowns");
	char id[HF_SHORT_ID + 1];
	json_t *one;
	size_t i;

	fprintf(words->out, hf_text("the device %s reported"), hf_client_text(entry->says, "device", "?"));
	json_array_foreach(lockdowns, i, one)
	{
		fprintf(words->out, "%s%s %s", i ? ", " : ": ", short_of(one, "id", id), hf_client_text(one, "standing", "?"));
	}
	if (json_array_size(lockdowns) == 0)
		fputs(hf_text(" that it knows of no lockdown"), words->out);
	fputs(".\n", words->out);
	json_array_foreach(json_object_get(entry->says, "postings"), i, one)
	{
		hf_words_line(words, "    the message of %s: %s %s", hf_client_text(one, "account", "?"),
			      hf_client_text(one, "state", "?"), hf_client_text(one, "post", ""));
	}
}

static void say_recover_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	json_t *one;
	size_t i;

	by_whom(words, entry);
	fputs(hf_text(" said what is in force to "), words->out);
	json_array_foreach(json_object_get(entry->says, "devices"), i, one)
	{
		fprintf(words->out, "%s%s", i ? ", " : "", hf_client_text(one, "device", "?"));
	}
	fputs(".\n", words->out);
}

static void say_remark_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	const char *act = hf_client_text(entry->says, "act", "");

	by_whom(words, entry);
	if (strcmp(act, "withdraw") == 0)
		fputs(hf_text(" took back an approval.\n"), words->out);
	else if (strcmp(act, "refuse") == 0)
		fputs(hf_text(" refused a draft.\n"), words->out);
	else
		fprintf(words->out, hf_text(" saw that at the platform %s has no access to %s any more.\n"),
			hf_client_text(entry->says, "person", "?"), hf_client_text(entry->says, "account", "?"));
	if (json_object_get(entry->says, "reason"))
		hf_words_text(words, hf_text("    reason: "), hf_client_text(entry->says, "reason", ""));
}

/* "3 h 12 min", "4 days 2 h", "40 s" */
static void say_span(FILE *out, long long s)
{
	if (s < MINUTE_S)
		fprintf(out, hf_text("%lld s"), s);
	else if (s < HOUR_S)
		fprintf(out, hf_text("%lld min"), s / MINUTE_S);
	else if (s < DAY_S)
		fprintf(out, hf_text("%lld h %lld min"), s / HOUR_S, s % HOUR_S / MINUTE_S);
	else
		fprintf(out, hf_text("%lld d %lld h"), s / DAY_S, s % DAY_S / HOUR_S);
}

static void say_note_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	long long happened = hf_client_number(entry->says, "happened");
	char id[HF_SHORT_ID + 1], at[HF_WALL_TEXT_SIZE];

	by_whom(words, entry);
	fprintf(words->out, hf_text(" noted about %s:\n"),
		short_id(json_string_value(json_array_get(json_object_get(entry->says, "of"), 0)), id));
	hf_words_text(words, "    ", hf_client_text(entry->says, "reason", ""));
	if (happened == 0)
		return;
	fprintf(words->out, hf_text("    It happened on %s; written "), hf_london_text((struct hf_wall){happened}, at));
	say_span(words->out, entry->at.s - happened);
	fputs(hf_text(" later.\n"), words->out);
}

static void say_erasure_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	json_t *one;
	size_t i;

	by_whom(words, entry);
	fputs(hf_text(" had erased what these records say: "), words->out);
	json_array_foreach(json_object_get(entry->says, "records"), i, one)
	{
		long long first = hf_client_number(one, "first"), last = hf_client_number(one, "last");

		fprintf(words->out, "%s%lld", i ? ", " : "", first);
		if (last > first)
			fprintf(words->out, hf_text(" to %lld"), last);
	}
	fputs(".\n", words->out);
	hf_words_text(words, hf_text("    reason: "), hf_client_text(entry->says, "why", ""));
}

static void say_start_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	fprintf(words->out, hf_text("the controller started, version %s (%s); it found %lld records.\n"),
		hf_client_text(entry->says, "version", "?"), hf_client_text(entry->says, "why", "?"),
		hf_client_number(entry->says, "size"));
}

static void say_via_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	fprintf(words->out, hf_text("record %lld was brought by the user with the number %lld of the server.\n"),
		hf_client_number(entry->says, "seq"), hf_client_number(entry->says, "uid"));
}

static void say_lapse_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	char id[HF_SHORT_ID + 1];

	fprintf(words->out, hf_text("the draft %s of %s (%s) waited too long, and lapsed.\n"), short_of(entry->says, "draft", id),
		hf_client_text(entry->says, "by", "?"), hf_client_text(entry->says, "type", "?"));
}

static void say_silence_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	char since[HF_WALL_TEXT_SIZE];

	fprintf(words->out, hf_text("the device %s is heard again; it was silent since %s.\n"),
		hf_client_text(entry->says, "device", "?"),
		hf_london_text((struct hf_wall){hf_client_number(entry->says, "since")}, since));
}

static void say_refusal_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	const json_t *counts = json_object_get(entry->says, "counts");
	const char *reason;
	json_t *n;

	if (!counts) {
		fprintf(words->out, hf_text("refused, %s (%s), signed by "), hf_client_text(entry->says, "type", "?"),
			hf_client_text(entry->says, "reason", "?"));
		hf_words_people(words, json_object_get(entry->says, "signed_by"));
		fputs(".\n", words->out);
		hf_words_text(words, "    ", hf_client_text(entry->says, "said", ""));
		return;
	}
	fputs(hf_text("refused since the last such entry:"), words->out);
	json_object_foreach((json_t *)counts, reason, n)
		fprintf(words->out, " %s %lld", reason, (long long)json_integer_value(n));
	fputs("\n", words->out);
}

static void say_notice_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	unsigned long n = json_array_size(json_object_get(entry->says, "messages"));
	char id[HF_SHORT_ID + 1];

	fprintf(words->out, hf_text_n("%lu message is to tell somebody of %s.\n", "%lu messages are to tell people of %s.\n", n), n,
		short_of(entry->says, "of", id));
}

static void say_outcome_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	fprintf(words->out, hf_text("message %lld (%s) to %s: %s.\n"), hf_client_number(entry->says, "message"),
		hf_client_text(entry->says, "what", "?"), hf_client_text(entry->says, "person", "?"),
		hf_client_text(entry->says, "state", "?"));
}

/* An item of a checklist is done, or is not; or posts of a scheduler are held, or are let go. */
static bool say_check_act(const struct hf_words *words, const struct hf_record_entry *entry)
{
	const char *act = hf_client_text(entry->says, "act", ""), *account = hf_client_text(entry->says, "account", "?");
	unsigned long n = json_array_size(json_object_get(entry->says, "posts"));
	char id[HF_SHORT_ID + 1];

	if (strcmp(act, "done") == 0 || strcmp(act, "undo") == 0)
		fprintf(words->out,
			strcmp(act, "done") == 0 ? hf_text("the item %s of the checklist of %s is done: %s.\n")
						 : hf_text("the item %s of the checklist of %s is open again: %s.\n"),
			hf_client_text(entry->says, "item", "?"), short_of(entry->says, "lockdown", id),
			hf_client_text(entry->says, "of", "?"));
	else if (strcmp(act, "hold") == 0)
		fprintf(words->out, hf_text_n("%lu scheduled post of %s is made a draft.\n", "%lu scheduled posts of %s are made drafts.\n", n),
			n, account);
	else if (strcmp(act, "free") == 0 && strcmp(hf_client_text(entry->says, "as", ""), "scheduled") == 0)
		fprintf(words->out, hf_text_n("%lu post of %s is scheduled again.\n", "%lu posts of %s are scheduled again.\n", n), n, account);
	else if (strcmp(act, "free") == 0)
		fprintf(words->out, hf_text_n("%lu post of %s stays a draft.\n", "%lu posts of %s stay drafts.\n", n), n, account);
	else
		return false;
	return true;
}

static void say_check_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	if (say_check_act(words, entry))
		return;
	fputs(hf_text("what is kept beside the register was changed: "), words->out);
	hf_words_list(words->out, json_object_get(entry->says, "accounts"));
	fputs(hf_text(" among accounts, "), words->out);
	hf_words_list(words->out, json_object_get(entry->says, "people"));
	fputs(hf_text(" among people.\n"), words->out);
}

static void say_export_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	char id[HF_SHORT_ID + 1];

	if (hf_client_text(entry->says, "lockdown", NULL))
		fprintf(words->out, hf_text("the record of %s was handed out"), short_of(entry->says, "lockdown", id));
	else
		fputs(hf_text("the whole record was handed out"), words->out);
	fprintf(words->out, hf_text(", people by %s, as "), hf_client_text(entry->says, "as", "?"));
	hf_words_list(words->out, json_object_get(entry->says, "formats"));
	fputs(".\n", words->out);
}

/* A kind that is younger than these sentences, as it stands there. */
static void say_other_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	fprintf(words->out, "%s: ", entry->kind);
	(void)json_dumpf(entry->says, words->out, JSON_COMPACT);
	fputs("\n", words->out);
}

static const struct {
	const char *kind;
	entry_words_fn say;
} KINDS[] = {
	{"trust", say_trust_entry},     {"register", say_register_entry}, {"assignment", say_assignment_entry},
	{"order", say_order_entry},     {"draft", say_waiting_entry},     {"approval", say_waiting_entry},
	{"report", say_report_entry},   {"recover", say_recover_entry},   {"remark", say_remark_entry},
	{"note", say_note_entry},       {"erasure", say_erasure_entry},   {"start", say_start_entry},
	{"via", say_via_entry},         {"lapse", say_lapse_entry},       {"silence", say_silence_entry},
	{"refusal", say_refusal_entry}, {"notice", say_notice_entry},     {"outcome", say_outcome_entry},
	{"check", say_check_entry},     {"brokers", say_brokers_entry},
	{"export", say_export_entry},
};

void hf_words_entry(const struct hf_words *words, const struct hf_record_entry *entry)
{
	entry_words_fn say = say_other_entry;
	char at[HF_WALL_TEXT_SIZE];

	for (size_t i = 0; i < HF_LEN(KINDS); i++)
		if (strcmp(KINDS[i].kind, entry->kind) == 0)
			say = KINDS[i].say;
	fprintf(words->out, "%lld, %s: ", (long long)entry->seq, hf_london_text(entry->at, at));
	if (entry->says)
		say(words, entry);
	else
		fprintf(words->out, hf_text("an entry of the kind `%s`; what it said is erased.\n"), entry->kind);
}
