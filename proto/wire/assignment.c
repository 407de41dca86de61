/* SPDX-License-Identifier: MIT */
/*
 * Owns the assignment document: one device, its key, the people who use it, its groups.
 * Must never judge whether it is approved, or for this device: that is proto/law.
 */
#include <holdfast/assignment.h>

#include <stdlib.h>
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/merkle.h>

#include "proto/wire/doc.h"

#define USER_MAX_BYTES 64
#define LEAF_OF "holdfast-assignment"
#define LEAF_SIZE (HF_ID_SIZE + HF_DIGEST_HEX_SIZE + 64) /* the two, and the words around them */

/* clang-format off */
#define ASSIGNMENT_ROWS(a, people) {                                \
	HF_ROW("council", ID,      &(a)->council, 0),               \
	HF_ROW("device",  ID,      &(a)->device,  0),               \
	HF_ROW("version", INT,     &(a)->version, HF_JSON_INT_MAX), \
	HF_ROW("issued",  WALL,    &(a)->issued,  0),               \
	HF_ROW("public",  BYTES32, (a)->pub.b,    0),               \
	HF_ROW("people",  ARRAY,   people,        HF_DEVICE_PEOPLE_MAX), \
	HF_ROW("groups",  NAMES,   &(a)->groups,  HF_GROUPS_MAX),   \
}
#define PERSON_ROWS(p, first) {                                  \
	HF_ROW("person", ID,   &(p)->person, 0),          \
	HF_ROW("user",   LINE, &(p)->user, USER_MAX_BYTES), \
	HF_ROW_IF("rank", INT, &(p)->rank, HF_RANK_MAX, first), \
}
/* clang-format on */

static enum hf_rc take_person(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_assignment *assignment = doc;
	struct hf_device_person *p = &assignment->people[assignment->n_people];
	const struct hf_json_member rows[] = PERSON_ROWS(p, true);
	enum hf_rc rc;
	p->rank = 0;
	rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc != HF_OK)
		return rc;
	if (json_object_get(value, "rank") && p->rank < 2)
		return hf_err_set(err, HF_E_SHAPE, "That a device is the first of %s is said by leaving the rank out.",
				  p->person);
	p->rank = p->rank ? p->rank : 1;
	for (const struct hf_device_person *other = assignment->people; other < p; other++)
		if (strcmp(other->person, p->person) == 0 || strcmp(other->user, p->user) == 0)
			return hf_err_set(
				err, HF_E_SHAPE,
				"Each person has one login name on a device, and no two share it: look at %s.",
				p->person);
	assignment->n_people++;
	return HF_OK;
}

enum hf_rc hf_assignment_decode(const struct hf_envelope *envelope, struct hf_assignment **ret_assignment,
				struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	json_t *people = NULL;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*assignment), &assignment, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_ASSIGNMENT, &assignment->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = ASSIGNMENT_ROWS(assignment, &people);
	rc = hf_json_take(assignment->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK && assignment->version < 1)
		rc = hf_err_set(err, HF_E_SHAPE, "The version of an assignment begins at 1.");
	if (rc == HF_OK)
		rc = hf_pub_check(&assignment->pub, err);
	if (rc == HF_OK)
		rc = hf_doc_each(people, take_person, assignment, err);
	if (rc != HF_OK)
		return rc;
	assignment->digest = envelope->digest;
	*ret_assignment = hf_steal_ptr(&assignment);
	return HF_OK;
}

static json_t *person_to_json(const void *doc, size_t i)
{
	struct hf_device_person p = ((const struct hf_device_person *)doc)[i];
	const struct hf_json_member rows[] = PERSON_ROWS(&p, p.rank < 2);
	return hf_json_put(rows, HF_LEN(rows));
}

json_t *hf_assignment_encode(const struct hf_assignment *assignment)
{
	struct hf_assignment copy = *assignment; /* the table points to what may be written; nothing is */
	hf_auto_json json_t *people = hf_doc_list(person_to_json, assignment->people, assignment->n_people);
	const struct hf_json_member rows[] = ASSIGNMENT_ROWS(&copy, &people);
	return hf_json_put(rows, HF_LEN(rows));
}

enum hf_rc hf_assignment_leaf(const char *device, const struct hf_digest *digest, const char *act,
			      struct hf_digest *ret)
{
	char text[LEAF_SIZE], hex[HF_DIGEST_HEX_SIZE];
	struct hf_digest data;
	enum hf_rc rc;

	if (hf_str_printf(text, sizeof(text), "%s\n%s\n%s\n%s\n", LEAF_OF, device, hf_digest_hex(digest, hex),
			  act) != HF_OK)
		return HF_E_SIZE;
	rc = hf_digest_of(text, strlen(text), &data);
	if (rc == HF_OK)
		*ret = hf_merkle_leaf(data.b);
	return rc;
}

void hf_assignment_free(struct hf_assignment **assignment)
{
	if (!*assignment)
		return;
	hf_strs_done(&(*assignment)->groups);
	json_decref((*assignment)->doc);
	free(*assignment);
	*assignment = NULL;
}
