/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast audit retention`: what of the record is older than it is to be kept, and whose contact data.
 * Must never erase anything by itself: it proposes, two officers approve; or touch an entry whose lockdown is not known.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/conf.h>
#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/erasing.h"
#include "controller/cli/commands/retention_people.h"
#include "controller/cli/send.h"
#include "controller/journal/chain.h"
#include "controller/office/client.h"

#define YEAR_S 31556952 /* 365.2425 days */

/* How long what is kept, in years. */
struct terms {
	int64_t emergency, purdah, exercise, quiet, other;
	int64_t contact_days;
};

/* While the record is read. */
struct retaining {
	const struct hf_view *view;
	struct terms terms;
	struct hf_erasing erasing;
	struct hf_wall before; /* reports from then on stay: a lockdown that is not over follows from them */
	bool full;
	size_t more; /* beyond what one erasure takes */
	size_t kinds[HF_RECORD_KIND_COUNT];
};

static enum hf_rc read_terms(const char *path, struct terms *ret, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	struct hf_err why = {""};
	const struct hf_conf_row rows[] = {
		{"emergency.years", HF_CONF_INT, 1, 1000, "21", &ret->emergency},
		{"purdah.years", HF_CONF_INT, 1, 1000, "6", &ret->purdah},
		{"exercise.years", HF_CONF_INT, 1, 1000, "6", &ret->exercise},
		{"quiet.years", HF_CONF_INT, 1, 1000, "2", &ret->quiet},
		{"other.years", HF_CONF_INT, 1, 1000, "6", &ret->other},
		{"contact.days", HF_CONF_INT, 1, 36500, "30", &ret->contact_days},
	};
	enum hf_rc rc = hf_fs_read(path ? path : HF_RETENTION_CONF, HF_CONF_FILE_MAX, &text, &len, &why);

	if (rc == HF_E_ABSENT && !path)
		return hf_conf_read("", rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_conf_read(text, rows, HF_LEN(rows), &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "How long records are kept: %s", why.text);
}

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t years_of_kind(const struct terms *terms, bool emergency, bool exercise)
{
	if (exercise)
		return terms->exercise;
	return emergency ? terms->emergency : terms->purdah;
}

/* Of several lockdowns the longest. */
static int64_t years_of_report(const struct terms *terms, const json_t *says)
{
	int64_t years = terms->quiet;
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(says, "lockdowns"), i, one)
	{
		years = longer(years, years_of_kind(terms, strcmp(hf_client_text(one, "kind", "emergency"), "emergency") == 0,
						    strcmp(hf_client_text(one, "mode", "live"), "exercise") == 0));
	}
	return years;
}

/* Of an order that is not known any more it is kept as long as anything. */
static int64_t years_of_order(const struct retaining *r, const char *of)
{
	const struct hf_heard *heard = NULL;
	struct hf_digest digest;

	if (of && hf_digest_from_hex(of, &digest) == HF_OK)
		heard = hf_orders_find(&r->view->known.orders, &digest);
	if (!heard)
		return longer(r->terms.emergency, longer(r->terms.purdah, r->terms.exercise));
	return years_of_kind(&r->terms, heard->order->kind == HF_KIND_EMERGENCY, heard->order->mode == HF_MODE_EXERCISE);
}

static int64_t years_of_entry(const struct retaining *r, const struct hf_record_entry *entry)
{
	const json_t *of = json_object_get(entry->says, "of");

	if (strcmp(entry->kind, "report") == 0)
		return years_of_report(&r->terms, entry->says);
	if (of)
		return years_of_order(r, json_string_value(json_is_array(of) ? json_array_get(of, 0) : of));
	return r->terms.other;
}

static bool is_too_old(const struct retaining *r, const struct hf_record_entry *entry)
{
	if (!entry->says || !hf_record_may_go(hf_record_kind_of(entry->kind)))
		return false;
	if (strcmp(entry->kind, "report") == 0 && entry->at.s >= r->before.s)
		return false;
	return entry->at.s < r->view->now.s - years_of_entry(r, entry) * YEAR_S;
}

static enum hf_rc weigh_entry(void *arg, const struct hf_record_entry *entry, struct hf_err *err)
{
	struct retaining *r = arg;
	enum hf_rc rc = HF_OK;

	if (!is_too_old(r, entry))
		return HF_OK;
	if (!r->full)
		rc = hf_erasing_add(&r->erasing, entry, err);
	r->full = r->full || rc == HF_E_SIZE;
	r->more += r->full;
	r->kinds[hf_record_kind_of(entry->kind)] += rc == HF_OK && !r->full;
	return r->full ? HF_OK : rc;
}

static struct hf_wall oldest_not_over(const struct hf_view *view)
{
	struct hf_wall oldest = view->now;

	for (size_t i = 0; i < view->lockdowns.n; i++) {
		const struct hf_lockdown *l = &view->lockdowns.v[i];

		if ((l->phase == HF_PHASE_IN_FORCE || l->phase == HF_PHASE_SCHEDULED) && l->raise->order->at.s < oldest.s)
			oldest = l->raise->order->at;
	}
	return oldest;
}

static void say_old(FILE *out, const struct retaining *r)
{
	unsigned long n = r->erasing.records;

	fprintf(out,
		hf_text_n("%lu record is older than it is to be kept.\n", "%lu records are older than they are to be kept.\n", n), n);
	for (size_t i = 0; i < HF_RECORD_KIND_COUNT; i++)
		if (r->kinds[i] > 0)
			fprintf(out, "  %s: %zu\n", hf_record_kind_name((enum hf_record_kind)i), r->kinds[i]);
	if (r->more > 0)
		fprintf(out,
			hf_text_n("%zu more is for the next time: one erasure takes no more.\n",
				  "%zu more are for the next time: one erasure takes no more.\n", r->more),
			r->more);
}

static json_t *json_of_old(const struct retaining *r, const struct hf_contacts_left *left)
{
	json_t *kinds = json_object();

	for (size_t i = 0; i < HF_RECORD_KIND_COUNT; i++)
		if (r->kinds[i] > 0)
			(void)json_object_set_new(kinds, hf_record_kind_name((enum hf_record_kind)i),
						  json_integer((json_int_t)r->kinds[i]));
	return json_pack("{s:I, s:o, s:I, s:O?, s:O?}", "records", (json_int_t)r->erasing.records, "kinds", kinds, "more",
			 (json_int_t)r->more, "people", left->gone, "unknown", left->unknown);
}

static enum hf_rc send_erasure(struct hf_cli *cli, struct hf_view *view, const struct hf_erasing *erasing, struct hf_err *err)
{
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = view};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_erasing_write(erasing, view, hf_text("It is older than the council keeps it."), &envelope, err);

	if (rc == HF_OK)
		rc = hf_officer_open(&officer, err);
	return rc == HF_OK ? hf_send(&officer, envelope, 0, err) : rc;
}

/* What the options say. */
struct retention_call {
	const char *file, *people;
	bool dry;
};

static enum hf_rc retain(struct hf_cli *cli, const struct retention_call *call, struct retaining *r, struct hf_view *view,
			 struct hf_err *err)
{
	hf_auto_contacts_left struct hf_contacts_left left = {.days = r->terms.contact_days};
	const struct hf_record_ask ask = {.fn = weigh_entry, .arg = r};
	enum hf_rc rc = hf_record_read(view, &ask, err);

	if (rc == HF_OK && call->people)
		rc = hf_contacts_find_left(view, call->people, &left, err);
	if (rc == HF_OK && cli->json && (call->dry || r->erasing.records == 0))
		rc = hf_cli_answer(cli, json_of_old(r, &left), err);
	if (rc != HF_OK)
		return rc;
	if (!cli->json) {
		say_old(cli->out, r);
		hf_contacts_say_left(cli->out, &left);
	}
	if (call->dry)
		return HF_OK;
	rc = hf_contacts_remove_left(call->people, &left, err);
	return rc == HF_OK && r->erasing.records > 0 ? send_erasure(cli, view, &r->erasing, err) : rc;
}

enum hf_rc hf_cli_audit_retention(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_free struct retaining *r = calloc(1, sizeof(*r));
	struct retention_call call = {.dry = false};
	const struct hf_arg rows[] = {
		{"dry-run", HF_ARG_FLAG, &call.dry, NULL, HF_TEXT("say what would be erased, and change nothing"), 0},
		{"file", HF_ARG_TEXT, &call.file, "FILE", HF_TEXT("how long what is kept (/etc/holdfast/retention.conf)"), 0},
		{"people", HF_ARG_TEXT, &call.people, "FILE", HF_TEXT("the people file: also whose contact data is to go"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && !r)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (rc == HF_OK)
		rc = read_terms(call.file, &r->terms, err);
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc != HF_OK)
		return rc;
	r->view = &view;
	r->before = oldest_not_over(&view);
	return retain(cli, &call, r, &view, err);
}
