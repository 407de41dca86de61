/* SPDX-License-Identifier: MIT */
/*
 * brokers.h - the list of brokers: where devices find their council's server beside the place that they were enrolled with
 */
#ifndef HOLDFAST_BROKERS_H
#define HOLDFAST_BROKERS_H

#include <stdbool.h>

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/time.h>

#define HF_BROKERS_MAX 8	/* of one list: two servers, each under an old and a new name, twice over */
#define HF_BROKER_HOST_MAX 253	/* bytes: RFC 1035 */
#define HF_BROKER_CA_MAX 3000	/* bytes: the certificate of an RSA-4096 authority; eight of them fit into a payload */

struct hf_broker {
	const char *id;	  /* by which people speak of it */
	const char *host; /* a name or an address; its certificate must carry it */
	int64_t port;
	const char *ca; /* PEM of the one authority that its certificate is checked with; NULL: that of the enrolment */
};

struct hf_brokers {
	json_t *doc; /* owns every text below */
	struct hf_digest digest;
	const char *council;
	int64_t version;
	struct hf_wall issued;
	struct hf_broker v[HF_BROKERS_MAX];
	size_t n;
};

#define hf_auto_brokers __attribute__((cleanup(hf_brokers_free)))

/*
 * hf_brokers_decode - the payload of a list of brokers; verifies no approval (see approval.h)
 *
 * @ret_brokers  the caller's, to hf_brokers_free; untouched unless HF_OK
 * Owner     see ret_brokers
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Brokers"
 */
HF_NODISCARD enum hf_rc hf_brokers_decode(const struct hf_envelope *envelope, struct hf_brokers **ret_brokers,
					  struct hf_err *err);

/*
 * hf_brokers_encode - it as the JSON of its payload
 *
 * @brokers  doc and digest are not looked at
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Brokers"
 */
json_t *hf_brokers_encode(const struct hf_brokers *brokers);

/*
 * hf_broker_put, hf_broker_take - one broker as the JSON of its row, and back
 *
 * @ret_broker  its texts belong to row; untouched unless HF_OK
 * Owner     a new reference, the caller's (NULL: no memory); see ret_broker
 * Returns   HF_OK; HF_E_SHAPE; HF_E_SIZE
 * Source    proto/README.md "Brokers"
 */
json_t *hf_broker_put(const struct hf_broker *broker);
HF_NODISCARD enum hf_rc hf_broker_take(json_t *row, struct hf_broker *ret_broker, struct hf_err *err);

/*
 * hf_broker_host_ok - may this stand as the host of a broker: lower-case letters, digits, dots, hyphens, colons
 *
 * Returns   true or false
 * Source    proto/README.md "Brokers"
 */
bool hf_broker_host_ok(const char *host);

/*
 * hf_broker_same - is it reached in the same way: host, port and authority; its id is not looked at
 *
 * Returns   true or false
 */
bool hf_broker_same(const struct hf_broker *a, const struct hf_broker *b);

/*
 * hf_brokers_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_brokers_free(struct hf_brokers **brokers);

#endif
