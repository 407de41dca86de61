/* SPDX-License-Identifier: MIT */
/*
 * Owns which 32 bytes may stand as a public key: a point of edwards25519, in its one encoding, of large order.
 * Must never rely on the verifier for this: OpenSSL accepts one constant signature for every message of a small key.
 */
#include <holdfast/key.h>

#include <openssl/bn.h>
#include <string.h>

#define POINT_LEN 32

/* The prime 2^255 - 19, little-endian. */
static const uint8_t PRIME[POINT_LEN] = {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};

/* The curve's d = -121665/121666, little-endian. */
static const uint8_t CURVE_D[POINT_LEN] = {0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41,
					   0x41, 0x4d, 0x0a, 0x70, 0x00, 0x98, 0xe8, 0x79, 0x77, 0x79, 0x40,
					   0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52};

/* The y of all eight points whose order divides 8, little-endian: of order 4, 1, 2, 8 and 8. */
static const uint8_t SMALL_ORDER_Y[][POINT_LEN] = {
	{0},
	{1},
	{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
	{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
	 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
	{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
	 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

/* -1, 0 or 1 as two little-endian numbers compare. */
static int compare_points(const uint8_t a[POINT_LEN], const uint8_t b[POINT_LEN])
{
	for (size_t i = POINT_LEN; i-- > 0;)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

static bool is_small(const uint8_t y[POINT_LEN])
{
	for (size_t i = 0; i < sizeof(SMALL_ORDER_Y) / POINT_LEN; i++)
		if (compare_points(y, SMALL_ORDER_Y[i]) == 0)
			return true;
	return false;
}

/*
 * x^2 = u / v with u = y^2 - 1 and v = d y^2 + 1, which is never 0. A root x exists if u / v is a square, that is if
 * u v is one. Returns BN_kronecker's answer: 1 a square, 0 or -1 not, -2 no memory.
 */
static int has_x(const uint8_t y_bytes[POINT_LEN], BN_CTX *ctx)
{
	BN_CTX_start(ctx);
	BIGNUM *p = BN_CTX_get(ctx), *d = BN_CTX_get(ctx), *y = BN_CTX_get(ctx);
	BIGNUM *u = BN_CTX_get(ctx), *v = BN_CTX_get(ctx);
	int square = -2;
	if (v && BN_lebin2bn(PRIME, POINT_LEN, p) && BN_lebin2bn(CURVE_D, POINT_LEN, d) &&
	    BN_lebin2bn(y_bytes, POINT_LEN, y) && BN_mod_sqr(u, y, p, ctx) && BN_mod_mul(v, u, d, p, ctx) &&
	    BN_sub_word(u, 1) && BN_add_word(v, 1) && BN_mod_mul(u, u, v, p, ctx))
		square = BN_kronecker(u, p, ctx);
	BN_CTX_end(ctx);
	return square;
}

enum hf_rc hf_pub_check(const struct hf_pub *pub, struct hf_err *err)
{
	uint8_t y[POINT_LEN];
	memcpy(y, pub->b, sizeof(y));
	y[POINT_LEN - 1] &= 0x7f; /* the top bit is the sign of x */

	if (compare_points(y, PRIME) >= 0)
		return hf_err_set(err, HF_E_KEY, "The public key is not in its canonical form: make a new key.");
	if (is_small(y))
		return hf_err_set(err, HF_E_KEY,
				  "The public key has small order, so anybody can sign for it: make a new key.");
	BN_CTX *ctx = BN_CTX_new();
	int square = ctx ? has_x(y, ctx) : -2;
	BN_CTX_free(ctx);
	if (square == -2)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory left to check a public key.");
	if (square != 1)
		return hf_err_set(err, HF_E_KEY, "The public key is no point of the curve: make a new key.");
	return HF_OK;
}
