/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast council init`: a council folder with all its keys.
 * Must never touch a folder that holds anything, nor leave half of one.
 */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/approval.h>
#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/register.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/named_ids.h"
#include "controller/cli/pki.h"
#include "controller/office/council_folder.h"
#include "controller/office/council_plan.h"
#include "controller/office/council_slips.h"
#include "controller/office/register_draft.h"

#define UNDERWAY ".new-" /* behind the name of a folder that is being made */

static const char *const FOLDERS[] = {"trust", "assignments", "sticks/ca", "sticks/spare", "people", "controller", "broker"};

/* All that is made, before and while it is written. */
struct making {
	struct hf_cli *cli;
	struct hf_council_plan plan;
	struct hf_list hosts;
	struct hf_secret pass;
	struct hf_secret root_pass[HF_ROOTS_MAX]; /* the same, unless each root has its own */
	struct hf_secret ca_pass;		   /* likewise */
	bool each;
	struct hf_wall now;
	char folder[HF_FOLDER_PATH_SIZE]; /* beside the one that is wanted, until all is in it */
	struct hf_key *roots[HF_ROOTS_MAX];
	struct hf_key *people[HF_PEOPLE_MAX]; /* NULL: has a key already */
	struct hf_key *controller, *spare;
	struct hf_envelope *trust_envelope;
	struct hf_trust *trust;
	struct hf_register_draft reg;
	struct hf_verdict register_verdict;
};

static void making_done(struct making *m)
{
	for (size_t i = 0; i < HF_ROOTS_MAX; i++)
		hf_key_free(&m->roots[i]);
	for (size_t i = 0; i < HF_PEOPLE_MAX; i++)
		hf_key_free(&m->people[i]);
	hf_key_free(&m->controller);
	hf_key_free(&m->spare);
	hf_envelope_free(&m->trust_envelope);
	hf_trust_free(&m->trust);
	hf_register_draft_done(&m->reg);
	hf_council_plan_done(&m->plan);
	hf_secret_wipe(&m->pass);
	for (size_t i = 0; i < HF_ROOTS_MAX; i++)
		hf_secret_wipe(&m->root_pass[i]);
	hf_secret_wipe(&m->ca_pass);
}

#define auto_making __attribute__((cleanup(making_done)))

static enum hf_rc make_keys(struct making *m, struct hf_err *err)
{
	enum hf_rc rc = hf_key_new(&m->controller, err);

	if (rc == HF_OK)
		rc = hf_key_new(&m->spare, err);
	for (size_t i = 0; rc == HF_OK && i < (size_t)m->plan.n_roots; i++)
		rc = hf_key_new(&m->roots[i], err);
	for (size_t i = 0; rc == HF_OK && i < m->plan.n_people; i++)
		if (!m->plan.people[i].has_pub)
			rc = hf_key_new(&m->people[i], err);
	return rc;
}

static enum hf_rc make_trust(struct making *m, struct hf_err *err)
{
	struct hf_pub roots[HF_ROOTS_MAX], people[HF_PEOPLE_MAX];
	const struct hf_pub controllers[2] = {hf_key_pub(m->controller), hf_key_pub(m->spare)};
	enum hf_rc rc;

	for (size_t i = 0; i < (size_t)m->plan.n_roots; i++)
		roots[i] = hf_key_pub(m->roots[i]);
	for (size_t i = 0; i < m->plan.n_people; i++)
		people[i] = m->people[i] ? hf_key_pub(m->people[i]) : m->plan.people[i].pub;
	rc = hf_folder_envelope(HF_DOC_TRUST, hf_council_plan_trust(&m->plan, roots, controllers, people, m->now),
				&m->trust_envelope, err);
	for (size_t i = 0; rc == HF_OK && i < (size_t)m->plan.n_roots; i++)
		rc = hf_envelope_sign(m->trust_envelope, m->roots[i], err);
	return rc == HF_OK ? hf_trust_open(m->trust_envelope, NULL, &m->trust, err) : rc;
}

static enum hf_rc sign_register(struct making *m, const struct hf_key *key, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < m->reg.n; i++)
		rc = hf_envelope_sign(m->reg.v[i], key, err);
	return rc;
}

/* Approved by as many people of the rule as have their key made here. */
static enum hf_rc approve_register(struct making *m, struct hf_err *err)
{
	const struct hf_rule *rule = hf_trust_rule(m->trust, HF_RULE_REGISTER, HF_RULE_APPROVE);
	int64_t approved = 0;

	for (size_t i = 0; i < m->plan.n_people && approved < rule->need; i++) {
		bool may = false;

		for (size_t r = 0; r < m->plan.people[i].roles.n; r++)
			may = may || hf_strs_has(&rule->roles, m->plan.people[i].roles.v[r]);
		if (may && m->people[i]) {
			enum hf_rc rc = sign_register(m, m->people[i], err);

			if (rc != HF_OK)
				return rc;
			approved++;
		}
	}
	(void)hf_approval_document(m->trust, m->reg.v[0], &m->register_verdict, NULL);
	return HF_OK;
}

static enum hf_rc make_register(struct making *m, struct hf_err *err)
{
	enum hf_rc rc = hf_register_draft_make(&m->plan, 1, m->now, &m->reg, err);

	return rc == HF_OK ? approve_register(m, err) : rc;
}

static enum hf_rc write_register(struct making *m, struct hf_err *err)
{
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < m->reg.n; i++) {
		rc = hf_folder_register_path(m->folder, i + 1, path, err);
		if (rc == HF_OK)
			rc = hf_folder_put(path, m->reg.v[i], err);
	}
	return rc;
}

/* A folder for each stick, with the first digest: whoever holds a root compares it before signing for the first time. */
static enum hf_rc write_stick(struct making *m, size_t i, struct hf_err *err)
{
	char path[HF_FOLDER_PATH_SIZE], text[HF_DIGEST_HEX_SIZE + 1];
	enum hf_rc rc = hf_folder_path(m->folder, path, err, "sticks/root-%zu", i + 1);

	if (rc == HF_OK)
		rc = hf_fs_mkdirs(path, 0700, err);
	if (rc == HF_OK)
		rc = hf_folder_path(m->folder, path, err, "sticks/root-%zu/root.pem", i + 1);
	if (rc == HF_OK)
		rc = hf_folder_put_key(path, m->roots[i], m->root_pass[i].text, err);
	if (rc == HF_OK)
		rc = hf_folder_path(m->folder, path, err, "sticks/root-%zu/first-trust.txt", i + 1);
	if (rc != HF_OK)
		return rc;
	hf_digest_hex(&m->trust->digest, text);
	text[HF_DIGEST_HEX_SIZE - 1] = '\n';
	return hf_fs_replace(path, text, HF_DIGEST_HEX_SIZE, 0644, err);
}

static enum hf_rc write_keys(struct making *m, struct hf_err *err)
{
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_folder_path(m->folder, path, err, "controller/key.pem");

	if (rc == HF_OK)
		rc = hf_folder_put_key(path, m->controller, NULL, err);
	if (rc == HF_OK)
		rc = hf_folder_path(m->folder, path, err, "sticks/spare/key.pem");
	if (rc == HF_OK)
		rc = hf_folder_put_key(path, m->spare, NULL, err);
	for (size_t i = 0; rc == HF_OK && i < (size_t)m->plan.n_roots; i++)
		rc = write_stick(m, i, err);
	for (size_t i = 0; rc == HF_OK && i < m->plan.n_people; i++) {
		if (!m->people[i])
			continue;
		rc = hf_folder_path(m->folder, path, err, "people/%s.pem", m->plan.people[i].id);
		if (rc == HF_OK)
			rc = hf_folder_put_key(path, m->people[i], m->pass.text, err);
	}
	return rc;
}

static enum hf_rc write_pair(struct making *m, const struct hf_pki_pair *pair, const char *name, struct hf_err *err)
{
	char cert[HF_FOLDER_PATH_SIZE], key[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_folder_path(m->folder, cert, err, "%s.crt", name);

	if (rc == HF_OK)
		rc = hf_folder_path(m->folder, key, err, "%s.key", name);
	return rc == HF_OK ? hf_pki_write(pair, cert, key, err) : rc;
}

/* What a controller shows the broker. */
static enum hf_rc write_client(struct making *m, const struct hf_pki_pair *ca, const char *id, const char *file,
			       struct hf_err *err)
{
	hf_auto_pair struct hf_pki_pair client = {0};
	char name[HF_ID_SIZE];
	enum hf_rc rc = hf_str_printf(name, sizeof(name), "controller:%s", id);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "The controller's name %s is too long.", id);
	rc = hf_pki_client(ca, name, m->now, &client, err);
	return rc == HF_OK ? write_pair(m, &client, file, err) : rc;
}

static enum hf_rc write_certificates(struct making *m, struct hf_err *err)
{
	hf_auto_pair struct hf_pki_pair ca = {0}, server = {0};
	char ca_cert[HF_FOLDER_PATH_SIZE], ca_key[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_pki_ca(m->plan.council, m->now, &ca, err);
	if (rc == HF_OK)
		rc = hf_pki_server(&ca, &m->hosts, m->now, &server, err);
	if (rc == HF_OK)
		rc = hf_folder_path(m->folder, ca_cert, err, "broker/ca.crt");
	if (rc == HF_OK)
		rc = hf_folder_path(m->folder, ca_key, err, "sticks/ca/ca.key");
	if (rc == HF_OK)
		rc = write_pair(m, &server, "broker/server", err);
	if (rc == HF_OK)
		rc = write_client(m, &ca, m->plan.controller, "controller/tls", err);
	if (rc == HF_OK)
		rc = write_client(m, &ca, hf_council_plan_spare(&m->plan), "sticks/spare/tls", err);
	if (rc == HF_OK)
		rc = hf_pki_lock(&ca, m->ca_pass.text, err);
	return rc == HF_OK ? hf_pki_write(&ca, ca_cert, ca_key, err) : rc;
}

static enum hf_rc write_folder(struct making *m, struct hf_err *err)
{
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < HF_LEN(FOLDERS); i++) {
		rc = hf_folder_path(m->folder, path, err, "%s", FOLDERS[i]);
		if (rc == HF_OK)
			rc = hf_fs_mkdirs(path, 0700, err);
	}
	if (rc == HF_OK)
		rc = write_keys(m, err);
	if (rc == HF_OK)
		rc = write_certificates(m, err);
	if (rc == HF_OK)
		rc = write_register(m, err);
	if (rc == HF_OK)
		rc = hf_folder_path(m->folder, path, err, "trust/1.json");
	return rc == HF_OK ? hf_folder_put(path, m->trust_envelope, err) : rc;
}

void hf_council_sweep(const char *folder)
{
	char pattern[HF_FOLDER_PATH_SIZE];
	glob_t found = {0};

	if (hf_str_printf(pattern, sizeof(pattern), "%s" UNDERWAY "??????", folder) != HF_OK)
		return;
	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			hf_fs_remove_tree(found.gl_pathv[i]);
	globfree(&found);
}

static enum hf_rc refuse_taken(const char *wanted, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SYSTEM, "%s is there already: a council is never overwritten.", wanted);
}

/* Nothing is there, or an empty folder. */
static bool is_free(const char *path)
{
	DIR *dir = opendir(path);
	bool empty = true;

	if (!dir)
		return errno == ENOENT;
	for (struct dirent *entry; empty && (entry = readdir(dir)) != NULL;)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	return empty;
}

/* rename() takes the place of an empty folder, and of no other. */
static enum hf_rc move_in(struct making *m, const char *wanted, struct hf_err *err)
{
	if (rename(m->folder, wanted) == 0)
		return HF_OK;
	return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
		       ? refuse_taken(wanted, err)
		       : hf_err_set(err, HF_E_SYSTEM, "%s could not be made: %s.", wanted, strerror(errno));
}

static enum hf_rc begin_folder(struct making *m, const char *wanted, struct hf_err *err)
{
	size_t len = strlen(wanted);

	while (len > 1 && wanted[len - 1] == '/')
		len--;
	if (hf_str_printf(m->folder, sizeof(m->folder), "%.*s" UNDERWAY "XXXXXX", (int)len, wanted) != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "The name of the council folder is too long.");
	if (!mkdtemp(m->folder))
		return hf_err_set(err, HF_E_SYSTEM, "%s could not be made: %s.", wanted, strerror(errno));
	return HF_OK;
}

static void say_sticks(const struct making *m, const char *folder, FILE *out)
{
	char who[HF_ROOT_TEXT_SIZE];

	fprintf(out, hf_text("Must go offline now, each folder to a stick of its own, each root to another person, and never "
			     "come back to a server:\n"));
	for (size_t i = 0; i < m->trust->n_roots; i++)
		fprintf(out, "  %s/sticks/root-%zu: %s\n", folder, i + 1, hf_trust_root_text(m->trust, i, who));
	fprintf(out,
		hf_text("  %s/sticks/ca: the key of the certificates, ca.key. It never lies on the server: its stick is put "
			"in for as long as a device is taken in, with --ca-key, and its passphrase is asked for.\n"),
		folder);
	fprintf(out,
		hf_text("  %s/sticks/spare: the key of the spare controller %s. A server that is put back from a backup, or is "
			"another, starts as it.\n"),
		folder, hf_council_plan_spare(&m->plan));
	fprintf(out,
		hf_text("%lld of these %zu roots change people, keys and roots. One that is lost is replaced at once, by those that "
			"are left; with fewer than %lld nothing of it can be changed again, and every device is enrolled anew.\n\n"),
		(long long)m->trust->threshold, m->trust->n_roots, (long long)m->trust->threshold);
}

static void say_made(struct making *m, const char *folder, FILE *out)
{
	char digest[HF_DIGEST_HEX_SIZE];

	fprintf(out, hf_text("The council %s is made in %s.\n\n"), m->plan.council, folder);
	fprintf(out, hf_text("The digest of its trust, to be compared when a device is taken in:\n  %s\n\n"),
		hf_digest_hex(&m->trust->digest, digest));
	say_sticks(m, folder, out);
	fprintf(out, hf_text("Give each person their own key; each changes its passphrase with `holdfast key "
			     "passphrase`:\n"));
	for (size_t i = 0; i < m->plan.n_people; i++)
		if (m->people[i])
			fprintf(out, "  %s/people/%s.pem\n", folder, m->plan.people[i].id);
	fprintf(out, hf_text("\nFor the controller: %s/controller, and the trust and register beside it.\n"), folder);
	fprintf(out, hf_text("For the broker: %s/broker/ca.crt, server.crt, server.key (names: "), folder);
	for (size_t i = 0; i < m->hosts.n; i++)
		fprintf(out, "%s%s", i ? ", " : "", m->hosts.v[i]);
	fprintf(out, hf_text(").\nThe register has %zu accounts and %zu posting tools.\n"),
		json_array_size(m->plan.accounts), json_array_size(m->plan.tools));
	if (m->reg.n > 1)
		fprintf(out,
			hf_text("It takes %zu files, register.json to register-%zu.json, which belong together.\n"),
			m->reg.n, m->reg.n);
	if (m->register_verdict.rc != HF_OK)
		fprintf(out,
			hf_text("It is approved by %zu of %zu people: the controller takes it in as a draft, to be "
				"approved with `holdfast approve`.\n"),
			m->register_verdict.have, m->register_verdict.need);
}

