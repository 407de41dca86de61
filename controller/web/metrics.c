/* SPDX-License-Identifier: MIT */
/*
 * Owns the figures that a monitoring system reads.
 * Must never have a label of what people or machines are called, or leave a series out because it is 0.
 */
#include "controller/web/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <holdfast/clock.h>
#include <holdfast/doctor.h>
#include <holdfast/str.h>

#include "controller/journal/backup_note.h"
#include "controller/rereading.h"
#include "controller/web/show_attention.h"

/* One pass over the estate. */
struct tally {
	size_t states[HF_DEVICE_STATE_COUNT];
	size_t not_enforced, unknown;
};

static void say_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP holdfast_%s %s\n# TYPE holdfast_%s %s\n", name, help, name, type);
}

static void say_gauge(FILE *out, const char *name, const char *help, int64_t value)
{
	say_head(out, name, "gauge", help);
	fprintf(out, "holdfast_%s %" PRId64 "\n", name, value);
}

static void tally_devices(const struct hf_controller *c, const struct hf_estate_view *view, struct tally *ret)
{
	*ret = (struct tally){.not_enforced = 0};
	for (size_t i = 0; i < c->estate.n; i++) {
		const struct hf_device *device = &c->estate.v[i];
		bool not_enforced = false;

		ret->states[hf_device_state_of(device, view, &not_enforced)]++;
		ret->not_enforced += not_enforced;
		ret->unknown += device->report && device->report->unknown;
	}
}

static void say_devices(FILE *out, const struct hf_controller *c, const struct hf_lockdowns *lockdowns)
{
	const struct hf_estate_view view = {lockdowns, hf_clock_wall(), hf_controller_stale_s(c)};
	struct tally tally;

	tally_devices(c, &view, &tally);
	say_head(out, "devices", "gauge", "Devices by the one state that is shown of each.");
	for (size_t i = 0; i < HF_DEVICE_STATE_COUNT; i++)
		fprintf(out, "holdfast_devices{state=\"%s\"} %zu\n", hf_device_state_name((enum hf_device_state)i), tally.states[i]);
	say_gauge(out, "devices_not_enforced", "Devices that do not do what is in force; in quiet times those out of reach.",
		  (int64_t)tally.not_enforced);
	say_gauge(out, "devices_unknown", "Devices that lost what they knew, and are locked.", (int64_t)tally.unknown);
	say_gauge(out, "devices_unread", "Devices whose last report is not read again yet after a start.",
		  (int64_t)hf_rereading_left(c));
}

static size_t count_lockdowns(const struct hf_lockdowns *all, enum hf_kind kind, enum hf_mode mode, enum hf_phase phase)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct hf_order *raise = all->v[i].raise->order;

		n += raise->kind == kind && raise->mode == mode && all->v[i].phase == phase;
	}
	return n;
}

static void say_lockdowns(FILE *out, const struct hf_lockdowns *all)
{
	say_head(out, "lockdowns", "gauge", "Lockdowns that are known, by kind, mode and phase.");
	for (int kind = 0; kind < HF_KIND_COUNT; kind++)
		for (int mode = 0; mode < HF_MODE_COUNT; mode++)
			for (int phase = 0; phase < HF_PHASE_COUNT; phase++)
				fprintf(out, "holdfast_lockdowns{kind=\"%s\",mode=\"%s\",phase=\"%s\"} %zu\n",
					hf_kind_name((enum hf_kind)kind), hf_mode_name((enum hf_mode)mode),
					hf_phase_name((enum hf_phase)phase),
					count_lockdowns(all, (enum hf_kind)kind, (enum hf_mode)mode, (enum hf_phase)phase));
}

/* Each reason from the start on: of a series that comes with its first refusal nobody sees that one. */
static void say_reasons(FILE *out, const char *name, const char *help, const int64_t counts[HF_RC_COUNT])
{
	say_head(out, name, "counter", help);
	for (int rc = HF_OK + 1; rc < HF_RC_COUNT; rc++)
		fprintf(out, "holdfast_%s{reason=\"%s\"} %" PRId64 "\n", name, hf_rc_name((enum hf_rc)rc), counts[rc]);
}

static void say_counts(FILE *out, const struct hf_controller *c)
{
	say_head(out, "reports_total", "counter", "Reports of devices that were taken.");
	fprintf(out, "holdfast_reports_total %" PRId64 "\n", c->n_reports);
	say_reasons(out, "reports_refused_total", "Messages of devices that were refused, by reason.", c->bad_reports);
	say_reasons(out, "documents_refused_total", "Documents that were refused at the officers' socket, by reason.",
		    c->refusals.all);
}

