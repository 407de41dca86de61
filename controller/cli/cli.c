/* SPDX-License-Identifier: MIT */
/*
 * Owns what every command does in the same way: its JSON answer, its headings in colour.
 * Must never decide anything about an order.
 */
#include "controller/cli/cli.h"

#define RESET "\033[0m"

enum hf_rc hf_cli_answer(struct hf_cli *cli, json_t *answer, struct hf_err *err)
{
	hf_auto_json json_t *mine = answer;

	if (!mine)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (cli->aside && json_object_update(mine, (json_t *)cli->aside) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	cli->answered = true;
	if (json_dumpf(mine, cli->out, JSON_INDENT(2)) != 0 || fputc('\n', cli->out) == EOF)
		return hf_err_set(err, HF_E_SYSTEM, "The answer could not be written.");
	fflush(cli->out);
	return HF_OK;
}

const struct hf_mark *hf_cli_marks(const struct hf_cli *cli)
{
	static const struct hf_mark marks[HF_TONE_COUNT] = {
		[HF_TONE_PLAIN] = {"\033[1m", RESET},
		[HF_TONE_LIVE] = {"\033[1;37;41m ", " " RESET},
		[HF_TONE_EXERCISE] = {"\033[1;30;46m ", " " RESET},
	};

	return cli->colour ? marks : NULL;
}
