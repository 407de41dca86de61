/* SPDX-License-Identifier: MIT */
/*
 * Owns the messages that a document asks for, from people file and templates to rows.
 * Must never keep the document from being recorded.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/rows.h>

#include "controller/notice_write.h"
#include "controller/notices.h"
#include "controller/telling/event.h"

#define DAY_S 86400
#define PATH_SIZE 300

enum hf_rc hf_notices_people(const struct hf_controller *c, struct hf_contacts *ret, struct hf_err *err)
{
	const char *path = c->settings->notify_people;
	char *text = NULL;
	size_t len = 0;
	struct hf_err why = {""};
	enum hf_rc rc = hf_fs_read(path, HF_CONTACTS_FILE_MAX, &text, &len, &why);
	if (rc == HF_OK)
		rc = hf_contacts_read(text, ret, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the people file %s: %s", path, why.text);
	if (hf_fs_guarded(path, NULL, S_IRWXG | S_IRWXO, &why) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_KEY, "the people file: %s", why.text);
}

/* As many as there is room for: each is somebody who is not told, or not as the council wants it. */
static void note_trouble_of(struct hf_notice_post *post, const char *what, const char *why)
{
	struct hf_err before = post->trouble;
	if (hf_str_printf(post->trouble.text, sizeof(post->trouble.text), "%s%s%s%s", before.text, before.text[0] ? "; " : "",
			  what, why) != HF_OK)
		post->trouble = before;
}

/* What cannot be read keeps nobody else from being told. */
static enum hf_rc read_people(struct hf_notice_post *post, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = hf_notices_people(post->c, &post->people, &why);
	if (rc == HF_E_MEMORY)
		return hf_err_set(err, rc, "%s", why.text);
	if (rc != HF_OK)
		note_trouble_of(post, "", why.text);
	else if (post->people.n_bad > 0)
		note_trouble_of(post, "the people file, ", post->people.bad.text);
	return HF_OK;
}

static bool is_sms(const struct hf_tell *tell)
{
	return strcmp(tell->channel, HF_CHANNEL_SMS) == 0;
}

static const char *template_of(struct hf_notice_post *post, const struct hf_tell *tell)
{
	struct hf_council_words *words = &post->words[is_sms(tell)];
	enum hf_told_kind what = tell->what;
	char path[PATH_SIZE];
	struct hf_err why = {""};
	size_t len = 0;
	enum hf_rc rc;
	if (words->looked[what])
		return words->templates[what];
	words->looked[what] = true;
	if (hf_str_printf(path, sizeof(path), "%s/%s%s.txt", post->c->settings->notify_templates,
			  is_sms(tell) ? "sms-" : "", hf_told_name(what)) != HF_OK)
		return NULL;
	rc = hf_fs_read(path, HF_TEMPLATE_MAX, &words->templates[what], &len, &why);
	if (rc != HF_OK && rc != HF_E_ABSENT)
		note_trouble_of(post, "a template: ", why.text);
	return words->templates[what];
}

/* In the council's words, or, if they cannot be used, in ours. */
static enum hf_rc write_words(struct hf_notice_post *post, const struct hf_letter_matter *matter,
			      const struct hf_tell *tell, struct hf_letter *ret, struct hf_err *err)
{
	const char *template = template_of(post, tell);
	struct hf_err why = {""}, said;
	enum hf_rc rc;
	if (template && hf_letter_write(matter, tell, template, ret, &why) == HF_OK)
		return HF_OK;
	if (template) {
		(void)hf_err_set(&said, HF_E_SHAPE, "the template %s%s.txt was not used, and the built-in text was: %s",
				 is_sms(tell) ? "sms-" : "", hf_told_name(tell->what), why.text);
		note_trouble_of(post, "", said.text);
		free(post->words[is_sms(tell)].templates[tell->what]);
		post->words[is_sms(tell)].templates[tell->what] = NULL;
	}
	rc = hf_letter_write(matter, tell, NULL, ret, &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "a message: %s", why.text);
}

/* A machine is told what people are, and what it is about. */
static enum hf_rc write_event(struct hf_notice_post *post, const struct hf_letter_matter *matter,
			      const struct hf_tell *tell, struct hf_letter *ret, struct hf_err *err)
{
	hf_auto_letter struct hf_letter words = {0};
	struct hf_letter_matter with = *matter;
	enum hf_rc rc = write_words(post, matter, tell, &words, err);
	with.earlier = post->earlier;
	with.n_earlier = post->n_earlier;
	with.ended = post->ended;
	with.n_ended = post->n_ended;
	return rc == HF_OK ? hf_event_write(&with, tell, &words, ret, err) : rc;
}

