/* SPDX-License-Identifier: MIT */
/*
 * Owns the format of age: a key of the file's own, wrapped for each recipient, and chunks that are each authentic.
 * Must never hand out a byte of a chunk that was changed, or take a file that was cut for whole.
 */
#include "controller/office/sealed.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "proto/wire/key_secret.h"

#define FILE_KEY 16
#define NONCE 16
#define KEY 32
#define TAG 16
#define CHUNK 65536
#define WRAPPED (FILE_KEY + TAG)
#define LINE_SIZE 256	  /* of a header: the longest of ours has 65 characters */
#define HEADER_SIZE 8192  /* eight recipients take about 900 bytes */
#define STANZAS 64	  /* that are tried */
#define INTRO "age-encryption.org/v1\n"
#define KIND "-> X25519 "
#define FOOT "---"

struct hf_seal {
	FILE *file;
	uint8_t key[KEY]; /* of the chunks */
	uint8_t counter[11];
	uint8_t buf[CHUNK + TAG + 1];
	size_t len, at; /* writing: bytes that wait; reading: plain bytes of this chunk, and those that were handed out */
	bool last;	/* reading: this chunk is the last */
	int ahead;	/* reading: the byte behind this chunk; EOF: none */
};

/* Text in, header bytes out. */
struct header {
	char text[HEADER_SIZE];
	size_t len;
};

/* One input of a derivation. */
struct piece {
	const void *b;
	size_t len;
};

static enum hf_rc derive(struct piece secret, struct piece salt, const char *info, uint8_t ret[KEY])
{
	char digest[] = "SHA256";
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret.b, secret.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info, strlen(info)),
		salt.len ? OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt.b, salt.len)
			 : OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};
	bool done = ctx && EVP_KDF_derive(ctx, ret, KEY, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return done ? HF_OK : HF_E_MEMORY;
}

/* In place: sealing adds the tag behind it, opening takes it off. False: it was changed, or there is no memory. */
static bool crypt_chunk(const uint8_t key[KEY], const uint8_t nonce[12], uint8_t *buf, size_t len, bool seals)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, end = 0;
	bool done = ctx && EVP_CipherInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key, nonce, seals ? 1 : 0) == 1 &&
		    (seals || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, buf + len) == 1) &&
		    EVP_CipherUpdate(ctx, buf, &n, buf, (int)len) == 1 && EVP_CipherFinal_ex(ctx, buf + n, &end) == 1 &&
		    (!seals || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, buf + len) == 1);

	EVP_CIPHER_CTX_free(ctx);
	return done;
}

/* Base64 without its padding, as age has it. */
static enum hf_rc to_text(const uint8_t *b, size_t len, char *text, size_t size)
{
	enum hf_rc rc = hf_base64_encode(b, len, text, size);

	if (rc == HF_OK)
		text[strcspn(text, "=")] = '\0';
	return rc;
}

static enum hf_rc from_text(const char *text, uint8_t *ret, size_t len)
{
	char padded[LINE_SIZE + 4];
	size_t n = strlen(text), got = 0;
	enum hf_rc rc;

	if (n + 3 >= sizeof(padded))
		return HF_E_SHAPE;
	memcpy(padded, text, n);
	while (n % 4 != 0)
		padded[n++] = '=';
	rc = hf_base64_decode(padded, n, ret, len, &got);
	return rc == HF_OK && got == len ? HF_OK : HF_E_SHAPE;
}

static enum hf_rc add_text(struct header *header, const char *text)
{
	size_t len = strlen(text);

	if (header->len + len >= sizeof(header->text))
		return HF_E_SIZE;
	memcpy(header->text + header->len, text, len + 1);
	header->len += len;
	return HF_OK;
}

/* The key by which a file's own key is wrapped for one recipient. */
static enum hf_rc wrap_key(const uint8_t shared[KEY], const uint8_t share[KEY], const uint8_t recipient[KEY], uint8_t ret[KEY])
{
	uint8_t salt[2 * KEY];

	memcpy(salt, share, KEY);
	memcpy(salt + KEY, recipient, KEY);
	return derive((struct piece){shared, KEY}, (struct piece){salt, sizeof(salt)}, "age-encryption.org/v1/X25519", ret);
}

