/* SPDX-License-Identifier: MIT */
/*
 * server_facts.h - what was seen of a council's server, as one value, and what is found of it
 */
#ifndef HOLDFAST_CLI_DOCTOR_SERVER_FACTS_H
#define HOLDFAST_CLI_DOCTOR_SERVER_FACTS_H

#include <holdfast/day.h>
#include <holdfast/doctor.h>
#include <holdfast/trust.h>

#define HF_DOCTOR_FILES 16 /* keys, rules and settings of a server, and the folders that they lie in */
#define HF_DOCTOR_CERTS 4
#define HF_DOCTOR_PORTS 16 /* on which brokers of one machine listen */
#define HF_DOCTOR_PATH 512

/* The journal or a copy of it. */
struct hf_journal_seen {
	enum hf_seen whole; /* HF_SEEN_NOT: it was not looked at */
	bool absent;
	long long records;
	struct hf_err why; /* it is not whole, or was not looked at */
	struct hf_wall made; /* of a copy */
	enum hf_seen of_this; /* are the records of a copy those of the journal */
};

/* Room on a disk. */
struct hf_disk_seen {
	const char *path;
	enum hf_seen looked;
	unsigned long long free_bytes;
};

/* One root of the trust. */
struct hf_root_seen {
	char name[HF_PERSON_NAME_MAX + 1];
	struct hf_wall signed_at; /* when a trust that it signed was made; 0: it signed none */
};

/* A broker that runs on this machine. */
struct hf_broker_process {
	enum hf_seen looked;
	bool runs;
	unsigned long long files; /* that it may have open at once */
	int ports[HF_DOCTOR_PORTS];
	enum hf_tried plain[HF_DOCTOR_PORTS];
	size_t n_ports;
};

/* Secrets that are to leave the server. */
struct hf_left_here {
	enum hf_seen looked;
	char stick[HF_DOCTOR_PATH]; /* a key of a root, or of the CA; "": none */
	size_t n_sticks;
	char open_ca[HF_DOCTOR_PATH]; /* the key of the CA, without a passphrase; "": none */
	char person[HF_DOCTOR_PATH]; /* a key of somebody that lies beside their own; "": none */
	size_t n_people;
};

struct hf_server_facts {
	enum hf_rc settings; /* HF_OK they were read */
	struct hf_err settings_why;
	struct hf_file_seen files[HF_DOCTOR_FILES];
	size_t n_files;
	struct hf_certificate_seen certs[HF_DOCTOR_CERTS];
	size_t n_certs;
	struct hf_broker_seen broker;
	struct hf_broker_process process;
	enum hf_rc acl; /* HF_E_ROLE: this user may not look */
	char *acl_text; /* malloc'ed */
	char acl_path[HF_DOCTOR_PATH];
	enum hf_seen broker_named; /* has the broker's certificate a name that laptops can reach */
	struct hf_journal_seen journal, copy;
	char copy_path[HF_DOCTOR_PATH];
	enum hf_seen tested; /* a backup was tried once, and it was good */
	struct hf_wall tested_made; /* when that one was made */
	struct hf_disk_seen disk;
	enum hf_seen clock_kept; /* does a time server keep this machine's clock */
	enum hf_rc calendar;
	struct hf_err calendar_why;
	struct hf_day calendar_last, poll; /* the last day it knows; the next poll */
	enum hf_rc council; /* the trust of the council's folder */
	struct hf_err council_why;
	const struct hf_trust *trust; /* NULL: none was read; borrowed */
	struct hf_root_seen roots[HF_ROOTS_MAX];
	size_t n_roots;
	enum hf_rc controller; /* does it answer */
	struct hf_err controller_why;
	bool bus_up;
	json_t *attention; /* what it says of itself; an array, or NULL */
	long long devices, records;
	struct hf_left_here left;
};

/*
 * hf_server_facts_done - free what they own
 */
void hf_server_facts_done(struct hf_server_facts *facts);

/*
 * hf_find_server - all that is wrong with a council's server, by what was seen
 *
 * Pure.
 * @now      by this machine's clock
 * Source    deploy/guide/it.md "Is all well?"
 */
void hf_find_server(struct hf_findings *findings, const struct hf_server_facts *facts, struct hf_wall now);

/*
 * hf_find_people - what too few people could do, by the trust, and which root has not signed for long
 */
void hf_find_people(struct hf_findings *findings, const struct hf_server_facts *facts, struct hf_wall now);

#endif
