/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of a backup: a tar whose files are few and known.
 * Must never write outside of the folder that it is unpacked to, or hold a key.
 */
#include "controller/cli/commands/backup_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define BLOCK 512
#define FILE_MOST (1LL << 33) /* what eleven octal digits say; a journal of 10,000 devices has some hundred MiB */

/* A header of ustar. */
struct tar_head {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100], magic[6], version[2];
	char user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct tar_head) == BLOCK, "a header of tar is a block");

/* In the order in which they are packed. No key is among them, and no file that has a secret. */
static const char *const NAMES[] = {HF_BACKUP_MANIFEST, HF_BACKUP_JOURNAL, "people.csv", "beside.json", "controller.conf",
				    "standing.csv",	"retention.conf",  "acl"};

static const int ENDINGS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

enum hf_rc hf_backup_scratch(const struct hf_cli *cli, const char *purpose, char ret[HF_BACKUP_PATH], struct hf_err *err)
{
	const char *scratch = cli->scratch ? cli->scratch : "/tmp";

	if (hf_str_printf(ret, HF_BACKUP_PATH, "%s/holdfast-%s-XXXXXX", scratch, purpose) == HF_OK && mkdtemp(ret))
		return HF_OK;
	ret[0] = '\0';
	return hf_err_set(err, HF_E_SYSTEM, "No folder could be made in %s: %m.", scratch);
}

