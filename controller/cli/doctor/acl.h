/* SPDX-License-Identifier: MIT */
/*
 * acl.h - what the broker's file of rules lets somebody say and hear
 */
#ifndef HOLDFAST_CLI_DOCTOR_ACL_H
#define HOLDFAST_CLI_DOCTOR_ACL_H

#include <stdbool.h>

/* Somebody wants something. */
struct hf_acl_wish {
	const char *user; /* as the certificate says; NULL: nobody */
	const char *topic;
	bool write; /* else: hear */
};

/*
 * hf_acl_allows - would mosquitto let them, with these rules
 *
 * @text     of the file, with end mark
 * Returns   true or false
 * Source    mosquitto.conf(5), acl_file
 */
bool hf_acl_allows(const char *text, const struct hf_acl_wish *wish);

#endif
