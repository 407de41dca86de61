/* SPDX-License-Identifier: MIT */
/*
 * server_doctor.h - the doctor of a council's server: looks, and says what it found
 */
#ifndef HOLDFAST_CLI_DOCTOR_SERVER_DOCTOR_H
#define HOLDFAST_CLI_DOCTOR_SERVER_DOCTOR_H

#include <holdfast/findings.h>

#include "controller/cli/cli.h"

/*
 * hf_doctor_server - look at this server, and find what is wrong
 *
 * @conf     the controller's settings; NULL: where the package has them
 * @backup   a copy of the journal; NULL: where the guide has it
 * @ret      zeroed before; to hf_findings_done
 * Returns   HF_OK it was looked at, whatever was found; HF_E_MEMORY
 * Source    deploy/guide/it.md "Is all well?"
 */
HF_NODISCARD enum hf_rc hf_doctor_server(struct hf_cli *cli, const char *conf, const char *backup,
					 struct hf_findings *ret, struct hf_err *err);

#endif
