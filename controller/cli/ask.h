/* SPDX-License-Identifier: MIT */
/*
 * ask.h - what is asked of the officer: passphrases, and the word that confirms
 */
#ifndef HOLDFAST_CLI_ASK_H
#define HOLDFAST_CLI_ASK_H

#include <holdfast/key.h>

#include "controller/cli/cli.h"
#include "proto/wire/pem.h"

#define HF_PASSPHRASE_MAX 1024 /* bytes with the end mark; OpenSSL takes as many */

#define HF_ASKED_SIZE 256 /* of a line that is asked: a name, or a list of roles */

/* A passphrase; wiped when it goes out of scope. */
struct hf_secret {
	char text[HF_PASSPHRASE_MAX];
};

#define hf_auto_secret __attribute__((cleanup(hf_secret_wipe)))
void hf_secret_wipe(struct hf_secret *secret);

/*
 * hf_ask_passphrase - one passphrase: the next line of --passphrase-fd, else asked on the terminal without echo
 *
 * @prompt   what the terminal shows, without a colon
 * @twice    ask twice on the terminal and compare (a new passphrase)
 * @ret_secret  untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE no terminal; HF_E_KEY an empty one, two that differ; HF_E_SIZE; HF_E_ABSENT interrupted;
 *           HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_ask_passphrase(struct hf_cli *cli, const char *prompt, bool twice,
					  struct hf_secret *ret_secret, struct hf_err *err);

/* How far this call has come. */
enum hf_come { HF_COME_NOWHERE, HF_COME_SIGNED, HF_COME_TAKEN, HF_COME_LOOKING };

/*
 * hf_ask_interrupts - from now on an interrupt says this: nothing was signed, or it was, or it was taken and stands
 *
 * @come     HF_COME_LOOKING: there is nothing to say, for it only shows
 */
void hf_ask_interrupts(enum hf_come come);

/*
 * hf_ask_word - have the officer type a word before something is signed; nothing is asked with --yes
 *
 * @word     "LIVE", "EXERCISE", "APPROVE"
 * @question the line above the prompt
 * Returns   HF_OK typed; HF_E_USAGE no terminal; HF_E_ABSENT another word: nothing has been done
 */
HF_NODISCARD enum hf_rc hf_ask_word(struct hf_cli *cli, const char *word, const char *question, struct hf_err *err);

/*
 * hf_ask_number - have the officer type a number that was shown: so it was read
 *
 * @question the line above the prompt, which does not say it
 * Returns   as hf_ask_word; asked with --yes, too
 */
HF_NODISCARD enum hf_rc hf_ask_number(struct hf_cli *cli, size_t number, const char *question, struct hf_err *err);

/*
 * hf_ask_line - one line, asked on the terminal
 *
 * @prompt   what the terminal shows, without a colon
 * @instead  the option that says it without a terminal
 * @ret      "" when only Enter was pressed; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE no terminal; HF_E_SIZE; HF_E_ABSENT the terminal has ended
 */
HF_NODISCARD enum hf_rc hf_ask_line(struct hf_cli *cli, const char *prompt, const char *instead,
				    char ret[HF_ASKED_SIZE], struct hf_err *err);

/*
 * hf_ask_pkcs8 - open the file of a private key of whatever kind, with its passphrase if it has one
 *
 * @ret      to hf_pkcs8_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such file; HF_E_KEY; as hf_ask_passphrase
 */
HF_NODISCARD enum hf_rc hf_ask_pkcs8(struct hf_cli *cli, const char *path, PKCS8_PRIV_KEY_INFO **ret,
				     struct hf_err *err);

/*
 * hf_ask_key - open the file of an Ed25519 key, with its passphrase if it has one
 *
 * @ret_key  to hf_key_free; untouched unless HF_OK
 * Returns   as hf_ask_pkcs8
 */
HF_NODISCARD enum hf_rc hf_ask_key(struct hf_cli *cli, const char *path, struct hf_key **ret_key, struct hf_err *err);

#endif
