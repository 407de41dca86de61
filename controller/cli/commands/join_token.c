/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast join-token ...`: what laptops are given to ask with, and the certificate by which they know the door.
 * Must never let the door see a token's secret, or write it where others can read it.
 */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/digest.h>
#include <holdfast/fs.h>
#include <holdfast/join.h>
#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/door_ask.h"
#include "controller/cli/taking_in.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/council_view.h"

#define DOOR_PORT 8884
#define DAY_S ((int64_t)86400)
#define DAYS_MAX 366
#define USES_MAX 20000
#define HOST_SIZE 254

/* What the command line says. */
struct making {
	const char *batch, *device, *serial, *address, *path;
	int64_t uses, days;
	struct hf_list groups;
	char host[HOST_SIZE];
	int64_t port;
};

/* A batch, or one laptop with its serial number. */
static enum hf_rc settle_making(struct making *m, struct hf_err *err)
{
	if (!m->batch == !m->device || !m->device != !m->serial)
		return hf_err_set(err, HF_E_USAGE, "Give --batch and --uses; or --device and --serial of one laptop.");
	if (m->device && (m->uses != 0 || m->days != 0))
		return hf_err_set(err, HF_E_USAGE, "A token of one laptop has one use and a day: leave --uses and --days out.");
	if (m->device) {
		m->batch = m->device;
		m->uses = m->days = 1;
	}
	m->days = m->days ? m->days : 30;
	if (!hf_id_ok(m->batch))
		return hf_err_set(err, HF_E_USAGE, "`%s` cannot be its name: use a-z, 0-9 and -.", m->batch);
	if (m->uses < 1 || m->uses > USES_MAX || m->days < 1 || m->days > DAYS_MAX)
		return hf_err_set(err, HF_E_USAGE, "--uses is between 1 and %d, --days between 1 and %d.", USES_MAX, DAYS_MAX);
	if (m->serial && (!m->serial[0] || strlen(m->serial) > HF_JOIN_LINE_MAX))
		return hf_err_set(err, HF_E_USAGE, "--serial is what stands on the laptop's label, at most %d characters.",
				  HF_JOIN_LINE_MAX);
	if (!m->address || !m->path)
		return hf_err_set(err, HF_E_USAGE, "Give the door's HOST or HOST:PORT with --address, and the file with -o.");
	return HF_OK;
}

static enum hf_rc read_address(struct making *m, struct hf_err *err)
{
	const char *colon = strrchr(m->address, ':');
	const size_t len = colon ? (size_t)(colon - m->address) : strlen(m->address);
	char *end = NULL;

	m->port = colon ? strtol(colon + 1, &end, 10) : DOOR_PORT;
	if (len == 0 || len >= sizeof(m->host) || (colon && (*end || end == colon + 1)) || m->port < 1 || m->port > 65535)
		return hf_err_set(err, HF_E_USAGE, "--address is HOST or HOST:PORT, not `%s`.", m->address);
	memcpy(m->host, m->address, len);
	m->host[len] = '\0';
	return HF_OK;
}

static json_t *batch_doc(const struct making *m, const uint8_t secret[HF_JOIN_SECRET_LEN], struct hf_wall until)
{
	const struct hf_strs groups = {.v = (const char **)(uintptr_t)m->groups.v, .n = m->groups.n};
	struct hf_digest digest;

	if (hf_digest_of(secret, HF_JOIN_SECRET_LEN, &digest) != HF_OK)
		return NULL;
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:o, s:s*, s:s*}", "batch", m->batch, "secret", hf_json_from_digest(&digest),
			 "uses", (json_int_t)m->uses, "used", (json_int_t)0, "until", (json_int_t)until.s, "groups",
			 hf_json_from_strs(&groups), "device", m->device, "serial", m->serial);
}

static enum hf_rc fill_token(const struct hf_view *view, const struct making *m, char *ca, struct hf_join_token *ret,
			     struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *first = NULL;
	enum hf_rc rc = hf_envelope_from_json(json_array_get(view->trusts, 0), &first, err);

	if (rc != HF_OK)
		return rc;
	*ret = (struct hf_join_token){.council = view->known.trust->council, .host = m->host, .port = m->port, .ca = ca,
				      .trust = first->digest};
	return RAND_priv_bytes(ret->secret, sizeof(ret->secret)) == 1
		       ? HF_OK
		       : hf_err_set(err, HF_E_SYSTEM, "This machine gives no random numbers.");
}

static enum hf_rc write_token(const char *path, const struct hf_join_token *token, struct hf_err *err)
{
	hf_auto_json json_t *put = hf_join_token_put(token);
	char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = put ? hf_json_bytes(put, &text, &len) : HF_E_MEMORY;

	if (rc == HF_OK)
		rc = hf_fs_replace(path, text, len, 0600, err);
	else
		rc = hf_err_set(err, rc, "There is not enough memory.");
	if (text)
		OPENSSL_cleanse(text, len);
	free(text);
	return rc;
}

/* The file first: a token that counts and that nobody has would only be a name that is taken. */
static enum hf_rc make_token(const struct hf_cli *cli, const struct making *m, struct hf_join_token *token,
			     struct hf_wall until, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc;

	if (access(m->path, F_OK) == 0)
		return hf_err_set(err, HF_E_USAGE, "%s is there already: it may be in use. Name another file.", m->path);
	rc = write_token(m->path, token, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_door_say(cli, "/v1/tokens", batch_doc(m, token->secret, until), &answer, err);
	if (rc != HF_OK)
		(void)!unlink(m->path);
	return rc;
}

static enum hf_rc say_token(struct hf_cli *cli, const struct making *m, struct hf_wall until, struct hf_err *err)
{
	const struct hf_strs groups = {.v = (const char **)(uintptr_t)m->groups.v, .n = m->groups.n};
	char text[HF_WALL_TEXT_SIZE];

	if (cli->json)
		return hf_cli_answer(cli,
				     json_pack("{s:s, s:s, s:I, s:I, s:o}", "batch", m->batch, "file", m->path, "uses",
					       (json_int_t)m->uses, "until", (json_int_t)until.s, "groups",
					       hf_json_from_strs(&groups)),
				     err);
	fprintf(cli->out, hf_text("The token %s is in %s. With it at most %lld laptops are taken in, until %s.\n"), m->batch, m->path,
		(long long)m->uses, hf_london_text(until, text));
	fprintf(cli->out,
		hf_text("Put it on each of them as /etc/holdfast/join.token, for root alone (mode 0600). It takes nothing in by itself: "
			"`holdfast device approve` does. If it is lost: holdfast join-token end %s\n"),
		m->batch);
	return HF_OK;
}

static enum hf_rc read_ca(const struct hf_cli *cli, char **ret, struct hf_err *err)
{
	char path[HF_FOLDER_PATH_SIZE];
	size_t len = 0;
	enum hf_rc rc = hf_folder_path(cli->office.folder, path, err, "broker/ca.crt");

	return rc == HF_OK ? hf_fs_read(path, HF_JOIN_PEM_MAX, ret, &len, err) : rc;
}

enum hf_rc hf_cli_join_token_make(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_join_token struct hf_join_token token = {0};
	hf_auto_free char *ca = NULL;
	struct making m = {0};
	struct hf_wall until;
	const struct hf_arg rows[] = {
		{"batch", HF_ARG_TEXT, &m.batch, "NAME", HF_TEXT("how this batch of laptops is called"), 0},
		{"uses", HF_ARG_INT, &m.uses, "N", HF_TEXT("how many of them may be taken in with it"), 0},
		{"days", HF_ARG_INT, &m.days, "N", HF_TEXT("for how many days (30)"), 0},
		{"device", HF_ARG_TEXT, &m.device, "ID", HF_TEXT("in place of a batch: one laptop, for a day"), 0},
		{"serial", HF_ARG_TEXT, &m.serial, "SERIAL", HF_TEXT("of that laptop, as its label says"), 0},
		{"group", HF_ARG_IDS, &m.groups, "GROUP", HF_TEXT("groups of those for whom the list says none"), 0},
		{"address", HF_ARG_TEXT, &m.address, "HOST[:PORT]", HF_TEXT("where laptops find holdfast-joind (port 8884)"), 0},
		{"output", HF_ARG_TEXT, &m.path, "FILE", HF_TEXT("the token"), 'o'},
		HF_ARG_DOOR(cli),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = settle_making(&m, err);
	if (rc == HF_OK)
		rc = read_address(&m, err);
	if (rc == HF_OK)
		rc = hf_view_folder(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = read_ca(cli, &ca, err);
	if (rc == HF_OK)
		rc = fill_token(&view, &m, ca, &token, err);
	if (rc != HF_OK)
		return rc;
	until.s = view.now.s + m.days * DAY_S;
	rc = make_token(cli, &m, &token, until, err);
	return rc == HF_OK ? say_token(cli, &m, until, err) : rc;
}

static void say_batches(FILE *out, const json_t *tokens)
{
	char text[HF_WALL_TEXT_SIZE];
	json_t *one;
	size_t i;

	if (json_array_size(tokens) == 0)
		fputs(hf_text("There is no token: `holdfast join-token make` makes one.\n"), out);
	json_array_foreach(tokens, i, one)
	{
		const struct hf_wall until = {hf_client_number(one, "until")};

		fprintf(out, hf_text("%s: used %lld of %lld times, until %s\n"), hf_client_text(one, "batch", "?"),
			hf_client_number(one, "used"), hf_client_number(one, "uses"), hf_london_text(until, text));
	}
}

enum hf_rc hf_cli_join_token_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *shown = NULL;
	json_t *tokens;
	const struct hf_arg rows[] = {HF_ARG_DOOR(cli)};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_door_get(cli, "/v1/joins", &shown, err);
	if (rc != HF_OK)
		return rc;
	tokens = json_object_get(shown, "tokens");
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:O?}", "tokens", tokens), err);
	say_batches(cli->out, tokens);
	return HF_OK;
}

enum hf_rc hf_cli_join_token_end(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	const struct hf_arg rows[] = {HF_ARG_DOOR(cli)};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_door_say(cli, "/v1/tokens/end", json_pack("{s:s}", "batch", args->rest[0]), &answer, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s}", "batch", args->rest[0]), err);
	fprintf(cli->out, hf_text("The token %s counts no more. Who was taken in with it stays so.\n"), args->rest[0]);
	return HF_OK;
}

static enum hf_rc write_server(const char *folder, const struct hf_pki_pair *pair, struct hf_err *err)
{
	char cert[HF_FOLDER_PATH_SIZE], key[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_str_printf(cert, sizeof(cert), "%s/joind.crt", folder);

	if (rc == HF_OK)
		rc = hf_str_printf(key, sizeof(key), "%s/joind.key", folder);
	if (rc != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The path of %s is too long.", folder);
	rc = hf_fs_mkdirs(folder, 0755, err);
	return rc == HF_OK ? hf_pki_write(pair, cert, key, err) : rc;
}

enum hf_rc hf_cli_join_token_server(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_pair struct hf_pki_pair ca = {0}, pair = {0};
	const char *ca_key = NULL, *folder = NULL;
	struct hf_list hosts = {0};
	const struct hf_arg rows[] = {
		{"ca-key", HF_ARG_TEXT, &ca_key, "FILE", HF_TEXT("the key of the certificates, ca.key, on its stick"), 0},
		{"output", HF_ARG_TEXT, &folder, "FOLDER", HF_TEXT("where joind.crt and joind.key are written"), 'o'},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && !folder)
		return hf_err_set(err, HF_E_USAGE, "Give the folder for joind.crt and joind.key with -o.");
	for (size_t i = 0; i < args->n_rest; i++)
		hosts.v[hosts.n++] = args->rest[i];
	if (rc == HF_OK)
		rc = hf_view_folder(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = hf_taking_ca(&officer, ca_key, &ca, err);
	if (rc == HF_OK)
		rc = hf_pki_server(&ca, &hosts, view.now, &pair, err);
	if (rc == HF_OK)
		rc = write_server(folder, &pair, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s}", "folder", folder), err);
	fprintf(cli->out, hf_text("The certificate of holdfast-joind and its key are in %s: joind.crt, joind.key. The key is for its user alone.\n"),
		folder);
	return HF_OK;
}