static enum hf_rc answer_made(struct making *m, const char *folder, struct hf_err *err)
{
	char digest[HF_DIGEST_HEX_SIZE];

	hf_digest_hex(&m->trust->digest, digest);
	return hf_cli_answer(m->cli,
			     json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s}", "council", m->plan.council, "folder",
				       folder, "controller", m->plan.controller, "trust", digest, "accounts",
				       (json_int_t)json_array_size(m->plan.accounts), "tools",
				       (json_int_t)json_array_size(m->plan.tools), "parts", (json_int_t)m->reg.n, "register",
				       hf_rc_name(m->register_verdict.rc)),
			     err);
}

/* Who is to hold it may be in the room, and type their own. */
static enum hf_rc ask_own(struct making *m, const char *whose, struct hf_secret *ret, struct hf_err *err)
{
	if (m->each)
		return hf_ask_passphrase(m->cli, whose, true, ret, err);
	*ret = m->pass;
	return HF_OK;
}

static enum hf_rc ask_passphrases(struct making *m, struct hf_err *err)
{
	enum hf_rc rc = hf_ask_passphrase(m->cli,
					  m->each ? hf_text("One passphrase for the keys of people, for now")
						  : hf_text("One passphrase for all the new keys, for now"),
					  true, &m->pass, err);
	char whose[64];

