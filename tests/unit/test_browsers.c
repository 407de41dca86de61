/* SPDX-License-Identifier: MIT */
/*
 * Which process is which browser. Policy D9.2: each running browser is seen to hold, and no helper stands for one.
 * Must never depend on a process of this machine.
 */
#include <criterion/criterion.h>

#include <holdfast/str.h>

#include "agent/machine/browsers.h"
#include "tests/help/command.h"

enum family { NONE, CHROMIUM, FIREFOX };

/* clang-format off */
static const struct {
	const char *what, *exe, *args; /* '|' stands for an end mark */
	enum family want;
} PROGRAMS[] = {
	{ "Debian's Chromium",       "/usr/lib/chromium/chromium",       "/usr/lib/chromium/chromium|--x|", CHROMIUM },
	{ "Chrome",                  "/opt/google/chrome/chrome",        "chrome|", CHROMIUM },
	{ "Edge",                    "/opt/microsoft/msedge/msedge",     "msedge|", CHROMIUM },
	{ "Brave",                   "/opt/brave.com/brave/brave",       "brave|", CHROMIUM },
	{ "replaced by an upgrade",  "/usr/lib/chromium/chromium (deleted)", "chromium|", CHROMIUM },
	{ "a helper",                "/usr/lib/chromium/chromium",       "chromium|--type=gpu-process|", NONE },
	{ "a forked helper",         "/usr/lib/chromium/chromium",       "chromium --type=renderer --lang=en|", NONE },
	{ "the word in an address",  "/usr/lib/chromium/chromium",       "chromium|https://a/?--type=b|", CHROMIUM },
	{ "its driver",              "/usr/bin/chromedriver",            "chromedriver|", NONE },
	{ "its crash handler",       "/usr/lib/chromium/chrome_crashpad_handler", "x|", NONE },
	{ "without arguments",       "/usr/lib/chromium/chromium",       "chromium|", CHROMIUM },
	{ "Debian's Firefox",        "/usr/lib/firefox-esr/firefox-esr", "firefox-esr|", FIREFOX },
	{ "by another name",         "/usr/lib/firefox-esr/firefox-esr", "firefox|", FIREFOX },
	{ "a helper's word later",   "/usr/lib/firefox-esr/firefox-esr", "firefox-esr|--profile|/a|-contentproc|", FIREFOX },
	{ "a copy of a person's own", "/srv/a/firefox/firefox-bin",      "./firefox-bin|", FIREFOX },
	{ "and replaced",            "/srv/a/firefox/firefox (deleted)", "firefox|https://x.com|", FIREFOX },
	{ "its helper",              "/usr/lib/firefox-esr/firefox-esr", "/usr/lib/firefox-esr/firefox-esr|-contentproc|-ipcHandle|0|", NONE },
	{ "its forked helper",       "/usr/lib/firefox-esr/firefox-esr", "/usr/lib/firefox-esr/firefox-esr -contentproc -isForBrowser 3|", NONE },
	{ "a name that begins so",   "/usr/bin/firefoxes",               "firefoxes|", NONE },
	{ "no folder, no arguments", "firefox",                          "", FIREFOX },
};
/* clang-format on */

Test(browsers, main_processes)
{
	for (size_t i = 0; i < HF_LEN(PROGRAMS); i++) {
		const struct hf_command command = test_command(PROGRAMS[i].exe, PROGRAMS[i].args);
		cr_expect_eq(hf_browser_is(&command), PROGRAMS[i].want == CHROMIUM, "%s", PROGRAMS[i].what);
		cr_expect_eq(hf_firefox_is(&command), PROGRAMS[i].want == FIREFOX, "%s", PROGRAMS[i].what);
	}
}
