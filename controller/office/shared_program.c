/* SPDX-License-Identifier: MIT */
/*
 * Owns what is known of programs that more runs by than one posting tool.
 * Must never stand in the way: a council may shut what it wants.
 */
#include "controller/office/shared_program.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <holdfast/str.h>

static bool is_one_of(const char *word, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(list[i]) == len && strncmp(list[i], word, len) == 0)
			return true;
	}
	return false;
}

/* python3.11 is python, ld-linux-x86-64.so.2 is no number. */
static size_t without_version(const char *name)
{
	size_t len = strlen(name);

	while (len > 0 && strchr("0123456789.", name[len - 1]))
		len--;
	return len;
}

enum hf_shared hf_shared_of(const char *path)
{
	static const char *const runners[] = {"bash", "busybox", "dash", "fish", "gjs", "java", "ksh", "lua", "mono", "node", "nodejs", "perl",
					      "php", "python", "ruby", "sh", "tclsh", "wine", "xargs", "zsh"};
	static const char *const needed[] = {"dbus-daemon", "env", "gnome-shell", "ld-linux-x86-64.so", "login", "plasmashell", "su", "sudo",
					     "systemctl", "systemd", "xdg-open", "Xorg", "Xwayland"};
	static const char *const folders[] = {"", "/bin", "/etc", "/home", "/lib", "/lib64", "/opt", "/root", "/sbin", "/snap", "/snap/bin", "/usr",
					      "/usr/bin", "/usr/games", "/usr/lib", "/usr/lib/python3", "/usr/lib/python3/dist-packages",
					      "/usr/lib/x86_64-linux-gnu", "/usr/libexec", "/usr/local", "/usr/local/bin", "/usr/sbin",
					      "/usr/share", "/var", "/var/lib"};
	size_t len = strlen(path);
	const char *name;

	while (len > 0 && path[len - 1] == '/')
		len--;
	if (is_one_of(path, len, folders, HF_LEN(folders)))
		return HF_SHARED_FOLDER;
	name = strrchr(path, '/');
	name = name ? name + 1 : path;
	if (is_one_of(name, without_version(name), runners, HF_LEN(runners)))
		return HF_SHARED_RUNNER;
	return is_one_of(name, without_version(name), needed, HF_LEN(needed)) ? HF_SHARED_SYSTEM : HF_SHARED_NOT;
}
