/* SPDX-License-Identifier: MIT */
/*
 * Owns X.509 for the broker's mutual TLS.
 * Must never copy a name or an extension out of a request.
 */
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/pki.h"
#include "proto/wire/pem.h"

#define DAY INT64_C(86400)
#define CA_DAYS 3650	/* a council changes its broker's authority by a new trust of devices, seldom */
#define LEAF_DAYS 1825	/* a laptop's life: a client certificate past its date cuts a device off */
#define BACKDATE 3600	/* a device whose clock is an hour slow must still connect */
#define SERIAL_BITS 127 /* RFC 5280: at most 20 bytes, and positive */
#define PEM_MAX 65536
#define STRONG_BITS 112 /* P-256, Ed25519, RSA of 2048 bits */
#define SAN_SIZE 2048

/* What OpenSSL gave and takes back: any of them may be missing. */
struct held {
	X509 *cert;
	EVP_PKEY *key;
	X509_REQ *request;
};

static void held_done(struct held *held)
{
	X509_free(held->cert);
	EVP_PKEY_free(held->key);
	X509_REQ_free(held->request);
}

#define auto_held __attribute__((cleanup(held_done)))

/* What is to stand in a certificate. */
struct leaf {
	const char *organisation; /* NULL: none */
	const char *name;
	bool authority;
	const char *usage; /* extended key usage; NULL: none */
	const char *san;   /* NULL: none */
	int64_t days;
};

static enum hf_rc refused(struct hf_err *err, const char *what)
{
	return hf_err_set(err, HF_E_SYSTEM, "The certificate could not be made: OpenSSL refused %s.", what);
}

static char *text_of(BIO *bio)
{
	char *text = NULL;
	size_t len;

	return hf_bio_text(bio, &text, &len) == HF_OK ? text : NULL;
}

static char *cert_text(X509 *cert)
{
	hf_auto_bio BIO *bio = BIO_new(BIO_s_mem());

	return bio && PEM_write_bio_X509(bio, cert) == 1 ? text_of(bio) : NULL;
}

static char *key_text(EVP_PKEY *key)
{
	hf_auto_bio BIO *bio = BIO_new(BIO_s_secmem());

	return bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 ? text_of(bio) : NULL;
}

/* A passphrase is never asked for here: an encrypted key is refused. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static enum hf_rc open_authority(const struct hf_pki_pair *ca, struct held *ret, struct hf_err *err)
{
	hf_auto_bio BIO *cert = BIO_new_mem_buf(ca->cert, -1);
	hf_auto_bio BIO *key = BIO_new_mem_buf(ca->key, -1);

	ret->cert = cert ? PEM_read_bio_X509(cert, NULL, no_passphrase, NULL) : NULL;
	ret->key = key ? PEM_read_bio_PrivateKey(key, NULL, no_passphrase, NULL) : NULL;
	if (ret->cert && ret->key && X509_check_private_key(ret->cert, ret->key) == 1)
		return HF_OK;
	return hf_err_set(err, HF_E_KEY, "The key of the certificates cannot be read, or is not that of the council's ca.crt: take "
					 "ca.key from its stick, with --ca-key FILE.");
}

static bool set_serial(X509 *cert)
{
	BIGNUM *bn = BN_new();
	bool done = bn && BN_rand(bn, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		    BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert));

	BN_free(bn);
	return done;
}

static bool set_subject(X509 *cert, const struct leaf *leaf)
{
	X509_NAME *name = X509_get_subject_name(cert);

	if (leaf->organisation && X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
							     (const unsigned char *)leaf->organisation, -1, -1, 0) != 1)
		return false;
	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)leaf->name, -1, -1, 0) == 1;
}

static bool set_times(X509 *cert, const X509 *issuer, int64_t days, struct hf_wall now)
{
	time_t begin = (time_t)(now.s - BACKDATE), end = (time_t)(now.s + days * DAY);

	if (!ASN1_TIME_set(X509_getm_notBefore(cert), begin) || !ASN1_TIME_set(X509_getm_notAfter(cert), end))
		return false;
	if (issuer && ASN1_TIME_compare(X509_get0_notAfter(cert), X509_get0_notAfter(issuer)) > 0)
		return X509_set1_notAfter(cert, X509_get0_notAfter(issuer)) == 1;
	return true;
}

static bool extend(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *ext = value ? X509V3_EXT_conf_nid(NULL, ctx, nid, value) : NULL;
	bool done = !value || (ext && X509_add_ext(cert, ext, -1) == 1);

	X509_EXTENSION_free(ext);
	return done;
}

static bool set_extensions(X509 *cert, X509 *issuer, const struct leaf *leaf)
{
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer ? issuer : cert, cert, NULL, NULL, 0);
	return extend(cert, &ctx, NID_basic_constraints,
		      leaf->authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
	       extend(cert, &ctx, NID_key_usage,
		      leaf->authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
	       extend(cert, &ctx, NID_ext_key_usage, leaf->usage) &&
	       extend(cert, &ctx, NID_subject_alt_name, leaf->san) &&
	       extend(cert, &ctx, NID_subject_key_identifier, "hash") &&
	       extend(cert, &ctx, NID_authority_key_identifier, "keyid:always");
}

/* @by its certificate NULL: signed by itself, with a key of its own. */
static enum hf_rc issue(EVP_PKEY *subject, const struct held *by, const struct leaf *leaf, struct hf_wall now,
			char **ret_cert)
{
	auto_held struct held made = {.cert = X509_new()};
	X509 *cert = made.cert;
	char *text;

	if (!cert || X509_set_version(cert, X509_VERSION_3) != 1 || !set_serial(cert) || !set_subject(cert, leaf) ||
	    !set_times(cert, by->cert, leaf->days, now) || X509_set_pubkey(cert, subject) != 1 ||
	    X509_set_issuer_name(cert, X509_get_subject_name(by->cert ? by->cert : cert)) != 1 ||
	    !set_extensions(cert, by->cert, leaf) || X509_sign(cert, by->key, EVP_sha256()) == 0)
		return HF_E_SYSTEM;
	text = cert_text(cert);
	if (!text)
		return HF_E_MEMORY;
	*ret_cert = text;
	return HF_OK;
}

