/* SPDX-License-Identifier: MIT */
/*
 * Owns the seeded test that no delivery of messages, genuine or not, opens a lock that an agent knew of.
 * Must never ask the code under test what an agent should do: the model below is told only what was delivered.
 *
 * HF_AGENTS says how many agents there are, HF_SEED where the dice begin, HF_AGENT plays one of them alone.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/known.h>
#include <holdfast/posture.h>

#include "tests/help/council.h"
#include "tests/help/dice.h"

#define E HF_KIND_EMERGENCY
#define P HF_KIND_PURDAH
#define T COUNCIL_T
#define BEGINS (T + 10 * COUNCIL_DAY) /* the purdah */
#define ENDS (T + 20 * COUNCIL_DAY)
#define ENDS_AMENDED (T + 25 * COUNCIL_DAY)
#define ORDERS_MAX 64
#define MESSAGES_MAX 128

/* What an agent can learn, as bits. */
enum {
	MAIN = 1 << 0,	 /* an emergency; its officer leaves with the second trust, which affirms it */
	SECOND = 1 << 1, /* another */
	NEVER = 1 << 2,	 /* one that nobody ever releases: the forgers' target */
	PURDAH = 1 << 3, /* a full block, planned */
	LONGER = 1 << 4, /* the amendment of it that ends later */
	NOTHING = 0
};

/* One order of the story, or of an attacker. */
struct made {
	struct hf_envelope *envelope;
	unsigned raises, releases; /* what it teaches; nothing if it is forged */
	bool affirmed;		   /* the second trust affirms it, whoever signed */
	bool approved;		   /* it carries enough approvals */
};

/* One message of the bus. */
struct message {
	char *buf;
	size_t len;
	struct hf_envelope *envelope;	     /* what it is when nobody spoils it */
	unsigned raises, releases;	     /* taught to whoever hears it whole */
	unsigned late_raises, late_releases; /* taught to who has the second trust, even if signatures are spoilt */
	int64_t issued;			     /* of a state, else 0 */
	bool genuine, second_trust;
};

static struct council council;
static struct made orders[ORDERS_MAX];
static size_t n_orders;
static struct message messages[MESSAGES_MAX];
static size_t n_messages, n_genuine;
static struct hf_register *reg; /* as decoded, for agents that have not heard theirs */
static struct hf_assignment *assignment;

/* The orders */

static struct hf_envelope *make(const struct hf_order *doc, unsigned who, unsigned raises, unsigned releases)
{
	struct made *made = &orders[n_orders++];

	cr_assert_leq(n_orders, ORDERS_MAX);
	made->envelope = council_order(&council, doc, who);
	made->raises = raises;
	made->releases = releases;
	made->approved = raises != 0 || releases != 0;
	made->affirmed = (who & COMMS_1) != 0 && made->approved;
	return made->envelope;
}

static struct hf_envelope *forge(const struct hf_order *doc, unsigned who)
{
	struct made *made = &orders[n_orders++];

	cr_assert_leq(n_orders, ORDERS_MAX);
	made->envelope = council_order(&council, doc, who);
	return made->envelope;
}

/* The story's own orders, by name, for the states. */
static struct hf_envelope *o_main, *o_words, *o_fewer, *o_main_over, *o_second, *o_second_over, *o_both_over, *o_never,
	*o_purdah, *o_longer, *o_purdah_over, *o_drill, *o_drill_over;

static struct hf_order planned_purdah(void)
{
	struct hf_order doc = council_raise_doc(P);

	doc.body.level = HF_LEVEL_BLOCK;
	doc.body.from.s = BEGINS;
	doc.body.until.s = ENDS;
	return doc;
}

static void make_raises(void)
{
	struct hf_order doc = council_raise_doc(E);

	o_main = make(&doc, COMMS_1, MAIN, 0);
	doc.at.s += 1;
	o_second = make(&doc, COMMS_2, SECOND, 0);
	doc.at.s += 1;
	o_never = make(&doc, COMMS_2, NEVER, 0);
	doc = council_raise_doc(E);
	doc.mode = HF_MODE_EXERCISE;
	o_drill = make(&doc, COMMS_2, NOTHING, 0);
	doc = planned_purdah();
	o_purdah = make(&doc, ELECTIONS_1, PURDAH, 0);
}

