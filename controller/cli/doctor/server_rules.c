/* SPDX-License-Identifier: MIT */
/*
 * Owns what is wrong with a council's server, by what was seen of it.
 * Must never look at anything itself, nor take for well what was not seen.
 */
#include <stdlib.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/doctor/acl.h"
#include "controller/cli/doctor/server_facts.h"

#define DAY_S 86400
#define COPY_DAYS 2 /* the guide has it made daily: one may fail */
#define TESTED_DAYS 35 /* the guide has one tried each month */
#define MIB (1024ULL * 1024)
#define DISK_GRAVE (64 * MIB)	 /* what the controller keeps back for orders is 16 */
#define DISK_WARNING (512 * MIB) /* months of a busy estate */
#define FILES_WANTED 65536	 /* of the drop-in that the package brings */
#define FILES_BESIDE 64		 /* that a broker has open beside its clients */

void hf_server_facts_done(struct hf_server_facts *facts)
{
	free(facts->acl_text);
	json_decref(facts->attention);
	*facts = (struct hf_server_facts){0};
}

static void find_controller(struct hf_findings *f, const struct hf_server_facts *facts)
{
	const json_t *one;
	size_t i;

	f->looked += 2;
	if (facts->settings == HF_E_ROLE)
		(void)hf_err_set(hf_finding_unseen(f, "settings"), facts->settings, "%s", facts->settings_why.text);
	else if (facts->settings != HF_OK)
		(void)hf_err_set(hf_finding_grave(f, "settings"), facts->settings,
				 "The controller's settings cannot be read: %s.", facts->settings_why.text);
	if (facts->controller == HF_E_ROLE)
		(void)hf_err_set(hf_finding_unseen(f, "controller"), facts->controller, "%s", facts->controller_why.text);
	else if (facts->controller != HF_OK)
		(void)hf_err_set(hf_finding_grave(f, "controller"), facts->controller,
				 "The controller does not answer: %s `journalctl -u holdfast-controller` says why.",
				 facts->controller_why.text);
	else if (!facts->bus_up)
		(void)hf_err_set(hf_finding_grave(f, "controller-bus"), HF_E_SYSTEM,
				 "The controller runs and does not reach the broker: `journalctl -u mosquitto -u "
				 "holdfast-controller` says why.");
	json_array_foreach(facts->attention, i, one)
	{
		(void)hf_err_set(hf_finding_warning(f, "attention"), HF_E_SYSTEM, "The controller says: %s",
				 json_string_value(one));
	}
}

/* What the file of rules would let a device do that has a certificate of the council. */
static void find_acl(struct hf_findings *f, const struct hf_server_facts *facts)
{
	const struct hf_acl_wish speaks = {"doctor-a", "holdfast/1/doctor/device/doctor-b/report", true};
	const struct hf_acl_wish states = {"doctor-a", "holdfast/1/doctor/state/c1", true};
	const struct hf_acl_wish hears = {"doctor-a", "holdfast/1/doctor/device/doctor-b/report", false};

	f->looked += 2;
	if (facts->acl == HF_E_ROLE || facts->acl == HF_E_ABSENT) {
		(void)hf_err_set(hf_finding_unseen(f, "acl"), facts->acl, "the rules of the broker (%s): they could not be read.",
				 facts->acl_path);
		return;
	}
	if (facts->acl != HF_OK) {
		(void)hf_err_set(hf_finding_grave(f, "acl"), facts->acl,
				 "The broker has no rules who may say what (acl_file in /etc/mosquitto/mosquitto.conf): put them "
				 "back with `holdfast setup`, and start it again.");
		return;
	}
	if (hf_acl_allows(facts->acl_text, &speaks) || hf_acl_allows(facts->acl_text, &states))
		(void)hf_err_set(hf_finding_grave(f, "acl-for-others"), HF_E_KEY,
				 "The rules of the broker (%s) let a device speak in the name of another or of a controller: put "
				 "them back with `holdfast setup`, and start the broker again.",
				 facts->acl_path);
	if (hf_acl_allows(facts->acl_text, &hears))
		(void)hf_err_set(hf_finding_grave(f, "acl-hears-all"), HF_E_KEY,
				 "The rules of the broker (%s) let a device hear what another says: put them back with `holdfast "
				 "setup`, and start the broker again.",
				 facts->acl_path);
}

static void find_ports(struct hf_findings *f, const struct hf_server_facts *facts)
{
	for (size_t i = 0; i < facts->process.n_ports; i++)
		if (facts->process.ports[i] != facts->broker.port && facts->process.plain[i] == HF_TRIED_LET_IN)
			(void)hf_err_set(hf_finding_grave(f, "broker-plain"), HF_E_KEY,
					 "The broker listens on port %d too, and lets anybody in there, without a certificate: "
					 "take that listener out of its settings, and start it again.",
					 facts->process.ports[i]);
}