static int64_t size_of(const char *folder, const char *name)
{
	char path[HF_CONF_TEXT_SIZE + 32];
	struct stat st;

	return hf_str_printf(path, sizeof(path), "%s/%s", folder, name) == HF_OK && stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static void say_journal(FILE *out, const struct hf_controller *c)
{
	const char *folder = c->settings->state_folder;
	struct statvfs fs;

	say_gauge(out, "journal_records", "Records of the journal.", (int64_t)hf_journal_tree(c->journal)->size);
	say_gauge(out, "journal_bytes", "Bytes of the journal and its write-ahead log.",
		  size_of(folder, "journal.db") + size_of(folder, "journal.db-wal"));
	say_gauge(out, "journal_room", "1 while the disk takes everything, 0 while orders alone are recorded.",
		  hf_journal_has_room(c->journal));
	if (statvfs(folder, &fs) == 0)
		say_gauge(out, "journal_disk_free_bytes", "Bytes that are left on the disk of the journal.",
			  (int64_t)fs.f_bavail * (int64_t)fs.f_frsize);
}

static void say_state(FILE *out, const struct hf_controller *c)
{
	say_gauge(out, "bus_up", "1 while the broker is reached, else 0.", c->bus_up);
	say_gauge(out, "state_sequence", "Number of the last state.", c->seq);
	if (c->said_at.ms > 0)
		say_gauge(out, "state_timestamp_seconds", "When the last state was signed.",
			  hf_clock_wall().s - (hf_clock_boot().ms - c->said_at.ms) / 1000);
}

static void say_certificate(FILE *out, const char *whose, const char *path)
{
	struct hf_certificate_seen seen = {.file = {.rc = HF_E_ABSENT}};

	if (path[0])
		seen = hf_doctor_certificate(path);
	if (seen.file.rc == HF_OK)
		fprintf(out, "holdfast_certificate_expiry_timestamp_seconds{certificate=\"%s\"} %" PRId64 "\n", whose, seen.until.s);
}

static void say_certificates(FILE *out, const struct hf_settings *s)
{
	say_head(out, "certificate_expiry_timestamp_seconds", "gauge", "When a certificate of the server ends; one that cannot be read is absent.");
	say_certificate(out, "ca", s->bus_ca);
	say_certificate(out, "controller", s->bus_certificate);
	say_certificate(out, "broker", s->metrics_broker_certificate);
}

static void say_backup(FILE *out, const struct hf_controller *c, const char *file, const char *name, const char *help)
{
	char path[HF_CONF_TEXT_SIZE + 32];
	struct hf_backup backup;
	struct hf_wall tested = {0};

	say_head(out, name, "gauge", help);
	if (hf_str_printf(path, sizeof(path), "%s/%s", c->settings->state_folder, file) == HF_OK &&
	    hf_backup_read(path, &backup, &tested, NULL) == HF_OK && (strcmp(file, HF_BACKUP_TESTED) != 0 || tested.s > 0))
		fprintf(out, "holdfast_%s %" PRId64 "\n", name, backup.made.s);
}

static void say_attention(FILE *out, const struct hf_controller *c)
{
	json_t *unheard = hf_show_unheard(c), *attention = hf_show_attention(c, unheard);

	say_gauge(out, "attention", "Things that somebody must look into: `holdfast status` says which.",
		  (int64_t)json_array_size(attention));
	say_gauge(out, "lockdowns_unheard", "Live lockdowns that devices hold and that this controller does not know.",
		  (int64_t)json_array_size(unheard));
	json_decref(attention);
	json_decref(unheard);
}

static void say_all(FILE *out, struct hf_controller *c, const struct hf_lockdowns *lockdowns)
{
	say_head(out, "build_info", "gauge", "1, of the version that answers.");
	fputs("holdfast_build_info{version=\"" HF_VERSION "\"} 1\n", out);
	say_devices(out, c, lockdowns);
	say_lockdowns(out, lockdowns);
	say_state(out, c);
	say_journal(out, c);
	say_counts(out, c);
	say_gauge(out, "drafts", "What waits for another approval.", (int64_t)hf_drafts_count(&c->drafts));
	say_attention(out, c);
	say_certificates(out, c->settings);
	say_backup(out, c, HF_BACKUP_MADE, "backup_made_timestamp_seconds", "When the last backup was made; absent: none was.");
	say_backup(out, c, HF_BACKUP_TESTED, "backup_tested_timestamp_seconds",
		   "When the last backup was made that was tried and is good; absent: none was tried.");
}

enum hf_rc hf_metrics_text(struct hf_controller *c, char **ret_text, size_t *ret_len)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	hf_auto_free char *text = NULL;
	size_t len = 0;
	FILE *out;
	bool whole;

	if (hf_controller_lockdowns(c, &lockdowns, NULL) != HF_OK)
		return HF_E_MEMORY;
	out = open_memstream(&text, &len);
	if (!out)
		return HF_E_MEMORY;
	say_all(out, c, &lockdowns);
	whole = !ferror(out);
	if (fclose(out) != 0 || !whole)
		return HF_E_MEMORY;
	*ret_text = hf_steal_ptr(&text);
	*ret_len = len;
	return HF_OK;
}
