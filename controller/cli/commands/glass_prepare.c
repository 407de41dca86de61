/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast glass prepare`: one side makes the halves by which devices can be opened that nobody hears.
 * Must never write down a half: what leaves here is what it is known by.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/glass_key.h"
#include "controller/office/client.h"
#include "controller/office/glass_papers.h"
#include "controller/office/post.h"

#define SLOTS 4	       /* unless said otherwise: a year of one device */
#define MINUTES 60     /* unless said otherwise */
#define THREADS_MAX 16 /* that work out verifiers: a tenth of a second and 32 MiB each */

/* One device of those that are prepared. */
struct prepared {
	struct hf_glass glass; /* its texts belong to the view */
	struct hf_digest verifiers[HF_GLASS_SLOTS_MAX];
	enum hf_rc rc;
};

struct preparing {
	struct hf_officer *officer;
	const char *key_path;
	struct hf_key *key;
	enum hf_glass_side side;
	int64_t slots, minutes, set;
	struct hf_digest people;
	struct prepared *v;
	size_t n;
	atomic_size_t next; /* that nobody works on */
};

static void preparing_done(struct preparing *p)
{
	hf_key_free(&p->key);
	free(p->v);
}

#define auto_preparing __attribute__((cleanup(preparing_done)))

enum hf_rc hf_glass_side_of(const struct hf_officer *officer, enum hf_glass_side *ret, struct hf_err *err)
{
	for (int side = 0; side < HF_GLASS_SIDES; side++) {
		if (!hf_glass_is_of(officer->view->known.trust, officer->person, (enum hf_glass_side)side))
			continue;
		*ret = (enum hf_glass_side)side;
		return HF_OK;
	}
	return hf_err_set(err, HF_E_ROLE,
			  "%s is of neither side of break-glass: the roots give the role glass-a or glass-b (`holdfast trust propose "
			  "--roles`).",
			  officer->person->id);
}

enum hf_rc hf_glass_ask_key(const struct hf_officer *officer, const char *path, struct hf_key **ret_key, struct hf_err *err)
{
	const struct hf_trust *trust = officer->view->known.trust;
	hf_auto_key struct hf_key *key = NULL;
	struct hf_pub pub;
	enum hf_rc rc;

	if (!path)
		return hf_err_set(err, HF_E_USAGE, "Say with --glass-key FILE which is the key of your side.");
	rc = hf_ask_key(officer->cli, path, &key, err);
	if (rc != HF_OK)
		return rc;
	pub = hf_key_pub(key);
	if (hf_trust_person_of_key(trust, &pub) || hf_trust_is_root(trust, &pub))
		return hf_err_set(err, HF_E_KEY,
				  "%s is a key that somebody signs with: make one for your side, with `holdfast key new`.", path);
	*ret_key = hf_steal_ptr(&key);
	return HF_OK;
}

static struct hf_glass_slot slot_of(const struct hf_glass *glass, int64_t slot)
{
	return (struct hf_glass_slot){glass->council, glass->device, glass->pub, glass->side, glass->set, slot};
}

static enum hf_rc work_out(const struct preparing *p, struct prepared *one)
{
	enum hf_rc rc = HF_OK;

	for (int64_t slot = 1; slot <= p->slots && rc == HF_OK; slot++) {
		const struct hf_glass_slot which = slot_of(&one->glass, slot);
		struct hf_glass_half half;

		rc = hf_glass_derive(p->key, &which, &half);
		if (rc == HF_OK)
			rc = hf_glass_verifier(&half, &which, &one->verifiers[slot - 1]);
		memset(&half, 0, sizeof(half));
	}
	return rc;
}

static void *work(void *arg)
{
	struct preparing *p = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&p->next, 1);

		if (i >= p->n)
			return NULL;
		p->v[i].rc = work_out(p, &p->v[i]);
	}
}

/* As many as there are processors; without a thread it goes slower. */
static enum hf_rc work_all(struct preparing *p, struct hf_err *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[THREADS_MAX];
	size_t n = 0;

	while (n < THREADS_MAX && (long)n + 1 < cores && pthread_create(&threads[n], NULL, work, p) == 0)
		n++;
	(void)work(p);
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].rc != HF_OK)
			return hf_err_set(err, p->v[i].rc, "There is not enough memory.");
	return HF_OK;
}

/* The number that the other side has made, if this one has not; else the next. */
static int64_t set_of(const struct preparing *p, const json_t *row)
{
	const json_t *glass = json_object_get(row, "glass");
	int64_t mine = hf_client_number(glass, hf_glass_side_name(p->side));
	int64_t other = hf_client_number(glass, hf_glass_side_name(p->side == HF_GLASS_A ? HF_GLASS_B : HF_GLASS_A));

	if (p->set > 0)
		return p->set;
	return other > mine ? other : mine + 1;
}