static void find_process(struct hf_findings *f, const struct hf_server_facts *facts)
{
	const struct hf_broker_process *p = &facts->process;

	f->looked++;
	if (p->looked == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "broker-files"), HF_E_ROLE,
				 "how many laptops the broker can hold, and where else it listens: this user may not look; root "
				 "may.");
	else if (p->runs && (long long)p->files < facts->devices + FILES_BESIDE)
		(void)hf_err_set(hf_finding_grave(f, "broker-files"), HF_E_SIZE,
				 "The broker may have %llu files open and there are %lld devices: some are not let in. Run `holdfast "
				 "setup`, `systemctl daemon-reload`, and start it again.",
				 p->files, facts->devices);
	else if (p->runs && p->files < FILES_WANTED)
		(void)hf_err_set(hf_finding_warning(f, "broker-files"), HF_E_SIZE,
				 "The broker may have %llu files open, and %d are meant (LimitNOFILE): run `holdfast setup`, "
				 "`systemctl daemon-reload`, and start it again.",
				 p->files, FILES_WANTED);
	find_ports(f, facts);
}

static void find_broker_name(struct hf_findings *f, const struct hf_server_facts *facts)
{
	f->looked++;
	if (facts->broker_named == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, "broker-name"), HF_E_KEY,
				 "The broker's certificate has no name by which a laptop could reach it: make one for the name of "
				 "this server.");
	else if (facts->broker_named == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "broker-name"), HF_E_SYSTEM,
				 "the names of the broker's certificate: it could not be read.");
}

static void find_journal(struct hf_findings *f, const struct hf_server_facts *facts)
{
	const struct hf_journal_seen *j = &facts->journal;

	f->looked++;
	if (j->whole == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "journal"), HF_E_ROLE, "the journal: %s", j->why.text);
	else if (j->whole == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, "journal"), HF_E_SHAPE, "The journal is not whole: %s.", j->why.text);
	else if (facts->controller == HF_OK && j->records < facts->records)
		(void)hf_err_set(hf_finding_grave(f, "journal"), HF_E_SHAPE,
				 "The journal on the disk has %lld records, and the controller has written %lld: somebody took it "
				 "away or put another in its place. Keep the controller running, and copy what it says.",
				 j->records, facts->records);
}

static void find_whole_copy(struct hf_findings *f, const struct hf_server_facts *facts, struct hf_wall now)
{
	const struct hf_journal_seen *c = &facts->copy;
	long long days = (long long)((now.s - c->made.s) / DAY_S);

	if (c->of_this == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, "backup"), HF_E_SHAPE,
				 "The copy of the journal %s is whole, but not of this journal: one of both was altered, or begun "
				 "anew. Find out which before you copy again.",
				 facts->copy_path);
	else if (days >= COPY_DAYS)
		(void)hf_err_set(hf_finding_warning(f, "backup"), HF_E_SHAPE,
				 "The copy of the journal %s is whole, and %lld days old: is the daily copy still made?",
				 facts->copy_path, days);
}

/* Sealed backups lie elsewhere, and only who has a root's key can try one. */
static void find_tested(struct hf_findings *f, const struct hf_server_facts *facts, struct hf_wall now)
{
	long long days = (long long)((now.s - facts->tested_made.s) / DAY_S);

	if (facts->tested != HF_SEEN_YES)
		(void)hf_err_set(hf_finding_warning(f, "backup"), HF_E_ABSENT,
				 "There is no copy of the journal at %s, and no backup was ever tried, so nobody can know whether there is "
				 "one that works: make one as the guide has it, or say with --backup where a copy is.",
				 facts->copy_path);
	else if (days >= TESTED_DAYS)
		(void)hf_err_set(hf_finding_warning(f, "backup"), HF_E_SHAPE,
				 "The last backup that was tried is %lld days old: make one with `holdfast backup`, and try it with "
				 "`holdfast restore --check`.",
				 days);
}

/* A copy was tested a moment ago, or a backup some time ago, or nobody can know. */
static void find_copy(struct hf_findings *f, const struct hf_server_facts *facts, struct hf_wall now)
{
	const struct hf_journal_seen *c = &facts->copy;

	f->looked++;
	if (c->whole == HF_SEEN_YES)
		find_whole_copy(f, facts, now);
	else if (c->absent)
		find_tested(f, facts, now);
	else if (c->whole == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, "backup"), HF_E_SHAPE, "The copy of the journal is worth nothing: %s.",
				 c->why.text);
	else
		(void)hf_err_set(hf_finding_unseen(f, "backup"), HF_E_ROLE, "the backup: %s", c->why.text);
}

