/* SPDX-License-Identifier: MIT */
/*
 * rank.c - counts the devices that a person has
 *
 * Room controller/cli.  Must never let an assignment count that nobody approved.
 */
#include <dirent.h>
#include <string.h>

#include "folder.h"
#include "rank.h"

/* What the assignments say of one person. */
struct count {
	const struct hf_view *view;
	const char *device, *person;
	int64_t own, highest; /* rank on this device, and on any other; 0: none */
	char first[HF_ID_SIZE];
};

static void look_at(struct count *count, const struct hf_envelope *envelope)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	struct hf_verdict verdict;

	if (envelope->type != HF_DOC_ASSIGNMENT || hf_assignment_decode(envelope, &assignment, NULL) != HF_OK ||
	    hf_approval_document(count->view->known.trust, envelope, &verdict, NULL) != HF_OK)
		return;
	for (size_t i = 0; i < assignment->n_people; i++) {
		const struct hf_device_person *p = &assignment->people[i];

		if (strcmp(p->person, count->person) != 0)
			continue;
		if (strcmp(assignment->device, count->device) == 0)
			count->own = p->rank;
		else if (p->rank > count->highest)
			count->highest = p->rank;
		if (p->rank == 1 && strcmp(assignment->device, count->device) != 0 &&
		    hf_str_copy(count->first, sizeof(count->first), assignment->device) != HF_OK)
			count->first[0] = '\0';
	}
}

static void look_in_folder(struct count *count)
{
	char folder[HF_CLI_PATH_SIZE], path[HF_CLI_PATH_SIZE];
	const struct dirent *entry;
	DIR *dir;

	if (hf_folder_path(count->view->cli->council, folder, NULL, "assignments") != HF_OK)
		return;
	dir = opendir(folder);
	while (dir && (entry = readdir(dir)) != NULL) {
		hf_auto_envelope struct hf_envelope *envelope = NULL;

		if (entry->d_name[0] != '.' &&
		    hf_folder_path(count->view->cli->council, path, NULL, "assignments/%s", entry->d_name) == HF_OK &&
		    hf_folder_get(path, &envelope, NULL) == HF_OK)
			look_at(count, envelope);
	}
	if (dir)
		closedir(dir);
}

int64_t hf_rank_of(const struct hf_view *view, const char *device, const char *person, char ret_first[HF_ID_SIZE])
{
	struct count count = {.view = view, .device = device, .person = person};
	json_t *one;
	size_t index;

	look_in_folder(&count);
	json_array_foreach(json_object_get(view->council, "assignments"), index, one)
	{
		hf_auto_envelope struct hf_envelope *shown = NULL;

		if (hf_envelope_from_json(one, &shown, NULL) == HF_OK)
			look_at(&count, shown);
	}
	memcpy(ret_first, count.first, sizeof(count.first));
	if (count.own > 0)
		return count.own;
	return count.highest < HF_RANK_MAX ? count.highest + 1 : HF_RANK_MAX;
}