static void take_device(struct preparing *p, const json_t *row)
{
	const struct hf_view *view = p->officer->view;
	const char *id = hf_client_text(row, "device", "");
	const struct hf_assignment *assignment = hf_assigned_find(&view->assigned, id);
	struct prepared *one = &p->v[p->n];

	if (!assignment)
		return;
	one->glass = (struct hf_glass){.council = view->known.trust->council,
				       .device = assignment->device,
				       .pub = assignment->pub,
				       .side = p->side,
				       .set = set_of(p, row),
				       .issued = view->now,
				       .until = {view->now.s + HF_GLASS_LIFE_S},
				       .minutes = p->minutes,
				       .people = p->people,
				       .verifiers = one->verifiers,
				       .n_verifiers = (size_t)p->slots};
	p->n++;
}

/* The same key makes the same halves of the same number. Which were given before is known here, and not asked of a server. */
static enum hf_rc never_twice(const struct preparing *p, struct hf_glass *glass, struct hf_err *err)
{
	const struct hf_glass_paper paper = {.key = p->key_path, .device = glass->device};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_glass struct hf_glass *before = NULL;
	enum hf_rc rc = hf_glass_paper_get(&paper, &envelope, err);

	if (rc == HF_E_ABSENT)
		return HF_OK;
	if (rc == HF_OK)
		rc = hf_glass_decode(envelope, &before, err);
	if (rc != HF_OK || before->set < glass->set || memcmp(before->pub.b, glass->pub.b, sizeof(before->pub.b)) != 0)
		return rc;
	if (p->set > 0)
		return hf_err_set(err, HF_E_ROLLBACK, "Halves of set %lld of the device %s were made with this key before: the next is set %lld.",
				  (long long)glass->set, glass->device, (long long)before->set + 1);
	glass->set = before->set + 1;
	return HF_OK;
}

static enum hf_rc all_new(struct preparing *p, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; i < p->n && rc == HF_OK; i++)
		rc = never_twice(p, &p->v[i].glass, err);
	return rc;
}

static bool is_wanted(const struct hf_args *args, const json_t *row)
{
	for (size_t i = 0; i < args->n_rest; i++)
		if (strcmp(args->rest[i], hf_client_text(row, "device", "")) == 0)
			return true;
	return args->n_rest == 0;
}

static enum hf_rc all_are_there(const struct preparing *p, const struct hf_args *args, struct hf_err *err)
{
	for (size_t i = 0; i < args->n_rest; i++) {
		bool there = false;

		for (size_t k = 0; k < p->n; k++)
			there = there || strcmp(p->v[k].glass.device, args->rest[i]) == 0;
		if (!there)
			return hf_err_set(err, HF_E_ABSENT, "There is no device %s.", args->rest[i]);
	}
	return p->n > 0 ? HF_OK : hf_err_set(err, HF_E_ABSENT, "There is no device yet.");
}

static enum hf_rc find_devices(struct preparing *p, const struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	json_t *rows, *row;
	size_t index;
	enum hf_rc rc = hf_client_pages(p->officer->view->office, "/v1/devices", &answer, err);

	if (rc == HF_OK)
		rc = hf_glass_people(p->officer->view->known.trust, &p->people);
	rows = json_object_get(answer, "devices");
	p->v = rc == HF_OK ? calloc(json_array_size(rows) + 1, sizeof(*p->v)) : NULL;
	if (rc == HF_OK && !p->v)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (rc != HF_OK)
		return rc;
	json_array_foreach(rows, index, row)
	{
		if (is_wanted(args, row))
			take_device(p, row);
	}
	rc = all_are_there(p, args, err);
	return rc == HF_OK ? all_new(p, err) : rc;
}

static enum hf_rc post_one(const struct preparing *p, const struct prepared *one, json_t *answer, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *said = NULL;
	const struct hf_glass_paper paper = {.key = p->key_path, .device = one->glass.device};
	enum hf_rc rc = hf_folder_envelope(HF_DOC_GLASS, hf_glass_encode(&one->glass), &envelope, err);

	if (rc == HF_OK)
		rc = hf_envelope_sign(envelope, p->officer->key, err);
	if (rc == HF_OK)
		rc = hf_post(p->officer->view->office, envelope, &said, err);
	if (rc == HF_OK)
		rc = hf_glass_paper_put(&paper, envelope, err);
	if (rc == HF_OK &&
	    json_array_append_new(answer, json_pack("{s:s, s:I}", "device", one->glass.device, "set", (json_int_t)one->glass.set)) != 0)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return rc;
}

