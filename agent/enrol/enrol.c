/* SPDX-License-Identifier: MIT */
/*
 * Owns the last step of enrolment: a bundle is checked, shown and kept.
 * Must never make a device believe in a council that nobody compared, nor forget a lockdown that it knew of.
 */
#include "agent/enrol/enrol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/key.h>
#include <holdfast/sock.h>
#include <holdfast/text.h>

#include "agent/conf/agent_conf.h"
#include "agent/disk/bundle.h"
#include "agent/disk/store.h"
#include "agent/enrol/enrol_token.h"
#include "agent/enrol/tls.h"
#include "agent/machine/serials.h"

#define CLOCK_SLACK_S 3600 /* a certificate is made for from an hour before on: pki.c */

/* One enrolment under way. */
struct enrolment {
	const struct hf_places *places;
	struct hf_bundle bundle;
	struct hf_memory memory;
};

static void enrolment_done(struct enrolment *e)
{
	hf_bundle_done(&e->bundle);
	hf_memory_done(&e->memory);
}

static enum hf_rc refuse_twice(const struct hf_places *places, bool again, struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	enum hf_rc rc = hf_place(places->etc, "enrolment.json", path, err);

	if (rc == HF_OK && !again && access(path, F_OK) == 0)
		return hf_err_set(err, HF_E_USAGE, "this device is enrolled already (%s): use --again to enrol it anew",
				  path);
	return rc;
}

/* A running agent would write its own memory over the new one. */
static enum hf_rc refuse_running(const struct hf_places *places, struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	struct hf_agent_conf conf;
	hf_auto_fd int fd = -1;
	enum hf_rc rc = hf_place(places->etc, "agent.conf", path, err);

	if (rc == HF_OK)
		rc = hf_agent_conf_read(path, &conf, err);
	if (rc != HF_OK)
		return rc == HF_E_ABSENT ? HF_OK : rc;
	if (hf_sock_connect(conf.person_socket, &fd, NULL) != HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "the agent is running: stop it first; what is blocked stays blocked");
}

static enum hf_rc read_pem(const struct hf_places *places, const char *name, char **ret, size_t *ret_len,
			   struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	enum hf_rc rc = hf_place(places->etc, name, path, err);

	if (rc == HF_OK)
		rc = hf_fs_read(path, HF_PEM_MAX, ret, ret_len, err);
	if (rc == HF_E_ABSENT)
		return hf_err_set(err, rc, "%s is not there: run `holdfast-agent request` on this device first", path);
	return rc;
}

static enum hf_rc check_device_key(const struct enrolment *e, struct hf_err *err)
{
	const struct hf_assignment *assignment = e->memory.known.assignment;
	hf_auto_free char *pem = NULL;
	hf_auto_key struct hf_key *key = NULL;
	struct hf_pub pub;
	size_t len = 0;
	enum hf_rc rc = read_pem(e->places, "device.key", &pem, &len, err);

	if (rc == HF_OK)
		rc = hf_key_from_pem(pem, len, NULL, &key, err);
	if (pem)
		explicit_bzero(pem, len);
	if (rc != HF_OK)
		return rc;
	pub = hf_key_pub(key);
	if (memcmp(&pub, &assignment->pub, sizeof(pub)) != 0)
		return hf_err_set(err, HF_E_KEY,
				  "the bundle is of the device %s, for another key than this one has: take the file of this device, or "
				  "have it taken in anew with what `holdfast-agent request` says now",
				  e->bundle.device);
	return HF_OK;
}

static enum hf_rc check_link_key(const struct enrolment *e, struct hf_err *err)
{
	hf_auto_free char *pem = NULL;
	size_t len = 0;
	enum hf_rc rc = read_pem(e->places, "link.key", &pem, &len, err);

	if (rc == HF_OK)
		rc = hf_tls_certificate_fits(e->bundle.certificate, e->bundle.ca, pem, e->bundle.device, err);
	if (pem)
		explicit_bzero(pem, len);
	return rc;
}

/* Whoever dropped the token on this device said which council that is. */
static enum hf_rc confirm_by_token(const struct enrolment *e, const char *path, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *first = NULL;
	hf_auto_join_token struct hf_join_token token = {0};
	enum hf_rc rc = hf_enrol_token(path, &token, err);

	if (rc == HF_OK)
		rc = hf_envelope_from_json(json_array_get(e->bundle.trusts, 0), &first, err);
	if (rc != HF_OK)
		return rc;
	if (strcmp(token.council, e->bundle.council) != 0 || hf_digest_cmp(&token.trust, &first->digest) != 0)
		return hf_err_set(err, HF_E_COUNCIL,
				  "what was answered begins with another trust than %s names: it is not this council's, and nothing was "
				  "changed",
				  path);
	return HF_OK;
}

