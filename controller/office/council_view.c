/* SPDX-License-Identifier: MIT */
/*
 * Owns the pinned trust, and what of the controller's answers follows from it.
 * Must never show an order that the law does not bear out.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/council_view.h"

#define PREFIX_MIN 4
#define SCOPE_SIZE (64 + HF_ORDER_GROUPS_MAX * (HF_ID_MAX + 8)) /* all groups of one order by name */

static enum hf_rc keep_trust(struct hf_view *view, const struct hf_envelope *envelope, struct hf_err *err)
{
	if (json_array_append_new(view->trusts, hf_envelope_to_json(envelope)) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return HF_OK;
}

enum hf_rc hf_view_hear(struct hf_view *view, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_free struct hf_hearing *hearing = malloc(sizeof(*hearing));
	hf_auto_free char *buf = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_envelope_encode(envelope, &buf, &len, err);

	if (!hearing)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return rc == HF_OK ? hf_known_hear(&view->known, &(struct hf_message){buf, len, envelope->type}, hearing, err)
			   : rc;
}

static enum hf_rc folder_trust(struct hf_view *view, int64_t epoch, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err why = {0};
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_folder_path(view->office->folder, path, err, "trust/%lld.json", (long long)epoch);

	if (rc == HF_OK)
		rc = hf_folder_get(path, &envelope, err);
	if (rc != HF_OK)
		return rc;
	if (epoch == 1)
		rc = hf_known_begin(envelope, "", &view->known, &why);
	else
		rc = hf_view_hear(view, envelope, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s cannot be trusted (%s): %s", path, hf_rc_name(rc), why.text);
	return keep_trust(view, envelope, err);
}

static enum hf_rc folder_part(struct hf_view *view, size_t part, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err why = {0};
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = hf_folder_register_path(view->office->folder, part, path, err);

	if (rc == HF_OK)
		rc = hf_folder_get(path, &envelope, err);
	if (rc != HF_OK)
		return rc;
	rc = hf_view_hear(view, envelope, &why);
	if (rc == HF_E_TOO_FEW || rc == HF_E_UNSIGNED)
		return HF_OK; /* a draft: it waits at the controller */
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%s is refused (%s): %s", path, hf_rc_name(rc), why.text);
}

static enum hf_rc folder_register(struct hf_view *view, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t part = 1; rc == HF_OK && part <= HF_REGISTER_PARTS_MAX; part++)
		rc = folder_part(view, part, err);
	return rc == HF_E_ABSENT ? HF_OK : rc;
}

enum hf_rc hf_view_judge(struct hf_view *view, struct hf_err *err)
{
	/* The officer's own clock stands for both times: a screen says what is due, it opens nothing. */
	const struct hf_now now = {.local = view->now, .issued = view->now};

	hf_lockdowns_done(&view->lockdowns);
	return hf_lockdowns_judge(
		&(struct hf_lockdowns_ask){&view->known.orders, view->known.trust, &view->known.started, now, NULL},
		&view->lockdowns, err);
}

enum hf_rc hf_view_folder(const struct hf_office *office, struct hf_view *ret_view, struct hf_err *err)
{
	struct hf_err last = {0};
	enum hf_rc rc = HF_OK;
	int64_t epoch = 1;

