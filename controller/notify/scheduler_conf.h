/* SPDX-License-Identifier: MIT */
/*
 * scheduler_conf.h - the settings of schedulers that are paused by their interface: a file each, which has its key
 */
#ifndef HOLDFAST_NOTIFY_SCHEDULER_CONF_H
#define HOLDFAST_NOTIFY_SCHEDULER_CONF_H

#include <stdio.h>

#include <holdfast/conf.h>
#include <holdfast/str.h>

#define HF_SCHEDULERS_RUN_MAX 4 /* as many as the controller knows */
#define HF_REQUESTS_MAX 240	/* in an hour, of a scheduler of one's own: more would be no use to a council */

struct hf_scheduler_conf {
	char name[HF_ID_SIZE]; /* of its file, NAME.conf */
	char url[HF_CONF_LONG_SIZE]; /* up to .../public/v1, without a / at its end */
	char key[HF_CONF_TEXT_SIZE];
	char ca[HF_CONF_TEXT_SIZE];
	char proxy[HF_CONF_TEXT_SIZE];
	int64_t requests; /* that it takes in an hour */
};

/* All of a folder. Start it zeroed. */
struct hf_scheduler_confs {
	struct hf_scheduler_conf v[HF_SCHEDULERS_RUN_MAX];
	size_t n;
};

/*
 * hf_scheduler_confs_read - read each NAME.conf of a folder
 *
 * @folder   one that is not there has none
 * @proxy    of those that name none
 * @ret      zeroed before
 * Returns   HF_OK; HF_E_KEY others may read one, or change it; HF_E_SHAPE, with file and line; HF_E_SIZE too many
 * Source    holdfast-notify(8) "SCHEDULERS"
 */
HF_NODISCARD enum hf_rc hf_scheduler_confs_read(const char *folder, const char *proxy, struct hf_scheduler_confs *ret,
						struct hf_err *err);

/*
 * hf_scheduler_conf_print - one as it is in force, but for its key
 */
void hf_scheduler_conf_print(FILE *out, const struct hf_scheduler_conf *conf);

#endif
