/* SPDX-License-Identifier: MIT */
/*
 * compose.h - from options of the command line to the payload of an order
 *
 * Room controller/cli.
 */
#ifndef HOLDFAST_CLI_COMPOSE_H
#define HOLDFAST_CLI_COMPOSE_H

#include <holdfast/lockdowns.h>

#include "view.h"

/* What the options say; NULL and empty: nothing. Times are text for hf_wall_parse. */
struct hf_wishes {
	const char *reason, *contact, *instructions_file, *level, *from, *until, *holding_file;
	struct hf_list accounts, groups, exempt; /* "all" or "none" alone; else names */
	struct hf_list holding;			 /* ACCOUNT=POSTER:TEXT */
	struct hf_list no_holding;		 /* accounts */
	int64_t minutes;
};

/*
 * hf_compose_apply - put into a body what the options say
 *
 * @payload  with all members of a body
 * Owner     payload is changed, also on failure
 * Returns   HF_OK; HF_E_USAGE an option makes no sense; HF_E_ABSENT no such file; HF_E_MEMORY
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
 * hf_compose_amend - the payload of an amendment before any wish: the body that is in force
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    proto/README.md "Order"
 */
json_t *hf_compose_amend(const struct hf_view *view, const struct hf_lockdown *lockdown);

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
 * hf_compose_order - the payload as an unsigned envelope, judged well-formed
 *
 * @payload  taken over, also on failure
 * Owner     ret_envelope is the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE with the sentence of the decoder; HF_E_SIZE; HF_E_MEMORY
 * Source    -
 */
HF_NODISCARD enum hf_rc hf_compose_order(json_t *payload, struct hf_envelope **ret_envelope, struct hf_err *err);

#endif