	if (!office->folder || !office->folder[0])
		return hf_err_set(err, HF_E_USAGE, "Say where the council folder is%s.",
				  hf_office_hint(office, HF_HINT_FOLDER));
	ret_view->office = office;
	ret_view->now = hf_clock_wall();
	ret_view->trusts = json_array();
	if (!ret_view->trusts)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	while (rc == HF_OK)
		rc = folder_trust(ret_view, epoch++, &last);
	if (rc == HF_E_ABSENT && epoch == 2)
		return hf_err_set(err, rc, "%s is no council folder: it has no trust/1.json.", office->folder);
	if (rc != HF_E_ABSENT)
		return hf_err_set(err, rc, "%s", last.text);
	rc = folder_register(ret_view, err);
	return rc == HF_OK ? hf_view_judge(ret_view, err) : rc;
}

/* Of an epoch that the folder has, the controller must show the very same; newer ones must follow. */
static enum hf_rc ask_trust(struct hf_view *view, size_t index, json_t *shown, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL, *pinned = NULL;
	struct hf_err why = {0};
	enum hf_rc rc = hf_envelope_from_json(shown, &envelope, &why);

	if (rc == HF_OK && index < json_array_size(view->trusts)) {
		rc = hf_envelope_from_json(json_array_get(view->trusts, index), &pinned, &why);
		if (rc == HF_OK && hf_digest_cmp(&pinned->digest, &envelope->digest) != 0)
			rc = hf_err_set(&why, HF_E_FORK, "it is not the one in the council folder.");
	} else if (rc == HF_OK) {
		rc = envelope->type == HF_DOC_TRUST ? hf_view_hear(view, envelope, &why) : HF_E_TYPE;
		if (rc == HF_OK && view->known.trust->epoch != (int64_t)index + 1)
			rc = hf_err_set(&why, HF_E_EPOCH, "it is of another epoch.");
		if (rc == HF_OK)
			rc = keep_trust(view, envelope, &why);
	}
	if (rc != HF_OK)
		return hf_err_set(err, rc,
				  "DO NOT TRUST THIS CONTROLLER: its trust %zu does not follow from the council "
				  "folder (%s): %s",
				  index + 1, hf_rc_name(rc), why.text);
	return HF_OK;
}

static enum hf_rc ask_trusts(struct hf_view *view, struct hf_err *err)
{
	json_t *shown = json_object_get(view->council, "trusts"), *one;
	size_t had = json_array_size(view->trusts), index;
	enum hf_rc rc;

	json_array_foreach(shown, index, one)
	{
		rc = ask_trust(view, index, one, err);
		if (rc != HF_OK)
			return rc;
	}
	if (json_array_size(shown) < had)
		hf_office_warn(view->office,
			       "the controller has not heard of the newest trust in your council folder (it has "
			       "%zu of %zu).",
			       json_array_size(shown), had);
	return HF_OK;
}

static enum hf_rc ask_part(struct hf_view *view, json_t *shown, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_envelope_from_json(shown, &envelope, err);

	if (rc != HF_OK)
		return rc;
	return envelope->type == HF_DOC_REGISTER
		       ? hf_view_hear(view, envelope, err)
		       : hf_err_set(err, HF_E_TYPE, "it is a %s.", hf_doc_type_name(envelope->type));
}

static bool is_successor(const struct hf_view *view, const struct hf_void *aside)
{
	return view->known.reg && view->known.reg->version >= aside->from_version;
}

/* What the roots set aside stays in force where it is held, as at the controller: the folder's older one gives way. */
static enum hf_rc ask_first_part(struct hf_view *view, json_t *shown, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	const struct hf_void *aside;
	enum hf_rc rc = ask_part(view, shown, err);

	if (rc != HF_E_VOID || hf_envelope_from_json(shown, &envelope, NULL) != HF_OK)
		return rc;
	aside = hf_trust_void(view->known.trust, &envelope->digest);
	if (!aside || is_successor(view, aside))
		return rc;
	hf_parts_done(&view->known.parts);
	hf_register_free(&view->known.reg);
	return ask_part(view, shown, err);
}

/* Of those that wait for others none is in force yet: one that is refused is no harm. */
static void ask_waiting(struct hf_view *view)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(view->council, "register_waiting"), index, one)
	{
		if (ask_part(view, one, NULL) != HF_OK)
			hf_office_warn(view->office, "the controller shows a part of a register that is refused.");
	}
}

/* A register opens and shuts nothing by itself: whatever is wrong with it, it stands between no officer and an order. */
static void ask_register(struct hf_view *view)
{
	json_t *first = json_object_get(view->council, "register"), *one;
	struct hf_err why = {0};
	size_t index;
	enum hf_rc rc = first && !json_is_null(first) ? ask_first_part(view, first, &why) : HF_OK;

	json_array_foreach(json_object_get(view->council, "register_parts"), index, one)
	{
		if (rc == HF_OK)
			rc = ask_part(view, one, &why);
	}
	if (rc == HF_E_ROLLBACK)
		hf_office_warn(view->office, "the controller shows an older register than your council folder has.");
	else if (rc != HF_OK)
		hf_office_warn(view->office,
			       "the controller's register is refused (%s), and what is said here of accounts and tools "
			       "is what your council folder has: %s",
			       hf_rc_name(rc), why.text);
	if (rc == HF_OK)
		ask_waiting(view);
}

