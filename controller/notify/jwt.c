/* SPDX-License-Identifier: MIT */
/*
 * Owns the token of GOV.UK Notify.
 * Must never put the secret in a token or a sentence.
 */
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <holdfast/bytes.h>
#include <holdfast/str.h>

#include "controller/notify/jwt.h"

#define UUID_LEN (HF_GOVUK_ID_SIZE - 1)
#define HEADER "{\"typ\":\"JWT\",\"alg\":\"HS256\"}"
#define CLAIMS_SIZE 128

static bool is_uuid(const char *text)
{
	for (size_t i = 0; i < UUID_LEN; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		if (hyphen ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]) || !text[i])
			return false;
	}
	return true;
}

enum hf_rc hf_govuk_key_read(const char *text, struct hf_govuk_key *ret, struct hf_err *err)
{
	size_t len = strlen(text);
	const char *secret, *service;
	while (len > 0 && strchr(" \r\n\t", text[len - 1]))
		len--;
	secret = text + (len >= 2 * UUID_LEN + 2 ? len - UUID_LEN : 0);
	service = secret - (secret > text ? UUID_LEN + 1 : 0);
	if (secret == text || !is_uuid(secret) || secret[-1] != '-' || !is_uuid(service) || service[-1] != '-')
		return hf_err_set(err, HF_E_SHAPE, "that is no API key of GOV.UK Notify: a name, the id of the service and a "
						   "secret, as its page shows it once");
	memcpy(ret->service, service, UUID_LEN);
	memcpy(ret->secret, secret, UUID_LEN);
	ret->service[UUID_LEN] = ret->secret[UUID_LEN] = '\0';
	return HF_OK;
}

/* Base64 as addresses have it: RFC 4648 section 5, without padding. */
static enum hf_rc put_base64url(const void *bytes, size_t len, char ret[HF_JWT_SIZE], size_t *at)
{
	char *from = ret + *at;
	enum hf_rc rc = hf_base64_encode(bytes, len, from, HF_JWT_SIZE - *at);
	if (rc != HF_OK)
		return rc;
	for (; *from && *from != '='; from++)
		*from = *from == '+' ? '-' : *from == '/' ? '_' : *from;
	*from = '\0';
	*at = (size_t)(from - ret);
	return HF_OK;
}

static enum hf_rc put_part(const void *bytes, size_t len, char ret[HF_JWT_SIZE], size_t *at)
{
	if (*at > 0 && *at + 1 < HF_JWT_SIZE)
		ret[(*at)++] = '.';
	return put_base64url(bytes, len, ret, at);
}

enum hf_rc hf_jwt_make(const struct hf_govuk_key *key, struct hf_wall now, char ret[HF_JWT_SIZE], struct hf_err *err)
{
	char made[HF_JWT_SIZE], claims[CLAIMS_SIZE];
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned int mac_len = 0;
	size_t at = 0;
	enum hf_rc rc = hf_str_printf(claims, sizeof(claims), "{\"iss\":\"%s\",\"iat\":%" PRId64 "}", key->service, now.s);
	if (rc == HF_OK)
		rc = put_part(HEADER, strlen(HEADER), made, &at);
	if (rc == HF_OK)
		rc = put_part(claims, strlen(claims), made, &at);
	if (rc == HF_OK && !HMAC(EVP_sha256(), key->secret, (int)strlen(key->secret), (const unsigned char *)made, at, mac, &mac_len))
		rc = HF_E_SYSTEM;
	if (rc == HF_OK)
		rc = put_part(mac, mac_len, made, &at);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the token of a request cannot be made");
	memcpy(ret, made, at + 1);
	return HF_OK;
}
