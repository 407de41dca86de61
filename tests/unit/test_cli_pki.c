/* SPDX-License-Identifier: MIT */
/*
 * Owns the broker's certificates: who gets which name, and what is refused.
 * Must never let a request choose its own name.
 */
#include <criterion/criterion.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/pki.h"

static const struct hf_wall now = {1767225600};

/* A request that asks for the controller's own name; bits 0: EC P-256, else RSA of so many. */
static char *request(const char *name, unsigned bits)
{
	EVP_PKEY *key = bits ? EVP_RSA_gen(bits) : EVP_EC_gen("P-256");
	X509_REQ *req = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL, *text;
	long len;

	cr_assert(key && req && bio);
	X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
				   -1, 0);
	cr_assert_eq(X509_REQ_set_pubkey(req, key), 1);
	cr_assert_gt(X509_REQ_sign(req, key, EVP_sha256()), 0);
	cr_assert_eq(PEM_write_bio_X509_REQ(bio, req), 1);
	len = BIO_get_mem_data(bio, &data);
	text = strndup(data, (size_t)len);
	BIO_free(bio);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
	return text;
}

static X509 *read_cert(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	cr_assert_not_null(cert);
	return cert;
}

static void name_of(const char *text, char name[128])
{
	X509 *cert = read_cert(text);

	X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, 128);
	X509_free(cert);
}

/* 1: a chain that OpenSSL accepts for this purpose at this time. */
static int verifies(const struct hf_pki_pair *ca, const char *text, int purpose, int64_t at)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *root = read_cert(ca->cert), *cert = read_cert(text);
	int good;

	X509_STORE_add_cert(store, root);
	X509_STORE_CTX_init(ctx, store, cert, NULL);
	X509_STORE_CTX_set_purpose(ctx, purpose);
	X509_STORE_CTX_set_time(ctx, 0, (time_t)at);
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT);
	good = X509_verify_cert(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(root);
	X509_free(cert);
	return good;
}

