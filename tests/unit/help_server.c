/* SPDX-License-Identifier: MIT */
/*
 * Owns the controller of the tests.
 * Must never be linked into a program that ships.
 */
#include "tests/unit/help_server.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/topic.h>

#include "controller/begin.h"
#include "controller/publish.h"
#include "controller/readers.h"
#include "controller/own_words.h"
#include "controller/reports.h"
#include "controller/rereading.h"

static void write_file(const struct server *server, const char *name, const struct hf_envelope *envelope)
{
	char path[PATH_MAX];
	char *text = NULL;
	size_t len = 0;
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	cr_assert_eq(hf_fs_replace(test_path(path, server->folder, name), text, len, 0600, NULL), HF_OK, "%s", name);
	free(text);
}

enum hf_rc server_start(struct server *server, struct hf_err *err)
{
	struct hf_controller *c = &server->c;
	enum hf_rc rc;
	memset(c, 0, sizeof(*c));
	c->settings = &server->settings;
	c->rebuilds = server->rebuilds;
	cr_assert_eq(hf_loop_new(&c->loop, err), HF_OK);
	cr_assert_eq(hf_key_from_seed((const uint8_t[32]){1}, &c->key), HF_OK);
	rc = hf_begin(c, &(struct hf_keeper_of_files){.gives = false}, err);
	if (rc == HF_OK && server->threads)
		rc = hf_readers_new(c, &c->readers, err);
	if (rc == HF_OK)
		rc = hf_reports_start(c, err);
	if (rc == HF_OK)
		rc = hf_publish_start(c, err);
	/* As when the broker is there. */
	if (rc == HF_OK)
		hf_own_start(c);
	return rc;
}

void server_stop(struct server *server)
{
	hf_readers_free(&server->c.readers);
	if (server->c.journal)
		hf_reports_flush(&server->c);
	hf_rereading_done(&server->c);
	hf_controller_done(&server->c);
	hf_journal_close(&server->c.journal);
	hf_key_free(&server->c.key);
	hf_loop_free(&server->c.loop);
}

void server_open(struct server *server)
{
	static const char *const folders[] = {"council/trust", "council/assignments"};
	struct hf_err err = {""};
	char path[PATH_MAX];
	memset(server, 0, sizeof(*server));
	hf_log_init(HF_LOG_ERROR);
	council_open(&server->council);
	test_folder_make(server->folder);
	for (size_t i = 0; i < HF_LEN(folders); i++)
		cr_assert_eq(hf_fs_mkdirs(test_path(path, server->folder, folders[i]), 0700, &err), HF_OK, "%s",
			     err.text);
	write_file(server, "council/trust/1.json", server->council.trust);
	write_file(server, "council/register.json", server->council.reg);
	write_file(server, "council/assignments/d1.json", server->council.assignment);
	cr_assert_eq(hf_settings_read("controller.id = main\ncontroller.key = /k\nbus.ca = /c\nbus.certificate = /c\n"
				      "bus.key = /k\nbeat_s = 1\n",
				      &server->settings, &err),
		     HF_OK, "%s", err.text);
	test_path(path, server->folder, "council");
	cr_assert_eq(hf_str_copy(server->settings.council_folder, HF_CONF_TEXT_SIZE, path), HF_OK);
	cr_assert_eq(hf_str_copy(server->settings.state_folder, HF_CONF_TEXT_SIZE, server->folder), HF_OK);
	test_path(path, server->folder, "outside");
	cr_assert_eq(hf_str_copy(server->settings.mark_folder, HF_CONF_TEXT_SIZE, path), HF_OK);
	cr_assert_eq(server_start(server, &err), HF_OK, "%s", err.text);
}

enum hf_rc server_restart(struct server *server, struct hf_err *err)
{
	server_stop(server);
	return server_start(server, err);
}

void server_close(struct server *server)
{
	server_stop(server);
	council_close(&server->council);
	test_folder_remove(server->folder);
}

enum hf_rc server_post(struct server *server, struct hf_envelope *envelope, struct hf_taken *ret_taken,
		       struct hf_err *err)
{
	struct hf_taken own;
	char *text = NULL;
	size_t len = 0;
	enum hf_rc rc;
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	rc = hf_door_take(&server->c, text, len, ret_taken ? ret_taken : &own, err);
	free(text);
	hf_envelope_free(&envelope);
	return rc;
}

struct hf_digest server_open_shut(struct server *server)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_taken taken;
	struct hf_err err = {""};
	server_open(server);
	cr_assert_eq(server_post(server, council_order(&server->council, &order, COMMS_1), &taken, &err), HF_OK, "%s", err.text);
	return taken.digest;
}

void server_report(struct server *server, const char *topic, const struct hf_report *report, unsigned who)
{
	struct hf_envelope *envelope = council_sign(&server->council, HF_DOC_REPORT, hf_report_encode(report), who);
	char *text = NULL, own[HF_TOPIC_SIZE];
	size_t len = 0;
	cr_assert_eq(hf_str_printf(own, sizeof(own), "holdfast/1/" COUNCIL_NAME "/device/%s/report", report->device),
		     HF_OK);
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	hf_reports_message(&server->c, topic ? topic : own, text, len);
	free(text);
	hf_envelope_free(&envelope);
}

void server_hear(struct server *server, struct hf_report doc, unsigned who)
{
	doc.council = COUNCIL_NAME;
	doc.counter = ++server->counter;
	doc.at.s = COUNCIL_T + doc.counter;
	doc.controller = "";
	server_report(server, NULL, &doc, who);
}

void server_damage(const struct server *server, const char *sql)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	cr_assert_eq(sqlite3_open(test_path(path, server->folder, "journal.db"), &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

int server_records_of(const struct server *server, const char *kind)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int n = -1;
	cr_assert_eq(sqlite3_open(test_path(path, server->folder, "journal.db"), &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db,
					kind ? "SELECT count(*) FROM journal WHERE kind = ?1"
					     : "SELECT count(*) FROM journal WHERE kind NOT IN "
					       "('start', 'via', 'lapse', 'silence', 'refusal')",
					-1, &stmt, NULL),
		     SQLITE_OK);
	if (kind)
		sqlite3_bind_text(stmt, 1, kind, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

uint64_t server_records(const struct server *server)
{
	return hf_journal_tree(server->c.journal)->size;
}