/* @by NULL: an authority, which signs itself. */
static enum hf_rc make_pair(const struct held *by, const struct leaf *leaf, struct hf_wall now,
			    struct hf_pki_pair *ret_pair, struct hf_err *err)
{
	hf_auto_pair struct hf_pki_pair pair = {0};
	auto_held struct held own = {.key = EVP_EC_gen("P-256")};

	if (!own.key || issue(own.key, by ? by : &own, leaf, now, &pair.cert) != HF_OK)
		return refused(err, by ? leaf->name : hf_text("the broker's authority"));
	pair.key = key_text(own.key);
	if (!pair.key)
		return refused(err, hf_text("to write a key"));
	*ret_pair = pair;
	pair = (struct hf_pki_pair){0};
	return HF_OK;
}

static enum hf_rc leaf_pair(const struct hf_pki_pair *ca, const struct leaf *leaf, struct hf_wall now,
			    struct hf_pki_pair *ret_pair, struct hf_err *err)
{
	auto_held struct held by = {0};
	enum hf_rc rc = open_authority(ca, &by, err);

	return rc == HF_OK ? make_pair(&by, leaf, now, ret_pair, err) : rc;
}

enum hf_rc hf_pki_ca(const char *council, struct hf_wall now, struct hf_pki_pair *ret_pair, struct hf_err *err)
{
	const struct leaf leaf = {
		.organisation = council, .name = "Holdfast broker CA", .authority = true, .days = CA_DAYS};

	return make_pair(NULL, &leaf, now, ret_pair, err);
}

static bool is_address(const char *host)
{
	unsigned char buf[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, buf) == 1 || inet_pton(AF_INET6, host, buf) == 1;
}

/* The names are joined into a text that OpenSSL parses: a comma or colon in a name would add another name. */
static bool is_host_name(const char *host)
{
	return host[0] != '\0' && strlen(host) <= 253 &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(host);
}

static enum hf_rc alternative_names(const struct hf_list *hosts, char san[SAN_SIZE], struct hf_err *err)
{
	size_t len = 0;

	san[0] = '\0';
	for (size_t i = 0; i < hosts->n; i++) {
		bool address = is_address(hosts->v[i]);

		if (!address && !is_host_name(hosts->v[i]))
			return hf_err_set(err, HF_E_USAGE, "`%s` is no name of a host in lower case and no address.",
					  hosts->v[i]);
		if (hf_str_printf(san + len, SAN_SIZE - len, "%s%s%s", i ? "," : "", address ? "IP:" : hf_text("DNS:"),
				  hosts->v[i]) != HF_OK)
			return hf_err_set(err, HF_E_USAGE, "The names of the broker are too many or too long.");
		len = strlen(san);
	}
	return HF_OK;
}

enum hf_rc hf_pki_server(const struct hf_pki_pair *ca, const struct hf_list *hosts, struct hf_wall now,
			 struct hf_pki_pair *ret_pair, struct hf_err *err)
{
	char san[SAN_SIZE];
	const struct leaf leaf = {.name = "Holdfast broker", .usage = "serverAuth", .san = san, .days = LEAF_DAYS};
	enum hf_rc rc = alternative_names(hosts, san, err);

	return rc == HF_OK ? leaf_pair(ca, &leaf, now, ret_pair, err) : rc;
}

enum hf_rc hf_pki_client(const struct hf_pki_pair *ca, const char *name, struct hf_wall now,
			 struct hf_pki_pair *ret_pair, struct hf_err *err)
{
	const struct leaf leaf = {.name = name, .usage = "clientAuth", .days = LEAF_DAYS};

