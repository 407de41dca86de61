/* SPDX-License-Identifier: MIT */
/*
 * Owns the look at a council's server: files, disk, clock, calendar, people, the controller's own word.
 * Must never change anything, nor judge what it sees.
 */
#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <holdfast/calendar.h>
#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "controller/cli/doctor/server_look.h"
#include "controller/journal/backup_note.h"
#include "controller/office/calendar_files.h"
#include "controller/office/client.h"

#define CA_KEY_MAX 16384 /* an encrypted one is about 500 bytes */

#define DAY_S 86400
#define POLL_MONTH 5 /* the ordinary day of election: the first Thursday in May */
#define ALL_ERASED "\r\033[K"

void hf_look_progress(const struct hf_server_look *look, const char *what)
{
	if (isatty(STDERR_FILENO) != 1)
		return;
	fputs(ALL_ERASED, look->cli->err);
	if (what)
		fprintf(look->cli->err, hf_text("Looking at %s ..."), what);
	fflush(look->cli->err);
}

static void look_settings_file(struct hf_server_look *look, struct hf_server_facts *ret)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;

	ret->settings = hf_fs_read(look->conf, HF_CONF_FILE_MAX, &text, &len, &ret->settings_why);
	if (ret->settings == HF_OK)
		ret->settings = hf_settings_read(text, &look->settings, &ret->settings_why);
	else if (ret->settings == HF_E_SYSTEM && !look->root)
		ret->settings = HF_E_ROLE;
	if (ret->settings == HF_OK && !look->cli->office.folder)
		look->cli->office.folder = look->settings.council_folder;
}

static const hf_user *user_of(const char *name, hf_user *room)
{
	const struct passwd *user = name[0] ? getpwnam(name) : NULL;

	if (!user)
		return NULL;
	*room = user->pw_uid;
	return room;
}

static void look_file(struct hf_server_facts *ret, const char *path, const hf_user *user, mode_t denied)
{
	if (path && path[0] && ret->n_files < HF_LEN(ret->files))
		ret->files[ret->n_files++] = hf_doctor_file(path, user, denied);
}

static void look_certificate(struct hf_server_facts *ret, const char *path)
{
	if (path[0] && ret->n_certs < HF_LEN(ret->certs))
		ret->certs[ret->n_certs++] = hf_doctor_certificate(path);
}

/* The same permissions as the programs themselves ask for when they start. */
static void look_files(const struct hf_server_look *look, struct hf_server_facts *ret)
{
	const struct hf_settings *s = &look->settings;
	const mode_t secret = S_IRWXO | S_IWGRP, kept = S_IWGRP | S_IWOTH;
	hf_user room[2];
	const hf_user *controller = user_of(s->user, &room[0]), *broker = user_of("mosquitto", &room[1]);

	look_file(ret, look->conf, NULL, kept);
	look_file(ret, s->controller_key, controller, secret);
	look_file(ret, s->bus_key, controller, secret);
	look_file(ret, s->state_folder, controller, secret);
	look_file(ret, s->council_folder, controller, kept);
	look_file(ret, look->broker_key, broker, secret);
	look_file(ret, ret->acl == HF_OK ? ret->acl_path : NULL, broker, secret);
	if (look->cli->key && access(look->cli->key, F_OK) == 0)
		look_file(ret, look->cli->key, NULL, S_IRWXG | S_IRWXO);
	look_certificate(ret, s->bus_ca);
	look_certificate(ret, s->bus_certificate);
	look_certificate(ret, look->broker_cert);
}

/* A sealed backup nobody can read here: what is known of it was written down where it was tried. */
static void look_tested(const struct hf_server_look *look, struct hf_server_facts *ret)
{
	struct hf_backup backup;
	struct hf_wall at = {0};
	char path[HF_DOCTOR_PATH];

	ret->tested = HF_SEEN_NO;
	if (hf_str_printf(path, sizeof(path), "%s/" HF_BACKUP_TESTED, look->settings.state_folder) != HF_OK ||
	    hf_backup_read(path, &backup, &at, NULL) != HF_OK || at.s == 0)
		return;
	ret->tested = HF_SEEN_YES;
	ret->tested_made = backup.made;
}

