/* SPDX-License-Identifier: MIT */
/*
 * Owns which devices are asked for when an order is awaited: those on which it does not stand as it should.
 * Must never count a device that has not been seen to do it.
 */
#include <string.h>

#include <holdfast/str.h>

#include "controller/office/arrival.h"
#include "controller/office/client.h"

#define PATH_SIZE 512 /* the id of a lockdown and ten states */

const char *const hf_arrival_states[HF_ARRIVAL_STATES] = {
	"tampered",
	"unreached",
	"stale",
	"received",
	"enforced-unverified",
	"enforced-verified",
	"message-seen",
	"exempt",
	"released-unverified",
	"released-verified",
};

static bool is_done(const char *standing, bool released)
{
	if (released)
		return strcmp(standing, "released-verified") == 0;
	return strcmp(standing, "enforced-verified") == 0 || strcmp(standing, "message-seen") == 0 ||
	       strcmp(standing, "exempt") == 0;
}

bool hf_arrival_holds(const char *standing, const struct hf_awaited *awaited)
{
	return is_done(standing, awaited->released) ||
	       (awaited->scheduled && !awaited->released && strcmp(standing, "received") == 0) ||
	       (awaited->spoke && strcmp(standing, "unreached") == 0);
}

static enum hf_rc ask_path(const struct hf_awaited *awaited, size_t most, char path[PATH_SIZE])
{
	char hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc =
		hf_str_printf(path, PATH_SIZE, "/v1/devices?lockdown=%s", hf_digest_hex(awaited->lockdown, hex));

	if (rc == HF_OK && most > 0)
		rc = hf_str_printf(path + strlen(path), PATH_SIZE - strlen(path), "&limit=%zu", most);
	for (size_t i = 0; i < HF_ARRIVAL_STATES && rc == HF_OK; i++)
		if (!hf_arrival_holds(hf_arrival_states[i], awaited))
			rc = hf_str_printf(path + strlen(path), PATH_SIZE - strlen(path), "&standing=%s",
					   hf_arrival_states[i]);
	return rc;
}

static void take_rows(const json_t *rows, json_t *not_yet)
{
	json_t *one;
	size_t index;

	json_array_foreach(rows, index, one)
	{
		(void)json_array_append_new(not_yet,
					    json_pack("{s:s, s:s, s:O?}", "device", hf_client_text(one, "device", "?"),
						      "state", hf_client_text(one, "standing", "?"), "partly",
						      json_object_get(one, "partly")));
	}
}

enum hf_rc hf_arrival_look(const struct hf_office *office, const struct hf_awaited *awaited, size_t most,
			   struct hf_look *ret_look, struct hf_err *err)
{
	hf_auto_json json_t *page = NULL;
	char path[PATH_SIZE];
	enum hf_rc rc = ask_path(awaited, most, path);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "The question to the controller is too long.");
	rc = most > 0 ? hf_client_get(office, path, &page, err) : hf_client_pages(office, path, &page, err);
	if (rc != HF_OK)
		return rc;
	*ret_look = (struct hf_look){.devices = (size_t)hf_client_number(page, "of"),
				     .n_not_yet = (size_t)hf_client_number(page, "total"),
				     .not_yet = json_array()};
	take_rows(json_object_get(page, "devices"), ret_look->not_yet);
	return HF_OK;
}

void hf_look_done(struct hf_look *look)
{
	json_decref(look->not_yet);
	*look = (struct hf_look){0};
}
