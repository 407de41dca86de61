/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast certificate broker` and `certificate controller`: another certificate, before one ends or for a new name.
 * Must never write over a key, nor over a certificate.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/doctor.h>
#include <holdfast/fs.h>
#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/cli/authority.h"
#include "controller/cli/commands/commands.h"
#include "controller/office/council_folder.h"

/* One that is wanted. */
struct wanted {
	const char *ca_key; /* NULL: where it is in the council folder */
	const char *folder;
	const char *file;		/* without its end */
	const struct hf_list *hosts;	/* of the broker; NULL: it is a controller's */
	const char *name;		/* of the controller */
	char cert[HF_FOLDER_PATH_SIZE], key[HF_FOLDER_PATH_SIZE];
};

/* Asked before any passphrase. */
static enum hf_rc find_place(struct wanted *wanted, struct hf_err *err)
{
	const char *const paths[] = {wanted->cert, wanted->key};
	enum hf_rc rc = hf_folder_path(wanted->folder, wanted->cert, err, "%s.crt", wanted->file);

	if (rc == HF_OK)
		rc = hf_folder_path(wanted->folder, wanted->key, err, "%s.key", wanted->file);
	if (rc != HF_OK)
		return rc;
	if (access(wanted->folder, W_OK | X_OK) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "The folder %s cannot be written to: %s.", wanted->folder, strerror(errno));
	for (size_t i = 0; i < HF_LEN(paths); i++)
		if (access(paths[i], F_OK) == 0)
			return hf_err_set(err, HF_E_SYSTEM, "%s is there already: a key is never overwritten.", paths[i]);
	return HF_OK;
}

static enum hf_rc make_wanted(struct hf_cli *cli, const struct wanted *wanted, struct hf_err *err)
{
	hf_auto_pair struct hf_pki_pair ca = {0}, made = {0};
	enum hf_rc rc = hf_authority_open(cli, wanted->ca_key, &ca, err);

	if (rc == HF_OK && wanted->hosts)
		rc = hf_pki_server(&ca, wanted->hosts, hf_clock_wall(), &made, err);
	else if (rc == HF_OK)
		rc = hf_pki_client(&ca, wanted->name, hf_clock_wall(), &made, err);
	return rc == HF_OK ? hf_pki_write(&made, wanted->cert, wanted->key, err) : rc;
}

static enum hf_rc answer_made(struct hf_cli *cli, const struct wanted *wanted, struct hf_err *err)
{
	struct hf_wall until = hf_doctor_certificate(wanted->cert).until;
	char text[HF_WALL_TEXT_SIZE];

	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s, s:s, s:I}", "certificate", wanted->cert, "key", wanted->key, "until",
						    (json_int_t)until.s), err);
	fprintf(cli->out, hf_text("%s and %s are made; the certificate ends on %s.\n"), wanted->cert, wanted->key,
		hf_london_text(until, text));
	fputs(wanted->hosts ? hf_text("Put both into /etc/holdfast/broker of that machine, for its user mosquitto, and start mosquitto again.\n")
			    : hf_text("Put both into /etc/holdfast/controller of that machine, for its user holdfast, and start "
				      "holdfast-controller again.\n"),
	      cli->out);
	return HF_OK;
}

static enum hf_rc make_certificate(struct hf_cli *cli, struct hf_args *args, struct wanted *wanted, struct hf_err *err)
{
	const struct hf_arg rows[] = {
		{"ca-key", HF_ARG_TEXT, &wanted->ca_key, "FILE", HF_TEXT("the key of the certificates, ca.key, on its stick"), 0},
		{"output", HF_ARG_TEXT, &wanted->folder, "DIR", HF_TEXT("the folder to write both files to"), 'o'},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && !wanted->folder)
		rc = hf_err_set(err, HF_E_USAGE, "Say with -o which folder the certificate and its key go to.");
	return rc;
}

static enum hf_rc make_and_say(struct hf_cli *cli, struct wanted *wanted, struct hf_err *err)
{
	enum hf_rc rc = find_place(wanted, err);

	if (rc == HF_OK)
		rc = make_wanted(cli, wanted, err);
	return rc == HF_OK ? answer_made(cli, wanted, err) : rc;
}

enum hf_rc hf_cli_certificate_broker(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct hf_list hosts = {.n = 0};
	struct wanted wanted = {.file = "server", .hosts = &hosts};
	enum hf_rc rc = make_certificate(cli, args, &wanted, err);

	for (size_t i = 0; rc == HF_OK && i < args->n_rest; i++)
		hosts.v[hosts.n++] = args->rest[i];
	return rc == HF_OK ? make_and_say(cli, &wanted, err) : rc;
}

/* Under the name by which the broker's rules know it. */
enum hf_rc hf_cli_certificate_controller(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	char name[HF_ID_SIZE];
	struct wanted wanted = {.file = "tls", .name = name};
	enum hf_rc rc = make_certificate(cli, args, &wanted, err);

	if (rc != HF_OK)
		return rc;
	if (!hf_id_ok(args->rest[0]) || hf_str_printf(name, sizeof(name), "controller:%s", args->rest[0]) != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "`%s` is no controller: say its controller.id, as c1.", args->rest[0]);
	return make_and_say(cli, &wanted, err);
}
