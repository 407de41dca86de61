/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast trust --practice`: a whole ceremony of a council that nobody has, with keys that are made for it.
 * Must never touch a council's folder, ask a controller, or leave anything behind.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/office/council_folder.h"
#include "controller/office/council_plan.h"
#include "controller/office/proposal_words.h"
#include "controller/office/trust_change.h"

#define ROOTS 3
#define PEOPLE 4
#define TRIES 3 /* of one root, at what is typed */

/* No council's id, so that none of it would be believed even with a council's own keys. */
#define PRACTICE_COUNCIL "holdfast-practice"

static json_t *spare_person(const char *id, const char *role, const char *also)
{
	return json_pack("{s:s, s:[s, s*]}", "id", id, "roles", role, also);
}

static json_t *spare_plan(void)
{
	return json_pack("{s:s, s:i, s:i, s:[s, s, s], s:[o, o, o, o], s:[]}", "council", PRACTICE_COUNCIL, "roots", ROOTS, "threshold",
			 2, "root_names", "Practice-1", "Practice-2", "Practice-3", "people", spare_person("comms-1", "comms", "accounts"),
			 spare_person("comms-2", "comms", "accounts"), spare_person("monitoring-1", "monitoring", "elections"),
			 spare_person("it-1", "it", NULL), "accounts");
}

struct practice {
	struct hf_cli *cli;
	struct hf_cli own; /* the same terminal, with the practice folder alone */
	char folder[HF_FOLDER_PATH_SIZE], council[HF_FOLDER_PATH_SIZE], file[HF_FOLDER_PATH_SIZE];
	char sticks[ROOTS][HF_FOLDER_PATH_SIZE];
	char public[HF_FOLDER_PATH_SIZE]; /* of who joins */
	struct hf_key *roots[ROOTS], *people[PEOPLE + 1], *controllers[2];
	struct hf_secret pass;
};

#define auto_practice __attribute__((cleanup(practice_done)))

static void practice_done(struct practice *p)
{
	for (size_t i = 0; i < ROOTS; i++)
		hf_key_free(&p->roots[i]);
	for (size_t i = 0; i < PEOPLE + 1; i++)
		hf_key_free(&p->people[i]);
	hf_key_free(&p->controllers[0]);
	hf_key_free(&p->controllers[1]);
	hf_secret_wipe(&p->pass);
}

static void say_step(const struct practice *p, const char *step)
{
	const struct hf_words words = {.out = p->own.talk, .marks = hf_cli_marks(p->cli)};

	hf_words_heading(&words, HF_TONE_EXERCISE, "%s", step);
}

static enum hf_rc make_spare_keys(struct practice *p, struct hf_err *err)
{
	enum hf_rc rc = hf_key_new(&p->controllers[0], err);

	if (rc == HF_OK)
		rc = hf_key_new(&p->controllers[1], err);
	for (size_t i = 0; rc == HF_OK && i < ROOTS; i++)
		rc = hf_key_new(&p->roots[i], err);
	for (size_t i = 0; rc == HF_OK && i < PEOPLE + 1; i++)
		rc = hf_key_new(&p->people[i], err);
	return rc;
}

/* Each on a stick of its own, as it is in earnest. */
static enum hf_rc write_sticks(struct practice *p, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (int i = 0; rc == HF_OK && i < ROOTS; i++) {
		rc = hf_folder_path(p->folder, p->sticks[i], err, "stick-%d", i + 1);
		if (rc == HF_OK)
			rc = hf_fs_mkdirs(p->sticks[i], 0700, err);
		if (rc == HF_OK)
			rc = hf_folder_path(p->folder, p->sticks[i], err, "stick-%d/root.pem", i + 1);
		if (rc == HF_OK)
			rc = hf_folder_put_key(p->sticks[i], p->roots[i], p->pass.text, err);
	}
	return rc;
}

static enum hf_rc write_first_trust(struct practice *p, struct hf_err *err)
{
	hf_auto_council_plan struct hf_council_plan plan = {.doc = NULL};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_pub roots[ROOTS], people[PEOPLE], controllers[2] = {hf_key_pub(p->controllers[0]), hf_key_pub(p->controllers[1])};
	hf_auto_json json_t *doc = spare_plan();
	hf_auto_free char *text = NULL;
	char path[HF_FOLDER_PATH_SIZE];
	size_t len = 0;
	enum hf_rc rc = hf_folder_path(p->folder, path, err, "plan.json");

	if (rc == HF_OK && (!doc || hf_json_bytes(doc, &text, &len) != HF_OK))
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (rc == HF_OK)
		rc = hf_fs_replace(path, text, len, 0600, err);
	if (rc == HF_OK)
		rc = hf_council_plan_read(path, NULL, &plan, err);
	for (size_t i = 0; i < ROOTS; i++)
		roots[i] = hf_key_pub(p->roots[i]);
	for (size_t i = 0; i < PEOPLE; i++)
		people[i] = hf_key_pub(p->people[i]);
	if (rc == HF_OK)
		rc = hf_folder_envelope(HF_DOC_TRUST, hf_council_plan_trust(&plan, roots, controllers, people, hf_clock_wall()),
					&envelope, err);
	for (size_t i = 0; rc == HF_OK && i < ROOTS; i++)
		rc = hf_envelope_sign(envelope, p->roots[i], err);
	if (rc == HF_OK)
		rc = hf_folder_path(p->council, path, err, "trust");
	if (rc == HF_OK)
		rc = hf_fs_mkdirs(path, 0700, err);
	return rc == HF_OK ? hf_folder_put_trust(p->council, envelope, err) : rc;
}

static enum hf_rc write_public(struct practice *p, struct hf_err *err)
{
	const struct hf_pub pub = hf_key_pub(p->people[PEOPLE]);
	hf_auto_json json_t *text = hf_json_from_bytes(pub.b, sizeof(pub.b));
	enum hf_rc rc = hf_folder_path(p->folder, p->public, err, "comms-3.pub");

	if (rc == HF_OK && !text)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return rc == HF_OK ? hf_fs_replace(p->public, json_string_value(text), json_string_length(text), 0600, err) : rc;
}

static enum hf_rc lay_out(struct practice *p, struct hf_err *err)
{
	enum hf_rc rc = hf_ask_passphrase(p->cli, hf_text("A passphrase for the spare keys: make one up"), true, &p->pass, err);

	if (rc == HF_OK)
		rc = hf_folder_path(p->folder, p->council, err, "council");
	if (rc == HF_OK)
		rc = hf_folder_path(p->folder, p->file, err, "next.json");
	if (rc == HF_OK)
		rc = make_spare_keys(p, err);
	if (rc == HF_OK)
		rc = write_sticks(p, err);
	if (rc == HF_OK)
		rc = write_first_trust(p, err);
	if (rc == HF_OK)
		rc = write_public(p, err);
	p->own = *p->cli;
	p->own.office.folder = p->council;
	p->own.office.socket = p->file; /* where nobody answers, should anything ask */
	p->own.json = false;
	return rc;
}

/* What `trust propose` does, by the folder alone. */
static enum hf_rc propose_in_practice(struct practice *p, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_proposal struct hf_proposal proposal = {.envelope = NULL};
	hf_auto_affirming struct hf_affirming nothing = {.n = 0};
	char joins[HF_FOLDER_PATH_SIZE + 16];
	struct hf_trust_wishes wishes = {.add = {.v = {"comms-3:comms,accounts"}, .n = 1},
					 .remove = {.v = {"comms-2"}, .n = 1},
					 .new_key = {.v = {joins}, .n = 1}};
	json_t *doc = NULL;
	enum hf_rc rc = hf_str_printf(joins, sizeof(joins), "comms-3=%s", p->public);

	nothing.documents = json_array();
	if (rc == HF_OK)
		rc = hf_view_folder(&p->own.office, &view, err);
	if (rc == HF_OK)
		rc = hf_trust_change(view.known.trust, &wishes, view.now, &doc, err);
	if (rc == HF_OK)
		rc = hf_proposal_make(&view, doc, &nothing, &proposal, err);
	return rc == HF_OK ? hf_proposal_write(&proposal, p->file, err) : rc;
}

/* As it is called in earnest. */
static enum hf_rc show_in_practice(struct practice *p, struct hf_err *err)
{
	static const struct hf_command command = {.name = "trust show", .run = hf_cli_trust_show, .least = 1, .most = 1};
	char word[] = "show", *argv[] = {word, p->file, NULL};
	struct hf_args args = {.command = &command, .argc = 2, .argv = argv};

	return command.run(&p->own, &args, err);
}

static enum hf_rc sign_once(struct practice *p, size_t i, struct hf_err *err)
{
	static const struct hf_command command = {.name = "trust sign", .run = hf_cli_trust_sign, .least = 1, .most = 1};
	char word[] = "sign", option[] = "--root-key", *argv[] = {word, p->file, option, p->sticks[i], NULL};
	struct hf_args args = {.command = &command, .argc = 4, .argv = argv};

	return command.run(&p->own, &args, err);
}

/* Whoever mistypes is asked again: that is what practice is for. */
static enum hf_rc sign_in_practice(struct practice *p, size_t i, struct hf_err *err)
{
	const struct hf_words words = {.out = p->own.talk};
	enum hf_rc rc = HF_OK;

	for (int left = TRIES; left > 0; left--) {
		rc = sign_once(p, i, err);
		if (left == 1 || (rc != HF_E_MISMATCH && rc != HF_E_EPOCH && rc != HF_E_KEY))
			return rc;
		hf_words_line(&words, "%s Once more:", err->text);
	}
	return rc;
}

static enum hf_rc publish_to_nobody(struct practice *p, struct hf_err *err)
{
	hf_auto_proposal struct hf_proposal proposal = {.envelope = NULL};
	const struct hf_words words = {.out = p->own.talk};
	enum hf_rc rc = hf_proposal_read(&p->own.office, p->file, &proposal, err);

	if (rc == HF_OK && !hf_proposal_signed(&proposal))
		rc = hf_err_set(err, HF_E_SIGNATURE, "Too few roots have signed it.");
	if (rc == HF_OK)
		hf_words_line(&words,
			      "In earnest `holdfast trust publish next.json` would now hand it to the controller, and count the "
			      "devices that hold it. This one goes to nobody.");
	return rc;
}

static enum hf_rc play_ceremony(struct practice *p, struct hf_err *err)
{
	const struct hf_words words = {.out = p->cli->talk, .marks = hf_cli_marks(p->cli)};
	enum hf_rc rc;

	hf_words_heading(&words, HF_TONE_EXERCISE, "PRACTICE: nothing of this can ever count");
	hf_words_line(&words,
		      "It is a ceremony of the council `%s`, which nobody has, with keys that are made now and "
		      "removed at the end. Your council's folder is not opened, and no controller is asked.",
		      PRACTICE_COUNCIL);
	rc = lay_out(p, err);
	if (rc != HF_OK)
		return rc;
	say_step(p, hf_text("PRACTICE, 1 of 4: somebody proposes, at any terminal"));
	hf_words_line(&words, "holdfast trust propose --add comms-3:comms,accounts --new-key comms-3=comms-3.pub --remove comms-2 -o next.json");
	rc = propose_in_practice(p, err);
	if (rc == HF_OK)
		say_step(p, hf_text("PRACTICE, 2 of 4: each root looks at it. Have somebody read the digest out aloud, and note it"));
	if (rc == HF_OK)
		rc = show_in_practice(p, err);
	for (size_t i = 0; rc == HF_OK && i < ROOTS; i++) {
		say_step(p, hf_text("PRACTICE, 3 of 4: a root signs, on a machine without a network"));
		rc = sign_in_practice(p, i, err);
	}
	if (rc == HF_OK)
		say_step(p, hf_text("PRACTICE, 4 of 4: it is published"));
	if (rc == HF_OK)
		rc = publish_to_nobody(p, err);
	if (rc == HF_OK)
		hf_words_line(&words, "PRACTICE IS OVER: all %d spare roots have signed. The spare keys and the file are removed.", ROOTS);
	return rc == HF_OK && p->cli->json
		       ? hf_cli_answer(p->cli, json_pack("{s:s, s:s, s:i}", "outcome", "practised", "council", PRACTICE_COUNCIL, "signed", ROOTS), err)
		       : rc;
}

static const int ENDINGS[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM};

static volatile sig_atomic_t player;

static void end_player(int signal)
{
	(void)kill((pid_t)player, signal);
}

/* Held back until somebody is there who removes what is made. */
static void hold_endings(int how)
{
	sigset_t endings;

	sigemptyset(&endings);
	for (size_t i = 0; i < HF_LEN(ENDINGS); i++)
		sigaddset(&endings, ENDINGS[i]);
	(void)sigprocmask(how, &endings, NULL);
}

/* However the ceremony ends, by a key of the terminal or by a fault: what it made is removed. */
static int wait_and_remove(pid_t pid, const char *folder)
{
	const struct sigaction end = {.sa_handler = end_player};
	int status = 0;

	player = (sig_atomic_t)pid;
	for (size_t i = 0; i < HF_LEN(ENDINGS); i++)
		(void)sigaction(ENDINGS[i], &end, NULL);
	hold_endings(SIG_UNBLOCK);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	hf_fs_remove_tree(folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

static enum hf_rc make_practice_folder(struct practice *p, struct hf_err *err)
{
	const char *above = p->cli->scratch;
	enum hf_rc rc = hf_folder_path(above && above[0] ? above : "/tmp", p->folder, err, "holdfast-practice-XXXXXX");

	if (rc == HF_OK && !mkdtemp(p->folder))
		rc = HF_E_SYSTEM;
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There is no room for the spare keys: %s.", strerror(errno));
}

/* Somebody who only waits and removes, and somebody who plays. Returns the same in both until the waiting is over. */
static enum hf_rc play_apart(struct practice *p, struct hf_err *err)
{
	pid_t pid;
	enum hf_rc rc = make_practice_folder(p, err);

	if (rc != HF_OK)
		return rc;
	(void)fflush(NULL);
	pid = fork();
	if (pid > 0)
		exit(wait_and_remove(pid, p->folder));
	if (pid == 0)
		return HF_OK;
	hf_fs_remove_tree(p->folder);
	return hf_err_set(err, HF_E_SYSTEM, "The ceremony cannot be played: %s.", strerror(errno));
}

enum hf_rc hf_cli_trust_practice(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	auto_practice struct practice p = {.cli = cli};
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc != HF_OK)
		return rc;
	hold_endings(SIG_BLOCK);
	rc = play_apart(&p, err);
	hold_endings(SIG_UNBLOCK);
	return rc == HF_OK ? play_ceremony(&p, err) : rc;
}
