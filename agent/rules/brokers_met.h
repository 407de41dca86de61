/* SPDX-License-Identifier: MIT */
/*
 * brokers_met.h - which brokers a device may join: those of the list, and those before them until each has proved itself
 */
#ifndef HOLDFAST_AGENT_RULES_BROKERS_MET_H
#define HOLDFAST_AGENT_RULES_BROKERS_MET_H

#include <holdfast/broker_set.h>
#include <holdfast/known.h>

#define HF_BROKERS_MET_MAX (HF_BROKERS_ALL_MAX + HF_BROKERS_MAX) /* those in effect, and the longest list before them */

/* One broker, and did it ever give this device a fresh whole state. */
struct hf_broker_met {
	json_t *row; /* owns the texts of broker; NULL: there is none */
	struct hf_broker broker;
	bool proven;
};

/* Start it zeroed. The broker of the enrolment is not among them: the link knows and keeps it. */
struct hf_brokers_met {
	struct hf_broker_met v[HF_BROKERS_MET_MAX];
	size_t n;
	struct hf_broker_met last; /* the one that was last stayed with; its row NULL: that of the enrolment */
};

/* What one broker has said since it was joined, until it is a whole state. Start it zeroed. */
struct hf_broker_proof {
	struct hf_wall since; /* the highest `issued` that was known when it was joined */
	char controller[HF_ID_SIZE];
	int64_t seq;
	uint64_t pages; /* a bit for each that was heard of that seq */
};

/*
 * hf_brokers_met_settle - follow the list that is in effect now
 *
 * One that is listed no more stays if it was proven, until every listed one is; one that was never proven goes at once.
 * @now      its texts are copied
 * Returns   true if anything changed: persist. Without memory it changes nothing
 * Source    proto/README.md "Brokers"
 */
bool hf_brokers_met_settle(struct hf_brokers_met *met, const struct hf_brokers_now *now);

/*
 * hf_brokers_met_prove - this broker gave a fresh whole state; hf_brokers_met_last - it is the one that is stayed with
 *
 * @broker   NULL: that of the enrolment
 * Returns   true if that is new: settle, persist
 * Source    proto/README.md "Brokers"
 */
bool hf_brokers_met_prove(struct hf_brokers_met *met, const struct hf_broker *broker);
bool hf_brokers_met_last(struct hf_brokers_met *met, const struct hf_broker *broker);

/*
 * hf_brokers_met_find - this broker among those that are known
 *
 * Owner     belongs to met
 * Returns   NULL: it is none of them
 */
const struct hf_broker_met *hf_brokers_met_find(const struct hf_brokers_met *met, const struct hf_broker *broker);

/*
 * hf_brokers_met_tell - what the link is told: HF_LOCAL_BROKERS of names.h
 *
 * @now      the list in effect
 * Owner     a new reference, the caller's
 * Returns   {"brokers": [{broker, "proven", "listed"}...], "leave": whether the broker of the enrolment is to be left if it
 *           is not listed, "last": broker, optional}; NULL no memory
 */
json_t *hf_brokers_met_tell(const struct hf_brokers_met *met, const struct hf_brokers_now *now);

/*
 * hf_broker_proof_begin - it has just been joined; hf_broker_proof_hear - it has brought this page of a state
 *
 * Pure. A state counts that was issued after the newest that was known when it was joined, that is the newest of its
 * controller now, still valid by this machine's clock, and names no trust or register that is not known here.
 * @state    heard before, so that what is known has it if it was taken
 * @local    this machine's clock
 * Returns   true: with this page a whole one has come
 * Source    proto/README.md "Brokers"
 */
void hf_broker_proof_begin(struct hf_broker_proof *proof, const struct hf_known *known);
bool hf_broker_proof_hear(struct hf_broker_proof *proof, const struct hf_known *known, const struct hf_state *state,
			  struct hf_wall local);

/*
 * hf_brokers_met_encode, hf_brokers_met_decode - as JSON and back
 *
 * @json     borrowed; NULL: nothing is remembered
 * @ret      zeroed before; to hf_brokers_met_done
 * Owner     a new reference, the caller's; NULL no memory
 * Returns   HF_OK; HF_E_SHAPE; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Failing"
 */
json_t *hf_brokers_met_encode(const struct hf_brokers_met *met);
HF_NODISCARD enum hf_rc hf_brokers_met_decode(json_t *json, struct hf_brokers_met *ret, struct hf_err *err);

/*
 * hf_brokers_met_done - free all, zero the struct
 */
void hf_brokers_met_done(struct hf_brokers_met *met);

#endif