static enum hf_rc add_recipient(struct header *header, const struct hf_pub *pub, const uint8_t file_key[FILE_KEY])
{
	static const uint8_t zeros[12];
	uint8_t recipient[KEY], share[KEY], shared[KEY], key[KEY], wrapped[WRAPPED];
	char line[LINE_SIZE];
	size_t len = KEY;
	EVP_PKEY *once = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	enum hf_rc rc = once && EVP_PKEY_get_raw_public_key(once, share, &len) == 1 ? hf_pub_x25519(pub, recipient) : HF_E_MEMORY;

	if (rc == HF_OK)
		rc = hf_x25519(once, recipient, shared);
	EVP_PKEY_free(once);
	if (rc == HF_OK)
		rc = wrap_key(shared, share, recipient, key);
	memcpy(wrapped, file_key, FILE_KEY);
	if (rc == HF_OK && !crypt_chunk(key, zeros, wrapped, FILE_KEY, true))
		rc = HF_E_MEMORY;
	if (rc == HF_OK)
		rc = add_text(header, KIND);
	if (rc == HF_OK)
		rc = to_text(share, KEY, line, sizeof(line));
	if (rc == HF_OK)
		rc = add_text(header, line) == HF_OK ? add_text(header, "\n") : HF_E_SIZE;
	if (rc == HF_OK)
		rc = to_text(wrapped, WRAPPED, line, sizeof(line));
	if (rc == HF_OK)
		rc = add_text(header, line) == HF_OK ? add_text(header, "\n") : HF_E_SIZE;
	OPENSSL_cleanse(shared, sizeof(shared));
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}

/* What proves that the header was made by who knows the file's own key. */
static enum hf_rc mac_of(const struct header *header, const uint8_t file_key[FILE_KEY], uint8_t ret[KEY])
{
	uint8_t key[KEY];
	size_t len = 0;
	enum hf_rc rc = derive((struct piece){file_key, FILE_KEY}, (struct piece){NULL, 0}, "header", key);

	if (rc == HF_OK && !EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, KEY, (const uint8_t *)header->text, header->len, ret, KEY,
				      &len))
		rc = HF_E_MEMORY;
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}

static enum hf_rc payload_key(struct hf_seal *seal, const uint8_t file_key[FILE_KEY], const uint8_t nonce[NONCE])
{
	return derive((struct piece){file_key, FILE_KEY}, (struct piece){nonce, NONCE}, "payload", seal->key);
}

static enum hf_rc put(FILE *out, const void *buf, size_t len)
{
	return fwrite(buf, 1, len, out) == len ? HF_OK : HF_E_SYSTEM;
}

static enum hf_rc put_header(FILE *out, struct header *header, const uint8_t file_key[FILE_KEY])
{
	uint8_t mac[KEY];
	char line[LINE_SIZE];
	enum hf_rc rc = add_text(header, FOOT);

	if (rc == HF_OK)
		rc = mac_of(header, file_key, mac);
	if (rc == HF_OK)
		rc = to_text(mac, KEY, line, sizeof(line));
	if (rc == HF_OK)
		rc = put(out, header->text, header->len);
	return rc == HF_OK && fprintf(out, " %s\n", line) < 0 ? HF_E_SYSTEM : rc;
}

static enum hf_rc begin_file(struct hf_seal *seal, const struct hf_pub *pubs, size_t n)
{
	struct header header = {.len = 0};
	uint8_t file_key[FILE_KEY], nonce[NONCE];
	enum hf_rc rc = add_text(&header, INTRO);

	if (RAND_bytes(file_key, sizeof(file_key)) != 1 || RAND_bytes(nonce, sizeof(nonce)) != 1)
		return HF_E_SYSTEM;
	for (size_t i = 0; i < n && rc == HF_OK; i++)
		rc = add_recipient(&header, &pubs[i], file_key);
	if (rc == HF_OK)
		rc = put_header(seal->file, &header, file_key);
	if (rc == HF_OK)
		rc = put(seal->file, nonce, sizeof(nonce));
	if (rc == HF_OK)
		rc = payload_key(seal, file_key, nonce);
	OPENSSL_cleanse(file_key, sizeof(file_key));
	return rc;
}