Test(cli_pki, a_device_gets_its_own_name_and_no_other)
{
	hf_auto_pair struct hf_pki_pair ca = {0};
	char *csr = request("controller:c1", 0), *cert = NULL, name[128];
	struct hf_err err = {0};

	cr_assert_eq(hf_pki_ca("cannock-chase", now, &ca, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_pki_sign(&ca, &(struct hf_pki_request){csr, "d1"}, now, &cert, &err), HF_OK, "%s", err.text);
	name_of(cert, name);
	cr_expect_str_eq(name, "d1", "attack: a request that asks for the controller's name");
	cr_expect_eq(verifies(&ca, cert, X509_PURPOSE_SSL_CLIENT, now.s), 1);
	cr_expect_eq(verifies(&ca, cert, X509_PURPOSE_SSL_SERVER, now.s), 0, "a device cannot pose as the broker");
	cr_expect_eq(verifies(&ca, cert, X509_PURPOSE_SSL_CLIENT, now.s - 1800), 1, "a clock half an hour slow");
	cr_expect_eq(verifies(&ca, cert, X509_PURPOSE_SSL_CLIENT, now.s + 6 * 365 * 86400LL), 0, "it has an end");
	free(cert);
	free(csr);
}

Test(cli_pki, requests_that_are_refused)
{
	hf_auto_pair struct hf_pki_pair ca = {0};
	char *spoilt = request("d1", 0), *weak = request("d1", 1024), *cert = NULL;
	struct hf_err err = {0};
	char *middle = spoilt + strlen(spoilt) / 2;

	*middle = *middle == 'A' ? 'B' : 'A';
	cr_assert_eq(hf_pki_ca("cannock-chase", now, &ca, &err), HF_OK, "%s", err.text);
	cr_expect_eq(hf_pki_sign(&ca, &(struct hf_pki_request){spoilt, "d1"}, now, &cert, &err), HF_E_KEY,
		     "not signed by its own key");
	cr_expect_eq(hf_pki_sign(&ca, &(struct hf_pki_request){weak, "d1"}, now, &cert, &err), HF_E_KEY,
		     "RSA of 1024 bits");
	cr_expect_eq(hf_pki_sign(&ca, &(struct hf_pki_request){"hello", "d1"}, now, &cert, &err), HF_E_KEY,
		     "no request");
	cr_expect_eq(hf_pki_sign(&ca, &(struct hf_pki_request){"", "d1"}, now, &cert, &err), HF_E_KEY, "nothing");
	cr_expect_null(cert);
	free(spoilt);
	free(weak);
}

Test(cli_pki, an_authority_that_is_none_signs_nothing)
{
	hf_auto_pair struct hf_pki_pair ca = {0};
	char *fit = request("d1", 0), *cert = NULL;
	char hello[] = "hello", nothing[] = "", *bad[] = {hello, nothing};
	struct hf_err err = {0};

	cr_assert_eq(hf_pki_ca("cannock-chase", now, &ca, &err), HF_OK, "%s", err.text);
	for (size_t i = 0; i < HF_LEN(bad); i++) {
		const struct hf_pki_pair rows[] = {{.cert = ca.cert, .key = bad[i]}, {.cert = bad[i], .key = ca.key}};

		for (size_t k = 0; k < HF_LEN(rows); k++) {
			err = (struct hf_err){0};
			cr_expect_neq(hf_pki_sign(&rows[k], &(struct hf_pki_request){fit, "d1"}, now, &cert, &err), HF_OK);
			cr_expect(strstr(err.text, "take ca.key from its stick"), "%s", err.text);
			cr_expect_null(cert);
		}
	}
	free(fit);
}

Test(cli_pki, the_key_of_another_authority_signs_nothing)
{
	hf_auto_pair struct hf_pki_pair ca = {0}, other = {0}, server = {0};
	const struct hf_list hosts = {.v = {"localhost"}, .n = 1};
	char *fit = request("d1", 0), *cert = NULL;
	struct hf_err err = {0};

	cr_assert_eq(hf_pki_ca("cannock-chase", now, &ca, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_pki_ca("cannock-chase", now, &other, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_pki_server(&ca, &hosts, now, &server, &err), HF_OK, "%s", err.text);
	for (size_t i = 0; i < 2; i++) {
		const struct hf_pki_pair mixed = {.cert = ca.cert, .key = i ? server.key : other.key};

		cr_expect_eq(hf_pki_sign(&mixed, &(struct hf_pki_request){fit, "d1"}, now, &cert, &err), HF_E_KEY,
			     "the wrong stick: the device would be refused by the broker for good");
		cr_expect_null(cert);
	}
	free(fit);
}

Test(cli_pki, names_of_the_broker)
{
	static const struct {
		const char *what, *host;
		enum hf_rc want;
	} rows[] = {
		{"a name", "broker.council.test", HF_OK},
		{"an address", "192.0.2.7", HF_OK},
		{"an address of version 6", "2001:db8::7", HF_OK},
		{"a second name behind a comma", "a.test,DNS:b.test", HF_E_USAGE},
		{"another kind of name", "email:root@a.test", HF_E_USAGE},
		{"every name", "*", HF_E_USAGE},
		{"capitals", "Broker.test", HF_E_USAGE},
		{"nothing", "", HF_E_USAGE},
	};
	hf_auto_pair struct hf_pki_pair ca = {0};

	cr_assert_eq(hf_pki_ca("cannock-chase", now, &ca, NULL), HF_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_auto_pair struct hf_pki_pair pair = {0};
		const struct hf_list hosts = {.v = {rows[i].host}, .n = 1};

		cr_expect_eq(hf_pki_server(&ca, &hosts, now, &pair, NULL), rows[i].want, "%s", rows[i].what);
		if (pair.cert)
			cr_expect_eq(verifies(&ca, pair.cert, X509_PURPOSE_SSL_SERVER, now.s), 1, "%s", rows[i].what);
	}
}

Test(cli_pki, the_controller_has_a_name_that_no_device_can_have)
{
	hf_auto_pair struct hf_pki_pair ca = {0}, pair = {0};
	char name[128];

	cr_assert_eq(hf_pki_ca("cannock-chase", now, &ca, NULL), HF_OK);
	cr_assert_eq(hf_pki_client(&ca, "controller:c1", now, &pair, NULL), HF_OK);
	name_of(pair.cert, name);
	cr_expect_str_eq(name, "controller:c1");
	cr_expect_eq(verifies(&ca, pair.cert, X509_PURPOSE_SSL_CLIENT, now.s), 1);
	cr_expect_eq(verifies(&ca, ca.cert, X509_PURPOSE_SSL_CLIENT, now.s), 0, "the authority is nobody's client");
}
