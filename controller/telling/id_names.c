/* SPDX-License-Identifier: MIT */
/*
 * Owns the question whether an id says who somebody is.
 * Must never find a name inside of another word.
 */
#include <stddef.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/telling/id_names.h"

#define NAME_PART_MIN 3 /* letters: "Li" is in many words */

/* Given names that are common in England, by what people there are called; none that is an office, a month or a place of work. */
static const char *const given[] = {
	"aaron",   "abigail", "adam",	 "adrian",  "aisha",	"alan",	    "alex",    "alexander", "ali",	"alice",   "alison",  "amanda",	 "amelia",  "amy",     "andrea",
	"andrew",  "angela",  "ann",	 "anna",    "anne",	"anthony",  "ashley",  "barbara",   "ben",	"benjamin", "beth",   "brian",	 "callum",  "carl",    "carol",
	"caroline", "catherine", "charlotte", "chloe", "chris",	"christine", "christopher", "claire", "colin",	"craig",   "daniel",  "darren",	 "dave",    "david",   "dawn",
	"dean",	   "deborah", "diane",	 "donna",   "edward",	"eleanor",  "elizabeth", "ellie",   "emily",	"emma",	   "eric",    "fatima",	 "fiona",   "frank",   "gareth",
	"gary",	   "gemma",   "george",	 "gillian", "graham",	"hannah",   "harry",   "heather",   "helen",	"ian",	   "jack",    "jacqueline", "jake",   "james",   "jamie",
	"jane",	   "janet",   "jason",	 "jennifer", "jenny",	"jessica",  "jill",    "joanna",    "joanne",	"joe",	   "john",    "jonathan", "joseph", "joshua",  "judith",
	"julie",   "karen",   "kate",	 "katherine", "kathryn", "katie",   "keith",   "kelly",	    "kenneth",	"kerry",   "kevin",   "kim",	 "laura",   "lauren",  "lee",
	"leanne",  "lewis",   "liam",	 "linda",   "lisa",	"louise",   "lucy",    "luke",	    "lynn",	"margaret", "maria",  "marie",	 "martin",  "mary",    "matthew",
	"michael", "michelle", "mohammed", "muhammad", "natalie", "nathan", "neil",    "nicholas",  "nicola",	"nigel",   "oliver",  "olivia",	 "pamela",  "patricia", "patrick",
	"paul",	   "paula",   "peter",	 "philip",  "rachel",	"rebecca",  "richard", "robert",    "roger",	"ruth",	   "ryan",    "sally",	 "samantha", "samuel", "sandra",
	"sarah",   "scott",   "sean",	 "sharon",  "sheila",	"simon",    "sophie",  "stephanie", "stephen",	"steve",   "steven",  "stuart",	 "susan",   "thomas",  "timothy",
	"tina",	   "tony",    "tracey",	 "tracy",   "valerie",	"victoria", "wendy",   "william",   "yvonne",	"zoe",
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does the id have this word between its hyphens. */
static bool id_has(const char *id, const char *word, size_t len)
{
	for (const char *at = id; at; at = strchr(at, '-')) {
		size_t i = 0;
		at += *at == '-';
		while (i < len && at[i] == lower(word[i]))
			i++;
		if (i == len && (at[i] == '-' || at[i] == '\0' || (at[i] >= '0' && at[i] <= '9')))
			return true;
	}
	return false;
}

bool hf_id_says_name(const char *id, const char *name)
{
	while (*name) {
		size_t len = strcspn(name, " '-.");
		if (len >= NAME_PART_MIN && id_has(id, name, len))
			return true;
		name += len;
		name += strspn(name, " '-.");
	}
	return false;
}

bool hf_id_looks_like_name(const char *id)
{
	for (size_t i = 0; i < HF_LEN(given); i++)
		if (id_has(id, given[i], strlen(given[i])))
			return true;
	return false;
}