static void look_disk(const struct hf_server_look *look, struct hf_server_facts *ret)
{
	struct statvfs fs;

	ret->disk.path = look->settings.state_folder;
	if (statvfs(ret->disk.path, &fs) != 0)
		return;
	ret->disk.looked = HF_SEEN_YES;
	ret->disk.free_bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
}

static void look_clock(struct hf_server_facts *ret)
{
	struct timex kept = {.modes = 0};
	int state = adjtimex(&kept);

	if (state >= 0)
		ret->clock_kept = state == TIME_ERROR ? HF_SEEN_NO : HF_SEEN_YES;
}

/* The next first Thursday in May, today with it. */
static struct hf_day next_poll(struct hf_day today)
{
	for (int year = hf_day_parts(today).year;; year++) {
		struct hf_day day = {0};

		if (hf_day_make((struct hf_day_parts){year, POLL_MONTH, 1}, &day) != HF_OK)
			return today;
		while (hf_day_weekday(day) != HF_THURSDAY)
			day.n++;
		if (day.n >= today.n)
			return day;
	}
}

/* Polls that officers have entered may come before it, or after it. */
static void later_polls(const json_t *status, struct hf_day *poll)
{
	const json_t *lockdown, *one;
	size_t i, k;

	json_array_foreach(json_object_get(status, "lockdowns"), i, lockdown)
	{
		const json_t *polls = json_object_get(json_object_get(lockdown, "timetable"), "polls");

		json_array_foreach(polls, k, one)
		{
			struct hf_day day;

			if (hf_day_parse(hf_client_text(one, "poll", ""), &day) == HF_OK && day.n > poll->n)
				*poll = day;
		}
	}
}

static void look_calendar(const struct hf_server_look *look, struct hf_server_facts *ret)
{
	const struct hf_list none = {.n = 0};
	hf_auto_calendar struct hf_calendar calendar = {0};
	struct hf_day first;

	ret->poll = next_poll((struct hf_day){(int32_t)(hf_clock_wall().s / DAY_S)});
	later_polls(look->view.status, &ret->poll);
	ret->calendar = hf_calendar_files_open(&look->cli->office, &none, &calendar, &ret->calendar_why);
	if (ret->calendar == HF_OK && !hf_calendar_reach(&calendar, 1U << HF_ENGLAND_AND_WALES, &first, &ret->calendar_last))
		ret->calendar = hf_err_set(&ret->calendar_why, HF_E_SHAPE, "it has no day of England and Wales.");
}

/* When each root of the newest trust last signed one. */
static void look_roots(const struct hf_view *view, struct hf_server_facts *ret)
{
	const struct hf_trust *trust = view->known.trust;
	json_t *one;
	size_t at;

	for (size_t i = 0; i < trust->n_roots; i++) {
		struct hf_root_seen *root = &ret->roots[ret->n_roots++];

		if (i >= trust->root_names.n || hf_str_copy(root->name, sizeof(root->name), trust->root_names.v[i]) != HF_OK)
			(void)!hf_str_printf(root->name, sizeof(root->name), "%02x%02x%02x%02x", trust->roots[i].b[0],
					    trust->roots[i].b[1], trust->roots[i].b[2], trust->roots[i].b[3]);
	}
	json_array_foreach(view->trusts, at, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		hf_auto_trust struct hf_trust *said = NULL;

		if (hf_envelope_from_json(one, &envelope, NULL) != HF_OK || hf_trust_decode(envelope, &said, NULL) != HF_OK)
			continue;
		for (size_t i = 0; i < trust->n_roots; i++)
			if (hf_envelope_signed_by(envelope, &trust->roots[i], NULL))
				ret->roots[i].signed_at = said->issued;
	}
}

