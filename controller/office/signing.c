/* SPDX-License-Identifier: MIT */
/*
 * Owns who may approve a message, in sentences, and what the controller made of one that was posted.
 * Must never hold a private key, or take the controller's word for the law's.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/client.h"
#include "controller/office/post.h"
#include "controller/office/signing.h"

enum hf_rc hf_signing_person(const struct hf_view *view, const struct hf_pub *pub, const char *name,
			     const struct hf_person **ret_person, struct hf_err *err)
{
	const struct hf_person *person = hf_trust_person_of_key(view->known.trust, pub);

	if (!person)
		return hf_err_set(err, HF_E_STRANGER, "The key %s is of nobody in the trust of %s.", name,
				  view->known.trust->council);
	*ret_person = person;
	return HF_OK;
}

static enum hf_rc may_not(const struct hf_view *view, const struct hf_person *person, const struct hf_weighed *weighed,
			  struct hf_err *err)
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
		return hf_err_set(err, HF_E_ROLE, "You (%s) may not approve this.", person->id);
	}
	hf_words_roles(out, &rule->roles);
	if (fclose(out) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return hf_err_set(err, HF_E_ROLE, "You (%s) may not approve this: it needs %lld of %s.", person->id,
			  (long long)rule->need, roles);
}

enum hf_rc hf_signing_may(const struct hf_view *view, const struct hf_person *person, const struct hf_weighed *weighed,
			  struct hf_err *err)
{
	if (hf_weighed_counts(view, weighed, person))
		return HF_OK;
	if (hf_weighed_signed(weighed, person))
		return hf_err_set(err, HF_E_TOO_FEW, "You (%s) have approved this already: another person must.",
				  person->id);
	return may_not(view, person, weighed, err);
}

enum hf_rc hf_signing_may_root(const struct hf_view *view, const struct hf_envelope *envelope, const struct hf_pub *pub,
			       const char *name, struct hf_err *err)
{
	hf_auto_trust struct hf_trust *next = NULL;
	enum hf_rc rc = hf_trust_decode(envelope, &next, err);

	if (rc != HF_OK)
		return rc;
	if (!hf_trust_is_root(view->known.trust, pub) && !hf_trust_is_root(next, pub))
		return hf_err_set(err, HF_E_ROLE, "The key %s is of no root: a trust is signed by %lld of the roots.",
				  name, (long long)view->known.trust->threshold);
	for (size_t i = 0; i < next->n_affirmed; i++)
		if (!hf_trust_affirms(view->known.trust, &next->affirmed[i]))
			return hf_err_set(err, HF_E_MISMATCH,
					  "This trust affirms documents that are not shown with it: it is signed from a file "
					  "that encloses them, and not here.");
	if (hf_envelope_signed_by(envelope, pub, NULL))
		return hf_err_set(err, HF_E_TOO_FEW, "The root %s has signed this already: another one must.", name);
	return HF_OK;
}

enum hf_rc hf_signing_may_assign(const struct hf_view *view, const struct hf_person *person, struct hf_err *err)
{
	const struct hf_weighed first = {.needs = {.v = {{HF_RULE_ASSIGNMENT, HF_RULE_APPROVE}}, .n = 1}};

	return hf_signing_may(view, person, &first, err);
}

void hf_signing_needs(const struct hf_words *words, const struct hf_weighed *weighed)
{
	if (weighed->roots)
		hf_words_line(words, "It needs the signatures of %zu roots; it has %zu.", weighed->verdict.need,
			      weighed->verdict.have);
	for (size_t i = 0; i < weighed->needs.n; i++) {
		const struct hf_rule *rule =
			hf_trust_rule(words->view->known.trust, weighed->needs.v[i].kind, weighed->needs.v[i].act);

		if (!rule)
			continue;
		hf_words_begin(words);
		if (HF_RULE_OF_EACH(rule->act))
			fputs(hf_text("What it takes away, and the exemption, posting windows and first device of its "
				      "people, need the approval of one of each of "),
			      words->out);
		else
			fprintf(words->out,
				hf_text_n("It needs the approval of %lld person of ",
					  "It needs the approval of %lld different people of ", (unsigned long)rule->need),
				(long long)rule->need);
		if (HF_RULE_OF_EACH(rule->act))
			hf_words_each_role(words->out, &rule->roles);
		else
			hf_words_roles(words->out, &rule->roles);
		if (weighed->signers.n_people > 0) {
			hf_auto_json json_t *ids = hf_weighed_signers(weighed);

			fputs(hf_text("; approved so far by "), words->out);
			hf_words_people(words, ids);
		}
		fputs(".\n", words->out);
	}
}

static json_t *answer_of(const struct hf_view *view, const struct hf_envelope *envelope,
			 const struct hf_weighed *weighed, const char *outcome)
{
	char digest[HF_DIGEST_HEX_SIZE];
	const struct hf_order *order = weighed->order;

	hf_digest_hex(&envelope->digest, digest);
	return json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "digest", digest, "type",
			 hf_doc_type_name(envelope->type), "act", order ? hf_order_act_name(order->act) : NULL, "mode",
			 order ? hf_mode_name(order->mode) : NULL, "outcome", outcome, "reason",
			 hf_rc_name(weighed->rc), "have", (json_int_t)weighed->verdict.have, "need",
			 (json_int_t)weighed->verdict.need, "roles", hf_weighed_roles(weighed), "signed_by",
			 hf_weighed_signers(weighed), "can_approve", hf_weighed_who_can(view, weighed));
}

static void compare_with_law(const struct hf_view *view, const struct hf_weighed *weighed, bool recorded,
			     const char *reason)
{
	if (recorded && weighed->rc != HF_OK)
		hf_office_warn(view->office,
			       "the controller says that it is in force, but by the trust here it is not (%s).",
			       hf_rc_name(weighed->rc));
	if (!recorded && weighed->rc == HF_OK)
		hf_office_warn(view->office, "by the trust here it is approved, but the controller holds it back (%s).",
			       reason);
}

enum hf_rc hf_signing_post(const struct hf_view *view, const struct hf_envelope *envelope,
			   const struct hf_weighed *weighed, struct hf_posted *ret_posted, struct hf_err *err)
{
	hf_auto_json json_t *said = NULL;
	const char *outcome;
	enum hf_rc rc = hf_post(view->office, envelope, &said, err);

	if (rc != HF_OK)
		return rc;
	outcome = hf_client_text(said, "outcome", "?");
	ret_posted->recorded = json_object_get(said, "outcome") && strcmp(outcome, "draft") != 0;
	compare_with_law(view, weighed, ret_posted->recorded,
			 hf_client_text(said, "reason", hf_text("it does not say why")));
	ret_posted->answer = answer_of(view, envelope, weighed, outcome);
	return ret_posted->answer ? HF_OK : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static void say_who_can(const struct hf_words *words, const struct hf_posted *posted)
{
	hf_words_begin(words);
	fputs(hf_text("Who can approve it: "), words->out);
	if (strcmp(hf_client_text(posted->answer, "type", ""), hf_doc_type_name(HF_DOC_TRUST)) == 0)
		fputs(hf_text("another root"), words->out);
	else
		hf_words_people(words, json_object_get(posted->answer, "can_approve"));
	fputs(".\n", words->out);
}

void hf_signing_outcome(const struct hf_words *words, const struct hf_weighed *weighed, const struct hf_posted *posted)
{
	if (posted->recorded && weighed->second) {
		hf_words_line(words, "It is recorded. Its people are ordinary staff there until a second person "
				     "approves it: until then no exemption, posting window or first device of theirs "
				     "counts on it.");
		say_who_can(words, posted);
		return;
	}
	if (posted->recorded) {
		hf_words_line(words,
			      strcmp(hf_client_text(words->view->status, "bus", ""), "up") == 0
				      ? HF_TEXT("It is recorded and published.")
				      : HF_TEXT("It is recorded, but THE BROKER IS NOT REACHED: devices hear of it "
						"when it is."));
		return;
	}
	hf_words_begin(words);
	fprintf(words->out, hf_text("It WAITS and changes nothing yet: %zu of %zu approvals are there.\n"),
		weighed->verdict.have, weighed->verdict.need);
	say_who_can(words, posted);
}

void hf_posted_done(struct hf_posted *posted)
{
	json_decref(posted->answer);
	*posted = (struct hf_posted){0};
}
