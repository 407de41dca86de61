/* SPDX-License-Identifier: MIT */
/*
 * report.h - what one device says it did and then saw; signed by that device
 */
#ifndef HOLDFAST_REPORT_H
#define HOLDFAST_REPORT_H

#include <holdfast/assignment.h>
#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/log_seen.h>
#include <holdfast/machine.h>
#include <holdfast/order.h>
#include <holdfast/posting.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_REPORT_LOCKDOWNS_MAX 64
#define HF_LAYERS_MAX 8
#define HF_REPORT_ACKS_MAX 64
#define HF_REPORT_POSTINGS_MAX 16 /* beside 64 lockdowns and 64 acknowledgements a report still fits its envelope */
#define HF_REPORT_LOGS_MAX 8	  /* one for each controller that a trust can have */
#define HF_REPORT_BOOT_MAX 64	  /* bytes: a UUID, with room */
#define HF_REPORT_OVER_MAX 16	  /* people whose share is full: more than can be rung */
#define HF_LOSS_SAID_S (14 * 86400) /* how long a loss that opened nothing is said to people */
#define HF_SAW_MAX 200		  /* bytes: what a probe saw, for people */

/* How one lockdown stands on one device. The controller adds unreached, stale and tampered: see estate. */
/* clang-format off */
#define HF_STANDING_LIST(X)                                     \
	X(HF_STANDING_RECEIVED, "received")                     \
	X(HF_STANDING_ENFORCED_UNVERIFIED, "enforced-unverified") \
	X(HF_STANDING_ENFORCED_VERIFIED, "enforced-verified")   \
	X(HF_STANDING_MESSAGE_SEEN, "message-seen")             \
	X(HF_STANDING_EXEMPT, "exempt")                         \
	X(HF_STANDING_RELEASED_UNVERIFIED, "released-unverified") \
	X(HF_STANDING_RELEASED_VERIFIED, "released-verified")   \
	X(HF_STANDING_TAMPERED, "tampered")
#define HF_STANDING_ENUM(code, name) code,
enum hf_standing { HF_STANDING_LIST(HF_STANDING_ENUM) HF_STANDING_COUNT };
#undef HF_STANDING_ENUM
/* What one way of blocking did, in order. */
enum hf_layer_state { HF_LAYER_IDLE, HF_LAYER_ARMED, HF_LAYER_VERIFIED, HF_LAYER_FAILED, HF_LAYER_OFF, HF_LAYER_STATE_COUNT };
/* clang-format on */

struct hf_report_layer {
	const char *name; /* "browser", "programs" ... */
	enum hf_layer_state state;
	const char *saw; /* what the probe saw, for people; may be "" */
};

struct hf_report_lockdown {
	struct hf_digest id;
	enum hf_kind kind;
	enum hf_mode mode;
	int64_t rev;
	enum hf_standing standing;
};

/* How often a message was refused for a reason since enrolment. */
struct hf_report_refused {
	enum hf_rc reason;
	int64_t count;
};

/* A person on this device has acknowledged these instructions of this lockdown (policy D10). */
struct hf_report_ack {
	struct hf_digest lockdown;
	struct hf_digest text; /* hf_instructions_digest of what was read */
	const char *person;
	struct hf_wall at;
};

/* Somebody's share of live orders is full here, so everything is shut. */
struct hf_report_over {
	const char *person;
	enum hf_kind kind;
};

/* Break-glass on this device: wrong tries since enrolment, and what was opened last (slot 0: nothing was). */
struct hf_report_glass {
	int64_t wrong, set, slot;
	struct hf_wall tried; /* when somebody typed halves last, right or wrong; 0: nobody ever did. By that device's clock, as: */
	struct hf_wall at;
	bool open;	   /* now */
};

struct hf_report {
	json_t *doc; /* owns every text below; NULL when filled in by hand */
	struct hf_digest digest;
	const char *council;
	const char *device;
	int64_t counter; /* one higher with every report, also after a restart */
	struct hf_wall at;
	bool unknown;		/* locked because what was known is lost */
	bool has_nonce;
	struct hf_digest nonce;	  /* of this loss: a recover document names it */
	struct hf_strs open_for;  /* designated officers of this device, open all the same */
	int64_t unknown_logins;	  /* of its people that the machine does not know yet: shut, and asked for again */
	struct hf_report_glass glass;
	bool retired;		  /* the agent leaves this device: nothing keeps it from now on */
	struct hf_wall restored;  /* when the third copy last stood in for what it keeps; 0: never */
	const char *controller; /* of the newest state acted on; "" when none */
	int64_t state_seq;
	struct hf_digest state_digest;
	int64_t trust_epoch;
	int64_t register_version;
	int64_t brokers_version; /* of the newest list of brokers that counts there; 0: none, and not said */
	struct hf_report_layer layers[HF_LAYERS_MAX];
	size_t n_layers;
	struct hf_report_lockdown *lockdowns;
	size_t n_lockdowns;
	struct hf_report_refused refused[HF_RC_COUNT];
	size_t n_refused;
	struct hf_report_ack *acks;
	size_t n_acks;
	struct hf_posting *postings; /* of HF_POSTING_REPORTED */
	size_t n_postings;
	struct hf_log_row logs[HF_REPORT_LOGS_MAX]; /* what each controller's states said of its journal */
	size_t n_logs;
	const char *boot;	   /* names this boot of the machine; NULL: not said */
	struct hf_machine machine; /* which machine it is */
	struct hf_report_over over[HF_REPORT_OVER_MAX];
	size_t n_over;
};

#define hf_auto_report __attribute__((cleanup(hf_report_free)))

/*
 * hf_standing_name, hf_layer_state_name - the words of a report
 *
 * Owner     static text
 * Returns   the word, "enforced-verified" ..., "idle" "armed" "verified" "failed" "off"
 * Source    proto/README.md "Report"
 */
const char *hf_standing_name(enum hf_standing standing);
const char *hf_layer_state_name(enum hf_layer_state state);

/*
 * hf_report_decode - the payload of a report envelope; verifies no signature
 *
 * @ret_report  the caller's, to hf_report_free; untouched unless HF_OK
 * Owner     see ret_report
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_report_decode(const struct hf_envelope *envelope, struct hf_report **ret_report,
					 struct hf_err *err);

/*
 * hf_report_encode - a report as the JSON of its payload
 *
 * @report   doc and digest are not looked at
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Report"
 */
json_t *hf_report_encode(const struct hf_report *report);

/*
 * hf_report_restored - is it still to be said that the third copy stood in for what a device keeps
 *
 * @restored  when it did, 0: never; a time to come is said too
 * Returns   true or false
 * Source    proto/README.md "Report"
 */
bool hf_report_restored(struct hf_wall restored, struct hf_wall now);

/*
 * hf_report_same - do two reports say the same of this device, by their JSON; whatever state was heard last
 *
 * @a, @b    objects of hf_report_encode, or the doc of a report; either may be NULL (then false)
 * Returns   true or false
 * Source    proto/README.md "Report"
 */
bool hf_report_same(const json_t *a, const json_t *b);

/*
 * hf_report_free - free and set to NULL; accepts NULL
 *
 * Owner     ends; a report filled in by hand is not freed with this
 */
void hf_report_free(struct hf_report **report);

#endif
