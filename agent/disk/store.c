/* SPDX-License-Identifier: MIT */
/*
 * Owns how an agent's memory lies in its two slots, what is appended to it, and a third copy elsewhere.
 * Must never call a memory saved that one damaged slot could take away, nor an older one the newest.
 */
#include "agent/disk/store.h"
#include "agent/disk/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/news.h>
#include <holdfast/slots.h>

#define PATH_SIZE 600	/* of a folder of the settings, with a name in it */
#define SEAL_TEXT_MAX 24 /* a number of 64 bits, and the end of its line */
#define NEWS_MAX (16 * (HF_MESSAGE_MAX + 1024)) /* messages of a beat, the largest there are */
#define HELD '1' /* the first byte of a record: something was blocked by then */
#define FREE '0'
#define GROW 1048576  /* bytes by which slots grow, where what is known needs more than they have */
#define RELEASES_ROOM (2 * HF_KEPT_RELEASES_BYTES_MAX) /* bytes for all releases that are kept, in base64 with signatures */

struct hf_store {
	struct hf_slots *slots;
	struct hf_news *news;  /* NULL: there was no room for it */
	int64_t saved;	       /* the number of the memory that is on disk, and that news follows */
	bool loaded;	       /* what is in the slots and in news belongs to this memory */
	bool marked;	       /* the last of news is the mark that nothing else is to be written down */
	char copy[PATH_SIZE], seal[PATH_SIZE]; /* "": there is no third copy */
	bool restored;			       /* the copy stood in for the slots when the memory was read */
	int64_t sealed;			       /* the number of the save that was begun last */
};

enum hf_rc hf_store_open(const char *folder, struct hf_store **ret_store, struct hf_err *err)
{
	hf_auto_store struct hf_store *store = NULL;
	struct hf_err why = {""};
	enum hf_rc rc = hf_fs_mkdirs(folder, HF_STORE_MODE, err);

	if (rc != HF_OK)
		return rc;
	store = calloc(1, sizeof(*store));
	if (!store)
		return hf_err_set(err, HF_E_MEMORY, "no memory to open the agent's store");
	rc = hf_slots_open(folder, HF_MEMORY_MAX, &store->slots, err);
	if (rc != HF_OK)
		return rc;
	if (hf_news_open(folder, NEWS_MAX, &store->news, &why) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_STORE, "each change is written whole: %s", why.text);
	*ret_store = hf_steal_ptr(&store);
	return HF_OK;
}

/* The seal goes last: a memory without its third copy is no other one. */
enum hf_rc hf_store_forget(const char *folder, const char *copy, const char *seal, struct hf_err *err)
{
	static const char *const names[] = {HF_SLOT_FIRST, HF_SLOT_SECOND, HF_NEWS_FILE, HF_WITNESS_FILE};
	char above[PATH_SIZE];
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < HF_LEN(names); i++)
		rc = hf_fs_remove_in(folder, names[i], err);
	if (rc == HF_OK)
		rc = hf_fs_remove(copy, err);
	if (rc == HF_OK)
		rc = hf_fs_remove(seal, err);
	if (rc == HF_OK && hf_str_copy(above, sizeof(above), copy) == HF_OK && strrchr(above, '/')) {
		*strrchr(above, '/') = '\0';
		(void)!rmdir(above);
	}
	return rc;
}

/* Returns 0: nothing is sealed. */
static int64_t read_seal(const char *path)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	int64_t n = 0;

	if (hf_fs_read(path, SEAL_TEXT_MAX, &text, &len, NULL) != HF_OK || len < 2 || text[len - 1] != '\n')
		return 0;
	for (size_t i = 0; i + 1 < len; i++) {
		if (text[i] < '0' || text[i] > '9' || n > (INT64_MAX - 9) / 10)
			return 0;
		n = n * 10 + (text[i] - '0');
	}
	return n;
}

enum hf_rc hf_store_third(struct hf_store *store, const char *copy, const char *seal, struct hf_err *err)
{
	char folder[PATH_SIZE];
	enum hf_rc rc = hf_str_copy(store->copy, sizeof(store->copy), copy);

	if (rc == HF_OK)
		rc = hf_str_copy(store->seal, sizeof(store->seal), seal);
	if (rc == HF_OK)
		rc = hf_str_copy(folder, sizeof(folder), copy);
	if (rc != HF_OK) {
		store->copy[0] = store->seal[0] = '\0';
		return hf_err_set(err, rc, "the path of the third copy of what is known is too long");
	}
	*strrchr(folder, '/') = '\0';
	if (hf_fs_mkdirs(folder, 0700, NULL) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_STORE, "there is no third copy: %s cannot be made", folder);
	store->sealed = read_seal(seal);
	return HF_OK;
}

