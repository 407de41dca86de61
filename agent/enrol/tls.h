/* SPDX-License-Identifier: MIT */
/*
 * tls.h - the link's own key for the broker: made here, certified by the council
 */
#ifndef HOLDFAST_AGENT_ENROL_TLS_H
#define HOLDFAST_AGENT_ENROL_TLS_H

#include <stddef.h>

#include <holdfast/err.h>

/*
 * hf_tls_key_new - make a P-256 key for TLS
 *
 * @ret_pem, @ret_len  PEM (PKCS #8, not encrypted), malloc'ed with end mark; the caller wipes and frees
 * Owner               the caller's
 * Returns   HF_OK; HF_E_KEY OpenSSL refused; HF_E_MEMORY
 * Source    proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_tls_key_new(char **ret_pem, size_t *ret_len, struct hf_err *err);

/*
 * hf_tls_request - a certificate signing request for a device
 *
 * @key_pem  of hf_tls_key_new
 * @device   becomes the common name
 * @ret_csr  PEM, malloc'ed with end mark; the caller's
 * Owner     the caller's
 * Returns   HF_OK; HF_E_KEY the key cannot be read, or OpenSSL refused; HF_E_MEMORY
 * Source    RFC 2986
 */
HF_NODISCARD enum hf_rc hf_tls_request(const char *key_pem, const char *device, char **ret_csr, struct hf_err *err);

/*
 * hf_tls_certificate_fits - is this a certificate for this key and this device, and the CA one that signed it
 *
 * @certificate, @ca, @key_pem  PEM
 * Returns   HF_OK; HF_E_SHAPE unreadable; HF_E_KEY for another key; HF_E_DEVICE for another name; HF_E_SIGNATURE not
 *           signed by that CA
 * Source    proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_tls_certificate_fits(const char *certificate, const char *ca, const char *key_pem,
						const char *device, struct hf_err *err);

#endif
