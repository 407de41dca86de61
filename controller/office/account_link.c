/* SPDX-License-Identifier: MIT */
/*
 * Owns which account a link to a profile is of.
 * Must never guess: a link to a page, a post or a site that is not known here is of no account.
 */
#include <string.h>
#include <strings.h>

#include <holdfast/str.h>

#include "controller/office/account_link.h"

#define FOLDERS_MAX 4

/* Where the handle stands in the path: behind one of these folders; "": at its beginning. */
/* clang-format off */
static const struct site {
	const char *host, *platform;
	const char *folders[FOLDERS_MAX];
} SITES[] = {
	{ "facebook.com",  "facebook",  { "" } },
	{ "fb.com",        "facebook",  { "" } },
	{ "x.com",         "x",         { "" } },
	{ "twitter.com",   "x",         { "" } },
	{ "instagram.com", "instagram", { "" } },
	{ "threads.net",   "threads",   { "@" } },
	{ "threads.com",   "threads",   { "@" } },
	{ "tiktok.com",    "tiktok",    { "@" } },
	{ "youtube.com",   "youtube",   { "@", "c/", "user/", "channel/" } },
	{ "linkedin.com",  "linkedin",  { "company/", "showcase/", "school/", "in/" } },
	{ "bsky.app",      "bluesky",   { "profile/" } },
	{ "flickr.com",    "flickr",    { "photos/", "people/" } },
};
/* clang-format on */

/* Pages of a site that nobody is called. */
static const char *const NOBODY[] = {"pages", "groups", "profile.php", "watch", "share", "home", "search", "p", "reel", "i"};

static const char *without_scheme(const char *text)
{
	static const char *const heads[] = {"https://", "http://", "www.", "m.", "en-gb.", "uk."};

	for (size_t i = 0; i < HF_LEN(heads); i++)
		if (strncasecmp(text, heads[i], strlen(heads[i])) == 0)
			text += strlen(heads[i]);
	return text;
}

bool hf_account_is_link(const char *text)
{
	return strstr(text, "://") || strncasecmp(text, "www.", 4) == 0 || (strchr(text, '/') && strchr(text, '.'));
}

static bool is_nobody(const char *handle, size_t len)
{
	for (size_t i = 0; i < HF_LEN(NOBODY); i++)
		if (strlen(NOBODY[i]) == len && strncasecmp(NOBODY[i], handle, len) == 0)
			return true;
	return len == 0;
}

/* The rest of the path behind a handle is a part of the profile's; of a post it names more than one folder. */
static enum hf_rc take_handle(const struct site *site, const char *path, char ret[HF_ACCOUNT_SIZE])
{
	for (size_t i = 0; i < FOLDERS_MAX && site->folders[i]; i++) {
		const char *handle = path + strlen(site->folders[i]);
		char account[HF_ACCOUNT_SIZE];
		size_t len;

		if (strncasecmp(path, site->folders[i], strlen(site->folders[i])) != 0)
			continue;
		handle += *handle == '@';
		len = strcspn(handle, "/?#");
		if (is_nobody(handle, len) || len >= HF_ID_SIZE || strcspn(handle + len + (handle[len] == '/'), "?#") != 0)
			return HF_E_SHAPE;
		if (hf_str_printf(account, sizeof(account), "%s:%.*s", site->platform, (int)len, handle) != HF_OK ||
		    !hf_account_ok(account))
			return HF_E_SHAPE;
		return hf_str_copy(ret, HF_ACCOUNT_SIZE, account);
	}
	return HF_E_SHAPE;
}

enum hf_rc hf_account_from_link(const char *text, char ret[HF_ACCOUNT_SIZE])
{
	const char *at = without_scheme(text), *path = strchr(at, '/');

	for (size_t i = 0; path && i < HF_LEN(SITES); i++)
		if (strlen(SITES[i].host) == (size_t)(path - at) && strncasecmp(at, SITES[i].host, (size_t)(path - at)) == 0)
			return take_handle(&SITES[i], path + 1, ret);
	return HF_E_SHAPE;
}
