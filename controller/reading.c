/* SPDX-License-Identifier: MIT */
/*
 * Owns what can be said of a report by itself: that it is one, and that its device's key signed it.
 * Must never touch anything but the reading: threads do this side by side.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/reading.h"

void hf_reading_read(struct hf_reading *r)
{
	r->rc = hf_envelope_decode(r->buf, r->len, &r->envelope, &r->err);
	if (r->rc == HF_OK)
		r->rc = hf_report_read(r->envelope, &r->pub, &r->report, &r->err);
}

void hf_reading_done(struct hf_reading *r)
{
	hf_envelope_free(&r->envelope);
	hf_report_free(&r->report);
	free(r->buf);
	memset(r, 0, sizeof(*r));
}
