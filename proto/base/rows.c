/* SPDX-License-Identifier: MIT */
/*
 * Owns the one way in which an array grows.
 * Must never lose what is in it.
 */
#include <holdfast/rows.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 4 /* rows: most arrays have a few */

enum hf_rc hf_rows_reserve(void *v, size_t *room, size_t want, size_t size)
{
	size_t more = *room ? 2 * *room : ROOM_FIRST;
	void *rows;

	if (want <= *room)
		return HF_OK;
	if (more < want)
		more = want;
	if (more > SIZE_MAX / size)
		return HF_E_MEMORY;
	memcpy(&rows, v, sizeof(rows));
	rows = realloc(rows, more * size);
	if (!rows)
		return HF_E_MEMORY;
	memcpy(v, &rows, sizeof(rows));
	*room = more;
	return HF_OK;
}