static void find_disk(struct hf_findings *f, const struct hf_server_facts *facts)
{
	const struct hf_disk_seen *d = &facts->disk;

	f->looked++;
	if (d->looked == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "disk"), HF_E_SYSTEM, "the disk of the journal (%s).", d->path ? d->path : "?");
	else if (d->free_bytes < DISK_GRAVE)
		(void)hf_err_set(hf_finding_grave(f, "disk"), HF_E_SIZE,
				 "The disk of %s has %llu MiB left: make room, or only orders are recorded soon, and then nothing.",
				 d->path, d->free_bytes / MIB);
	else if (d->free_bytes < DISK_WARNING)
		(void)hf_err_set(hf_finding_warning(f, "disk"), HF_E_SIZE, "The disk of %s has %llu MiB left: make room.", d->path,
				 d->free_bytes / MIB);
}

static void find_times(struct hf_findings *f, const struct hf_server_facts *facts)
{
	char last[HF_DAY_TEXT_SIZE], poll[HF_DAY_TEXT_SIZE];

	f->looked += 2;
	if (facts->clock_kept == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "clock"), HF_E_SYSTEM, "whether a time server keeps this machine's clock.");
	else if (facts->clock_kept == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_warning(f, "clock"), HF_E_SYSTEM,
				 "No time server keeps this machine's clock: look with `timedatectl`, and set one up.");
	if (facts->calendar != HF_OK)
		(void)hf_err_set(hf_finding_grave(f, "calendar"), facts->calendar, "The calendar cannot be read: %s",
				 facts->calendar_why.text);
	else if (facts->calendar_last.n < facts->poll.n)
		(void)hf_err_set(hf_finding_warning(f, "calendar"), HF_E_SHAPE,
				 "The calendar of bank holidays ends on %s, before the poll of %s: the working days before it cannot "
				 "be counted. Install a newer holdfast-officer, or give a newer calendar with --calendar.",
				 hf_day_text(facts->calendar_last, last), hf_day_text(facts->poll, poll));
}

static void find_left(struct hf_findings *f, const struct hf_server_facts *facts)
{
	f->looked++;
	if (facts->left.looked == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "left-here"), HF_E_ROLE,
				 "whether keys lie here that must not: this user may not look; root may.");
	if (facts->left.n_sticks > 0)
		(void)hf_err_set(hf_finding_warning(f, "left-here"), HF_E_KEY,
				 hf_text_n("%zu key of a root or of the certificates lies on this server (%s): whoever breaks in has it. "
					   "Bring it away on a stick, and remove it here.",
					   "%zu keys of roots or of the certificates lie on this server (%s is one): whoever breaks in "
					   "has them. Bring each away on a stick of its own, and remove it here.",
					   facts->left.n_sticks),
				 facts->left.n_sticks, facts->left.stick);
	if (facts->left.open_ca[0])
		(void)hf_err_set(hf_finding_warning(f, "left-here"), HF_E_KEY,
				 "The key of the certificates (%s) has no passphrase: give it one with `holdfast key passphrase`. Whoever "
				 "finds it lets machines of their own into the broker.",
				 facts->left.open_ca);
	if (facts->left.n_people > 0)
		(void)hf_err_set(hf_finding_warning(f, "left-here"), HF_E_KEY,
				 hf_text_n("%zu key of an officer lies here beside their own (%s): remove it once they have theirs.",
					   "%zu keys of officers lie here beside their own (%s is one): remove each once they have theirs.",
					   facts->left.n_people),
				 facts->left.n_people, facts->left.person);
}

static void find_files(struct hf_findings *f, const struct hf_server_facts *facts, struct hf_wall now)
{
	for (size_t i = 0; i < facts->n_files; i++)
		hf_find_file(f, "file", &facts->files[i]);
	for (size_t i = 0; i < facts->n_certs; i++)
		hf_find_certificate(f, hf_text("Make another before it ends, with the stick of the certificates and `holdfast certificate`."),
				    &facts->certs[i], now);
}

void hf_find_server(struct hf_findings *f, const struct hf_server_facts *facts, struct hf_wall now)
{
	find_controller(f, facts);
	if (facts->settings == HF_OK) {
		hf_find_broker(f, &facts->broker);
		find_acl(f, facts);
		find_process(f, facts);
		find_broker_name(f, facts);
		find_files(f, facts, now);
		find_journal(f, facts);
		find_copy(f, facts, now);
		find_disk(f, facts);
	}
	find_times(f, facts);
	hf_find_people(f, facts, now);
	find_left(f, facts);
}