static void make_amendments(void)
{
	struct hf_order doc = council_amend_doc(E, o_main, 1);

	doc.body.reason = "Other words.";
	o_words = make(&doc, COMMS_2, NOTHING, 0);
	doc = council_amend_doc(E, o_main, 2);
	doc.body.accounts = COUNCIL_LIST("x:CannockChaseDC", "facebook:cannockchasedc");
	o_fewer = make(&doc, COMMS_1 | MONITORING_1, NOTHING, 0);
	orders[n_orders - 1].affirmed = true; /* it loosens, and by the second trust one approver has left */
	doc = planned_purdah();
	doc.act = HF_ACT_AMEND;
	doc.of = o_purdah->digest;
	doc.rev = 1;
	doc.body.until.s = ENDS_AMENDED;
	o_longer = make(&doc, ELECTIONS_1, LONGER, 0);
}

static void make_releases(void)
{
	struct hf_digest both[] = {o_main->digest, o_second->digest};
	struct hf_order doc = council_release_doc(E, &both[0], 1);

	o_main_over = make(&doc, COMMS_1 | MONITORING_1, 0, MAIN);
	doc = council_release_doc(E, &both[1], 1);
	o_second_over = make(&doc, COMMS_2 | MONITORING_1, 0, SECOND);
	doc = council_release_doc(E, both, 2);
	doc.at.s += 1;
	o_both_over = make(&doc, COMMS_2 | MONITORING_1, 0, MAIN | SECOND);
	doc = council_release_doc(P, &o_purdah->digest, 1);
	o_purdah_over = make(&doc, ELECTIONS_1 | MONITORING_1, 0, PURDAH);
	doc = council_release_doc(E, &o_drill->digest, 1);
	doc.mode = HF_MODE_EXERCISE;
	o_drill_over = make(&doc, COMMS_2, 0, NOTHING);
}

/* All-clears that are none. What lacks approvals has words of its own, so that it is no spoilt copy of a good one. */
static void forge_releases(void)
{
	static const unsigned too_little[] = {NOBODY,	      COMMS_2,
					      MONITORING_1,   COMMS_1 | COMMS_1_SECOND,
					      COMMS_2 | IT_1, ELECTIONS_1 | IT_1,
					      CONTROLLER,     STRANGER | ROOT_1};
	struct hf_digest all[] = {o_main->digest, o_second->digest, o_never->digest, o_purdah->digest};
	struct hf_digest unheard = {.b = {1, 2, 3}};
	struct hf_order doc = council_release_doc(E, all, 3);
	struct hf_envelope *altered;

	doc.message = "All clear, says the forger.";
	for (size_t i = 0; i < HF_LEN(too_little); i++) {
		doc.at.s++;
		forge(&doc, too_little[i]);
	}
	doc.at.s++;
	altered = forge(&doc, NOBODY);
	memcpy(altered->signatures, o_main_over->signatures, sizeof(altered->signatures));
	altered->n_signatures = o_main_over->n_signatures;
	doc.council = "stafford";
	forge(&doc, COMMS_2 | MONITORING_1);
	doc = council_release_doc(E, all, 4);
	doc.mode = HF_MODE_EXERCISE;
	forge(&doc, COMMS_2); /* approved: the end of a drill */
	doc = council_release_doc(P, all, 3);
	forge(&doc, ELECTIONS_1 | MONITORING_1); /* approved: the end of a purdah */
	doc = council_release_doc(E, &all[3], 1);
	forge(&doc, COMMS_2 | MONITORING_1); /* approved: the end of an emergency */
	doc = council_release_doc(E, &unheard, 1);
	forge(&doc, COMMS_2 | MONITORING_1); /* approved: of a lockdown that nobody knows */
}

