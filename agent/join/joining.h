/* SPDX-License-Identifier: MIT */
/*
 * joining.h - a device that is none yet asks the council's door until it is answered
 */
#ifndef HOLDFAST_AGENT_JOIN_JOINING_H
#define HOLDFAST_AGENT_JOIN_JOINING_H

#include <holdfast/join.h>

/* What `holdfast-agent request --join` wrote. */
struct hf_joining {
	json_t *doc;
	struct hf_join_token token;
	json_t *ask;			/* borrowed */
	char words[HF_JOIN_WORDS_SIZE]; /* by which people know this request */
};

/* What came of one question. */
struct hf_joined {
	bool approved;
	int64_t retry_s; /* when to ask again */
	json_t *bundle;	 /* a new reference, the caller's */
	char why[256];	 /* why not yet; "" it waits for IT */
};

#define hf_auto_joining __attribute__((cleanup(hf_joining_done)))

/*
 * hf_joining_read - from its file
 *
 * @ret      to hf_joining_done; untouched unless HF_OK
 * Returns   HF_OK; reasons of hf_fs_read, hf_join_token_read, hf_join_ask_read
 * Source    proto/README.md "Joining"
 */
HF_NODISCARD enum hf_rc hf_joining_read(const char *path, struct hf_joining *ret, struct hf_err *err);

/*
 * hf_joining_hear - what the door's answer means
 *
 * Pure. Nothing of the bundle is judged: that does `holdfast-agent enrol`.
 * @status   of HTTP; 0: nothing came
 * @text     its body, or why nothing came
 * @tries    how often it was asked in vain before: whoever is not answered waits longer each time
 */
void hf_joining_hear(long status, const char *text, size_t len, unsigned tries, struct hf_joined *ret);

/*
 * hf_joining_ask - ask once, by TLS, with the certificate of the token alone
 *
 * @tries    as hf_joining_hear
 * Returns   HF_OK whatever was answered; HF_E_MEMORY; HF_E_SYSTEM the library cannot
 */
HF_NODISCARD enum hf_rc hf_joining_ask(const struct hf_joining *joining, unsigned tries, struct hf_joined *ret,
				       struct hf_err *err);

/*
 * hf_joining_done - wipe, free, zero
 */
void hf_joining_done(struct hf_joining *joining);

#endif
