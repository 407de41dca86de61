/* SPDX-License-Identifier: MIT */
/*
 * Owns what waits for the disk.
 * Must never keep two rows for one machine, or write.
 */
#include "controller/pending.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#define OTHER_MARK "+" /* no id has it; it stands behind the device's own row in the order of names */

const char *hf_report_row_name(const char *device, bool other, char name[HF_REPORT_NAME_SIZE])
{
	if (hf_str_printf(name, HF_REPORT_NAME_SIZE, "%s%s", device, other ? OTHER_MARK : "") != HF_OK)
		name[0] = '\0';
	return name;
}

bool hf_report_row_split(const char *name, char device[HF_ID_SIZE])
{
	size_t len = strlen(name), mark = strlen(OTHER_MARK);
	bool other = len > mark && strcmp(name + len - mark, OTHER_MARK) == 0;
	len -= other ? mark : 0;
	memset(device, 0, HF_ID_SIZE);
	if (len < HF_ID_SIZE)
		memcpy(device, name, len);
	return other;
}

/* The row that waits under this name; most often where the device's last one was. */
static struct hf_report_row *row_of(struct hf_pending *p, const struct hf_row_said *said, const char *name)
{
	size_t place = said->device->row - p->gone; /* of one that is on disk it is far beyond the last */
	if (!said->other)
		return place < p->n_rows && strcmp(p->rows[place].device, name) == 0 ? &p->rows[place] : NULL;
	for (size_t i = 0; i < p->n_rows; i++)
		if (strcmp(p->rows[i].device, name) == 0)
			return &p->rows[i];
	return NULL;
}

enum hf_rc hf_pending_row(struct hf_pending *p, const struct hf_row_said *said, const char *body, size_t len)
{
	char name[HF_REPORT_NAME_SIZE];
	struct hf_report_row *row =
		row_of(p, said, hf_report_row_name(said->device->assignment->device, said->other, name));
	struct hf_report_row new = {.device = row ? row->device : strdup(name),
				    .counter = said->counter,
				    .heard = said->at,
				    .body = strndup(body, len),
				    .body_len = len};
	if (!new.device || !new.body ||
	    (!row && hf_rows_reserve(&p->rows, &p->rows_room, p->n_rows + 1, sizeof(*p->rows)) != HF_OK)) {
		if (!row)
			free((char *)new.device);
		free((char *)new.body);
		return HF_E_MEMORY;
	}
	p->bytes += len - (row ? row->body_len : 0);
	if (row)
		free((char *)row->body);
	else
		row = &p->rows[p->n_rows++];
	if (!said->other)
		said->device->row = p->gone + (size_t)(row - p->rows);
	*row = new;
	return HF_OK;
}

enum hf_rc hf_pending_record(struct hf_pending *p, const struct hf_entry *entry)
{
	if (hf_rows_reserve(&p->journal, &p->journal_room, p->n_journal + 1, sizeof(*p->journal)) != HF_OK)
		return HF_E_MEMORY;
	p->bytes += entry->body_len;
	p->journal[p->n_journal++] = *entry;
	return HF_OK;
}
