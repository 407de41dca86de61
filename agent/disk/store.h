/* SPDX-License-Identifier: MIT */
/*
 * store.h - an agent's memory on disk: each save is written twice, so that one damaged slot loses nothing; what came
 * since the last save is appended
 */
#ifndef HOLDFAST_AGENT_DISK_STORE_H
#define HOLDFAST_AGENT_DISK_STORE_H

#include "agent/rules/memory.h"

#define HF_STORE_MODE 0711 /* of the folder: the link's user passes through to its own key and can list nothing */

struct hf_store;

#define hf_auto_store __attribute__((cleanup(hf_store_close)))

/*
 * hf_store_open - open the two slots of a folder, or make them
 *
 * @folder     made when it is not there
 * @ret_store  to hf_store_close; untouched unless HF_OK
 * Owner       the caller's
 * Returns     HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_store_open(const char *folder, struct hf_store **ret_store, struct hf_err *err);

/*
 * hf_store_third - from now on each save has a third copy elsewhere, and a number that is sealed in yet another place
 *
 * @copy     a file; its folder is made when it is not there
 * @seal     a file in a folder that is there
 * Returns   HF_OK, also if neither can be read or written: then there is no third copy; HF_E_SIZE
 * Source    proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_store_third(struct hf_store *store, const char *copy, const char *seal, struct hf_err *err);

/*
 * hf_store_load - the newest memory
 *
 * When the slots are lost, or may have lost the newest, the third copy is the newest if its number is the sealed one.
 * @ret_memory  to hf_memory_done; untouched unless HF_OK
 * @ret_doubt   true when a slot is damaged and what it held may have been newer than what was loaded, or a record
 *              that was appended is; untouched unless HF_OK
 * Returns      HF_OK; HF_E_ABSENT no slot holds a memory; any other: what is there is not whole
 * Source       proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_store_load(struct hf_store *store, struct hf_memory *ret_memory, bool *ret_doubt,
				      struct hf_err *err);

/*
 * hf_store_restored - did the third copy stand in for the slots when the memory was read
 *
 * Returns   true or false
 * Source    proto/README.md "Report"
 */
bool hf_store_restored(const struct hf_store *store);

/*
 * hf_store_take_back - are the folder and its slots root's or ours, and does nobody else write to them; if not, they
 * are taken back
 *
 * Returns   HF_OK; HF_E_KEY others could write to them, in what
 * Source    proto/README.md "Failing"
 */
enum hf_rc hf_store_take_back(const char *folder, struct hf_err *err);

/*
 * hf_store_save - write a memory, twice, and mark its counters as saved
 *
 * @memory   counter_saved moves
 * Returns   HF_OK it is on disk in both slots; HF_E_SIZE; HF_E_SYSTEM; HF_E_MEMORY (a memory of before still loads)
 * Source    proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_store_save(struct hf_store *store, struct hf_memory *memory, struct hf_err *err);

/*
 * hf_store_append - write one message down that has just changed what is known; a save is to follow
 *
 * It is one short write in place of a whole memory, twice; the next load hears it again after the memory it followed.
 * @message  as it came
 * @holding  something is blocked by now
 * Returns   HF_OK it is on disk; HF_E_ABSENT there is no memory on disk that it could follow; HF_E_SIZE; HF_E_SYSTEM;
 *           HF_E_MEMORY (then only a save writes it down)
 * Source    proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_store_append(struct hf_store *store, const void *message, size_t len, bool holding,
					struct hf_err *err);

/*
 * hf_store_all_appended - the save that follows holds nothing that is not on disk already, in the save before and what was
 * appended to it: if it is cut off, nothing that it held is lost, and nothing is to be doubted
 *
 * Where this cannot be written down, a slot that was cut off is doubted.
 * Source    proto/README.md "Failing"
 */
void hf_store_all_appended(struct hf_store *store);

/*
 * hf_store_forget - remove all that was kept, and the folders that are there for it; nobody has it open
 *
 * @folder, @copy, @seal  as hf_store_open and hf_store_third
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_store_forget(const char *folder, const char *copy, const char *seal, struct hf_err *err);

/*
 * hf_store_close - close and set to NULL; accepts NULL
 *
 * @store    address of the pointer
 */
void hf_store_close(struct hf_store **store);

#endif
