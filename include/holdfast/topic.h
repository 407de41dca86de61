/* SPDX-License-Identifier: MIT */
/*
 * topic.h - the names under which messages travel
 */
#ifndef HOLDFAST_TOPIC_H
#define HOLDFAST_TOPIC_H

#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>
#include <holdfast/str.h>

#define HF_TOPIC_SIZE 256
#define HF_SLICES 64 /* of an estate: an order waits behind one of them at most, some milliseconds of 10,000 devices */

/* clang-format off */
enum hf_topic_kind {
	HF_TOPIC_TRUST,      /* holdfast/1/<council>/trust/<epoch>           number = epoch */
	HF_TOPIC_REGISTER,   /* holdfast/1/<council>/register[/<part>]  number = part, from 2 (0: part 1) */
	HF_TOPIC_BROKERS,    /* holdfast/1/<council>/brokers[/1]  number = 1: the newest that one alone approved (0: that of two) */
	HF_TOPIC_STATE,      /* holdfast/1/<council>/state/<controller>[/<page>]  id, number = page (0: no part) */
	HF_TOPIC_BEAT,       /* holdfast/1/<council>/beat/<slice>/<controller>[/<page>]  slice, id, number = page */
	HF_TOPIC_ASSIGNMENT, /* holdfast/1/<council>/device/<id>/assignment  id */
	HF_TOPIC_RECOVER,    /* holdfast/1/<council>/device/<id>/recover     id */
	HF_TOPIC_GLASS,      /* holdfast/1/<council>/device/<id>/glass/<side>  id, number = 1 side a, 2 side b */
	HF_TOPIC_REPORT,     /* holdfast/1/<council>/device/<id>/report      id */
	HF_TOPIC_ASK,        /* holdfast/1/<council>/device/<id>/ask         id: "I heard nothing" */
	HF_TOPIC_ANSWER,     /* holdfast/1/<council>/device/<id>/answer      id: any of the documents above */
	HF_TOPIC_KIND_COUNT
};
/* clang-format on */

struct hf_topic {
	enum hf_topic_kind kind;
	char council[HF_ID_SIZE];
	char id[HF_ID_SIZE];
	int64_t number;
	int64_t slice; /* 1 .. HF_SLICES */
};

/*
 * hf_topic_parse, hf_topic_print - text to topic and back
 *
 * @text     with end mark; room for HF_TOPIC_SIZE when printed
 * @ret_topic  untouched unless HF_OK
 * Owner     the caller's buffers
 * Returns   HF_OK; HF_E_TYPE no topic of ours; HF_E_SIZE
 * Source    proto/README.md "Bus"
 */
HF_NODISCARD enum hf_rc hf_topic_parse(const char *text, struct hf_topic *ret_topic);
HF_NODISCARD enum hf_rc hf_topic_print(const struct hf_topic *topic, char text[HF_TOPIC_SIZE]);

/*
 * hf_slice_of - in which slice of the estate this device is, for ever
 *
 * @ret_slice  1 .. HF_SLICES; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    proto/README.md "Bus"
 */
HF_NODISCARD enum hf_rc hf_slice_of(const char *device, int64_t *ret_slice);

#endif
