/* SPDX-License-Identifier: MIT */
/*
 * Owns how the council's authority of certificates is opened for as long as it is needed.
 * Must never leave its key behind on this machine.
 */
#include "controller/cli/authority.h"

#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "controller/cli/ask.h"
#include "controller/office/council_folder.h"

#define KEY_FILE_MAX 65536

/* In its place for as long as a device is taken in; councils of before have it beside the certificate. */
static enum hf_rc find_ca_key(const struct hf_office *office, const char *said, char key[HF_FOLDER_PATH_SIZE],
			      struct hf_err *err)
{
	enum hf_rc rc = said ? hf_str_copy(key, HF_FOLDER_PATH_SIZE, said)
			     : hf_folder_path(office->folder, key, err, "broker/ca.key");

	if (rc == HF_OK && !said && access(key, F_OK) != 0)
		rc = hf_folder_path(office->folder, key, err, "sticks/ca/ca.key");
	if (rc == HF_OK && access(key, F_OK) != 0)
		return hf_err_set(err, HF_E_ABSENT,
				  "%s is not there: put in the stick with the key of the certificates, and say --ca-key FILE.",
				  key);
	return rc;
}

/* Councils of before have it as it is: whoever finds the stick lets machines of their own into the broker. */
static void look_at_key(const struct hf_office *office, const char *path)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (hf_fs_read(path, KEY_FILE_MAX, &text, &len, NULL) != HF_OK)
		return;
	if (!strstr(text, "ENCRYPTED"))
		hf_office_warn(office,
			       "the key of the certificates has no passphrase: give it one with `holdfast key passphrase %s`.",
			       path);
	OPENSSL_cleanse(text, len);
}

enum hf_rc hf_authority_open(struct hf_cli *cli, const char *said, struct hf_pki_pair *ret, struct hf_err *err)
{
	hf_auto_pkcs8 PKCS8_PRIV_KEY_INFO *opened = NULL;
	char cert[HF_FOLDER_PATH_SIZE], key[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_folder_path(cli->office.folder, cert, err, "broker/ca.crt");

	if (rc == HF_OK)
		rc = find_ca_key(&cli->office, said, key, err);
	if (rc == HF_OK)
		rc = hf_ask_pkcs8(cli, key, &opened, err);
	if (rc == HF_OK)
		look_at_key(&cli->office, key);
	return rc == HF_OK ? hf_pki_read(cert, opened, ret, err) : rc;
}