static void forge_amendments(void)
{
	struct hf_order doc = council_amend_doc(E, o_never, 1), same = doc, purdah = planned_purdah();

	doc.body.accounts = COUNCIL_LIST("instagram:visitcannockchase");
	forge(&doc, COMMS_2);
	doc = same;
	doc.body.groups = COUNCIL_LIST("depot");
	forge(&doc, COMMS_2);
	doc = same;
	doc.body.exempt = COUNCIL_LIST("comms-2");
	forge(&doc, COMMS_2);
	doc.at.s++;
	forge(&doc, COMMS_2 | MONITORING_1); /* release roles, but not accounts */
	doc = same;
	doc.mode = HF_MODE_EXERCISE;
	doc.body.exempt = COUNCIL_LIST("comms-2");
	forge(&doc, COMMS_2);
	doc = same;
	doc.rev = 7; /* the six before it are never heard */
	doc.body.groups = COUNCIL_LIST("depot");
	forge(&doc, COMMS_2 | MONITORING_1);
	purdah.act = HF_ACT_AMEND;
	purdah.of = o_purdah->digest;
	purdah.rev = 2;
	purdah.body.from.s = ENDS_AMENDED;
	forge(&purdah, ELECTIONS_1);
	purdah = planned_purdah();
	purdah.act = HF_ACT_AMEND;
	purdah.of = o_purdah->digest;
	purdah.rev = 1;
	purdah.body.until.s = BEGINS + 1;
	forge(&purdah, ELECTIONS_1);
	purdah.body.until.s = ENDS;
	purdah.body.level = HF_LEVEL_GUARD;
	forge(&purdah, ELECTIONS_1);
}

/* The messages */

static struct message *add_message(struct hf_envelope *envelope)
{
	struct message *message = &messages[n_messages++];

	cr_assert_leq(n_messages, MESSAGES_MAX);
	cr_assert_eq(hf_envelope_encode(envelope, &message->buf, &message->len, NULL), HF_OK);
	message->envelope = envelope;
	return message;
}

static void add_order_message(const struct made *made)
{
	struct hf_envelope *copy = NULL;
	struct message *message;

	cr_assert_eq(hf_envelope_copy(made->envelope, &copy), HF_OK);
	message = add_message(copy);
	message->raises = made->raises;
	message->releases = made->releases;
	message->late_raises = made->affirmed ? made->raises : 0;
	message->late_releases = made->affirmed ? made->releases : 0;
}

static const struct made *made_of(const struct hf_envelope *envelope)
{
	for (size_t i = 0; i < n_orders; i++)
		if (orders[i].envelope == envelope)
			return &orders[i];
	cr_assert_fail("a state carries an order that nobody made");
	return NULL;
}

struct page {
	const char *controller;
	int64_t seq, issued;
	struct hf_envelope *v[8];
};

static void add_state(const struct page *page, unsigned who)
{
	struct hf_state doc = council_state_doc(&council, page->seq, (struct hf_envelope **)page->v, 0);
	struct message *message;

	while (doc.n_orders < HF_LEN(page->v) && page->v[doc.n_orders])
		doc.n_orders++;
	doc.controller = page->controller;
	doc.issued.s = page->issued;
	doc.valid_until.s = page->issued + 300 < HF_WALL_MAX ? page->issued + 300 : HF_WALL_MAX;
	message = add_message(council_state(&council, &doc, who));
	message->issued = page->issued;
	for (size_t i = 0; i < doc.n_orders; i++) {
		message->raises |= made_of(page->v[i])->raises;
		message->releases |= made_of(page->v[i])->releases;
	}
}

static void add_story_states(void)
{
	const struct page pages[] = {
		{"main", 1, T + 61, {o_main}},
		{"main", 2, T + 62, {o_words, o_main}},
		{"main", 3, T + 63, {o_purdah, o_main, o_words, o_fewer}},
		{"main", 4, T + 7300, {o_main_over, o_fewer, o_words, o_main, o_purdah}},
		{"main", 5, T + 7400, {o_second, o_purdah, o_drill}},
		{"main", 6, T + 7500, {o_never, o_second, o_second_over, o_drill_over, o_drill}},
		{"main", 7, BEGINS + 1, {o_purdah, o_longer, o_never}},
		{"main", 8, ENDS + 10, {o_purdah, o_never}},
		{"main", 9, ENDS_AMENDED + 10, {o_purdah_over, o_longer, o_purdah}},
		{"spare", 1, T + 62, {o_main, o_second}},
		{"spare", 2, T + 9000, {o_both_over}},
		{"spare", 3, T + 9100, {NULL}},
	};

	for (size_t i = 0; i < HF_LEN(pages); i++)
		add_state(&pages[i], pages[i].controller[0] == 'm' ? CONTROLLER : SPARE);
}

