/* SPDX-License-Identifier: MIT */
/*
 * Owns what the steps of a set-up do to this machine: folders, files, logins.
 * Must never follow a link that a user may have laid, nor write over what somebody has made.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/setup/setup_carry.h"

#define FILE_MAX (2 * 1024 * 1024) /* as large as a plan may be */
#define SHELL "/bin/bash"
#define BEFORE_SIZE 8 /* "-2" and so on */

/* Who owns what a step makes, and where it lies. */
struct place {
	uid_t uid;
	gid_t gid;
	char path[HF_SETUP_PATH_SIZE];
	const char *base; /* the last name of the path */
	int folder;	  /* what it is in */
};

static void place_done(struct place *place)
{
	hf_fd_close(&place->folder);
}

#define auto_place __attribute__((cleanup(place_done)))

/* The bytes of a file, which may be a private key. */
struct bytes {
	char *v;
	size_t len;
};

static void bytes_done(struct bytes *bytes)
{
	if (bytes->v)
		OPENSSL_cleanse(bytes->v, bytes->len);
	free(bytes->v);
}

#define auto_bytes __attribute__((cleanup(bytes_done)))

static enum hf_rc failed(const char *path, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SYSTEM, "%s could not be made: %s.", path, strerror(errno));
}

enum hf_rc hf_setup_has_user(const char *name, const char *package, struct hf_err *err)
{
	errno = 0;
	if (getpwnam(name))
		return HF_OK;
	if (errno != 0 && errno != ENOENT)
		return hf_err_set(err, HF_E_SYSTEM, "The user %s could not be looked up: %s.", name, strerror(errno));
	return hf_err_set(err, HF_E_ABSENT, "There is no user %s on this machine: install the package %s first.", name,
			  package);
}

/* Looked up again by each step: a login is made by one, and owns what the next makes. */
static enum hf_rc owners(const struct hf_setup_step *step, struct place *place, const char **ret_home,
			 struct hf_err *err)
{
	const struct passwd *user = getpwnam(step->owner);
	const struct group *group;

	if (!user)
		return hf_err_set(err, HF_E_ABSENT, "There is no user %s on this machine.", step->owner);
	place->uid = user->pw_uid;
	place->gid = user->pw_gid;
	*ret_home = user->pw_dir;
	if (!step->group[0])
		return HF_OK;
	group = getgrnam(step->group);
	if (!group)
		return hf_err_set(err, HF_E_ABSENT, "There is no group %s on this machine: install the package "
						    "holdfast-controller first.", step->group);
	place->gid = group->gr_gid;
	return HF_OK;
}

static enum hf_rc find_place(const struct hf_setup_step *step, struct place *place, struct hf_err *err)
{
	char folder[HF_SETUP_PATH_SIZE];
	const char *home = NULL, *slash;
	bool at_home = step->path[0] == HF_SETUP_HOME[0];
	enum hf_rc rc = owners(step, place, &home, err);

