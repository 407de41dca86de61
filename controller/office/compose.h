/* SPDX-License-Identifier: MIT */
/*
 * compose.h - from what an officer wishes to the payload of an order
 */
#ifndef HOLDFAST_OFFICE_COMPOSE_H
#define HOLDFAST_OFFICE_COMPOSE_H

#include <holdfast/lockdowns.h>

#include "controller/office/council_view.h"
#include "controller/office/messages.h"
#include "controller/office/period.h"

#define HF_POSTING_MINUTES 15 /* the posting window of a holding message, unless said otherwise */
#define HF_MINUTES_AS_BEFORE (-1)

/* What an officer wishes; NULL and empty: nothing. Times are text for hf_times_parse. */
struct hf_wishes {
	const char *reason, *contact, *instructions_file, *level, *from, *until, *holding_file;
	struct hf_list accounts, groups, exempt; /* "all" or "none" alone; else names */
	struct hf_list no_holding;		 /* accounts */
	struct hf_holding_wishes holding;
	int64_t minutes; /* of each new message; HF_MINUTES_AS_BEFORE: those that the account's message had, or else 15
			  */
	const struct hf_period *period; /* the polls that it is for, computed; NULL: not said */
};

/*
 * hf_compose_apply - put into a body what is wished
 *
 * A period tightens by itself and never loosens: without a start and an end of the officer's own the start becomes no
 * later and the end no earlier than it was, and the start of a period that has begun stays.
 * @payload  with all members of a body
 * Owner     payload is changed, also on failure
 * Returns   HF_OK; HF_E_USAGE a wish makes no sense; HF_E_ABSENT no such file; HF_E_MEMORY
 * Source    proto/README.md "Order"
 */
HF_NODISCARD enum hf_rc hf_compose_apply(const struct hf_view *view, const struct hf_wishes *wishes, json_t *payload,
					 struct hf_err *err);

/*
 * hf_compose_raise - the payload of a raise of an emergency before any wish: all accounts, all devices, nobody exempt
 * but the officer who raises it
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    policy D9.1: the designated officer goes on posting
 */
json_t *hf_compose_raise(const struct hf_view *view, enum hf_mode mode, const char *officer);

/*
 * hf_compose_purdah - the payload of a raise of a pre-election period before any wish: all accounts, all devices,
 * nobody exempt, guarded, from and until as the timetable suggests
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    policy D10
 */
json_t *hf_compose_purdah(const struct hf_view *view, enum hf_mode mode, const char *officer,
			  const struct hf_period *period);

/*
 * hf_compose_begun - has a lockdown with this start begun, by the officer's clock or the controller's
 *
 * Source    proto/README.md "The join": a recomputation never moves a period that has begun
 */
bool hf_compose_begun(const struct hf_view *view, struct hf_wall from);

/*
 * hf_compose_amend - the payload of an amendment before any wish: the body that is in force
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    proto/README.md "Order"
 */
json_t *hf_compose_amend(const struct hf_view *view, const struct hf_lockdown *lockdown);

/*
 * hf_compose_release_person - the payload of a release of all that one person alone has raised
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    proto/README.md "Shares"
 */
json_t *hf_compose_release_person(const struct hf_view *view, const struct hf_release_person *person, enum hf_kind kind,
				  const char *reason, const char *message);

/*
 * hf_compose_release - the payload of a release
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    proto/README.md "Order"; policy D9.3
 */
json_t *hf_compose_release(const struct hf_view *view, const struct hf_lockdown *lockdown, const char *reason,
			   const char *message);

/*
 * hf_compose_order - the payload as an unsigned envelope, judged well-formed, and not equal to an order that is known
 *
 * @view     an equal order known there moves `at` of the new one by a second
 * @payload  taken over, also on failure
 * Owner     ret_envelope is the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE with the sentence of the decoder; HF_E_SIZE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_compose_order(const struct hf_view *view, json_t *payload, struct hf_envelope **ret_envelope,
					 struct hf_err *err);

/*
 * hf_compose_wished - the order of a payload with what is wished: hf_compose_apply, then hf_compose_order
 *
 * @payload  taken over, also on failure; NULL: no memory
 * @ret_envelope  to hf_envelope_free; untouched unless HF_OK
 * Returns   as both
 */
HF_NODISCARD enum hf_rc hf_compose_wished(const struct hf_view *view, const struct hf_wishes *wishes, json_t *payload,
					  struct hf_envelope **ret_envelope, struct hf_err *err);

/*
 * hf_compose_amendment - an amendment as is wished; the start of a lockdown that has begun is not changed
 *
 * Owner     ret_envelope is the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT it is over; HF_E_MISMATCH it has begun; as hf_compose_wished
 * Source    proto/README.md "Order"
 */
HF_NODISCARD enum hf_rc hf_compose_amendment(const struct hf_view *view, const struct hf_lockdown *lockdown,
					     const struct hf_wishes *wishes, struct hf_envelope **ret_envelope,
					     struct hf_err *err);

#endif
