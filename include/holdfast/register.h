/* SPDX-License-Identifier: MIT */
/*
 * register.h - the council's accounts, their holders, and the tools that can post to them (policy D2)
 */
#ifndef HOLDFAST_REGISTER_H
#define HOLDFAST_REGISTER_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_ACCOUNTS_MAX 500 /* of all parts together: a large council with its schools and libraries */
#define HF_HOLDERS_MAX 64
#define HF_TOOLS_MAX 200
#define HF_TOOL_LIST_MAX 64
#define HF_WORDS_MAX 1000
#define HF_WORD_MAX 100 /* bytes */
#define HF_REGISTER_PARTS_MAX 8 /* of HF_PAYLOAD_MAX: HF_ACCOUNTS_MAX with 5 holders, all ids at their longest, take 7 */

/* clang-format off */
enum hf_account_kind { HF_ACCOUNT_CORPORATE, HF_ACCOUNT_DEPARTMENTAL, HF_ACCOUNT_CAMPAIGN, HF_ACCOUNT_KIND_COUNT };
enum hf_word_kind { HF_WORD_MEMBER, HF_WORD_WARD, HF_WORD_CANDIDATE, HF_WORD_PARTY, HF_WORD_HASHTAG, HF_WORD_KIND_COUNT };
/* clang-format on */

struct hf_holder {
	const char *person;
	struct hf_wall until; /* 0: no end */
};

struct hf_account {
	const char *id; /* platform:handle */
	enum hf_account_kind kind;
	struct hf_holder *holders;
	size_t n_holders;
};

struct hf_tool {
	const char *id;
	const char *name; /* for people */
	struct hf_strs platforms;
	struct hf_strs addresses; /* host names; a name covers its subdomains */
	struct hf_strs dedicated; /* of these addresses: whose network addresses serve nothing else; may be none */
	struct hf_strs programs;  /* absolute paths of files, or of folders of files */
};

/* A word that needs a second look in a pre-election period (policy D10): see draft.h. */
struct hf_word {
	const char *text;
	enum hf_word_kind kind;
};

/* Which part of a register a document is; 1 of 1: the whole. */
struct hf_register_place {
	int64_t part, parts;
	struct hf_digest rest[HF_REGISTER_PARTS_MAX - 1]; /* of part 1: the digests of the others, parts - 1 of them */
};

struct hf_register {
	json_t *doc; /* owns every text below */
	struct hf_digest digest; /* of all parts together: that of part 1 */
	const char *council;
	int64_t version;
	struct hf_wall issued;
	struct hf_register_place place;
	struct hf_account *accounts;
	size_t n_accounts;
	struct hf_tool *tools;
	size_t n_tools;
	struct hf_word *words;
	size_t n_words;
};

#define hf_auto_register __attribute__((cleanup(hf_register_free)))

/*
 * hf_account_kind_name, hf_word_kind_name - "corporate", "departmental", "campaign"; "member", "ward" ...
 *
 * Owner     static text
 * Returns   the word
 * Source    proto/README.md "Register"
 */
const char *hf_account_kind_name(enum hf_account_kind kind);
const char *hf_word_kind_name(enum hf_word_kind kind);

/*
 * hf_register_decode - the payload of a register envelope; verifies no approval (see approval.h)
 *
 * Addresses are bare lower-case host names with a dot, no scheme, port, path, star, and no number as last part;
 * programs are absolute and normal (no "..", no "//", no trailing "/"). A tool has at least one address or program.
 * What is dedicated is an address.
 * @ret_register  the caller's, to hf_register_free; untouched unless HF_OK
 * Owner     see ret_register
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Register"; policy D2.1-2.3
 */
HF_NODISCARD enum hf_rc hf_register_decode(const struct hf_envelope *envelope, struct hf_register **ret_register,
					   struct hf_err *err);

/*
 * hf_register_join - all parts of one register as one
 *
 * @parts    n of them, part 1 first
 * @ret_register  as hf_register_decode; its place is that of part 1
 * Owner     see ret_register; the parts stay the caller's
 * Returns   HF_OK; HF_E_MISMATCH they are not parts of one register, or not all of it; HF_E_SHAPE something stands in two
 *           of them; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_register_join(const struct hf_register *const *parts, size_t n,
					 struct hf_register **ret_register, struct hf_err *err);

/*
 * hf_register_encode - a register, or one part of it, as the JSON of its payload
 *
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Register"
 */
json_t *hf_register_encode(const struct hf_register *reg);

/*
 * hf_address_blocks - does this address, as a filter, block anything in a browser
 *
 * A host whose last part is a number (123, 0x7f) is a network address to every browser, and is written anew before
 * filters are asked; so such a filter shows as accepted and blocks nothing.
 * @host     text
 * Returns   true or false; false also for what is no bare lower-case host name
 * Source    WHATWG URL "ends in a number"; measured with Chromium 156
 */
bool hf_address_blocks(const char *host);

/*
 * hf_register_account, hf_register_tool - look-ups; hf_account_held_by - does this person hold it at this time
 *
 * Owner     what is returned belongs to the register
 * Returns   NULL (false) when there is none
 * Source    policy D2.3, D2.9
 */
const struct hf_account *hf_register_account(const struct hf_register *reg, const char *id);
const struct hf_tool *hf_register_tool(const struct hf_register *reg, const char *id);
bool hf_account_held_by(const struct hf_account *account, const char *person, struct hf_wall now);

/*
 * hf_register_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_register_free(struct hf_register **reg);

#endif