/* The one thing that no signature can prove: that this is the right council. */
static enum hf_rc confirm(const struct enrolment *e, bool yes, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *first = NULL;
	char hex[HF_DIGEST_HEX_SIZE], answer[16];
	enum hf_rc rc = hf_envelope_from_json(json_array_get(e->bundle.trusts, 0), &first, err);

	if (rc != HF_OK)
		return rc;
	printf(hf_text("Device %s of council %s\nDigest of the council's first trust:\n  %s\n"), e->bundle.device,
	       e->bundle.council, hf_digest_hex(&first->digest, hex));
	if (yes)
		return HF_OK;
	printf(hf_text("Compare it with what the council's officers published. Type yes if it is the same: "));
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "not confirmed: nothing was changed");
}

/* A laptop that lay in a drawer with an empty battery: no certificate of the broker is good for it yet, nor ours. */
static void look_at_clock(const struct enrolment *e)
{
	const struct hf_wall now = hf_clock_wall(), made = e->memory.known.assignment->issued;
	char is[HF_WALL_TEXT_SIZE], was[HF_WALL_TEXT_SIZE];

	if (now.s + CLOCK_SLACK_S >= made.s)
		return;
	fprintf(stderr,
		hf_text("warning: the clock of this device says %s, and the council took it in at %s: put the clock right, or it "
			"does not reach the council's server\n"),
		hf_wall_text(now, is), hf_wall_text(made, was));
}

static enum hf_rc write_text(const char *folder, const char *name, const char *text, struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	enum hf_rc rc = hf_place(folder, name, path, err);

	return rc == HF_OK ? hf_fs_replace(path, text, strlen(text), 0644, err) : rc;
}

static enum hf_rc copy_setting(char *dst, const char *src, struct hf_err *err)
{
	enum hf_rc rc = hf_str_copy(dst, HF_CONF_TEXT_SIZE, src);

	return rc == HF_OK ? rc : hf_err_set(err, rc, "'%.64s...' is too long for a setting", src);
}

static enum hf_rc fill_path(char *dst, const char *folder, const char *name, struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	enum hf_rc rc = hf_place(folder, name, path, err);

	return rc == HF_OK ? copy_setting(dst, path, err) : rc;
}

/* The settings of either as text; the caller's to free. NULL: no memory. */
static char *conf_text(struct hf_agent_conf *agent, struct hf_link_conf *link)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	if (agent)
		hf_agent_conf_print(out, agent);
	if (link)
		hf_link_conf_print(out, link);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* What an administrator has set stays. */
static enum hf_rc write_agent_conf(const struct enrolment *e, struct hf_agent_conf *conf, struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	hf_auto_free char *text = NULL;
	enum hf_rc rc = hf_place(e->places->etc, "agent.conf", path, err);

	if (rc == HF_OK && access(path, F_OK) == 0)
		return hf_agent_conf_read(path, conf, err);
	if (rc == HF_OK)
		rc = hf_agent_conf_read(NULL, conf, err);
	if (rc == HF_OK)
		rc = copy_setting(conf->state, e->places->state, err);
	if (rc != HF_OK)
		return rc;
	text = conf_text(conf, NULL);
	return text ? write_text(e->places->etc, "agent.conf", text, err)
		    : hf_err_set(err, HF_E_MEMORY, "no memory for the settings");
}

static enum hf_rc fill_link_conf(const struct enrolment *e, const struct hf_agent_conf *agent,
				 struct hf_link_conf *conf, struct hf_err *err)
{
	const char *etc = e->places->etc;
	enum hf_rc rc = copy_setting(conf->device, e->bundle.device, err);

	if (rc == HF_OK)
		rc = copy_setting(conf->council, e->bundle.council, err);
	if (rc == HF_OK)
		rc = copy_setting(conf->host, e->bundle.host, err);
	if (rc == HF_OK)
		rc = copy_setting(conf->socket, agent->link_socket, err);
	if (rc == HF_OK)
		rc = copy_setting(conf->user, agent->link_user, err);
	if (rc == HF_OK)
		rc = copy_setting(conf->log, agent->log, err);
	if (rc == HF_OK)
		rc = fill_path(conf->ca, etc, "ca.crt", err);
	if (rc == HF_OK)
		rc = fill_path(conf->certificate, etc, "link.crt", err);
	if (rc == HF_OK)
		rc = fill_path(conf->key, etc, "link.key", err);
	return rc;
}