static void look_council(struct hf_server_look *look, struct hf_server_facts *ret)
{
	ret->council = hf_view_folder(&look->cli->office, &look->view, &ret->council_why);
	if (ret->council == HF_E_SYSTEM && !look->root)
		ret->council = HF_E_ROLE;
	ret->controller = ret->council == HF_OK ? hf_view_ask(&look->view, &ret->controller_why)
						: hf_err_set(&ret->controller_why, HF_E_ROLE, "what the controller says: without "
											      "the council's folder none of it can be believed.");
	if (ret->council == HF_OK) {
		ret->trust = look->view.known.trust;
		look_roots(&look->view, ret);
	}
	if (ret->controller != HF_OK)
		return;
	ret->bus_up = strcmp(hf_client_text(look->view.status, "bus", ""), "up") == 0;
	ret->attention = json_incref(json_object_get(look->view.status, "attention"));
	ret->devices = hf_client_number(look->view.status, "devices");
	ret->records = hf_client_number(json_object_get(look->view.status, "journal"), "size");
}

/* How many keys lie in a folder, and in the folders of it; one of them by name. */
static size_t count_keys(const char *folder, int deep, char one[HF_DOCTOR_PATH])
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir))) {
		char path[HF_DOCTOR_PATH];
		const char *end = strrchr(entry->d_name, '.');

		if (entry->d_name[0] == '.' || hf_str_printf(path, sizeof(path), "%s/%s", folder, entry->d_name) != HF_OK)
			continue;
		if (deep > 0 && entry->d_type == DT_DIR)
			n += count_keys(path, deep - 1, one);
		else if (end && (strcmp(end, ".pem") == 0 || strcmp(end, ".key") == 0) && ++n > 0)
			(void)!hf_str_copy(one, HF_DOCTOR_PATH, path);
	}
	if (dir)
		closedir(dir);
	return n;
}

/* Where the key of the certificates may have been left: beside its certificate, as councils of before have it. */
static void look_ca(const char *folder, bool counted, struct hf_left_here *ret)
{
	hf_auto_free char *text = NULL;
	char path[HF_DOCTOR_PATH];
	size_t len = 0;

	if (hf_str_printf(path, sizeof(path), "%s/ca.key", folder) != HF_OK || access(path, F_OK) != 0)
		return;
	if (!counted && ++ret->n_sticks > 0)
		(void)!hf_str_copy(ret->stick, sizeof(ret->stick), path);
	if (hf_fs_read(path, CA_KEY_MAX, &text, &len, NULL) == HF_OK && !strstr(text, "ENCRYPTED"))
		(void)!hf_str_copy(ret->open_ca, sizeof(ret->open_ca), path);
	if (text)
		OPENSSL_cleanse(text, len);
}

static void look_left(const struct hf_server_look *look, struct hf_server_facts *ret)
{
	char folder[HF_DOCTOR_PATH];

	if (!look->root)
		return;
	ret->left.looked = HF_SEEN_YES;
	if (hf_str_printf(folder, sizeof(folder), "%s/sticks", look->ceremony) == HF_OK)
		ret->left.n_sticks = count_keys(folder, 1, ret->left.stick);
	if (hf_str_printf(folder, sizeof(folder), "%s/people", look->ceremony) == HF_OK)
		ret->left.n_people = count_keys(folder, 0, ret->left.person);
	look_ca(HF_ETC "/broker", false, &ret->left);
	if (hf_str_printf(folder, sizeof(folder), "%s/broker", look->ceremony) == HF_OK)
		look_ca(folder, false, &ret->left);
	if (hf_str_printf(folder, sizeof(folder), "%s/sticks/ca", look->ceremony) == HF_OK)
		look_ca(folder, true, &ret->left);
}

void hf_look_server(struct hf_server_look *look, struct hf_server_facts *ret)
{
	look_settings_file(look, ret);
	hf_look_progress(look, hf_text("the council and its controller"));
	look_council(look, ret);
	if (ret->settings == HF_OK) {
		hf_look_progress(look, hf_text("the broker"));
		hf_look_broker(look, ret);
		look_files(look, ret);
		look_disk(look, ret);
		look_tested(look, ret);
		hf_look_progress(look, hf_text("the journal and its copy"));
		hf_look_journal(look, ret);
	}
	look_clock(ret);
	look_calendar(look, ret);
	look_left(look, ret);
	hf_look_progress(look, NULL);
}
