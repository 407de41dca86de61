/* SPDX-License-Identifier: MIT */
/*
 * Owns the fence as the layer sees it: which files it is asked about, and what it answers.
 * Must never mark a file of which the fence does not know, nor leave one marked that nobody answers for.
 */
#include "agent/enforce/programs/programs_fence.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/hands.h"
#include "agent/enforce/programs/fence/fence_wire.h"

#define MARKS (FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM)
#define HEARD_AT_ONCE 16 /* attempts; the loop has other things to do */

void hf_programs_fence_open(struct hf_programs_fence *fence)
{
	fence->rules = HF_FILE_RULES_NONE;
	fence->link = (struct hf_fence_link){
		.socket = fence->socket, .self = fence->self, .hands = fence->hands, .group = -1, .fd = -1, .ears = -1};
}

static bool hear_one(struct hf_programs_fence *fence)
{
	struct hf_fence_message heard;
	if (hf_fence_receive(fence->link.ears, 0, &heard, NULL) != HF_OK)
		return false;
	hf_fence_message_done(&heard);
	if (heard.word == HF_FENCE_HURT)
		fence->hurt(fence->arg);
	const struct hf_file_rule *rule = hf_file_rules_find(&fence->rules, heard.who.dev, heard.who.ino);
	if (heard.word == HF_FENCE_TRIED && rule)
		fence->tried(fence->arg, &heard.who, rule->path);
	return true;
}

static void on_ears(void *arg, uint32_t events)
{
	struct hf_programs_fence *fence = arg;
	struct pollfd p = {.fd = fence->link.ears, .events = POLLIN};
	(void)events;
	for (int i = 0; i < HEARD_AT_ONCE && poll(&p, 1, 0) == 1; i++) {
		if (!hear_one(fence)) {
			hf_watch_remove(&fence->ears_watch);
			hf_fd_close(&fence->link.ears);
			return;
		}
	}
}

/* What nobody hears is refused all the same: a window that does not come up is no reason to fail. */
static void prick_up_ears(struct hf_programs_fence *fence)
{
	hf_watch_remove(&fence->ears_watch);
	if (hf_fence_listen(&fence->link, NULL) == HF_OK &&
	    hf_loop_add_fd(fence->loop, fence->link.ears, on_ears, fence, &fence->ears_watch) != HF_OK)
		hf_fd_close(&fence->link.ears);
}

static void on_fence(void *arg, uint32_t events)
{
	struct hf_programs_fence *fence = arg;
	(void)events; /* it says nothing unasked: whatever comes is its end */
	hf_watch_remove(&fence->watch);
	hf_fd_close(&fence->link.fd);
	fence->lost(fence->arg);
}

static enum hf_rc watch_fence(struct hf_programs_fence *fence, struct hf_err *err)
{
	hf_watch_remove(&fence->watch);
	fence->marked = false;
	prick_up_ears(fence);
	if (hf_loop_add_fd(fence->loop, fence->link.fd, on_fence, fence, &fence->watch) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "The fence cannot be watched: %s", strerror(errno));
}

enum hf_rc hf_programs_fence_start(struct hf_programs_fence *fence, struct hf_err *err)
{
	hf_watch_remove(&fence->watch);
	enum hf_rc rc;
	struct hf_file_rules theirs = HF_FILE_RULES_NONE;
	/* The other one of the pair, or one of an earlier life that could not be taken over when this one began. */
	rc = hf_fence_find(&fence->link, &theirs, err);
	if (rc == HF_OK && fence->rules.fd < 0)
		fence->rules = theirs;
	else
		hf_file_rules_done(&theirs);
	if (rc != HF_OK && (rc == HF_E_ABSENT || fence->link.group >= 0))
		rc = hf_fence_start(&fence->link, err);
	if (rc == HF_OK && fence->rules.fd >= 0)
		rc = hf_fence_set(&fence->link, &fence->rules, err);
	return rc == HF_OK ? watch_fence(fence, err) : rc;
}

/* The path is looked up once, without opening the file, and that very file is marked. */
static bool mark_file(struct hf_programs_fence *fence, unsigned int how, const struct hf_file_rule *rule)
{
	char link[64];
	struct hf_file_id id;
	hf_auto_fd int fd = open(rule->path, O_PATH | O_CLOEXEC);
	if (fd < 0 || hf_str_printf(link, sizeof(link), "/proc/self/fd/%d", fd) != HF_OK ||
	    hf_file_id(link, &id) != HF_OK || id.dev != rule->dev || id.ino != rule->ino)
		return false;
	return hf_watch_mark(fence->hands, fence->link.group, how, MARKS, link) == 0;
}

static bool is_wanted(const struct hf_programs_found *found, const struct hf_file_rule *rule)
{
	for (size_t i = 0; i < found->n; i++) {
		if (found->v[i].dev == rule->dev && found->v[i].ino == rule->ino)
			return true;
	}
	return false;
}

