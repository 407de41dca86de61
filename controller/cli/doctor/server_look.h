/* SPDX-License-Identifier: MIT */
/*
 * server_look.h - looks at a council's server, and leaves it as it is
 */
#ifndef HOLDFAST_CLI_DOCTOR_SERVER_LOOK_H
#define HOLDFAST_CLI_DOCTOR_SERVER_LOOK_H

#include "controller/cli/cli.h"
#include "controller/cli/doctor/server_facts.h"
#include "controller/conf/settings.h"
#include "controller/office/council_view.h"

/* What is looked at, and by whom. */
struct hf_server_look {
	struct hf_cli *cli;
	const char *conf;	/* the controller's settings */
	const char *backup;	/* a copy of the journal */
	const char *ceremony;	/* the folder that the council was made in */
	bool root;		/* may it see all */
	struct hf_settings settings;
	struct hf_view view; /* the council's trust, and what the controller says */
	char broker_key[HF_DOCTOR_PATH], broker_cert[HF_DOCTOR_PATH];
};

/*
 * hf_look_server - look at all of it
 *
 * @look     what is to be looked at; its view to hf_view_done
 * @ret      zeroed before; to hf_server_facts_done, before the view
 * Source    deploy/guide/it.md "Is all well?"
 */
void hf_look_server(struct hf_server_look *look, struct hf_server_facts *ret);

/*
 * hf_look_journal - have holdfastd read the journal and its copy to their ends
 *
 * Source    holdfastd(8)
 */
void hf_look_journal(const struct hf_server_look *look, struct hf_server_facts *ret);

/*
 * hf_look_controller_program - the holdfastd beside this very program, as both are installed
 *
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_ABSENT there is none
 * Source    holdfastd(8)
 */
HF_NODISCARD enum hf_rc hf_look_controller_program(char path[HF_DOCTOR_PATH]);

/*
 * hf_look_broker - who gets into the broker, by what rules, with how many files
 *
 * Source    mosquitto.conf(5), proc_pid_limits(5), proc_pid_net(5)
 */
void hf_look_broker(struct hf_server_look *look, struct hf_server_facts *ret);

/*
 * hf_look_progress - on a terminal: what is being looked at now; NULL: that line goes
 */
void hf_look_progress(const struct hf_server_look *look, const char *what);

#endif
