/* SPDX-License-Identifier: MIT */
/*
 * Owns what may be asked about devices.
 * Must never let a filter that it does not know pass as none: who asked would take all devices for some.
 */
#include <string.h>

#include "controller/web/show_devices.h"

static enum hf_rc read_id(const struct hf_query *query, const char *name, const char **ret, struct hf_err *err)
{
	const char *id = NULL;
	enum hf_rc rc = hf_query_text(query, name, &id, err);
	if (rc == HF_OK && id && !hf_id_ok(id))
		rc = hf_err_set(err, HF_E_SHAPE, "%s is the whole id of a device", name);
	if (rc == HF_OK)
		*ret = id;
	return rc;
}

static enum hf_rc read_groups(const struct hf_query *query, struct hf_devices_ask *ask, struct hf_err *err)
{
	for (size_t i = 0; i < query->n; i++) {
		if (strcmp(query->v[i].name, "group") != 0)
			continue;
		if (!hf_id_ok(query->v[i].value))
			return hf_err_set(err, HF_E_SHAPE, "group is the whole name of one group");
		ask->groups[ask->n_groups++] = query->v[i].value;
	}
	return HF_OK;
}

static bool mark_state(const char *name, bool states[HF_DEVICE_STATE_COUNT])
{
	for (size_t i = 0; i < HF_DEVICE_STATE_COUNT; i++) {
		if (strcmp(hf_device_state_name((enum hf_device_state)i), name) != 0)
			continue;
		states[i] = true;
		return true;
	}
	return false;
}

static enum hf_rc read_states(const struct hf_query *query, const char *name, bool states[HF_DEVICE_STATE_COUNT],
			      bool *ret_any, struct hf_err *err)
{
	*ret_any = true;
	for (size_t i = 0; i < query->n; i++) {
		if (strcmp(query->v[i].name, name) != 0)
			continue;
		if (!mark_state(query->v[i].value, states))
			return hf_err_set(err, HF_E_SHAPE, "%s is one of the ten states, as `unreached`", name);
		*ret_any = false;
	}
	return HF_OK;
}

static enum hf_rc read_lockdown(const struct hf_query *query, struct hf_devices_ask *ask, struct hf_err *err)
{
	const char *id = NULL;
	enum hf_rc rc = hf_query_text(query, "lockdown", &id, err);
	if (rc == HF_OK && id && hf_digest_from_hex(id, &ask->lockdown) != HF_OK)
		rc = hf_err_set(err, HF_E_SHAPE, "lockdown is an id with all of its 64 characters");
	ask->on_lockdown = id;
	if (rc == HF_OK)
		rc = read_states(query, "standing", ask->standings, &ask->any_standing, err);
	if (rc == HF_OK && !ask->any_standing && !id)
		rc = hf_err_set(err, HF_E_SHAPE, "standing is of a lockdown: say which with lockdown");
	return rc;
}

enum hf_rc hf_devices_ask_read(const struct hf_query *query, struct hf_devices_ask *ret, struct hf_err *err)
{
	static const char *const names[] = {"limit",	"after",	"id",	     "group",	"state", "lockdown",
					    "standing", "not-enforced", "bears", "unreached", "unknown",
					    "epoch", "brokers", NULL};
	static const size_t epochs[] = {0, 1, HF_TRUSTS_MAX};
	static const size_t lists[] = {0, 1, (size_t)HF_JSON_INT_MAX};
	static const size_t limits[] = {HF_PAGE_DEVICES_MAX, 1, HF_PAGE_DEVICES_MAX};
	struct hf_devices_ask ask = {0};
	enum hf_rc rc = hf_query_only(query, names, err);
	if (rc == HF_OK)
		rc = hf_query_number(query, "limit", limits, &ask.limit, err);
	if (rc == HF_OK)
		rc = read_id(query, "after", &ask.after, err);
	if (rc == HF_OK)
		rc = read_id(query, "id", &ask.id, err);
	if (rc == HF_OK)
		rc = read_groups(query, &ask, err);
	if (rc == HF_OK)
		rc = read_states(query, "state", ask.states, &ask.any_state, err);
	if (rc == HF_OK)
		rc = read_lockdown(query, &ask, err);
	if (rc == HF_OK)
		rc = hf_query_wish(query, "not-enforced", &ask.not_enforced, err);
	if (rc == HF_OK)
		rc = hf_query_wish(query, "bears", &ask.bears, err);
	if (rc == HF_OK)
		rc = hf_query_wish(query, "unreached", &ask.silent, err);
	if (rc == HF_OK)
		rc = hf_query_wish(query, "unknown", &ask.unknown, err);
	if (rc == HF_OK)
		rc = hf_query_number(query, "epoch", epochs, &ask.epoch, err);
	if (rc == HF_OK)
		rc = hf_query_number(query, "brokers", lists, &ask.brokers, err);
	if (rc == HF_OK)
		*ret = ask;
	return rc;
}
