/* SPDX-License-Identifier: MIT */
/*
 * The officer's signature: shown, confirmed, made, posted.
 * Must never sign what was not shown.
 */
#include <string.h>

#include <holdfast/names.h>
#include <holdfast/str.h>

#include "controller/cli/ask.h"
#include "controller/cli/sign.h"
#include "controller/office/client.h"
#include "controller/office/sentence.h"

enum hf_rc hf_officer_open(struct hf_view *view, struct hf_officer *ret_officer, struct hf_err *err)
{
	hf_auto_key struct hf_key *key = NULL;
	const struct hf_person *person;
	struct hf_pub pub;
	enum hf_rc rc;

	if (!view->cli->key || !view->cli->key[0])
		return hf_err_set(err, HF_E_USAGE, "Say which key is yours: --key FILE or " HF_ENV_KEY ".");
	rc = hf_ask_key(view->cli, view->cli->key, &key, err);
	if (rc != HF_OK)
		return rc;
	pub = hf_key_pub(key);
	person = hf_trust_person_of_key(view->known.trust, &pub);
	if (!person)
		return hf_err_set(err, HF_E_STRANGER, "The key %s is of nobody in the trust of %s.", view->cli->key,
				  view->known.trust->council);
	ret_officer->key = hf_steal_ptr(&key);
	ret_officer->person = person;
	return HF_OK;
}

void hf_officer_done(struct hf_officer *officer)
{
	hf_key_free(&officer->key);
	officer->person = NULL;
}

static enum hf_rc may_not(const struct hf_view *view, const struct hf_officer *officer,
			  const struct hf_weighed *weighed, struct hf_err *err)
{
	const struct hf_rule *rule = NULL;
	hf_auto_free char *roles = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&roles, &len);

	if (weighed->needs.n > 0)
		rule = hf_trust_rule(view->known.trust, weighed->needs.v[0].kind, weighed->needs.v[0].act);
	if (!out || !rule) {
		if (out)
			(void)fclose(out);
		return hf_err_set(err, HF_E_ROLE, "You (%s) may not approve this.", officer->person->id);
	}
	hf_words_roles(out, &rule->roles);
	if (fclose(out) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return hf_err_set(err, HF_E_ROLE, "You (%s) may not approve this: it needs %lld of %s.", officer->person->id,
			  (long long)rule->need, roles);
}

static enum hf_rc may_sign(const struct hf_view *view, const struct hf_officer *officer,
			   const struct hf_weighed *weighed, struct hf_err *err)
{
	if (hf_weighed_counts(view, weighed, officer->person))
		return HF_OK;
	if (hf_weighed_signed(weighed, officer->person))
		return hf_err_set(err, HF_E_TOO_FEW, "You (%s) have approved this already: another person must.",
				  officer->person->id);
	return may_not(view, officer, weighed, err);
}

static void say_needs(const struct hf_words *words, const struct hf_weighed *weighed)
{
	for (size_t i = 0; i < weighed->needs.n; i++) {
		const struct hf_rule *rule =
			hf_trust_rule(words->view->known.trust, weighed->needs.v[i].kind, weighed->needs.v[i].act);

		if (!rule)
			continue;
		hf_words_begin(words);
		fprintf(words->out, "It needs the approval of %lld %s of ", (long long)rule->need,
			rule->need == 1 ? "person" : "different people");
		hf_words_roles(words->out, &rule->roles);
		if (weighed->signers.n_people > 0) {
			hf_auto_json json_t *ids = hf_weighed_signers(weighed);

			fputs("; approved so far by ", words->out);
			hf_words_list(words->out, ids);
		}
		fputs(".\n", words->out);
	}
}

static enum hf_rc show(struct hf_view *view, const struct hf_officer *officer, const struct hf_envelope *envelope,
		       const struct hf_weighed *weighed, struct hf_err *err)
{
	struct hf_words words = {
		.out = view->cli->talk, .colour = view->cli->colour, .view = view, .me = officer->person->id};
	enum hf_rc rc = hf_words_envelope(&words, envelope, err);

	if (rc != HF_OK)
		return rc;
	say_needs(&words, weighed);
	hf_words_line(&words, "You sign as %s.", officer->person->id);
	return HF_OK;
}

static enum hf_rc confirmed(struct hf_view *view, const struct hf_weighed *weighed, struct hf_err *err)
{
	if (!weighed->order)
		return hf_ask_word(view->cli, "APPROVE", "Do you approve this?", err);
	if (weighed->order->mode == HF_MODE_EXERCISE)
		return hf_ask_word(view->cli, "EXERCISE", "This is an EXERCISE.", err);
	return hf_ask_word(view->cli, "LIVE", "This is LIVE. It is not practice.", err);
}

