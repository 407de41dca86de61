/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the channels from the settings.
 * Must never take a channel for another one, or the same twice.
 */
#include <string.h>

#include "controller/telling/ways.h"

/* The next word of a list; false: there is none. */
static bool next_name(const char **at, char ret[HF_ID_SIZE], bool *ret_fits)
{
	size_t len;
	*at += strspn(*at, " ,");
	len = strcspn(*at, " ,");
	*ret_fits = hf_str_printf(ret, HF_ID_SIZE, "%.*s", (int)len, *at) == HF_OK;
	*at += len;
	return len > 0;
}

static enum hf_rc read_sms(const char *text, struct hf_ways *ways, struct hf_err *err)
{
	char word[HF_ID_SIZE];
	bool fits;
	while (next_name(&text, word, &fits)) {
		enum hf_told_kind what = fits ? hf_told_from_name(word) : HF_TOLD_COUNT;
		if (what == HF_TOLD_COUNT)
			return hf_err_set(err, HF_E_SHAPE, "notify.sms: '%.64s' is nothing that people are told", word);
		ways->sms[what] = true;
	}
	return HF_OK;
}

const struct hf_hook *hf_ways_hook(const struct hf_ways *ways, const char *name)
{
	for (size_t i = 0; i < ways->n_hooks; i++)
		if (strcmp(ways->hooks[i].name, name) == 0)
			return &ways->hooks[i];
	return NULL;
}

static enum hf_rc read_hooks(const char *text, bool alerts, struct hf_ways *ways, struct hf_err *err)
{
	const char *setting = alerts ? "notify.alerts" : "notify.hooks";
	struct hf_hook hook = {.alerts = alerts};
	bool fits;
	while (next_name(&text, hook.name, &fits)) {
		if (!fits || !hf_id_ok(hook.name) || strcmp(hook.name, HF_CHANNEL_MAIL) == 0 ||
		    strcmp(hook.name, HF_CHANNEL_SMS) == 0)
			return hf_err_set(err, HF_E_SHAPE, "%s: '%.64s' is no name of a hook", setting, hook.name);
		if (hf_ways_hook(ways, hook.name))
			return hf_err_set(err, HF_E_SHAPE, "%s: the hook %s is named twice", setting, hook.name);
		if (ways->n_hooks == HF_HOOKS_MAX)
			return hf_err_set(err, HF_E_SHAPE, "%s: more than %d hooks", setting, HF_HOOKS_MAX);
		ways->hooks[ways->n_hooks++] = hook;
	}
	return HF_OK;
}

enum hf_rc hf_ways_schedulers(const char *names, char ret[HF_SCHEDULERS_MAX][HF_ID_SIZE], size_t *ret_n,
			      struct hf_err *err)
{
	char name[HF_ID_SIZE];
	size_t n = 0;
	bool fits;
	while (next_name(&names, name, &fits)) {
		if (!fits || !hf_id_ok(name))
			return hf_err_set(err, HF_E_SHAPE, "notify.schedulers: '%.64s' is no name of a scheduler", name);
		for (size_t i = 0; i < n; i++)
			if (strcmp(ret[i], name) == 0)
				return hf_err_set(err, HF_E_SHAPE, "notify.schedulers: %s is named twice", name);
		if (n == HF_SCHEDULERS_MAX)
			return hf_err_set(err, HF_E_SHAPE, "notify.schedulers: more than %d", HF_SCHEDULERS_MAX);
		memcpy(ret[n++], name, sizeof(name));
	}
	*ret_n = n;
	return HF_OK;
}

enum hf_rc hf_ways_read(const char *sms, const char *hooks, const char *alerts, struct hf_ways *ret, struct hf_err *err)
{
	struct hf_ways ways = {.n_hooks = 0};
	enum hf_rc rc = read_sms(sms, &ways, err);
	if (rc == HF_OK)
		rc = read_hooks(hooks, false, &ways, err);
	if (rc == HF_OK)
		rc = read_hooks(alerts, true, &ways, err);
	if (rc == HF_OK)
		*ret = ways;
	return rc;
}
