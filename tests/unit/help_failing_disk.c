/* SPDX-License-Identifier: MIT */
/*
 * Owns a file system of SQLite in front of the system's own, whose logs fail.
 * Must never fail a file that is no log.
 */
#include "tests/unit/help_failing_disk.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdbool.h>

static enum failing_call fails;
static int fails_with, at, seen;
static sqlite3_vfs *real;
static sqlite3_vfs ours;
static sqlite3_io_methods methods;
static const sqlite3_io_methods *real_methods;

static bool is_due(enum failing_call call)
{
	return fails == call && ++seen > at;
}

static int sync_log(sqlite3_file *file, int flags)
{
	return is_due(DISK_SYNC) ? fails_with : real_methods->xSync(file, flags);
}

static int write_log(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 where)
{
	return is_due(DISK_WRITE) ? fails_with : real_methods->xWrite(file, bytes, len, where);
}

static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	int rc = real->xOpen(real, name, file, flags, ret_flags);
	(void)vfs;
	if (rc != SQLITE_OK || !(flags & SQLITE_OPEN_WAL))
		return rc;
	real_methods = file->pMethods;
	methods = *real_methods;
	methods.xSync = sync_log;
	methods.xWrite = write_log;
	file->pMethods = &methods;
	return rc;
}

void failing_disk_begin(void)
{
	real = sqlite3_vfs_find(NULL);
	ours = *real;
	ours.zName = "failing";
	ours.xOpen = open_file;
	cr_assert_eq(sqlite3_vfs_register(&ours, 1), SQLITE_OK);
	failing_disk_set(DISK_WELL, 0, 0);
}

void failing_disk_end(void)
{
	sqlite3_vfs_register(real, 1);
	sqlite3_vfs_unregister(&ours);
}

void failing_disk_set(enum failing_call call, int after, int with)
{
	fails = call;
	at = after;
	seen = 0;
	fails_with = with;
}

int failing_disk_struck(void)
{
	return seen > at;
}
