/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast setup`: a machine with the packages becomes a council's server.
 * Must never replace a council that is served here, nor leave a service running that does not answer without saying so.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/doctor/server_doctor.h"
#include "controller/cli/pki.h"
#include "controller/cli/setup/setup_carry.h"
#include "controller/cli/setup/setup_people.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/council_plan.h"

#define CEREMONY HF_ETC "/ceremony"
#define PLAN HF_ETC "/plan.json"
#define SERVED HF_ETC "/council/trust/1.json"
#define MANAGER "/run/systemd/system" /* sd_booted(3) */
#define BUSY "/run/holdfast-setup"    /* root's alone: nobody else can hold it */
#define ANSWER_S 20
#define EVERY_MS 200

/* What was asked for, and what has been done. */
struct setting_up {
	struct hf_cli *cli;
	const char *plan, *council;
	struct hf_list people, hosts, logins;
	bool no_start;
	struct hf_setup_login login[HF_SETUP_LOGINS_MAX];
	char person[HF_SETUP_LOGINS_MAX][HF_ID_SIZE];
	struct hf_setup_wish wish;
	json_t *made;  /* the plan, of options or of what was typed; NULL: a file */
	json_t *asked; /* owns the logins that were typed */
	json_t *done;  /* an array of {"path", "outcome"} */
	bool changed; /* what a service reads */
	int busy;     /* while it is open, no other set-up runs here */
};

static void setting_up_done(struct setting_up *s)
{
	json_decref(s->made);
	json_decref(s->asked);
	json_decref(s->done);
	hf_fd_close(&s->busy);
}

#define auto_setting_up __attribute__((cleanup(setting_up_done)))

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static enum hf_rc may_set_up(struct hf_err *err)
{
	enum hf_rc rc;

	if (geteuid() != 0)
		return hf_err_set(err, HF_E_ROLE, "`holdfast setup` makes files of several users: run it as root.");
	rc = hf_setup_has_user("holdfast", "holdfast-controller", err);
	return rc == HF_OK ? hf_setup_has_user("mosquitto", "mosquitto", err) : rc;
}

static enum hf_rc be_alone(struct setting_up *s, struct hf_err *err)
{
	enum hf_rc rc = hf_fs_mkdirs(BUSY, 0700, err);

	if (rc == HF_OK)
		rc = hf_fs_lock(BUSY, "holdfast-setup", &s->busy, err);
	if (rc == HF_E_USAGE)
		rc = hf_err_set(err, HF_E_SYSTEM, "Another `holdfast setup` runs on this machine: wait until it has ended, and look "
						  "at what it said.");
	return rc;
}

/* Its settings name localhost, by which the controller finds the broker beside it. */
static enum hf_rc take_hosts(struct setting_up *s, struct hf_err *err)
{
	static char name[HF_ASKED_SIZE];
	bool local = false;
	enum hf_rc rc = HF_OK;

	if (s->hosts.n == 0) {
		rc = hf_ask_line(s->cli, hf_text("The name by which laptops will reach this server, such as holdfast.council.gov.uk"),
				 hf_text("it with --broker-name HOST"), name, err);
		if (rc == HF_OK && !name[0])
			return hf_err_set(err, HF_E_USAGE, "Say with --broker-name by which name laptops reach this server.");
		s->hosts.v[s->hosts.n++] = name;
	}
	for (size_t i = 0; i < s->hosts.n; i++)
		local = local || strcmp(s->hosts.v[i], "localhost") == 0;
	if (rc == HF_OK && !local && s->hosts.n < HF_LEN(s->hosts.v))
		s->hosts.v[s->hosts.n++] = "localhost";
	return rc;
}

static enum hf_rc write_plan(const json_t *plan, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	enum hf_rc rc = hf_json_text(plan, JSON_INDENT(2), &text);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is not enough memory.");
	return hf_fs_replace(PLAN, text, strlen(text), 0600, err);
}

/* Of the same words, said before: that set-up was stopped before it had made the council. */
static bool wrote_before(const json_t *plan)
{
	hf_auto_free char *text = NULL, *there = NULL;
	size_t len = 0;

	return hf_json_text(plan, JSON_INDENT(2), &text) == HF_OK &&
	       hf_fs_read(PLAN, strlen(text), &there, &len, NULL) == HF_OK && strcmp(there, text) == 0;
}

static enum hf_rc plan_of_options(struct setting_up *s, struct hf_err *err)
{
	return s->council ? hf_setup_people_plan(s->council, &s->people, &s->made, err)
			  : hf_err_set(err, HF_E_USAGE, "Say with --council the short name of the council.");
}

static enum hf_rc one_source(const struct setting_up *s, struct hf_err *err)
{
	if (s->plan && (s->council || s->people.n))
		return hf_err_set(err, HF_E_USAGE, "The plan names the council and its people: give --plan alone, or --council "
						   "and --person.");
	return HF_OK;
}

/* From a file, from options, or typed. */
static enum hf_rc take_plan(struct setting_up *s, struct hf_err *err)
{
	enum hf_rc rc = one_source(s, err);

	if (rc != HF_OK || s->plan)
		return rc;
	if (exists(PLAN) && !s->council && !s->people.n) {
		s->plan = PLAN;
		return HF_OK;
	}
	rc = s->council || s->people.n ? plan_of_options(s, err) : hf_setup_people_ask(s->cli, &s->made, &s->asked, err);
	if (rc == HF_OK && exists(PLAN) && !wrote_before(s->made))
		rc = hf_err_set(err, HF_E_USAGE, "%s is there already: give --plan %s, or remove it.", PLAN, PLAN);
	for (size_t i = 0; rc == HF_OK && i < json_array_size(s->asked) && s->logins.n < HF_LEN(s->logins.v); i++)
		s->logins.v[s->logins.n++] = json_string_value(json_array_get(s->asked, i));
	s->plan = PLAN;
	return rc;
}

static enum hf_rc take_logins(struct setting_up *s, struct hf_err *err)
{
	if (s->logins.n > HF_LEN(s->login))
		return hf_err_set(err, HF_E_SIZE, "More than %d logins at once: give the others to a second `holdfast setup`.",
				  HF_SETUP_LOGINS_MAX);
	for (size_t i = 0; i < s->logins.n; i++) {
		enum hf_rc rc = hf_setup_pair("login", s->logins.v[i], s->person[i], &s->login[i].login, err);

		if (rc != HF_OK)
			return rc;
		s->login[i].person = s->person[i];
		rc = hf_setup_login_ok(s->login[i].login, err);
		for (size_t k = 0; rc == HF_OK && k < i; k++)
			if (strcmp(s->login[k].login, s->login[i].login) == 0)
				rc = hf_err_set(err, HF_E_USAGE, "The login %s is given twice: each has the key of one person.",
						s->login[i].login);
		if (rc != HF_OK)
			return rc;
	}
	s->wish.logins = s->login;
	s->wish.n_logins = s->logins.n;
	return HF_OK;
}

/* Only where no council is served yet, and none lies ready. */
static bool is_new(void)
{
	return !exists(SERVED) && !exists(CEREMONY "/trust/1.json");
}

/* The first trust names the people, and the controller that was made with it. */
static enum hf_rc open_first(struct hf_trust **ret, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_folder_get(exists(SERVED) ? SERVED : CEREMONY "/trust/1.json", &envelope, err);

	return rc == HF_OK ? hf_trust_open(envelope, NULL, ret, err) : rc;
}

static enum hf_rc refuse_others(struct hf_err *err)
{
	return hf_err_set(err, HF_E_USAGE, "A council is made already, and of another plan: what it is is not changed here. Give "
					   "--login alone.");
}

static enum hf_rc is_made_of(const char *path, struct hf_err *err)
{
	hf_auto_council_plan struct hf_council_plan plan = {0};
	hf_auto_trust struct hf_trust *trust = NULL;
	bool same = false;
	enum hf_rc rc = open_first(&trust, err);

	if (rc == HF_OK)
		rc = hf_council_plan_read(path, NULL, &plan, err);
	if (rc == HF_OK)
		rc = hf_council_plan_is_of(&plan, trust, &same, err);
	return rc == HF_OK && !same ? refuse_others(err) : rc;
}

/* Of words that were said before nothing is made again; other words would be passed over. */
static enum hf_rc same_words(struct setting_up *s, struct hf_err *err)
{
	const char *made = CEREMONY "/broker/server.crt", *cert = exists(made) ? made : HF_ETC "/broker/server.crt";
	enum hf_rc rc = one_source(s, err);

	if (rc == HF_OK && (s->council || s->people.n))
		rc = plan_of_options(s, err);
	if (rc == HF_OK && s->made && !wrote_before(s->made))
		rc = refuse_others(err);
	if (rc == HF_OK && (s->plan || s->made))
		rc = is_made_of(s->plan ? s->plan : PLAN, err);
	for (size_t i = 0; rc == HF_OK && i < s->hosts.n; i++)
		if (!hf_pki_names(cert, s->hosts.v[i]))
			rc = hf_err_set(err, HF_E_USAGE, "The broker's certificate does not name %s, and is not made anew here: leave "
							 "--broker-name out.", s->hosts.v[i]);
	if (rc == HF_OK && s->plan)
		fprintf(s->cli->talk, hf_text("The council is made already. Its accounts, tools and words are taken from %s again "
					      "only by `holdfast register propose`.\n"), s->plan);
	return rc;
}

static enum hf_rc take_wishes(struct setting_up *s, struct hf_err *err)
{
	bool fresh = is_new();
	enum hf_rc rc = fresh ? take_plan(s, err) : same_words(s, err);

	if (rc == HF_OK)
		rc = take_logins(s, err);
	return rc == HF_OK && fresh ? take_hosts(s, err) : rc;
}

static enum hf_rc same_council(struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *made = NULL, *served = NULL;
	enum hf_rc rc;

	if (!exists(SERVED) || !exists(CEREMONY "/trust/1.json"))
		return HF_OK;
	rc = hf_folder_get(SERVED, &served, err);
	if (rc == HF_OK)
		rc = hf_folder_get(CEREMONY "/trust/1.json", &made, err);
	if (rc == HF_OK && hf_digest_cmp(&served->digest, &made->digest) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "This machine serves another council (%s) than %s is of: nothing has been "
						     "done.", SERVED, CEREMONY);
	return rc;
}

static enum hf_rc count_parts(struct setting_up *s, struct hf_err *err)
{
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = HF_OK;

	do {
		s->wish.parts++;
		rc = hf_folder_register_path(CEREMONY, s->wish.parts + 1, path, err);
	} while (rc == HF_OK && exists(path));
	return rc;
}

static enum hf_rc controller_id(char id[HF_ID_SIZE], struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	enum hf_rc rc = open_first(&trust, err);

	if (rc != HF_OK)
		return rc;
	if (strcmp(trust->controllers[0].id, "c1") != 0 && strcmp(trust->controllers[0].id, "c2") != 0)
		return hf_err_set(err, HF_E_COUNCIL, "The broker's rules know the controllers c1 and c2, and not %s: remove %s, name it "
						     "c1 in the plan, and begin anew.", trust->controllers[0].id, CEREMONY);
	rc = hf_str_copy(id, HF_ID_SIZE, trust->controllers[0].id);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "The controller's id %s is too long.", trust->controllers[0].id);
}

static enum hf_rc carry_one(struct setting_up *s, const struct hf_setup_step *step, const char *controller,
			    struct hf_err *err)
{
	enum hf_setup_outcome outcome = HF_SETUP_WAS_THERE;
	enum hf_rc rc = hf_setup_carry(step, controller, &outcome, err);

	if (rc != HF_OK)
		return rc;
	s->changed = s->changed || (outcome != HF_SETUP_WAS_THERE && step->part != HF_SETUP_OFFICERS);
	if (outcome == HF_SETUP_IS_ABSENT)
		fprintf(s->cli->talk, hf_text("  %s: there is no %s: %s brings a key of their own\n"), step->path, step->from,
			step->owner);
	else if (outcome != HF_SETUP_WAS_THERE)
		fprintf(s->cli->talk, "  %s\n", step->path);
	return json_array_append_new(s->done, json_pack("{s:s, s:s}", "path", step->path, "outcome",
							hf_setup_outcome_name(outcome))) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static enum hf_rc carry_all(struct setting_up *s, struct hf_err *err)
{
	hf_auto_setup_steps struct hf_setup_steps steps = {0};
	char controller[HF_ID_SIZE];
	enum hf_rc rc = controller_id(controller, err);

	s->wish.ceremony = CEREMONY;
	if (rc == HF_OK)
		rc = count_parts(s, err);
	if (rc == HF_OK)
		rc = hf_setup_steps_plan(&s->wish, &steps, err);
	for (size_t i = 0; rc == HF_OK && i < steps.n; i++) {
		if (i == 0 || steps.v[i].part != steps.v[i - 1].part)
			fprintf(s->cli->talk, hf_text("Setting up %s\n"), hf_setup_part_name(steps.v[i].part));
		rc = carry_one(s, &steps.v[i], controller, err);
	}
	return rc;
}

static enum hf_rc start_services(const struct setting_up *s, const char *how, struct hf_err *err)
{
	const char *reload[] = {"systemctl", "daemon-reload", NULL};
	const char *broker[] = {"systemctl", how, "mosquitto", NULL};
	const char *controller[] = {"systemctl", how, "holdfast-controller", NULL};
	enum hf_rc rc;

	fprintf(s->cli->talk, hf_text("Starting the broker and the controller\n"));
	fflush(s->cli->talk);
	rc = hf_setup_command(reload, err);
	if (rc == HF_OK)
		rc = hf_setup_command(broker, err);
	return rc == HF_OK ? hf_setup_command(controller, err) : rc;
}

/* It answers its officers, and has the broker. */
static enum hf_rc wait_for_answer(const struct setting_up *s, struct hf_err *err)
{
	const int64_t end = hf_clock_boot().ms + ANSWER_S * 1000;

	for (;;) {
		hf_auto_json json_t *status = NULL;
		enum hf_rc rc = hf_client_get(&s->cli->office, "/v1/status", &status, err);

		if (rc == HF_OK && strcmp(hf_client_text(status, "bus", ""), "up") == 0)
			return HF_OK;
		if (hf_clock_boot().ms >= end)
			return rc == HF_OK ? hf_err_set(err, HF_E_SYSTEM, "The controller runs and does not reach the broker: "
									  "`journalctl -u mosquitto -u holdfast-controller` says why.")
					   : hf_err_set(err, HF_E_SYSTEM, "The controller does not answer: `journalctl -u "
									  "holdfast-controller` says why.");
		(void)poll(NULL, 0, EVERY_MS);
	}
}