enum hf_rc hf_seal_begin(FILE *out, const struct hf_pub *pubs, size_t n, struct hf_seal **ret, struct hf_err *err)
{
	hf_auto_seal struct hf_seal *seal = calloc(1, sizeof(*seal));
	enum hf_rc rc;

	if (!seal)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (n == 0)
		return hf_err_set(err, HF_E_USAGE, "nobody is named who could open it");
	seal->file = out;
	rc = begin_file(seal, pubs, n);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the sealed file could not be begun: %s", hf_rc_name(rc));
	*ret = hf_steal_ptr(&seal);
	return HF_OK;
}

static void nonce_of(const struct hf_seal *seal, bool last, uint8_t ret[12])
{
	memcpy(ret, seal->counter, sizeof(seal->counter));
	ret[11] = last ? 1 : 0;
}

/* 2^88 chunks are more than there are disks for. */
static void count_up(struct hf_seal *seal)
{
	for (size_t i = sizeof(seal->counter); i > 0 && ++seal->counter[i - 1] == 0; i--)
		continue;
}

static enum hf_rc put_chunk(struct hf_seal *seal, bool last, struct hf_err *err)
{
	uint8_t nonce[12];

	nonce_of(seal, last, nonce);
	if (!crypt_chunk(seal->key, nonce, seal->buf, seal->len, true))
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (put(seal->file, seal->buf, seal->len + TAG) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "the sealed file could not be written: %m");
	count_up(seal);
	seal->len = 0;
	return HF_OK;
}

enum hf_rc hf_seal_write(struct hf_seal *seal, const void *buf, size_t len, struct hf_err *err)
{
	const uint8_t *from = buf;

	while (len > 0) {
		size_t room, n;
		/* A full chunk goes out when more comes: the last one must be known as that. */
		if (seal->len == CHUNK && put_chunk(seal, false, err) != HF_OK)
			return HF_E_SYSTEM;
		room = CHUNK - seal->len;
		n = len < room ? len : room;
		memcpy(seal->buf + seal->len, from, n);
		seal->len += n;
		from += n;
		len -= n;
	}
	return HF_OK;
}

enum hf_rc hf_seal_end(struct hf_seal *seal, struct hf_err *err)
{
	return put_chunk(seal, true, err);
}

/* One line, without its end; false: there is none, or it is too long. */
static bool get_line(FILE *in, char line[LINE_SIZE])
{
	size_t len;

	if (!fgets(line, LINE_SIZE, in))
		return false;
	len = strlen(line);
	if (len == 0 || line[len - 1] != '\n')
		return false;
	line[len - 1] = '\0';
	return true;
}

/* One recipient's two lines. */
static void try_recipient(const struct hf_key *key, const char *share_text, const char *body, uint8_t file_key[FILE_KEY],
			  bool *ret_found)
{
	static const uint8_t zeros[12];
	const struct hf_pub pub = hf_key_pub(key);
	uint8_t share[KEY], mine[KEY], shared[KEY], wrap[KEY], wrapped[WRAPPED];

	if (*ret_found || from_text(share_text, share, KEY) != HF_OK || from_text(body, wrapped, WRAPPED) != HF_OK ||
	    hf_pub_x25519(&pub, mine) != HF_OK || hf_key_x25519(key, share, shared) != HF_OK ||
	    wrap_key(shared, share, mine, wrap) != HF_OK)
		return;
	*ret_found = crypt_chunk(wrap, zeros, wrapped, FILE_KEY, false);
	if (*ret_found)
		memcpy(file_key, wrapped, FILE_KEY);
	OPENSSL_cleanse(shared, sizeof(shared));
	OPENSSL_cleanse(wrap, sizeof(wrap));
	OPENSSL_cleanse(wrapped, sizeof(wrapped));
}

static enum hf_rc keep_line(struct header *header, const char *line)
{
	return add_text(header, line) == HF_OK ? add_text(header, "\n") : HF_E_SIZE;
}

