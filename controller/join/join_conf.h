/* SPDX-License-Identifier: MIT */
/*
 * join_conf.h - the settings of holdfast-joind
 */
#ifndef HOLDFAST_CONTROLLER_JOIN_CONF_H
#define HOLDFAST_CONTROLLER_JOIN_CONF_H

#include <stdio.h>

#include <holdfast/conf.h>

struct hf_join_conf {
	char address[HF_CONF_TEXT_SIZE]; /* where laptops come; "": every address of the machine */
	int64_t port;
	char certificate[HF_CONF_TEXT_SIZE], key[HF_CONF_TEXT_SIZE]; /* PEM: its own, for TLS alone */
	char state[HF_CONF_TEXT_SIZE];				     /* folder of its book */
	char socket[HF_CONF_TEXT_SIZE], group[HF_CONF_TEXT_SIZE];    /* where IT's terminal comes */
	char controller[HF_CONF_TEXT_SIZE];			     /* the controller's socket */
	int64_t retry_s;					     /* how soon a laptop that waits asks again */
	int64_t log_level;
};

/*
 * hf_join_conf_read - read the settings
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT; HF_E_SHAPE, with the line
 * Source    holdfast-joind(8)
 */
HF_NODISCARD enum hf_rc hf_join_conf_read(const char *path, struct hf_join_conf *ret, struct hf_err *err);

/*
 * hf_join_conf_print - all of them as they are in force
 */
void hf_join_conf_print(FILE *out, const struct hf_join_conf *conf);

#endif
