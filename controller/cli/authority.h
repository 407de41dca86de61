/* SPDX-License-Identifier: MIT */
/*
 * authority.h - the council's authority of certificates, while its stick is put in
 */
#ifndef HOLDFAST_CLI_AUTHORITY_H
#define HOLDFAST_CLI_AUTHORITY_H

#include "controller/cli/pki.h"

/*
 * hf_authority_open - the certificate in the council folder, and its key, whose passphrase is asked for
 *
 * That the key has no passphrase is warned of.
 * @said     the file of the key; NULL: where it is in the council folder
 * @ret      zeroed before; to hf_pki_done, also after a failure
 * Returns   HF_OK; HF_E_ABSENT the stick is not there; reasons of hf_ask_pkcs8, hf_pki_read
 * Source    deploy/guide/it.md "2. The server"
 */
HF_NODISCARD enum hf_rc hf_authority_open(struct hf_cli *cli, const char *said, struct hf_pki_pair *ret, struct hf_err *err);

#endif
