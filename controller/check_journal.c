/* SPDX-License-Identifier: MIT */
/*
 * Owns what is said of the journal and of its copy to somebody who asks whether they are whole.
 * Must never write to either.
 */
#include <string.h>
#include <sys/stat.h>

#include <holdfast/str.h>

#include "controller/check_journal.h"
#include "controller/journal/journal_look.h"

#define PATH_SIZE (HF_CONF_TEXT_SIZE + 16)

/* {"path", "records", "last", "head", "error"} */
static json_t *said_of(const char *path, const struct hf_journal_look *look, enum hf_rc rc, const struct hf_err *why)
{
	char head[HF_DIGEST_HEX_SIZE];

	if (rc != HF_OK)
		return json_pack("{s:s, s:s, s:s}", "path", path, "reason", hf_rc_name(rc), "error", why->text);
	return json_pack("{s:s, s:I, s:I, s:s, s:n}", "path", path, "records", (json_int_t)look->records, "last",
			 (json_int_t)look->last.s, "head", hf_digest_hex(&look->head, head), "error");
}

static enum hf_rc no_room(struct hf_err *err)
{
	return hf_err_set(err, HF_E_MEMORY, "no memory to say what the journal has");
}

enum hf_rc hf_check_copy(const char *path, json_t **ret_answer, struct hf_err *err)
{
	struct hf_journal_look look = {0};
	struct hf_err why = {""};
	struct stat st;
	enum hf_rc rc = hf_journal_look(path, true, &look, &why);
	hf_auto_json json_t *answer = said_of(path, &look, rc, &why);

	if (answer && rc == HF_OK && stat(path, &st) == 0 &&
	    json_object_set_new(answer, "made", json_integer((json_int_t)st.st_mtim.tv_sec)) != 0)
		return no_room(err);
	if (!answer)
		return no_room(err);
	*ret_answer = hf_steal_ptr(&answer);
	return HF_OK;
}

/* A copy that goes as far as the journal goes, or not so far, and says the same there. */
static bool is_of_this(const json_t *copy, const struct hf_journal_look *look)
{
	char head[HF_DIGEST_HEX_SIZE];
	const char *said = json_string_value(json_object_get(copy, "head"));

	return said && (look->at == 0 || strcmp(said, hf_digest_hex(&look->head_at, head)) == 0);
}

enum hf_rc hf_check_journal(const struct hf_settings *settings, json_t *copy, json_t **ret_answer, bool *ret_whole,
			    struct hf_err *err)
{
	struct hf_journal_look look = {.at = json_integer_value(json_object_get(copy, "records"))};
	struct hf_err why = {""};
	hf_auto_json json_t *journal = NULL;
	char path[PATH_SIZE];
	bool whole = true;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "%s/journal.db", settings->state_folder);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "the path of the journal is too long");
	rc = hf_journal_look(path, false, &look, &why);
	journal = said_of(path, &look, rc, &why);
	if (copy && json_is_null(json_object_get(copy, "error"))) {
		whole = rc != HF_OK || is_of_this(copy, &look);
		if (rc == HF_OK && json_object_set_new(copy, "of_this", json_boolean(whole)) != 0)
			return no_room(err);
	} else if (copy) {
		whole = false;
	}
	*ret_whole = whole && rc == HF_OK;
	*ret_answer = journal ? json_pack("{s:O, s:O?}", "journal", journal, "copy", copy) : NULL;
	return *ret_answer ? HF_OK : no_room(err);
}