static enum hf_rc write_link_conf(const struct enrolment *e, const struct hf_agent_conf *agent, struct hf_err *err)
{
	struct hf_link_conf conf = {.port = e->bundle.port, .protocol = 5, .keepalive_s = 30};
	hf_auto_free char *text = NULL;
	enum hf_rc rc = fill_link_conf(e, agent, &conf, err);

	if (rc != HF_OK)
		return rc;
	text = conf_text(NULL, &conf);
	return text ? write_text(e->places->etc, "link.conf", text, err)
		    : hf_err_set(err, HF_E_MEMORY, "no memory for the settings");
}

/* enrolment.json comes last: from then on a device without its memory is locked. */
static enum hf_rc keep_enrolment(struct enrolment *e, struct hf_err *err)
{
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_free char *text = NULL;
	struct hf_agent_conf agent;
	char copy[HF_PATH_SIZE], seal[HF_PATH_SIZE];
	size_t len = 0;
	enum hf_rc rc = hf_json_bytes(e->bundle.doc, &text, &len);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to keep what the council answered");
	rc = write_text(e->places->etc, "ca.crt", e->bundle.ca, err);
	if (rc == HF_OK)
		rc = write_text(e->places->etc, "link.crt", e->bundle.certificate, err);
	if (rc == HF_OK)
		rc = write_agent_conf(e, &agent, err);
	if (rc == HF_OK)
		rc = write_link_conf(e, &agent, err);
	if (rc == HF_OK)
		rc = hf_store_open(agent.state, &store, err);
	if (rc == HF_OK)
		rc = hf_place_third(e->places->etc, agent.state, copy, seal, err);
	if (rc == HF_OK)
		rc = hf_store_third(store, copy, seal, err);
	if (rc == HF_OK)
		rc = hf_store_save(store, &e->memory, err);
	if (rc == HF_OK)
		rc = write_text(e->places->etc, "enrolment.json", text, err);
	return rc;
}

/* A copy of the disk that is made from now on is told apart. */
static enum hf_rc note_machine(struct enrolment *e, struct hf_err *err)
{
	const struct hf_known *known = &e->memory.known;
	struct hf_serials serials;

	hf_serials_read("", &serials);
	if (hf_machine_of((const char *const[]){serials.id, serials.board, serials.disk}, known->council, known->device,
			  &e->memory.machine) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory to tell which machine this is");
	return HF_OK;
}

/* It may let others in yet: it stays on no device that needs it no more. */
static enum hf_rc forget_token(const struct hf_places *places, const char *token, struct hf_err *err)
{
	enum hf_rc rc = token ? hf_fs_remove(token, err) : HF_OK;

	return rc == HF_OK && token ? hf_fs_remove_in(places->etc, "join.ask", err) : rc;
}

enum hf_rc hf_enrol(const struct hf_places *places, const struct hf_enrol_how *how, struct hf_err *err)
{
	__attribute__((cleanup(enrolment_done))) struct enrolment e = {.places = places};
	enum hf_rc rc = refuse_twice(places, how->again, err);

	if (rc == HF_OK)
		rc = refuse_running(places, err);
	if (rc == HF_OK)
		rc = hf_bundle_read(how->bundle, &e.bundle, err);
	if (rc == HF_OK)
		rc = hf_bundle_known(&e.bundle, &e.memory.known, err);
	if (rc == HF_OK)
		rc = hf_bundle_anchored(&e.bundle, &e.memory.known, err);
	if (rc == HF_OK)
		rc = check_device_key(&e, err);
	if (rc == HF_OK)
		rc = check_link_key(&e, err);
	if (rc == HF_OK)
		look_at_clock(&e);
	if (rc == HF_OK)
		rc = how->token ? confirm_by_token(&e, how->token, err) : confirm(&e, how->yes, err);
	/* What it knew before is given up, so nothing opens until the council was heard. */
	e.memory.unknown = how->again;
	if (rc == HF_OK)
		rc = note_machine(&e, err);
	if (rc == HF_OK)
		rc = keep_enrolment(&e, err);
	return rc == HF_OK ? forget_token(places, how->token, err) : rc;
}

/* The key of the link goes first: a link that finds it gone ends. The settings say where all else is. */
enum hf_rc hf_enrol_forget(const struct hf_places *places, struct hf_err *err)
{
	static const char *const names[] = {"join.token", "join.ask", "link.key", "device.key", "link.crt", "ca.crt", "link.conf", "enrolment.json",
					    "agent.conf"};
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < HF_LEN(names); i++)
		rc = hf_fs_remove_in(places->etc, names[i], err);
	if (rc == HF_OK)
		(void)!rmdir(places->etc);
	return rc;
}