/* A set-up that was stopped half-way may have left a broker that runs with what was there before. */
static enum hf_rc serve(const struct setting_up *s, struct hf_err *err)
{
	enum hf_rc rc = start_services(s, s->changed ? "restart" : "start", err);

	if (rc != HF_OK)
		return rc;
	rc = wait_for_answer(s, err);
	if (rc == HF_OK || s->changed)
		return rc;
	rc = start_services(s, "restart", err);
	return rc == HF_OK ? wait_for_answer(s, err) : rc;
}

static void say_next(FILE *out, bool started)
{
	if (!started && exists(MANAGER))
		fprintf(out, hf_text("\nThe services were not started: `systemctl daemon-reload; systemctl restart mosquitto "
				     "holdfast-controller` does.\n"));
	else if (!started)
		fprintf(out, hf_text("\nThe services were not started, and there is no systemd here: start mosquitto and then holdfastd by "
				     "hand, as the guide for IT has it.\n"));
	fprintf(out,
		hf_text("\nThe next three steps:\n"
			"1. Bring away what must go offline, as said above, each root to another person. It never comes back here.\n"
			"2. Each officer with a login here logs in and changes the passphrase of their key:\n"
			"     holdfast key passphrase ~/.holdfast/key.pem\n"
			"   Then delete %s/people, but for the key of whoever takes laptops in.\n"
			"3. Take the first laptop in, as the guide for IT has it: on the laptop `holdfast-agent request`,\n"
			"   here `holdfast device add`, on the laptop `holdfast-agent enrol`.\n"),
		CEREMONY);
}

