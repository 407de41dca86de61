/* SPDX-License-Identifier: MIT */
/*
 * Owns the search for browsers that cannot be reached.
 * Must never open or start what it finds, nor go deeper into a home than it says.
 */
#include "agent/enforce/others/unreached.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "agent/enforce/common/frozen.h"
#include "agent/machine/browsers.h"
#include "agent/machine/proc_paths.h"

#define ENTRIES_MAX 512 /* of one folder of a home: the search must stay cheap */

/* Programs of other makers, as they are called in /usr/bin and when they run. */
static const char *const PROGRAMS[] = {"opera",	   "vivaldi",	  "vivaldi-bin", "epiphany",  "epiphany-browser",
				       "falkon",   "konqueror",	  "midori",	 "librewolf", "waterfox",
				       "palemoon", "seamonkey",	  "qutebrowser", "luakit",    "surf",
				       "netsurf",  "netsurf-gtk", "dillo",	 "badwolf",   "gnome-web"};
static const char *const SNAPS[] = {"firefox", "chromium", "opera", "brave", "vivaldi", "falkon", "epiphany"};
static const char *const FLATPAKS[] = {"org.mozilla.firefox",	"org.chromium.Chromium",
				       "com.google.Chrome",	"com.brave.Browser",
				       "com.microsoft.Edge",	"com.opera.Opera",
				       "com.vivaldi.Vivaldi",	"io.gitlab.librewolf-community",
				       "org.gnome.Epiphany",	"io.github.ungoogled_software.ungoogled_chromium",
				       "net.waterfox.waterfox", "org.torproject.torbrowser-launcher"};
/* They have a browser's library beside them and show no pages of the web. */
static const char *const NO_BROWSERS[] = {"thunderbird",
					  "thunderbird-bin",
					  "zotero",
					  "zotero-bin",
					  "crashhelper",
					  "crashreporter",
					  "pingsender",
					  "plugin-container",
					  "updater",
					  "glxtest",
					  "vaapitest",
					  "vulkantest",
					  "chrome-sandbox",
					  "nacl_helper",
					  "chrome_crashpad_handler",
					  "chrome-management-service",
					  "minidump-analyzer"};
/* Where people unpack what they have fetched, below their home. */
static const char *const BELOW_HOME[] = {"",	      "Downloads",    "Desktop", "bin",		 "opt",
					 "apps",      "Applications", ".local",	 ".local/share", ".local/lib",
					 ".local/opt"};

static bool list_has(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], name) == 0)
			return true;
	}
	return false;
}

/* The last part of a path, without the word that the kernel adds; "" when it is too long for a name. */
static void name_of_program(const char *exe, char name[HF_ID_SIZE])
{
	const char *slash = strrchr(exe, '/');
	const char *from = slash ? slash + 1 : exe;
	if (hf_str_printf(name, HF_ID_SIZE, "%.*s", (int)strcspn(from, " "), from) != HF_OK)
		name[0] = '\0';
}

static bool is_helper(const struct hf_command *command)
{
	static const char *const words[] = {"--type=", "-contentproc", "-forkserver"};
	for (size_t w = 0; w < HF_LEN(words); w++) {
		if (memmem(command->args, command->len, words[w], strlen(words[w])))
			return true;
	}
	return false;
}

bool hf_unreached_name(const struct hf_command *command, const struct hf_unreached_signs *signs, char *name)
{
	char base[HF_ID_SIZE];
	name_of_program(command->exe, base);
	bool snap = hf_browser_from_snap(command->exe);
	bool known = hf_browser_is(command) || hf_firefox_is(command);
	bool looks = signs->xul || (signs->paks && !signs->app) || list_has(PROGRAMS, HF_LEN(PROGRAMS), base);
	if (list_has(NO_BROWSERS, HF_LEN(NO_BROWSERS), base) || is_helper(command) || !base[0] ||
	    !(signs->flatpak || snap ? looks || known : looks && !known))
		return false;
	const char *where = signs->flatpak ? " (Flatpak)" : snap ? " (Snap)" : "";
	return hf_str_printf(name, HF_ID_SIZE, "%s%s", base, where) == HF_OK ||
	       hf_str_copy(name, HF_ID_SIZE, base) == HF_OK;
}

/* What is found ---------------------------------------------------------------------------------------------------- */

static void add_name(struct hf_unreached *unreached, const char *name)
{
	size_t len = strlen(unreached->names);
	if (strstr(unreached->names, name))
		return;
	char *end = unreached->names + len;
	if (hf_str_printf(end, sizeof(unreached->names) - len, "%s%s", len > 0 ? ", " : "", name) != HF_OK)
		*end = '\0';
}

static void add_installed(struct hf_unreached *unreached, const char *name)
{
	unreached->n_installed++;
	add_name(unreached, name);
}

/* Running ---------------------------------------------------------------------------------------------------------- */

