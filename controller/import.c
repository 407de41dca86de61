/* SPDX-License-Identifier: MIT */
/*
 * Owns the first start: a council folder becomes the first records of an empty journal.
 * Must never record a part of it, or a document that the law refuses.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/rows.h>

#include "controller/apply.h"
#include "controller/import.h"

/* What has been read so far. */
struct import {
	struct hf_controller *c;
	const char *folder;
	struct hf_entry *entries; /* bodies owned */
	size_t n, room;
};

static void import_done(struct import *in)
{
	for (size_t i = 0; i < in->n; i++)
		free((char *)in->entries[i].body);
	free(in->entries);
}

static enum hf_rc keep_entry(struct import *in, char **body, size_t len, const struct hf_digest *digest,
			     enum hf_record_kind kind)
{
	if (hf_rows_reserve(&in->entries, &in->room, in->n + 1, sizeof(*in->entries)) != HF_OK)
		return HF_E_MEMORY;
	in->entries[in->n++] = (struct hf_entry){
		.at = hf_clock_wall(), .kind = kind, .digest = *digest, .body = hf_steal_ptr(body), .body_len = len};
	return HF_OK;
}

/* Reads, judges and knows one file; HF_E_ABSENT when it is not there. */
static enum hf_rc take_file(struct import *in, const char *name, enum hf_record_kind kind, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_free char *path = NULL, *body = NULL;
	struct hf_err why = {""};
	size_t len = 0;
	enum hf_rc rc;
	if (asprintf(&path, "%s/%s", in->folder, name) < 0) {
		path = NULL;
		return hf_err_set(err, HF_E_MEMORY, "no memory to read the council folder");
	}
	rc = hf_fs_read(path, HF_MESSAGE_MAX, &body, &len, &why);
	if (rc == HF_E_ABSENT)
		return hf_err_set(err, rc, "%s is not there: make the council folder with `holdfast council init`",
				  path);
	if (rc == HF_OK)
		rc = hf_envelope_decode(body, len, &envelope, &why);
	if (rc == HF_OK)
		rc = keep_entry(in, &body, len, &envelope->digest, kind);
	if (rc == HF_OK)
		rc = hf_controller_apply(in->c, &in->entries[in->n - 1], &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s is refused (%s): %s", path, hf_rc_name(rc), why.text);
	return HF_OK;
}

static enum hf_rc take_trusts(struct import *in, struct hf_err *err)
{
	char name[64];
	enum hf_rc rc = HF_OK;
	for (size_t epoch = 1; rc == HF_OK && epoch <= HF_TRUSTS_MAX; epoch++) {
		if (hf_str_printf(name, sizeof(name), "trust/%zu.json", epoch) != HF_OK)
			return hf_err_set(err, HF_E_SIZE, "the council folder has too many trusts");
		rc = take_file(in, name, HF_RECORD_TRUST, err);
	}
	return rc == HF_E_ABSENT && in->n ? HF_OK : rc;
}

static int is_document(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".json") == 0;
}

static enum hf_rc take_assignments(struct import *in, struct hf_err *err)
{
	hf_auto_free char *path = NULL;
	struct dirent **names = NULL;
	char name[300];
	enum hf_rc rc = HF_OK;
	int n;
	if (asprintf(&path, "%s/assignments", in->folder) < 0) {
		path = NULL;
		return hf_err_set(err, HF_E_MEMORY, "no memory to read the council folder");
	}
	n = scandir(path, &names, is_document, alphasort);
	for (int i = 0; i < n; i++) {
		if (rc == HF_OK && hf_str_printf(name, sizeof(name), "assignments/%s", names[i]->d_name) != HF_OK)
			rc = hf_err_set(err, HF_E_SIZE, "the name assignments/%.64s... is too long",
					names[i]->d_name);
		if (rc == HF_OK)
			rc = take_file(in, name, HF_RECORD_ASSIGNMENT, err);
		free(names[i]);
	}
	free(names);
	return rc;
}

/* Part 1 is register.json, as the whole is where it has one part; the others are beside it. */
static enum hf_rc take_register(struct import *in, struct hf_err *err)
{
	char name[64];
	enum hf_rc rc = take_file(in, "register.json", HF_RECORD_REGISTER, err);
	for (int part = 2; rc == HF_OK && part <= HF_REGISTER_PARTS_MAX; part++) {
		if (hf_str_printf(name, sizeof(name), "register-%d.json", part) != HF_OK)
			return hf_err_set(err, HF_E_SIZE, "the name register-%d.json is too long", part);
		rc = take_file(in, name, HF_RECORD_REGISTER, err);
	}
	return rc == HF_E_ABSENT ? HF_OK : rc;
}

enum hf_rc hf_import_council(struct hf_controller *c, const char *folder, struct hf_err *err)
{
	struct import in = {.c = c, .folder = folder};
	enum hf_rc rc = take_trusts(&in, err);
	if (rc == HF_OK)
		rc = take_register(&in, err);
	if (rc == HF_OK)
		rc = take_assignments(&in, err);
	if (rc == HF_OK)
		rc = hf_journal_append(c->journal, in.entries, in.n, err);
	if (rc == HF_OK)
		hf_log(HF_LOG_NOTICE, HF_EV_STORE, "records=%zu the journal begins with the council folder %s", in.n,
		       folder);
	import_done(&in);
	return rc;
}
