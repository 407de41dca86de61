/* SPDX-License-Identifier: MIT */
/*
 * The text forms of a head and a proof (policy D5.6-5.7), against texts that were made outside this program from the
 * standards C2SP signed-note, tlog-checkpoint and tlog-proof.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/checkpoint.h>

#define NAME "holdfast/a-council/c1"
#define ROOT "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="

static const char *const note = NAME "\n3\n" ROOT "\n\n\xe2\x80\x94 " NAME " yPg41M0Or9Wf9PmlESvhBNJrDUVioctRpsi2BY8WIMDC2KAW+gIjk4HdKJOS+AMznI8laWtmsFfwMEGWYGw1S+o2agI=\n";

Test(checkpoint, a_head_is_a_signed_note)
{
	hf_auto_key struct hf_key *key = NULL;
	char name[HF_CHECKPOINT_NAME_SIZE], text[HF_CHECKPOINT_MAX];
	struct hf_merkle_head head = {.size = 3};
	struct hf_pub pub;
	memset(head.root.b, 0xab, sizeof(head.root.b));
	cr_assert_eq(hf_key_from_seed((const uint8_t[32]){1}, &key), HF_OK);
	pub = hf_key_pub(key);
	cr_assert_eq(hf_checkpoint_name("a-council", "c1", name), HF_OK);
	cr_expect_str_eq(name, NAME);
	cr_assert_eq(hf_checkpoint_sign(name, &head, key, text), HF_OK);
	cr_expect_str_eq(text, note);
	cr_assert_eq(hf_checkpoint_key(name, &pub, text), HF_OK);
	cr_expect_str_eq(text, "holdfast/a-council/c1+c8f838d4+Ac7MFQfcHd1ylZUcKQiI8JWtuQRNG3PWlubfBl1oO9T8");
}

/* Names of the most letters that ids may have. */
Test(checkpoint, the_longest_names_fit)
{
	char id[65], name[HF_CHECKPOINT_NAME_SIZE], text[HF_CHECKPOINT_MAX];
	hf_auto_key struct hf_key *key = NULL;
	const struct hf_merkle_head head = {.size = (1ULL << 53) - 1};
	memset(id, 'a', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	cr_assert_eq(hf_key_from_seed((const uint8_t[32]){1}, &key), HF_OK);
	cr_assert_eq(hf_checkpoint_name(id, id, name), HF_OK);
	cr_expect_eq(hf_checkpoint_sign(name, &head, key, text), HF_OK);
}

Test(checkpoint, a_proof_has_a_line_a_node)
{
	static const char none[] = "c2sp.org/tlog-proof@v1\nindex 0\n\n" NAME, two[] = "c2sp.org/tlog-proof@v1\nindex 41\n" ROOT "\n" ROOT "\n\n" NAME;
	char text[HF_TLOG_PROOF_MAX];
	struct hf_merkle_proof proof = {.n = 0};
	cr_assert_eq(hf_tlog_proof_text(0, &proof, note, text), HF_OK);
	cr_expect_eq(strncmp(text, none, strlen(none)), 0, "%s", text);
	memset(proof.v, 0xab, sizeof(proof.v));
	proof.n = 2;
	cr_assert_eq(hf_tlog_proof_text(41, &proof, note, text), HF_OK);
	cr_expect_eq(strncmp(text, two, strlen(two)), 0, "%s", text);
	proof.n = HF_MERKLE_DEPTH;
	cr_expect_eq(hf_tlog_proof_text((1ULL << 53) - 1, &proof, note, text), HF_OK, "the deepest tree");
}