static void add_second_trust(void)
{
	struct hf_trust doc = council_trust_doc(&council);
	struct hf_digest affirmed[ORDERS_MAX + 2];

	doc.epoch = 2;
	doc.people = council.people + 1; /* comms-1 has left */
	doc.n_people = COUNCIL_PEOPLE - 1;
	doc.affirmed = affirmed;
	for (size_t i = 0; i < n_orders; i++)
		if (orders[i].affirmed)
			affirmed[doc.n_affirmed++] = orders[i].envelope->digest;
	affirmed[doc.n_affirmed++] = council.reg->digest;
	affirmed[doc.n_affirmed++] = council.assignment->digest;
	add_message(council_trust(&council, &doc, ROOT_1 | ROOT_2))->second_trust = true;
}

static void add_genuine(size_t n_story_orders)
{
	struct hf_envelope *copy = NULL;

	for (size_t i = 0; i < n_story_orders; i++)
		add_order_message(&orders[i]);
	add_story_states();
	add_second_trust();
	cr_assert_eq(hf_envelope_copy(council.reg, &copy), HF_OK);
	add_message(copy);
	copy = NULL;
	cr_assert_eq(hf_envelope_copy(council.assignment, &copy), HF_OK);
	add_message(copy);
	n_genuine = n_messages;
	for (size_t i = 0; i < n_genuine; i++)
		messages[i].genuine = true;
}

/* The controller's own key has been stolen: states of forged orders, older ones again, times that are not. */
static void add_forged_states(size_t first)
{
	struct page page = {"main", 100, T + 8000, {o_never}};

	for (size_t i = first; i < n_orders; i++) {
		page.seq++;
		page.v[0] = orders[i].envelope;
		page.v[1] = one_in(2) ? orders[below(n_orders)].envelope : NULL;
		add_state(&page, CONTROLLER);
	}
	add_state(&(struct page){"main", 2, T + 1, {NULL}}, CONTROLLER);
	add_state(&(struct page){"main", INT32_MAX, HF_WALL_MAX, {o_drill}}, CONTROLLER);
	add_state(&(struct page){"spare", 3, 0, {NULL}}, SPARE);
}

/* Documents by who may not, and swapped signatures. Nothing of it teaches anything. */
static void add_forged_documents(void)
{
	struct hf_trust trust = council_trust_doc(&council);
	struct hf_register empty = council_register_doc();
	struct hf_assignment elsewhere = council_assignment_doc(&council);
	struct hf_state by_device = council_state_doc(&council, 500, &o_both_over, 1);

	trust.epoch = 2;
	trust.void_before.s = HF_WALL_MAX;
	add_message(council_trust(&council, &trust, ROOT_1));
	add_message(council_trust(&council, &trust, CONTROLLER | COMMS_1));
	trust.epoch = 3;
	add_message(council_trust(&council, &trust, ROOT_1 | CONTROLLER));
	empty.version = 9;
	empty.n_tools = 0;
	add_message(council_register(&council, &empty, COMMS_2 | MONITORING_1));
	elsewhere.version = 9;
	elsewhere.groups = COUNCIL_LIST("depot");
	add_message(council_assignment(&council, &elsewhere, COMMS_2));
	add_message(council_state(&council, &by_device, DEVICE | STRANGER));
	for (int i = 0; i < 8; i++) {
		struct message *into = &messages[below(n_genuine)], *message;
		struct hf_envelope *copy = NULL;

		if (into->envelope->type != HF_DOC_ORDER)
			continue;
		cr_assert_eq(hf_envelope_copy(into->envelope, &copy), HF_OK);
		memcpy(copy->signatures, o_longer->signatures, sizeof(copy->signatures));
		copy->n_signatures = o_longer->n_signatures;
		if (hf_digest_cmp(&copy->digest, &o_longer->digest) == 0 ||
		    hf_digest_cmp(&copy->digest, &o_purdah->digest) == 0)
			copy->n_signatures = 0;
		message = add_message(copy);
		message->late_raises = into->late_raises;
		message->late_releases = into->late_releases;
	}
}

static void open_all(void)
{
	size_t n_story;

	council_open(&council);
	cr_assert_eq(hf_register_decode(council.reg, &reg, NULL), HF_OK);
	cr_assert_eq(hf_assignment_decode(council.assignment, &assignment, NULL), HF_OK);
	make_raises();
	make_amendments();
	make_releases();
	n_story = n_orders;
	forge_releases();
	forge_amendments();
	dice_at = 1;
	add_genuine(n_story);
	for (size_t i = n_story; i < n_orders; i++)
		add_order_message(&orders[i]);
	add_forged_states(n_story);
	add_forged_documents();
}

