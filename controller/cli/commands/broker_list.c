/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast broker list`, `add`, `remove` and `replace`: where devices find the council's server.
 * Must never touch a broker that was not named.
 */
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/broker_change.h"
#include "controller/office/client.h"
#include "proto/wire/pem.h"

#define DEVICES_PATH_SIZE 64

/* One certificate and nothing else: a chain, or a key beside it, is a slip that would go to every device. */
static enum hf_rc read_authority(const char *path, char **ret_text, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, HF_BROKER_CA_MAX, &text, &len, err);
	hf_auto_bio BIO *in = rc == HF_OK ? BIO_new_mem_buf(text, (int)len) : NULL;
	hf_auto_bio BIO *out = BIO_new(BIO_s_mem());
	X509 *cert = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	bool whole = cert && out && X509_check_ca(cert) == 1 && PEM_write_bio_X509(out, cert) == 1 &&
		     hf_bio_text(out, ret_text, &len) == HF_OK;

	X509_free(cert);
	if (rc != HF_OK || whole)
		return rc;
	return hf_err_set(err, HF_E_USAGE, "%s is no certificate of an authority in PEM: take the ca.crt of that broker.", path);
}

static enum hf_rc send_wish(struct hf_cli *cli, const struct hf_broker_wish *wish, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_view_open(&cli->office, &view, err);

	if (rc == HF_OK)
		rc = hf_brokers_wished(&view, wish, &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(&officer, err);
	return rc == HF_OK ? hf_send(&officer, envelope, 0, err) : rc;
}

/* @first: the place of the new one's name among the words. */
static enum hf_rc bring_broker(struct hf_cli *cli, struct hf_args *args, size_t first, struct hf_err *err)
{
	struct hf_broker_wish wish = {.come = {.port = HF_BROKER_PORT}};
	hf_auto_free char *ca = NULL;
	const char *path = NULL;
	const struct hf_arg rows[] = {
		{"port", HF_ARG_INT, &wish.come.port, "N", HF_TEXT("its port (8883)"), 0},
		{"ca", HF_ARG_TEXT, &path, "FILE", HF_TEXT("the authority of its certificate (the council's own)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && path)
		rc = read_authority(path, &ca, err);
	if (rc != HF_OK)
		return rc;
	wish.gone = first > 0 ? args->rest[0] : NULL;
	wish.come.id = args->rest[first];
	wish.come.host = args->rest[first + 1];
	wish.come.ca = ca;
	return send_wish(cli, &wish, err);
}

enum hf_rc hf_cli_broker_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	return bring_broker(cli, args, 0, err);
}

enum hf_rc hf_cli_broker_replace(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	return bring_broker(cli, args, 1, err);
}

enum hf_rc hf_cli_broker_remove(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct hf_broker_wish wish = {.gone = NULL};
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc != HF_OK)
		return rc;
	wish.gone = args->rest[0];
	return send_wish(cli, &wish, err);
}

/* How many devices say that they hold this list, or a later one. */
static enum hf_rc count_holding(const struct hf_cli *cli, int64_t version, json_t **ret_page, struct hf_err *err)
{
	char path[DEVICES_PATH_SIZE];

	if (hf_str_printf(path, sizeof(path), "/v1/devices?limit=1&brokers=%lld", (long long)version) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The number of the list is too long.");
	return hf_client_get(&cli->office, path, ret_page, err);
}

static bool is_of_two(const struct hf_view *view, const struct hf_broker *broker)
{
	const struct hf_broker_list *base = hf_broker_set_base(&view->known.brokers);

	for (size_t i = 0; base && i < base->doc->n; i++)
		if (hf_broker_same(&base->doc->v[i], broker))
			return true;
	return false;
}

static enum hf_rc answer_list(struct hf_cli *cli, const struct hf_view *view, const struct hf_brokers_now *now,
			      const json_t *page, struct hf_err *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < now->n; i++) {
		json_t *row = hf_broker_put(&now->v[i]);

		if (row)
			(void)json_object_set_new(row, "by_two", json_boolean(is_of_two(view, &now->v[i])));
		(void)json_array_append_new(list, row);
	}
	return hf_cli_answer(cli, json_pack("{s:I, s:o, s:I, s:I}", "version", (json_int_t)now->version, "brokers", list,
					    "holding", (json_int_t)hf_client_number(page, "total"), "devices",
					    (json_int_t)hf_client_number(page, "of")), err);
}

static void print_list(FILE *out, const struct hf_view *view, const struct hf_brokers_now *now, const json_t *page)
{
	char ca[HF_BROKER_CA_TEXT_SIZE];

	if (now->n == 0) {
		fputs(hf_text("There is no list of brokers: each device knows the one that it was enrolled with.\n"), out);
		return;
	}
	for (size_t i = 0; i < now->n; i++)
		fprintf(out, "%-16s  %s:%lld  %s; %s\n", now->v[i].id, now->v[i].host, (long long)now->v[i].port,
			is_of_two(view, &now->v[i]) ? hf_text("approved by two") : hf_text("added by one"),
			hf_broker_ca_text(&now->v[i], ca));
	fprintf(out, hf_text("Version %lld; %lld of %lld devices hold it.\n"), (long long)now->version,
		(long long)hf_client_number(page, "total"), (long long)hf_client_number(page, "of"));
}

enum hf_rc hf_cli_broker_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_json json_t *page = NULL;
	struct hf_brokers_now now = {.n = 0};
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		hf_broker_set_now(&view.known.brokers, &now);
	if (rc == HF_OK && now.version > 0)
		rc = count_holding(cli, now.version, &page, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return answer_list(cli, &view, &now, page, err);
	print_list(cli->out, &view, &now, page);
	return HF_OK;
}
