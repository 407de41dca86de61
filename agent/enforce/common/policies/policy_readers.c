/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of running browsers and what each has read.
 * Must never count a browser as having read what it has not.
 */
#include "agent/enforce/common/policies/policy_readers.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>
#include <holdfast/str.h>

#define BORN_MS 2000 /* so long a browser that was started after the change may take until it reads */
#define SOON_MS 500  /* while somebody waits: it may end meanwhile */
#define LATER_MS 60000
#define TAKES_MS 100 /* from reading a policy to obeying it: measured below 50 */

/*
 * When to prod one that waits, milliseconds. One that has just started comes to watch its folder after 2 to 5 s and
 * takes in the quick prods from then on; the fresh ones are for whatever else may be the matter.
 */
/* clang-format off */
static const struct {
	int64_t after;
	bool fresh;
} PRODS[] = {
	{500, false}, {1000, false}, {2000, false}, {2500, false}, {3000, false}, {3500, false}, {4000, false}, {5000, false},
	{6000, false}, {8000, true}, {16000, false}, {30000, true},
};
/* clang-format on */

void hf_readers_change(struct hf_readers *readers, struct hf_boot_ms now)
{
	readers->changed = now;
	for (size_t i = 0; i < readers->n; i++) {
		struct hf_reader *reader = &readers->v[i];
		reader->since = now;
		reader->read = reader->born_into = false;
		reader->prods = 0;
	}
}

void hf_readers_begin(struct hf_readers *readers)
{
	for (size_t i = 0; i < readers->n; i++)
		readers->v[i].alive = false;
}

static struct hf_reader *add_reader(struct hf_readers *readers)
{
	if (hf_rows_reserve(&readers->v, &readers->room, readers->n + 1, sizeof(*readers->v)) != HF_OK)
		return &readers->spare;
	return &readers->v[readers->n++];
}

struct hf_reader *hf_readers_saw(struct hf_readers *readers, const struct hf_proc *proc, struct hf_boot_ms now,
				 int64_t ticks_s)
{
	for (size_t i = 0; i < readers->n; i++) {
		struct hf_reader *reader = &readers->v[i];
		if (reader->proc.pid == proc->pid && reader->proc.start == proc->start) {
			reader->alive = true;
			return reader;
		}
	}
	struct hf_reader *reader = add_reader(readers);
	int64_t start_ms = (int64_t)(proc->start * 1000 / (uint64_t)ticks_s);
	*reader = (struct hf_reader){
		.proc = *proc, .since = now, .born_into = start_ms > readers->changed.ms, .alive = true};
	return reader;
}

void hf_readers_end(struct hf_readers *readers)
{
	size_t kept = 0;
	for (size_t i = 0; i < readers->n; i++) {
		if (readers->v[i].alive)
			readers->v[kept++] = readers->v[i];
	}
	readers->n = kept;
}

void hf_readers_opened(struct hf_reader *reader, const struct hf_reader_opened *opened, struct hf_boot_ms now)
{
	bool reads = opened->lockdown ? opened->locked && opened->right : !opened->locked && !reader->midway;
	/* The base file that ends a reading which had begun with the lockdown file says nothing about its absence. */
	reader->midway = opened->lockdown;
	if (!reads || reader->read)
		return;
	reader->read = true;
	reader->read_at = now;
}

static void sooner(struct hf_readers_due *due, int64_t in)
{
	if (due->next_ms == 0 || in < due->next_ms)
		due->next_ms = in > 0 ? in : 1;
}

static void wait_for_reader(struct hf_reader *reader, struct hf_boot_ms now, struct hf_readers_due *due)
{
	int64_t waited = now.ms - reader->since.ms;
	int64_t next;
	if (reader->prods < HF_LEN(PRODS))
		next = PRODS[reader->prods].after;
	else
		next = (int64_t)(reader->prods - HF_LEN(PRODS) + 1) * LATER_MS;
	if (waited >= next) {
		due->prod = true;
		due->fresh = due->fresh || reader->prods >= HF_LEN(PRODS) || PRODS[reader->prods].fresh;
		reader->prods++;
		next = waited + SOON_MS;
	}
	sooner(due, next - waited < SOON_MS ? next - waited : SOON_MS);
}

void hf_readers_due(struct hf_readers *readers, struct hf_boot_ms now, struct hf_readers_due *ret_due)
{
	struct hf_readers_due due = {.n_running = readers->n};
	for (size_t i = 0; i < readers->n; i++) {
		struct hf_reader *reader = &readers->v[i];
		int64_t since_read = now.ms - reader->read_at.ms;
		if (reader->read && since_read >= TAKES_MS)
			continue;
		if (reader->read) {
			due.n_waiting++;
			due.one_waiting = reader->proc.pid;
			sooner(&due, TAKES_MS - since_read);
			continue;
		}
		if (!reader->born_into || now.ms - reader->since.ms >= BORN_MS) {
			due.n_waiting++;
			due.one_waiting = reader->proc.pid;
		}
		wait_for_reader(reader, now, &due);
	}
	*ret_due = due;
}

void hf_readers_done(struct hf_readers *readers)
{
	free(readers->v);
	*readers = (struct hf_readers){.v = NULL, .n = 0};
}
