/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast key new|passphrase|public`: an officer's own key file, and the passphrase of any.
 * Must never write a private key without a passphrase, nor over another key.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/office/council_folder.h"

static enum hf_rc show_public(struct hf_cli *cli, const char *path, const struct hf_key *key, struct hf_err *err)
{
	struct hf_pub pub = hf_key_pub(key);
	char text[HF_BASE64_LEN(sizeof(pub.b)) + 1], keyid[HF_KEYID_SIZE];
	enum hf_rc rc = hf_base64_encode(pub.b, sizeof(pub.b), text, sizeof(text));

	if (rc != HF_OK)
		return hf_err_set(err, rc, "The public key cannot be shown.");
	hf_pub_keyid(&pub, keyid);
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s, s:s, s:s}", "file", path, "public", text, "keyid", keyid),
				     err);
	fprintf(cli->out, "%s\n", text);
	return HF_OK;
}

enum hf_rc hf_cli_key_new(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_secret struct hf_secret pass = {0};
	hf_auto_key struct hf_key *key = NULL;
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc != HF_OK)
		return rc;
	if (access(args->rest[0], F_OK) == 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s is there already: a key is never overwritten.", args->rest[0]);
	rc = hf_ask_passphrase(cli, hf_text("Passphrase of the new key"), true, &pass, err);
	if (rc == HF_OK)
		rc = hf_key_new(&key, err);
	if (rc == HF_OK)
		rc = hf_folder_put_key(args->rest[0], key, pass.text, err);
	return rc == HF_OK ? show_public(cli, args->rest[0], key, err) : rc;
}

enum hf_rc hf_cli_key_passphrase(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_secret struct hf_secret pass = {0};
	hf_auto_pkcs8 PKCS8_PRIV_KEY_INFO *key = NULL;
	hf_auto_free char *pem = NULL; /* locked */
	size_t len = 0;
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK)
		rc = hf_ask_pkcs8(cli, args->rest[0], &key, err);
	if (rc == HF_OK)
		rc = hf_ask_passphrase(cli, hf_text("New passphrase"), true, &pass, err);
	if (rc == HF_OK)
		rc = hf_pkcs8_write(key, pass.text, &pem, &len, err);
	if (rc == HF_OK)
		rc = hf_fs_replace(args->rest[0], pem, len, 0600, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s, s:s}", "file", args->rest[0], "outcome", "changed"), err);
	fprintf(cli->out, hf_text("The passphrase of %s is changed.\n"), args->rest[0]);
	return HF_OK;
}

enum hf_rc hf_cli_key_public(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_key struct hf_key *key = NULL;
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK)
		rc = hf_ask_key(cli, args->rest[0], &key, err);
	return rc == HF_OK ? show_public(cli, args->rest[0], key, err) : rc;
}
