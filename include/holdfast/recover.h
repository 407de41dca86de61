/* SPDX-License-Identifier: MIT */
/*
 * recover.h - the word of two officers by which devices that lost what they knew may believe again that they know it
 */
#ifndef HOLDFAST_RECOVER_H
#define HOLDFAST_RECOVER_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/time.h>

#define HF_RECOVER_DEVICES_MAX 128 /* with HF_RECOVER_LIVE_MAX digests they fit into a payload, whatever their names */
#define HF_RECOVER_LIVE_MAX 256	   /* far more orders than hold at one time */

/* The device, and the number that it made when it lost what it knew. */
struct hf_recover_device {
	const char *device;
	struct hf_digest nonce;
};

struct hf_recover {
	json_t *doc; /* owns every text below */
	struct hf_digest digest;
	const char *council;
	struct hf_recover_device *devices;
	size_t n_devices;
	struct hf_wall issued;
	struct hf_digest *live; /* orders that a device must hold before it believes that it knows what is in force */
	size_t n_live;
};

#define hf_auto_recover __attribute__((cleanup(hf_recover_free)))

/*
 * hf_recover_decode - the payload of a recover envelope; verifies no approval (see approval.h)
 *
 * @ret_recover  the caller's, to hf_recover_free; untouched unless HF_OK
 * Owner     see ret_recover
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Recovering"
 */
HF_NODISCARD enum hf_rc hf_recover_decode(const struct hf_envelope *envelope, struct hf_recover **ret_recover,
					  struct hf_err *err);

/*
 * hf_recover_encode - it as the JSON of its payload
 *
 * @recover  doc and digest are not looked at
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Recovering"
 */
json_t *hf_recover_encode(const struct hf_recover *recover);

/*
 * hf_recover_names - is it for this device, and for what it lost this time
 *
 * Returns   true or false
 * Source    proto/README.md "Recovering"
 */
bool hf_recover_names(const struct hf_recover *recover, const char *device, const struct hf_digest *nonce);

/*
 * hf_recover_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_recover_free(struct hf_recover **recover);

#endif
