/* SPDX-License-Identifier: MIT */
/*
 * client.h - questions to the controller over its Unix socket
 *
 * What comes back is material to be judged, never believed.
 */
#ifndef HOLDFAST_OFFICE_CLIENT_H
#define HOLDFAST_OFFICE_CLIENT_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>

#include "controller/office/office.h"

/*
 * hf_line_new, hf_line_free - one connection and one buffer for all questions of an office, made when the first is
 * asked
 *
 * Owner     the caller's
 * Returns   NULL no memory
 */
struct hf_line *hf_line_new(void);
void hf_line_free(struct hf_line **line);

/*
 * hf_client_get - one GET
 *
 * @path     "/v1/..."
 * @ret      the answer, read strictly; a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no controller answers there; HF_E_ROLE this person may not open the socket; HF_E_SIZE,
 * HF_E_JSON; HF_E_SYSTEM; the reason that the controller gave, with its sentence Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_client_get(const struct hf_office *office, const char *path, json_t **ret,
				      struct hf_err *err);

/*
 * hf_client_pages - the whole of a list that comes in pages
 *
 * office->on_pages is called before the first and after each of them.
 * @path     "/v1/devices?group=a": of the first page
 * @ret      the last page, with the rows of all; a new reference, the caller's; untouched unless HF_OK
 * Returns   as hf_client_get; HF_E_SHAPE pages that do not go on from id to id; HF_E_SIZE more rows than an estate has
 * Source    controller/API.md "Devices"
 */
HF_NODISCARD enum hf_rc hf_client_pages(const struct hf_office *office, const char *path, json_t **ret,
					struct hf_err *err);

/*
 * hf_client_list - one GET of a list: its array alone
 *
 * @name     "orders", "drafts": of the path and of the array in the answer
 * @ret      a new reference, the caller's; untouched unless HF_OK; NULL when there is no such array
 * Returns   as hf_client_get
 */
HF_NODISCARD enum hf_rc hf_client_list(const struct hf_office *office, const char *name, json_t **ret,
				       struct hf_err *err);

/*
 * hf_client_post - post an envelope with its approvals
 *
 * Owner     as hf_client_get
 * Returns   as hf_client_get; HF_E_UNSURE it was sent, and nobody says what became of it: hf_post asks again
 * Source    controller/API.md "POST /v1/envelopes"
 */
HF_NODISCARD enum hf_rc hf_client_post(const struct hf_office *office, const struct hf_envelope *envelope, json_t **ret,
				       struct hf_err *err);

/*
 * hf_client_post_proofs - post proofs of assignments
 *
 * @proofs   borrowed
 * Owner     as hf_client_get
 * Returns   as hf_client_post
 * Source    controller/API.md "POST /v1/proofs"
 */
HF_NODISCARD enum hf_rc hf_client_post_proofs(const struct hf_office *office, const json_t *proofs, json_t **ret,
					      struct hf_err *err);

/*
 * hf_client_tell - one POST to the outbox
 *
 * @said     what is to be done; taken over; NULL: no memory
 * Owner     as hf_client_get
 * Returns   as hf_client_post
 * Source    controller/API.md "The outbox"
 */
HF_NODISCARD enum hf_rc hf_client_tell(const struct hf_office *office, json_t *said, json_t **ret, struct hf_err *err);

/*
 * hf_client_say - the same to another path
 *
 * @path     "/v1/..."
 * Owner     as hf_client_tell
 * Returns   as hf_client_get
 */
HF_NODISCARD enum hf_rc hf_client_say(const struct hf_office *office, const char *path, json_t *said, json_t **ret,
				      struct hf_err *err);

/*
 * hf_client_text, hf_client_number - a member of what the controller said
 *
 * @none     what stands for a text that is not there; a number is 0 then
 * Returns   belongs to the object
 */
const char *hf_client_text(const json_t *object, const char *name, const char *none);
long long hf_client_number(const json_t *object, const char *name);

#endif
