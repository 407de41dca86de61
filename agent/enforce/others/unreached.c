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

#include "agent/enforce/browser/browser_readers.h"
#include "agent/enforce/firefox/firefox_policy.h"

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
static const char *const SNAP_ROOTS[] = {"/snap/", "/var/lib/snapd/snap/"};
/* Where people unpack what they have fetched, below their home. */
static const char *const BELOW_HOME[] = {"",	      "Downloads",    "Desktop", "bin",		 "opt",
					 "apps",      "Applications", ".local",	 ".local/share", ".local/lib",
					 ".local/opt"};

static bool has(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], name) == 0)
			return true;
	}
	return false;
}

static bool from_snap(const char *exe)
{
	for (size_t i = 0; i < HF_LEN(SNAP_ROOTS); i++) {
		if (strncmp(exe, SNAP_ROOTS[i], strlen(SNAP_ROOTS[i])) == 0)
			return true;
	}
	return false;
}

/* The last part of a path, without the word that the kernel adds; "" when it is too long for a name. */
static void name_of(const char *exe, char name[HF_ID_SIZE])
{
	const char *slash = strrchr(exe, '/');
	const char *from = slash ? slash + 1 : exe;
	if (hf_str_printf(name, HF_ID_SIZE, "%.*s", (int)strcspn(from, " "), from) != HF_OK)
		name[0] = '\0';
}

static bool is_helper(const char *cmdline, size_t len)
{
	static const char *const words[] = {"--type=", "-contentproc", "-forkserver"};
	for (size_t w = 0; w < HF_LEN(words); w++) {
		if (memmem(cmdline, len, words[w], strlen(words[w])))
			return true;
	}
	return false;
}

bool hf_stray_name(const char *exe, const char *cmdline, size_t len, const struct hf_stray_signs *signs, char *name)
{
	char base[HF_ID_SIZE];
	name_of(exe, base);
	bool packed = signs->flatpak || from_snap(exe);
	bool known = hf_browser_is(exe, cmdline, len) || hf_firefox_is(exe, cmdline, len);
	bool looks = signs->xul || (signs->paks && !signs->app) || has(PROGRAMS, HF_LEN(PROGRAMS), base);
	if (has(NO_BROWSERS, HF_LEN(NO_BROWSERS), base) || is_helper(cmdline, len) || !base[0] ||
	    !(packed ? looks || known : looks && !known))
		return false;
	const char *where = signs->flatpak ? " (Flatpak)" : from_snap(exe) ? " (Snap)" : "";
	return hf_str_printf(name, HF_ID_SIZE, "%s%s", base, where) == HF_OK ||
	       hf_str_copy(name, HF_ID_SIZE, base) == HF_OK;
}

/* What is found ---------------------------------------------------------------------------------------------------- */

static void add(struct hf_strays *strays, const char *name)
{
	size_t len = strlen(strays->names);
	if (strstr(strays->names, name))
		return;
	char *end = strays->names + len;
	if (hf_str_printf(end, sizeof(strays->names) - len, "%s%s", len > 0 ? ", " : "", name) != HF_OK)
		*end = '\0';
}

static void add_installed(struct hf_strays *strays, const char *name)
{
	strays->n_installed++;
	add(strays, name);
}

/* Running ---------------------------------------------------------------------------------------------------------- */

/* As the process itself would find it. */
static bool seen_by(pid_t pid, const char *folder, int len, const char *name)
{
	char path[PATH_MAX];
	return hf_str_printf(path, sizeof(path), "/proc/%d/root%.*s/%s", (int)pid, len, folder, name) == HF_OK &&
	       access(path, F_OK) == 0;
}

static bool from_flatpak(pid_t pid)
{
	return seen_by(pid, "", 0, ".flatpak-info");
}

bool hf_stray_packed(pid_t pid, const char *exe)
{
	return from_snap(exe) || from_flatpak(pid);
}

static void look_beside(pid_t pid, const char *exe, struct hf_stray_signs *signs)
{
	static const char *const apps[] = {"libcef.so", "resources/app.asar", "resources/app",
					   "resources/default_app.asar"};
	const char *slash = strrchr(exe, '/');
	int len = slash ? (int)(slash - exe) : 0;
	*signs = (struct hf_stray_signs){.flatpak = from_flatpak(pid),
					 .xul = seen_by(pid, exe, len, "libxul.so"),
					 .paks = seen_by(pid, exe, len, "chrome_100_percent.pak") &&
						 seen_by(pid, exe, len, "resources.pak")};
	for (size_t i = 0; signs->paks && i < HF_LEN(apps); i++)
		signs->app = signs->app || seen_by(pid, exe, len, apps[i]);
}

