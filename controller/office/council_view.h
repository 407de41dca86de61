/* SPDX-License-Identifier: MIT */
/*
 * council_view.h - what an officer knows: the council folder's trust, and what the controller shows as far as the law
 * bears it out
 */
#ifndef HOLDFAST_OFFICE_COUNCIL_VIEW_H
#define HOLDFAST_OFFICE_COUNCIL_VIEW_H

#include <holdfast/assignment.h>
#include <holdfast/known.h>

#include "controller/office/assigned.h"
#include "controller/office/office.h"

struct hf_period;
struct hf_register_draft;

struct hf_view {
	const struct hf_office *office;
	struct hf_known known; /* trust, register and orders that the law bears out */
	json_t *trusts;	       /* array of the envelopes of the whole chain, epoch 1 first */
	struct hf_lockdowns lockdowns;
	struct hf_wall now;
	bool online;
	json_t *council; /* of the controller, as it said, without assignments; NULL when not asked */
	json_t *status;
	struct hf_assigned assigned;	 /* empty unless hf_view_assigned was asked */
	const struct hf_register_draft *draft; /* the register in parts that is looked at; NULL: none but the known */
	const struct hf_period *at_hand; /* the calendar that a period is checked by; NULL: that of the package */
};

#define hf_auto_view __attribute__((cleanup(hf_view_done)))

/*
 * hf_view_folder - begin with the trust and the register of the council folder
 *
 * @ret_view  zeroed before; to hf_view_done, also after a failure
 * Returns   HF_OK; HF_E_USAGE no folder said; HF_E_ABSENT it is no council folder; reasons of hf_known_hear
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_view_folder(const struct hf_office *office, struct hf_view *ret_view, struct hf_err *err);

/*
 * hf_view_ask - add what the controller shows: newer trust, register, orders, status
 *
 * A trust that does not follow from the folder's is refused, and with it the controller. An order that is not
 * approved is left out, with a warning.
 * Owner     the view's
 * Returns   HF_OK; HF_E_ABSENT no controller; HF_E_FORK, HF_E_COUNCIL ... it is not this council's
 * Source    proto/README.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_view_ask(struct hf_view *view, struct hf_err *err);

/*
 * hf_view_ask_trusts - of what the controller shows its newer trusts alone: who is who
 *
 * Returns   as hf_view_ask
 */
HF_NODISCARD enum hf_rc hf_view_ask_trusts(struct hf_view *view, struct hf_err *err);

/*
 * hf_view_hear, hf_view_judge - learn from one envelope; and then say anew what is in force
 *
 * Returns   reasons of hf_known_hear; HF_OK or HF_E_MEMORY
 * Source    proto/README.md "The join"
 */
HF_NODISCARD enum hf_rc hf_view_hear(struct hf_view *view, const struct hf_envelope *envelope, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_view_judge(struct hf_view *view, struct hf_err *err);

/*
 * hf_view_open - both of them
 *
 * Owner     as hf_view_folder
 * Returns   as both
 */
HF_NODISCARD enum hf_rc hf_view_open(const struct hf_office *office, struct hf_view *ret_view, struct hf_err *err);

/*
 * hf_view_assigned - find the newest approved assignment of each device, of the controller's and the folder's
 *
 * Returns   as hf_assigned_read
 */
HF_NODISCARD enum hf_rc hf_view_assigned(struct hf_view *view, struct hf_err *err);

/*
 * hf_view_lockdown - the lockdown whose identity begins with these characters
 *
 * @prefix   4 to 64 hex characters
 * @ret_lockdown  belongs to the view; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE no prefix, or of more than one; HF_E_ABSENT
 */
HF_NODISCARD enum hf_rc hf_view_lockdown(const struct hf_view *view, const char *prefix,
					 const struct hf_lockdown **ret_lockdown, struct hf_err *err);

/*
 * hf_view_status_of - what the controller's status says about a lockdown
 *
 * Owner     belongs to the view
 * Returns   NULL when it says nothing
 * Source    controller/API.md "Status"
 */
json_t *hf_view_status_of(const json_t *status, const struct hf_digest *id);

/*
 * hf_view_device - the controller's row of one device
 *
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT it shows none; as hf_client_get
 * Source    controller/API.md "Device"
 */
HF_NODISCARD enum hf_rc hf_view_device(const struct hf_view *view, const char *id, json_t **ret, struct hf_err *err);

/* How many devices there are in some groups, by the controller's word. */
struct hf_scope {
	size_t devices;
	size_t silent; /* of them, which it has not heard from lately */
};

/*
 * hf_view_scope - ask the controller how many devices are in these groups
 *
 * @groups   NULL: all devices
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT the controller was not asked at all; as hf_client_get
 * Source    controller/API.md "Devices"
 */
HF_NODISCARD enum hf_rc hf_view_scope(const struct hf_view *view, const struct hf_strs *groups,
				      struct hf_scope *ret, struct hf_err *err);

/*
 * hf_view_versions - the assignments of one device that are in effect, as the controller shows them
 *
 * @ret      empty before; to hf_versions_done, also after a failure; none when there is no controller
 * Returns   HF_OK; HF_E_MEMORY; as hf_client_get
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_view_versions(const struct hf_view *view, const char *device, struct hf_versions *ret,
					 struct hf_err *err);

/*
 * hf_digest_has_prefix - does the text of this digest begin with these characters (at least 4, at most 64)
 */
bool hf_digest_has_prefix(const struct hf_digest *digest, const char *prefix);

/*
 * hf_view_done - free all, zero the struct
 */
void hf_view_done(struct hf_view *view);

#endif