enum hf_rc hf_office_sign(struct hf_view *view, const struct hf_officer *officer, struct hf_envelope *envelope,
			  bool confirm, struct hf_weighed *ret_weighed, struct hf_err *err)
{
	hf_auto_weighed struct hf_weighed before = {0};
	enum hf_rc rc = hf_weigh(view, envelope, &before, err);

	if (rc == HF_OK)
		rc = may_sign(view, officer, &before, err);
	if (rc == HF_OK)
		rc = show(view, officer, envelope, &before, err);
	if (rc == HF_OK && confirm)
		rc = confirmed(view, &before, err);
	if (rc == HF_OK)
		rc = hf_envelope_sign(envelope, officer->key, err);
	return rc == HF_OK ? hf_weigh(view, envelope, ret_weighed, err) : rc;
}

static bool is_reached(const struct hf_view *view)
{
	const char *bus = json_string_value(json_object_get(view->status, "bus"));

	return bus && strcmp(bus, "up") == 0;
}

static bool is_exercise(const struct hf_weighed *weighed)
{
	return weighed->order && weighed->order->mode == HF_MODE_EXERCISE;
}

static void say_waits(const struct hf_words *words, const struct hf_envelope *envelope,
		      const struct hf_weighed *weighed, const json_t *who)
{
	char digest[HF_SHORT_ID + 1];

	hf_words_begin(words);
	fprintf(words->out, "It WAITS and changes nothing yet: %zu of %zu approvals are there.\n",
		weighed->verdict.have, weighed->verdict.need);
	hf_words_begin(words);
	fputs("Who can approve it: ", words->out);
	hf_words_list(words->out, who);
	fputs(".\n", words->out);
	hf_words_line(words, "The command for that: holdfast approve %s", hf_words_short(&envelope->digest, digest));
}

static json_t *answer_of(const struct hf_envelope *envelope, const struct hf_weighed *weighed, json_t *who,
			 const char *outcome)
{
	char digest[HF_DIGEST_HEX_SIZE];
	const struct hf_order *order = weighed->order;

	hf_digest_hex(&envelope->digest, digest);
	return json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:s, s:I, s:I, s:o, s:o, s:O}", "digest", digest, "type",
			 hf_doc_type_name(envelope->type), "act", order ? hf_order_act_name(order->act) : NULL, "mode",
			 order ? hf_mode_name(order->mode) : NULL, "outcome", outcome, "reason",
			 hf_rc_name(weighed->rc), "have", (json_int_t)weighed->verdict.have, "need",
			 (json_int_t)weighed->verdict.need, "roles", hf_weighed_roles(weighed), "signed_by",
			 hf_weighed_signers(weighed), "can_approve", who);
}

/* The controller's word about the outcome is compared with the law's. */
static void compare(struct hf_view *view, const struct hf_weighed *weighed, bool recorded, const char *reason)
{
	if (recorded && weighed->rc != HF_OK)
		hf_cli_warn(view->cli, "the controller says that it is in force, but by the trust here it is not (%s).",
			    hf_rc_name(weighed->rc));
	if (!recorded && weighed->rc == HF_OK)
		hf_cli_warn(view->cli, "by the trust here it is approved, but the controller holds it back (%s).",
			    reason ? reason : "it does not say why");
}

enum hf_rc hf_office_post(struct hf_view *view, const struct hf_envelope *envelope, const struct hf_weighed *weighed,
			  bool *ret_recorded, json_t **ret_answer, struct hf_err *err)
{
	const struct hf_words words = {.out = view->cli->talk, .view = view, .exercise = is_exercise(weighed)};
	hf_auto_json json_t *said = NULL;
	hf_auto_json json_t *who = hf_weighed_who_can(view, weighed);
	const char *outcome;
	bool recorded;
	enum hf_rc rc = hf_client_post(view->cli, envelope, &said, err);

	if (rc != HF_OK)
		return rc;
	outcome = json_string_value(json_object_get(said, "outcome"));
	recorded = outcome && strcmp(outcome, "draft") != 0;
	compare(view, weighed, recorded, json_string_value(json_object_get(said, "reason")));
	if (recorded)
		hf_words_line(&words, is_reached(view)
					      ? "It is recorded and published."
					      : "It is recorded, but THE BROKER IS NOT REACHED: devices hear of "
						"it when it is.");
	else
		say_waits(&words, envelope, weighed, who);
	fflush(view->cli->talk);
	*ret_answer = answer_of(envelope, weighed, who, outcome ? outcome : "?");
	if (!*ret_answer)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (ret_recorded)
		*ret_recorded = recorded;
	return HF_OK;
}
