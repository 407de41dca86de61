/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast device add`: from a device's request to the bundle that it is enrolled with.
 * Must never see a device's private key, nor give a device a name with a colon.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/named_ids.h"
#include "controller/cli/draft_of.h"
#include "controller/cli/send.h"
#include "controller/cli/taking_in.h"
#include "controller/office/assigned.h"
#include "controller/office/council_folder.h"
#include "controller/office/second_look.h"

#define REQUEST_MAX 65536
#define CSR_MAX 16384
#define PORT_MQTT_TLS 8883

/* What the command line says. */
struct adding {
	const char *request_path, *bundle_path, *host;
	const char *ca_key; /* NULL: where it is in the council folder */
	int64_t port;
	struct hf_list people, groups;
};

/* {"device", "public", "csr"}: made on the device. */
struct request {
	json_t *doc;
	struct hf_pki_pair ca;
	char *cert; /* signed with the broker's CA, our name in it */
	const char *device;
	struct hf_pub pub;
	const char *csr;
	bool waits; /* the assignment is a draft: a second person has to approve it */
};

static void request_done(struct request *request)
{
	json_decref(request->doc);
	hf_pki_done(&request->ca);
	free(request->cert);
}

#define auto_request __attribute__((cleanup(request_done)))

static enum hf_rc read_request(const char *path, struct request *request, struct hf_err *err)
{
	hf_auto_free char *buf = NULL;
	struct hf_err why = {0};
	size_t len = 0;
	const struct hf_json_member members[] = {
		{"device", HF_JSON_ID, &request->device, 0, false},
		{"public", HF_JSON_BYTES32, request->pub.b, 0, false},
		{"csr", HF_JSON_TEXT, &request->csr, CSR_MAX, false},
	};
	enum hf_rc rc = hf_fs_read(path, REQUEST_MAX, &buf, &len, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_json_read(buf, len, REQUEST_MAX, &request->doc, &why);
	if (rc == HF_OK)
		rc = hf_json_take(request->doc, members, HF_LEN(members), &why);
	if (rc == HF_OK)
		rc = hf_pub_check(&request->pub, &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%s is no request of a device: %s", path, why.text);
}

/* Before anything is signed or posted: all that can be wanting for the bundle. */
static enum hf_rc certify(struct hf_officer *officer, struct request *request, const char *ca_key, struct hf_err *err)
{
	enum hf_rc rc = hf_taking_ca(officer, ca_key, &request->ca, err);

	if (rc != HF_OK)
		return rc;
	return hf_pki_sign(&request->ca, &(struct hf_pki_request){request->csr, request->device}, officer->view->now,
			   &request->cert, err);
}

/* The parts of the register behind part 1; NULL: it has one part. */
static json_t *other_parts(const struct hf_parts *parts)
{
	json_t *list = parts->n_in_force > 1 ? json_array() : NULL;
	const struct hf_envelope *part;

	for (size_t i = 1; list && (part = hf_parts_in_force(parts, i)); i++)
		(void)json_array_append_new(list, hf_envelope_to_json(part));
	return list;
}

static enum hf_rc write_bundle(struct hf_view *view, const struct adding *adding, const struct request *request,
			       const struct hf_envelope *assignment, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *parts = other_parts(&view->known.parts);
	hf_auto_json json_t *bundle = json_pack(
		"{s:s, s:s, s:O, s:o, s:O*, s:o, s:s, s:I, s:s, s:s}", "council", view->known.trust->council, "device",
		request->device, "trusts", view->trusts, "register",
		hf_envelope_to_json(hf_parts_in_force(&view->known.parts, 0)), "register_parts", parts, "assignment",
		hf_envelope_to_json(assignment), "host", adding->host, "port", (json_int_t)adding->port, "ca",
		request->ca.cert, "certificate", request->cert);
	size_t len = 0;

	if (!bundle || hf_json_bytes(bundle, &text, &len) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return hf_fs_replace(adding->bundle_path, text, len, 0644, err);
}

/* To the controller if it answers; a copy stays in the folder either way, for its first import. */
static enum hf_rc hand_over(const struct hf_officer *officer, const struct hf_envelope *assignment,
			    const struct hf_weighed *weighed, struct request *request, struct hf_err *err)
{
	bool recorded;
	enum hf_rc rc = hf_send_assignment(officer, assignment, weighed, &recorded, err);

	if (rc != HF_OK)
		return rc;
	request->waits = !recorded && officer->view->online;
	return request->waits ? HF_OK
			      : hf_folder_put_assignment(officer->cli->office.folder, assignment, request->device, err);
}

/* Without the controller, a posting window opens on a person's first device alone: so it is said which that is. */
static json_t *ranks_json(const struct hf_assignment *assignment)
{
	json_t *ranks = json_object();

	for (size_t i = 0; ranks && i < assignment->n_people; i++)
		(void)json_object_set_new(ranks, assignment->people[i].person,
					  json_integer(assignment->people[i].rank));
	return ranks;
}

static void say_ranks(FILE *out, const struct hf_view *view, const struct hf_assignment *assignment)
{
	for (size_t i = 0; i < assignment->n_people; i++) {
		const struct hf_device_person *p = &assignment->people[i];
		const char *first;

		(void)hf_assigned_rank(&view->assigned, assignment->device, p->person, &first);
		if (!hf_look_is_known(view, p->person))
			fprintf(out, hf_text("%s has no role and holds no account: in a lockdown it is shut for them as for anybody. Is "
					     "the name right?\n"),
				p->person);
		else if (p->rank == 1)
			fprintf(out,
				hf_text("It is the first device of %s: there their posting window opens also when the "
					"controller cannot be heard.\n"),
				p->person);
		else
			fprintf(out,
				hf_text("It is device number %lld of %s (the first is %s): here their posting window "
					"opens only when the controller is heard.\n"),
				(long long)p->rank, p->person, first ? first : hf_text("not known here"));
	}
}

/* Who is known is in signed documents already. */
static void warn_of_people(const struct hf_view *view, const struct hf_list *people)
{
	for (size_t i = 0; i < people->n; i++) {
		char id[HF_ID_SIZE];

		if (hf_str_printf(id, sizeof(id), "%.*s", (int)strcspn(people->v[i], ":"), people->v[i]) == HF_OK &&
		    !hf_look_is_known(view, id))
			hf_named_id_warn(view->office, id, "");
	}
}

static enum hf_rc answer_added(const struct hf_officer *officer, const struct adding *adding,
			       const struct request *request, const struct hf_envelope *assignment, struct hf_err *err)
{
	const struct hf_view *view = officer->view;
	struct hf_cli *cli = officer->cli;
	hf_auto_envelope struct hf_envelope *first = NULL;
	hf_auto_assignment struct hf_assignment *decoded = NULL;
	char digest[HF_DIGEST_HEX_SIZE], first_digest[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_envelope_from_json(json_array_get(view->trusts, 0), &first, err);

	if (rc == HF_OK)
		rc = hf_assignment_decode(assignment, &decoded, err);
	if (rc != HF_OK)
		return rc;
	hf_digest_hex(&assignment->digest, digest);
	hf_digest_hex(&first->digest, first_digest);
	if (cli->json)
		return hf_cli_answer(cli,
				     json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "device", request->device,
					       "bundle", adding->bundle_path, "digest", digest, "trust", first_digest,
					       "posted", view->online, "waits", request->waits, "ranks",
					       ranks_json(decoded)),
				     err);
	if (request->waits)
		fprintf(cli->out, hf_text("This changes the device %s when a second person approves it.\n"),
			request->device);
	fprintf(cli->out, hf_text("The device %s is taken in. Bring %s to it, and there: holdfast-agent enrol\n"),
		request->device, adding->bundle_path);
	say_ranks(cli->out, view, decoded);
	fprintf(cli->out, hf_text("Compare there the digest of the first trust:\n  %s\n"), first_digest);
	if (!view->online)
		fprintf(cli->out,
			hf_text("No controller answered: its assignment is in %s/assignments for the first import.\n"),
			cli->office.folder);
	return HF_OK;
}

/* What nobody knows yet: it is taken, for somebody must be the first. */
static void look_at_names(const struct hf_view *view, const struct adding *adding, const char *device)
{
	const struct hf_assigned *all = &view->assigned;

	for (size_t i = 0; i < adding->groups.n; i++) {
		size_t others = 0, there = 0;

		for (size_t k = 0; k < all->n; k++) {
			bool other = strcmp(all->v[k]->device, device) != 0;

			others += other;
			there += other && hf_strs_has(&all->v[k]->groups, adding->groups.v[i]);
		}
		if (others > 0 && there == 0)
			hf_office_warn(view->office, "no other device is in the group %s: is the name right?",
				       adding->groups.v[i]);
	}
	hf_taking_look_at_host(view, adding->host);
}

/* Whoever has signed and finds no file has a device that is taken in and cannot be enrolled. */
static enum hf_rc has_place(const char *path, struct hf_err *err)
{
	const char *end = strrchr(path, '/');
	hf_auto_free char *folder = end ? strndup(path, end == path ? 1 : (size_t)(end - path)) : strdup(".");

	if (!folder)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (access(folder, W_OK | X_OK) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "%s cannot be written there: %s. Nothing was signed.", path, strerror(errno));
}

static enum hf_rc add_device(struct hf_officer *officer, const struct adding *adding, struct hf_err *err)
{
	auto_request struct request request = {0};
	struct hf_view *view = officer->view;
	hf_auto_envelope struct hf_envelope *assignment = NULL;
	hf_auto_weighed struct hf_weighed weighed = {0};
	enum hf_rc rc = has_place(adding->bundle_path, err);

	if (rc == HF_OK)
		rc = read_request(adding->request_path, &request, err);
	if (rc == HF_OK)
		rc = certify(officer, &request, adding->ca_key, err);
	if (rc == HF_OK)
		look_at_names(view, adding, request.device);
	if (rc == HF_OK)
		warn_of_people(view, &adding->people);
	if (rc == HF_OK)
		rc = hf_taking_assignment(view,
					  &(const struct hf_taken_in){request.device, &request.pub, &adding->people, &adding->groups},
					  &assignment, err);
	if (rc == HF_OK)
		rc = hf_officer_open(officer, err);
	if (rc == HF_OK)
		rc = hf_signing_may_assign(view, officer->person, err);
	if (rc == HF_OK && view->online)
		hf_draft_warn_rival(view, assignment);
	if (rc == HF_OK)
		rc = hf_officer_sign(officer, assignment, false, &weighed, err);
	if (rc == HF_OK)
		rc = hand_over(officer, assignment, &weighed, &request, err);
	if (rc == HF_OK)
		rc = write_bundle(view, adding, &request, assignment, err);
	return rc == HF_OK ? answer_added(officer, adding, &request, assignment, err) : rc;
}

enum hf_rc hf_cli_device_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	struct adding adding = {.host = "localhost", .port = PORT_MQTT_TLS};
	const struct hf_arg rows[] = {
		{"request", HF_ARG_TEXT, &adding.request_path, "FILE", HF_TEXT("what `holdfast-agent request` printed"),
		 0},
		{"person", HF_ARG_LIST, &adding.people, "PERSON:LOGIN",
		 HF_TEXT("who uses it, and their login name there"), 0},
		{"group", HF_ARG_IDS, &adding.groups, "GROUP", HF_TEXT("a group of devices that it belongs to"), 0},
		{"host", HF_ARG_TEXT, &adding.host, "HOST",
		 HF_TEXT("the broker, by a name in its certificate (localhost)"), 0},
		{"port", HF_ARG_INT, &adding.port, "PORT", HF_TEXT("of the broker (8883)"), 0},
		{"ca-key", HF_ARG_TEXT, &adding.ca_key, "FILE", HF_TEXT("the key of the certificates, ca.key, on its stick"), 0},
		{"output", HF_ARG_TEXT, &adding.bundle_path, "BUNDLE", HF_TEXT("the file to write for the device"),
		 'o'},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (!adding.request_path || !adding.bundle_path)
		return hf_err_set(err, HF_E_USAGE, "Give the device's request with --request and the bundle with -o.");
	if (adding.port < 1 || adding.port > 65535)
		return hf_err_set(err, HF_E_USAGE, "--port is between 1 and 65535.");
	rc = hf_view_folder(&cli->office, &view, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_view_ask(&view, err);
	if (rc == HF_OK || rc == HF_E_ABSENT)
		rc = hf_view_assigned(&view, err);
	return rc == HF_OK ? add_device(&officer, &adding, err) : rc;
}
