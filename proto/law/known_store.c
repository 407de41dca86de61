/* SPDX-License-Identifier: MIT */
/*
 * Owns what a party knows as one JSON object, and back.
 * Must never come back with less of a lockdown than went in, or believe the disk where a signature can be asked.
 *
 * The law
 *  1. Locked and anything fails: stays locked. State lost after enrolment: locked-unknown until a verified state comes.
 *  2. Orders are judged by the newest trust.
 *
 * How we read it
 *  1: what cannot be read is an error, and never half an answer: the caller has another slot, or is locked-unknown.
 *  2: an order that the held trust does not approve is neither written nor taken back: it did not count before either,
 *  and it is heard again if a later trust approves it. So what is written depends on what is known and on the newest
 *  trust, and not on the order of learning. Trust was proven along its chain; here the roots of the held one must still
 *  have signed it. A register or assignment was approved when it was heard, and stays when one of its approvers has
 *  left since: it is refused only if it carries no approval, or one that names an officer's key and does not verify.
 *  3: a memory of before each controller's times were kept by themselves has one for all: it is taken as the word of the
 *  controller that was heard last, and is dropped if that one has left.
 */
#include <string.h>

#include "proto/law/law.h"

/* Takes over value; false: no memory. */
static bool set_member(json_t *object, const char *name, json_t *value)
{
	return value && json_object_set_new(object, name, value) == 0;
}

static bool append_to(json_t *array, json_t *value)
{
	return value && json_array_append_new(array, value) == 0;
}

static bool set_envelope(json_t *object, const char *name, const struct hf_envelope *envelope)
{
	return !envelope || set_member(object, name, hf_envelope_to_json(envelope));
}

/* Part 1 as a register of one part was always written, and the others beside it. */
static bool set_register(json_t *object, const struct hf_parts *parts)
{
	hf_auto_json json_t *rest = json_array();
	const struct hf_envelope *part;

	for (size_t i = 1; (part = hf_parts_in_force(parts, i)); i++)
		if (!append_to(rest, hf_envelope_to_json(part)))
			return false;
	return set_envelope(object, "register", hf_parts_in_force(parts, 0)) &&
	       (json_array_size(rest) == 0 || set_member(object, "register_parts", json_incref(rest)));
}

/* Without the approvals of keys that have left the trust: on the way back nobody could verify them. */
static json_t *encode_order(const struct hf_heard *heard, const struct hf_trust *trust, json_t *texts)
{
	struct hf_envelope written = *heard->envelope;

	written.n_signatures = 0;
	for (size_t i = 0; i < heard->envelope->n_signatures; i++)
		if (hf_trust_person_of_key(trust, &heard->keys[i]))
			written.signatures[written.n_signatures++] = heard->envelope->signatures[i];
	return hf_texts_cut(&written, texts);
}

static json_t *encode_orders(const struct hf_orders *orders, const struct hf_trust *trust, json_t *texts)
{
	hf_auto_json json_t *array = json_array();

	for (size_t i = 0; i < orders->n; i++)
		if (hf_heard_stands(&orders->v[i], trust) &&
		    !append_to(array, encode_order(&orders->v[i], trust, texts)))
			return NULL;
	return json_incref(array);
}

static bool set_orders(json_t *object, const struct hf_known *known)
{
	hf_auto_json json_t *texts = json_object();

	return set_member(object, "orders", encode_orders(&known->orders, known->trust, texts)) &&
	       (json_object_size(texts) == 0 || json_object_set(object, "texts", texts) == 0);
}

static json_t *encode_digests(const struct hf_digest *v, size_t n)
{
	hf_auto_json json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (!append_to(array, hf_json_from_digest(&v[i])))
			return NULL;
	return json_incref(array);
}

static bool set_digests(json_t *object, const char *name, const struct hf_started *set)
{
	return set->n == 0 || set_member(object, name, encode_digests(set->v, set->n));
}

static json_t *encode_versions(const struct hf_versions *versions)
{
	hf_auto_json json_t *array = json_array();

	for (size_t i = 0; i < versions->n; i++)
		if (!append_to(array, hf_envelope_to_json(versions->v[i].envelope)))
			return NULL;
	return json_incref(array);
}

