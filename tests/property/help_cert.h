/* SPDX-License-Identifier: MIT */
/*
 * help_cert.h - a key and a certificate of x.com for a server of TLS
 */
#ifndef TESTS_PROPERTY_HELP_CERT_H
#define TESTS_PROPERTY_HELP_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

struct server_cert {
	EVP_PKEY *key;
	X509 *certificate;
};

/*
 * server_cert_make - a new one, of a day
 *
 * Owner     the caller; server_cert_done frees it
 */
struct server_cert server_cert_make(void);

/*
 * server_cert_done - free it
 *
 * Owner     ends
 */
void server_cert_done(struct server_cert *cert);

#endif
