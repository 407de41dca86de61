/* SPDX-License-Identifier: MIT */
/*
 * agent_conf.h - the settings of holdfast-agent and holdfast-link: agent.conf and link.conf
 */
#ifndef HOLDFAST_AGENT_CONF_AGENT_CONF_H
#define HOLDFAST_AGENT_CONF_AGENT_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <holdfast/conf.h>
#include <holdfast/log.h>

#define HF_LINK_USER "holdfast-link"

struct hf_agent_conf {
	char state[HF_CONF_TEXT_SIZE];	       /* folder of the slots and the device's key */
	char link_socket[HF_CONF_TEXT_SIZE];   /* where links come */
	char link_user[HF_CONF_TEXT_SIZE];     /* login name that may come there, besides root and the agent's own */
	char person_socket[HF_CONF_TEXT_SIZE]; /* where people ask */
	char hands_socket[HF_CONF_TEXT_SIZE];  /* of what has rights that the agent has not */
	char chromium[HF_CONF_TEXT_SIZE];      /* folder of managed policies */
	char chrome[HF_CONF_TEXT_SIZE];	       /* folder of managed policies */
	char edge[HF_CONF_TEXT_SIZE];	       /* folder of managed policies */
	char brave[HF_CONF_TEXT_SIZE];	       /* folder of managed policies */
	char packed[HF_CONF_TEXT_SIZE];	       /* folder of the packed extension */
	char fence_socket[HF_CONF_TEXT_SIZE];  /* of the programs layer */
	char names_socket[HF_CONF_TEXT_SIZE];  /* of the network layer */
	char cgroup[HF_CONF_TEXT_SIZE];	       /* mount point of cgroup v2; "" to look for it */
	char log[HF_CONF_TEXT_SIZE];	       /* error, warning, notice, info or debug */
	int64_t beat_s;			       /* how often everything is looked at again and reported, seconds */
	int64_t ask_s;			       /* silence of the council's server after which it is asked, seconds */
	bool network, browser, firefox, others, extension, programs, running; /* layers that are on */
	int64_t queue;				 /* in which the kernel hands packets to the process of names */
	int64_t log_group;			 /* of the kernel's log, in which it tells who was refused an address */
	char proxy[HF_CONF_TEXT_SIZE];		 /* the council's proxies: address:port, with blanks between them */
	int64_t countdown_s;			 /* of a running program that cannot be frozen, seconds */
	char firefox_folder[HF_CONF_TEXT_SIZE];	 /* of Firefox's system settings */
	char firefox_install[HF_CONF_TEXT_SIZE]; /* folder of the device's own Firefox */
	char firefox_socket[HF_CONF_TEXT_SIZE];	 /* where the engines in running Firefoxes come */
	char firefox_extension[HF_CONF_TEXT_SIZE]; /* file of the extension; "" for none */
};

struct hf_link_conf {
	char device[HF_CONF_TEXT_SIZE];
	char council[HF_CONF_TEXT_SIZE];
	char host[HF_CONF_TEXT_SIZE]; /* of the broker */
	char ca[HF_CONF_TEXT_SIZE];
	char certificate[HF_CONF_TEXT_SIZE];
	char key[HF_CONF_TEXT_SIZE];
	char socket[HF_CONF_TEXT_SIZE]; /* the agent's link.socket */
	char user[HF_CONF_TEXT_SIZE];	/* login name to become when started as root */
	char log[HF_CONF_TEXT_SIZE];
	int64_t port;
	int64_t protocol; /* 5 or 311 */
	int64_t keepalive_s;
};

/*
 * hf_agent_conf_read, hf_link_conf_read - read a settings file
 *
 * @path      of the file; when it is NULL all settings have their defaults (the agent alone has one for each)
 * @ret_conf  untouched unless HF_OK
 * Returns    HF_OK; HF_E_ABSENT no such file; HF_E_SHAPE, HF_E_SIZE with the file and the line; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_agent_conf_read(const char *path, struct hf_agent_conf *ret_conf, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_link_conf_read(const char *path, struct hf_link_conf *ret_conf, struct hf_err *err);

/*
 * hf_agent_conf_print, hf_link_conf_print - settings in the form of their file
 *
 * @out     opened for writing
 */
void hf_agent_conf_print(FILE *out, struct hf_agent_conf *conf);
void hf_link_conf_print(FILE *out, struct hf_link_conf *conf);

/*
 * hf_log_level_named - the level of a word of the setting `log`
 *
 * @word       "error" ... "debug"
 * @ret_level  untouched unless HF_OK
 * Returns     HF_OK; HF_E_SHAPE any other word
 */
HF_NODISCARD enum hf_rc hf_log_level_named(const char *word, enum hf_log_level *ret_level, struct hf_err *err);

#endif
