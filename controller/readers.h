/* SPDX-License-Identifier: MIT */
/*
 * readers.h - threads that read reports and verify their signatures while the loop goes on answering officers
 */
#ifndef HOLDFAST_CONTROLLER_READERS_H
#define HOLDFAST_CONTROLLER_READERS_H

#include "controller/reading.h"

struct hf_readers;

/*
 * hf_readers_new - start one thread for each processor, four at most
 *
 * @ret_readers  to hf_readers_free; untouched unless HF_OK
 * Owner     see ret_readers
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    tests/FACTS.md "The bus"
 */
HF_NODISCARD enum hf_rc hf_readers_new(struct hf_controller *c, struct hf_readers **ret_readers, struct hf_err *err);

/*
 * hf_readers_read - have it read, and then taken on the loop's thread
 *
 * Those of one device are taken in the order in which they came. Where so much waits that there is no room for more, it
 * takes what has been read, and waits for the rest. On the loop's thread.
 * @reading  taken over, also on an error
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_readers_read(struct hf_readers *readers, struct hf_reading *reading);

/*
 * hf_readers_free - end the threads; what has been read is taken, what waits is not; set to NULL; accepts NULL
 */
void hf_readers_free(struct hf_readers **readers);

#endif
