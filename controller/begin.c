/* SPDX-License-Identifier: MIT */
/*
 * Owns how the controller comes by its journal at the start.
 * Must never begin anew where a journal was, unless somebody decided so.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/begin.h"
#include "controller/import.h"
#include "controller/own_words.h"
#include "controller/publish.h"
#include "controller/recall.h"

#define PATH_SIZE (HF_CONF_TEXT_SIZE + 16)
#define AHEAD 3600 /* a lost journal may have numbered its states faster than one a second: the first from now on is above all of them */

/* What root makes is given to the user that the program will be. */
static enum hf_rc make_folder(const char *path, const struct hf_keeper_of_files *whose, struct hf_err *err)
{
	enum hf_rc rc = hf_fs_mkdirs(path, 0700, err);
	if (rc == HF_OK && whose->gives && chown(path, whose->uid, whose->gid) != 0)
		rc = hf_err_set(err, HF_E_SYSTEM, "%s: giving it away: %s", path, strerror(errno));
	return rc == HF_OK ? hf_fs_guarded(path, whose->gives ? &whose->uid : NULL, S_IWGRP | S_IWOTH, err) : rc;
}

enum hf_rc hf_begin_alone(const struct hf_settings *settings, const struct hf_keeper_of_files *whose, int *ret_lock,
			  struct hf_err *err)
{
	enum hf_rc rc = make_folder(settings->state_folder, whose, err);
	return rc == HF_OK ? hf_fs_lock(settings->state_folder, "holdfastd", ret_lock, err) : rc;
}

static enum hf_rc own_file(const struct hf_controller *c, const char *name, const struct hf_keeper_of_files *whose,
			   struct hf_err *err)
{
	char path[PATH_SIZE];
	hf_auto_fd int fd = -1;
	if (hf_str_printf(path, sizeof(path), "%s/%s", c->settings->state_folder, name) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "state.folder is too long");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || (whose->gives && fchown(fd, whose->uid, whose->gid) != 0))
		return hf_err_set(err, HF_E_SYSTEM, "%s: %s", path, strerror(errno));
	return HF_OK;
}

/* Who may write to the journal can make the council forget; who may only read it is kept out from now on. */
static enum hf_rc check_files(const struct hf_controller *c, const struct hf_keeper_of_files *whose, struct hf_err *err)
{
	static const char *const names[] = {"journal.db", "journal.db-wal", "journal.db-shm", "reserve"};
	for (size_t i = 0; i < HF_LEN(names); i++) {
		char path[PATH_SIZE];
		enum hf_rc rc;
		if (hf_str_printf(path, sizeof(path), "%s/%s", c->settings->state_folder, names[i]) != HF_OK)
			return hf_err_set(err, HF_E_SIZE, "state.folder is too long");
		rc = hf_fs_guarded(path, whose->gives ? &whose->uid : NULL, S_IWGRP | S_IWOTH, err);
		if (rc != HF_OK && rc != HF_E_ABSENT)
			return rc;
		if (rc == HF_OK && hf_fs_guarded(path, whose->gives ? &whose->uid : NULL, S_IRWXO, NULL) == HF_E_KEY &&
		    chmod(path, 0600) == 0)
			hf_log(HF_LOG_NOTICE, HF_EV_STORE, "%s could be read by everybody: not any more", path);
	}
	return HF_OK;
}

static enum hf_rc open_journal(struct hf_controller *c, const struct hf_keeper_of_files *whose, struct hf_err *err)
{
	const struct hf_settings *s = c->settings;
	char beside[PATH_SIZE];
	const char *const marks[] = {beside, s->mark_folder};
	enum hf_rc rc = make_folder(s->state_folder, whose, err);
	if (rc == HF_OK)
		rc = hf_str_printf(beside, sizeof(beside), "%s/mark", s->state_folder);
	if (rc == HF_OK)
		rc = make_folder(beside, whose, err);
	/* One that cannot be made is said on every screen; others' hands in it are not borne. */
	if (rc == HF_OK && make_folder(s->mark_folder, whose, err) == HF_E_KEY)
		rc = HF_E_KEY;
	/* SQLite gives the files beside the database its permissions and, as root, its owner. */
	if (rc == HF_OK)
		rc = own_file(c, "journal.db", whose, err);
	if (rc == HF_OK)
		rc = own_file(c, "reserve", whose, err);
	if (rc == HF_OK)
		rc = check_files(c, whose, err);
	if (rc == HF_OK)
		rc = hf_journal_open(s->state_folder, &c->journal, err);
	if (rc == HF_OK)
		rc = hf_journal_keep_room(c->journal, err);
	return rc == HF_OK ? hf_journal_guard(c->journal, marks, err) : rc;
}

static void log_unmarked(const struct hf_controller *c)
{
	const char *why = hf_journal_unmarked(c->journal);
	if (why[0])
		hf_log(HF_LOG_ERROR, HF_EV_STORE, "a loss of the journal might go unnoticed: %s", why);
}

/* Whatever was being written; who asked for it is told, and the next life knows. */
static void stop_for_doubt(void *arg, const char *why)
{
	hf_log_about(
		HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_UNSURE)),
		"whether the last write to the journal was made cannot be told: nothing of it is published, and the "
		"controller ends, to read at its next start what is there: %s",
		why);
	hf_controller_stop(arg, HF_E_UNSURE);
}

enum hf_rc hf_begin(struct hf_controller *c, const struct hf_keeper_of_files *whose, struct hf_err *err)
{
	enum hf_rc rc = open_journal(c, whose, err);
	if (rc == HF_OK)
		hf_journal_on_doubt(c->journal, stop_for_doubt, c);
	if (rc == HF_OK && c->rebuilds)
		rc = hf_journal_forget_tables(c->journal, err);
	if (rc == HF_OK)
		rc = hf_recall_journal(c, err);
	if (rc == HF_OK && !c->begun) {
		c->began = true;
		rc = hf_import_council(c, c->settings->council_folder, err);
	}
	if (rc != HF_OK)
		return rc;
	log_unmarked(c);
	c->found = (int64_t)hf_journal_tree(c->journal)->size;
	return HF_OK;
}

enum hf_rc hf_begin_accept(struct hf_controller *c, const struct hf_keeper_of_files *whose, int64_t *ret_records,
			   struct hf_err *err)
{
	int64_t seq = 0, now = hf_clock_wall().s;
	enum hf_rc rc = open_journal(c, whose, err);
	if (rc != HF_OK)
		return rc;
	hf_journal_accept(c->journal);
	rc = hf_journal_replay(c->journal, NULL, NULL, err);
	if (rc == HF_OK)
		rc = hf_journal_number(c->journal, HF_NUMBER_SEQ, &seq, err);
	seq = (seq > now ? seq : now) + AHEAD;
	if (rc == HF_OK)
		rc = hf_journal_set_number(c->journal, HF_NUMBER_SEQ, seq, err);
	if (rc == HF_OK)
		rc = hf_journal_set_number(c->journal, HF_NUMBER_ENDED, HF_END_ACCEPTED, err);
	if (rc == HF_OK && hf_journal_unmarked(c->journal)[0])
		rc = hf_err_set(err, HF_E_SYSTEM, "%s", hf_journal_unmarked(c->journal));
	if (rc == HF_OK)
		*ret_records = (int64_t)hf_journal_tree(c->journal)->size;
	return rc;
}
