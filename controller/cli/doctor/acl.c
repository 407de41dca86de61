/* SPDX-License-Identifier: MIT */
/*
 * Owns how mosquitto's file of rules is read.
 * Must never take a line that it does not understand for a refusal.
 */
#include <stdlib.h>
#include <string.h>

#include <mosquitto.h>

#include <holdfast/str.h>

#include "controller/cli/doctor/acl.h"

#define LINE_SIZE 512
#define FILTER_SIZE 1024

/* The next word of a line, or what is left of it; NULL: there is none. */
static char *next_word(char **line, bool rest)
{
	char *word = *line + strspn(*line, " \t");
	size_t len = rest ? strlen(word) : strcspn(word, " \t");

	if (!*word)
		return NULL;
	*line = word + len + (word[len] != '\0');
	word[len] = '\0';
	return word;
}

/* "read", "write", "readwrite", "deny", or none of them before the topic: all. */
static bool access_fits(char **line, bool write, bool *ret_denies)
{
	char copy[LINE_SIZE], *at = copy, *word;

	if (hf_str_copy(copy, sizeof(copy), *line) != HF_OK || !(word = next_word(&at, false)))
		return false;
	*ret_denies = strcmp(word, "deny") == 0;
	if (strcmp(word, "read") != 0 && strcmp(word, "write") != 0 && strcmp(word, "readwrite") != 0 && !*ret_denies)
		return true;
	(void)next_word(line, false);
	return *ret_denies || strcmp(word, "readwrite") == 0 || (strcmp(word, "write") == 0) == write;
}

/* %u is who asks. What %c stands for nobody can know beforehand. */
static bool filter_of(const char *pattern, const char *user, char filter[FILTER_SIZE])
{
	size_t len = 0;

	for (; *pattern; pattern++) {
		bool is_user = pattern[0] == '%' && pattern[1] == 'u', is_client = pattern[0] == '%' && pattern[1] == 'c';

		if ((is_user && !user) ||
		    hf_str_printf(filter + len, FILTER_SIZE - len, is_client ? "+" : is_user ? "%s" : "%.1s",
				  is_user ? user : pattern) != HF_OK)
			return false;
		len += strlen(filter + len);
		pattern += is_user || is_client;
	}
	return true;
}

static bool line_fits(char *line, const struct hf_acl_wish *wish, bool pattern, bool *ret_denies)
{
	char filter[FILTER_SIZE];
	bool fits = false;
	char *topic = access_fits(&line, wish->write, ret_denies) ? next_word(&line, true) : NULL;

	if (!topic)
		return false;
	if (pattern ? !filter_of(topic, wish->user, filter) : hf_str_copy(filter, sizeof(filter), topic) != HF_OK)
		return false;
	return mosquitto_topic_matches_sub(filter, wish->topic, &fits) == MOSQ_ERR_SUCCESS && fits;
}

/* Lines before the first `user` are everybody's who shows no name. */
static bool is_mine(const char *section, const char *user)
{
	return section[0] ? user && strcmp(section, user) == 0 : !user;
}

bool hf_acl_allows(const char *text, const struct hf_acl_wish *wish)
{
	char line[LINE_SIZE], section[LINE_SIZE] = "";
	bool allowed = false, denied = false;

	for (size_t len; *text; text += len + (text[len] == '\n')) {
		char *at = line, *word;
		bool denies = false;

		len = strcspn(text, "\r\n");
		if (len >= sizeof(line))
			continue;
		memcpy(line, text, len);
		line[len] = '\0';
		word = next_word(&at, false);
		if (!word || word[0] == '#')
			continue;
		if (strcmp(word, "user") == 0)
			(void)!hf_str_copy(section, sizeof(section), (word = next_word(&at, true)) ? word : "");
		else if ((strcmp(word, "pattern") == 0 || (strcmp(word, "topic") == 0 && is_mine(section, wish->user))) &&
			 line_fits(at, wish, word[0] == 'p', &denies))
			*(denies ? &denied : &allowed) = true;
	}
	return allowed && !denied;
}