/* The newest there is, if its number is the one that was sealed before its save began. */
static enum hf_rc load_third(const struct hf_store *store, struct hf_memory *ret_memory)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *json = NULL;
	hf_auto_memory struct hf_memory memory = {0};
	size_t len = 0;
	int copy = 0;
	enum hf_rc rc = store->sealed > 0 ? hf_fs_read(store->copy, HF_MEMORY_READ_MAX, &text, &len, NULL) : HF_E_ABSENT;

	if (rc == HF_OK)
		rc = hf_json_read(text, len, HF_MEMORY_READ_MAX, &json, NULL);
	if (rc == HF_OK)
		rc = hf_memory_decode(json, &memory, &copy, NULL);
	if (rc == HF_OK && memory.saves != store->sealed)
		rc = HF_E_ROLLBACK;
	if (rc != HF_OK)
		return rc;
	hf_memory_done(ret_memory);
	*ret_memory = memory;
	memset(&memory, 0, sizeof(memory));
	return HF_OK;
}

static enum hf_rc load_slots(struct hf_store *store, struct hf_memory *ret_memory, bool *ret_doubt, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *json = NULL;
	size_t len = 0;
	bool torn = false;
	int copy = 0;
	enum hf_rc rc = hf_slots_load(store->slots, &text, &len, &torn, err);

	if (rc == HF_OK)
		rc = hf_json_read(text, len, HF_MEMORY_READ_MAX, &json, err);
	if (rc == HF_OK)
		rc = hf_memory_decode(json, ret_memory, &copy, err);
	/* Beside a damaged slot a first copy is the newest there is; a second copy may be older than what was lost. */
	if (rc == HF_OK)
		*ret_doubt = torn && copy == 2;
	return rc;
}

/* What is its own already needs no right to become so. */
static bool take_back(const char *path)
{
	struct stat st;

	return (lstat(path, &st) == 0 && st.st_uid == geteuid() && st.st_gid == getegid()) ||
	       chown(path, geteuid(), getegid()) == 0;
}

enum hf_rc hf_store_take_back(const char *folder, struct hf_err *err)
{
	static const struct {
		const char *name;
		mode_t mode;
	} rows[] = {{"", 0711}, {"/slot-0", 0600}, {"/slot-1", 0600}, {"/news", 0600}};
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_free char *path = NULL;
		enum hf_rc found;

		if (asprintf(&path, "%s%s", folder, rows[i].name) < 0) {
			path = NULL;
			return hf_err_set(err, HF_E_MEMORY, "no memory to look at the agent's store");
		}
		found = hf_fs_guarded(path, NULL, S_IWGRP | S_IWOTH, err);
		if (found != HF_E_KEY)
			continue;
		rc = found;
		if (chmod(path, rows[i].mode) != 0 || !take_back(path))
			return hf_err_set(err, rc, "%s can be written by others, and that cannot be changed", path);
	}
	return rc;
}

/* A memory that is being read, and whether the last record was the mark. */
struct rereading {
	struct hf_memory *memory;
	bool marked;
};

/* What was heard once is heard again: it is judged anew, and what it was refused for then it is refused for now. */
static enum hf_rc hear_again(void *arg, const void *buf, size_t len, struct hf_err *err)
{
	struct rereading *rereading = arg;
	struct hf_memory *memory = rereading->memory;
	const char *record = buf;
	struct hf_hearing hearing = {0};

	rereading->marked = len < 2;
	if (len < 2)
		return HF_OK;
	memory->holding = record[0] == HELD;
	if (hf_known_hear(&memory->known, &(struct hf_message){record + 1, len - 1, HF_DOC_COUNT}, &hearing, NULL) ==
	    HF_E_MEMORY)
		return hf_err_set(err, HF_E_MEMORY, "no memory for what was appended to what is known");
	return HF_OK;
}

/*
 * A slot that was being written when the agent or the machine was stopped held nothing newer than what was appended, if
 * the mark says so: then there is nothing to doubt.
 */
static enum hf_rc load_news(struct hf_store *store, struct hf_memory *memory, bool *ret_doubt, struct hf_err *err)
{
	struct rereading rereading = {memory, false};
	bool damaged = false;
	enum hf_rc rc;

	store->saved = memory->saves;
	store->loaded = true;
	if (!store->news)
		return HF_OK;
	rc = hf_news_load(store->news, store->saved, &(struct hf_news_taker){hear_again, &rereading}, &damaged, err);
	store->marked = rc == HF_OK && rereading.marked;
	*ret_doubt = damaged || (*ret_doubt && !store->marked);
	return rc;
}

