/* SPDX-License-Identifier: MIT */
/*
 * Owns how a server of a test comes to a key and a certificate.
 * Must never give two servers the same key.
 */
#include "tests/property/help_cert.h"

#include <criterion/criterion.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>

struct server_cert server_cert_make(void)
{
	struct server_cert cert = {EVP_EC_gen("P-256"), X509_new()};
	cr_assert(cert.key && cert.certificate);
	X509_NAME *name = X509_get_subject_name(cert.certificate);
	X509_EXTENSION *also = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:x.com");
	cr_assert(also && X509_set_version(cert.certificate, X509_VERSION_3) == 1 &&
		  ASN1_INTEGER_set(X509_get_serialNumber(cert.certificate), 1) == 1 &&
		  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"x.com", -1, -1, 0) == 1 &&
		  X509_set_issuer_name(cert.certificate, name) == 1 && X509_add_ext(cert.certificate, also, -1) == 1);
	X509_EXTENSION_free(also);
	X509_gmtime_adj(X509_getm_notBefore(cert.certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert.certificate), 86400);
	cr_assert(X509_set_pubkey(cert.certificate, cert.key) == 1 &&
		  X509_sign(cert.certificate, cert.key, EVP_sha256()) > 0);
	return cert;
}

void server_cert_done(struct server_cert *cert)
{
	X509_free(cert->certificate);
	EVP_PKEY_free(cert->key);
}