static void close_all(void)
{
	for (size_t i = 0; i < n_messages; i++) {
		free(messages[i].buf);
		hf_envelope_free(&messages[i].envelope);
	}
	for (size_t i = 0; i < n_orders; i++)
		hf_envelope_free(&orders[i].envelope);
	hf_assignment_free(&assignment);
	hf_register_free(&reg);
	council_close(&council);
}

TestSuite(join, .init = open_all, .fini = close_all, .timeout = 1200);

/* The model: what an agent has been told, and what it must do because of it. */
struct model {
	unsigned raised, released;
	int64_t issued;
	bool second_trust;
	bool begun;		/* the purdah, while the agent looked */
	bool over, over_longer; /* it, or its longer form, while the agent looked: that stays */
};

static bool purdah_is_over(const struct model *model, int64_t local)
{
	int64_t until = model->raised & LONGER ? ENDS_AMENDED : ENDS;

	if (model->raised & LONGER ? model->over_longer : model->over)
		return true;
	return local > until && model->issued > until;
}

static bool purdah_holds(const struct model *model, int64_t local)
{
	if (!(model->raised & PURDAH) || (model->released & PURDAH) || purdah_is_over(model, local))
		return false;
	return model->begun || local >= BEGINS || model->issued >= BEGINS;
}

static bool must_be_shut(const struct model *model, int64_t local)
{
	return (model->raised & ~model->released & (MAIN | SECOND | NEVER)) != 0 || purdah_holds(model, local);
}

static void learn(struct model *model, const struct message *message, bool whole)
{
	if (whole) {
		model->raised |= message->raises;
		model->released |= message->releases;
		if (message->issued > model->issued)
			model->issued = message->issued;
		model->second_trust |= message->second_trust;
	} else if (model->second_trust) {
		model->raised |= message->late_raises;
		model->released |= message->late_releases;
	}
}

/* What was counted over all agents. */
static struct {
	size_t agents, heard, spoilt, refused, checks, shut, open, wrongly_open, wrongly_shut, restarts, first_wrong;
} counts;

/* Clocks that laptops have. */
static int64_t some_clock(void)
{
	static const int64_t clocks[] = {0,    946684800, T + 100,	    BEGINS - 1,	      BEGINS,	  BEGINS + 5,
					 ENDS, ENDS + 1,  ENDS_AMENDED + 1, ENDS_AMENDED + 9, 2147483648, HF_WALL_MAX};

	return clocks[below(HF_LEN(clocks))];
}

static bool is_shut(const struct hf_known *known, int64_t local)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_posture struct hf_posture posture = {0};
	struct hf_facts facts = {0};
	struct hf_wall clock = {local};

	cr_assert_eq(hf_known_lockdowns(known, clock, &lockdowns, NULL), HF_OK);
	cr_assert_eq(hf_posture_of(&(struct hf_posture_ask){&lockdowns, known->reg ? known->reg : reg,
							    known->assignment ? &known->versions
									      : COUNCIL_VERSIONS(assignment),
							    &facts, COUNCIL_PAIR("comms-2"), hf_known_now(known, clock)},
				   &posture, NULL),
		     HF_OK);
	return posture.tools[0].level == HF_LEVEL_BLOCK;
}

static void check(const struct hf_known *known, const struct model *model, size_t agent)
{
	int64_t local = some_clock();
	bool must = must_be_shut(model, local), is = is_shut(known, local);

	counts.checks++;
	counts.shut += is ? 1 : 0;
	counts.open += is ? 0 : 1;
	if (must == is)
		return;
	if (counts.wrongly_open + counts.wrongly_shut == 0)
		counts.first_wrong = agent;
	counts.wrongly_open += must ? 1 : 0;
	counts.wrongly_shut += is ? 1 : 0;
}

static void tick(struct hf_known *known, struct model *model)
{
	int64_t local = some_clock();
	bool is_new;

	cr_assert_eq(hf_known_tick(known, (struct hf_wall){local}, &is_new, NULL), HF_OK);
	model->begun |= purdah_holds(model, local);
	if ((model->raised & PURDAH) && !(model->released & PURDAH) && purdah_is_over(model, local))
		*(model->raised & LONGER ? &model->over_longer : &model->over) = true;
}

