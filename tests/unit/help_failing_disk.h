/* SPDX-License-Identifier: MIT */
/*
 * help_failing_disk.h - SQLite on a disk whose write-ahead log fails at a chosen call
 */
#ifndef HOLDFAST_TESTS_FAILING_DISK_H
#define HOLDFAST_TESTS_FAILING_DISK_H

enum failing_call { DISK_WELL, DISK_SYNC, DISK_WRITE };

/*
 * failing_disk_begin, failing_disk_end - every database that is opened in between lies on it; it is well to begin with
 */
void failing_disk_begin(void);
void failing_disk_end(void);

/*
 * failing_disk_set - from now on calls of this sort fail and are not made, but for so many before
 *
 * @with     SQLITE_FULL, SQLITE_IOERR_FSYNC ...
 */
void failing_disk_set(enum failing_call call, int after, int with);

/*
 * failing_disk_struck - has one failed since
 */
int failing_disk_struck(void);

#endif