/* Those that two approved: an approver may have left since, and nobody could verify it again. */
static json_t *encode_loosened(const struct hf_versions *versions)
{
	hf_auto_json json_t *array = json_array();

	for (size_t i = 0; i < versions->n; i++)
		if (versions->v[i].two && !append_to(array, hf_json_from_digest(&versions->v[i].doc->digest)))
			return NULL;
	return json_incref(array);
}

static bool set_versions(json_t *object, const struct hf_versions *versions)
{
	return versions->n == 0 || (set_member(object, "assignments", encode_versions(versions)) &&
				    set_member(object, "loosened", encode_loosened(versions)) &&
				    set_member(object, "assignments_over", json_integer(versions->over)));
}

/* As with assignments: which of them two approved stands beside them. */
static bool set_brokers(json_t *object, const struct hf_broker_set *set)
{
	const struct hf_broker_list *base = hf_broker_set_base(set);
	hf_auto_json json_t *lists = json_array();

	for (size_t i = 0; i < set->n; i++)
		if (!append_to(lists, hf_envelope_to_json(set->v[i].envelope)))
			return false;
	return set->n == 0 || (json_object_set(object, "brokers", lists) == 0 &&
			       (!base || set_member(object, "brokers_by_two", hf_json_from_digest(&base->doc->digest))));
}

static bool set_glass(json_t *object, const struct hf_glass_held held[HF_GLASS_SIDES])
{
	hf_auto_json json_t *list = json_array();

	for (int side = 0; side < HF_GLASS_SIDES; side++)
		if (held[side].envelope && !append_to(list, hf_envelope_to_json(held[side].envelope)))
			return false;
	return list && (json_array_size(list) == 0 || json_object_set(object, "glass", list) == 0);
}

static json_t *encode_controller(const struct hf_controller_seen *seen)
{
	hf_auto_json json_t *object = json_object();

	if (set_member(object, "id", json_string(seen->id)) && set_member(object, "seq", json_integer(seen->seq)) &&
	    set_member(object, "pages", encode_digests(seen->pages, (size_t)seen->n_pages)) &&
	    set_member(object, "issued", json_integer(seen->issued.s)) &&
	    set_member(object, "valid_until", json_integer(seen->valid_until.s)) &&
	    set_member(object, "last_seq", json_integer(seen->last_seq)) &&
	    set_member(object, "last_state", hf_json_from_digest(&seen->last_state)) &&
	    (seen->log.seq == 0 || set_member(object, "log", hf_log_put(&seen->log))))
		return json_incref(object);
	return NULL;
}

static json_t *encode_controllers(const struct hf_known *known)
{
	hf_auto_json json_t *array = json_array();

	for (size_t i = 0; i < known->n_controllers; i++)
		if (!append_to(array, encode_controller(&known->controllers[i])))
			return NULL;
	return json_incref(array);
}

json_t *hf_known_encode(const struct hf_known *known)
{
	hf_auto_json json_t *object = json_object();

	if (set_member(object, "council", json_string(known->council)) &&
	    set_member(object, "device", json_string(known->device)) &&
	    set_envelope(object, "trust", known->trust_envelope) &&
	    set_register(object, &known->parts) &&
	    set_versions(object, &known->versions) &&
	    set_brokers(object, &known->brokers) && set_glass(object, known->glass) &&
	    set_orders(object, known) &&
	    set_member(object, "started", encode_digests(known->started.v, known->started.n)) &&
	    set_digests(object, "ahead", &known->ahead) && set_digests(object, "over", &known->over) &&
	    (known->claims.n == 0 || set_member(object, "claims", hf_claims_encode(&known->claims))) &&
	    set_member(object, "controllers", encode_controllers(known)))
		return json_incref(object);
	return NULL;
}

/* The members of the object, before anything in them is believed. */
struct stored {
	const char *council, *device;
	json_t *trust, *reg, *register_parts, *assignment, *assignments, *loosened, *orders, *texts, *started, *ahead, *over, *claims, *controllers, *brokers, *glass;
	struct hf_digest brokers_by_two;
	int64_t assignments_over;
	struct former {
		const char *controller;
		struct hf_wall issued, valid_until;
		int64_t seq;
		struct hf_digest state;
	} former;
};

