/* SPDX-License-Identifier: MIT */
/*
 * Owns the proposal file: its form, and the proof of what it says.
 * Must never take a word of it for true that signatures in it do not bear out.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "controller/office/council_folder.h"
#include "controller/office/proposal.h"

#define PROPOSAL_MAX (256 * 1024 * 1024) /* as many documents as a trust affirms, and the chain */
#define FILE_MODE 0644

struct proposal_file {
	json_t *doc, *trusts, *next, *documents;
};

static void file_done(struct proposal_file *file)
{
	json_decref(file->doc);
}

#define auto_file __attribute__((cleanup(file_done)))

static enum hf_rc read_file(const char *path, struct proposal_file *ret, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_err why = {0};
	size_t len = 0;
	const struct hf_json_member members[] = {
		{"trusts", HF_JSON_ARRAY, &ret->trusts, HF_JSON_INT_MAX, false},
		{"next", HF_JSON_OBJECT, &ret->next, 0, false},
		{"documents", HF_JSON_ARRAY, &ret->documents, HF_JSON_INT_MAX, false},
	};
	enum hf_rc rc = hf_fs_read(path, PROPOSAL_MAX, &text, &len, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_json_read(text, len, PROPOSAL_MAX, &ret->doc, &why);
	if (rc == HF_OK)
		rc = hf_json_take(ret->doc, members, HF_LEN(members), &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%s is no proposal of a trust: %s", path, why.text);
}

static enum hf_rc hear_trust(struct hf_view *view, size_t index, json_t *one, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err why = {0};
	enum hf_rc rc = hf_envelope_from_json(one, &envelope, &why);

	if (rc == HF_OK && index == 0)
		rc = hf_known_begin(envelope, "", &view->known, &why);
	else if (rc == HF_OK)
		rc = envelope->type == HF_DOC_TRUST ? hf_view_hear(view, envelope, &why) : HF_E_TYPE;
	if (rc == HF_OK && view->known.trust->epoch != (int64_t)index + 1)
		rc = hf_err_set(&why, HF_E_EPOCH, "it stands there twice.");
	return rc == HF_OK ? rc
			   : hf_err_set(err, rc, "The trust %zu of the file does not follow (%s): %s", index + 1,
					hf_rc_name(rc), why.text);
}

static enum hf_rc hear_chain(struct hf_view *view, json_t *trusts, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	json_t *one;
	size_t index;

	if (json_array_size(trusts) == 0)
		return hf_err_set(err, HF_E_SHAPE, "The file has no trust to begin with.");
	json_array_foreach(trusts, index, one)
	{
		if (rc == HF_OK)
			rc = hear_trust(view, index, one, err);
	}
	view->trusts = json_incref(trusts);
	return rc;
}

/* Whether it is approved is asked of each that is affirmed; what only stands beside them changes nothing. */
static enum hf_rc hear_documents(struct hf_view *view, json_t *documents, struct hf_err *err)
{
	json_t *one;
	size_t index;

	json_array_foreach(documents, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		enum hf_rc rc = hf_envelope_from_json(one, &envelope, err);

		if (rc != HF_OK)
			return rc;
		if (envelope->type != HF_DOC_ORDER && envelope->type != HF_DOC_REGISTER &&
		    envelope->type != HF_DOC_ASSIGNMENT)
			return hf_err_set(err, HF_E_TYPE, "The file encloses a %s, which nobody can affirm.",
					  hf_doc_type_name(envelope->type));
		if (envelope->type != HF_DOC_ASSIGNMENT && hf_view_hear(view, envelope, NULL) == HF_E_MEMORY)
			return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	}
	return hf_view_judge(view, err);
}

bool hf_proposal_affirms(const struct hf_proposal *p, const struct hf_digest *digest)
{
	return hf_trust_affirms(p->next, digest) && !hf_trust_affirms(p->view.known.trust, digest);
}

/* By the trust before: an assignment must have been approved by as many as may loosen, for so it counts when affirmed. */
static enum hf_rc was_approved(const struct hf_proposal *p, const struct hf_envelope *envelope, struct hf_err *err)
{
	const struct hf_known *known = &p->view.known;
	const struct hf_heard *heard;
	struct hf_verdict verdict;

	switch (envelope->type) {
	case HF_DOC_REGISTER:
		return hf_approval_document(known->trust, envelope, &verdict, err);
	case HF_DOC_ASSIGNMENT:
		return hf_approval_loosening(known->trust, envelope, &verdict, err);
	case HF_DOC_ORDER:
		heard = hf_orders_find(&known->orders, &envelope->digest);
		return heard ? hf_orders_judge_one(&known->orders, known->trust, heard, &verdict, err)
			     : hf_err_set(err, HF_E_TOO_FEW, "Too few people of that trust have approved it.");
	case HF_DOC_TRUST:
	case HF_DOC_STATE:
	case HF_DOC_REPORT:
	case HF_DOC_RECOVER:
	case HF_DOC_REMARK:
	case HF_DOC_ERASE:
	case HF_DOC_BROKERS:
	case HF_DOC_GLASS:
	case HF_DOC_COUNT:
		break;
	}
	return hf_err_set(err, HF_E_TYPE, "Nobody can affirm it.");
}

/* An affirmed document needs no other approval: so nothing may slip in that was not approved before. */
static enum hf_rc check_affirmed(const struct hf_proposal *p, const struct hf_digest *digest, struct hf_err *err)
{
	char hex[HF_DIGEST_HEX_SIZE];
	struct hf_err why = {0};
	json_t *one;
	size_t index;

	hf_digest_hex(digest, hex);
	json_array_foreach(p->documents, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		enum hf_rc rc = hf_envelope_from_json(one, &envelope, err);

		if (rc != HF_OK)
			return rc;
		if (hf_digest_cmp(&envelope->digest, digest) != 0)
			continue;
		rc = was_approved(p, envelope, &why);
		return rc == HF_OK ? rc
				   : hf_err_set(err, rc,
						"DO NOT SIGN THIS: it affirms the %s %.12s, which the trust before it "
						"did not approve (%s): %s",
						hf_doc_type_name(envelope->type), hex, hf_rc_name(rc), why.text);
	}
	return hf_err_set(err, HF_E_MISMATCH, "DO NOT SIGN THIS: it affirms %.12s, and does not show what that is.", hex);
}

/* What is enclosed is what the root is over, no more and no less. */
static enum hf_rc check_root(struct hf_proposal *p, struct hf_err *err)
{
	const struct hf_merkle_head *said = &p->next->assignments;
	struct hf_merkle_head head;
	enum hf_rc rc;

	if (said->size == 0)
		return HF_OK;
	rc = hf_estate_root_of(p->view.known.trust, p->next, p->documents, &p->estate, err);
	if (rc != HF_OK)
		return rc;
	head = p->estate.head;
	if (head.size == said->size && hf_digest_cmp(&head.root, &said->root) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_MISMATCH,
			  "DO NOT SIGN THIS: it affirms %lld assignments, and those that it shows are not these.",
			  (long long)said->size);
}

/* In all but the signatures, which are still to come. */
static enum hf_rc check_next(struct hf_proposal *p, struct hf_err *err)
{
	hf_auto_trust struct hf_trust *opened = NULL;
	struct hf_err why = {0};
	enum hf_rc rc = hf_trust_decode(p->envelope, &p->next, &why);

	if (rc == HF_OK)
		rc = hf_trust_open(p->envelope, p->view.known.trust, &opened, &why);
	if (rc == HF_E_SIGNATURE && p->next->epoch == p->view.known.trust->epoch + 1)
		rc = HF_OK;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "What is proposed cannot follow the trust before it (%s): %s", hf_rc_name(rc),
				  why.text);
	for (size_t i = 0; rc == HF_OK && i < p->next->n_affirmed; i++)
		if (hf_proposal_affirms(p, &p->next->affirmed[i]))
			rc = check_affirmed(p, &p->next->affirmed[i], err);
	return rc == HF_OK ? check_root(p, err) : rc;
}

static enum hf_rc prove(const struct hf_office *office, const struct proposal_file *file, struct hf_proposal *p,
			struct hf_err *err)
{
	enum hf_rc rc;

	p->view.office = office;
	p->view.now = hf_clock_wall();
	p->documents = json_incref(file->documents);
	rc = hear_chain(&p->view, file->trusts, err);
	if (rc == HF_OK)
		rc = hear_documents(&p->view, file->documents, err);
	if (rc == HF_OK)
		rc = hf_envelope_from_json(file->next, &p->envelope, err);
	if (rc == HF_OK)
		rc = check_next(p, err);
	return rc == HF_OK ? hf_trust_effects(&p->view, p->next, &p->effects, err) : rc;
}

enum hf_rc hf_proposal_read(const struct hf_office *office, const char *path, struct hf_proposal *ret,
			    struct hf_err *err)
{
	auto_file struct proposal_file file = {0};
	enum hf_rc rc = read_file(path, &file, err);

	return rc == HF_OK ? prove(office, &file, ret, err) : rc;
}

enum hf_rc hf_proposal_make(const struct hf_view *view, json_t *doc, const struct hf_affirming *affirming,
			    struct hf_proposal *ret, struct hf_err *err)
{
	auto_file struct proposal_file file = {.doc = doc};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *next = NULL;
	json_t *list = json_array();
	enum hf_rc rc;

	for (size_t i = 0; i < affirming->n; i++)
		(void)json_array_append_new(list, hf_json_from_digest(&affirming->v[i]));
	if (json_object_set_new(doc, "affirmed", list) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (affirming->estate.n > 0 && json_object_set_new(doc, "assignments", hf_estate_root_json(&affirming->estate)) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	rc = hf_folder_envelope(HF_DOC_TRUST, json_incref(doc), &envelope, err);
	if (rc != HF_OK)
		return rc;
	next = hf_envelope_to_json(envelope);
	file.trusts = view->trusts;
	file.next = next;
	file.documents = affirming->documents;
	return next ? prove(view->office, &file, ret, err) : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

enum hf_rc hf_proposal_write(const struct hf_proposal *p, const char *path, struct hf_err *err)
{
	hf_auto_json json_t *doc = json_pack("{s:O, s:o, s:O}", "trusts", p->view.trusts, "next",
					     hf_envelope_to_json(p->envelope), "documents", p->documents);
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (!doc || hf_json_bytes(doc, &text, &len) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return hf_fs_replace(path, text, len, FILE_MODE, err);
}

bool hf_proposal_signed(const struct hf_proposal *p)
{
	hf_auto_trust struct hf_trust *opened = NULL;

	return hf_trust_open(p->envelope, p->view.known.trust, &opened, NULL) == HF_OK;
}

enum hf_rc hf_proposal_anchor(const struct hf_proposal *p, struct hf_digest *ret, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *first = NULL;
	enum hf_rc rc = hf_envelope_from_json(json_array_get(p->view.trusts, 0), &first, err);

	if (rc == HF_OK)
		*ret = first->digest;
	return rc;
}

bool hf_proposal_knows(const struct hf_proposal *p, const struct hf_pub *pub)
{
	json_t *one;
	size_t index;

	json_array_foreach(p->view.trusts, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;

		if (hf_envelope_from_json(one, &envelope, NULL) == HF_OK && hf_envelope_signed_by(envelope, pub, NULL))
			return true;
	}
	return false;
}

void hf_proposal_done(struct hf_proposal *p)
{
	hf_view_done(&p->view);
	hf_envelope_free(&p->envelope);
	hf_trust_free(&p->next);
	json_decref(p->documents);
	json_decref(p->effects);
	hf_estate_root_done(&p->estate);
	*p = (struct hf_proposal){.envelope = NULL};
}
