/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast tool add`, `tool change`, `tool remove` and `catalogue update` (policy D9.2).
 * Must never touch a tool that was not named, or that the catalogue has not.
 */
#include <holdfast/names.h>
#include <holdfast/paths.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"

/* Each list as it was said. */
struct tool_lists {
	const char *id, *name;
	struct hf_list platforms, addresses, dedicated, programs, none;
	bool no_dedicated;
};

static const struct hf_list *said_list(const struct hf_list *list)
{
	return list->n > 0 ? list : NULL;
}

static struct hf_tool_wish tool_wish(const struct tool_lists *lists)
{
	return (struct hf_tool_wish){
		.id = lists->id,
		.name = lists->name,
		.platforms = said_list(&lists->platforms),
		.addresses = said_list(&lists->addresses),
		.dedicated = lists->no_dedicated ? &lists->none : said_list(&lists->dedicated),
		.programs = said_list(&lists->programs),
	};
}

static enum hf_rc add_tool(struct hf_change *change, void *arg, struct hf_err *err)
{
	const struct hf_tool_wish wish = tool_wish(arg);

	return hf_change_tool(change, &wish, err);
}

static enum hf_rc change_tool(struct hf_change *change, void *arg, struct hf_err *err)
{
	const struct hf_tool_wish wish = tool_wish(arg);

	return hf_change_tool_lists(change, &wish, err);
}

static enum hf_rc remove_tool(struct hf_change *change, void *arg, struct hf_err *err)
{
	return hf_change_tool_remove(change, ((const struct tool_lists *)arg)->id, err);
}

/* The options of those that say what a tool is. */
#define TOOL_OPTIONS(lists)                                                                                            \
	{"name", HF_ARG_TEXT, &(lists)->name, "TEXT", HF_TEXT("what people call it"), 0},                              \
		{"platform", HF_ARG_IDS, &(lists)->platforms, "PLATFORM", HF_TEXT("what it posts to"), 0},             \
		{"address", HF_ARG_IDS, &(lists)->addresses, "HOST", HF_TEXT("a name of its sites, such as x.com"), 0}, \
		{"dedicated", HF_ARG_IDS, &(lists)->dedicated, "HOST",                                                 \
		 HF_TEXT("of these: nothing else is served there"), 0},                                                \
	{                                                                                                              \
		"program", HF_ARG_LIST, &(lists)->programs, "PATH", HF_TEXT("a file or folder of its programs"), 0     \
	}

enum hf_rc hf_cli_tool_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct tool_lists lists = {.id = NULL};
	struct hf_edit edit = {.apply = add_tool, .arg = &lists};
	const struct hf_arg rows[] = {TOOL_OPTIONS(&lists), HF_ARG_EDIT(&edit)};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && (lists.platforms.n == 0 || lists.addresses.n + lists.programs.n == 0))
		return hf_err_set(err, HF_E_USAGE,
				  "Say with --platform what it posts to, and with --address or --program what is blocked.");
	if (rc != HF_OK)
		return rc;
	lists.id = args->rest[0];
	return hf_edit_register(cli, &edit, err);
}

enum hf_rc hf_cli_tool_change(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct tool_lists lists = {.id = NULL};
	struct hf_edit edit = {.apply = change_tool, .arg = &lists};
	const struct hf_arg rows[] = {
		TOOL_OPTIONS(&lists),
		{"no-dedicated", HF_ARG_FLAG, &lists.no_dedicated, NULL, HF_TEXT("none of its addresses is dedicated"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && lists.no_dedicated && lists.dedicated.n > 0)
		return hf_err_set(err, HF_E_USAGE, "Say either --dedicated or --no-dedicated.");
	if (rc != HF_OK)
		return rc;
	lists.id = args->rest[0];
	return hf_edit_register(cli, &edit, err);
}

enum hf_rc hf_cli_tool_remove(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct tool_lists lists = {.id = NULL};
	struct hf_edit edit = {.apply = remove_tool, .arg = &lists};
	const struct hf_arg rows[] = {HF_ARG_EDIT(&edit)};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	lists.id = args->rest[0];
	return hf_edit_register(cli, &edit, err);
}

struct update {
	struct hf_catalogue catalogue;
	struct hf_list keep;
};

static enum hf_rc take_update(struct hf_change *change, void *arg, struct hf_err *err)
{
	const struct update *update = arg;

	return hf_change_catalogue(change, &update->catalogue, &update->keep, err);
}

enum hf_rc hf_cli_catalogue_update(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct update update = {.keep = {.n = 0}};
	struct hf_edit edit = {.apply = take_update, .arg = &update};
	const char *path = HF_CATALOGUE;
	const struct hf_arg rows[] = {
		{"catalogue", HF_ARG_TEXT, &path, "FILE", HF_TEXT("another file (the package's)"), 0},
		{"keep", HF_ARG_IDS, &update.keep, "TOOL", HF_TEXT("a tool that stays as the council has it"), 0},
		{"preview", HF_ARG_FLAG, &edit.preview, NULL, HF_TEXT("show what would change, and send nothing"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_catalogue_read(path, &update.catalogue, err);
	if (rc == HF_OK)
		rc = hf_edit_register(cli, &edit, err);
	hf_catalogue_done(&update.catalogue);
	return rc;
}
