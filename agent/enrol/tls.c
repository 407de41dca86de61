/* SPDX-License-Identifier: MIT */
/*
 * Owns the making and checking of the link's key and certificate.
 * Must never let a private key leave but as the PEM text that its caller keeps.
 */
#include "agent/enrol/tls.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <holdfast/str.h>

#include "proto/wire/pem.h"

#define auto_pkey __attribute__((cleanup(pkey_free_ptr)))
#define auto_req __attribute__((cleanup(req_free_ptr)))
#define auto_x509 __attribute__((cleanup(x509_free_ptr)))

static void pkey_free_ptr(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void req_free_ptr(X509_REQ **p)
{
	X509_REQ_free(*p);
}

static void x509_free_ptr(X509 **p)
{
	X509_free(*p);
}

static enum hf_rc pem_text(BIO *bio, char **ret, size_t *ret_len, struct hf_err *err)
{
	return hf_bio_text(bio, ret, ret_len) == HF_OK ? HF_OK : hf_err_set(err, HF_E_MEMORY, "no memory for a key");
}

enum hf_rc hf_tls_key_new(char **ret_pem, size_t *ret_len, struct hf_err *err)
{
	auto_pkey EVP_PKEY *key = EVP_EC_gen("P-256");
	hf_auto_bio BIO *bio = BIO_new(BIO_s_secmem());

	if (!key || !bio || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return hf_err_set(err, HF_E_KEY, "OpenSSL cannot make a TLS key");
	return pem_text(bio, ret_pem, ret_len, err);
}

static EVP_PKEY *read_key(const char *pem)
{
	hf_auto_bio BIO *bio = BIO_new_mem_buf(pem, -1);

	/* The empty password keeps OpenSSL from asking for one on the terminal. */
	return bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t) "") : NULL;
}

static X509 *read_certificate(const char *pem)
{
	hf_auto_bio BIO *bio = BIO_new_mem_buf(pem, -1);

	return bio ? PEM_read_bio_X509(bio, NULL, NULL, (void *)(uintptr_t) "") : NULL;
}

enum hf_rc hf_tls_request(const char *key_pem, const char *device, char **ret_csr, struct hf_err *err)
{
	auto_pkey EVP_PKEY *key = read_key(key_pem);
	auto_req X509_REQ *req = X509_REQ_new();
	hf_auto_bio BIO *bio = BIO_new(BIO_s_mem());
	size_t len = 0;

	if (!key || !req || !bio)
		return hf_err_set(err, HF_E_KEY, "the link's key cannot be read: delete it and run `request` again");
	if (X509_REQ_set_version(req, 0) != 1 || X509_REQ_set_pubkey(req, key) != 1 ||
	    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_ASC,
				       (const unsigned char *)device, -1, -1, 0) != 1 ||
	    X509_REQ_sign(req, key, EVP_sha256()) <= 0 || PEM_write_bio_X509_REQ(bio, req) != 1)
		return hf_err_set(err, HF_E_KEY, "OpenSSL cannot make a certificate request");
	return pem_text(bio, ret_csr, &len, err);
}

static bool named(X509 *cert, const char *device)
{
	char name[HF_ID_SIZE + 1];
	int len = X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof(name));

	return len > 0 && strcmp(name, device) == 0;
}

enum hf_rc hf_tls_certificate_fits(const char *certificate, const char *ca, const char *key_pem, const char *device,
				   struct hf_err *err)
{
	auto_x509 X509 *cert = read_certificate(certificate);
	auto_x509 X509 *issuer = read_certificate(ca);
	auto_pkey EVP_PKEY *key = read_key(key_pem);

	if (!cert || !issuer || !key)
		return hf_err_set(err, HF_E_SHAPE, "a certificate of the bundle, or the link's key, cannot be read");
	if (X509_check_private_key(cert, key) != 1)
		return hf_err_set(err, HF_E_KEY, "the certificate is for another key: was `request` run again since?");
	if (!named(cert, device))
		return hf_err_set(err, HF_E_DEVICE, "the certificate does not carry the name of device %s", device);
	if (X509_verify(cert, X509_get0_pubkey(issuer)) != 1)
		return hf_err_set(err, HF_E_SIGNATURE, "the certificate was not signed by the bundle's CA");
	return HF_OK;
}
