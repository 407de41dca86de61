/* SPDX-License-Identifier: MIT */
/*
 * Owns how the keeper comes by its memory and writes it down.
 * Must never begin open when something may have been forgotten.
 */
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/disk/bundle.h"
#include "agent/keeper/keeper_inside.h"

static enum hf_rc open_store(struct hf_keeper *k, struct hf_err *err)
{
	enum hf_rc rc = hf_store_open(k->conf.state, &k->store, err);

	if (rc == HF_OK && k->conf.copy && k->conf.seal)
		rc = hf_store_third(k->store, k->conf.copy, k->conf.seal, err);
	return rc;
}

/* The device knows all that it knew; that somebody may have been at its memory is for the council to know. */
static void note_restored(struct hf_keeper *k)
{
	struct hf_wall local = k->conf.wall(), issued = k->memory.known.issued;

	if (!hf_store_restored(k->store))
		return;
	k->memory.restored = local.s > issued.s ? local : issued;
	if (k->memory.restored.s < 1)
		k->memory.restored.s = 1;
	k->dirty = true;
}

static enum hf_rc load_slots(struct hf_keeper *k, struct hf_err *err)
{
	bool doubt = false;
	struct hf_err why = {""};
	enum hf_rc rc = open_store(k, err);

	if (rc == HF_OK)
		rc = hf_store_load(k->store, &k->memory, &doubt, err);
	if (rc != HF_OK)
		return rc;
	note_restored(k);
	k->issued_saved = k->memory.known.issued.s;
	memset(&k->memory.nonce, 0, sizeof(k->memory.nonce)); /* a new life: see name_loss */
	if (hf_store_take_back(k->conf.state, &why) == HF_E_KEY) {
		k->memory.unknown = true;
		hf_log(HF_LOG_ERROR, HF_EV_STORE,
		       "others could write to this device's memory (%s): all is blocked until two officers recover it",
		       why.text);
	}
	if (doubt) {
		k->memory.unknown = true;
		hf_log(HF_LOG_ERROR, HF_EV_STORE,
		       "a slot is damaged and may have held something newer: all is blocked until two officers say "
		       "what holds");
	}
	return HF_OK;
}

static enum hf_rc begin_anew(struct hf_keeper *k, const struct hf_err *lost, struct hf_err *err)
{
	hf_auto_bundle struct hf_bundle bundle = {0};
	enum hf_rc rc = hf_bundle_read(k->conf.enrolment, &bundle, err);

	if (rc == HF_E_ABSENT)
		return hf_err_set(err, rc, "this device is not enrolled: run `holdfast-agent request`, then `enrol`");
	if (rc == HF_OK)
		rc = hf_bundle_known(&bundle, &k->memory.known, err);
	if (rc != HF_OK)
		return rc;
	k->memory.unknown = true;
	k->dirty = true;
	hf_log(HF_LOG_ERROR, HF_EV_STORE, "what was known is lost (%s): all is blocked until two officers say what holds",
	       lost->text);
	return HF_OK;
}

/* Two laptops from one image would speak with one voice: the memory belongs to the machine that it was made on. */
static enum hf_rc settle_on_machine(struct hf_keeper *k, struct hf_err *err)
{
	const struct hf_known *known = &k->memory.known;
	struct hf_serials own;
	const struct hf_serials *serials = k->conf.serials ? k->conf.serials : &own;
	bool was_moved = k->memory.moved;
	enum hf_rc rc;

	if (serials == &own)
		hf_serials_read("", &own);
	rc = hf_machine_of((const char *const[]){serials->id, serials->board, serials->disk}, known->council,
			   known->device, &k->machine);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to tell which machine this is");
	if (hf_memory_on(&k->memory, &k->machine))
		k->dirty = true;
	if (k->memory.moved && !was_moved)
		hf_log(HF_LOG_ERROR, HF_EV_STORE,
		       "what this device knows was made on another machine: all is blocked; enrol this device anew");
	return HF_OK;
}

enum hf_rc hf_keeper_load(struct hf_keeper *k, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = load_slots(k, &why);

	if (rc != HF_OK)
		rc = begin_anew(k, &why, err);
	hf_witness_load(&k->witness, k->conf.state);
	if (rc == HF_OK)
		hf_log_device(k->memory.known.device);
	return rc == HF_OK ? settle_on_machine(k, err) : rc;
}

static enum hf_rc save_memory(struct hf_keeper *k, struct hf_err *err)
{
	if (!k->store) {
		enum hf_rc rc = open_store(k, err);

		if (rc != HF_OK)
			return rc;
	}
	if (!k->dirty)
		hf_store_all_appended(k->store);
	return hf_store_save(k->store, &k->memory, err);
}

void hf_keeper_save_witness(struct hf_keeper *k)
{
	struct hf_err err = {""};

	if (k->witness.dirty && hf_witness_save(&k->witness, k->conf.state, &err) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_STORE, "cannot keep the states that prove what was seen of a journal: %s",
		       err.text);
}

bool hf_keeper_save(struct hf_keeper *k)
{
	struct hf_err err = {""};

	if (k->begun)
		k->memory.holding = k->told.plan.n_blocks > 0;
	if (save_memory(k, &err) == HF_OK) {
		k->dirty = k->minor = false;
		k->trouble[0] = '\0';
		k->issued_saved = k->memory.known.issued.s;
		hf_keeper_save_witness(k);
		return true;
	}
	if (strcmp(k->trouble, err.text) != 0)
		hf_log(HF_LOG_ERROR, HF_EV_STORE, "cannot write down what is known: %s", err.text);
	memcpy(k->trouble, err.text, sizeof(k->trouble));
	return false;
}

bool hf_keeper_write_down(struct hf_keeper *k)
{
	bool holding = k->begun && k->told.plan.n_blocks > 0;

	if (!k->news || !k->store || hf_store_append(k->store, k->news, k->news_len, holding, NULL) != HF_OK)
		return hf_keeper_save(k);
	k->news = NULL;
	k->dirty = false;
	k->minor = true;
	if (k->save && hf_timer_arm(k->save, 1) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_STORE, "what was appended is written whole with the next beat only");
	return true;
}
