/* SPDX-License-Identifier: MIT */
/*
 * Owns how an agent's memory lies in its two slots.
 * Must never call a memory saved that one damaged slot could take away.
 */
#include "agent/disk/store.h"

#include <stdlib.h>

#include <holdfast/fs.h>
#include <holdfast/slots.h>

struct hf_store {
	struct hf_slots *slots;
};

enum hf_rc hf_store_open(const char *folder, struct hf_store **ret_store, struct hf_err *err)
{
	hf_auto_store struct hf_store *store = NULL;
	enum hf_rc rc = hf_fs_mkdirs(folder, HF_STORE_MODE, err);

	if (rc != HF_OK)
		return rc;
	store = calloc(1, sizeof(*store));
	if (!store)
		return hf_err_set(err, HF_E_MEMORY, "no memory to open the agent's store");
	rc = hf_slots_open(folder, HF_MEMORY_MAX, &store->slots, err);
	if (rc == HF_OK)
		*ret_store = hf_steal_ptr(&store);
	return rc;
}

enum hf_rc hf_store_load(struct hf_store *store, struct hf_memory *ret_memory, bool *ret_doubt, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *json = NULL;
	size_t len = 0;
	bool torn = false;
	int copy = 0;
	enum hf_rc rc = hf_slots_load(store->slots, &text, &len, &torn, err);

	if (rc == HF_OK)
		rc = hf_json_read(text, len, HF_MEMORY_MAX, &json, err);
	if (rc == HF_OK)
		rc = hf_memory_decode(json, ret_memory, &copy, err);
	/* Beside a damaged slot a first copy is the newest there is; a second copy may be older than what was lost. */
	if (rc == HF_OK)
		*ret_doubt = torn && copy == 2;
	return rc;
}

static enum hf_rc save_copy(struct hf_store *store, const struct hf_memory *memory, int copy, struct hf_err *err)
{
	hf_auto_json json_t *json = hf_memory_encode(memory, copy);
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = json ? hf_json_bytes(json, &text, &len) : HF_E_MEMORY;

	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to write down what is known");
	return hf_slots_save(store->slots, text, len, err);
}

enum hf_rc hf_store_save(struct hf_store *store, struct hf_memory *memory, struct hf_err *err)
{
	enum hf_rc rc = save_copy(store, memory, 1, err);

	if (rc == HF_OK)
		rc = save_copy(store, memory, 2, err);
	if (rc == HF_OK)
		memory->counter_saved = memory->counter + HF_COUNTER_AHEAD;
	return rc;
}

void hf_store_close(struct hf_store **store)
{
	if (!*store)
		return;
	hf_slots_close(&(*store)->slots);
	free(*store);
	*store = NULL;
}
