/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast audit show`: what the record says, by time, person, account, device and lockdown.
 * Must never leave out an entry that was asked for.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"
#include "controller/office/record_words.h"
#include "controller/office/times.h"

/* What is asked for, and what was found. */
struct showing {
	struct hf_cli *cli;
	struct hf_words words;
	const char *since, *until, *person, *account, *device, *lockdown;
	struct hf_wall from, to;
	const struct hf_lockdown *of;
	json_t *found; /* with --json */
	int64_t last;  /* the entry that was shown last */
	size_t n;
};

/* Of a lockdown: its raise, and every order that amends or ends it, as far as they are known. */
static bool is_of_lockdown(const struct showing *s, const struct hf_record_entry *entry)
{
	const struct hf_orders *orders = &s->words.view->known.orders;
	char hex[HF_DIGEST_HEX_SIZE];

	if (hf_record_names(entry, hf_digest_hex(&s->of->id, hex)))
		return true;
	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_order *order = orders->v[i].order;
		bool ours = order->act == HF_ACT_AMEND && hf_digest_cmp(&order->of, &s->of->id) == 0;

		for (size_t k = 0; order->act == HF_ACT_RELEASE && k < order->n_releases; k++)
			ours = ours || hf_digest_cmp(&order->releases[k], &s->of->id) == 0;
		if (ours && hf_record_names(entry, hf_digest_hex(&order->digest, hex)))
			return true;
	}
	return false;
}

/* Who brought an entry is shown with it. */
static bool brings_last(const struct showing *s, const struct hf_record_entry *entry)
{
	return strcmp(entry->kind, "via") == 0 && hf_client_number(entry->says, "seq") == s->last;
}

static bool is_asked_for(const struct showing *s, const struct hf_record_entry *entry)
{
	if (entry->at.s < s->from.s || (s->until && entry->at.s > s->to.s))
		return false;
	if (s->last > 0 && brings_last(s, entry))
		return true;
	return (!s->person || hf_record_names(entry, s->person)) && (!s->account || hf_record_names(entry, s->account)) &&
	       (!s->device || hf_record_names(entry, s->device)) && (!s->of || is_of_lockdown(s, entry));
}

static json_t *json_of_entry(const struct hf_record_entry *entry)
{
	return json_pack("{s:I, s:I, s:s, s:s, s:s, s:b, s:O?, s:O?}", "record", (json_int_t)entry->seq, "at",
			 (json_int_t)entry->at.s, "kind", entry->kind, "digest", entry->digest, "hash", entry->hash, "erased",
			 !entry->says, "by", entry->by, "says", entry->says);
}

static enum hf_rc show_entry(void *arg, const struct hf_record_entry *entry, struct hf_err *err)
{
	struct showing *s = arg;

	if (!is_asked_for(s, entry))
		return HF_OK;
	s->n++;
	s->last = entry->seq;
	if (s->found)
		return json_array_append_new(s->found, json_of_entry(entry)) == 0
			       ? HF_OK
			       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory: ask for less, with --since and --until.");
	hf_words_entry(&s->words, entry);
	return HF_OK;
}

static enum hf_rc read_filters(struct showing *s, const struct hf_view *view, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	if (s->since)
		rc = hf_times_wished(hf_text("first moment"), s->since, &s->from, err);
	if (rc == HF_OK && s->until)
		rc = hf_times_wished(hf_text("last moment"), s->until, &s->to, err);
	if (rc == HF_OK && s->lockdown)
		rc = hf_view_lockdown(view, s->lockdown, &s->of, err);
	return rc;
}

static enum hf_rc show_record(struct showing *s, const struct hf_view *view, struct hf_err *err)
{
	struct hf_past_trusts past = {0};
	const struct hf_record_ask ask = {.past = &past, .fn = show_entry, .arg = s};
	enum hf_rc rc = hf_past_read(view, &past, err);

	if (rc == HF_OK)
		rc = hf_record_read(view, &ask, err);
	hf_past_done(&past);
	if (rc == HF_OK && s->found)
		return hf_cli_answer(s->cli, json_pack("{s:O}", "record", s->found), err);
	if (rc == HF_OK && s->n == 0)
		fputs(hf_text("The record has nothing of that.\n"), s->cli->out);
	return rc;
}

enum hf_rc hf_cli_audit_show(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_json json_t *found = NULL;
	struct showing s = {.cli = cli, .words = {.out = cli->out, .view = &view}};
	const struct hf_arg rows[] = {
		{"since", HF_ARG_TEXT, &s.since, "WHEN", HF_TEXT("what was recorded from then on"), 0},
		{"until", HF_ARG_TEXT, &s.until, "WHEN", HF_TEXT("what was recorded up to then"), 0},
		{"person", HF_ARG_TEXT, &s.person, "PERSON", HF_TEXT("what this person signed, or that names them"), 0},
		{"account", HF_ARG_TEXT, &s.account, "ACCOUNT", HF_TEXT("what names this account"), 0},
		{"device", HF_ARG_TEXT, &s.device, "DEVICE", HF_TEXT("what this device reported, or that names it"), 0},
		{"lockdown", HF_ARG_TEXT, &s.lockdown, "ID", HF_TEXT("what is about this lockdown"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = read_filters(&s, &view, err);
	if (rc == HF_OK && cli->json)
		s.found = found = json_array();
	return rc == HF_OK ? show_record(&s, &view, err) : rc;
}
