/* SPDX-License-Identifier: MIT */
/*
 * Owns what taking in one device and taking in five hundred have in common: the assignment, and the certificates' key.
 * Must never see a device's private key.
 */
#include <string.h>

#include "controller/cli/authority.h"
#include "controller/cli/taking_in.h"
#include "controller/office/assigned.h"
#include "controller/office/council_folder.h"

/* PERSON:LOGIN; a login name has no colon. */
static json_t *person_row(const struct hf_view *view, const char *device, const char *text, const char *colon)
{
	hf_auto_json json_t *row = json_pack("{s:s%, s:s}", "person", text, (size_t)(colon - text), "user", colon + 1);
	const char *first;
	int64_t rank;

	if (!row)
		return NULL;
	rank = hf_assigned_rank(&view->assigned, device, json_string_value(json_object_get(row, "person")), &first);
	if (rank > 1 && json_object_set_new(row, "rank", json_integer(rank)) != 0)
		return NULL;
	return json_incref(row);
}

static enum hf_rc take_people(const struct hf_view *view, const char *device, const struct hf_list *list,
			      json_t *people, struct hf_err *err)
{
	if (list->n > HF_DEVICE_PEOPLE_MAX)
		return hf_err_set(err, HF_E_SIZE,
				  "A device has at most %d people. Of a terminal server that more people use, name those who hold "
				  "accounts: in a lockdown it is shut for everybody who is not named.",
				  HF_DEVICE_PEOPLE_MAX);
	for (size_t i = 0; i < list->n; i++) {
		const char *colon = strchr(list->v[i], ':');

		if (!colon || colon == list->v[i] || colon[1] == '\0')
			return hf_err_set(err, HF_E_USAGE, "--person wants PERSON:LOGIN, not `%s`.", list->v[i]);
		if (json_array_append_new(people, person_row(view, device, list->v[i], colon)) != 0)
			return hf_err_set(err, HF_E_USAGE, "--person `%s` is not plain text.", list->v[i]);
	}
	return HF_OK;
}

enum hf_rc hf_taking_assignment(struct hf_view *view, const struct hf_taken_in *in, struct hf_envelope **ret_envelope,
				struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *check = NULL;
	const struct hf_assignment *held = hf_assigned_find(&view->assigned, in->device);
	const struct hf_strs groups = {.v = (const char **)in->groups->v, .n = in->groups->n};
	hf_auto_json json_t *people = json_array();
	enum hf_rc rc = take_people(view, in->device, in->people, people, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_folder_envelope(HF_DOC_ASSIGNMENT,
				json_pack("{s:s, s:s, s:I, s:I, s:o, s:O, s:o}", "council", view->known.trust->council,
					  "device", in->device, "version",
					  (json_int_t)(held ? held->version : 0) + 1, "issued", (json_int_t)view->now.s,
					  "public", hf_json_from_bytes(in->pub->b, sizeof(in->pub->b)),
					  "people", people, "groups", hf_json_from_strs(&groups)),
				ret_envelope, err);
	return rc == HF_OK ? hf_assignment_decode(*ret_envelope, &check, err) : rc;
}

enum hf_rc hf_taking_ca(struct hf_officer *officer, const char *said, struct hf_pki_pair *ret_ca, struct hf_err *err)
{
	if (!officer->view->known.reg)
		return hf_err_set(err, HF_E_ABSENT, "There is no approved register yet: approve it first.");
	return hf_authority_open(officer->cli, said, ret_ca, err);
}

void hf_taking_look_at_host(const struct hf_view *view, const char *host)
{
	char cert[HF_FOLDER_PATH_SIZE];

	if (hf_folder_path(view->office->folder, cert, NULL, "broker/server.crt") == HF_OK && !hf_pki_names(cert, host))
		hf_office_warn(view->office,
			       "the broker's certificate does not name the host %s: the device will not speak to it.", host);
}
