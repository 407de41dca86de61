/* SPDX-License-Identifier: MIT */
/*
 * Which browsers count as out of reach. Policy D9.2.
 * Must never look into the machine's own homes.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/others/unreached.h"
#include "tests/help/command.h"
#include "tests/help/folder.h"

/* clang-format off */
#define NONE { .flatpak = false }
#define XUL { .xul = true }
#define PAKS { .paks = true }
#define APP { .paks = true, .app = true }
#define FLAT { .flatpak = true, .xul = true }

static const struct process_row {
	const char *exe, *cmdline; /* | stands for the end mark */
	struct hf_unreached_signs signs;
	const char *want; /* NULL: none */
} processes[] = {
	{ "/usr/bin/epiphany", "epiphany|", NONE, "epiphany" },
	{ "/usr/lib/x86_64-linux-gnu/opera/opera", "opera|", PAKS, "opera" },
	{ "/snap/firefox/4/usr/lib/firefox/firefox", "firefox|", XUL, "firefox (Snap)" },
	{ "/var/lib/snapd/snap/chromium/1/chrome", "chrome|", PAKS, "chrome (Snap)" },
	{ "/snap/chromium/1/chrome", "chrome|--type=renderer|", PAKS, NULL },
	{ "/snap/spotify/1/spotify", "spotify|", APP, NULL },
	{ "/snap/jq/1/jq", "jq|", NONE, NULL },
	{ "/app/lib/firefox/firefox", "firefox|", FLAT, "firefox (Flatpak)" },
	{ "/srv/a/unknown/browse (deleted)", "browse|", PAKS, "browse" },
	{ "/srv/a/fork/fork", "fork|", XUL, "fork" },
	{ "/srv/a/fork/fork", "fork|-contentproc|", XUL, NULL },
	{ "/usr/lib/thunderbird/thunderbird-bin", "thunderbird|", XUL, NULL },
	{ "/usr/lib/chromium/chrome_crashpad_handler", "chrome_crashpad_handler|--monitor-self|", PAKS, NULL },
	{ "/usr/lib/firefox-esr/crashhelper", "crashhelper|15|", XUL, NULL },
	{ "/usr/share/code/code", "code|", APP, NULL },
	/* those are for the layers of Firefox and Chromium */
	{ "/usr/lib/firefox-esr/firefox-esr", "firefox-esr|", XUL, NULL },
	{ "/srv/a/firefox/firefox", "firefox|", XUL, NULL },
	{ "/usr/lib/chromium/chromium", "chromium|", PAKS, NULL },
	{ "/usr/bin/bash", "bash|", NONE, NULL },
	{ "", "", NONE, NULL },
};
/* clang-format on */

Test(unreached, processes)
{
	for (size_t i = 0; i < HF_LEN(processes); i++) {
		char name[HF_ID_SIZE] = "";
		const struct hf_command command = test_command(processes[i].exe, processes[i].cmdline);
		bool found = hf_unreached_name(&command, &processes[i].signs, name);
		cr_expect_eq(found, processes[i].want != NULL, "%s %s", processes[i].exe, processes[i].cmdline);
		if (found && processes[i].want)
			cr_expect_str_eq(name, processes[i].want);
	}
}

static void put(const char *root, const char *path)
{
	char full[PATH_MAX];
	char folder[PATH_MAX];
	cr_assert_eq(hf_str_copy(folder, sizeof(folder), test_path(full, root, path)), HF_OK);
	*strrchr(folder, '/') = '\0';
	cr_assert_eq(hf_fs_mkdirs(folder, 0755, NULL), HF_OK);
	cr_assert_eq(hf_fs_replace(full, "x", 1, 0644, NULL), HF_OK);
}

Test(unreached, what_lies_in_the_places_of_snap_flatpak_and_homes)
{
	static const char *const homes[] = {"/people/ann", "/people/nobody-there"};
	char root[TEST_FOLDER_SIZE];
	struct hf_unreached unreached = {.names = ""};
	test_folder_make(root);
	hf_unreached_installed(&unreached, root, homes, 2);
	cr_expect_eq(unreached.n_installed, 0, "an empty machine has none");
	put(root, "snap/firefox/current");
	put(root, "snap/jq/current");
	put(root, "var/lib/flatpak/app/com.google.Chrome/current");
	put(root, "usr/bin/epiphany");
	put(root, "people/ann/.local/share/flatpak/app/com.brave.Browser/current");
	put(root, "people/ann/Downloads/fork/libxul.so");
	put(root, "people/ann/Downloads/firefox/libxul.so");
	put(root, "people/ann/Downloads/firefox/firefox");
	put(root, "people/ann/opt/browse/chrome_100_percent.pak");
	put(root, "people/ann/opt/code/chrome_100_percent.pak");
	put(root, "people/ann/opt/code/resources/app.asar");
	put(root, "people/ann/thunderbird/libxul.so");
	put(root, "people/ann/a/deep/fork/libxul.so");
	hf_unreached_installed(&unreached, root, homes, 2);
	cr_expect_eq(unreached.n_installed, 6, "%zu: %s", unreached.n_installed, unreached.names);
	cr_expect_str_eq(unreached.names, "firefox (Snap), com.google.Chrome (Flatpak), epiphany, "
					  "com.brave.Browser (Flatpak), fork, browse");
	cr_expect_eq(unreached.n_running, 0);
	test_folder_remove(root);
}