static void restart(struct hf_known *known)
{
	json_t *json = hf_known_encode(known);
	struct hf_known back = {0};

	cr_assert_eq(hf_known_decode(json, &back, NULL), HF_OK);
	json_decref(json);
	hf_known_done(known);
	*known = back;
	counts.restarts++;
}

/* Flips bits, cuts, or repeats a part. */
static size_t spoil(char *buf, size_t len)
{
	switch (below(4)) {
	case 0:
		return below(len);
	case 1:
		memmove(buf + below(len / 2), buf + len / 2, len / 4);
		return len;
	default:
		for (size_t n = 1 + below(3); n > 0; n--)
			buf[below(len)] ^= (char)(1 << below(8));
		return len;
	}
}

/* Is it still the message, every byte that counts? keyids do not. */
static bool is_whole(const struct message *message, const struct hf_envelope *got)
{
	if (!got || hf_digest_cmp(&got->digest, &message->envelope->digest) != 0 ||
	    got->n_signatures != message->envelope->n_signatures)
		return false;
	for (size_t i = 0; i < got->n_signatures; i++)
		if (memcmp(got->signatures[i].sig, message->envelope->signatures[i].sig, HF_SIG_LEN) != 0)
			return false;
	return true;
}

static void deliver(struct hf_known *known, struct model *model, const struct message *message, bool spoilt)
{
	static char buf[HF_MESSAGE_MAX];
	static struct hf_hearing hearing;
	hf_auto_envelope struct hf_envelope *got = NULL;
	size_t len = message->len;
	enum hf_rc rc;

	memcpy(buf, message->buf, len);
	if (spoilt)
		len = spoil(buf, len);
	rc = hf_known_hear(known, &(struct hf_message){buf, len, HF_DOC_COUNT}, &hearing, NULL);
	counts.heard++;
	counts.spoilt += spoilt ? 1 : 0;
	counts.refused += rc != HF_OK || hearing.n_refused > 0 ? 1 : 0;
	if (!spoilt) {
		learn(model, message,
		      message->raises != 0 || message->releases != 0 || message->issued != 0 || message->second_trust);
		return;
	}
	if (hf_envelope_decode(buf, len, &got, NULL) == HF_OK &&
	    hf_digest_cmp(&got->digest, &message->envelope->digest) == 0)
		learn(model, message, is_whole(message, got));
}

/* Genuine ones more often than forged ones; the second trust seldom, or there would be no first. */
static const struct message *some_message(void)
{
	const struct message *message = &messages[one_in(3) ? below(n_messages) : below(n_genuine)];

	if (message->second_trust && !one_in(4))
		return &messages[below(n_genuine)];
	return message;
}

static size_t some_length(void)
{
	size_t dice_shown = below(100);

	if (dice_shown < 75)
		return 1 + below(3);
	return dice_shown < 98 ? 3 + below(3) : 6 + below(20);
}

static void play(uint64_t seed, size_t agent)
{
	hf_auto_known struct hf_known known = {0};
	struct model model = {0};
	size_t length;

	dice_at = seed ^ (agent * 0xd1342543de82ef95u);
	length = some_length();
	cr_assert_eq(hf_known_begin(council.trust, COUNCIL_DEVICE, &known, NULL), HF_OK);
	for (size_t i = 0; i < length; i++) {
		deliver(&known, &model, some_message(), one_in(5));
		if (one_in(3))
			tick(&known, &model);
		if (one_in(100))
			restart(&known);
		check(&known, &model, agent);
	}
	check(&known, &model, agent);
	counts.agents++;
}

static void print_seed(uint64_t seed)
{
	fprintf(stderr,
		"join: seed %llu: %zu agents, %zu messages (%zu spoilt, %zu with something refused), %zu restarts, "
		"%zu checks: %zu shut, %zu open; wrongly open %zu, wrongly shut %zu\n",
		(unsigned long long)seed, counts.agents, counts.heard, counts.spoilt, counts.refused, counts.restarts,
		counts.checks, counts.shut, counts.open, counts.wrongly_open, counts.wrongly_shut);
	if (counts.wrongly_open + counts.wrongly_shut > 0)
		fprintf(stderr, "join: play it again with HF_SEED=%llu HF_AGENT=%zu\n", (unsigned long long)seed,
			counts.first_wrong);
}