	if (rc != HF_OK)
		return rc;
	if (hf_str_printf(place->path, sizeof(place->path), "%s%s", at_home ? home : "", step->path + at_home) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The home of %s has too long a name.", step->owner);
	slash = strrchr(place->path, '/');
	place->base = place->path + (slash - place->path) + 1;
	if (hf_str_printf(folder, sizeof(folder), "%.*s", (int)(slash - place->path), place->path) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The path %.80s... is too long.", place->path);
	if (!at_home)
		rc = hf_fs_mkdirs(folder, 0755, err);
	if (rc != HF_OK)
		return rc;
	place->folder = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return place->folder >= 0 ? HF_OK : failed(place->path, err);
}

static enum hf_rc make_folder(const struct hf_setup_step *step, enum hf_setup_outcome *ret, struct hf_err *err)
{
	auto_place struct place place = {.folder = -1};
	hf_auto_fd int fd = -1;
	struct stat st;
	enum hf_rc rc = find_place(step, &place, err);

	if (rc != HF_OK)
		return rc;
	*ret = mkdirat(place.folder, place.base, 0700) == 0 ? HF_SETUP_WAS_MADE : HF_SETUP_WAS_THERE;
	fd = openat(place.folder, place.base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return failed(place.path, err);
	if (*ret == HF_SETUP_WAS_THERE && st.st_uid != 0 && st.st_uid != place.uid)
		return hf_err_set(err, HF_E_KEY, "%s belongs to another user than %s: find out why, and remove it.",
				  place.path, step->owner);
	if (*ret == HF_SETUP_WAS_THERE && st.st_uid == place.uid && st.st_gid == place.gid &&
	    (st.st_mode & 07777) == step->mode)
		return HF_OK;
	return fchown(fd, place.uid, place.gid) == 0 && fchmod(fd, step->mode) == 0 ? HF_OK : failed(place.path, err);
}

/* Into a new file, which then has the place by one rename. */
static enum hf_rc put_file(const struct hf_setup_step *step, const struct place *place, const struct bytes *bytes,
			   struct hf_err *err)
{
	char temp[HF_SETUP_PATH_SIZE];
	hf_auto_fd int fd = -1;
	enum hf_rc rc;

	if (hf_str_printf(temp, sizeof(temp), ".%s.new", place->base) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The path %.80s... is too long.", place->path);
	(void)unlinkat(place->folder, temp, 0);
	fd = openat(place->folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed(place->path, err);
	if (hf_fs_write(fd, bytes->v, bytes->len) == HF_OK && fchown(fd, place->uid, place->gid) == 0 &&
	    fchmod(fd, step->mode) == 0 && fsync(fd) == 0 &&
	    renameat(place->folder, temp, place->folder, place->base) == 0)
		return HF_OK;
	rc = failed(place->path, err);
	(void)unlinkat(place->folder, temp, 0);
	return rc;
}

static enum hf_rc read_source(const struct hf_setup_step *step, const char *controller, struct bytes *bytes,
			      struct hf_err *err)
{
	auto_bytes struct bytes shipped = {0};
	enum hf_rc rc;

	if (step->deed != HF_SETUP_SETTINGS)
		return hf_fs_read(step->from, FILE_MAX, &bytes->v, &bytes->len, err);
	rc = hf_fs_read(step->from, FILE_MAX, &shipped.v, &shipped.len, err);
	if (rc == HF_OK)
		rc = hf_setup_settings(shipped.v, controller, &bytes->v, err);
	if (rc == HF_OK)
		bytes->len = strlen(bytes->v);
	return rc;
}

/* Each is kept: what was there before the first of our files, and what somebody has made of one since. */
static enum hf_rc keep_before(const struct place *place, struct hf_err *err)
{
	char before[HF_SETUP_PATH_SIZE], number[BEFORE_SIZE] = "";
	struct stat now, kept;

	for (int n = 2;; n++) {
		if (hf_str_printf(before, sizeof(before), "%s.before%s", place->base, number) != HF_OK ||
		    hf_str_printf(number, sizeof(number), "-%d", n) != HF_OK)
			return hf_err_set(err, HF_E_SIZE, "The path %.80s... is too long.", place->path);
		if (linkat(place->folder, place->base, place->folder, before, 0) == 0)
			return HF_OK;
		if (errno != EEXIST || fstatat(place->folder, place->base, &now, AT_SYMLINK_NOFOLLOW) != 0 ||
		    fstatat(place->folder, before, &kept, AT_SYMLINK_NOFOLLOW) != 0)
			return failed(place->path, err);
		if (now.st_ino == kept.st_ino && now.st_dev == kept.st_dev)
			return HF_OK;
	}
}

static bool is_there(const struct place *place)
{
	struct stat st;

	return fstatat(place->folder, place->base, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* An officer who made their own key brings it themselves. */
static bool brings_it(const struct hf_setup_step *step)
{
	return step->part == HF_SETUP_OFFICERS && step->from[0] && access(step->from, F_OK) != 0;
}

static enum hf_rc make_file(const struct hf_setup_step *step, const char *controller, enum hf_setup_outcome *ret,
			    struct hf_err *err)
{
	auto_place struct place place = {.folder = -1};
	auto_bytes struct bytes bytes = {0};
	enum hf_rc rc = find_place(step, &place, err);
	bool there = rc == HF_OK && is_there(&place);

	if (rc != HF_OK)
		return rc;
	*ret = HF_SETUP_WAS_THERE;
	if (there && step->deed != HF_SETUP_SHIPPED)
		return HF_OK;
	if (brings_it(step)) {
		*ret = HF_SETUP_IS_ABSENT;
		return HF_OK;
	}
	rc = read_source(step, controller, &bytes, err);
	if (rc != HF_OK)
		return rc;
	if (there) {
		auto_bytes struct bytes now = {0};

		rc = hf_fs_read(place.path, FILE_MAX, &now.v, &now.len, err);
		if (rc != HF_OK || (now.len == bytes.len && memcmp(now.v, bytes.v, now.len) == 0))
			return rc;
		rc = keep_before(&place, err);
	}
	*ret = there ? HF_SETUP_WAS_RENEWED : HF_SETUP_WAS_MADE;
	return rc == HF_OK ? put_file(step, &place, &bytes, err) : rc;
}

enum hf_rc hf_setup_command(const char *const *argv, struct hf_err *err)
{
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", plain[] = "LC_ALL=C.UTF-8";
	char *const environment[] = {path, plain, NULL};
	pid_t pid;
	int status = 0, refused = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environment);

	if (refused != 0)
		return hf_err_set(err, refused == ENOENT ? HF_E_ABSENT : HF_E_SYSTEM, "%s could not be started: %s.",
				  argv[0], strerror(refused));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return hf_err_set(err, HF_E_SYSTEM, "%s: %s.", argv[0], strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "`%s %s` failed: what it said stands above.", argv[0], argv[1]);
}

static bool is_member(const char *login, const char *name)
{
	const struct group *group = getgrnam(name);

	for (char **one = group ? group->gr_mem : NULL; one && *one; one++)
		if (strcmp(*one, login) == 0)
			return true;
	return false;
}

static enum hf_rc make_login(const struct hf_setup_step *step, enum hf_setup_outcome *ret, struct hf_err *err)
{
	const char *add[] = {"useradd", "--create-home", "--shell", SHELL, "--groups", step->group, step->path, NULL};
	const char *join[] = {"usermod", "--append", "--groups", step->group, step->path, NULL};
	bool there = getpwnam(step->path);

	*ret = there ? HF_SETUP_WAS_THERE : HF_SETUP_WAS_MADE;
	if (there && is_member(step->path, step->group))
		return HF_OK;
	return hf_setup_command(there ? join : add, err);
}

enum hf_rc hf_setup_carry(const struct hf_setup_step *step, const char *controller, enum hf_setup_outcome *ret,
			  struct hf_err *err)
{
	enum hf_setup_outcome outcome = HF_SETUP_WAS_THERE;
	enum hf_rc rc = HF_OK;

	switch (step->deed) {
	case HF_SETUP_FOLDER:
		rc = make_folder(step, &outcome, err);
		break;
	case HF_SETUP_LOGIN:
		rc = make_login(step, &outcome, err);
		break;
	case HF_SETUP_SHIPPED:
	case HF_SETUP_MADE:
	case HF_SETUP_SETTINGS:
		rc = make_file(step, controller, &outcome, err);
		break;
	}
	if (rc == HF_OK)
		*ret = outcome;
	return rc;
}

const char *hf_setup_outcome_name(enum hf_setup_outcome outcome)
{
	static const char *const NAMES[] = {
		[HF_SETUP_WAS_MADE] = "made", [HF_SETUP_WAS_RENEWED] = "renewed", [HF_SETUP_WAS_THERE] = "there",
		[HF_SETUP_IS_ABSENT] = "absent"};

	return NAMES[outcome];
}
