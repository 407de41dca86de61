/* SPDX-License-Identifier: MIT */
/*
 * Owns the baseline of a start: so many Ed25519 signatures, verified by bare OpenSSL and nothing else.
 * Must never use our own code: that is what is compared with it.
 *
 * verify_probe N BYTES - prints the seconds that N verifications of messages of so many bytes take.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int verify(const unsigned char pub[32], const unsigned char sig[64], const unsigned char *msg, size_t len)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int fits = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		   EVP_DigestVerify(ctx, sig, 64, msg, len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return fits;
}

int main(int argc, char **argv)
{
	long n = argc == 3 ? strtol(argv[1], NULL, 10) : 0, fits = 0;
	size_t len = argc == 3 ? strtoul(argv[2], NULL, 10) : 0, sig_len = 64, pub_len = 32;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *msg = calloc(1, len + 1), sig[64], pub[32];
	double start;

	if (n < 1 || !key || !ctx || !msg || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, sig, &sig_len, msg, len) != 1 || EVP_PKEY_get_raw_public_key(key, pub, &pub_len) != 1)
		return 1;
	start = now();
	for (long i = 0; i < n; i++)
		fits += verify(pub, sig, msg, len);
	printf("%.6f\n", now() - start);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	free(msg);
	return fits == n ? 0 : 1;
}
