/* SPDX-License-Identifier: MIT */
/*
 * Owns Ed25519: making keys, signing, verifying; and the PEM form of a private key of whatever kind.
 * Must never ask anybody for a passphrase, nor leave a private key in memory that it gives back.
 */
#include <holdfast/key.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "proto/wire/key_secret.h"
#include "proto/wire/pem.h"

#define SEED_LEN 32
#define SALT_LEN 16
/* scrypt as OWASP lists it for 16 MiB; OpenSSL refuses more than 32 MiB. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 5

/* The private key of RFC 8410 is an OCTET STRING inside PKCS #8: tag, length, seed. */
static const uint8_t SEED_PREFIX[2] = {0x04, SEED_LEN};

static const char PEM_PLAIN[] = "PRIVATE KEY";
static const char PEM_LOCKED[] = "ENCRYPTED PRIVATE KEY";

struct hf_key {
	EVP_PKEY *pkey;
	struct hf_pub pub;
};

static void free_locked(X509_SIG **p)
{
	X509_SIG_free(*p);
}

static void free_digest_ctx(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static void free_pkey(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

#define auto_locked __attribute__((cleanup(free_locked)))
#define auto_digest_ctx __attribute__((cleanup(free_digest_ctx)))
#define auto_pkey __attribute__((cleanup(free_pkey)))

const char *hf_pub_keyid(const struct hf_pub *pub, char keyid[HF_KEYID_SIZE])
{
	struct hf_digest digest;
	keyid[0] = '\0';
	if (hf_digest_of(pub->b, sizeof(pub->b), &digest) == HF_OK)
		hf_hex_encode(digest.b, (HF_KEYID_SIZE - 1) / 2, keyid);
	return keyid;
}

bool hf_pub_verify(const struct hf_pub *pub, const uint8_t *msg, size_t len, const uint8_t sig[HF_SIG_LEN])
{
	auto_pkey EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub->b, sizeof(pub->b));
	auto_digest_ctx EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool fits = pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
		    EVP_DigestVerify(ctx, sig, HF_SIG_LEN, msg, len) == 1;
	if (!fits)
		ERR_clear_error();
	return fits;
}

enum hf_rc hf_key_from_seed(const uint8_t seed[32], struct hf_key **ret_key)
{
	hf_auto_key struct hf_key *key = calloc(1, sizeof(*key));
	if (!key)
		return HF_E_MEMORY;
	size_t len = sizeof(key->pub.b);
	key->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SEED_LEN);
	if (!key->pkey || EVP_PKEY_get_raw_public_key(key->pkey, key->pub.b, &len) != 1) {
		ERR_clear_error();
		return HF_E_MEMORY;
	}
	*ret_key = hf_steal_ptr(&key);
	return HF_OK;
}

enum hf_rc hf_key_new(struct hf_key **ret_key, struct hf_err *err)
{
	uint8_t seed[SEED_LEN];
	if (RAND_priv_bytes(seed, sizeof(seed)) != 1) {
		ERR_clear_error();
		return hf_err_set(err, HF_E_SYSTEM, "The system gives no random bytes, so no key can be made.");
	}
	enum hf_rc rc = hf_key_from_seed(seed, ret_key);
	OPENSSL_cleanse(seed, sizeof(seed));
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There is no memory left to make a key.");
}

void hf_pkcs8_free(PKCS8_PRIV_KEY_INFO **p)
{
	PKCS8_PRIV_KEY_INFO_free(*p);
}

/* The text between the BEGIN and END lines; PEM's own old way of encrypting (a header) is not ours. */
struct pem {
	char *name;
	char *header;
	unsigned char *data;
	long len;
};

static void free_pem(struct pem *pem)
{
	OPENSSL_free(pem->name);
	OPENSSL_free(pem->header);
	if (pem->data)
		OPENSSL_clear_free(pem->data, (size_t)pem->len);
}

static enum hf_rc read_pem(const char *text, size_t len, struct pem *pem, struct hf_err *err)
{
	hf_auto_bio BIO *bio = len <= 65536 ? BIO_new_mem_buf(text, (int)len) : NULL;
	if (!bio || PEM_read_bio(bio, &pem->name, &pem->header, &pem->data, &pem->len) != 1)
		return hf_err_set(err, HF_E_KEY, "The key file is not a private key in PEM form.");
	bool known = strcmp(pem->name, PEM_PLAIN) == 0 || strcmp(pem->name, PEM_LOCKED) == 0;
	if (!known || pem->header[0])
		return hf_err_set(err, HF_E_KEY, "The key file is not a PKCS #8 private key.");
	return HF_OK;
}

