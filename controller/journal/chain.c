/* SPDX-License-Identifier: MIT */
/*
 * Owns the rule of the chain: what a record's hash is made of, and what comes after what.
 * Must never read a file, or know what a record means.
 */
#include "controller/journal/chain.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

#include <holdfast/str.h>

#define HASHED_LINE_SIZE 256 /* two numbers, a word, two digests */
#define KIND_MAX 32	     /* letters of a kind, also of one that is not known here */

#define KIND_NAME(code, name) name,
static const char *const kind_names[] = {HF_RECORD_LIST(KIND_NAME)};

const char *hf_record_kind_name(enum hf_record_kind kind)
{
	return kind < HF_RECORD_KIND_COUNT ? kind_names[kind] : "?";
}

bool hf_record_is_document(enum hf_record_kind kind)
{
	return kind <= HF_RECORD_GLASS;
}

bool hf_record_may_go(enum hf_record_kind kind)
{
	switch (kind) {
	case HF_RECORD_REPORT:
	case HF_RECORD_REFUSAL:
	case HF_RECORD_NOTICE:
	case HF_RECORD_OUTCOME:
	case HF_RECORD_CHECK:
	case HF_RECORD_NOTE:
		return true;
	case HF_RECORD_TRUST:
	case HF_RECORD_REGISTER:
	case HF_RECORD_ASSIGNMENT:
	case HF_RECORD_ORDER:
	case HF_RECORD_DRAFT:
	case HF_RECORD_APPROVAL:
	case HF_RECORD_RECOVER:
	case HF_RECORD_REMARK:
	case HF_RECORD_BROKERS:
	case HF_RECORD_GLASS:
	case HF_RECORD_START:
	case HF_RECORD_VIA:
	case HF_RECORD_LAPSE:
	case HF_RECORD_SILENCE:
	case HF_RECORD_ERASURE:
	case HF_RECORD_EXPORT:
	case HF_RECORD_KIND_COUNT:
		break;
	}
	return false;
}

enum hf_record_kind hf_record_kind_of(const char *name)
{
	size_t i = 0;
	while (i < HF_RECORD_KIND_COUNT && strcmp(name, kind_names[i]) != 0)
		i++;
	return (enum hf_record_kind)i;
}

/* It stands in the text that is hashed: a blank in it would make two readings of one text. */
static bool is_kind(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return len > 0 && len <= KIND_MAX && name[len] == '\0';
}

enum hf_rc hf_chain_hash(const struct hf_record *record, const char *kind, const struct hf_digest *prev,
			 struct hf_digest *ret)
{
	char line[HASHED_LINE_SIZE], digest[HF_DIGEST_HEX_SIZE], before[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = HF_E_MEMORY;
	EVP_MD_CTX *ctx;
	if (hf_str_printf(line, sizeof(line), "%" PRId64 " %" PRId64 " %s %s %s\n", record->seq, record->entry.at.s, kind,
			  hf_digest_hex(&record->entry.digest, digest), hf_digest_hex(prev, before)) != HF_OK)
		return HF_E_SIZE;
	ctx = EVP_MD_CTX_new();
	if (ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(ctx, line, strlen(line)) == 1 &&
	    EVP_DigestUpdate(ctx, record->entry.body, record->entry.body_len) == 1 &&
	    EVP_DigestFinal_ex(ctx, ret->b, NULL) == 1)
		rc = HF_OK;
	EVP_MD_CTX_free(ctx);
	return rc;
}

static bool take_columns(const struct hf_chain_row *row, struct hf_record *r, struct hf_digest *prev)
{
	if (!row->kind || !row->digest || !row->body || !row->prev || !row->hash || !is_kind(row->kind))
		return false;
	r->entry.kind = hf_record_kind_of(row->kind);
	return hf_digest_from_hex(row->digest, &r->entry.digest) == HF_OK && hf_digest_from_hex(row->prev, prev) == HF_OK &&
	       hf_digest_from_hex(row->hash, &r->hash) == HF_OK;
}

enum hf_rc hf_chain_follow(struct hf_chain *chain, const struct hf_chain_row *row, struct hf_record *ret,
			   struct hf_err *err)
{
	struct hf_record r = {
		.seq = row->seq, .entry = {.at = {row->at}, .body = row->body, .body_len = row->body_len}};
	struct hf_digest prev, hash;
	if (r.seq != (int64_t)chain->tree.size + 1)
		return hf_err_set(err, HF_E_SHAPE, "it is missing");
	if (!take_columns(row, &r, &prev))
		return hf_err_set(err, HF_E_SHAPE, "its columns are not those of a record");
	if (hf_digest_cmp(&prev, &chain->head) != 0)
		return hf_err_set(err, HF_E_SHAPE, "it does not follow the record before it");
	if (row->body_len == 0 && hf_record_may_go(r.entry.kind))
		hash = r.hash; /* whether an erasure says so is seen behind it: see gaps.h */
	else if (hf_chain_hash(&r, row->kind, &prev, &hash) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "there is no memory to check the journal");
	if (hf_digest_cmp(&hash, &r.hash) != 0)
		return hf_err_set(err, HF_E_SHAPE, "its content does not fit its hash");
	chain->head = r.hash;
	hf_merkle_add(&chain->tree, r.hash.b);
	*ret = r;
	return HF_OK;
}
