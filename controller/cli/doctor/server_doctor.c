/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from looking at a server to what is found of it.
 * Must never hold a look or a judgement of its own.
 */
#include <stdlib.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "controller/cli/doctor/server_doctor.h"
#include "controller/cli/doctor/server_look.h"

#define BACKUP "/var/backups/holdfast-journal.db" /* as the guide has it */
#define CEREMONY HF_ETC "/ceremony"

enum hf_rc hf_doctor_server(struct hf_cli *cli, const char *conf, const char *backup, struct hf_findings *ret,
			    struct hf_err *err)
{
	hf_auto_free struct hf_server_look *look = calloc(1, sizeof(*look));
	hf_auto_free struct hf_server_facts *facts = calloc(1, sizeof(*facts));

	if (!look || !facts)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	look->cli = cli;
	look->conf = conf ? conf : HF_CONTROLLER_CONF;
	look->backup = backup ? backup : BACKUP;
	look->ceremony = CEREMONY;
	look->root = geteuid() == 0;
	hf_look_server(look, facts);
	hf_find_server(ret, facts, hf_clock_wall());
	hf_server_facts_done(facts);
	hf_view_done(&look->view);
	return HF_OK;
}
