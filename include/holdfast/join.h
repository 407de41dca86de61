/* SPDX-License-Identifier: MIT */
/*
 * join.h - what a laptop and the council's door say to each other before the laptop is a device of the council
 */
#ifndef HOLDFAST_JOIN_H
#define HOLDFAST_JOIN_H

#include <holdfast/json.h>
#include <holdfast/key.h>
#include <holdfast/machine.h>

#define HF_JOIN_SECRET_LEN 32	   /* bytes: nobody guesses 256 bits */
#define HF_JOIN_TOKEN_MAX 16384	   /* bytes of a token file: a certificate is most of it */
#define HF_JOIN_ASK_MAX 16384	   /* bytes of what a laptop asks: its certificate request is most of it */
#define HF_JOIN_CSR_MAX 8192	   /* bytes */
#define HF_JOIN_LINE_MAX 128	   /* bytes of a serial number, or of a machine's name */
#define HF_JOIN_WORDS_SIZE 32	   /* four words of five letters, with the end mark */
#define HF_JOIN_PEM_MAX 8192	   /* bytes of the certificate that a door is known by */

/* What is dropped on each laptop of a batch. Its texts belong to doc. */
struct hf_join_token {
	json_t *doc;
	const char *council, *host, *ca; /* PEM: who may say who the door is */
	int64_t port;
	uint8_t secret[HF_JOIN_SECRET_LEN];
	struct hf_digest trust; /* of the council's first trust */
};

/* What a laptop asks. Its texts belong to doc. */
struct hf_join_ask {
	json_t *doc;
	uint8_t secret[HF_JOIN_SECRET_LEN];
	struct hf_pub pub;
	const char *csr, *serial, *name; /* serial: "" where it has none */
	struct hf_machine machine;	 /* nothing of it where nothing could be read */
};

#define hf_auto_join_token __attribute__((cleanup(hf_join_token_done)))
#define hf_auto_join_ask __attribute__((cleanup(hf_join_ask_done)))

/*
 * hf_join_token_read, hf_join_token_put - a token from the text of its file, and as JSON
 *
 * @ret      untouched unless HF_OK
 * Owner     to hf_join_token_done; the object is a new reference, the caller's (NULL: no memory)
 * Returns   HF_OK; HF_E_SIZE, HF_E_JSON, HF_E_SHAPE, HF_E_BASE64; HF_E_MEMORY
 * Source    proto/README.md "Joining"
 */
HF_NODISCARD enum hf_rc hf_join_token_read(const char *text, size_t len, struct hf_join_token *ret, struct hf_err *err);
json_t *hf_join_token_put(const struct hf_join_token *token);

/*
 * hf_join_token_done - wipe the secret, free, zero
 */
void hf_join_token_done(struct hf_join_token *token);

/*
 * hf_join_ask_read, hf_join_ask_put - what a laptop asks, from bytes of anybody, and as JSON
 *
 * Owner     as hf_join_token_read
 * Returns   as hf_join_token_read; HF_E_KEY its key is none
 * Source    proto/README.md "Joining"
 */
HF_NODISCARD enum hf_rc hf_join_ask_read(const char *buf, size_t len, struct hf_join_ask *ret, struct hf_err *err);
json_t *hf_join_ask_put(const struct hf_join_ask *ask);

/*
 * hf_join_ask_done - wipe the secret, free, zero
 */
void hf_join_ask_done(struct hf_join_ask *ask);

/*
 * hf_join_id - which request this is: a digest of both keys that it asks for
 *
 * @csr      PEM text
 * @ret_id   untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SYSTEM
 * Source    proto/README.md "Joining"
 */
HF_NODISCARD enum hf_rc hf_join_id(const struct hf_pub *pub, const char *csr, struct hf_digest *ret_id);

/*
 * hf_join_words - a request as four words that are read out: the first 64 bits of its id
 *
 * @words    room for HF_JOIN_WORDS_SIZE
 * Returns   words
 * Source    proto/README.md "Joining"
 */
const char *hf_join_words(const struct hf_digest *id, char words[HF_JOIN_WORDS_SIZE]);

#endif
