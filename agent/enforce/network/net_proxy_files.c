/* SPDX-License-Identifier: MIT */
/*
 * Owns which files are asked for the council's proxies.
 * Must never fail because somebody else's file is damaged, nor ask the network for one.
 */
#include "agent/enforce/network/net_proxy_files.h"

#include <dirent.h>
#include <string.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/policies/policy_texts.h"

#define ENVIRONMENT "/etc/environment"
#define FILE_MOST 1048576
#define PATH_SIZE 4096

static void read_script(const char *path, struct hf_net_proxies *ret)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	if (path[0] && hf_fs_read(path, FILE_MOST, &text, &len, NULL) == HF_OK)
		hf_net_proxies_of_script(text, ret);
}

static void read_policy(const char *path, struct hf_net_proxies *ret)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *policy = NULL;
	size_t len = 0;
	const char *script;
	if (hf_fs_read(path, FILE_MOST, &text, &len, NULL) != HF_OK || hf_policy_parse(text, len, &policy) != HF_OK)
		return;
	hf_net_proxies_of_policy(policy, ret);
	ret->hidden = ret->hidden || hf_net_proxies_hidden(policy);
	for (size_t i = 0; (script = hf_net_proxies_script_of(policy, i)); i++)
		read_script(script, ret);
}

static void read_policies(const char *folder, struct hf_net_proxies *ret)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[PATH_SIZE];
	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		if (len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0 &&
		    hf_str_printf(path, sizeof(path), "%s/%s", folder, entry->d_name) == HF_OK)
			read_policy(path, ret);
	}
	if (dir)
		closedir(dir);
}

enum hf_rc hf_net_proxies_find(const struct hf_enforce_conf *conf, struct hf_net_proxies *ret, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	char path[PATH_SIZE];
	size_t len = 0;
	enum hf_rc rc = hf_net_proxies_add(conf->proxy ? conf->proxy : "", ret, err);
	if (rc != HF_OK)
		return rc;
	if (hf_fs_read(ENVIRONMENT, FILE_MOST, &text, &len, NULL) == HF_OK)
		hf_net_proxies_learn(text, ret);
	for (size_t i = 0; i < HF_POLICY_BROWSERS; i++) {
		if (conf->policies[i] && conf->policies[i][0])
			read_policies(conf->policies[i], ret);
	}
	if (conf->firefox_folder && conf->firefox_folder[0] &&
	    hf_str_printf(path, sizeof(path), "%s/policies/policies.json", conf->firefox_folder) == HF_OK)
		read_policy(path, ret);
	/* Whoever names some has looked. */
	ret->hidden = ret->hidden && !(conf->proxy && conf->proxy[0]);
	return HF_OK;
}
