/* SPDX-License-Identifier: MIT */
/*
 * Owns which process is which browser.
 * Must never take a browser's helper for the browser, nor open what it looks at.
 */
#include "agent/machine/browsers.h"

#include <string.h>

#include <holdfast/str.h>

static const char *const BROWSERS[] = {"chromium", "chromium-browser", "chrome", "google-chrome",
				       "msedge",   "microsoft-edge",   "brave",	 "brave-browser"};
static const char *const FIREFOXES[] = {"firefox-esr", "firefox", "firefox-bin"};
/* Firefox's own helpers run the same program with one of these behind it. */
static const char *const FIREFOX_HELPERS[] = {"-contentproc", "--contentproc", "-forkserver"};

const char *const hf_snap_roots[HF_SNAP_ROOTS] = {"/snap/", "/var/lib/snapd/snap/"};

/* By the last part of its path, without the word that the kernel adds. */
static bool is_called(const char *exe, const char *const *names, size_t n)
{
	const char *name = strrchr(exe, '/');
	name = name ? name + 1 : exe;
	size_t size = strcspn(name, " ");
	for (size_t i = 0; i < n; i++) {
		if (strlen(names[i]) == size && strncmp(name, names[i], size) == 0)
			return true;
	}
	return false;
}

/* Chromium's helpers are forked from one that writes its arguments anew, with blanks between them. */
static bool is_chromium_helper(const struct hf_command *command)
{
	const char *word = "--type=";
	const char *args = command->args;
	for (size_t at = 1; at + strlen(word) <= command->len; at++) {
		if ((args[at - 1] == '\0' || args[at - 1] == ' ') && memcmp(args + at, word, strlen(word)) == 0)
			return true;
	}
	return false;
}

bool hf_browser_is(const struct hf_command *command)
{
	return is_called(command->exe, BROWSERS, HF_LEN(BROWSERS)) && !is_chromium_helper(command);
}

static bool is_firefox_helper(const struct hf_command *command)
{
	/* One that was forked writes its arguments anew, with blanks between them. */
	size_t first = 0;
	while (first < command->len && command->args[first] != '\0' && command->args[first] != ' ')
		first++;
	first++;
	for (size_t i = 0; i < HF_LEN(FIREFOX_HELPERS); i++) {
		size_t word = strlen(FIREFOX_HELPERS[i]);
		if (first + word <= command->len && strncmp(command->args + first, FIREFOX_HELPERS[i], word) == 0)
			return true;
	}
	return false;
}

bool hf_firefox_is(const struct hf_command *command)
{
	return is_called(command->exe, FIREFOXES, HF_LEN(FIREFOXES)) && !is_firefox_helper(command);
}

bool hf_browser_from_snap(const char *exe)
{
	for (size_t i = 0; i < HF_SNAP_ROOTS; i++) {
		if (strncmp(exe, hf_snap_roots[i], strlen(hf_snap_roots[i])) == 0)
			return true;
	}
	return false;
}

bool hf_browser_from_flatpak(pid_t pid)
{
	return hf_proc_sees(pid, "", 0, ".flatpak-info");
}

bool hf_browser_packed(pid_t pid, const char *exe)
{
	return hf_browser_from_snap(exe) || hf_browser_from_flatpak(pid);
}

/* Of most processes the path of the program says enough. */
static bool runs(pid_t pid, const char *exe, bool (*is)(const struct hf_command *command), struct hf_command *ret)
{
	*ret = (struct hf_command){.len = 0};
	if (exe && !is_called(exe, BROWSERS, HF_LEN(BROWSERS)) && !is_called(exe, FIREFOXES, HF_LEN(FIREFOXES)))
		return false;
	return hf_proc_command(pid, ret) == HF_OK && is(ret);
}

bool hf_browser_runs(pid_t pid, const char *exe)
{
	struct hf_command command;
	return runs(pid, exe, hf_browser_is, &command) && !hf_browser_packed(pid, command.exe);
}

bool hf_firefox_runs(pid_t pid, const char *exe)
{
	struct hf_command command;
	return runs(pid, exe, hf_firefox_is, &command) && !hf_browser_packed(pid, command.exe);
}

bool hf_any_firefox_runs(pid_t pid, const char *exe)
{
	struct hf_command command;
	return runs(pid, exe, hf_firefox_is, &command);
}
