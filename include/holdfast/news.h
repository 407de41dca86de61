/* SPDX-License-Identifier: MIT */
/*
 * news.h - records that are appended to a value on disk, until the value is written anew with all of them in it
 *
 * One preallocated file. Each record carries the number of the value that it follows, its own place in line, its length
 * and a SHA-256 over all of it.
 */
#ifndef HOLDFAST_NEWS_H
#define HOLDFAST_NEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>

struct hf_news;

#define HF_NEWS_FILE "news" /* its name */

#define hf_auto_news __attribute__((cleanup(hf_news_close)))

/* Takes one record; any reason but HF_OK ends the reading. */
struct hf_news_taker {
	enum hf_rc (*take)(void *arg, const void *buf, size_t len, struct hf_err *err);
	void *arg;
};

/*
 * hf_news_open - open, or make and preallocate, the file `news` of a folder
 *
 * @room      bytes of all records together; on disk in full from the beginning, so that a later append needs no space
 * @ret_news  to hf_news_close; untouched unless HF_OK
 * Owner     see ret_news
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    tests/FACTS.md "Storage"
 */
HF_NODISCARD enum hf_rc hf_news_open(const char *folder, size_t room, struct hf_news **ret_news, struct hf_err *err);

/*
 * hf_news_load - what was appended to this value, in its order
 *
 * A record that is not whole ends it: an append that was cut off was never called done.
 * @base       the number of the value
 * @ret_doubt  set to true if a record is broken and a later one is there: it was not cut off, it was damaged
 * Returns     HF_OK; HF_E_MEMORY; as take
 */
HF_NODISCARD enum hf_rc hf_news_load(struct hf_news *news, int64_t base, const struct hf_news_taker *taker,
				     bool *ret_doubt, struct hf_err *err);

/*
 * hf_news_append - add one record after those that follow the same value, and sync it
 *
 * @base     the number of the value; another one than before: it has all that was appended, and the file begins anew
 * Returns   HF_OK it is on disk; HF_E_SIZE there is no room; HF_E_SYSTEM; HF_E_MEMORY (what was appended still loads)
 */
HF_NODISCARD enum hf_rc hf_news_append(struct hf_news *news, int64_t base, const void *buf, size_t len,
				       struct hf_err *err);

/*
 * hf_news_clear - forget all records: what they followed is not there any more
 *
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_news_clear(struct hf_news *news, struct hf_err *err);

/*
 * hf_news_close - close and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_news_close(struct hf_news **news);

#endif