/* Up to the line that begins with the foot, which is handed out. */
static enum hf_rc read_recipients(struct hf_seal *seal, const struct hf_key *key, struct header *header, char line[LINE_SIZE],
				  uint8_t file_key[FILE_KEY])
{
	char body[LINE_SIZE];
	bool found = false;

	for (int i = 0; i < STANZAS; i++) {
		if (!get_line(seal->file, line))
			return HF_E_SHAPE;
		if (strncmp(line, FOOT " ", sizeof(FOOT)) == 0)
			return found ? HF_OK : HF_E_ROLE;
		if (strncmp(line, KIND, sizeof(KIND) - 1) != 0 || !get_line(seal->file, body) || keep_line(header, line) != HF_OK ||
		    keep_line(header, body) != HF_OK)
			return HF_E_SHAPE;
		try_recipient(key, line + sizeof(KIND) - 1, body, file_key, &found);
	}
	return HF_E_SHAPE;
}

static enum hf_rc open_file(struct hf_seal *seal, const struct hf_key *key)
{
	struct header header = {.len = 0};
	char line[LINE_SIZE];
	uint8_t file_key[FILE_KEY], mac[KEY], said[KEY], nonce[NONCE];
	enum hf_rc rc = get_line(seal->file, line) ? keep_line(&header, line) : HF_E_SHAPE;

	if (rc != HF_OK || strcmp(header.text, INTRO) != 0)
		return HF_E_SHAPE;
	rc = read_recipients(seal, key, &header, line, file_key);
	if (rc == HF_OK)
		rc = add_text(&header, FOOT);
	if (rc == HF_OK)
		rc = mac_of(&header, file_key, mac);
	if (rc == HF_OK)
		rc = from_text(line + sizeof(FOOT), said, KEY);
	if (rc == HF_OK && (CRYPTO_memcmp(mac, said, KEY) != 0 || fread(nonce, 1, NONCE, seal->file) != NONCE))
		rc = HF_E_SHAPE;
	if (rc == HF_OK)
		rc = payload_key(seal, file_key, nonce);
	OPENSSL_cleanse(file_key, sizeof(file_key));
	seal->ahead = rc == HF_OK ? fgetc(seal->file) : EOF;
	return rc;
}

enum hf_rc hf_seal_open(FILE *in, const struct hf_key *key, struct hf_seal **ret, struct hf_err *err)
{
	hf_auto_seal struct hf_seal *seal = calloc(1, sizeof(*seal));
	enum hf_rc rc;

	if (!seal)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	seal->file = in;
	rc = open_file(seal, key);
	if (rc == HF_E_ROLE)
		return hf_err_set(err, rc, "it was sealed for other keys than this one");
	if (rc == HF_E_SHAPE)
		return hf_err_set(err, rc, "it is no sealed file, or its head was changed");
	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is not enough memory.");
	*ret = hf_steal_ptr(&seal);
	return HF_OK;
}

/* The next chunk; the byte behind it says whether it is the last. */
static enum hf_rc get_chunk(struct hf_seal *seal)
{
	uint8_t nonce[12];
	size_t n = 0;

	if (seal->ahead != EOF) {
		seal->buf[0] = (uint8_t)seal->ahead;
		n = 1 + fread(seal->buf + 1, 1, CHUNK + TAG - 1, seal->file);
	}
	seal->ahead = n == CHUNK + TAG ? fgetc(seal->file) : EOF;
	seal->last = seal->ahead == EOF;
	if (n < TAG)
		return HF_E_SHAPE;
	nonce_of(seal, seal->last, nonce);
	if (!crypt_chunk(seal->key, nonce, seal->buf, n - TAG, false))
		return HF_E_SHAPE;
	count_up(seal);
	seal->len = n - TAG;
	seal->at = 0;
	return HF_OK;
}

enum hf_rc hf_seal_read(struct hf_seal *seal, void *buf, size_t len, size_t *ret_len, struct hf_err *err)
{
	uint8_t *to = buf;
	size_t got = 0;

	while (got < len) {
		size_t n = seal->len - seal->at;

		if (n == 0 && seal->last)
			break;
		if (n == 0 && get_chunk(seal) != HF_OK)
			return hf_err_set(err, HF_E_SHAPE, "it was changed, or the end of it is missing");
		n = seal->len - seal->at;
		n = n < len - got ? n : len - got;
		memcpy(to + got, seal->buf + seal->at, n);
		seal->at += n;
		got += n;
	}
	*ret_len = got;
	return HF_OK;
}

void hf_seal_free(struct hf_seal **seal)
{
	if (!seal || !*seal)
		return;
	OPENSSL_cleanse(*seal, sizeof(**seal));
	free(*seal);
	*seal = NULL;
}
