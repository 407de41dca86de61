/* SPDX-License-Identifier: MIT */
/*
 * Owns the halves of break-glass: how one is made, written, read, and known again.
 * Must never leave a half, or what it is made from, in memory that it gives back.
 */
#include <holdfast/glass.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/str.h>

#define CHARACTERS (HF_GLASS_HALF_LEN - 1)
#define BITS 5
#define SCRYPT_N (1 << 15)
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SCRYPT_MEMORY (64 * 1024 * 1024) /* it takes 32 MiB and a little; OpenSSL's own bound is those 32 */
#define GROUP 4				  /* characters that are read out together */
#define NAME_SIZE 512			  /* of what a slot is called: two ids, a key, two numbers, one a line */

static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The field of 32 elements, x^5 + x^2 + 1: twice this one. */
static unsigned doubled(unsigned value)
{
	return ((value << 1) ^ (value & 16 ? 0x25 : 0)) & 31;
}

/* Another character, or two that stand next to each other in the other order, make another check. A side begins with its own number. */
static unsigned check_of(const char *text, enum hf_glass_side side)
{
	unsigned check = side == HF_GLASS_A ? 1 : 2;

	for (size_t i = 0; i < CHARACTERS; i++)
		check = doubled(check ^ (unsigned)(strchr(ALPHABET, text[i]) - ALPHABET));
	return check;
}

static enum hf_rc name_slot(const char *purpose, const struct hf_glass_slot *slot, char name[NAME_SIZE], size_t *ret_len)
{
	char pub[HF_BASE64_LEN(sizeof(slot->pub.b)) + 1];
	enum hf_rc rc = hf_base64_encode(slot->pub.b, sizeof(slot->pub.b), pub, sizeof(pub));

	if (rc == HF_OK)
		rc = hf_str_printf(name, NAME_SIZE, "%s\n%s\n%s\n%s\n%s\n%lld\n%lld\n", purpose, slot->council, slot->device, pub,
				   hf_glass_side_name(slot->side), (long long)slot->set, (long long)slot->slot);
	*ret_len = rc == HF_OK ? strlen(name) : 0;
	return rc;
}

enum hf_rc hf_glass_derive(const struct hf_key *key, const struct hf_glass_slot *slot, struct hf_glass_half *ret)
{
	char name[NAME_SIZE];
	uint8_t bytes[8];
	uint64_t bits = 0;
	size_t len;
	enum hf_rc rc = name_slot("holdfast-glass-half", slot, name, &len);

	if (rc == HF_OK)
		rc = hf_key_derive(key, name, len, bytes, sizeof(bytes));
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bits = bits << 8 | bytes[i];
	for (size_t i = 0; i < CHARACTERS; i++)
		ret->text[i] = ALPHABET[bits >> (64 - BITS * (i + 1)) & 31];
	ret->text[CHARACTERS] = ALPHABET[check_of(ret->text, slot->side)];
	ret->text[HF_GLASS_HALF_LEN] = '\0';
	OPENSSL_cleanse(bytes, sizeof(bytes));
	OPENSSL_cleanse(&bits, sizeof(bits));
	return HF_OK;
}

enum hf_rc hf_glass_verifier(const struct hf_glass_half *half, const struct hf_glass_slot *slot, struct hf_digest *ret)
{
	struct hf_digest salt, made;
	char name[NAME_SIZE];
	size_t len;
	enum hf_rc rc = name_slot("holdfast-glass-verifier", slot, name, &len);

	if (rc == HF_OK)
		rc = hf_digest_of(name, len, &salt);
	if (rc != HF_OK)
		return rc;
	if (EVP_PBE_scrypt(half->text, CHARACTERS, salt.b, sizeof(salt.b), SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_MEMORY,
			   made.b, sizeof(made.b)) != 1) {
		ERR_clear_error();
		return HF_E_MEMORY;
	}
	*ret = made;
	return HF_OK;
}

/* What a character stands for; 0: for none. */
static char meant_by(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	return c && strchr(ALPHABET, c) ? c : '\0';
}

static enum hf_rc take_typed(const char *typed, char text[2 * HF_GLASS_HALF_LEN], struct hf_err *err)
{
	size_t n = 0;

	for (; *typed; typed++) {
		char c = meant_by(*typed);

		if (*typed == ' ' || *typed == '-')
			continue;
		if (!c)
			return hf_err_set(err, HF_E_SHAPE, "'%c' stands in no half: they are made of digits and letters.",
					  *typed > ' ' && *typed < 127 ? *typed : '?');
		if (n == 2 * HF_GLASS_HALF_LEN)
			return hf_err_set(err, HF_E_SIZE, "The two halves are %d characters together, and these are more.",
					  2 * HF_GLASS_HALF_LEN);
		text[n++] = c;
	}
	if (n < 2 * HF_GLASS_HALF_LEN)
		return hf_err_set(err, HF_E_SIZE, "The two halves are %d characters together, and these are %zu.",
				  2 * HF_GLASS_HALF_LEN, n);
	return HF_OK;
}

static bool is_of_side(const char *text, enum hf_glass_side side)
{
	return text[CHARACTERS] == ALPHABET[check_of(text, side)];
}

enum hf_rc hf_glass_read(const char *typed, struct hf_glass_half ret[HF_GLASS_SIDES], struct hf_err *err)
{
	char text[2 * HF_GLASS_HALF_LEN];
	const char *second = text + HF_GLASS_HALF_LEN;
	bool as_said, turned;
	enum hf_rc rc = take_typed(typed, text, err);

	if (rc != HF_OK)
		return rc;
	as_said = is_of_side(text, HF_GLASS_A) && is_of_side(second, HF_GLASS_B);
	turned = is_of_side(text, HF_GLASS_B) && is_of_side(second, HF_GLASS_A);
	if (as_said || turned) {
		memcpy(ret[as_said ? HF_GLASS_A : HF_GLASS_B].text, text, HF_GLASS_HALF_LEN);
		memcpy(ret[as_said ? HF_GLASS_B : HF_GLASS_A].text, second, HF_GLASS_HALF_LEN);
		ret[HF_GLASS_A].text[HF_GLASS_HALF_LEN] = ret[HF_GLASS_B].text[HF_GLASS_HALF_LEN] = '\0';
	} else if (is_of_side(text, HF_GLASS_A) || is_of_side(text, HF_GLASS_B)) {
		rc = hf_err_set(err, HF_E_SHAPE, "The second half has a slip in it, or is of the same side as the first: have it read out again.");
	} else {
		rc = hf_err_set(err, HF_E_SHAPE, "The first half has a slip in it: have it read out again.");
	}
	OPENSSL_cleanse(text, sizeof(text));
	return rc;
}

const char *hf_glass_shown(const struct hf_glass_half *half, char shown[HF_GLASS_SHOWN_SIZE])
{
	size_t n = 0;

	for (size_t i = 0; i < HF_GLASS_HALF_LEN; i++) {
		if (i > 0 && i % GROUP == 0)
			shown[n++] = '-';
		shown[n++] = half->text[i];
	}
	shown[n] = '\0';
	return shown;
}