/* Before their rules go, since a marked file without a rule is shut for everybody. */
static enum hf_rc unmark_unlisted(struct hf_programs_fence *fence, const struct hf_programs_list *list,
				  const struct hf_programs_found *found, struct hf_err *err)
{
	hf_auto_free struct hf_file_rule *left = calloc(fence->rules.n + 1, sizeof(*left));
	struct hf_file_rules rules = HF_FILE_RULES_NONE;
	size_t n = 0;
	if (!left)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of blocked programs");
	for (size_t i = 0; i < fence->rules.n; i++) {
		const struct hf_file_rule *rule = &fence->rules.v[i];
		if (is_wanted(found, rule) || hf_programs_list_of(list, rule->path) ||
		    !mark_file(fence, FAN_MARK_REMOVE, rule))
			left[n++] = *rule;
	}
	if (n == fence->rules.n)
		return HF_OK;
	enum hf_rc rc = hf_file_rules_make(left, n, &rules, err);
	if (rc != HF_OK)
		return rc;
	hf_file_rules_done(&fence->rules);
	fence->rules = rules;
	return HF_OK;
}

static bool found_same(const struct hf_file_rules *rules, const struct hf_programs_found *found)
{
	size_t n = found->n;
	if (rules->n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct hf_file_rule *rule = hf_file_rules_find(rules, found->v[i].dev, found->v[i].ino);
		if (!rule || memcmp(rule, &found->v[i], sizeof(*rule)) != 0)
			return false;
	}
	return true;
}

/* A fence of another version does not understand these rules; it is a process of ours all the same. */
static enum hf_rc set_or_replace(struct hf_programs_fence *fence, const struct hf_file_rules *rules, struct hf_err *err)
{
	enum hf_rc rc = hf_fence_set(&fence->link, rules, err);
	if (rc != HF_E_SYSTEM)
		return rc;
	hf_watch_remove(&fence->watch);
	hf_watch_remove(&fence->ears_watch);
	rc = hf_fence_replace(&fence->link, err);
	if (rc == HF_OK)
		rc = hf_fence_set(&fence->link, rules, err);
	return rc == HF_OK ? watch_fence(fence, err) : rc;
}

/* Rules first, marks after: a mark never meets a fence that does not know the file. */
static enum hf_rc put_rules(struct hf_programs_fence *fence, struct hf_programs_found *found, struct hf_err *err)
{
	struct hf_file_rules rules = HF_FILE_RULES_NONE;
	if (found_same(&fence->rules, found) && fence->rules.fd >= 0)
		return HF_OK;
	enum hf_rc rc = hf_file_rules_make(found->v, found->n, &rules, err);
	if (rc == HF_OK)
		rc = set_or_replace(fence, &rules, err);
	if (rc != HF_OK) {
		hf_file_rules_done(&rules);
		return rc;
	}
	hf_file_rules_done(&fence->rules);
	fence->rules = rules;
	fence->marked = false;
	return HF_OK;
}

size_t hf_programs_fence_mark(struct hf_programs_fence *fence)
{
	size_t failed = 0;
	for (size_t i = 0; i < fence->rules.n; i++) {
		const struct hf_file_rule *rule = &fence->rules.v[i];
		struct hf_file_id id;
		/* A rule for a file that its path does not lead to any more is of an earlier one, marked long since. */
		if (!rule->open_for_all && !mark_file(fence, FAN_MARK_ADD, rule) &&
		    hf_file_id(rule->path, &id) == HF_OK && id.ino == rule->ino)
			failed++;
	}
	fence->marked = failed == 0;
	return failed;
}

enum hf_rc hf_programs_fence_find(struct hf_programs_fence *fence, struct hf_err *err)
{
	enum hf_rc rc = hf_fence_find(&fence->link, &fence->rules, err);
	return rc == HF_OK ? watch_fence(fence, err) : rc;
}

enum hf_rc hf_programs_fence_put(struct hf_programs_fence *fence, const struct hf_programs_list *list,
				 struct hf_programs_found *found, bool *ret_again, struct hf_err *err)
{
	size_t before = fence->rules.n;
	enum hf_rc rc = fence->link.fd < 0 ? hf_programs_fence_start(fence, err) : HF_OK;
	if (rc == HF_OK)
		rc = unmark_unlisted(fence, list, found, err);
	if (rc == HF_OK)
		rc = hf_programs_keep_old(found, list, &fence->rules, err);
	*ret_again = rc == HF_OK && (before != fence->rules.n || !found_same(&fence->rules, found));
	if (rc == HF_OK)
		rc = put_rules(fence, found, err);
	if (rc == HF_OK && !fence->marked && hf_programs_fence_mark(fence) > 0)
		rc = hf_err_set(err, HF_E_SYSTEM, "A listed program cannot be marked: %s", strerror(errno));
	return rc;
}

struct hf_file_rules hf_programs_fence_end(struct hf_programs_fence *fence)
{
	struct hf_file_rules held = fence->rules;
	hf_watch_remove(&fence->watch);
	hf_watch_remove(&fence->ears_watch);
	hf_fence_end(&fence->link);
	fence->rules = HF_FILE_RULES_NONE;
	return held;
}

void hf_programs_fence_close(struct hf_programs_fence *fence)
{
	hf_watch_remove(&fence->watch);
	hf_watch_remove(&fence->ears_watch);
	hf_fence_leave(&fence->link);
	hf_file_rules_done(&fence->rules);
}
