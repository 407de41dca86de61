/* SPDX-License-Identifier: MIT */
/*
 * Owns two files that hold one value, written in turn, each proving itself whole.
 * Must never write over the newest whole value, nor hand out one whose digest does not fit.
 */
#include <holdfast/slots.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "proto/host/open.h"
#include "proto/host/whole.h"

#define DIGEST_SIZE 32

static const char magic[8] = "HFSLOT1\n";

/* As it stands at the beginning of a slot; numbers are big-endian. The digest covers generation, length, content. */
struct header {
	char magic[8];
	unsigned char generation[8];
	unsigned char length[8];
	unsigned char digest[DIGEST_SIZE];
};

_Static_assert(sizeof(struct header) == 24 + DIGEST_SIZE, "a header has no gaps");

/* What was found in a slot. */
struct content {
	uint64_t generation; /* 0: it holds no whole value */
	bool used;	     /* something has been written there, whole or not */
	bool unread;	     /* the disk would not give it */
	char *value;
	size_t len;
};

struct hf_slots {
	int fd[2];
	size_t room;
	int newest;	     /* the slot that must not be written over */
	uint64_t generation; /* of that slot; 0: none */
};

static enum hf_rc digest_content(const struct header *head, const void *buf, size_t len, unsigned char ret[DIGEST_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(ctx, head->generation, sizeof(head->generation)) == 1 &&
		    EVP_DigestUpdate(ctx, head->length, sizeof(head->length)) == 1 &&
		    EVP_DigestUpdate(ctx, buf, len) == 1 && EVP_DigestFinal_ex(ctx, ret, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	return done ? HF_OK : HF_E_MEMORY;
}

static bool header_is_blank(const struct header *head)
{
	static const struct header blank;

	return memcmp(head, &blank, sizeof(blank)) == 0;
}

/* A length that the file cannot hold is a broken header, not a reason to ask for much memory. */
static bool header_is_sane(const struct header *head, int fd)
{
	uint64_t len = hf_whole_get_number(head->length);
	struct stat st;

	return memcmp(head->magic, magic, sizeof(magic)) == 0 && hf_whole_get_number(head->generation) > 0 &&
	       fstat(fd, &st) == 0 && (uint64_t)st.st_size >= sizeof(*head) &&
	       len <= (uint64_t)st.st_size - sizeof(*head);
}

static enum hf_rc read_value(int fd, const struct header *head, struct content *c)
{
	unsigned char sum[DIGEST_SIZE];
	size_t len = (size_t)hf_whole_get_number(head->length);
	hf_auto_free char *value = malloc(len + 1);
	int got;

	if (!value)
		return HF_E_MEMORY;
	got = hf_whole_read(fd, value, len, sizeof(*head));
	c->unread = got < 0;
	if (got != 0)
		return HF_OK;
	if (digest_content(head, value, len, sum) != HF_OK)
		return HF_E_MEMORY;
	if (memcmp(sum, head->digest, sizeof(sum)) != 0)
		return HF_OK;
	value[len] = '\0';
	c->generation = hf_whole_get_number(head->generation);
	c->value = hf_steal_ptr(&value);
	c->len = len;
	return HF_OK;
}

static enum hf_rc read_slot(int fd, struct content *ret_content)
{
	struct header head;
	int got = hf_whole_read(fd, &head, sizeof(head), 0);

	*ret_content = (struct content){.unread = got < 0, .used = got == 0 && !header_is_blank(&head)};
	if (got != 0 || !header_is_sane(&head, fd))
		return HF_OK;
	return read_value(fd, &head, ret_content);
}

static void drop_both(struct content c[2])
{
	free(c[0].value);
	free(c[1].value);
}

/* Reads both slots and remembers which is the newest. */
static enum hf_rc look_at_both(struct hf_slots *slots, struct content ret[2], struct hf_err *err)
{
	struct content c[2] = {{0}};

	if (read_slot(slots->fd[0], &c[0]) != HF_OK || read_slot(slots->fd[1], &c[1]) != HF_OK) {
		drop_both(c);
		return hf_err_set(err, HF_E_MEMORY, "no memory to read the stored value");
	}
	slots->newest = c[1].generation > c[0].generation ? 1 : 0;
	slots->generation = c[slots->newest].generation;
	memcpy(ret, c, sizeof(c));
	return HF_OK;
}

enum hf_rc hf_slots_load(struct hf_slots *slots, char **ret, size_t *ret_len, bool *ret_torn, struct hf_err *err)
{
	struct content c[2];
	const struct content *best, *other;
	enum hf_rc rc = look_at_both(slots, c, err);

	if (rc != HF_OK)
		return rc;
	best = &c[slots->newest];
	other = &c[!slots->newest];
	if (best->generation == 0) {
		drop_both(c);
		if (best->unread || other->unread)
			return hf_err_set(err, HF_E_SYSTEM, "the disk does not give the stored value back");
		return hf_err_set(err, HF_E_ABSENT, "no whole value is stored");
	}
	/* From the second generation on both have been written: an empty one was emptied. */
	if (ret_torn)
		*ret_torn = other->generation == 0 && (other->used || other->unread || best->generation > 1);
	*ret = best->value;
	*ret_len = best->len;
	free(other->value);
	return HF_OK;
}

/* After a failure the page cache may hold a whole new value that never reached the disk: it must not load. */
static void spoil(int fd)
{
	static const struct header blank;

	if (hf_whole_write(fd, &blank, sizeof(blank), 0) == 0)
		fdatasync(fd);
}

enum hf_rc hf_slots_save(struct hf_slots *slots, const void *buf, size_t len, struct hf_err *err)
{
	int target = slots->generation == 0 ? 0 : !slots->newest;
	int fd = slots->fd[target];
	struct header head;
	enum hf_rc rc;

	if (len > slots->room)
		return hf_err_set(err, HF_E_SIZE, "a value of %zu bytes does not fit: there is room for %zu", len,
				  slots->room);
	memcpy(head.magic, magic, sizeof(magic));
	hf_whole_put_number(head.generation, slots->generation + 1);
	hf_whole_put_number(head.length, len);
	if (digest_content(&head, buf, len, head.digest) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory to store a value");
	if (hf_whole_write(fd, buf, len, sizeof(head)) != 0 || hf_whole_write(fd, &head, sizeof(head), 0) != 0 ||
	    fdatasync(fd) != 0) {
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot store a value: %m; what was stored before still loads");
		spoil(fd);
		return rc;
	}
	slots->newest = target;
	slots->generation++;
	return HF_OK;
}

static enum hf_rc open_files(struct hf_slots *slots, const char *folder, struct hf_err *err)
{
	hf_auto_fd int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	static const char *const names[2] = {HF_SLOT_FIRST, HF_SLOT_SECOND};

	if (folder_fd < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot open the folder %s: %m", folder);
	for (int i = 0; i < 2; i++) {
		slots->fd[i] = openat(folder_fd, names[i], O_RDWR | O_CREAT | HF_OPEN | O_NOFOLLOW, 0600);
		if (slots->fd[i] < 0)
			return hf_err_set(err, HF_E_SYSTEM, "cannot open %s/%s: %m", folder, names[i]);
	}
	if (fsync(folder_fd) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot sync the folder %s: %m", folder);
	return HF_OK;
}

/* A value that is there can be read without any more space, so lack of it is an error only when there is none. */
static enum hf_rc prepare(struct hf_slots *slots, const char *folder, struct hf_err *err)
{
	size_t size = slots->room + sizeof(struct header);
	struct content c[2];
	enum hf_rc rc = look_at_both(slots, c, err);

	if (rc != HF_OK)
		return rc;
	drop_both(c);
	for (int i = 0; i < 2 && rc == HF_OK; i++)
		rc = hf_whole_widen(slots->fd[i], size);
	if (rc == HF_OK || slots->generation > 0)
		return HF_OK;
	return hf_err_set(err, rc, "cannot make room for two values of %zu bytes in %s: %m", slots->room, folder);
}

enum hf_rc hf_slots_widen(struct hf_slots *slots, size_t room, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	if (room <= slots->room)
		return HF_OK;
	for (int i = 0; i < 2 && rc == HF_OK; i++)
		rc = hf_whole_widen(slots->fd[i], room + sizeof(struct header));
	if (rc != HF_OK)
		return hf_err_set(err, rc, "cannot make room for two values of %zu bytes: %m", room);
	slots->room = room;
	return HF_OK;
}

enum hf_rc hf_slots_open(const char *folder, size_t room, struct hf_slots **ret_slots, struct hf_err *err)
{
	hf_auto_slots struct hf_slots *slots = malloc(sizeof(*slots));
	enum hf_rc rc;

	if (!slots)
		return hf_err_set(err, HF_E_MEMORY, "no memory to open the stored value");
	*slots = (struct hf_slots){.fd = {-1, -1}, .room = room};
	if (room > SSIZE_MAX / 2)
		return hf_err_set(err, HF_E_USAGE, "%zu bytes are too many for a slot", room);
	rc = open_files(slots, folder, err);
	if (rc == HF_OK)
		rc = prepare(slots, folder, err);
	if (rc == HF_OK)
		*ret_slots = hf_steal_ptr(&slots);
	return rc;
}

void hf_slots_close(struct hf_slots **slots)
{
	if (!slots || !*slots)
		return;
	hf_fd_close(&(*slots)->fd[0]);
	hf_fd_close(&(*slots)->fd[1]);
	free(*slots);
	*slots = NULL;
}
