/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of listed files and the answer that follows from it.
 * Must never answer yes for a file or a user that it does not know.
 */
#include "agent/enforce/common/file_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int order_files(const void *one, const void *two)
{
	const struct hf_file_rule *a = one;
	const struct hf_file_rule *b = two;
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return 0;
}

/* Sorted, no file twice, every text ended: then a search in it can be trusted. */
static bool rules_ok(const struct hf_file_rule *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].n_users > HF_PAIRS_MAX || !memchr(v[i].path, '\0', sizeof(v[i].path)))
			return false;
		if (i > 0 && order_files(&v[i - 1], &v[i]) >= 0)
			return false;
	}
	return true;
}

enum hf_rc hf_file_rules_make(struct hf_file_rule *rules, size_t n, struct hf_file_rules *ret_rules, struct hf_err *err)
{
	if (n > HF_FILE_RULES_MAX)
		return hf_err_set(err, HF_E_SIZE,
				  "More program files are listed (%zu) than can be blocked (%d); shorten the register",
				  n, HF_FILE_RULES_MAX);
	if (n > 0)
		qsort(rules, n, sizeof(*rules), order_files);
	hf_auto_fd int fd = memfd_create("holdfast-fence", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || hf_fs_write(fd, rules, n * sizeof(*rules)) != HF_OK || fcntl(fd, F_ADD_SEALS, SEALS) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "Memory for the list of blocked programs could not be had: %s",
				  strerror(errno));
	enum hf_rc rc = hf_file_rules_open(fd, ret_rules, err);
	if (rc == HF_OK)
		hf_steal_fd(&fd);
	return rc;
}

enum hf_rc hf_file_rules_open(int fd, struct hf_file_rules *ret_rules, struct hf_err *err)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) != 0)
		return hf_err_set(err, HF_E_SHAPE, "The list of blocked programs is not sealed memory");
	size_t size = (size_t)st.st_size;
	size_t n = size / sizeof(struct hf_file_rule);
	if (n > HF_FILE_RULES_MAX)
		return hf_err_set(err, HF_E_SIZE, "The list of blocked programs is too long");
	if (size % sizeof(struct hf_file_rule) != 0)
		return hf_err_set(err, HF_E_SHAPE, "The list of blocked programs is cut off");
	void *map = NULL;
	if (n > 0 && (map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED)
		return hf_err_set(err, HF_E_SYSTEM, "The list of blocked programs cannot be read: %s", strerror(errno));
	if (!rules_ok(map, n)) {
		munmap(map, size);
		return hf_err_set(err, HF_E_SHAPE, "The list of blocked programs is not in order");
	}
	*ret_rules = (struct hf_file_rules){.fd = fd, .v = map, .n = n};
	return HF_OK;
}

const struct hf_file_rule *hf_file_rules_find(const struct hf_file_rules *rules, uint64_t dev, uint64_t ino)
{
	struct hf_file_rule key = {.dev = dev, .ino = ino};
	if (rules->n == 0)
		return NULL;
	return bsearch(&key, rules->v, rules->n, sizeof(*rules->v), order_files);
}

static bool user_allowed(const struct hf_file_rule *rule, hf_user id)
{
	if (id == 0)
		return true;
	for (uint32_t i = 0; rule && i < rule->n_users; i++) {
		if (rule->users[i] == id)
			return true;
	}
	return false;
}

bool hf_file_rule_allows(const struct hf_file_rule *rule, const hf_user ids[4])
{
	if (rule && rule->open_for_all)
		return true;
	for (int i = 0; i < 4; i++) {
		if (!user_allowed(rule, ids[i]))
			return false;
	}
	return true;
}

void hf_file_rules_done(struct hf_file_rules *rules)
{
	if (rules->v)
		munmap((void *)(uintptr_t)rules->v, rules->n * sizeof(*rules->v));
	hf_fd_close(&rules->fd);
	*rules = HF_FILE_RULES_NONE;
}