enum hf_rc hf_store_append(struct hf_store *store, const void *message, size_t len, bool holding, struct hf_err *err)
{
	hf_auto_free char *record = malloc(len + 1);

	if (!store->news || !store->loaded)
		return hf_err_set(err, HF_E_ABSENT, "there is nothing on disk to append to");
	if (!record)
		return hf_err_set(err, HF_E_MEMORY, "no memory to append to what is known");
	record[0] = holding ? HELD : FREE;
	memcpy(record + 1, message, len);
	store->marked = false;
	return hf_news_append(store->news, store->saved, record, len + 1, err);
}

void hf_store_all_appended(struct hf_store *store)
{
	if (store->news && store->loaded && !store->marked)
		store->marked = hf_news_append(store->news, store->saved, "=", 1, NULL) == HF_OK;
}

enum hf_rc hf_store_load(struct hf_store *store, struct hf_memory *ret_memory, bool *ret_doubt, struct hf_err *err)
{
	hf_auto_memory struct hf_memory memory = {0};
	bool doubt = false;
	enum hf_rc rc = load_slots(store, &memory, &doubt, err);

	if ((rc != HF_OK || doubt) && load_third(store, &memory) == HF_OK) {
		hf_log(HF_LOG_WARNING, HF_EV_STORE, "the slots are damaged; the third copy is whole and the newest");
		store->restored = true;
		rc = HF_OK;
		doubt = false;
	}
	if (rc == HF_OK)
		rc = load_news(store, &memory, &doubt, err);
	if (rc != HF_OK)
		return rc;
	*ret_memory = memory;
	*ret_doubt = doubt;
	memset(&memory, 0, sizeof(memory));
	return HF_OK;
}

bool hf_store_restored(const struct hf_store *store)
{
	return store->restored;
}

/*
 * Beyond what slots are made with, room is made when it is needed, and always some more: a release of what is written
 * now fits in later, on a disk that is full by then.
 */
static void make_room(struct hf_store *store, size_t len)
{
	size_t wanted = (len + RELEASES_ROOM + GROW - 1) / GROW * GROW;
	struct hf_err err = {""};

	if (len + RELEASES_ROOM > HF_MEMORY_MAX && hf_slots_widen(store->slots, wanted, &err) != HF_OK)
		hf_log(HF_LOG_ERROR, HF_EV_STORE, "there may be no room for a release later: %s", err.text);
}

static enum hf_rc save_copy(struct hf_store *store, const struct hf_memory *memory, int copy, struct hf_err *err)
{
	hf_auto_json json_t *json = hf_memory_encode(memory, copy);
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = json ? hf_json_bytes(json, &text, &len) : HF_E_MEMORY;

	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to write down what is known");
	make_room(store, len);
	rc = hf_slots_save(store->slots, text, len, err);
	/* After the slots: it lags behind them at worst, and then its number is not the sealed one. */
	if (rc == HF_OK && copy == 2 && store->copy[0] &&
	    hf_fs_replace(store->copy, text, len, 0600, NULL) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_STORE, "%s cannot be written: there is no third copy", store->copy);
	return rc;
}

/*
 * Before the slots: a save that was begun makes every older third copy an old one. What cannot be sealed leaves no seal,
 * so that no older copy can pass for this one.
 */
static void seal_next(struct hf_store *store, struct hf_memory *memory)
{
	char text[SEAL_TEXT_MAX + 1];

	memory->saves = (memory->saves > store->sealed ? memory->saves : store->sealed) + 1;
	store->sealed = memory->saves;
	if (!store->seal[0])
		return;
	if (hf_str_printf(text, sizeof(text), "%" PRId64 "\n", memory->saves) != HF_OK ||
	    hf_fs_replace(store->seal, text, strlen(text), 0600, NULL) != HF_OK)
		(void)unlink(store->seal);
}

enum hf_rc hf_store_save(struct hf_store *store, struct hf_memory *memory, struct hf_err *err)
{
	enum hf_rc rc;

	/* What is left there of a memory that was lost, or of another enrolment, does not follow this one. */
	if (!store->loaded && store->news && hf_news_clear(store->news, NULL) != HF_OK)
		hf_news_close(&store->news);
	seal_next(store, memory);
	rc = save_copy(store, memory, 1, err);
	if (rc != HF_OK)
		return rc;
	store->saved = memory->saves;
	store->loaded = true;
	store->marked = false;
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
	hf_news_close(&(*store)->news);
	free(*store);
	*store = NULL;
}
