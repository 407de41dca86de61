/* SPDX-License-Identifier: MIT */
/*
 * wal_anew.h - the write-ahead log of the journal is on disk before it is read
 *
 * For the files of this room alone.
 */
#ifndef HOLDFAST_CONTROLLER_WAL_ANEW_H
#define HOLDFAST_CONTROLLER_WAL_ANEW_H

#include <holdfast/err.h>

/*
 * hf_wal_write_anew - write each byte of the log once more as it is read, and synchronise it
 *
 * Of a synchronisation that failed the system keeps what is on no disk, as if it were, and says so no second time.
 * @path     of the database, which nobody has open to write
 * Returns   HF_OK also where there is none; HF_E_SYSTEM; HF_E_MEMORY
 * Source    fsync(2) "ERRORS"; tests/FACTS.md "Storage"
 */
HF_NODISCARD enum hf_rc hf_wal_write_anew(const char *path, struct hf_err *err);

#endif