/* Which letter says the same already; else it is a new one. */
static enum hf_rc place_letter(struct hf_notice_post *post, struct hf_letter *letter, size_t *ret_at)
{
	size_t i = 0;
	while (i < post->n_letters && (strcmp(post->letters[i].body, letter->body) != 0 ||
				       strcmp(post->letters[i].subject, letter->subject) != 0))
		i++;
	*ret_at = i;
	if (i < post->n_letters)
		return HF_OK;
	if (hf_rows_reserve(&post->letters, &post->letters_room, i + 1, sizeof(*post->letters)) != HF_OK)
		return HF_E_MEMORY;
	post->letters[post->n_letters++] = *letter;
	*letter = (struct hf_letter){0};
	return HF_OK;
}

static enum hf_rc place_row(struct hf_notice_post *post, const struct hf_notice_row *row)
{
	if (hf_rows_reserve(&post->rows, &post->rows_room, post->n_rows + 1, sizeof(*post->rows)) != HF_OK)
		return HF_E_MEMORY;
	post->rows[post->n_rows++] = *row;
	return HF_OK;
}

enum hf_rc hf_notice_post_letter(struct hf_notice_post *post, const struct hf_letter_matter *matter,
				 const struct hf_tell *tell, struct hf_err *err)
{
	hf_auto_letter struct hf_letter letter = {0};
	struct hf_notice_row row = {.what = hf_told_name(tell->what),
				    .person = tell->to->person,
				    .channel = tell->channel,
				    .address = tell->address,
				    .made = hf_clock_wall(),
				    .due = tell->due};
	bool hook = strcmp(tell->to->person, HF_CONTACT_HOOK) == 0;
	enum hf_rc rc = (hook ? write_event : write_words)(post, matter, tell, &letter, err);
	if (rc != HF_OK)
		return rc;
	if (matter->lockdown)
		row.lockdown = *matter->lockdown;
	if (place_letter(post, &letter, &row.letter) != HF_OK || place_row(post, &row) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a message");
	return HF_OK;
}

static enum hf_rc write_letters(struct hf_notice_post *post, const struct hf_letter_matter *matter,
				const struct hf_tellings *tellings, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	char line[HF_ID_SIZE + 100];
	if (tellings->n_without > 0 && hf_str_printf(line, sizeof(line), "%zu people have no address in the people "
						     "file and are not told, %s among them",
						     tellings->n_without, tellings->without[0]) == HF_OK)
		note_trouble_of(post, "", line);
	for (size_t i = 0; i < tellings->n && rc == HF_OK; i++)
		rc = hf_notice_post_letter(post, matter, &tellings->v[i], err);
	return rc;
}

static enum hf_rc cancel(struct hf_notice_post *post, const struct hf_digest *lockdown, struct hf_err *err)
{
	if (hf_rows_reserve(&post->cancels, &post->cancels_room, post->n_cancels + 1, sizeof(*post->cancels)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a message");
	post->cancels[post->n_cancels++] = *lockdown;
	return HF_OK;
}

static struct hf_telling_ask ask_of(const struct hf_notice_post *post)
{
	const struct hf_controller *c = post->c;
	return (struct hf_telling_ask){.reg = c->known.reg,
				       .trust = c->known.trust,
				       .people = &post->people,
				       .now = hf_clock_wall(),
				       .remind_s = c->settings->notify_remind_days * DAY_S,
				       .ways = &c->notices.ways};
}

/* What was said of a lockdown before this order. */
static enum hf_rc find_earlier(struct hf_notice_post *post, const struct hf_digest *lockdown,
			       const struct hf_order *order, struct hf_err *err)
{
	const struct hf_orders *orders = &post->c->known.orders;
	for (size_t i = 0; i < orders->n; i++) {
		const struct hf_order *one = orders->v[i].order;
		const struct hf_digest *of = one->act == HF_ACT_AMEND ? &one->of : &one->digest;
		if (one->act == HF_ACT_RELEASE || hf_digest_cmp(of, lockdown) != 0 ||
		    hf_digest_cmp(&one->digest, &order->digest) == 0)
			continue;
		if (hf_rows_reserve(&post->earlier, &post->earlier_room, post->n_earlier + 1, sizeof(*post->earlier)) != HF_OK)
			return hf_err_set(err, HF_E_MEMORY, "no memory for messages");
		post->earlier[post->n_earlier++] = (struct hf_letter_earlier){one->digest, one->at};
	}
	return HF_OK;
}

/* Whom no device of the council stops can only be asked. */
static enum hf_rc add_outside(struct hf_notice_post *post, const struct hf_order *order)
{
	const struct hf_beside *beside = &post->c->beside;
	enum hf_rc rc = HF_OK;
	for (size_t a = 0; a < beside->n; a++)
		for (size_t i = 0; i < beside->v[a].admins.n && rc == HF_OK; i++)
			if (hf_strs_covers(&order->body.accounts, beside->v[a].account))
				rc = hf_contacts_add(&post->people, HF_CONTACT_OUTSIDE, beside->v[a].admins.v[i]);
	return rc;
}

static enum hf_rc write_raise(struct hf_notice_post *post, struct hf_letter_matter *matter, struct hf_err *err)
{
	hf_auto_tellings struct hf_tellings tellings = {0};
	const struct hf_telling_ask ask = ask_of(post);
	enum hf_rc rc = add_outside(post, matter->order);
	if (rc == HF_OK)
		rc = hf_telling_raise(&ask, matter->order, &tellings);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for messages");
	rc = cancel(post, matter->lockdown, err);
	if (rc == HF_OK)
		rc = find_earlier(post, matter->lockdown, matter->order, err);
	return rc == HF_OK ? write_letters(post, matter, &tellings, err) : rc;
}

/* Who heard of the beginning, or may have. */
static enum hf_rc note_told(void *arg, const struct hf_notice_row *row, struct hf_err *err)
{
	struct hf_notice_post *post = arg;
	enum hf_told_kind what = hf_told_from_name(row->what);
	bool reached = row->state == HF_NOTICE_SENT || row->state == HF_NOTICE_UNKNOWN || row->state == HF_NOTICE_SENDING;
	struct hf_told_row told;
	if (!reached || what == HF_TOLD_DRAFT || what == HF_TOLD_SECOND || what == HF_TOLD_TEST)
		return HF_OK;
	for (size_t i = 0; i < post->n_told; i++)
		if (strcmp(post->told[i].channel, row->channel) == 0 && strcmp(post->told[i].address, row->address) == 0)
			return HF_OK;
	if (hf_str_copy(told.person, sizeof(told.person), row->person) != HF_OK ||
	    hf_str_copy(told.channel, sizeof(told.channel), row->channel) != HF_OK ||
	    hf_str_copy(told.address, sizeof(told.address), row->address) != HF_OK)
		return HF_OK;
	if (hf_rows_reserve(&post->told, &post->told_room, post->n_told + 1, sizeof(*post->told)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for messages");
	post->told[post->n_told++] = told;
	return HF_OK;
}

static enum hf_rc find_told(struct hf_notice_post *post, const struct hf_digest *lockdown, struct hf_err *err)
{
	const struct hf_notice_ask ask = {.lockdown = lockdown, .most = INT64_MAX};
	enum hf_rc rc = hf_journal_each_notice(post->c->journal, &ask, note_told, post, err);
	return rc == HF_OK ? cancel(post, lockdown, err) : rc;
}

static enum hf_rc note_ended(struct hf_notice_post *post, const struct hf_digest *lockdown,
			     const struct hf_order *release, struct hf_err *err)
{
	if (hf_rows_reserve(&post->ended, &post->ended_room, post->n_ended + 1, sizeof(*post->ended)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for messages");
	post->ended[post->n_ended++] = *lockdown;
	return find_earlier(post, lockdown, release, err);
}

/* One second message for each address, of however many lockdowns it is the end. */
static enum hf_rc write_release(struct hf_notice_post *post, struct hf_letter_matter *matter, struct hf_err *err)
{
	const struct hf_orders *orders = &post->c->known.orders;
	struct hf_tell tell = {.what = HF_TOLD_SECOND, .due = hf_clock_wall()};
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < orders->n && rc == HF_OK; i++) {
		const struct hf_heard *raise = &orders->v[i];
		if (raise->order->act != HF_ACT_RAISE || raise->order->kind != matter->order->kind ||
		    raise->order->mode != matter->order->mode || !hf_order_ends(matter->order, raise))
			continue;
		matter->lockdown = &raise->envelope->digest;
		rc = find_told(post, matter->lockdown, err);
		if (rc == HF_OK)
			rc = note_ended(post, matter->lockdown, matter->order, err);
	}
	for (size_t i = 0; i < post->n_told && rc == HF_OK; i++) {
		const struct hf_contact to = {.person = post->told[i].person, .name = "", .title = ""};
		tell.to = &to;
		tell.channel = post->told[i].channel;
		tell.address = post->told[i].address;
		rc = hf_notice_post_letter(post, matter, &tell, err);
	}
	return rc;
}

static const char *draft_name(const struct hf_envelope *envelope, const struct hf_order *order, char room[100])
{
	enum hf_rc rc = HF_OK;
	if (!order)
		rc = hf_str_printf(room, 100, "A new %s", hf_doc_type_name(envelope->type));
	else
		rc = hf_str_printf(room, 100, "%s of %s %s lockdown",
				   order->act == HF_ACT_RELEASE ? "The all-clear"
				   : order->act == HF_ACT_AMEND ? "A change"
								: "The beginning",
				   order->kind == HF_KIND_EMERGENCY ? "an" : "a", hf_kind_name(order->kind));
	return rc == HF_OK ? room : "A document";
}

/* Roots are keys, not people: nobody knows where they are told. */
static enum hf_rc write_draft(struct hf_notice_post *post, struct hf_letter_matter *matter,
			      const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_tellings struct hf_tellings tellings = {0};
	hf_auto_judgement struct hf_judgement judgement = {0};
	const struct hf_bench bench = hf_controller_bench(post->c);
	const struct hf_telling_ask ask = ask_of(post);
	char room[100];
	enum hf_rc rc;
	(void)hf_judge(&bench, envelope, &judgement, NULL);
	if (!judgement.roles)
		return HF_OK;
	rc = hf_telling_draft(&ask, judgement.roles,
			      &(struct hf_strs){judgement.signed_by, judgement.n_signed_by}, &tellings);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for messages");
	matter->waits = draft_name(envelope, matter->order, room);
	return write_letters(post, matter, &tellings, err);
}

static enum hf_rc write_order(struct hf_notice_post *post, struct hf_letter_matter *matter, struct hf_err *err)
{
	switch (matter->order->act) {
	case HF_ACT_AMEND:
		matter->lockdown = &matter->order->of;
		return write_raise(post, matter, err);
	case HF_ACT_RAISE:
		return write_raise(post, matter, err);
	case HF_ACT_RELEASE:
		return write_release(post, matter, err);
	case HF_ACT_COUNT:
		break;
	}
	return HF_OK;
}

enum hf_rc hf_notice_post_write(struct hf_notice_post *post, enum hf_record_kind kind,
				const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_order struct hf_order *order = NULL;
	struct hf_signers found;
	const char *ids[HF_SIGNATURES_MAX];
	struct hf_strs signers = {ids, 0};
	struct hf_letter_matter matter = {.council = post->c->known.council, .signers = &signers,
					  .people = &post->people, .lockdown = &envelope->digest};
	enum hf_rc rc = read_people(post, err);
	if (rc == HF_OK && envelope->type == HF_DOC_ORDER)
		rc = hf_order_decode(envelope, &order, err);
	if (rc != HF_OK)
		return rc;
	hf_signers_find(post->c->known.trust, envelope, &found);
	for (; signers.n < found.n_people; signers.n++)
		ids[signers.n] = found.people[signers.n]->id;
	matter.order = order;
	matter.size = (int64_t)hf_journal_tree(post->c->journal)->size;
	matter.root = hf_merkle_root(hf_journal_tree(post->c->journal));
	if (kind == HF_RECORD_DRAFT)
		return write_draft(post, &matter, envelope, err);
	/* Whoever was to approve it need not any more. */
	rc = cancel(post, &envelope->digest, err);
	return rc == HF_OK && order ? write_order(post, &matter, err) : rc;
}

void hf_notice_post_done(struct hf_notice_post *post)
{
	for (size_t i = 0; i < post->n_letters; i++)
		hf_letter_done(&post->letters[i]);
	for (size_t i = 0; i < HF_TOLD_COUNT; i++) {
		free(post->words[0].templates[i]);
		free(post->words[1].templates[i]);
	}
	hf_contacts_done(&post->people);
	free(post->letters);
	free(post->rows);
	free(post->cancels);
	free(post->told);
	free(post->ended);
	free(post->earlier);
}
