/* SPDX-License-Identifier: MIT */
/*
 * Owns the look at files and certificates.
 * Must never change one, or show what is in a key.
 */
#include <holdfast/doctor.h>

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define PEM_MOST 65536

/* Root sees all: where it is refused, something is wrong. */
static bool may_not_look(const char *path)
{
	return geteuid() != 0 && access(path, R_OK) != 0 && errno == EACCES;
}

struct hf_file_seen hf_doctor_file(const char *path, const hf_user *user, unsigned denied)
{
	struct hf_file_seen seen = {.path = path};

	seen.rc = hf_fs_guarded(path, user, (mode_t)denied, &seen.why);
	if (seen.rc == HF_E_SYSTEM && may_not_look(path))
		seen.rc = HF_E_ROLE;
	return seen;
}

static enum hf_rc wall_of(const ASN1_TIME *time, struct hf_wall *ret)
{
	struct tm tm = {0};

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return HF_E_SHAPE;
	ret->s = timegm(&tm);
	return HF_OK;
}

static enum hf_rc read_times(const char *pem, size_t len, struct hf_certificate_seen *seen)
{
	BIO *in = BIO_new_mem_buf(pem, (int)len);
	X509 *cert = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	enum hf_rc rc = cert ? wall_of(X509_get0_notBefore(cert), &seen->from) : HF_E_SHAPE;

	if (rc == HF_OK)
		rc = wall_of(X509_get0_notAfter(cert), &seen->until);
	X509_free(cert);
	BIO_free(in);
	return rc;
}

struct hf_certificate_seen hf_doctor_certificate(const char *path)
{
	struct hf_certificate_seen seen = {.file = {.path = path}};
	hf_auto_free char *pem = NULL;
	size_t len = 0;

	seen.file.rc = hf_fs_read(path, PEM_MOST, &pem, &len, &seen.file.why);
	if (seen.file.rc == HF_E_SYSTEM && may_not_look(path))
		seen.file.rc = HF_E_ROLE;
	if (seen.file.rc == HF_OK && read_times(pem, len, &seen) != HF_OK)
		seen.file.rc = hf_err_set(&seen.file.why, HF_E_SHAPE, "%s is no certificate", path);
	return seen;
}