static enum hf_rc answer_set_up(struct setting_up *s, const struct hf_findings *found, bool started, struct hf_err *err)
{
	return hf_cli_answer(s->cli,
			     json_pack("{s:s, s:O, s:s, s:o}", "ceremony", CEREMONY, "steps", s->done, "services",
				       started ? "started" : "not started", "doctor",
				       started ? hf_findings_json(found) : json_null()),
			     err);
}

/* What is found undoes nothing: it is said, with what to do. */
static enum hf_rc end_with_doctor(struct setting_up *s, bool started, struct hf_err *err)
{
	hf_auto_findings struct hf_findings found = {0};
	enum hf_rc rc = started ? hf_doctor_server(s->cli, NULL, NULL, &found, err) : HF_OK;

	if (rc != HF_OK)
		return rc;
	if (s->cli->json)
		return answer_set_up(s, &found, started, err);
	if (started) {
		fputs(hf_text("\nWhat `holdfast doctor` finds now:\n"), s->cli->out);
		hf_findings_say(s->cli->out, &found);
	}
	say_next(s->cli->out, started);
	return HF_OK;
}

/* Before any key is made: a slip here would leave an officer with a login and no key. */
static enum hf_rc logins_are_people(const struct setting_up *s, struct hf_err *err)
{
	hf_auto_council_plan struct hf_council_plan plan = {0};
	enum hf_rc rc = hf_council_plan_read(s->plan, NULL, &plan, err);