/* Where devices look for their server opens and shuts nothing: what is wrong with it stands between no officer and an order. */
static void ask_brokers(struct hf_view *view)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(view->council, "brokers"), index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		struct hf_err why = {0};
		enum hf_rc rc = hf_envelope_from_json(one, &envelope, &why);

		if (rc == HF_OK)
			rc = envelope->type == HF_DOC_BROKERS ? hf_view_hear(view, envelope, &why) : HF_E_TYPE;
		if (rc != HF_OK)
			hf_office_warn(view->office, "the controller shows a list of brokers that is refused (%s): %s",
				       hf_rc_name(rc), why.text);
	}
}

static void hear_order(struct hf_view *view, json_t *shown)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err why = {0};
	enum hf_rc rc = hf_envelope_from_json(shown, &envelope, &why);

	if (rc == HF_OK)
		rc = envelope->type == HF_DOC_ORDER ? hf_view_hear(view, envelope, &why) : HF_E_TYPE;
	if (rc != HF_OK && rc != HF_E_OTHER && rc != HF_E_PENDING)
		hf_office_warn(view->office,
			       "the controller shows an order that is not borne out and is left out here (%s): %s",
			       hf_rc_name(rc), why.text);
}

static enum hf_rc ask_orders(struct hf_view *view, struct hf_err *err)
{
	hf_auto_json json_t *orders = NULL;
	json_t *one;
	size_t index;
	enum hf_rc rc = hf_client_list(view->office, "orders", &orders, err);

	json_array_foreach(orders, index, one)
	{
		hear_order(view, one);
	}
	return rc;
}

enum hf_rc hf_view_ask_trusts(struct hf_view *view, struct hf_err *err)
{
	enum hf_rc rc = hf_client_get(view->office, "/v1/council?device=", &view->council, err);

	return rc == HF_OK ? ask_trusts(view, err) : rc;
}

enum hf_rc hf_view_ask(struct hf_view *view, struct hf_err *err)
{
	enum hf_rc rc = hf_view_ask_trusts(view, err);

	if (rc == HF_OK) {
		ask_register(view);
		ask_brokers(view);
	}
	/* Status before orders: an order that comes between the two is then shown without counts, not disbelieved. */
	if (rc == HF_OK)
		rc = hf_client_get(view->office, "/v1/status", &view->status, err);
	if (rc == HF_OK)
		rc = ask_orders(view, err);
	if (rc != HF_OK)
		return rc;
	view->online = true;
	return hf_view_judge(view, err);
}

enum hf_rc hf_view_open(const struct hf_office *office, struct hf_view *ret_view, struct hf_err *err)
{
	enum hf_rc rc = hf_view_folder(office, ret_view, err);

	return rc == HF_OK ? hf_view_ask(ret_view, err) : rc;
}

enum hf_rc hf_view_assigned(struct hf_view *view, struct hf_err *err)
{
	hf_auto_json json_t *shown = NULL;
	enum hf_rc rc = view->online ? hf_client_get(view->office, "/v1/council", &shown, err) : HF_OK;

	return rc == HF_OK ? hf_assigned_read(&view->assigned, view->known.trust,
					      json_object_get(shown, "assignments"), view->office->folder, err)
			   : rc;
}

enum hf_rc hf_view_versions(const struct hf_view *view, const char *device, struct hf_versions *ret,
			    struct hf_err *err)
{
	hf_auto_json json_t *shown = NULL;
	char path[HF_ID_MAX + 32];
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/v1/council?device=%s", device);

	if (rc == HF_OK && view->online)
		rc = hf_client_get(view->office, path, &shown, err);
	return rc == HF_OK ? hf_assigned_versions(view->known.trust, json_object_get(shown, "assignments"), device,
						  ret, err)
			   : rc;
}

bool hf_digest_has_prefix(const struct hf_digest *digest, const char *prefix)
{
	char hex[HF_DIGEST_HEX_SIZE];
	size_t len = strlen(prefix);

	return len >= PREFIX_MIN && len < sizeof(hex) && strncmp(hf_digest_hex(digest, hex), prefix, len) == 0;
}

