/* SPDX-License-Identifier: MIT */
/*
 * A sealed file gives back what was put into it, to each of its keys and to no other, and every changed or missing byte is found out (policy D9.2: a backup that leaves the
 * council's machines tells nobody anything). That another program reads the same is shown by tests/system/test_backup.py.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/office/sealed.h"

#define CHUNK 65536
#define KEYS 3

struct sealed {
	struct hf_key *keys[KEYS]; /* the last is of nobody */
	char *file;
	size_t len;
};

static struct sealed sealed_of(size_t n, size_t step)
{
	struct sealed s = {.len = 0};
	struct hf_pub pubs[KEYS];
	struct hf_seal *seal = NULL;
	char *plain = malloc(n + 1);
	FILE *out = open_memstream(&s.file, &s.len);

	for (size_t i = 0; i < KEYS; i++) {
		const uint8_t seed[32] = {(uint8_t)(i + 1)};
		cr_assert(hf_key_from_seed(seed, &s.keys[i]) == HF_OK);
		pubs[i] = hf_key_pub(s.keys[i]);
	}
	for (size_t i = 0; i < n; i++)
		plain[i] = (char)(i * 31 + i / 251);
	cr_assert(hf_seal_begin(out, pubs, KEYS - 1, &seal, NULL) == HF_OK);
	for (size_t at = 0; at < n; at += step)
		cr_assert(hf_seal_write(seal, plain + at, n - at < step ? n - at : step, NULL) == HF_OK);
	cr_assert(hf_seal_end(seal, NULL) == HF_OK);
	hf_seal_free(&seal);
	fclose(out);
	free(plain);
	return s;
}

static void sealed_free(struct sealed *s)
{
	for (size_t i = 0; i < KEYS; i++)
		hf_key_free(&s->keys[i]);
	free(s->file);
}

/* What opening and reading all of it says; the bytes are compared. */
static enum hf_rc unsealed(const struct sealed *s, const struct hf_key *key, size_t len, size_t *ret_n)
{
	FILE *in = fmemopen(s->file, len, "rb");
	struct hf_seal *seal = NULL;
	enum hf_rc rc = in ? hf_seal_open(in, key, &seal, NULL) : HF_E_SHAPE;
	size_t n = 0, got = 1;

	while (rc == HF_OK && got > 0) {
		char buf[1000];

		rc = hf_seal_read(seal, buf, sizeof(buf), &got, NULL);
		for (size_t i = 0; rc == HF_OK && i < got; i++, n++)
			cr_assert(buf[i] == (char)(n * 31 + n / 251));
	}
	hf_seal_free(&seal);
	if (in)
		fclose(in);
	*ret_n = n;
	return rc;
}

Test(sealed, comes_back_whole_to_each_key)
{
	const size_t sizes[] = {0, 1, 511, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7};

	for (size_t i = 0; i < HF_LEN(sizes); i++) {
		struct sealed s = sealed_of(sizes[i], i % 2 ? 777 : 3 * CHUNK);
		size_t n = 0;

		for (size_t k = 0; k + 1 < KEYS; k++)
			cr_expect(unsealed(&s, s.keys[k], s.len, &n) == HF_OK && n == sizes[i], "%zu bytes, key %zu", sizes[i], k);
		cr_expect(unsealed(&s, s.keys[KEYS - 1], s.len, &n) == HF_E_ROLE, "attack: a key that it is not for");
		sealed_free(&s);
	}
}

/* Attack: at each place of the head, of the last chunk and around every border one bit is another. */
Test(sealed, a_changed_bit_is_found_out)
{
	struct sealed s = sealed_of(CHUNK + 100, CHUNK);
	size_t n = 0;

	for (size_t at = 0; at < s.len; at += at < 600 || at + 200 > s.len ? 1 : 997) {
		s.file[at] ^= 1;
		cr_expect(unsealed(&s, s.keys[0], s.len, &n) != HF_OK || unsealed(&s, s.keys[1], s.len, &n) != HF_OK, "byte %zu", at);
		s.file[at] ^= 1;
	}
	cr_expect(unsealed(&s, s.keys[0], s.len, &n) == HF_OK);
	sealed_free(&s);
}

/* Attack: whoever cuts the file at the end of a chunk leaves whole ones. */
Test(sealed, a_cut_file_is_found_out)
{
	struct sealed s = sealed_of(2 * CHUNK, CHUNK);
	size_t n = 0;

	for (size_t len = 1; len < s.len; len += len < 600 ? 1 : 1009)
		cr_expect(unsealed(&s, s.keys[0], len, &n) != HF_OK, "%zu bytes", len);
	for (size_t chunks = 0; chunks < 2; chunks++)
		cr_expect(unsealed(&s, s.keys[0], s.len - (2 - chunks) * (CHUNK + 16), &n) != HF_OK, "%zu chunks", chunks);
	sealed_free(&s);
}

Test(sealed, nobody_to_open_it_is_refused)
{
	struct hf_seal *seal = NULL;
	char *file = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&file, &len);

	cr_expect(hf_seal_begin(out, NULL, 0, &seal, NULL) == HF_E_USAGE);
	fclose(out);
	free(file);
}
