/* SPDX-License-Identifier: MIT */
/*
 * Owns how what was seen of a controller's journal stands in a report and in a memory.
 * Must never judge it: that is the law's.
 */
#include <holdfast/log_seen.h>

#include "proto/wire/doc.h"

/* clang-format off */
#define SEEN_ROWS(s, fork, no_fork) \
	HF_ROW("seq",  INT,    &(s)->seq,  HF_JSON_INT_MAX), \
	HF_ROW("size", INT,    &(s)->size, HF_JSON_INT_MAX), \
	HF_ROW("root", DIGEST, &(s)->root, 0), \
	HF_ROW_IF("fork", OBJECT, fork, 0, no_fork)
#define FORK_ROWS(s) { \
	HF_ROW("was_seq",  INT,    &(s)->was_seq,  HF_JSON_INT_MAX), \
	HF_ROW("was_size", INT,    &(s)->was_size, HF_JSON_INT_MAX), \
	HF_ROW("was_root", DIGEST, &(s)->was_root, 0), \
	HF_ROW("seq",      INT,    &(s)->fork_seq, HF_JSON_INT_MAX), \
	HF_ROW("at",       WALL,   &(s)->fork_at,  0), \
}
#define HEAD_ROWS(h) { \
	HF_ROW("seq",  INT,    &(h)->seq,  HF_JSON_INT_MAX), \
	HF_ROW("size", INT,    &(h)->size, HF_JSON_INT_MAX), \
	HF_ROW("root", DIGEST, &(h)->root, 0), \
}
#define MEMORY_ROWS(s, newest, none) \
	HF_ROW_IF("since",  WALL,   &(s)->since,  0, none), \
	HF_ROW_IF("newest", OBJECT, newest,       0, none), \
	HF_ROW_IF("proves", BOOL,   &(s)->proves, 0, none)
/* clang-format on */

static json_t *put_fork(const struct hf_log_seen *seen)
{
	struct hf_log_seen s = *seen; /* the table points to what may be written; nothing is */
	const struct hf_json_member rows[] = FORK_ROWS(&s);

	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *put_newest(const struct hf_log_seen *seen)
{
	struct hf_log_head head = seen->newest;
	const struct hf_json_member rows[] = HEAD_ROWS(&head);

	return hf_json_put(rows, HF_LEN(rows));
}

static enum hf_rc take_fork(json_t *fork, struct hf_log_seen *seen, struct hf_err *err)
{
	const struct hf_json_member rows[] = FORK_ROWS(seen);
	enum hf_rc rc = fork ? hf_json_take(fork, rows, HF_LEN(rows), err) : HF_OK;

	if (rc == HF_OK && (seen->seq < 1 || (fork && seen->fork_seq < 1)))
		rc = hf_err_set(err, HF_E_SHAPE, "The number of a state begins at 1.");
	return rc;
}

json_t *hf_log_put(const struct hf_log_seen *log)
{
	struct hf_log_seen s = *log;
	hf_auto_json json_t *fork = put_fork(log), *newest = put_newest(log);
	const struct hf_json_member rows[] = {
		SEEN_ROWS(&s, &fork, s.fork_seq == 0),
		MEMORY_ROWS(&s, &newest, s.newest.seq == 0),
	};

	return fork && newest ? hf_json_put(rows, HF_LEN(rows)) : NULL;
}

static enum hf_rc take_newest(json_t *newest, struct hf_log_seen *seen, struct hf_err *err)
{
	const struct hf_json_member rows[] = HEAD_ROWS(&seen->newest);

	if (newest)
		return hf_json_take(newest, rows, HF_LEN(rows), err);
	seen->newest = (struct hf_log_head){seen->seq, seen->size, seen->root};
	return HF_OK;
}

enum hf_rc hf_log_take(json_t *value, struct hf_log_seen *ret, struct hf_err *err)
{
	struct hf_log_seen seen = {0};
	json_t *fork = NULL, *newest = NULL;
	const struct hf_json_member rows[] = {SEEN_ROWS(&seen, &fork, true), MEMORY_ROWS(&seen, &newest, true)};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = take_fork(fork, &seen, err);
	if (rc == HF_OK)
		rc = take_newest(newest, &seen, err);
	if (rc == HF_OK)
		*ret = seen;
	return rc;
}

json_t *hf_log_row_put(const struct hf_log_row *row)
{
	struct hf_log_row r = *row;
	hf_auto_json json_t *fork = put_fork(&row->seen);
	const struct hf_json_member rows[] = {
		HF_ROW("controller", ID, &r.controller, 0),
		HF_ROW("key", ID, &r.key, 0),
		SEEN_ROWS(&r.seen, &fork, r.seen.fork_seq == 0),
	};

	return fork ? hf_json_put(rows, HF_LEN(rows)) : NULL;
}

enum hf_rc hf_log_row_take(json_t *value, struct hf_log_row *ret, struct hf_err *err)
{
	struct hf_log_row row = {.controller = NULL};
	json_t *fork = NULL;
	const struct hf_json_member rows[] = {
		HF_ROW("controller", ID, &row.controller, 0),
		HF_ROW("key", ID, &row.key, 0),
		SEEN_ROWS(&row.seen, &fork, true),
	};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = take_fork(fork, &row.seen, err);
	if (rc == HF_OK)
		*ret = row;
	return rc;
}
