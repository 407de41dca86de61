/* SPDX-License-Identifier: MIT */
/*
 * settings.h - the settings of holdfastd
 */
#ifndef HOLDFAST_CONTROLLER_SETTINGS_H
#define HOLDFAST_CONTROLLER_SETTINGS_H

#include <stdint.h>
#include <stdio.h>

#include <holdfast/conf.h>

struct hf_settings {
	char council_folder[HF_CONF_TEXT_SIZE]; /* read when the journal is empty */
	char state_folder[HF_CONF_TEXT_SIZE];
	char mark_folder[HF_CONF_TEXT_SIZE]; /* outside of the state folder: how long the journal was */
	char socket_path[HF_CONF_TEXT_SIZE];
	char socket_group[HF_CONF_TEXT_SIZE]; /* "": none but the user it runs as */
	char controller_id[HF_CONF_TEXT_SIZE];
	char controller_key[HF_CONF_TEXT_SIZE];
	char bus_host[HF_CONF_TEXT_SIZE];
	char bus_ca[HF_CONF_TEXT_SIZE], bus_certificate[HF_CONF_TEXT_SIZE], bus_key[HF_CONF_TEXT_SIZE];
	char user[HF_CONF_TEXT_SIZE]; /* whom to become when started as root; "": stay */
	char notify_user[HF_CONF_TEXT_SIZE]; /* whom messages are handed to; "": nobody is told of anything */
	char notify_people[HF_CONF_TEXT_SIZE]; /* the people file */
	char notify_templates[HF_CONF_TEXT_SIZE]; /* folder of the council's own words */
	char join_user[HF_CONF_TEXT_SIZE]; /* whom holdfast-joind runs as, and who gets what a bundle needs alone; "": nobody */
	char check_standing[HF_CONF_TEXT_SIZE]; /* the council's own items of checklists */
	char check_schedulers[HF_CONF_TEXT_SIZE]; /* where to click in which scheduler */
	char notify_sms[HF_CONF_TEXT_SIZE]; /* what is told by text message, too; "": nothing */
	char notify_hooks[HF_CONF_TEXT_SIZE]; /* machines that are told all */
	char notify_alerts[HF_CONF_TEXT_SIZE]; /* machines that are told of lockdowns alone */
	char metrics_broker_certificate[HF_CONF_TEXT_SIZE]; /* whose end is told, too; "": none */
	int64_t metrics_port; /* on the loopback address alone; 0: none */
	char notify_schedulers[HF_CONF_TEXT_SIZE]; /* schedulers that are paused by their interface; "": none */
	int64_t notify_remind_days; /* after the start of a period; 0: nobody is reminded */
	int64_t bus_port, bus_protocol, bus_keepalive_s;
	int64_t beat_s;	  /* the state is signed anew at least this often */
	int64_t report_s; /* a device is expected to report at least this often */
	int64_t log_level;
};

/*
 * hf_settings_read - fill the settings from the text of a file
 *
 * @ret_settings  may be written in part on failure
 * Owner     a copy
 * Returns   HF_OK; HF_E_SHAPE what is wrong, with its line
 * Source    controller/API.md "Settings"
 */
HF_NODISCARD enum hf_rc hf_settings_read(const char *text, struct hf_settings *ret_settings, struct hf_err *err);

/*
 * hf_settings_print - all settings as they are in force, in the form of the file
 */
void hf_settings_print(FILE *out, struct hf_settings *settings);

#endif