	return leaf_pair(ca, &leaf, now, ret_pair, err);
}

enum hf_rc hf_pki_sign(const struct hf_pki_pair *ca, const struct hf_pki_request *request, struct hf_wall now,
		       char **ret_cert, struct hf_err *err)
{
	const struct leaf leaf = {.name = request->name, .usage = "clientAuth", .days = LEAF_DAYS};
	hf_auto_bio BIO *bio = BIO_new_mem_buf(request->csr, -1);
	auto_held struct held by = {.request = bio ? PEM_read_bio_X509_REQ(bio, NULL, no_passphrase, NULL) : NULL};
	EVP_PKEY *wanted = by.request ? X509_REQ_get0_pubkey(by.request) : NULL;
	enum hf_rc rc = open_authority(ca, &by, err);

	if (rc != HF_OK)
		return rc;
	if (!wanted || X509_REQ_verify(by.request, wanted) != 1)
		return hf_err_set(err, HF_E_KEY,
				  "The request is not signed with the key that it asks for: make it "
				  "anew on the device.");
	if (EVP_PKEY_get_security_bits(wanted) < STRONG_BITS)
		return hf_err_set(err, HF_E_KEY, "The key in the request is too weak: make it anew on the device.");
	return issue(wanted, &by, &leaf, now, ret_cert) == HF_OK ? HF_OK : refused(err, request->name);
}

enum hf_rc hf_pki_read(const char *cert_path, PKCS8_PRIV_KEY_INFO *key, struct hf_pki_pair *ret_pair, struct hf_err *err)
{
	hf_auto_pair struct hf_pki_pair pair = {0};
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(cert_path, PEM_MAX, &pair.cert, &len, err);

	if (rc == HF_OK)
		rc = hf_pkcs8_write(key, NULL, &pair.key, &len, err);
	if (rc != HF_OK)
		return rc;
	*ret_pair = pair;
	pair = (struct hf_pki_pair){0};
	return HF_OK;
}

static X509 *read_certificate(const char *path)
{
	hf_auto_free char *pem = NULL;
	size_t len = 0;
	BIO *in = hf_fs_read(path, PEM_MAX, &pem, &len, NULL) == HF_OK ? BIO_new_mem_buf(pem, (int)len) : NULL;
	X509 *cert = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;

	BIO_free(in);
	return cert;
}

bool hf_pki_names(const char *cert_path, const char *host)
{
	auto_held struct held held = {.cert = read_certificate(cert_path)};

	return !held.cert || X509_check_host(held.cert, host, 0, 0, NULL) == 1 ||
	       X509_check_ip_asc(held.cert, host, 0) == 1;
}

static bool is_elsewhere(const GENERAL_NAME *name)
{
	static const unsigned char loopback[16] = {[15] = 1};
	int type;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
	const unsigned char *b = ASN1_STRING_get0_data(value);
	size_t len = (size_t)ASN1_STRING_length(value);

	if (type == GEN_DNS)
		return len != strlen("localhost") || memcmp(b, "localhost", len) != 0;
	return type == GEN_IPADD && !(len == 4 && b[0] == 127) && !(len == 16 && memcmp(b, loopback, 16) == 0);
}

enum hf_rc hf_pki_reachable(const char *cert_path)
{
	auto_held struct held held = {.cert = read_certificate(cert_path)};
	GENERAL_NAMES *names = held.cert ? X509_get_ext_d2i(held.cert, NID_subject_alt_name, NULL, NULL) : NULL;
	bool found = false;

	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++)
		found = found || is_elsewhere(sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	if (!held.cert)
		return HF_E_SYSTEM;
	return found ? HF_OK : HF_E_ABSENT;
}

static void wipe_text(char *text)
{
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

enum hf_rc hf_pki_lock(struct hf_pki_pair *pair, const char *pass, struct hf_err *err)
{
	hf_auto_pkcs8 PKCS8_PRIV_KEY_INFO *key = NULL;
	char *locked = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_pkcs8_read(pair->key, strlen(pair->key), NULL, &key, err);

	if (rc == HF_OK)
		rc = hf_pkcs8_write(key, pass, &locked, &len, err);
	if (rc != HF_OK)
		return rc;
	wipe_text(pair->key);
	pair->key = locked;
	return HF_OK;
}

enum hf_rc hf_pki_write(const struct hf_pki_pair *pair, const char *cert_path, const char *key_path, struct hf_err *err)
{
	enum hf_rc rc = hf_fs_replace(cert_path, pair->cert, strlen(pair->cert), 0644, err);

	return rc == HF_OK ? hf_fs_replace(key_path, pair->key, strlen(pair->key), 0600, err) : rc;
}

void hf_pki_done(struct hf_pki_pair *pair)
{
	free(pair->cert);
	wipe_text(pair->key);
	*pair = (struct hf_pki_pair){0};
}
