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
/* clang-format on */

/* With the texts of a row, when there are any. */
static json_t *put_seen(const struct hf_log_row *row, bool named)
{
	struct hf_log_row r = *row; /* the table points to what may be written; nothing is */
	const struct hf_json_member fork_rows[] = FORK_ROWS(&r.seen);
	hf_auto_json json_t *fork = r.seen.fork_seq ? hf_json_put(fork_rows, HF_LEN(fork_rows)) : NULL;
	const struct hf_json_member rows[] = {
		HF_ROW_IF("controller", ID, &r.controller, 0, !named),
		HF_ROW_IF("key", ID, &r.key, 0, !named),
		SEEN_ROWS(&r.seen, &fork, r.seen.fork_seq == 0),
	};

	if (r.seen.fork_seq && !fork)
		return NULL;
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
	return put_seen(&(struct hf_log_row){.seen = *log}, false);
}

enum hf_rc hf_log_take(json_t *value, struct hf_log_seen *ret, struct hf_err *err)
{
	struct hf_log_seen seen = {0};
	json_t *fork = NULL;
	const struct hf_json_member rows[] = {SEEN_ROWS(&seen, &fork, true)};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = take_fork(fork, &seen, err);
	if (rc == HF_OK)
		*ret = seen;
	return rc;
}

json_t *hf_log_row_put(const struct hf_log_row *row)
{
	return put_seen(row, true);
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