	for (size_t i = 0; rc == HF_OK && i < s->wish.n_logins; i++) {
		bool known = false;

		for (size_t k = 0; k < plan.n_people; k++)
			known = known || strcmp(plan.people[k].id, s->login[i].person) == 0;
		if (!known)
			rc = hf_err_set(err, HF_E_USAGE, "--login %s=%s: the plan has no person %s.", s->login[i].person,
					s->login[i].login, s->login[i].person);
	}
	return rc;
}

/* What was typed is kept for the next try; what options said is in the shell's history. */
static enum hf_rc make_council_here(struct setting_up *s, struct hf_err *err)
{
	enum hf_rc rc = hf_fs_mkdirs(HF_ETC, 0755, err);

	if (rc == HF_OK && s->made)
		rc = write_plan(s->made, err);
	if (rc == HF_OK)
		rc = logins_are_people(s, err);
	if (rc == HF_OK)
		hf_council_sweep(CEREMONY);
	if (rc == HF_OK)
		rc = hf_council_make(s->cli, CEREMONY, s->plan, &s->hosts, err);
	if (rc != HF_OK && s->council)
		(void)unlink(PLAN);
	if (rc != HF_OK && s->asked)
		fprintf(s->cli->talk, hf_text("What you typed is kept in %s: mend it there, and run `holdfast setup` again.\n"), PLAN);
	return rc;
}

