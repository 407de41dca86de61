/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast restore`: a backup is opened with a root's key, and tried by a controller of its own or laid out in a folder.
 * Must never touch the journal, the socket or the broker of this machine, or call tested what did not serve.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <holdfast/clock.h>
#include <holdfast/day.h>
#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/backup_file.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/doctor/server_look.h"
#include "controller/journal/backup_note.h"
#include "controller/journal/copy_check.h"
#include "controller/office/client.h"

#define SERVES_MS 120000 /* a journal of years is read in seconds; this one may be on a stick */
#define LOOK_MS 50

struct restoring {
	struct hf_cli *cli;
	const char *file, *root_key, *out, *receipt;
	bool check;
	char folder[HF_BACKUP_PATH]; /* what it is unpacked to */
	struct hf_backup backup;
	struct hf_wall tested;
	bool holds; /* signals, while something lies in the clear: */
	sigset_t before;
};

static enum hf_rc path_in(const struct restoring *r, const char *name, char ret[HF_BACKUP_PATH], struct hf_err *err)
{
	if (hf_str_printf(ret, HF_BACKUP_PATH, "%s/%s", r->folder, name) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE, "The path %s is too long.", r->folder);
}

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static enum hf_rc make_folder(struct restoring *r, struct hf_err *err)
{
	if (!r->out)
		return hf_backup_scratch(r->cli, "restore", r->folder, err);
	if (mkdir(r->out, 0700) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m: a folder is made for it that is not there yet.", r->out);
	if (hf_str_copy(r->folder, sizeof(r->folder), r->out) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The path %s is too long.", r->out);
	return HF_OK;
}

static enum hf_rc unpack(struct restoring *r, struct hf_err *err)
{
	__attribute__((cleanup(close_file))) FILE *in = fopen(r->file, "rbe");
	hf_auto_key struct hf_key *key = NULL;
	hf_auto_seal struct hf_seal *seal = NULL;
	struct hf_err why = {""};
	enum hf_rc rc;

	if (!in)
		return hf_err_set(err, errno == ENOENT ? HF_E_ABSENT : HF_E_SYSTEM, "%s: %m.", r->file);
	rc = hf_ask_key(r->cli, r->root_key, &key, err);
	if (rc != HF_OK)
		return rc;
	hf_backup_hold(&r->before);
	r->holds = true;
	rc = make_folder(r, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_seal_open(in, key, &seal, &why);
	if (rc == HF_OK)
		rc = hf_backup_unpack(seal, r->folder, &why);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%s cannot be restored: %s", r->file, why.text);
}

/* Each record is read, and the head is that of the manifest. */
static enum hf_rc check_records(struct restoring *r, struct hf_err *err)
{
	char journal[HF_BACKUP_PATH], note[HF_BACKUP_PATH];
	struct hf_copy_head head;
	struct hf_copy copy = {.heads = &head, .n_heads = 1};
	enum hf_rc rc = path_in(r, HF_BACKUP_MANIFEST, note, err);

	if (rc == HF_OK)
		rc = path_in(r, HF_BACKUP_JOURNAL, journal, err);
	if (rc == HF_OK)
		rc = hf_backup_read(note, &r->backup, NULL, err);
	if (rc != HF_OK)
		return rc;
	head = (struct hf_copy_head){.head = r->backup.head};
	rc = hf_copy_check(journal, &copy, err);
	if (rc != HF_OK)
		return rc;
	if (copy.bad)
		return hf_err_set(err, HF_E_SHAPE, "The journal in %s is not whole: record %" PRId64 ": %s.", r->file, copy.bad, copy.why);
	if (head.fit != HF_COPY_FITS || copy.chain.tree.size != r->backup.head.size)
		return hf_err_set(err, HF_E_MISMATCH, "The journal in %s is not the one that its manifest names.", r->file);
	return HF_OK;
}

/* A key that nobody knows: what this controller says no laptop would believe, and it says it to nobody. */
static enum hf_rc spare_key(const struct restoring *r, struct hf_err *err)
{
	hf_auto_key struct hf_key *key = NULL;
	hf_auto_free char *pem = NULL;
	char path[HF_BACKUP_PATH];
	size_t len = 0;
	enum hf_rc rc = hf_key_new(&key, err);

	if (rc == HF_OK)
		rc = hf_key_to_pem(key, NULL, &pem, &len, err);
	if (rc == HF_OK)
		rc = path_in(r, "spare.pem", path, err);
	if (rc == HF_OK)
		rc = hf_fs_replace(path, pem, len, 0600, err);
	if (pem)
		OPENSSL_cleanse(pem, len);
	return rc;
}

/* Folders, socket and broker are nobody else's: the port is one on which nothing answers. */
static enum hf_rc spare_settings(const struct restoring *r, struct hf_err *err)
{
	static const struct {
		const char *name, *inside, *value;
	} rows[] = {{"council.folder", "/none", ""},	  {"state.folder", "", ""},	   {"mark.folder", "/mark-2", ""},
		    {"socket.path", "/spare.sock", ""},	  {"controller.id", NULL, "c1"},   {"controller.key", "/spare.pem", ""},
		    {"bus.host", NULL, "localhost"},	  {"bus.port", NULL, "1"},	   {"bus.ca", "/spare.pem", ""},
		    {"bus.certificate", "/spare.pem", ""}, {"bus.key", "/spare.pem", ""}};
	char path[HF_BACKUP_PATH], text[HF_LEN(rows) * (HF_BACKUP_PATH + 64)];
	size_t len = 0;
	enum hf_rc rc = path_in(r, "spare.conf", path, err);

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (hf_str_printf(text + len, sizeof(text) - len, "%s = %s%s\n", rows[i].name, rows[i].inside ? r->folder : "",
				  rows[i].inside ? rows[i].inside : rows[i].value) != HF_OK)
			return hf_err_set(err, HF_E_SIZE, "The path %s is too long.", r->folder);
		len += strlen(text + len);
	}
	return rc == HF_OK ? hf_fs_replace(path, text, len, 0600, err) : rc;
}

/* What it says goes to a file, of which the last line is what went wrong. */
static enum hf_rc start_spare(const struct restoring *r, const char *option, pid_t *ret_pid, struct hf_err *err)
{
	static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	char program[HF_DOCTOR_PATH], conf[HF_BACKUP_PATH], log[HF_BACKUP_PATH];
	const char *argv[] = {program, "-f", conf, option, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int refused;

	if (hf_look_controller_program(program) != HF_OK)
		return hf_err_set(err, HF_E_ABSENT, "The program holdfastd is not on this machine: without it a backup cannot be tried.");
	if (path_in(r, "spare.conf", conf, err) != HF_OK || path_in(r, "spare.log", log, err) != HF_OK)
		return HF_E_SIZE;
	refused = posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &r->before);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	if (refused == 0)
		refused = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (refused == 0)
		refused = posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	if (refused == 0)
		refused = posix_spawn(ret_pid, program, &actions, &attr, (char *const *)(uintptr_t)argv,
				      (char *const *)(uintptr_t)environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attr);
	return refused == 0 ? HF_OK : hf_err_set(err, HF_E_SYSTEM, "%s could not be started: %s.", program, strerror(refused));
}

/* True: it has ended, with this status. */
static bool has_ended(pid_t pid, bool waits, int *ret_status)
{
	pid_t ended;

	do
		ended = waitpid(pid, ret_status, waits ? 0 : WNOHANG);
	while (ended < 0 && errno == EINTR);
	return ended != 0;
}

static enum hf_rc did_not_serve(const struct restoring *r, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	char log[HF_BACKUP_PATH];
	const char *last = "";
	size_t len = 0;

	if (path_in(r, "spare.log", log, err) == HF_OK && hf_fs_read(log, 1 << 20, &text, &len, NULL) == HF_OK) {
		while (len > 0 && text[len - 1] == '\n')
			text[--len] = '\0';
		last = strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
	}
	return hf_err_set(err, HF_E_SHAPE, "A controller does not start with the journal of %s: %.160s", r->file, last);
}

/* The very same records, served by a controller that began with nothing else. */
static enum hf_rc compare(const struct restoring *r, const json_t *status, struct hf_err *err)
{
	const json_t *journal = json_object_get(status, "journal");
	char root[HF_DIGEST_HEX_SIZE];

	hf_digest_hex(&r->backup.head.root, root);
	if (hf_client_number(journal, "size") == (long long)r->backup.head.size && strcmp(hf_client_text(journal, "root", ""), root) == 0 &&
	    strcmp(hf_client_text(status, "council", ""), r->backup.council) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_MISMATCH, "A controller serves another journal from %s than its manifest names.", r->file);
}

static enum hf_rc ask_spare(const struct restoring *r, pid_t pid, bool *ret_ended, struct hf_err *err)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	char path[HF_BACKUP_PATH];
	struct hf_office office = {.socket = path};
	const int64_t until = hf_clock_boot().ms + SERVES_MS;
	int status = 0;
	enum hf_rc rc = path_in(r, "spare.sock", path, err);

	while (rc == HF_OK) {
		hf_auto_json json_t *said = NULL;

		if (hf_backup_ends())
			return did_not_serve(r, err); /* nobody reads it: the signal ends this program */
		if (hf_client_get(&office, "/v1/status", &said, NULL) == HF_OK)
			return compare(r, said, err);
		*ret_ended = has_ended(pid, false, &status);
		if (*ret_ended || hf_clock_boot().ms > until)
			return did_not_serve(r, err);
		(void)nanosleep(&pause, NULL);
	}
	return rc;
}

static enum hf_rc try_spare(const struct restoring *r, struct hf_err *err)
{
	pid_t pid = 0;
	int status = 0;
	bool ended = false;
	enum hf_rc rc = start_spare(r, "--accept-journal", &pid, err);

	if (rc == HF_OK && has_ended(pid, true, &status) && status != 0)
		return did_not_serve(r, err);
	if (rc == HF_OK)
		rc = start_spare(r, NULL, &pid, err);
	if (rc != HF_OK)
		return rc;
	rc = ask_spare(r, pid, &ended, err);
	if (!ended) {
		(void)kill(pid, SIGTERM);
		(void)has_ended(pid, true, &status);
	}
	return rc;
}

/* The server's doctor and its figures read it: where there is no server it is brought there. */
static enum hf_rc write_receipt(struct restoring *r, struct hf_err *err)
{
	hf_auto_json json_t *note = NULL;
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (!r->receipt)
		r->receipt = HF_CONTROLLER_STATE "/" HF_BACKUP_TESTED;
	if (access(HF_CONTROLLER_STATE, W_OK) != 0 && strncmp(r->receipt, HF_CONTROLLER_STATE, sizeof(HF_CONTROLLER_STATE) - 1) == 0)
		r->receipt = NULL;
	r->tested = hf_clock_wall();
	note = hf_backup_note(&r->backup, r->tested);
	if (!note || hf_json_bytes(note, &text, &len) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return r->receipt ? hf_fs_replace(r->receipt, text, len, 0644, err) : HF_OK;
}

static enum hf_rc check(struct restoring *r, struct hf_err *err)
{
	enum hf_rc rc = spare_key(r, err);

	if (rc == HF_OK)
		rc = spare_settings(r, err);
	if (rc == HF_OK)
		rc = try_spare(r, err);
	return rc == HF_OK ? write_receipt(r, err) : rc;
}

static enum hf_rc restore(struct restoring *r, struct hf_err *err)
{
	enum hf_rc rc = unpack(r, err);

	if (rc == HF_OK)
		rc = check_records(r, err);
	if (rc == HF_OK && r->check)
		rc = check(r, err);
	if (r->folder[0] && (r->check || rc != HF_OK || hf_backup_ends()))
		hf_fs_remove_tree(r->folder);
	if (r->holds)
		(void)sigprocmask(SIG_SETMASK, &r->before, NULL); /* what waited ends it here */
	return rc;
}

static enum hf_rc say_restored(const struct restoring *r, struct hf_err *err)
{
	char day[HF_DAY_TEXT_SIZE];

	if (r->cli->json)
		return hf_cli_answer(r->cli, hf_backup_note(&r->backup, r->tested), err);
	hf_day_text((struct hf_day){(int32_t)(r->backup.made.s / 86400)}, day);
	if (r->check)
		fprintf(r->cli->out, hf_text("The backup of %s is good: a controller served its %" PRIu64 " records, and their head is that of the manifest.\n"),
			day, r->backup.head.size);
	else
		fprintf(r->cli->out, hf_text("The backup of %s, with %" PRIu64 " records, lies in %s. It is in the clear there: remove it when it is put back.\n"),
			day, r->backup.head.size, r->folder);
	if (r->check && !r->receipt)
		fprintf(r->cli->out, hf_text("Here is no server that could know it: say --receipt FILE, and bring that file to the server as %s.\n"),
			HF_CONTROLLER_STATE "/" HF_BACKUP_TESTED);
	return HF_OK;
}

enum hf_rc hf_cli_restore(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct restoring r = {.cli = cli};
	const struct hf_arg rows[] = {
		{"check", HF_ARG_FLAG, &r.check, NULL, HF_TEXT("try whether it is good, and leave nothing behind"), 0},
		{"out", HF_ARG_TEXT, &r.out, "DIR", HF_TEXT("lay it out in a new folder"), 0},
		{"root-key", HF_ARG_TEXT, &r.root_key, "FILE", HF_TEXT("the key of a root, on its own stick"), 0},
		{"receipt", HF_ARG_TEXT, &r.receipt, "FILE", HF_TEXT("where it is written down that it was tried (on the server, where its doctor looks)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (!r.root_key)
		return hf_err_set(err, HF_E_USAGE, "Say where the root's key is: --root-key FILE.");
	if (r.check == (r.out != NULL))
		return hf_err_set(err, HF_E_USAGE, "Say either --check or --out DIR.");
	if (r.receipt && !r.check)
		return hf_err_set(err, HF_E_USAGE, "--receipt is of --check.");
	r.file = args->rest[0];
	rc = restore(&r, err);
	return rc == HF_OK ? say_restored(&r, err) : rc;
}
