/* SPDX-License-Identifier: MIT */
/*
 * Owns which devices there are, by their newest approved assignments, and which number of a person's each is.
 * Must never let an assignment count that nobody approved.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/known.h>
#include <holdfast/approval.h>
#include <holdfast/json.h>
#include <holdfast/sorted.h>

#include "controller/office/assigned.h"
#include "controller/office/council_folder.h"

static int compare_device(const void *device, const void *row)
{
	return strcmp(device, (*(struct hf_assignment *const *)row)->device);
}

static size_t assigned_place(const struct hf_assigned *all, const char *device)
{
	return hf_sorted_place(device, all->v, all->n, sizeof(*all->v), compare_device);
}

const struct hf_assignment *hf_assigned_find(const struct hf_assigned *all, const char *device)
{
	size_t i = assigned_place(all, device);

	return i < all->n && strcmp(all->v[i]->device, device) == 0 ? all->v[i] : NULL;
}

/* One that is older than what is held, of another council, or not approved, is passed over. */
static enum hf_rc take_assignment(struct hf_assigned *all, const struct hf_trust *trust,
				  const struct hf_envelope *envelope)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	const struct hf_assignment *held;
	struct hf_verdict verdict;
	size_t i;

	if (envelope->type != HF_DOC_ASSIGNMENT || hf_assignment_decode(envelope, &assignment, NULL) != HF_OK)
		return HF_OK;
	held = hf_assigned_find(all, assignment->device);
	if (strcmp(assignment->council, trust->council) != 0 ||
	    hf_version_follows(trust, HF_VERSION_OF(held), HF_VERSION_OF(assignment), NULL) != HF_OK ||
	    hf_approval_document(trust, envelope, &verdict, NULL) != HF_OK)
		return HF_OK;
	i = assigned_place(all, assignment->device);
	if (held) {
		hf_assignment_free(&all->v[i]);
	} else {
		if (hf_sorted_open(&all->v, &all->room, all->n, i, sizeof(*all->v)) != HF_OK)
			return HF_E_MEMORY;
		all->n++;
	}
	all->v[i] = hf_steal_ptr(&assignment);
	return HF_OK;
}

static enum hf_rc take_file(struct hf_assigned *all, const struct hf_trust *trust, const char *folder, const char *name)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	char path[HF_FOLDER_PATH_SIZE];

	if (name[0] == '.' || hf_folder_path(folder, path, NULL, "assignments/%s", name) != HF_OK ||
	    hf_folder_get(path, &envelope, NULL) != HF_OK)
		return HF_OK;
	return take_assignment(all, trust, envelope);
}

static enum hf_rc take_folder(struct hf_assigned *all, const struct hf_trust *trust, const char *folder)
{
	char path[HF_FOLDER_PATH_SIZE];
	const struct dirent *entry;
	enum hf_rc rc = HF_OK;
	DIR *dir;

	if (hf_folder_path(folder, path, NULL, "assignments") != HF_OK)
		return HF_OK;
	dir = opendir(path);
	while (dir && rc == HF_OK && (entry = readdir(dir)) != NULL)
		rc = take_file(all, trust, folder, entry->d_name);
	if (dir)
		closedir(dir);
	return rc;
}

enum hf_rc hf_assigned_read(struct hf_assigned *all, const struct hf_trust *trust, const json_t *shown,
			    const char *folder, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	json_t *one;
	size_t index;

	json_array_foreach(shown, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;

		if (rc == HF_OK && hf_envelope_from_json(one, &envelope, NULL) == HF_OK)
			rc = take_assignment(all, trust, envelope);
	}
	if (rc == HF_OK)
		rc = take_folder(all, trust, folder);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There is not enough memory.");
}

static enum hf_rc take_version(const struct hf_trust *trust, json_t *shown, const char *device, struct hf_versions *ret)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	hf_auto_edition struct hf_edition version = {0};
	bool grew;

	if (hf_envelope_from_json(shown, &envelope, NULL) != HF_OK || envelope->type != HF_DOC_ASSIGNMENT ||
	    hf_assignment_decode(envelope, &assignment, NULL) != HF_OK || strcmp(assignment->device, device) != 0 ||
	    strcmp(assignment->council, trust->council) != 0 ||
	    hf_edition_weigh(trust, envelope, &version, NULL) != HF_OK)
		return HF_OK;
	if (hf_versions_reserve(ret) != HF_OK)
		return HF_E_MEMORY;
	(void)hf_versions_join(ret, trust, &version, &grew, NULL);
	return HF_OK;
}

enum hf_rc hf_assigned_versions(const struct hf_trust *trust, const json_t *shown, const char *device,
				struct hf_versions *ret, struct hf_err *err)
{
	json_t *one;
	size_t index;

	json_array_foreach(shown, index, one)
	{
		if (take_version(trust, one, device, ret) != HF_OK)
			return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	}
	return HF_OK;
}

const struct hf_device_person *hf_assigned_person(const struct hf_assignment *assignment, const char *person)
{
	for (size_t i = 0; i < assignment->n_people; i++)
		if (strcmp(assignment->people[i].person, person) == 0)
			return &assignment->people[i];
	return NULL;
}

int64_t hf_assigned_rank(const struct hf_assigned *all, const char *device, const char *person, const char **ret_first)
{
	int64_t own = 0, highest = 0; /* 0: none */

	*ret_first = NULL;
	for (size_t i = 0; i < all->n; i++) {
		const struct hf_assignment *assignment = all->v[i];
		const struct hf_device_person *p = hf_assigned_person(assignment, person);

		if (!p)
			continue;
		if (strcmp(assignment->device, device) == 0) {
			own = p->rank;
			continue;
		}
		if (p->rank > highest)
			highest = p->rank;
		if (p->rank == 1)
			*ret_first = assignment->device;
	}
	if (own > 0)
		return own;
	return highest < HF_RANK_MAX ? highest + 1 : HF_RANK_MAX;
}

void hf_assigned_done(struct hf_assigned *all)
{
	for (size_t i = 0; i < all->n; i++)
		hf_assignment_free(&all->v[i]);
	free(all->v);
	memset(all, 0, sizeof(*all));
}