static enum hf_rc unlock(const unsigned char *der, long len, const char *pass, PKCS8_PRIV_KEY_INFO **ret,
			 struct hf_err *err)
{
	if (!pass)
		return hf_err_set(err, HF_E_KEY, "The key is locked with a passphrase and none was given.");
	auto_locked X509_SIG *locked = d2i_X509_SIG(NULL, &der, len);
	if (!locked)
		return hf_err_set(err, HF_E_KEY, "The key file is damaged.");
	*ret = PKCS8_decrypt(locked, pass, (int)strlen(pass));
	if (!*ret)
		return hf_err_set(err, HF_E_KEY, "The passphrase does not open the key.");
	return HF_OK;
}

enum hf_rc hf_pkcs8_read(const char *text, size_t len, const char *pass, PKCS8_PRIV_KEY_INFO **ret, struct hf_err *err)
{
	__attribute__((cleanup(free_pem))) struct pem parts = {0};
	enum hf_rc rc = read_pem(text, len, &parts, err);

	if (rc == HF_OK && strcmp(parts.name, PEM_LOCKED) == 0) {
		rc = unlock(parts.data, parts.len, pass, ret, err);
	} else if (rc == HF_OK) {
		const unsigned char *der = parts.data;

		*ret = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, parts.len);
		rc = *ret ? HF_OK : hf_err_set(err, HF_E_KEY, "The key file is damaged.");
	}
	if (rc != HF_OK)
		ERR_clear_error();
	return rc;
}

enum hf_rc hf_key_of_pkcs8(const PKCS8_PRIV_KEY_INFO *pkcs8, struct hf_key **ret_key, struct hf_err *err)
{
	const ASN1_OBJECT *algorithm = NULL;
	const unsigned char *octets = NULL;
	int len = 0;
	if (PKCS8_pkey_get0(&algorithm, &octets, &len, NULL, pkcs8) != 1 || OBJ_obj2nid(algorithm) != NID_ED25519)
		return hf_err_set(err, HF_E_KEY, "The key is not an Ed25519 key.");
	if (len != (int)sizeof(SEED_PREFIX) + SEED_LEN || memcmp(octets, SEED_PREFIX, sizeof(SEED_PREFIX)) != 0)
		return hf_err_set(err, HF_E_KEY, "The key file is damaged.");
	enum hf_rc rc = hf_key_from_seed(octets + sizeof(SEED_PREFIX), ret_key);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There is no memory left to read the key.");
}

enum hf_rc hf_key_from_pem(const char *pem, size_t len, const char *pass, struct hf_key **ret_key, struct hf_err *err)
{
	hf_auto_pkcs8 PKCS8_PRIV_KEY_INFO *pkcs8 = NULL;
	enum hf_rc rc = hf_pkcs8_read(pem, len, pass, &pkcs8, err);

	return rc == HF_OK ? hf_key_of_pkcs8(pkcs8, ret_key, err) : rc;
}

/* NULL: no memory. */
static PKCS8_PRIV_KEY_INFO *pkcs8_of_key(const struct hf_key *key)
{
	PKCS8_PRIV_KEY_INFO *pkcs8 = PKCS8_PRIV_KEY_INFO_new();
	size_t size = sizeof(SEED_PREFIX) + SEED_LEN, len = SEED_LEN;
	unsigned char *octets = OPENSSL_malloc(size);
	if (pkcs8 && octets) {
		memcpy(octets, SEED_PREFIX, sizeof(SEED_PREFIX));
		if (EVP_PKEY_get_raw_private_key(key->pkey, octets + sizeof(SEED_PREFIX), &len) == 1 &&
		    PKCS8_pkey_set0(pkcs8, OBJ_nid2obj(NID_ED25519), 0, V_ASN1_UNDEF, NULL, octets, (int)size) == 1)
			return pkcs8;
	}
	OPENSSL_clear_free(octets, size);
	PKCS8_PRIV_KEY_INFO_free(pkcs8);
	return NULL;
}