/* Policy D9.2: nothing but a proven all-clear lifts it, whatever a broker, a thief of the controller's key, or a clock
 * does. */
Test(join, no_delivery_opens_a_lock_that_an_agent_knew_of)
{
	uint64_t seed = number_from("HF_SEED", 20260507), agents = number_from("HF_AGENTS", 100000);
	uint64_t only = number_from("HF_AGENT", UINT64_MAX);

	for (uint64_t agent = 0; agent < agents; agent++)
		if (only == UINT64_MAX || only == agent)
			play(seed, agent);
	print_seed(seed);
	cr_assert_gt(counts.agents, 0);
	if (only == UINT64_MAX && agents >= 1000) {
		cr_expect_gt(counts.shut, counts.checks / 10, "the dice never shut anything");
		cr_expect_gt(counts.open, counts.checks / 10, "the dice never opened anything");
	}
	cr_assert_eq(counts.wrongly_open, 0);
	cr_assert_eq(counts.wrongly_shut, 0);
}

/* All that hear everything agree */

static void shuffle(const struct message **v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = below(i);
		const struct message *swap = v[i - 1];

		v[i - 1] = v[k];
		v[k] = swap;
	}
}

/* Everything genuine once at least, some of it again, and what else is in the pool. */
static void hear_all(struct hf_known *known, size_t n_pool)
{
	const struct message *deck[2 * MESSAGES_MAX];
	struct model model = {0};
	size_t n = 0;

	for (size_t i = 0; i < n_genuine; i++)
		deck[n++] = &messages[i];
	for (size_t i = 0; i < n_genuine / 4; i++)
		deck[n++] = &messages[below(n_pool)];
	shuffle(deck, n);
	cr_assert_eq(hf_known_begin(council.trust, COUNCIL_DEVICE, known, NULL), HF_OK);
	for (size_t i = 0; i < n; i++)
		deliver(known, &model, deck[i], false);
}

static char *text_of(const struct hf_known *known)
{
	json_t *json = hf_known_encode(known);
	char *text = NULL;
	size_t len;

	cr_assert_eq(hf_json_bytes(json, &text, &len), HF_OK);
	json_decref(json);
	return text;
}

/* What is in force, and why, without what a forger may move: the time. */
static void fingerprint(const struct hf_known *known, char text[4096])
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	const struct hf_started none = {0};
	size_t len = 0;

	cr_assert_eq(hf_lockdowns_judge(&(struct hf_lockdowns_ask){&known->orders, known->trust, &none,
								   (struct hf_now){{BEGINS}, {BEGINS}}, NULL},
					&lockdowns, NULL),
		     HF_OK);
	for (size_t i = 0; i < lockdowns.n; i++) {
		const struct hf_lockdown *l = &lockdowns.v[i];

		len += (size_t)snprintf(text + len, 4096 - len, "%02x%02x %s rev %d, %zu bodies:", l->id.b[0],
					l->id.b[1], hf_phase_name(l->phase), (int)l->rev, l->n_bodies);
		for (size_t k = 0; k < l->n_bodies; k++)
			len += (size_t)snprintf(text + len, 4096 - len, " %02x%02x", l->bodies[k]->order->digest.b[0],
						l->bodies[k]->order->digest.b[1]);
		len += (size_t)snprintf(text + len, 4096 - len, " released by %02x\n",
					l->release ? l->release->order->digest.b[0] : 0);
	}
}

/* Which head is held hangs on what was proved when: that is no part of what all agree on. */
static void set_logs_aside(struct hf_known *known)
{
	for (size_t i = 0; i < known->n_controllers; i++)
		memset(&known->controllers[i].log, 0, sizeof(known->controllers[i].log));
}