static void look_at(void *arg, const struct hf_proc *proc)
{
	struct hf_strays *strays = arg;
	struct hf_stray_signs signs;
	char exe[PATH_MAX];
	char cmdline[HF_PROC_TEXT_SIZE];
	char name[HF_ID_SIZE];
	size_t len;
	if (hf_proc_exe(proc->pid, exe, sizeof(exe)) != HF_OK || hf_proc_frozen(proc->pid) ||
	    hf_proc_text(proc->pid, "cmdline", cmdline, sizeof(cmdline), &len) != HF_OK)
		return;
	look_beside(proc->pid, exe, &signs);
	if (!hf_stray_name(exe, cmdline, len, &signs, name))
		return;
	strays->n_running++;
	add(strays, name);
}

enum hf_rc hf_strays_running(struct hf_strays *strays, struct hf_err *err)
{
	return hf_procs_each(look_at, strays, err);
}

/* Installed -------------------------------------------------------------------------------------------------------- */

static bool is_there(const char *root, const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	return hf_str_printf(path, sizeof(path), "%s%s/%s", root, folder, name) == HF_OK && lstat(path, &st) == 0;
}

static void look_for(struct hf_strays *strays, const char *root, const char *folder, const char *kind,
		     const char *const *names)
{
	bool snaps = names == SNAPS;
	size_t n = snaps ? HF_LEN(SNAPS) : names == FLATPAKS ? HF_LEN(FLATPAKS) : HF_LEN(PROGRAMS);
	for (size_t i = 0; i < n; i++) {
		char name[HF_ID_SIZE];
		if (is_there(root, folder, names[i]) &&
		    hf_str_printf(name, sizeof(name), "%s%s", names[i], kind) == HF_OK)
			add_installed(strays, name);
	}
}

static bool is_reached(const char *folder)
{
	static const char *const programs[] = {"firefox", "firefox-esr", "chrome", "chromium", "msedge", "brave"};
	for (size_t i = 0; i < HF_LEN(programs); i++) {
		if (is_there("", folder, programs[i]))
			return true;
	}
	return false;
}

/* A folder of a home that has a browser's library in it. */
static void look_into(struct hf_strays *strays, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	for (int i = 0; dir && i < ENTRIES_MAX && (entry = readdir(dir)); i++) {
		char path[PATH_MAX];
		bool maybe = entry->d_type == DT_DIR && entry->d_name[0] != '.';
		if (!maybe || hf_str_printf(path, sizeof(path), "%s/%s", folder, entry->d_name) != HF_OK ||
		    has(NO_BROWSERS, HF_LEN(NO_BROWSERS), entry->d_name))
			continue;
		bool paks = is_there("", path, "chrome_100_percent.pak") && !is_there("", path, "libcef.so") &&
			    !is_there("", path, "resources");
		/* A copy of Firefox or Chromium reads the same policies as the one that is installed. */
		if ((is_there("", path, "libxul.so") || paks) && !is_reached(path))
			add_installed(strays, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static void look_into_home(struct hf_strays *strays, const char *root, const char *home)
{
	char path[PATH_MAX];
	if (hf_str_printf(path, sizeof(path), "%s/.local/share/flatpak/app", home) == HF_OK)
		look_for(strays, root, path, " (Flatpak)", FLATPAKS);
	for (size_t i = 0; i < HF_LEN(BELOW_HOME); i++) {
		if (hf_str_printf(path, sizeof(path), "%s%s/%s", root, home, BELOW_HOME[i]) == HF_OK)
			look_into(strays, path);
	}
}

void hf_strays_installed(struct hf_strays *strays, const char *root, const char *const *homes, size_t n)
{
	for (size_t i = 0; i < HF_LEN(SNAP_ROOTS); i++)
		look_for(strays, root, SNAP_ROOTS[i], " (Snap)", SNAPS);
	look_for(strays, root, "/var/lib/flatpak/app", " (Flatpak)", FLATPAKS);
	look_for(strays, root, "/usr/bin", "", PROGRAMS);
	for (size_t i = 0; i < n; i++)
		look_into_home(strays, root, homes[i]);
}
