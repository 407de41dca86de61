/* SPDX-License-Identifier: MIT */
/*
 * Owns that whoever posts something learns what became of it.
 * Must never say that it is recorded, or is not, without the controller's word.
 */
#include <poll.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/str.h>

#include "controller/office/post.h"

#define PATH_SIZE 128
#define SURE 2 /* that it is absent must be said twice: a request from before may still be on its way */

/* A controller that ended is started again a second later, and reads its record first, of years in some seconds. */
static const struct hf_patience minute = {120, 500, 60000};

/* Are all approvals there that were posted? Of what is in force by others' it does not matter. */
static bool has_all(const struct hf_envelope *posted, const json_t *said)
{
	hf_auto_envelope struct hf_envelope *held = NULL;
	json_t *json = json_object_get(said, "envelope");
	bool in_force = strcmp(hf_client_text(said, "outcome", ""), "recorded") == 0;
	bool lacks = true;

	if (in_force && (json_is_null(json) || posted->type != HF_DOC_ASSIGNMENT))
		return true;
	return hf_envelope_from_json(json, &held, NULL) == HF_OK && hf_envelope_merge(held, posted, &lacks) == HF_OK &&
	       !lacks;
}

/* Who is asked what became of what. */
struct looking {
	const struct hf_office *office;
	const struct hf_envelope *posted;
	size_t absent; /* so often in a row */
	json_t *said;  /* NULL: it is not there, or not known yet */
};

/* True: there is no need to ask again. */
static bool look_once(struct looking *looking)
{
	hf_auto_json json_t *said = NULL;
	char path[PATH_SIZE], hex[HF_DIGEST_HEX_SIZE];
	bool there;

	if (hf_str_printf(path, sizeof(path), "/v1/envelope?digest=%s", hf_digest_hex(&looking->posted->digest, hex)) !=
		    HF_OK ||
	    hf_client_get(looking->office, path, &said, NULL) != HF_OK) {
		looking->absent = 0;
		return false;
	}
	there = strcmp(hf_client_text(said, "outcome", ""), "absent") != 0 && has_all(looking->posted, said);
	if (there)
		looking->said = json_incref(said);
	looking->absent += !there;
	return there || looking->absent >= SURE;
}

static void say_again(const struct hf_office *office, size_t n, size_t of)
{
	if (office->on_again)
		office->on_again(office->arg, n, of);
}

static enum hf_rc not_recorded(const struct hf_office *office, struct hf_err *err)
{
	return hf_err_set(
		err, HF_E_ABSENT,
		"It is NOT recorded and NOT published: the controller failed before it answered, and says now that "
		"it is not there. Do it again%s.",
		hf_office_hint(office, HF_HINT_AGAIN));
}

static enum hf_rc not_known(const struct hf_office *office, struct hf_err *err)
{
	return hf_err_set(
		err, HF_E_UNSURE,
		"It is NOT KNOWN whether it is recorded: the controller failed before it answered, and is silent. "
		"Take it as not done until it answers%s.",
		hf_office_hint(office, HF_HINT_UNSURE));
}

enum hf_rc hf_post_look(const struct hf_office *office, const struct hf_envelope *envelope,
			const struct hf_patience *patience, json_t **ret, struct hf_err *err)
{
	struct looking looking = {.office = office, .posted = envelope};
	const int64_t end = hf_clock_boot().ms + patience->most_ms;
	bool done = false;

	for (size_t n = 0; !done && n < patience->most && hf_clock_boot().ms < end; n++) {
		say_again(office, n + 1, patience->most);
		(void)poll(NULL, 0, patience->every_ms);
		done = look_once(&looking);
	}
	say_again(office, 0, 0);
	if (!done)
		return not_known(office, err);
	if (!looking.said)
		return not_recorded(office, err);
	hf_office_warn(office,
		       "the controller failed before it answered; asked again, it says that it has what was sent.");
	*ret = looking.said;
	return HF_OK;
}

enum hf_rc hf_post(const struct hf_office *office, const struct hf_envelope *envelope, json_t **ret, struct hf_err *err)
{
	enum hf_rc rc = hf_client_post(office, envelope, ret, err);

	return rc == HF_E_UNSURE ? hf_post_look(office, envelope, &minute, ret, err) : rc;
}

/* No controller answers while it starts again. */
static bool is_away(enum hf_rc rc)
{
	return rc == HF_E_UNSURE || rc == HF_E_ABSENT;
}

enum hf_rc hf_post_proofs(const struct hf_office *office, const json_t *proofs, json_t **ret, struct hf_err *err)
{
	enum hf_rc rc = hf_client_post_proofs(office, proofs, ret, err);
	const int64_t end = hf_clock_boot().ms + minute.most_ms;
	bool lost = rc == HF_E_UNSURE;

	for (size_t n = 0; lost && is_away(rc) && n < minute.most && hf_clock_boot().ms < end; n++) {
		say_again(office, n + 1, minute.most);
		(void)poll(NULL, 0, minute.every_ms);
		rc = hf_client_post_proofs(office, proofs, ret, err);
	}
	if (lost)
		say_again(office, 0, 0);
	return rc;
}
