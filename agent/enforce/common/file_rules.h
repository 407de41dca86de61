/* SPDX-License-Identifier: MIT */
/*
 * file_rules.h - which listed files are shut for whom: one table in sealed memory that agent and fence share
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_FILE_RULES_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_FILE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/versions.h>
#include <holdfast/err.h>
#include <holdfast/user.h>

#define HF_FILE_PATH_SIZE 1024	/* a program of the register has at most 512 bytes; a file in a listed folder more */
#define HF_FILE_RULES_MAX 16384 /* 200 tools of 64 programs, or some big packages, before and after an upgrade */

/* One file. It is found by what it is, never by its name. */
struct hf_file_rule {
	uint64_t dev;
	uint64_t ino;
	uint32_t open_for_all; /* not 0: it is listed no more, but its mark could not be taken away */
	uint32_t n_users;
	uint32_t users[HF_PAIRS_MAX]; /* for whom it is open */
	uint64_t tool;			      /* hf_attempt_tool */
	char path[HF_FILE_PATH_SIZE];	      /* as it was listed, or below a folder that was */
};

/* A table in memory that nobody can change any more. */
struct hf_file_rules {
	int fd; /* -1: none */
	const struct hf_file_rule *v;
	size_t n;
};

#define HF_FILE_RULES_NONE ((struct hf_file_rules){.fd = -1, .v = NULL, .n = 0})
#define hf_auto_file_rules __attribute__((cleanup(hf_file_rules_done)))

/*
 * hf_file_rules_make - put rules into sealed memory
 *
 * @rules      n rules in any order, no file twice; sorted in place
 * @ret_rules  untouched unless HF_OK
 * Owner     the caller's, to hf_file_rules_done
 * Returns   HF_OK; HF_E_SIZE more than HF_FILE_RULES_MAX; HF_E_SYSTEM
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_file_rules_make(struct hf_file_rule *rules, size_t n, struct hf_file_rules *ret_rules,
					   struct hf_err *err);

/*
 * hf_file_rules_open - take over a table that came through a socket
 *
 * @fd         sealed memory; taken over when HF_OK
 * @ret_rules  as hf_file_rules_make
 * Returns   HF_OK; HF_E_SHAPE not sealed, not whole rules, or not sorted; HF_E_SIZE; HF_E_SYSTEM
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_file_rules_open(int fd, struct hf_file_rules *ret_rules, struct hf_err *err);

/*
 * hf_file_rules_find - the rule of a file
 *
 * Owner     belongs to the table
 * Returns   NULL when there is none
 */
const struct hf_file_rule *hf_file_rules_find(const struct hf_file_rules *rules, uint64_t dev, uint64_t ino);

/*
 * hf_file_rule_allows - may a process with these user ids open this file
 *
 * Root may (package upgrades); so may a process all of whose ids are root or one for whom it is open.
 * @rule     NULL: no rule is known for the file, so it is shut
 * @ids      real, effective, saved and file-system id
 * Returns   true or false
 * Source    policy D9.1, D9.2
 */
bool hf_file_rule_allows(const struct hf_file_rule *rule, const hf_user ids[4]);

/*
 * hf_file_rules_done - let go of the table; accepts an empty one
 */
void hf_file_rules_done(struct hf_file_rules *rules);

#endif