static enum hf_rc take_stored(json_t *json, struct stored *stored, struct hf_known *known, struct hf_err *err)
{
	struct former *former = &stored->former;
	/* clang-format off */
	const struct hf_json_member members[] = {
		{ .name = "council", .kind = HF_JSON_ID, .ret = &stored->council },
		{ .name = "device", .kind = HF_JSON_LINE0, .ret = &stored->device, .max = HF_ID_MAX },
		{ .name = "trust", .kind = HF_JSON_OBJECT, .ret = &stored->trust },
		{ .name = "register", .kind = HF_JSON_OBJECT, .ret = &stored->reg, .optional = true },
		{ .name = "register_parts", .kind = HF_JSON_ARRAY, .ret = &stored->register_parts, .max = HF_REGISTER_PARTS_MAX - 1, .optional = true },
		{ .name = "assignment", .kind = HF_JSON_OBJECT, .ret = &stored->assignment, .optional = true },
		{ .name = "assignments", .kind = HF_JSON_ARRAY, .ret = &stored->assignments, .max = HF_VERSIONS_MAX, .optional = true },
		{ .name = "loosened", .kind = HF_JSON_ARRAY, .ret = &stored->loosened, .max = HF_VERSIONS_MAX, .optional = true },
		{ .name = "assignments_over", .kind = HF_JSON_INT, .ret = &stored->assignments_over, .max = HF_JSON_INT_MAX, .optional = true },
		{ .name = "brokers", .kind = HF_JSON_ARRAY, .ret = &stored->brokers, .max = 1 + HF_BROKER_ADDS_MAX, .optional = true },
		{ .name = "glass", .kind = HF_JSON_ARRAY, .ret = &stored->glass, .max = HF_GLASS_SIDES, .optional = true },
		{ .name = "brokers_by_two", .kind = HF_JSON_DIGEST, .ret = &stored->brokers_by_two, .optional = true },
		{ .name = "orders", .kind = HF_JSON_ARRAY, .ret = &stored->orders, .max = HF_SET_MAX },
		{ .name = "texts", .kind = HF_JSON_OBJECT, .ret = &stored->texts, .optional = true },
		{ .name = "started", .kind = HF_JSON_ARRAY, .ret = &stored->started, .max = HF_SET_MAX },
		{ .name = "ahead", .kind = HF_JSON_ARRAY, .ret = &stored->ahead, .max = HF_SET_MAX, .optional = true },
		{ .name = "over", .kind = HF_JSON_ARRAY, .ret = &stored->over, .max = HF_SET_MAX, .optional = true },
		{ .name = "claims", .kind = HF_JSON_ARRAY, .ret = &stored->claims, .max = HF_CLAIMS_ALL, .optional = true },
		{ .name = "controllers", .kind = HF_JSON_ARRAY, .ret = &stored->controllers, .max = HF_CONTROLLERS_MAX },
		{ .name = "issued", .kind = HF_JSON_WALL, .ret = &former->issued, .optional = true },
		{ .name = "valid_until", .kind = HF_JSON_WALL, .ret = &former->valid_until, .optional = true },
		{ .name = "last_controller", .kind = HF_JSON_LINE0, .ret = &former->controller, .max = HF_ID_MAX, .optional = true },
		{ .name = "last_seq", .kind = HF_JSON_INT, .ret = &former->seq, .max = INT64_MAX, .optional = true },
		{ .name = "last_state", .kind = HF_JSON_DIGEST, .ret = &former->state, .optional = true },
	};
	/* clang-format on */
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);

	if (rc != HF_OK)
		return rc;
	rc = hf_str_copy(known->council, sizeof(known->council), stored->council);
	if (rc == HF_OK)
		rc = hf_str_copy(known->device, sizeof(known->device), stored->device);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "A name in what is stored is too long.");
}

static enum hf_rc restore_trust(json_t *json, struct hf_known *known, struct hf_err *err)
{
	enum hf_rc rc = hf_envelope_from_json(json, &known->trust_envelope, err);

	if (rc == HF_OK)
		rc = hf_trust_open(known->trust_envelope, NULL, &known->trust, err);
	if (rc == HF_OK && strcmp(known->trust->council, known->council) != 0)
		rc = hf_err_set(err, HF_E_COUNCIL, "What is stored is of council %s, its trust of %s.", known->council,
				known->trust->council);
	return rc;
}

