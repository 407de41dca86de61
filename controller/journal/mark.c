/* SPDX-License-Identifier: MIT */
/*
 * Owns the marks that say how long the journal was.
 * Must never be taken for the journal: a mark proves a loss, and nothing else.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "controller/journal/mark.h"

#define ROOM 256 /* bytes: a word, a number, a digest */
#define WORD "holdfast-journal"

/* What root makes is the controller's, who may be another user. */
static enum hf_rc give_away(const char *folder, struct hf_err *err)
{
	static const char *const names[] = {"slot-0", "slot-1"};
	struct stat st;
	if (geteuid() != 0)
		return HF_OK;
	if (stat(folder, &st) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m", folder);
	for (size_t i = 0; i < HF_LEN(names); i++) {
		hf_auto_free char *path = NULL;
		if (asprintf(&path, "%s/%s", folder, names[i]) < 0) {
			path = NULL;
			return hf_err_set(err, HF_E_MEMORY, "no memory for the mark of the journal");
		}
		if (lchown(path, st.st_uid, st.st_gid) != 0)
			return hf_err_set(err, HF_E_SYSTEM, "%s: %m", path);
	}
	return HF_OK;
}

static enum hf_rc read_mark(struct hf_mark *mark, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	char hex[HF_DIGEST_HEX_SIZE] = "";
	size_t len = 0;
	enum hf_rc rc = hf_slots_load(mark->slots, &text, &len, NULL, err);
	if (rc == HF_E_ABSENT)
		return HF_OK;
	if (rc != HF_OK)
		return rc;
	if (sscanf(text, WORD " %" SCNd64 " %64s", &mark->size, hex) != 2 || mark->size < 0 ||
	    hf_digest_from_hex(hex, &mark->root) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "%s holds something that is no mark of a journal", mark->folder);
	mark->there = true;
	return HF_OK;
}

enum hf_rc hf_mark_open(const char *folder, struct hf_mark *ret_mark, struct hf_err *err)
{
	struct hf_mark mark = {.folder = strdup(folder)};
	enum hf_rc rc =
		mark.folder ? hf_fs_mkdirs(folder, 0700, err) : hf_err_set(err, HF_E_MEMORY, "no memory for a mark");
	if (rc == HF_OK)
		rc = hf_slots_open(folder, ROOM, &mark.slots, err);
	if (rc == HF_OK)
		rc = give_away(folder, err);
	if (rc == HF_OK)
		rc = read_mark(&mark, err);
	/* A folder that cannot be had must not keep officers from raising: it is said with every save. */
	if (rc == HF_E_SYSTEM) {
		hf_slots_close(&mark.slots);
		rc = HF_OK;
	}
	if (rc == HF_OK)
		*ret_mark = mark;
	else
		hf_mark_close(&mark);
	return rc;
}

enum hf_rc hf_mark_save(struct hf_mark *mark, const struct hf_merkle *tree, struct hf_err *err)
{
	char text[ROOM], hex[HF_DIGEST_HEX_SIZE];
	struct hf_digest root = hf_merkle_root(tree);
	enum hf_rc rc;
	if (!mark->slots)
		return hf_err_set(err, HF_E_SYSTEM,
				  "it cannot be written there: make the folder, and give it to this user");
	rc = hf_str_printf(text, sizeof(text), WORD " %" PRIu64 " %s\n", tree->size, hf_digest_hex(&root, hex));
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the mark of the journal has no room");
	rc = hf_slots_save(mark->slots, text, strlen(text), err);
	if (rc != HF_OK)
		return rc;
	mark->there = true;
	mark->size = (int64_t)tree->size;
	mark->root = root;
	return HF_OK;
}

void hf_mark_close(struct hf_mark *mark)
{
	hf_slots_close(&mark->slots);
	free(mark->folder);
	memset(mark, 0, sizeof(*mark));
}