enum hf_rc hf_view_lockdown(const struct hf_view *view, const char *prefix, const struct hf_lockdown **ret_lockdown,
			    struct hf_err *err)
{
	const struct hf_lockdown *found = NULL;

	if (strlen(prefix) < PREFIX_MIN)
		return hf_err_set(err, HF_E_USAGE, "Give at least %d characters of the lockdown's id.", PREFIX_MIN);
	for (size_t i = 0; i < view->lockdowns.n; i++) {
		if (!hf_digest_has_prefix(&view->lockdowns.v[i].id, prefix))
			continue;
		if (found)
			return hf_err_set(err, HF_E_USAGE,
					  "More than one lockdown's id begins with %s: give more of it.", prefix);
		found = &view->lockdowns.v[i];
	}
	if (!found)
		return hf_err_set(err, HF_E_ABSENT, "No lockdown's id begins with %s%s.", prefix,
				  hf_office_hint(view->office, HF_HINT_LOCKDOWNS));
	*ret_lockdown = found;
	return HF_OK;
}

json_t *hf_view_status_of(const json_t *status, const struct hf_digest *id)
{
	char hex[HF_DIGEST_HEX_SIZE];
	json_t *one;
	size_t index;

	hf_digest_hex(id, hex);
	json_array_foreach(json_object_get(status, "lockdowns"), index, one)
	{
		const char *shown = json_string_value(json_object_get(one, "id"));

		if (shown && strcmp(shown, hex) == 0)
			return one;
	}
	return NULL;
}

enum hf_rc hf_view_device(const struct hf_view *view, const char *id, json_t **ret, struct hf_err *err)
{
	hf_auto_json json_t *shown = NULL;
	char path[HF_ID_MAX + 32];
	json_t *row;
	enum hf_rc rc = hf_id_ok(id) ? hf_str_printf(path, sizeof(path), "/v1/devices?id=%s", id) : HF_E_ABSENT;

	if (rc == HF_OK)
		rc = hf_client_get(view->office, path, &shown, err);
	row = json_array_get(json_object_get(shown, "devices"), 0);
	if (rc == HF_E_ABSENT || (rc == HF_OK && strcmp(hf_client_text(row, "device", ""), id) != 0))
		return hf_err_set(err, HF_E_ABSENT, "No device is called `%s`%s.", id,
				  hf_office_hint(view->office, HF_HINT_DEVICES));
	if (rc == HF_OK)
		*ret = json_incref(row);
	return rc;
}

static enum hf_rc scope_path(const struct hf_strs *groups, char path[SCOPE_SIZE], struct hf_err *err)
{
	enum hf_rc rc = hf_str_copy(path, SCOPE_SIZE, "/v1/devices?limit=1&unreached=1");

	for (size_t i = 0; groups && i < groups->n && rc == HF_OK; i++)
		rc = hf_str_printf(path + strlen(path), SCOPE_SIZE - strlen(path), "&group=%s", groups->v[i]);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "There are too many groups to ask about at once.");
}

enum hf_rc hf_view_scope(const struct hf_view *view, const struct hf_strs *groups, struct hf_scope *ret,
			 struct hf_err *err)
{
	hf_auto_json json_t *shown = NULL;
	char path[SCOPE_SIZE];
	enum hf_rc rc;

	if (!view->online)
		return hf_err_set(err, HF_E_ABSENT, "The controller was not asked.");
	rc = scope_path(groups && hf_strs_covers(groups, "*") ? NULL : groups, path, err);
	if (rc == HF_OK)
		rc = hf_client_get(view->office, path, &shown, err);
	if (rc != HF_OK)
		return rc;
	ret->devices = (size_t)hf_client_number(shown, "of");
	ret->silent = (size_t)hf_client_number(shown, "total");
	return HF_OK;
}

void hf_view_done(struct hf_view *view)
{
	hf_assigned_done(&view->assigned);
	hf_lockdowns_done(&view->lockdowns);
	hf_known_done(&view->known);
	json_decref(view->trusts);
	json_decref(view->council);
	json_decref(view->status);
	memset(view, 0, sizeof(*view));
}
