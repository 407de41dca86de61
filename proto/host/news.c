/* SPDX-License-Identifier: MIT */
/*
 * Owns the file of what is appended to a value on disk.
 * Must never hand out a record that is not whole, or that follows another value.
 */
#include <holdfast/news.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "proto/host/open.h"
#include "proto/host/whole.h"

#define DIGEST_SIZE 32
#define SECTOR 512 /* each record begins on one, so that a later record is found behind a broken one */

static const char magic[8] = "HFNEWS1\n";

/* As it stands at the beginning of a record; numbers are big-endian. The digest covers all but the magic, and content. */
struct header {
	char magic[8];
	unsigned char base[8];
	unsigned char number[8]; /* from 1 */
	unsigned char length[8];
	unsigned char digest[DIGEST_SIZE];
};

_Static_assert(sizeof(struct header) == 32 + DIGEST_SIZE, "a header has no gaps");

struct hf_news {
	int fd;
	size_t room;
	int64_t base; /* what the records follow */
	uint64_t n;   /* of them */
	size_t end;   /* where the next one begins */
};

static enum hf_rc digest_record(const struct header *head, const void *buf, size_t len, unsigned char ret[DIGEST_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(ctx, head->base, offsetof(struct header, digest) - sizeof(head->magic)) == 1 &&
		    EVP_DigestUpdate(ctx, buf, len) == 1 && EVP_DigestFinal_ex(ctx, ret, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	return done ? HF_OK : HF_E_MEMORY;
}

static size_t size_of(size_t len)
{
	return (sizeof(struct header) + len + SECTOR - 1) / SECTOR * SECTOR;
}

/* Is there a header of a record that follows this value. Any damage: none. */
static bool read_header(const struct hf_news *news, size_t at, int64_t base, struct header *ret_head)
{
	return at + sizeof(*ret_head) <= news->room && hf_whole_read(news->fd, ret_head, sizeof(*ret_head), (off_t)at) == 0 &&
	       memcmp(ret_head->magic, magic, sizeof(magic)) == 0 &&
	       hf_whole_get_number(ret_head->base) == (uint64_t)base;
}

/* Content NULL: the record is not whole. */
static enum hf_rc read_record(const struct hf_news *news, int64_t base, char **ret, size_t *ret_len)
{
	struct header head;
	unsigned char sum[DIGEST_SIZE];
	hf_auto_free char *content = NULL;
	uint64_t len;

	*ret = NULL;
	if (!read_header(news, news->end, base, &head) || hf_whole_get_number(head.number) != news->n + 1)
		return HF_OK;
	len = hf_whole_get_number(head.length);
	if (len > news->room - news->end - sizeof(head))
		return HF_OK;
	content = malloc((size_t)len + 1);
	if (!content)
		return HF_E_MEMORY;
	if (hf_whole_read(news->fd, content, (size_t)len, (off_t)(news->end + sizeof(head))) != 0)
		return HF_OK;
	if (digest_record(&head, content, (size_t)len, sum) != HF_OK)
		return HF_E_MEMORY;
	if (memcmp(sum, head.digest, sizeof(sum)) != 0)
		return HF_OK;
	*ret_len = (size_t)len;
	*ret = hf_steal_ptr(&content);
	return HF_OK;
}

/* A record behind one that is not whole: that one was whole once. */
static bool one_is_later(const struct hf_news *news)
{
	struct header head;

	for (size_t at = news->end; at + sizeof(head) <= news->room; at += SECTOR)
		if (read_header(news, at, news->base, &head) && hf_whole_get_number(head.number) > news->n + 1)
			return true;
	return false;
}

enum hf_rc hf_news_load(struct hf_news *news, int64_t base, const struct hf_news_taker *taker, bool *ret_doubt,
			struct hf_err *err)
{
	news->base = base;
	news->n = news->end = 0;
	for (;;) {
		hf_auto_free char *content = NULL;
		size_t len = 0;
		enum hf_rc rc = read_record(news, base, &content, &len);

		if (rc != HF_OK)
			return hf_err_set(err, rc, "no memory to read what was appended");
		if (!content)
			break;
		rc = taker->take(taker->arg, content, len, err);
		if (rc != HF_OK)
			return rc;
		news->n++;
		news->end += size_of(len);
	}
	*ret_doubt = *ret_doubt || one_is_later(news);
	return HF_OK;
}

enum hf_rc hf_news_append(struct hf_news *news, int64_t base, const void *buf, size_t len, struct hf_err *err)
{
	struct header head;

	if (base != news->base) {
		news->base = base;
		news->n = news->end = 0;
	}
	if (size_of(len) > news->room - news->end)
		return hf_err_set(err, HF_E_SIZE, "there is no room to append %zu bytes", len);
	memcpy(head.magic, magic, sizeof(magic));
	hf_whole_put_number(head.base, (uint64_t)base);
	hf_whole_put_number(head.number, news->n + 1);
	hf_whole_put_number(head.length, len);
	if (digest_record(&head, buf, len, head.digest) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory to append to what is stored");
	/* A record that failed may load later all the same: it was heard, and what it says is verified then like any other. */
	if (hf_whole_write(news->fd, buf, len, (off_t)(news->end + sizeof(head))) != 0 ||
	    hf_whole_write(news->fd, &head, sizeof(head), (off_t)news->end) != 0 || fdatasync(news->fd) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot append to what is stored: %m");
	news->n++;
	news->end += size_of(len);
	return HF_OK;
}

enum hf_rc hf_news_clear(struct hf_news *news, struct hf_err *err)
{
	static const char blank[SECTOR];

	for (size_t at = 0; at + SECTOR <= news->room; at += SECTOR)
		if (hf_whole_write(news->fd, blank, SECTOR, (off_t)at) != 0)
			return hf_err_set(err, HF_E_SYSTEM, "cannot forget what was appended: %m");
	news->n = news->end = 0;
	if (fdatasync(news->fd) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot forget what was appended: %m");
	return HF_OK;
}

enum hf_rc hf_news_open(const char *folder, size_t room, struct hf_news **ret_news, struct hf_err *err)
{
	hf_auto_news struct hf_news *news = malloc(sizeof(*news));
	hf_auto_fd int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum hf_rc rc;

	if (!news)
		return hf_err_set(err, HF_E_MEMORY, "no memory to open what was appended");
	*news = (struct hf_news){.fd = -1, .room = room};
	if (folder_fd >= 0)
		news->fd = openat(folder_fd, HF_NEWS_FILE, O_RDWR | O_CREAT | HF_OPEN | O_NOFOLLOW, 0600);
	if (news->fd < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot open %s/news: %m", folder);
	rc = hf_whole_widen(news->fd, room);
	if (rc == HF_OK && fsync(folder_fd) != 0)
		rc = HF_E_SYSTEM;
	if (rc != HF_OK)
		return hf_err_set(err, rc, "cannot make room for what is appended in %s: %m", folder);
	*ret_news = hf_steal_ptr(&news);
	return HF_OK;
}

void hf_news_close(struct hf_news **news)
{
	if (!news || !*news)
		return;
	hf_fd_close(&(*news)->fd);
	free(*news);
	*news = NULL;
}
