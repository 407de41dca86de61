/* SPDX-License-Identifier: MIT */
/*
 * Owns what an officer is told after the controller's answer was lost. Policy D9.1-9.3: nobody may believe that an
 * order holds that does not, or give it twice for want of a word. Must never wait as long as an officer does.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "controller/office/post.h"
#include "tests/help/council.h"

static const struct hf_patience soon = {6, 0, 60000};

/* A controller that says one thing after the other: "-": it does not answer. */
struct controller {
	struct hf_office office;
	const char *const *says;
	const struct hf_envelope *has;
	size_t asked, n_again, warned;
	char path[160], warning[160];
};

static enum hf_rc answer(void *arg, const char *path, json_t **ret, struct hf_err *ret_err)
{
	struct controller *c = arg;
	const char *word = c->says[c->asked];
	c->asked += c->says[c->asked + 1] != NULL;
	strncpy(c->path, path, sizeof(c->path) - 1);
	if (strcmp(word, "-") == 0)
		return hf_err_set(ret_err, HF_E_ABSENT, "no controller");
	*ret = json_pack("{s:s, s:s, s:o}", "outcome", word, "reason", "ok", "envelope",
			 c->has ? hf_envelope_to_json(c->has) : json_null());
	return HF_OK;
}

static void on_warning(void *arg, const char *text)
{
	struct controller *c = arg;
	c->warned++;
	strncpy(c->warning, text, sizeof(c->warning) - 1);
}

static void on_again(void *arg, size_t n, size_t of)
{
	struct controller *c = arg;
	c->n_again = of ? n : c->n_again;
}

static struct council council;
static struct hf_envelope *posted;

static void setup(void)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	council_open(&council);
	posted = council_order(&council, &order, COMMS_1);
}

static void teardown(void)
{
	hf_envelope_free(&posted);
	council_close(&council);
}

TestSuite(post, .init = setup, .fini = teardown);

static enum hf_rc look(struct controller *c, const char *const *says, const struct hf_envelope *has,
		       struct hf_err *ret_err)
{
	hf_auto_json json_t *said = NULL;
	*c = (struct controller){.says = says, .has = has};
	c->office = (struct hf_office){.get = answer, .on_warning = on_warning, .on_again = on_again, .arg = c};
	return hf_post_look(&c->office, posted, &soon, &said, ret_err);
}

Test(post, it_is_asked_until_the_controller_is_back)
{
	static const char *const says[] = {"-", "-", "recorded", NULL};
	struct controller c;
	struct hf_err err = {""};
	char hex[HF_DIGEST_HEX_SIZE];
	cr_expect_eq(look(&c, says, posted, &err), HF_OK, "%s", err.text);
	cr_expect_eq(c.n_again, 3, "and the officer sees how often");
	cr_expect_not_null(strstr(c.path, hf_digest_hex(&posted->digest, hex)), "by its digest: %s", c.path);
	cr_expect_eq(c.warned, 1);
	cr_expect_str_eq(c.warning,
			 "the controller failed before it answered; asked again, it says that it has what was sent.");
}

Test(post, what_is_absent_twice_is_not_recorded)
{
	static const char *const once[] = {"absent", "recorded", NULL}, *const twice[] = {"absent", "-", "absent",
											  "absent", NULL};
	struct controller c;
	struct hf_err err = {""};
	cr_expect_eq(look(&c, once, posted, &err), HF_OK, "the request itself may come after the first question");
	cr_expect_eq(look(&c, twice, NULL, &err), HF_E_ABSENT);
	cr_expect_eq(c.n_again, 4, "twice by one life of the controller");
	cr_expect_not_null(strstr(err.text, "It is NOT recorded and NOT published"), "%s", err.text);
	cr_expect_eq(c.warned, 0);
}

Test(post, who_never_answers_leaves_it_unknown)
{
	static const char *const says[] = {"-", NULL};
	struct controller c;
	struct hf_err err = {""};
	json_t *said = NULL;
	cr_expect_eq(look(&c, says, NULL, &err), HF_E_UNSURE);
	cr_expect_eq(c.n_again, soon.most, "and it is asked so often, and no more");
	cr_expect_eq(hf_post_look(&c.office, posted, &(struct hf_patience){1000000, 0, 20}, &said, &err), HF_E_UNSURE,
		     "nor for longer, however long each question takes");
	cr_expect_not_null(strstr(err.text, "It is NOT KNOWN whether it is recorded"), "%s", err.text);
}

/* Attack: a draft is there since the first officer signed it, and is taken for the word of the second. */
Test(post, a_draft_without_this_approval_is_not_what_was_sent)
{
	static const char *const draft[] = {"draft", "draft", NULL}, *const recorded[] = {"recorded", NULL};
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	hf_auto_envelope struct hf_envelope *others = council_order(&council, &order, MONITORING_1);
	struct controller c;
	struct hf_err err = {""};
	cr_assert_eq(hf_digest_cmp(&others->digest, &posted->digest), 0);
	cr_expect_eq(look(&c, draft, others, &err), HF_E_ABSENT, "%s", err.text);
	cr_expect_eq(look(&c, draft, posted, &err), HF_OK, "%s", err.text);
	cr_expect_eq(look(&c, recorded, others, &err), HF_OK, "what is in force needs it no more");
	cr_expect_eq(look(&c, recorded, NULL, &err), HF_OK, "a remark, a register of before: the record has it");
	cr_expect_eq(look(&c, draft, NULL, &err), HF_E_ABSENT, "a draft that is not shown is believed of nobody");
}
