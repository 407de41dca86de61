/* SPDX-License-Identifier: MIT */
/*
 * Owns reading and writing the files of a council folder.
 * Must never write a private key that others can read.
 */
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include <holdfast/trust.h>

#include "controller/office/council_folder.h"

enum hf_rc hf_folder_path(const char *folder, char path[HF_FOLDER_PATH_SIZE], struct hf_err *err, const char *fmt, ...)
{
	char name[256];
	va_list ap;
	int n;

	if (!folder || folder[0] == '\0')
		return hf_err_set(err, HF_E_USAGE, "It is not said where the council folder is.");
	va_start(ap, fmt);
	n = vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(name) ||
	    hf_str_printf(path, HF_FOLDER_PATH_SIZE, "%s/%s", folder, name) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The name of the council folder is too long.");
	return HF_OK;
}

enum hf_rc hf_folder_get(const char *path, struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_free char *buf = NULL;
	struct hf_err why = {0};
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, HF_MESSAGE_MAX, &buf, &len, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_envelope_decode(buf, len, ret_envelope, &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%s holds no envelope (%s): %s", path, hf_rc_name(rc), why.text);
}

enum hf_rc hf_folder_put(const char *path, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_free char *buf = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_envelope_encode(envelope, &buf, &len, err);

	return rc == HF_OK ? hf_fs_replace(path, buf, len, 0644, err) : rc;
}

enum hf_rc hf_folder_register_path(const char *folder, size_t part, char path[HF_FOLDER_PATH_SIZE], struct hf_err *err)
{
	if (part == 1)
		return hf_folder_path(folder, path, err, "register.json");
	return hf_folder_path(folder, path, err, "register-%zu.json", part);
}

enum hf_rc hf_folder_put_assignment(const char *folder, const struct hf_envelope *assignment, const char *device,
				    struct hf_err *err)
{
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_folder_path(folder, path, err, "assignments/%s.json", device);

	return rc == HF_OK ? hf_folder_put(path, assignment, err) : rc;
}

enum hf_rc hf_folder_put_trust(const char *folder, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_trust_decode(envelope, &trust, err);

	if (rc == HF_OK)
		rc = hf_folder_path(folder, path, err, "trust/%lld.json", (long long)trust->epoch);
	return rc == HF_OK ? hf_folder_put(path, envelope, err) : rc;
}

enum hf_rc hf_folder_put_key(const char *path, const struct hf_key *key, const char *pass, struct hf_err *err)
{
	char *pem = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_key_to_pem(key, pass, &pem, &len, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_fs_replace(path, pem, len, 0600, err);
	OPENSSL_cleanse(pem, len);
	free(pem);
	return rc;
}

enum hf_rc hf_folder_envelope(enum hf_doc_type type, json_t *payload, struct hf_envelope **ret_envelope,
			      struct hf_err *err)
{
	hf_auto_json json_t *mine = payload;

	return hf_envelope_of_json(type, mine, ret_envelope, err);
}
