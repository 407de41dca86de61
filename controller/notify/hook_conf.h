/* SPDX-License-Identifier: MIT */
/*
 * hook_conf.h - the settings of one hook: a file of its own, which has its secret
 */
#ifndef HOLDFAST_NOTIFY_HOOK_CONF_H
#define HOLDFAST_NOTIFY_HOOK_CONF_H

#include <stdio.h>

#include <holdfast/conf.h>
#include <holdfast/str.h>

#include "controller/notify/hook_form.h"

#define HF_HOOKS_RUN_MAX 8 /* as many as the controller knows */

struct hf_hook_conf {
	char name[HF_ID_SIZE]; /* of its file, NAME.conf */
	enum hf_hook_form form;
	char url[HF_CONF_LONG_SIZE];	/* where its messages are posted; "": they are files */
	char folder[HF_CONF_TEXT_SIZE]; /* where files are put; "": they are posted */
	char secret[HF_CONF_TEXT_SIZE]; /* by which they are signed; "": the address is the secret */
	char ca[HF_CONF_TEXT_SIZE];
	char proxy[HF_CONF_TEXT_SIZE];
	char sender[HF_CONF_TEXT_SIZE];	     /* of alerts */
	char restriction[HF_CONF_TEXT_SIZE]; /* of alerts */
};

/* All hooks of a folder. Start it zeroed. */
struct hf_hook_confs {
	struct hf_hook_conf v[HF_HOOKS_RUN_MAX];
	size_t n;
};

/*
 * hf_hook_confs_read - read each NAME.conf of a folder
 *
 * @folder   one that is not there has no hooks
 * @proxy    of those that name none
 * @ret      zeroed before
 * Returns   HF_OK; HF_E_KEY others may read one, or change it; HF_E_SHAPE, with file and line; HF_E_SIZE too many
 * Source    holdfast-notify(8) "HOOKS"
 */
HF_NODISCARD enum hf_rc hf_hook_confs_read(const char *folder, const char *proxy, struct hf_hook_confs *ret,
					   struct hf_err *err);

/*
 * hf_hook_conf_print - one hook as it is in force, but for its address and secret
 */
void hf_hook_conf_print(FILE *out, const struct hf_hook_conf *conf);

#endif
