/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast backup`: the journal as it is at one moment, and what lies beside it, sealed to the roots.
 * Must never put a key into it, leave a copy in the clear, or say that it was made before it is on disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "controller/cli/commands/backup_file.h"
#include "controller/cli/commands/commands.h"
#include "controller/conf/settings.h"
#include "controller/journal/backup_note.h"
#include "controller/journal/copy_check.h"
#include "controller/journal/journal_look.h"
#include "controller/office/council_view.h"

#define BESIDE 6

struct making {
	struct hf_cli *cli;
	const char *conf, *file;
	struct hf_settings settings;
	struct hf_view view;
	char folder[HF_BACKUP_PATH], copy[HF_BACKUP_PATH], note[HF_BACKUP_PATH]; /* in the clear, so never where the file goes */
	char half[HF_BACKUP_PATH]; /* beside the file, until it is whole */
	struct hf_backup backup;
	bool holds; /* signals, while something lies in the clear: */
	sigset_t before;
};

/* What was written on the way goes, whatever became of it. */
static void making_done(struct making *m)
{
	if (m->folder[0])
		hf_fs_remove_tree(m->folder);
	if (m->half[0])
		(void)!hf_fs_remove(m->half, NULL);
	hf_view_done(&m->view);
	if (m->holds)
		(void)sigprocmask(SIG_SETMASK, &m->before, NULL);
}

static enum hf_rc read_settings(struct making *m, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_err why = {""};
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(m->conf, HF_CONF_FILE_MAX, &text, &len, &why);

	if (rc == HF_OK)
		rc = hf_settings_read(text, &m->settings, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s: %s", m->conf, why.text);
	if (!m->cli->office.folder)
		m->cli->office.folder = m->settings.council_folder;
	return HF_OK;
}

/* The roots of the newest trust that follows from the council's folder. A dead controller is backed up by the folder's. */
static enum hf_rc find_roots(struct making *m, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = hf_view_folder(&m->cli->office, &m->view, err);

	if (rc == HF_OK && hf_view_ask(&m->view, &why) != HF_OK)
		hf_office_warn(&m->cli->office, "the controller was not asked who the roots are, so those of the council's folder can open it: %s",
			       why.text);
	return rc;
}

static enum hf_rc too_long(const char *path, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SIZE, "The path %s is too long.", path);
}

/* The file may go to a stick or to another machine: what is in the clear stays on this one. */
static enum hf_rc name_files(struct making *m, struct hf_err *err)
{
	enum hf_rc rc;

	if (hf_str_printf(m->half, sizeof(m->half), "%s.half", m->file) != HF_OK)
		return too_long(m->file, err);
	hf_backup_hold(&m->before);
	m->holds = true;
	rc = hf_backup_scratch(m->cli, "backup", m->folder, err);
	if (rc == HF_OK && (hf_str_printf(m->copy, sizeof(m->copy), "%s/" HF_BACKUP_JOURNAL, m->folder) != HF_OK ||
			    hf_str_printf(m->note, sizeof(m->note), "%s/" HF_BACKUP_MANIFEST, m->folder) != HF_OK))
		return too_long(m->folder, err);
	return rc;
}

/* The copy is read from its first record to its last: what is damaged is no backup. */
static enum hf_rc copy_journal(struct making *m, struct hf_err *err)
{
	struct hf_copy copy = {.heads = NULL};
	char path[HF_BACKUP_PATH];
	enum hf_rc rc;

	if (hf_str_printf(path, sizeof(path), "%s/journal.db", m->settings.state_folder) != HF_OK ||
	    hf_str_copy(m->backup.council, sizeof(m->backup.council), m->view.known.council) != HF_OK)
		return too_long(m->settings.state_folder, err);
	rc = hf_journal_look_copy(path, m->copy, err);
	if (rc == HF_OK)
		rc = hf_copy_check(m->copy, &copy, err);
	if (rc != HF_OK)
		return rc;
	if (copy.bad)
		return hf_err_set(err, HF_E_SHAPE, "The journal is not whole, so no backup was made: record %" PRId64 ": %s.", copy.bad,
				  copy.why);
	m->backup.made = hf_clock_wall();
	m->backup.head = (struct hf_merkle_head){copy.chain.tree.size, hf_merkle_root(&copy.chain.tree)};
	return HF_OK;
}

static enum hf_rc write_note(const struct hf_backup *backup, const char *path, mode_t mode, struct hf_err *err)
{
	hf_auto_json json_t *note = hf_backup_note(backup, (struct hf_wall){0});
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (!note || hf_json_bytes(note, &text, &len) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return hf_fs_replace(path, text, len, mode, err);
}

/* What a new server wants beside the journal; what is not there is not there. Without a folder it is the settings that were named. */
static enum hf_rc add_beside(const struct making *m, struct hf_seal *seal, struct hf_err *err)
{
	const struct hf_settings *s = &m->settings;
	const struct {
		const char *name, *folder;
	} beside[BESIDE] = {{"people.csv", s->state_folder}, {"beside.json", s->state_folder},	{"controller.conf", ""},
			    {"standing.csv", HF_ETC},	     {"retention.conf", HF_ETC}, {"acl", HF_ETC "/broker"}};
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; i < BESIDE && rc == HF_OK; i++) {
		char path[HF_BACKUP_PATH];

		if (hf_str_printf(path, sizeof(path), "%s%s%s", beside[i].folder, beside[i].folder[0] ? "/" : "",
				  beside[i].folder[0] ? beside[i].name : m->conf) != HF_OK)
			return too_long(m->conf, err);
		if (access(path, F_OK) == 0)
			rc = hf_backup_add(seal, beside[i].name, path, err);
	}
	return rc;
}

static enum hf_rc seal_all(struct making *m, FILE *out, struct hf_err *err)
{
	hf_auto_seal struct hf_seal *seal = NULL;
	const struct hf_trust *trust = m->view.known.trust;
	enum hf_rc rc = hf_seal_begin(out, trust->roots, trust->n_roots, &seal, err);

	if (rc == HF_OK)
		rc = hf_backup_add(seal, HF_BACKUP_MANIFEST, m->note, err);
	if (rc == HF_OK)
		rc = hf_backup_add(seal, HF_BACKUP_JOURNAL, m->copy, err);
	if (rc == HF_OK)
		rc = add_beside(m, seal, err);
	return rc == HF_OK ? hf_backup_close(seal, err) : rc;
}

static enum hf_rc write_file(struct making *m, struct hf_err *err)
{
	/* One of a run that was killed. */
	const bool clear = unlink(m->half) == 0 || errno == ENOENT;
	int fd = !clear ? -1 : open(m->half, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "wb") : NULL;
	enum hf_rc rc;

	if (!out)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m.", m->half);
	rc = seal_all(m, out, err);
	if (rc == HF_OK && (fflush(out) != 0 || fsync(fd) != 0))
		rc = hf_err_set(err, HF_E_SYSTEM, "%s: %m.", m->half);
	if (fclose(out) != 0 && rc == HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "%s: %m.", m->half);
	if (rc == HF_OK && rename(m->half, m->file) != 0)
		rc = hf_err_set(err, HF_E_SYSTEM, "%s: %m.", m->file);
	return rc;
}

/* For the doctor and the figures; a backup stands without it. */
static void note_made(struct making *m)
{
	char path[HF_BACKUP_PATH];
	struct hf_err why = {""};

	if (hf_str_printf(path, sizeof(path), "%s/" HF_BACKUP_MADE, m->settings.state_folder) == HF_OK &&
	    write_note(&m->backup, path, 0644, &why) != HF_OK)
		hf_office_warn(&m->cli->office, "that a backup was made could not be noted: %s", why.text);
}

static enum hf_rc make(struct making *m, struct hf_err *err)
{
	mode_t mask = umask(0077);
	enum hf_rc rc = read_settings(m, err);

	if (rc == HF_OK)
		rc = find_roots(m, err);
	if (rc == HF_OK)
		rc = name_files(m, err);
	if (rc == HF_OK)
		rc = copy_journal(m, err);
	if (rc == HF_OK)
		rc = write_note(&m->backup, m->note, 0600, err);
	if (rc == HF_OK)
		rc = write_file(m, err);
	if (rc == HF_OK)
		note_made(m);
	umask(mask);
	return rc;
}

static enum hf_rc say_made(struct making *m, struct hf_err *err)
{
	const size_t n = m->view.known.trust->n_roots;
	json_t *note;

	if (m->cli->json) {
		note = hf_backup_note(&m->backup, (struct hf_wall){0});
		if (note)
			(void)json_object_set_new(note, "file", json_string(m->file));
		return hf_cli_answer(m->cli, note, err);
	}
	fprintf(m->cli->out,
		hf_text_n("%s has the journal of %" PRIu64 " records. The key of the one root opens it, and no other does.\n",
			  "%s has the journal of %" PRIu64 " records. The key of any of %zu roots opens it, and no other does.\n", n),
		m->file, m->backup.head.size, n);
	fputs(hf_text("Bring it to another machine. Nobody knows whether it is good until `holdfast restore --check` has tried it.\n"), m->cli->out);
	return HF_OK;
}

enum hf_rc hf_cli_backup(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	__attribute__((cleanup(making_done))) struct making m = {.cli = cli, .conf = HF_CONTROLLER_CONF};
	const struct hf_arg rows[] = {
		{"conf", HF_ARG_TEXT, &m.conf, "FILE", HF_TEXT("the controller's settings (those of the package)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	m.file = args->rest[0];
	rc = make(&m, err);
	return rc == HF_OK ? say_made(&m, err) : rc;
}