/* NULL: OpenSSL refused. */
static X509_SIG *lock(PKCS8_PRIV_KEY_INFO *pkcs8, const char *pass)
{
	unsigned char salt[SALT_LEN];
	if (RAND_bytes(salt, sizeof(salt)) != 1)
		return NULL;
	X509_ALGOR *how =
		PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof(salt), NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	X509_SIG *locked = how ? PKCS8_set0_pbe(pass, (int)strlen(pass), pkcs8, how) : NULL;
	if (!locked)
		X509_ALGOR_free(how);
	return locked;
}

enum hf_rc hf_pkcs8_write(PKCS8_PRIV_KEY_INFO *key, const char *pass, char **ret_text, size_t *ret_len,
			  struct hf_err *err)
{
	hf_auto_bio BIO *bio = BIO_new(BIO_s_secmem());
	auto_locked X509_SIG *locked = key && pass ? lock(key, pass) : NULL;
	enum hf_rc rc = bio && key ? HF_OK : HF_E_MEMORY;

	if (rc == HF_OK && pass && !locked)
		rc = HF_E_KEY;
	if (rc == HF_OK) {
		int written = pass ? PEM_write_bio_PKCS8(bio, locked) : PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, key);

		rc = written == 1 ? hf_bio_text(bio, ret_text, ret_len) : HF_E_KEY;
	}
	if (rc != HF_OK) {
		ERR_clear_error();
		return hf_err_set(err, rc, "The key could not be written: %s.",
				  rc == HF_E_MEMORY ? hf_text("there is no memory left")
						    : hf_text("the crypto library refused"));
	}
	return HF_OK;
}

enum hf_rc hf_key_to_pem(const struct hf_key *key, const char *pass, char **ret_pem, size_t *ret_len,
			 struct hf_err *err)
{
	hf_auto_pkcs8 PKCS8_PRIV_KEY_INFO *pkcs8 = pkcs8_of_key(key);

	return hf_pkcs8_write(pkcs8, pass, ret_pem, ret_len, err);
}

EVP_PKEY *hf_key_pkey(const struct hf_key *key)
{
	return key->pkey;
}

struct hf_pub hf_key_pub(const struct hf_key *key)
{
	return key->pub;
}

enum hf_rc hf_key_sign(const struct hf_key *key, const uint8_t *msg, size_t len, uint8_t sig[HF_SIG_LEN])
{
	uint8_t made[HF_SIG_LEN];
	size_t sig_len = sizeof(made);
	auto_digest_ctx EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) != 1 ||
	    EVP_DigestSign(ctx, made, &sig_len, msg, len) != 1 || sig_len != sizeof(made)) {
		ERR_clear_error();
		return HF_E_MEMORY;
	}
	memcpy(sig, made, sizeof(made));
	return HF_OK;
}

/* NULL: no memory. */
static EVP_PKEY_CTX *begin_hkdf(void)
{
	static const char salt[] = "holdfast";
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	if (ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()) == 1 &&
	    EVP_PKEY_CTX_set1_hkdf_salt(ctx, (const unsigned char *)salt, (int)strlen(salt)) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

enum hf_rc hf_key_derive(const struct hf_key *key, const void *info, size_t info_len, uint8_t *out, size_t out_len)
{
	EVP_PKEY_CTX *ctx = begin_hkdf();
	uint8_t seed[SEED_LEN];
	size_t len = sizeof(seed), made = out_len;
	bool done = ctx && EVP_PKEY_get_raw_private_key(key->pkey, seed, &len) == 1 &&
		    EVP_PKEY_CTX_set1_hkdf_key(ctx, seed, SEED_LEN) == 1 &&
		    EVP_PKEY_CTX_add1_hkdf_info(ctx, info, (int)info_len) == 1 &&
		    EVP_PKEY_derive(ctx, out, &made) == 1 && made == out_len;
	OPENSSL_cleanse(seed, sizeof(seed));
	EVP_PKEY_CTX_free(ctx);
	if (!done)
		ERR_clear_error();
	return done ? HF_OK : HF_E_MEMORY;
}

enum hf_rc hf_key_random(struct hf_digest *ret)
{
	struct hf_digest random;

	if (RAND_bytes(random.b, sizeof(random.b)) != 1) {
		ERR_clear_error();
		return HF_E_SYSTEM;
	}
	*ret = random;
	return HF_OK;
}

void hf_key_free(struct hf_key **key)
{
	if (!*key)
		return;
	EVP_PKEY_free((*key)->pkey);
	OPENSSL_cleanse(*key, sizeof(**key));
	free(*key);
	*key = NULL;
}
