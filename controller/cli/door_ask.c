/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from IT's terminal to the council's door, and what is said when it does not answer.
 * Must never believe it.
 */
#include "controller/cli/door_ask.h"

#include <string.h>

#include "controller/office/client.h"

static struct hf_office door_of(const struct hf_cli *cli)
{
	return (struct hf_office){.socket = cli->door};
}

static enum hf_rc told(const struct hf_cli *cli, enum hf_rc rc, const struct hf_err *why, struct hf_err *err)
{
	const char *said = strstr(why->text, "): ");

	if (rc == HF_OK)
		return rc;
	if (said)
		return hf_err_set(err, rc, "The council's door refused (%s): %s", hf_rc_name(rc), said + 3);
	if (rc == HF_E_ABSENT)
		return hf_err_set(err, rc, "The council's door does not answer at %s: holdfast-joind must run there (or say --join-socket).",
				  cli->door);
	return hf_err_set(err, rc, "The council's door: %s", why->text);
}

enum hf_rc hf_door_get(const struct hf_cli *cli, const char *path, json_t **ret, struct hf_err *err)
{
	const struct hf_office door = door_of(cli);
	struct hf_err why = {""};

	return told(cli, hf_client_get(&door, path, ret, &why), &why, err);
}

enum hf_rc hf_door_say(const struct hf_cli *cli, const char *path, json_t *said, json_t **ret, struct hf_err *err)
{
	const struct hf_office door = door_of(cli);
	struct hf_err why = {""};

	return told(cli, hf_client_say(&door, path, said, ret, &why), &why, err);
}