/* See "How we read it", 2. */
static enum hf_rc check_once_approved(const struct hf_known *known, const struct hf_envelope *envelope,
				      struct hf_err *err)
{
	struct hf_verdict verdict;
	struct hf_err why = {""};
	enum hf_rc rc = hf_approval_document(known->trust, envelope, &verdict, &why);

	if (rc == HF_OK || rc == HF_E_STRANGER || rc == HF_E_ROLE || rc == HF_E_TOO_FEW)
		return HF_OK;
	return hf_err_set(err, rc, "%s", why.text);
}

static enum hf_rc restore_part(json_t *json, const struct hf_known *known, struct hf_envelope **ret_envelope,
			       struct hf_err *err)
{
	enum hf_rc rc = hf_envelope_from_json(json, ret_envelope, err);

	return rc == HF_OK ? check_once_approved(known, *ret_envelope, err) : rc;
}

static enum hf_rc restore_register(const struct stored *stored, struct hf_known *known, struct hf_err *err)
{
	struct hf_envelope *parts[HF_REGISTER_PARTS_MAX] = {0};
	size_t n = 1 + json_array_size(stored->register_parts);
	enum hf_rc rc;

	if (!stored->reg)
		return HF_OK;
	rc = restore_part(stored->reg, known, &parts[0], err);
	for (size_t i = 1; i < n && rc == HF_OK; i++)
		rc = restore_part(json_array_get(stored->register_parts, i - 1), known, &parts[i], err);
	if (rc == HF_OK)
		rc = hf_parts_restore(known, parts, n, err);
	for (size_t i = 0; i < n; i++)
		hf_envelope_free(&parts[i]);
	return rc;
}

static bool names_digest(const json_t *list, const struct hf_digest *digest)
{
	char hex[HF_DIGEST_HEX_SIZE];
	json_t *one;
	size_t i;

	hf_digest_hex(digest, hex);
	json_array_foreach(list, i, one)
	{
		if (json_is_string(one) && strcmp(json_string_value(one), hex) == 0)
			return true;
	}
	return false;
}

/* See "How we read it", 2. What was held before versions were told apart was in effect whole, and stays so. */
static bool was_approved_by_two(const struct stored *stored, const json_t *json, const struct hf_envelope *envelope,
				const struct hf_trust *trust)
{
	struct hf_verdict verdict;

	return json == stored->assignment || names_digest(stored->loosened, &envelope->digest) ||
	       hf_approval_loosening(trust, envelope, &verdict, NULL) == HF_OK;
}

static enum hf_rc restore_version(json_t *json, const struct stored *stored, struct hf_known *known, struct hf_err *err)
{
	hf_auto_edition struct hf_edition version = {0};
	bool grew;
	enum hf_rc rc = hf_envelope_from_json(json, &version.envelope, err);

	if (rc == HF_OK)
		rc = check_once_approved(known, version.envelope, err);
	if (rc == HF_OK)
		rc = hf_assignment_decode(version.envelope, &version.doc, err);
	if (rc == HF_OK)
		rc = hf_known_check_assignment(known, version.doc, err);
	if (rc == HF_OK && hf_versions_reserve(&known->versions) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "There is no memory for the stored assignments.");
	if (rc != HF_OK)
		return rc;
	version.two = was_approved_by_two(stored, json, version.envelope, known->trust);
	rc = hf_versions_join(&known->versions, known->trust, &version, &grew, err);
	return rc == HF_E_FORK ? HF_OK : rc;
}

/* From the newest down: none is let go of before the one that it is counted from is there. */
static enum hf_rc restore_versions(const struct stored *stored, struct hf_known *known, struct hf_err *err)
{
	enum hf_rc rc = stored->assignment ? restore_version(stored->assignment, stored, known, err) : HF_OK;

	for (size_t i = json_array_size(stored->assignments); i > 0 && rc == HF_OK; i--)
		rc = restore_version(json_array_get(stored->assignments, i - 1), stored, known, err);
	if (rc != HF_OK)
		return rc;
	known->versions.over = stored->assignments_over;
	hf_known_refer(known);
	return HF_OK;
}

