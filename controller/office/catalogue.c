/* SPDX-License-Identifier: MIT */
/*
 * Owns which posting tools are known for a council's platforms.
 * Must never take a tool of the catalogue instead of the council's own of that name.
 */
#include "controller/office/catalogue.h"

#include <string.h>

#include <holdfast/register.h>

#include "controller/office/own_file.h"

#define CATALOGUE_MAX (1024 * 1024) /* 200 tools with all their names, several times over */
#define SOURCES_MAX 64

static enum hf_rc take_catalogue(struct hf_catalogue *catalogue, struct hf_err *err)
{
	const char *about = NULL;
	json_t *sources = NULL;
	const struct hf_json_member members[] = {
		{"about", HF_JSON_TEXT, &about, 4096, true},
		{"version", HF_JSON_LINE, &catalogue->version, 64, false},
		{"sources", HF_JSON_ARRAY, &sources, SOURCES_MAX, true},
		{"tools", HF_JSON_ARRAY, &catalogue->tools, HF_TOOLS_MAX, false},
	};
	return hf_json_take(catalogue->doc, members, HF_LEN(members), err);
}

enum hf_rc hf_catalogue_read(const char *path, struct hf_catalogue *ret_catalogue, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = hf_own_json(path, CATALOGUE_MAX, &ret_catalogue->doc, &why, err);
	if (rc != HF_OK && !why.text[0])
		return rc;
	if (rc == HF_OK)
		rc = take_catalogue(ret_catalogue, &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "The catalogue %s cannot be used: %s", path, why.text);
}

static bool posts_to(const json_t *tool, const char *account)
{
	json_t *platforms = json_object_get(tool, "platforms"), *one;
	size_t i;
	json_array_foreach(platforms, i, one)
	{
		const char *platform = json_string_value(one);
		size_t len = platform ? strlen(platform) : 0;
		if (len > 0 && strncmp(account, platform, len) == 0 && account[len] == ':')
			return true;
	}
	return false;
}

static const char *id_of(const json_t *object)
{
	const char *id = json_string_value(json_object_get(object, "id"));
	return id ? id : "";
}

static bool posts_to_any(const json_t *tool, const json_t *accounts)
{
	json_t *account;
	size_t i;
	json_array_foreach(accounts, i, account)
	{
		if (posts_to(tool, id_of(account)))
			return true;
	}
	return false;
}

static bool has_id(const json_t *tools, const char *id)
{
	json_t *tool;
	size_t i;
	json_array_foreach(tools, i, tool)
	{
		if (strcmp(id_of(tool), id) == 0)
			return true;
	}
	return false;
}

/* Why it is listed is for whoever reads the file. */
static json_t *without_why(const json_t *tool)
{
	json_t *copy = json_copy((json_t *)tool);
	if (copy)
		(void)json_object_del(copy, "why");
	return copy;
}

json_t *hf_catalogue_tools(const struct hf_catalogue *catalogue, const json_t *accounts, const json_t *own)
{
	hf_auto_json json_t *tools = json_array();
	json_t *tool;
	size_t i;
	json_array_foreach(catalogue->tools, i, tool)
	{
		if (posts_to_any(tool, accounts) && !has_id(own, id_of(tool)) &&
		    json_array_append_new(tools, without_why(tool)) != 0)
			return NULL;
	}
	if (own && json_array_extend(tools, (json_t *)own) != 0)
		return NULL;
	return json_incref(tools);
}

enum hf_rc hf_tools_reach_all(const json_t *accounts, const json_t *tools, struct hf_err *err)
{
	json_t *account, *tool;
	size_t i, j;
	json_array_foreach(accounts, i, account)
	{
		bool reached = false;
		json_array_foreach(tools, j, tool)
		{
			reached = reached || (posts_to(tool, id_of(account)) &&
					      json_array_size(json_object_get(tool, "addresses")) > 0);
		}
		if (!reached)
			return hf_err_set(err, HF_E_SHAPE,
					  "No posting tool with an address posts to the account %s: no lockdown would "
					  "block it; add a tool with the names of its platform first (in a plan: among its tools).",
					  id_of(account));
	}
	return HF_OK;
}

void hf_catalogue_done(struct hf_catalogue *catalogue)
{
	json_decref(catalogue->doc);
	*catalogue = (struct hf_catalogue){0};
}