	for (size_t i = 0; rc == HF_OK && i < (size_t)m->plan.n_roots; i++) {
		rc = hf_str_printf(whose, sizeof(whose), hf_text("Passphrase of root %zu, typed by who is to hold it"), i + 1);
		rc = rc == HF_OK ? ask_own(m, whose, &m->root_pass[i], err)
				 : hf_err_set(err, rc, "There are too many roots.");
	}
	return rc == HF_OK ? ask_own(m, hf_text("Passphrase of the key of the certificates, typed by who is to hold it"),
				     &m->ca_pass, err)
			   : rc;
}

static enum hf_rc make_council(struct making *m, const char *wanted, struct hf_err *err)
{
	enum hf_rc rc = make_keys(m, err);

	if (rc == HF_OK)
		rc = make_trust(m, err);
	if (rc == HF_OK)
		rc = hf_council_slips(&m->cli->office, m->trust, err);
	if (rc == HF_OK)
		hf_named_ids_of_trust(&m->cli->office, m->trust, NULL);
	if (rc == HF_OK)
		rc = ask_passphrases(m, err);
	if (rc == HF_OK)
		rc = make_register(m, err);
	if (rc == HF_OK)
		rc = begin_folder(m, wanted, err);
	if (rc != HF_OK)
		return rc;
	rc = write_folder(m, err);
	if (rc == HF_OK)
		rc = move_in(m, wanted, err);
	if (rc != HF_OK)
		hf_fs_remove_tree(m->folder);
	return rc;
}