static void agree(uint64_t seed, size_t agents, bool forgers)
{
	char *first = NULL, first_print[4096];

	for (size_t i = 0; i < agents; i++) {
		hf_auto_known struct hf_known known = {0};
		hf_auto_free char *text = NULL;
		char print[4096];

		dice_at = seed ^ (i * 0xd1342543de82ef95u) ^ (forgers ? 77 : 0);
		hear_all(&known, forgers ? n_messages : n_genuine);
		set_logs_aside(&known);
		text = text_of(&known);
		fingerprint(&known, print);
		if (!first) {
			first = strdup(text);
			strcpy(first_print, print);
		}
		cr_assert_str_eq(print, first_print, "agent %zu does other things", i);
		if (!forgers)
			cr_assert_str_eq(text, first, "agent %zu knows other things", i);
	}
	free(first);
}

Test(join, all_that_hear_everything_agree)
{
	uint64_t seed = number_from("HF_SEED", 20260507);
	size_t agents = (size_t)number_from("HF_AGENTS", 100000) / 400 + 8;

	agree(seed, agents, false);
	agree(seed, agents, true);
	fprintf(stderr, "join: %zu agents that heard everything agree, %zu of them with forgers in between\n",
		2 * agents, agents);
}

/* The laws of the join: of sets of orders, whatever is in them. */

static void add_all(struct hf_orders *into, const struct hf_trust *trust, const struct hf_orders *from)
{
	for (size_t i = 0; i < from->n; i++) {
		bool grew;

		cr_assert_eq(hf_orders_add(into, trust, from->v[i].envelope, &grew, NULL), HF_OK);
	}
}

static void some_orders(struct hf_orders *into, const struct hf_trust *trust)
{
	for (size_t n = below(8); n > 0; n--) {
		hf_auto_envelope struct hf_envelope *copy = NULL;
		bool grew;

		cr_assert_eq(hf_envelope_copy(orders[below(n_orders)].envelope, &copy), HF_OK);
		if (one_in(3)) /* one more approval, or one less */
			council_sign_more(&council, copy, 1u << (4 + below(6)));
		else if (copy->n_signatures > 1 && one_in(3))
			copy->n_signatures--;
		(void)!hf_orders_add(into, trust, copy, &grew, NULL);
	}
}

static bool same(const struct hf_orders *a, const struct hf_orders *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct hf_envelope *x = a->v[i].envelope, *y = b->v[i].envelope;

		if (hf_digest_cmp(&x->digest, &y->digest) != 0 || x->n_signatures != y->n_signatures ||
		    memcmp(x->signatures, y->signatures, x->n_signatures * sizeof(x->signatures[0])) != 0 ||
		    memcmp(a->v[i].keys, b->v[i].keys, sizeof(a->v[i].keys)) != 0 ||
		    a->v[i].signers.n_people != b->v[i].signers.n_people)
			return false;
	}
	return true;
}

Test(join, commutative_associative_idempotent)
{
	size_t rounds = (size_t)number_from("HF_AGENTS", 100000) / 500 + 20, members = 0;
	hf_auto_trust struct hf_trust *trust = NULL;

	cr_assert_eq(hf_trust_open(council.trust, NULL, &trust, NULL), HF_OK);
	dice_at = number_from("HF_SEED", 20260507);
	for (size_t i = 0; i < rounds; i++) {
		struct hf_orders a = {0}, b = {0}, c = {0}, ab = {0}, ba = {0}, ab_c = {0}, bc = {0}, a_bc = {0};

		some_orders(&a, trust);
		some_orders(&b, trust);
		some_orders(&c, trust);
		add_all(&ab, trust, &a);
		cr_assert(same(&ab, &a), "round %zu: nothing joined with a is a", i);
		add_all(&ab, trust, &a);
		cr_assert(same(&ab, &a), "round %zu: idempotent", i);
		add_all(&ab, trust, &b);
		add_all(&ba, trust, &b);
		add_all(&ba, trust, &a);
		cr_assert(same(&ab, &ba), "round %zu: commutative", i);
		add_all(&ab_c, trust, &ab);
		add_all(&ab_c, trust, &c);
		add_all(&bc, trust, &b);
		add_all(&bc, trust, &c);
		add_all(&a_bc, trust, &a);
		add_all(&a_bc, trust, &bc);
		cr_assert(same(&ab_c, &a_bc), "round %zu: associative", i);
		members += ab_c.n;
		for (size_t k = 0; k < 8; k++)
			hf_orders_done((struct hf_orders *[]){&a, &b, &c, &ab, &ba, &ab_c, &bc, &a_bc}[k]);
	}
	cr_assert_gt(members, rounds, "the sets were empty");
}
