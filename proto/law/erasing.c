/* SPDX-License-Identifier: MIT */
/*
 * Owns the question whether what records say may be let go.
 * Must never let it go by one person's word, or by that of who runs the server.
 */
#include <string.h>

#include "proto/law/law.h"

enum hf_rc hf_erase_open(const struct hf_known *known, const struct hf_envelope *envelope, struct hf_erase **ret_erase,
			 struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;
	struct hf_verdict verdict;
	enum hf_rc rc = hf_approval_document(known->trust, envelope, &verdict, err);

	if (rc == HF_OK)
		rc = hf_erase_decode(envelope, &erase, err);
	if (rc != HF_OK)
		return rc;
	if (strcmp(known->council, erase->council) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "This was made for another council, %s.", erase->council);
	*ret_erase = hf_steal_ptr(&erase);
	return HF_OK;
}