/* What is posted stands: the answer says of which devices. */
static enum hf_rc post_all(const struct preparing *p, json_t *answer, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = HF_OK;
	size_t i = 0;

	for (; i < p->n && rc == HF_OK; i++)
		rc = post_one(p, &p->v[i], answer, &why);
	if (rc == HF_OK)
		return rc;
	return hf_err_set(err, rc, "%zu of %zu devices are prepared, and then: %.200s", json_array_size(answer), p->n, why.text);
}

static enum hf_rc say_prepared(const struct preparing *p, json_t *answer, struct hf_err *err)
{
	struct hf_cli *cli = p->officer->cli;

	if (cli->json)
		return hf_cli_answer(cli,
				     json_pack("{s:s, s:I, s:I, s:I, s:O}", "side", hf_glass_side_name(p->side), "slots",
					       (json_int_t)p->slots, "minutes", (json_int_t)p->minutes, "until",
					       (json_int_t)p->v[0].glass.until.s, "devices", answer),
				     err);
	fprintf(cli->out,
		hf_text_n("Side %s has made its halves of %zu device. It can be opened once the other side has, too.\n",
			  "Side %s has made its halves of %zu devices. They can be opened once the other side has, too.\n", p->n),
		hf_glass_side_name(p->side), p->n);
	return HF_OK;
}

static void show(const struct preparing *p)
{
	const struct hf_officer *officer = p->officer;
	struct hf_words words = {.out = officer->cli->talk, .marks = hf_cli_marks(officer->cli), .view = officer->view};
	char until[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

	hf_words_heading(&words, HF_TONE_PLAIN, hf_text_n("BREAK-GLASS, side %s: halves of %zu device", "BREAK-GLASS, side %s: halves of %zu devices", p->n),
			 hf_glass_side_name(p->side), p->n);
	hf_words_line(&words,
		      "%lld of each. One of them and one of the other side open the device once, for %lld minutes, when it has not heard "
		      "the council for half an hour.",
		      (long long)p->slots, (long long)p->minutes);
	hf_words_line(&words, "They hold until %s, and end with any change of the people of either side. Halves of before end now.",
		      hf_wall_text(p->v[0].glass.until, until));
	hf_words_line(&words, "You sign as %s.", hf_words_who(&words, officer->person->id, who));
}

static enum hf_rc prepare(struct preparing *p, const struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *answer = json_array();
	enum hf_rc rc = hf_officer_open(p->officer, err);

	if (rc == HF_OK)
		rc = hf_glass_side_of(p->officer, &p->side, err);
	if (rc == HF_OK)
		rc = hf_glass_ask_key(p->officer, p->key_path, &p->key, err);
	if (rc == HF_OK)
		rc = find_devices(p, args, err);
	if (rc != HF_OK)
		return rc;
	show(p);
	rc = hf_ask_word(p->officer->cli, "APPROVE", hf_text("Do you approve this?"), err);
	if (rc == HF_OK)
		rc = work_all(p, err);
	hf_ask_interrupts(HF_COME_SIGNED);
	if (rc == HF_OK)
		rc = post_all(p, answer, err);
	return rc == HF_OK ? say_prepared(p, answer, err) : rc;
}

static enum hf_rc check_wishes(const struct preparing *p, struct hf_err *err)
{
	if (p->slots < 1 || p->slots > HF_GLASS_SLOTS_MAX)
		return hf_err_set(err, HF_E_USAGE, "--slots is between 1 and %d.", HF_GLASS_SLOTS_MAX);
	if (p->minutes < HF_GLASS_MINUTES_LEAST || p->minutes > HF_GLASS_MINUTES_MAX)
		return hf_err_set(err, HF_E_USAGE, "--minutes is between %d and %d.", HF_GLASS_MINUTES_LEAST, HF_GLASS_MINUTES_MAX);
	return HF_OK;
}

enum hf_rc hf_cli_glass_prepare(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	auto_preparing struct preparing p = {.officer = &officer, .slots = SLOTS, .minutes = MINUTES};
	const struct hf_arg rows[] = {
		{"glass-key", HF_ARG_TEXT, &p.key_path, "FILE", HF_TEXT("the key of your side, of no other use"), 0},
		{"slots", HF_ARG_INT, &p.slots, "N", HF_TEXT("how often a device can be opened (4)"), 0},
		{"minutes", HF_ARG_INT, &p.minutes, "N", HF_TEXT("for how long each time (60)"), 0},
		{"set", HF_ARG_INT, &p.set, "N", HF_TEXT("the number of the set (that of the other side, or the next)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = check_wishes(&p, err);
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK && !view.online)
		rc = hf_err_set(err, HF_E_ABSENT, "The controller does not answer: halves are made while it does.");
	if (rc == HF_OK)
		rc = hf_view_assigned(&view, err);
	return rc == HF_OK ? prepare(&p, args, err) : rc;
}