static enum hf_rc restore_list(json_t *json, const struct stored *stored, struct hf_known *known, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_broker_list list = {0};
	struct hf_verdict verdict;
	bool grew;
	enum hf_rc rc = hf_envelope_from_json(json, &envelope, err);

	if (rc == HF_OK)
		rc = check_once_approved(known, envelope, err);
	if (rc == HF_OK)
		rc = hf_brokers_decode(envelope, &list.doc, err);
	if (rc == HF_OK && strcmp(list.doc->council, known->council) != 0)
		rc = hf_err_set(err, HF_E_COUNCIL, "A list of brokers of another council, %s, is stored.", list.doc->council);
	if (rc != HF_OK) {
		hf_broker_list_done(&list);
		return rc;
	}
	list.two = hf_digest_cmp(&stored->brokers_by_two, &envelope->digest) == 0 ||
		   hf_approval_changing(known->trust, envelope, &verdict, NULL) == HF_OK;
	list.envelope = hf_steal_ptr(&envelope);
	rc = hf_broker_set_join(&known->brokers, known->trust, &list, &grew, err);
	return rc == HF_E_FORK ? HF_OK : rc;
}

static enum hf_rc restore_brokers(const struct stored *stored, struct hf_known *known, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < json_array_size(stored->brokers); i++)
		rc = restore_list(json_array_get(stored->brokers, i), stored, known, err);
	return rc;
}

static enum hf_rc restore_glass(const struct stored *stored, struct hf_known *known, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < json_array_size(stored->glass); i++) {
		hf_auto_envelope struct hf_envelope *envelope = NULL;

		rc = hf_envelope_from_json(json_array_get(stored->glass, i), &envelope, err);
		if (rc == HF_OK)
			rc = check_once_approved(known, envelope, err);
		if (rc == HF_OK)
			rc = hf_known_keep_glass(known, envelope, err);
	}
	return rc;
}

/* Refused by the approvals of the newest trust, and not because it could not be read. */
static bool is_unapproved(enum hf_rc rc)
{
	return rc == HF_E_UNSIGNED || rc == HF_E_SIGNATURE || rc == HF_E_STRANGER || rc == HF_E_ROLE ||
	       rc == HF_E_TOO_FEW || rc == HF_E_VOID;
}

/* A memory of a version without shares may hold what is beyond them. */
static enum hf_rc restore_order(const struct hf_envelope *envelope, struct hf_known *known, struct hf_err *err)
{
	struct hf_heard fresh = {0};
	bool grew = false;
	enum hf_rc rc = hf_orders_weigh(&known->orders, known->trust, envelope, &fresh, err);

	if (rc != HF_OK)
		return is_unapproved(rc) ? HF_OK : rc;
	if (hf_orders_reserve(&known->orders, 1) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "There is no memory for one more order.");
	else
		rc = hf_orders_join(&known->orders, known->trust, &fresh, &grew, err);
	hf_heard_done(&fresh);
	return rc == HF_E_SIZE ? HF_OK : rc;
}

static enum hf_rc restore_orders(const struct stored *stored, struct hf_known *known, struct hf_err *err)
{
	for (size_t i = 0; i < json_array_size(stored->orders); i++) {
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		enum hf_rc rc = hf_texts_join(json_array_get(stored->orders, i), stored->texts, &envelope, err);

		if (rc == HF_OK)
			rc = restore_order(envelope, known, err);
		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

static enum hf_rc take_digest(json_t *json, struct hf_digest *ret_digest, struct hf_err *err)
{
	const char *hex = json_string_value(json);

	if (!hex || hf_digest_from_hex(hex, ret_digest) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "A digest was expected in what is stored.");
	return HF_OK;
}

static enum hf_rc restore_digests(json_t *array, struct hf_started *set, struct hf_err *err)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct hf_digest digest;
		enum hf_rc rc = take_digest(json_array_get(array, i), &digest, err);

		if (rc != HF_OK)
			return rc;
		rc = hf_started_add(set, &digest);
		if (rc != HF_OK)
			return hf_err_set(err, rc, "A list of orders cannot be taken up from what is stored.");
	}
	return HF_OK;
}