/* The kernel keeps what is ignored and blocked, too: a run that no hangup ends would be ended by one. */
void hf_backup_hold(sigset_t *ret_before)
{
	struct sigaction now;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < HF_LEN(ENDINGS); i++)
		if (sigaction(ENDINGS[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&set, ENDINGS[i]);
	(void)sigprocmask(SIG_BLOCK, &set, ret_before);
}

bool hf_backup_ends(void)
{
	sigset_t set;

	if (sigpending(&set) != 0)
		return false;
	for (size_t i = 0; i < HF_LEN(ENDINGS); i++)
		if (sigismember(&set, ENDINGS[i]) == 1)
			return true;
	return false;
}

bool hf_backup_is_name(const char *name)
{
	for (size_t i = 0; i < HF_LEN(NAMES); i++)
		if (strcmp(NAMES[i], name) == 0)
			return true;
	return false;
}

static unsigned sum_of(const struct tar_head *head)
{
	struct tar_head blank = *head;
	const unsigned char *b = (const unsigned char *)&blank;
	unsigned sum = 0;

	memset(blank.sum, ' ', sizeof(blank.sum));
	for (size_t i = 0; i < sizeof(blank); i++)
		sum += b[i];
	return sum;
}

static enum hf_rc add_head(struct hf_seal *seal, const char *name, const struct stat *st, struct hf_err *err)
{
	struct tar_head head = {.type = '0', .magic = "ustar", .version = {'0', '0'}};
	enum hf_rc rc = hf_str_copy(head.name, sizeof(head.name), name);

	if (st->st_size >= FILE_MOST)
		return hf_err_set(err, HF_E_SIZE, "%s has more bytes than a backup takes.", name);
	(void)!hf_str_printf(head.mode, sizeof(head.mode), "%07o", 0600U);
	(void)!hf_str_printf(head.uid, sizeof(head.uid), "%07o", 0U);
	(void)!hf_str_printf(head.gid, sizeof(head.gid), "%07o", 0U);
	(void)!hf_str_printf(head.size, sizeof(head.size), "%011llo", (unsigned long long)st->st_size);
	(void)!hf_str_printf(head.mtime, sizeof(head.mtime), "%011llo", (unsigned long long)st->st_mtime);
	(void)!hf_str_printf(head.sum, sizeof(head.sum), "%06o", sum_of(&head));
	head.sum[7] = ' ';
	return rc == HF_OK ? hf_seal_write(seal, &head, sizeof(head), err) : rc;
}

static enum hf_rc add_bytes(struct hf_seal *seal, int fd, long long left, struct hf_err *err)
{
	static const char zeros[BLOCK];
	size_t rest = (size_t)(left % BLOCK);
	enum hf_rc rc = HF_OK;

	while (left > 0 && rc == HF_OK) {
		char buf[BLOCK * 64];
		ssize_t n = read(fd, buf, left < (long long)sizeof(buf) ? (size_t)left : sizeof(buf));

		if (n <= 0)
			return hf_err_set(err, HF_E_SYSTEM, "A file of the backup changed while it was read: try again.");
		rc = hf_seal_write(seal, buf, (size_t)n, err);
		left -= n;
	}
	return rc == HF_OK && rest ? hf_seal_write(seal, zeros, BLOCK - rest, err) : rc;
}

enum hf_rc hf_backup_add(struct hf_seal *seal, const char *name, const char *path, struct hf_err *err)
{
	hf_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	enum hf_rc rc;

	if (fd < 0)
		return hf_err_set(err, HF_E_ABSENT, "%s: %m.", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return hf_err_set(err, HF_E_SYSTEM, "%s is no file.", path);
	rc = add_head(seal, name, &st, err);
	return rc == HF_OK ? add_bytes(seal, fd, (long long)st.st_size, err) : rc;
}

enum hf_rc hf_backup_close(struct hf_seal *seal, struct hf_err *err)
{
	static const char zeros[2 * BLOCK];
	enum hf_rc rc = hf_seal_write(seal, zeros, sizeof(zeros), err);

	return rc == HF_OK ? hf_seal_end(seal, err) : rc;
}

/* The size that a header says; -1: it is none of ours. */
static long long read_head(const struct tar_head *head)
{
	char sum[9] = "", size[13] = "";
	char *end = NULL;
	long long n;

	memcpy(sum, head->sum, sizeof(head->sum));
	memcpy(size, head->size, sizeof(head->size));
	if (strtoul(sum, NULL, 8) != sum_of(head) || head->type != '0' || memcmp(head->magic, "ustar", 5) != 0 ||
	    !memchr(head->name, '\0', sizeof(head->name)) || !hf_backup_is_name(head->name))
		return -1;
	n = strtoll(size, &end, 8);
	return end > size && n >= 0 && n < FILE_MOST ? n : -1;
}

static enum hf_rc no_backup(struct hf_err *err)
{
	return hf_err_set(err, HF_E_SHAPE, "It is no backup of Holdfast, or not all of it is there.");
}

static enum hf_rc get_bytes(struct hf_seal *seal, int fd, long long left, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (long long padded = (left + BLOCK - 1) / BLOCK * BLOCK; padded > 0 && rc == HF_OK;) {
		char buf[BLOCK * 64];
		size_t want = padded < (long long)sizeof(buf) ? (size_t)padded : sizeof(buf), got = 0;

		rc = hf_seal_read(seal, buf, want, &got, err);
		if (rc == HF_OK && got < want)
			return no_backup(err);
		if (rc == HF_OK && hf_fs_write(fd, buf, left < (long long)got ? (size_t)left : got) != HF_OK)
			return hf_err_set(err, HF_E_SYSTEM, "The backup cannot be unpacked: %m.");
		left -= left < (long long)got ? left : (long long)got;
		padded -= (long long)got;
	}
	return rc;
}

static enum hf_rc get_file(struct hf_seal *seal, const char *folder, const struct tar_head *head, struct hf_err *err)
{
	char path[HF_BACKUP_PATH];
	long long size = read_head(head);
	hf_auto_fd int fd = -1;

	if (size < 0)
		return no_backup(err);
	if (hf_str_printf(path, sizeof(path), "%s/%s", folder, head->name) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The path %s is too long.", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m.", path);
	return get_bytes(seal, fd, size, err);
}

/* Behind the last file there are zeros alone, up to the end, which says that nothing was cut off. */
static enum hf_rc read_rest(struct hf_seal *seal, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	size_t got = BLOCK;

	while (rc == HF_OK && got == BLOCK) {
		char block[BLOCK];

		rc = hf_seal_read(seal, block, BLOCK, &got, err);
		for (size_t i = 0; rc == HF_OK && i < got; i++)
			if (block[i] != '\0')
				return no_backup(err);
	}
	return rc;
}

enum hf_rc hf_backup_unpack(struct hf_seal *seal, const char *folder, struct hf_err *err)
{
	for (;;) {
		struct tar_head head;
		size_t got = 0;
		enum hf_rc rc = hf_seal_read(seal, &head, sizeof(head), &got, err);

		if (rc == HF_OK && got < sizeof(head))
			rc = no_backup(err);
		if (rc == HF_OK && head.name[0] == '\0')
			return read_rest(seal, err);
		if (rc == HF_OK)
			rc = get_file(seal, folder, &head, err);
		if (rc != HF_OK)
			return rc;
	}
}
