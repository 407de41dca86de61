/* SPDX-License-Identifier: MIT */
/*
 * govuk.h - the channels e-mail and text message by GOV.UK Notify
 */
#ifndef HOLDFAST_NOTIFY_GOVUK_H
#define HOLDFAST_NOTIFY_GOVUK_H

#include "controller/notify/jwt.h"
#include "controller/notify/notify_conf.h"
#include "controller/notify/parcel.h"

/* One of its two channels. Borrowed. */
struct hf_govuk_way {
	const struct hf_notify_conf *conf;
	const struct hf_govuk_key *key;
	bool sms;
};

/*
 * hf_govuk_carrier - messages by GOV.UK Notify
 *
 * One that may be there already is asked for by its reference before it is sent again.
 * @way      a struct hf_govuk_way; kept, not copied
 * Owner     the caller's, to its own free
 * Returns   a carrier; its self NULL: no memory
 * Source    GOV.UK Notify REST API
 */
struct hf_carrier hf_govuk_carrier(const void *way, const atomic_bool *stop);

#endif
