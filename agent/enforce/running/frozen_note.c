/* SPDX-License-Identifier: MIT */
/*
 * Owns the notes about frozen processes, and the control groups that they name.
 * Must never freeze a group that somebody else put processes into, nor name one before it is frozen.
 */
#include "agent/enforce/running/frozen_note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/running/frozen_place.h"

#define ORIGIN "user.holdfast.origin" /* in root's folder: nobody else can write there */
#define INSIDE "user.holdfast.inside"
#define ORIGIN_BEFORE "trusted.holdfast.origin" /* of the version before */
#define DELEGATED "trusted.delegate" /* what systemd marks groups with that it leaves to somebody */
#define DELEGATED_TOO "user.delegate" /* the same, without the right to write that */
#define GROUPS_MAX 4096		     /* as many origins as processes, and far more than a person starts */
#define STATE_MAX 4096		     /* bytes of the files that say a few words */

/* One write is one command to the kernel: it is done whole or fails. */
bool hf_group_tell(const char *group, const char *file, const char *word)
{
	char path[PATH_MAX];
	errno = ENAMETOOLONG;
	if (hf_str_printf(path, sizeof(path), "%s/%s", group, file) != HF_OK)
		return false;
	hf_auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, word, strlen(word)) == (ssize_t)strlen(word);
}

bool hf_group_says(const char *group, const char *file, const char *word)
{
	char path[PATH_MAX];
	size_t len;
	hf_auto_free char *text = NULL;
	struct hf_err ignored = {""};
	return hf_str_printf(path, sizeof(path), "%s/%s", group, file) == HF_OK &&
	       hf_fs_read(path, STATE_MAX, &text, &len, &ignored) == HF_OK && strstr(text, word);
}

static bool attribute(const char *path, const char *name, char *ret, size_t size)
{
	ssize_t n = getxattr(path, name, ret, size - 1);
	if (n <= 0)
		return false;
	ret[n] = '\0';
	return true;
}

enum hf_rc hf_frozen_note_read(const char *path, const char *mount, struct hf_frozen_note *ret)
{
	char word[8];
	enum hf_rc rc = hf_str_copy(ret->path, sizeof(ret->path), path);
	if (rc == HF_OK && !attribute(path, ORIGIN, ret->origin, sizeof(ret->origin)) &&
	    !attribute(path, ORIGIN_BEFORE, ret->origin, sizeof(ret->origin)))
		rc = hf_str_copy(ret->origin, sizeof(ret->origin), mount);
	ret->inside = attribute(path, INSIDE, word, sizeof(word));
	if (rc == HF_OK)
		rc = ret->inside ? hf_str_printf(ret->group, sizeof(ret->group), "%s/" HF_FROZEN_INSIDE, ret->origin)
				 : hf_str_copy(ret->group, sizeof(ret->group), path);
	hf_frozen_place_read(path, &ret->place);
	return rc;
}

/* A group that is frozen before anything is in it: what enters stops at once. */
static bool is_made_frozen(const char *group)
{
	bool made = mkdir(group, 0755) == 0;
	if ((made || errno == EEXIST) && hf_group_tell(group, "cgroup.freeze", "1"))
		return true;
	int why = errno;
	if (made)
		rmdir(group);
	errno = why;
	return false;
}

/*
 * Inside the group that they came from its service manager still sees them, and what thaws that group (systemd, before
 * it stops it) thaws none of ours. Where its user may move them out of it again they go elsewhere, and so do those that
 * are in no unit.
 */
static void freeze_inside(struct hf_frozen_note *note, const char *mount)
{
	char group[PATH_MAX];
	if (strcmp(note->origin, mount) == 0 || !hf_group_is_roots(mount, note->origin) ||
	    hf_str_printf(group, sizeof(group), "%s/" HF_FROZEN_INSIDE, note->origin) != HF_OK ||
	    setxattr(note->path, INSIDE, "1", 1, 0) != 0)
		return;
	note->inside = is_made_frozen(group) && hf_str_copy(note->group, sizeof(note->group), group) == HF_OK;
	if (!note->inside)
		removexattr(note->path, INSIDE);
}

static enum hf_rc make_note(const char *path, const char *mount, const char *origin, struct hf_frozen_note *ret,
			    struct hf_err *err)
{
	*ret = (struct hf_frozen_note){.inside = false};
	enum hf_rc rc = hf_str_copy(ret->path, sizeof(ret->path), path);
	if (rc == HF_OK)
		rc = hf_str_copy(ret->group, sizeof(ret->group), path);
	if (rc == HF_OK)
		rc = hf_str_copy(ret->origin, sizeof(ret->origin), origin);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of the control group %s is too long", path);
	if (!is_made_frozen(path) || setxattr(path, ORIGIN, origin, strlen(origin), XATTR_CREATE) != 0) {
		int why = errno;
		rmdir(path);
		return hf_err_set(err, HF_E_SYSTEM, "A control group for frozen programs cannot be made at %s: %s",
				  path, strerror(why));
	}
	freeze_inside(ret, mount);
	return HF_OK;
}

static enum hf_rc take_note(const char *path, const char *mount, struct hf_frozen_note *ret, struct hf_err *err)
{
	enum hf_rc rc = hf_frozen_note_read(path, mount, ret);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of the control group %s is too long", path);
	if (is_made_frozen(ret->group))
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "The control group %s does not freeze: %s", ret->group, strerror(errno));
}

static enum hf_rc make_home(const char *home, struct hf_err *err)
{
	enum hf_rc rc = hf_fs_mkdirs(home, 0755, err);
	if (rc == HF_OK && setxattr(home, DELEGATED, "1", 1, 0) != 0)
		setxattr(home, DELEGATED_TOO, "1", 1, 0);
	return rc;
}

enum hf_rc hf_frozen_note_for(const char *home, const char *mount, const char *origin, struct hf_frozen_note *ret,
			      struct hf_err *err)
{
	char known[PATH_MAX];
	char path[PATH_MAX];
	enum hf_rc rc = make_home(home, err);
	for (int i = 1; rc == HF_OK && i <= GROUPS_MAX; i++) {
		rc = hf_str_printf(path, sizeof(path), "%s/" HF_FROZEN_PREFIX "%d", home, i);
		if (rc != HF_OK)
			return hf_err_set(err, rc, "The path of the control group %s is too long", home);
		if (access(path, F_OK) != 0)
			return make_note(path, mount, origin, ret, err);
		if (attribute(path, ORIGIN, known, sizeof(known)) && strcmp(known, origin) == 0)
			return take_note(path, mount, ret, err);
	}
	return rc == HF_OK ? hf_err_set(err, HF_E_SIZE, "Too many groups of frozen programs at %s", home) : rc;
}

void hf_frozen_note_keep_place(struct hf_frozen_note *note, const char *self, struct hf_hands *hands)
{
	if (!note->inside && !hf_frozen_place_lives(&note->place) &&
	    hf_frozen_place_start(self, hands, note->origin, note->path, &note->place) != HF_OK)
		note->place.pid = 0;
}

bool hf_frozen_note_is_stopped(const struct hf_frozen_note *note)
{
	if (note->place.pid == 0 || hf_frozen_place_lives(&note->place))
		return false;
	return access(note->origin, F_OK) != 0 ? errno == ENOENT
					       : hf_group_says(note->origin, "cgroup.events", "populated 0");
}

bool hf_frozen_note_end(const struct hf_frozen_note *note)
{
	if (note->inside && rmdir(note->group) != 0 && errno != ENOENT)
		return false;
	hf_frozen_place_end(&note->place);
	return rmdir(note->path) == 0 || errno == ENOENT;
}