static enum hf_rc set_up(struct setting_up *s, struct hf_err *err)
{
	bool start = !s->no_start && exists(MANAGER);
	enum hf_rc rc = may_set_up(err);

	if (rc == HF_OK)
		rc = be_alone(s, err);
	if (rc == HF_OK)
		rc = same_council(err);
	if (rc == HF_OK)
		rc = take_wishes(s, err);
	if (rc == HF_OK && is_new())
		rc = make_council_here(s, err);
	if (rc == HF_OK)
		rc = carry_all(s, err);
	if (rc == HF_OK && start)
		rc = serve(s, err);
	return rc == HF_OK ? end_with_doctor(s, start, err) : rc;
}

enum hf_rc hf_cli_setup(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	auto_setting_up struct setting_up s = {.cli = cli, .done = json_array(), .busy = -1};
	const struct hf_arg rows[] = {
		{"plan", HF_ARG_TEXT, &s.plan, "FILE", HF_TEXT("people, accounts, tools (/etc/holdfast/plan.json)"), 0},
		{"council", HF_ARG_TEXT, &s.council, "ID", HF_TEXT("without a plan: the short name of the council"), 0},
		{"person", HF_ARG_LIST, &s.people, "PERSON=ROLES", HF_TEXT("without a plan: a person and their roles"), 0},
		{"broker-name", HF_ARG_IDS, &s.hosts, "HOST", HF_TEXT("the name by which laptops reach this server"), 0},
		{"login", HF_ARG_LIST, &s.logins, "PERSON=LOGIN", HF_TEXT("a person's login here; made if missing"), 0},
		{"no-start", HF_ARG_FLAG, &s.no_start, NULL, HF_TEXT("make all, and start no service"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	return s.done ? set_up(&s, err) : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}
