/* SPDX-License-Identifier: MIT */
/*
 * How an order stands on each device, as the controller shows it.
 * Must never count a device that has not been seen to do it.
 */
#include <string.h>

#include "controller/office/arrival.h"
#include "controller/office/client.h"

static bool overrides(const char *state)
{
	return strcmp(state, "tampered") == 0 || strcmp(state, "stale") == 0;
}

const char *hf_arrival_standing(const json_t *device, const struct hf_awaited *awaited)
{
	const char *state = hf_client_text(device, "state", "");
	char hex[HF_DIGEST_HEX_SIZE];
	json_t *one;
	size_t index;

	hf_digest_hex(awaited->lockdown, hex);
	json_array_foreach(json_object_get(device, "lockdowns"), index, one)
	{
		const char *standing = hf_client_text(one, "standing", "");

		if (strcmp(hf_client_text(one, "id", ""), hex) != 0 ||
		    (!awaited->released && json_integer_value(json_object_get(one, "rev")) < awaited->rev))
			continue;
		return overrides(state) && strcmp(standing, "released-verified") != 0 ? state : standing;
	}
	return strcmp(state, "tampered") == 0 ? state : "unreached";
}

bool hf_arrival_is_done(const char *standing, bool released)
{
	if (released)
		return strcmp(standing, "released-verified") == 0;
	return strcmp(standing, "enforced-verified") == 0 || strcmp(standing, "message-seen") == 0 ||
	       strcmp(standing, "exempt") == 0;
}

bool hf_arrival_holds(const char *standing, const struct hf_awaited *awaited)
{
	return hf_arrival_is_done(standing, awaited->released) ||
	       (awaited->scheduled && !awaited->released && strcmp(standing, "received") == 0);
}

enum hf_rc hf_arrival_look(const struct hf_office *office, const struct hf_awaited *awaited, struct hf_look *ret_look,
			   struct hf_err *err)
{
	hf_auto_json json_t *devices = NULL;
	json_t *one;
	size_t index;
	enum hf_rc rc = hf_client_list(office, "devices", &devices, err);

	if (rc != HF_OK)
		return rc;
	*ret_look = (struct hf_look){.not_yet = json_array()};
	json_array_foreach(devices, index, one)
	{
		const char *standing = hf_arrival_standing(one, awaited);

		if (!hf_view_in_scope(one, awaited->groups))
			continue;
		ret_look->devices++;
		if (hf_arrival_holds(standing, awaited))
			ret_look->done++;
		else
			(void)json_array_append_new(ret_look->not_yet,
						    json_pack("{s:s, s:s}", "device", hf_client_text(one, "device", ""),
							      "state", standing));
	}
	return HF_OK;
}