static void look_beside(pid_t pid, const char *exe, struct hf_unreached_signs *signs)
{
	static const char *const apps[] = {"libcef.so", "resources/app.asar", "resources/app",
					   "resources/default_app.asar"};
	const char *slash = strrchr(exe, '/');
	int len = slash ? (int)(slash - exe) : 0;
	*signs = (struct hf_unreached_signs){.flatpak = hf_browser_from_flatpak(pid),
					     .xul = hf_proc_sees(pid, exe, len, "libxul.so"),
					     .paks = hf_proc_sees(pid, exe, len, "chrome_100_percent.pak") &&
						     hf_proc_sees(pid, exe, len, "resources.pak")};
	for (size_t i = 0; signs->paks && i < HF_LEN(apps); i++)
		signs->app = signs->app || hf_proc_sees(pid, exe, len, apps[i]);
}

/* Of most processes the path of the program says enough. */
static bool may_be_one(const char *exe, const struct hf_unreached_signs *signs)
{
	char base[HF_ID_SIZE];
	name_of_program(exe, base);
	return signs->xul || signs->paks || signs->flatpak || hf_browser_from_snap(exe) ||
	       list_has(PROGRAMS, HF_LEN(PROGRAMS), base);
}

static void look_at_process(void *arg, pid_t pid, const char *exe)
{
	struct hf_unreached *unreached = arg;
	struct hf_unreached_signs signs;
	struct hf_command command;
	char name[HF_ID_SIZE];
	look_beside(pid, exe, &signs);
	if (!may_be_one(exe, &signs) || hf_proc_command(pid, &command) != HF_OK ||
	    !hf_unreached_name(&command, &signs, name) || hf_proc_frozen(pid))
		return;
	unreached->n_running++;
	add_name(unreached, name);
}

enum hf_rc hf_unreached_running(struct hf_unreached *unreached, struct hf_err *err)
{
	return hf_proc_paths_each(look_at_process, unreached, err);
}

/* Installed -------------------------------------------------------------------------------------------------------- */

static bool is_file_there(const char *root, const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	return hf_str_printf(path, sizeof(path), "%s%s/%s", root, folder, name) == HF_OK && lstat(path, &st) == 0;
}

static void look_for(struct hf_unreached *unreached, const char *root, const char *folder, const char *kind,
		     const char *const *names)
{
	bool snaps = names == SNAPS;
	size_t n = snaps ? HF_LEN(SNAPS) : names == FLATPAKS ? HF_LEN(FLATPAKS) : HF_LEN(PROGRAMS);
	for (size_t i = 0; i < n; i++) {
		char name[HF_ID_SIZE];
		if (is_file_there(root, folder, names[i]) &&
		    hf_str_printf(name, sizeof(name), "%s%s", names[i], kind) == HF_OK)
			add_installed(unreached, name);
	}
}

static bool holds_reached(const char *folder)
{
	static const char *const programs[] = {"firefox", "firefox-esr", "chrome", "chromium", "msedge", "brave"};
	for (size_t i = 0; i < HF_LEN(programs); i++) {
		if (is_file_there("", folder, programs[i]))
			return true;
	}
	return false;
}

/* A folder of a home that has a browser's library in it. */
static void look_into(struct hf_unreached *unreached, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	for (int i = 0; dir && i < ENTRIES_MAX && (entry = readdir(dir)); i++) {
		char path[PATH_MAX];
		bool maybe = entry->d_type == DT_DIR && entry->d_name[0] != '.';
		if (!maybe || hf_str_printf(path, sizeof(path), "%s/%s", folder, entry->d_name) != HF_OK ||
		    list_has(NO_BROWSERS, HF_LEN(NO_BROWSERS), entry->d_name))
			continue;
		bool paks = is_file_there("", path, "chrome_100_percent.pak") &&
			    !is_file_there("", path, "libcef.so") && !is_file_there("", path, "resources");
		/* A copy of Firefox or Chromium reads the same policies as the one that is installed. */
		if ((is_file_there("", path, "libxul.so") || paks) && !holds_reached(path))
			add_installed(unreached, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static void look_into_home(struct hf_unreached *unreached, const char *root, const char *home)
{
	char path[PATH_MAX];
	if (hf_str_printf(path, sizeof(path), "%s/.local/share/flatpak/app", home) == HF_OK)
		look_for(unreached, root, path, " (Flatpak)", FLATPAKS);
	for (size_t i = 0; i < HF_LEN(BELOW_HOME); i++) {
		if (hf_str_printf(path, sizeof(path), "%s%s/%s", root, home, BELOW_HOME[i]) == HF_OK)
			look_into(unreached, path);
	}
}

void hf_unreached_installed(struct hf_unreached *unreached, const char *root, const char *const *homes, size_t n)
{
	for (size_t i = 0; i < HF_SNAP_ROOTS; i++)
		look_for(unreached, root, hf_snap_roots[i], " (Snap)", SNAPS);
	look_for(unreached, root, "/var/lib/flatpak/app", " (Flatpak)", FLATPAKS);
	look_for(unreached, root, "/usr/bin", "", PROGRAMS);
	for (size_t i = 0; i < n; i++)
		look_into_home(unreached, root, homes[i]);
}
