/* SPDX-License-Identifier: MIT */
/*
 * pki.h - the broker's own certificate authority: who may speak to the broker, and under which name
 *
 * These certificates carry names alone; no order is believed because of one.
 */
#ifndef HOLDFAST_CLI_PKI_H
#define HOLDFAST_CLI_PKI_H

#include <holdfast/time.h>

#include "controller/cli/cli.h"
#include "proto/wire/pem.h"

/* A certificate and its private key, both PEM text. */
struct hf_pki_pair {
	char *cert;
	char *key;
};

/* What a device asks for, and what we call it. */
struct hf_pki_request {
	const char *csr;  /* PEM text; signed with the key that it asks for */
	const char *name; /* the device id */
};

#define hf_auto_pair __attribute__((cleanup(hf_pki_done)))

/*
 * hf_pki_ca - make a certificate authority: EC P-256, for leaf certificates only, ten years
 *
 * @council  its organisation
 * @ret_pair to hf_pki_done; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM OpenSSL refused; HF_E_MEMORY
 * Source    RFC 5280 section 4.2.1.9
 */
HF_NODISCARD enum hf_rc hf_pki_ca(const char *council, struct hf_wall now, struct hf_pki_pair *ret_pair,
				  struct hf_err *err);

/*
 * hf_pki_server, hf_pki_client - make a key and its certificate, five years, never past the authority's end
 *
 * @hosts    names and addresses of the broker, at least one
 * @name     of the client: `controller:c1`, or a device id
 * Owner     as hf_pki_ca
 * Returns   as hf_pki_ca; HF_E_USAGE a host that is no name and no address
 * Source    RFC 5280 section 4.2.1.6, 4.2.1.12
 */
HF_NODISCARD enum hf_rc hf_pki_server(const struct hf_pki_pair *ca, const struct hf_list *hosts, struct hf_wall now,
				      struct hf_pki_pair *ret_pair, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_pki_client(const struct hf_pki_pair *ca, const char *name, struct hf_wall now,
				      struct hf_pki_pair *ret_pair, struct hf_err *err);

/*
 * hf_pki_sign - sign a device's request: its key, our name for it; nothing else of the request is taken
 *
 * @ret_cert PEM text, malloc'ed; the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_KEY no request, not signed by its own key, a weak key, or a key that is not the authority's; as
 *           hf_pki_ca
 * Source    proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_pki_sign(const struct hf_pki_pair *ca, const struct hf_pki_request *request,
				    struct hf_wall now, char **ret_cert, struct hf_err *err);

/*
 * hf_pki_read - a pair: a certificate from its file, and its key, which was opened before
 *
 * Owner     as hf_pki_ca
 * Returns   HF_OK; reasons of hf_fs_read, hf_pkcs8_write
 */
HF_NODISCARD enum hf_rc hf_pki_read(const char *cert_path, PKCS8_PRIV_KEY_INFO *key, struct hf_pki_pair *ret_pair,
				    struct hf_err *err);

/*
 * hf_pki_names - does this certificate name this host
 *
 * @host     a name or an address
 * Returns   true, also when there is no such file or it cannot be read: nothing can be said then
 * Source    RFC 6125 section 6
 */
bool hf_pki_names(const char *cert_path, const char *host);

/*
 * hf_pki_reachable - has this certificate a name by which another machine could reach who shows it
 *
 * Returns   HF_OK; HF_E_ABSENT it is for this machine alone; HF_E_SYSTEM it cannot be read
 * Source    RFC 6125 section 6; RFC 6761 section 6.3
 */
HF_NODISCARD enum hf_rc hf_pki_reachable(const char *cert_path);

/*
 * hf_pki_lock - lock the key of a pair with a passphrase; with it no certificate is made any more
 *
 * @pair     as hf_pki_ca made it; untouched unless HF_OK
 * Returns   HF_OK; reasons of hf_pkcs8_read, hf_pkcs8_write
 */
HF_NODISCARD enum hf_rc hf_pki_lock(struct hf_pki_pair *pair, const char *pass, struct hf_err *err);

/*
 * hf_pki_write - write a pair to two files, the key readable by its owner alone
 *
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_pki_write(const struct hf_pki_pair *pair, const char *cert_path, const char *key_path,
				     struct hf_err *err);

/*
 * hf_pki_done - wipe, free, zero
 */
void hf_pki_done(struct hf_pki_pair *pair);

#endif