static enum hf_rc make_planned(struct making *m, const char *folder, const char *plan, const char *catalogue,
			       struct hf_err *err)
{
	enum hf_rc rc;

	if (!is_free(folder))
		return refuse_taken(folder, err);
	rc = hf_council_plan_read(plan, catalogue, &m->plan, err);
	return rc == HF_OK ? make_council(m, folder, err) : rc;
}

enum hf_rc hf_cli_council_init(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	auto_making struct making m = {.cli = cli, .now = hf_clock_wall()};
	const char *plan = HF_EXAMPLE_PLAN, *catalogue = NULL;
	char about_plan[HF_FOLDER_PATH_SIZE];
	const struct hf_arg rows[] = {
		{"plan", HF_ARG_TEXT, &plan, "FILE", about_plan, 0},
		HF_ARG_CATALOGUE(&catalogue),
		{"broker-name", HF_ARG_IDS, &m.hosts, "HOST",
		 HF_TEXT("names and addresses of the broker (localhost,127.0.0.1)"), 0},
		{"each", HF_ARG_FLAG, &m.each, NULL, HF_TEXT("a passphrase of its own for each root and for the key of the certificates"), 0},
	};
	enum hf_rc rc =
		hf_str_printf(about_plan, sizeof(about_plan), hf_text("people, accounts, tools (%s)"), HF_EXAMPLE_PLAN);

	rc = rc == HF_OK ? hf_args_parse(cli, args, rows, HF_LEN(rows), err)
			 : hf_err_set(err, rc, "The path %s is too long.", HF_EXAMPLE_PLAN);

	if (rc != HF_OK)
		return rc;
	if (m.hosts.n == 0)
		m.hosts = (struct hf_list){.v = {"localhost", "127.0.0.1"}, .n = 2};
	rc = make_planned(&m, args->rest[0], plan, catalogue, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return answer_made(&m, args->rest[0], err);
	say_made(&m, args->rest[0], cli->out);
	return HF_OK;
}

enum hf_rc hf_council_make(struct hf_cli *cli, const char *folder, const char *plan, const struct hf_list *hosts,
			   struct hf_err *err)
{
	auto_making struct making m = {.cli = cli, .now = hf_clock_wall(), .hosts = *hosts};
	enum hf_rc rc = make_planned(&m, folder, plan, NULL, err);

	if (rc == HF_OK)
		say_made(&m, folder, cli->talk);
	return rc;
}
