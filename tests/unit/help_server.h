/* SPDX-License-Identifier: MIT */
/*
 * help_server.h - a controller in memory, for tests: the demo council's journal in a folder of its own, and no bus
 */
#ifndef HOLDFAST_TESTS_SERVER_H
#define HOLDFAST_TESTS_SERVER_H

#include "controller/controller.h"
#include "controller/door.h"
#include "tests/help/council.h"
#include "tests/help/folder.h"

struct server {
	struct council council;
	char folder[TEST_FOLDER_SIZE]; /* `council/` and the journal */
	struct hf_settings settings;
	struct hf_controller c;
	int64_t counter; /* of the last report that server_hear made */
	bool threads;	 /* from its next start on reports are read by threads */
	bool rebuilds;	 /* at its next start the tables are made again */
};

/*
 * server_open, server_close - make the folder and import the council; end both
 *
 * What cannot be made fails the test.
 * Source    controller/API.md "First start"
 */
void server_open(struct server *server);
void server_close(struct server *server);

/*
 * server_stop, server_start - close the journal and forget everything; start again from disk
 *
 * Returns   as hf_recall_journal
 */
void server_stop(struct server *server);
enum hf_rc server_start(struct server *server, struct hf_err *err);

/*
 * server_restart - both
 *
 * Returns   as hf_recall_journal
 */
enum hf_rc server_restart(struct server *server, struct hf_err *err);

/*
 * server_post - post an envelope and free it
 *
 * @envelope   taken over
 * @ret_taken  may be NULL
 * Returns   as hf_door_take
 * Source    controller/API.md
 */
enum hf_rc server_post(struct server *server, struct hf_envelope *envelope, struct hf_taken *ret_taken,
		       struct hf_err *err);

/*
 * server_open_shut - server_open with a live emergency in force, raised by COMMS_1
 *
 * Returns   the digest of its raise
 */
struct hf_digest server_open_shut(struct server *server);

/*
 * server_report - have a report come in, signed by who; through the readers, if the server has them
 *
 * @topic    NULL: that of the device which it names
 */
void server_report(struct server *server, const char *topic, const struct hf_report *report, unsigned who);

/*
 * server_hear - the next report of a device: what doc says, with the council's name, the next counter and its time
 */
void server_hear(struct server *server, struct hf_report doc, unsigned who);

/*
 * server_damage - somebody writes into the journal's file, in SQL; the controller has not seen it before its next start
 */
void server_damage(const struct server *server, const char *sql);

/*
 * server_records - how many records the journal has
 */
uint64_t server_records(const struct server *server);

/*
 * server_records_of - how many it has of one kind; NULL: of all documents, which somebody signed
 */
int server_records_of(const struct server *server, const char *kind);

#endif