static enum hf_rc restore_controller(json_t *json, struct hf_known *known, struct hf_err *err)
{
	struct hf_controller_seen *seen = &known->controllers[known->n_controllers];
	const char *id = NULL;
	json_t *pages = NULL, *log = NULL;
	const struct hf_json_member members[] = {
		{.name = "id", .kind = HF_JSON_ID, .ret = &id},
		{.name = "seq", .kind = HF_JSON_INT, .ret = &seen->seq, .max = INT64_MAX},
		{.name = "pages", .kind = HF_JSON_ARRAY, .ret = &pages, .max = HF_PAGES_MAX},
		{.name = "issued", .kind = HF_JSON_WALL, .ret = &seen->issued, .optional = true},
		{.name = "valid_until", .kind = HF_JSON_WALL, .ret = &seen->valid_until, .optional = true},
		{.name = "last_seq", .kind = HF_JSON_INT, .ret = &seen->last_seq, .max = INT64_MAX, .optional = true},
		{.name = "last_state", .kind = HF_JSON_DIGEST, .ret = &seen->last_state, .optional = true},
		{.name = "log", .kind = HF_JSON_OBJECT, .ret = &log, .optional = true},
	};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);

	if (rc == HF_OK && known->n_controllers > 0 && strcmp(seen[-1].id, id) >= 0)
		rc = hf_err_set(err, HF_E_SHAPE, "The controllers in what is stored are not in order.");
	if (rc == HF_OK && hf_str_copy(seen->id, sizeof(seen->id), id) != HF_OK)
		rc = hf_err_set(err, HF_E_SIZE, "The name of a controller in what is stored is too long.");
	if (rc == HF_OK && log)
		rc = hf_log_take(log, &seen->log, err);
	for (size_t i = 0; rc == HF_OK && i < json_array_size(pages); i++)
		rc = take_digest(json_array_get(pages, i), &seen->pages[i], err);
	if (rc != HF_OK)
		return rc;
	seen->n_pages = (int64_t)json_array_size(pages);
	known->n_controllers++;
	return HF_OK;
}

static enum hf_rc restore_controllers(json_t *array, struct hf_known *known, struct hf_err *err)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		enum hf_rc rc = restore_controller(json_array_get(array, i), known, err);

		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

/* See "How we read it", 3. */
static void take_former(const struct former *former, struct hf_known *known)
{
	for (size_t i = 0; former->controller && i < known->n_controllers; i++) {
		struct hf_controller_seen *seen = &known->controllers[i];

		if (strcmp(seen->id, former->controller) != 0)
			continue;
		seen->issued = former->issued;
		seen->valid_until = former->valid_until;
		seen->last_seq = former->seq;
		seen->last_state = former->state;
	}
}

enum hf_rc hf_known_decode(json_t *json, struct hf_known *ret_known, struct hf_err *err)
{
	hf_auto_known struct hf_known known = {0};
	struct stored stored = {0};
	enum hf_rc rc = take_stored(json, &stored, &known, err);

	if (rc == HF_OK)
		rc = restore_trust(stored.trust, &known, err);
	if (rc == HF_OK)
		rc = restore_register(&stored, &known, err);
	if (rc == HF_OK)
		rc = restore_versions(&stored, &known, err);
	if (rc == HF_OK)
		rc = restore_brokers(&stored, &known, err);
	if (rc == HF_OK)
		rc = restore_glass(&stored, &known, err);
	if (rc == HF_OK)
		rc = restore_orders(&stored, &known, err);
	if (rc == HF_OK)
		rc = restore_digests(stored.started, &known.started, err);
	if (rc == HF_OK)
		rc = restore_digests(stored.ahead, &known.ahead, err);
	if (rc == HF_OK)
		rc = restore_digests(stored.over, &known.over, err);
	if (rc == HF_OK)
		rc = hf_claims_decode(stored.claims, &known.claims, err);
	if (rc == HF_OK)
		rc = restore_controllers(stored.controllers, &known, err);
	if (rc != HF_OK)
		return rc;
	take_former(&stored.former, &known);
	hf_known_follow(&known, known.trust);
	*ret_known = known;
	memset(&known, 0, sizeof(known));
	return HF_OK;
}
