/* SPDX-License-Identifier: MIT */
/*
 * Owns the controller of the tests.
 * Must never be linked into a program that ships.
 */
#include "tests/unit/help_office.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/topic.h>

#include "controller/import.h"
#include "controller/publish.h"
#include "controller/recall.h"
#include "controller/reports.h"

static void write_file(const struct office *office, const char *name, const struct hf_envelope *envelope)
{
	char path[PATH_MAX];
	char *text = NULL;
	size_t len = 0;
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	cr_assert_eq(hf_fs_replace(test_path(path, office->folder, name), text, len, 0600, NULL), HF_OK, "%s", name);
	free(text);
}

static enum hf_rc begin(struct office *office, struct hf_err *err)
{
	struct hf_controller *c = &office->c;
	char path[PATH_MAX];
	enum hf_rc rc;
	memset(c, 0, sizeof(*c));
	c->settings = &office->settings;
	cr_assert_eq(hf_loop_new(&c->loop, err), HF_OK);
	cr_assert_eq(hf_key_from_seed((const uint8_t[32]){1}, &c->key), HF_OK);
	rc = hf_journal_open(office->folder, &c->journal, err);
	if (rc == HF_OK)
		rc = hf_recall_journal(c, err);
	if (rc == HF_OK && !c->begun)
		rc = hf_import_council(c, test_path(path, office->folder, "council"), err);
	if (rc == HF_OK)
		rc = hf_reports_start(c, err);
	return rc == HF_OK ? hf_publish_start(c, err) : rc;
}

static void end(struct office *office)
{
	if (office->c.journal)
		hf_reports_flush(&office->c);
	hf_controller_done(&office->c);
	hf_journal_close(&office->c.journal);
	hf_key_free(&office->c.key);
	hf_loop_free(&office->c.loop);
}

void office_open(struct office *office)
{
	static const char *const folders[] = {"council/trust", "council/assignments"};
	struct hf_err err = {""};
	char path[PATH_MAX];
	memset(office, 0, sizeof(*office));
	hf_log_init("test", HF_LOG_ERROR);
	council_open(&office->council);
	test_folder_make(office->folder);
	for (size_t i = 0; i < HF_LEN(folders); i++)
		cr_assert_eq(hf_fs_mkdirs(test_path(path, office->folder, folders[i]), 0700, &err), HF_OK, "%s",
			     err.text);
	write_file(office, "council/trust/1.json", office->council.trust);
	write_file(office, "council/register.json", office->council.reg);
	write_file(office, "council/assignments/d1.json", office->council.assignment);
	cr_assert_eq(hf_settings_read("controller.id = main\ncontroller.key = /k\nbus.ca = /c\nbus.certificate = /c\n"
				      "bus.key = /k\nbeat_s = 1\n",
				      &office->settings, &err),
		     HF_OK, "%s", err.text);
	cr_assert_eq(begin(office, &err), HF_OK, "%s", err.text);
}

enum hf_rc office_restart(struct office *office, struct hf_err *err)
{
	end(office);
	return begin(office, err);
}

void office_close(struct office *office)
{
	end(office);
	council_close(&office->council);
	test_folder_remove(office->folder);
}

enum hf_rc office_post(struct office *office, struct hf_envelope *envelope, struct hf_taken *ret_taken,
		       struct hf_err *err)
{
	struct hf_taken own;
	char *text = NULL;
	size_t len = 0;
	enum hf_rc rc;
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	rc = hf_door_take(&office->c, text, len, ret_taken ? ret_taken : &own, err);
	free(text);
	hf_envelope_free(&envelope);
	return rc;
}

void office_report(struct office *office, const char *topic, const struct hf_report *report, unsigned who)
{
	struct hf_envelope *envelope = council_sign(&office->council, HF_DOC_REPORT, hf_report_encode(report), who);
	char *text = NULL, own[HF_TOPIC_SIZE];
	size_t len = 0;
	cr_assert_eq(hf_str_printf(own, sizeof(own), "holdfast/1/" COUNCIL_NAME "/device/%s/report", report->device),
		     HF_OK);
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	hf_reports_message(&office->c, topic ? topic : own, text, len);
	free(text);
	hf_envelope_free(&envelope);
}

uint64_t office_records(const struct office *office)
{
	return hf_journal_tree(office->c.journal)->size;
}
