/* SPDX-License-Identifier: MIT */
/*
 * beside_book.h - the register beside, as a file of the state folder
 */
#ifndef HOLDFAST_CONTROLLER_BESIDE_BOOK_H
#define HOLDFAST_CONTROLLER_BESIDE_BOOK_H

#include "controller/controller.h"

/*
 * hf_beside_start - read it; what cannot be read is said on every screen, and nothing is known of any account then
 */
void hf_beside_start(struct hf_controller *c);

/*
 * hf_beside_change - record that these rows are changed, and change them
 *
 * Which rows is recorded, and by whom; what they say is no part of the record.
 * @changes  as hf_beside_merge takes them; borrowed
 * @ret_n    how many rows; untouched unless HF_OK
 * Returns   as hf_beside_merge; HF_E_MISMATCH the file there cannot be read; as hf_journal_append; HF_E_SYSTEM
 * Source    controller/API.md "The register beside"
 */
HF_NODISCARD enum hf_rc hf_beside_change(struct hf_controller *c, const json_t *changes, size_t *ret_n,
					 struct hf_err *err);

#endif
