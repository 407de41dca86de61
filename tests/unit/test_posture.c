/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of what is open, guarded or blocked for whom.
 * Must never say "open" in a row without saying why in its name.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/posture.h>

#include "tests/help/council.h"

#define T COUNCIL_T
#define NOW (COUNCIL_T + 3600)
#define LIST(...)                                                                                                      \
	{                                                                                                              \
		(const char *[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)                  \
	}
#define ALL LIST("*")
#define X_ALONE LIST("x:CannockChaseDC")
#define E HF_KIND_EMERGENCY
#define P HF_KIND_PURDAH
#define BLOCK HF_LEVEL_BLOCK
#define GUARD HF_LEVEL_GUARD
#define LIVE HF_MODE_LIVE
#define DRILL HF_MODE_EXERCISE

/* The orders that may be in force in a row, which names them by letter. */
struct spec {
	char letter;
	enum hf_kind kind;
	enum hf_mode mode;
	enum hf_level level;
	struct hf_strs accounts, groups, exempt;
	int64_t later;	  /* starts so long after NOW */
	int64_t until;	  /* days after COUNCIL_T; 0: 30 for a purdah */
	const char *text; /* of the instructions; NULL: those of every purdah here */
	char amends;	  /* the letter of the raise; 0: it is one */
	int64_t rev;
	struct hf_envelope *envelope;
};

/* clang-format off */
static struct spec specs[] = {
	{ 'E', E, LIVE, BLOCK, ALL, ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ 'x', E, LIVE, BLOCK, X_ALONE, ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },                                /* one account */
	{ 'v', E, LIVE, BLOCK, LIST("instagram:visitcannockchase"), ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },    /* its holder's access ends */
	{ 'u', E, LIVE, BLOCK, LIST("x:nobody-knows"), ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },                 /* not in the register */
	{ 'X', E, LIVE, BLOCK, ALL, ALL, LIST("comms-2"), 0, 0, NULL, 0, 0, NULL },                          /* comms-2 exempt */
	{ 'g', E, LIVE, BLOCK, ALL, LIST("depot"), { 0 }, 0, 0, NULL, 0, 0, NULL },                          /* another group */
	{ 'h', E, LIVE, BLOCK, ALL, LIST("depot", "civic-centre"), { 0 }, 0, 0, NULL, 0, 0, NULL },          /* ours among others */
	{ 'P', P, LIVE, GUARD, ALL, ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ 'p', P, LIVE, GUARD, X_ALONE, ALL, LIST("comms-2"), 0, 0, NULL, 0, 0, NULL },
	{ 'Q', P, LIVE, GUARD, X_ALONE, ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ 'B', P, LIVE, BLOCK, ALL, ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },                                    /* purdah, full block */
	{ 'F', P, LIVE, BLOCK, ALL, ALL, { 0 }, COUNCIL_DAY, 0, NULL, 0, 0, NULL },                          /* still to come */
	{ 'D', E, DRILL, BLOCK, ALL, ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ 'd', P, DRILL, GUARD, ALL, ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ 'k', P, DRILL, BLOCK, ALL, ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ 'S', P, LIVE, GUARD, ALL, ALL, LIST("comms-2"), 0, 0, NULL, 0, 0, NULL },                          /* comms-2 exempt */
	{ 's', P, LIVE, GUARD, LIST("x:ccdc_sbc"), ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },                     /* held by comms-2 */
	{ 'f', P, LIVE, GUARD, LIST("facebook:cannockchasedc"), ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ 'n', P, LIVE, GUARD, LIST("x:nobody-knows"), ALL, { 0 }, 0, 0, NULL, 0, 0, NULL },                 /* not in the register */
	{ 'G', P, LIVE, GUARD, ALL, LIST("depot"), { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ 'H', P, LIVE, GUARD, ALL, LIST("civic-centre"), { 0 }, 0, 0, NULL, 0, 0, NULL },
	{ .letter = 'L', .kind = P, .level = GUARD, .accounts = ALL, .groups = ALL, .until = 60, .text = "By-election." },
	/* amendments of P */
	{ .letter = 'A', .kind = P, .level = GUARD, .accounts = ALL, .groups = ALL, .amends = 'P', .rev = 1, .text = "No photographs." },
	{ .letter = 'a', .kind = P, .level = GUARD, .accounts = ALL, .groups = ALL, .amends = 'P', .rev = 1, .until = 60 },
	{ .letter = 'b', .kind = P, .level = BLOCK, .accounts = ALL, .groups = ALL, .amends = 'P', .rev = 1 },
	{ .letter = 'c', .kind = P, .level = GUARD, .accounts = ALL, .groups = ALL, .amends = 'P', .rev = 2 },
};

struct row {
	const char *what;
	const char *orders;   /* letters; '-' before one: it is released */
	const char *person;   /* NULL: anybody else */
	const char *acks;     /* letters that this person has acknowledged */
	const char *pass;     /* account of an open pass of comms-2, or NULL */
	const char *want;     /* O G B for: x, facebook, instagram, youtube, hootsuite, toot */
	char account;         /* the same for x:CannockChaseDC */
	char why;             /* the raise of the order that shuts x, 0 none, '?' either of two that are as strong */
	enum { PLAIN, UNKNOWN, NO_GROUP, IN_1970, IN_2038, AFTER_VISIT,
	       AFTER_P, AFTER_P_HERE, AFTER_P_THERE, TOMORROW } how; /* P is over by both clocks, or by one */
};

static const struct row rows[] = {
	{ "nothing known: open", "", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D9.1 emergency: every tool, the holder too", "E", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "D9.2 emergency: anybody on this device", "E", NULL, "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "D9.2 emergency: somebody unknown to the council", "E", "visitor-9", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "D9.2 emergency: the raising officer, if not exempt", "E", "comms-1", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "D9.2 emergency in 1970", "E", "comms-2", "", NULL, "BBBBBB", 'B', 'E', IN_1970 },
	{ "D9.2 emergency in 2038", "E", "comms-2", "", NULL, "BBBBBB", 'B', 'E', IN_2038 },
	{ "D9.3 released: open", "-E", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D9.3 one of two released: the other holds", "-Eh", "comms-2", "", NULL, "BBBBBB", 'B', 'h', PLAIN },
	{ "D9.1 the designated officer is exempt: open", "X", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D9.1 exempt is one person, not the device", "X", "comms-1", "", NULL, "BBBBBB", 'B', 'X', PLAIN },
	{ "D9.1 exempt is not anybody", "X", NULL, "", NULL, "BBBBBB", 'B', 'X', PLAIN },
	{ "D9.1 exempt in one lockdown alone", "EX", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "D9.1 exempt in the emergency, guarded by purdah", "XP", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D9.1 exempt in the emergency, has read purdah: open", "XP", "comms-2", "P", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "a group of this device among others", "h", "comms-2", "", NULL, "BBBBBB", 'B', 'h', PLAIN },
	{ "another group: does not bear on this device", "g", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "another group beside ours", "gh", "comms-2", "", NULL, "BBBBBB", 'B', 'h', PLAIN },
	{ "no assignment: groups do not bear", "h", "comms-2", "", NULL, "OOOOOO", 'O', 0, NO_GROUP },
	{ "no assignment: every group does", "E", "comms-2", "", NULL, "BBBBBB", 'B', 'E', NO_GROUP },
	{ "D2.3 one account: its holder, the tools of its platform", "x", "comms-2", "", NULL, "BOOOBO", 'B', 'x', PLAIN },
	{ "D2.3 one account: another holder of it", "x", "comms-1", "", NULL, "BOOOBO", 'B', 'x', PLAIN },
	{ "D2.3 one account: who holds none is open", "x", "monitoring-1", "", NULL, "OOOOOO", 'B', 0, PLAIN },
	{ "D2.3 one account: anybody else is open", "x", NULL, "", NULL, "OOOOOO", 'B', 0, PLAIN },
	{ "D2.3 an account that is not known here: everybody", "u", "monitoring-1", "", NULL, "BOOOBO", 'O', 'u', PLAIN },
	{ "D2.3 an account that is not known here: anybody", "u", NULL, "", NULL, "BOOOBO", 'O', 'u', PLAIN },
	{ "D2.9 a holder until the access ends", "v", "visitor-1", "", NULL, "OOBOBO", 'O', 0, PLAIN },
	{ "D2.9 access ended by both clocks: no holder, open", "v", "visitor-1", "", NULL, "OOOOOO", 'O', 0, AFTER_VISIT },
	{ "attack: a clock set to 2038 ends no access", "v", "visitor-1", "", NULL, "OOBOBO", 'O', 0, IN_2038 },
	{ "D10 purdah: guarded until read", "P", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 purdah: read, open", "P", "comms-2", "P", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 purdah: read by another, not by this person", "P", "comms-1", "P", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 purdah: anybody else cannot have read", "P", NULL, "P", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 purdah: read other instructions", "P", "comms-2", "Q", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 two purdahs, one read", "PQ", "comms-2", "P", NULL, "GOOOGO", 'G', 'Q', PLAIN },
	{ "D10 two purdahs, both read: open", "PQ", "comms-2", "PQ", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 purdah of one account, exempt: open", "p", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 purdah of one account, its other holder", "p", "comms-1", "", NULL, "GOOOGO", 'G', 'p', PLAIN },
	{ "D10 full block: reading opens nothing", "B", "comms-2", "B", NULL, "BBBBBB", 'B', 'B', PLAIN },
	{ "D10 still to come: open", "F", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 begun by a clock set to 2038", "F", "comms-2", "", NULL, "BBBBBB", 'B', 'F', IN_2038 },
	{ "emergency inside purdah: the stronger wins", "EP", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "emergency inside purdah, instructions read: blocked", "EP", "comms-2", "P", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "emergency ends inside purdah: falls back to guard", "-EP", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "emergency ends inside purdah, read: open", "-EP", "comms-2", "P", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "emergency of one account inside purdah", "xP", "comms-2", "", NULL, "BGGGBG", 'B', 'x', PLAIN },
	{ "emergency of one account inside purdah, read", "xP", "comms-2", "P", NULL, "BOOOBO", 'B', 'x', PLAIN },
	{ "an exercise of an emergency blocks nothing", "D", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "an exercise of a purdah guards nothing", "d", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "an exercise lowers nothing", "ED", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "an exercise raises nothing above purdah", "DP", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "emergency, purdah and exercise", "EPDd", "comms-2", "P", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "emergency over, exercise and purdah go on", "-EPDd", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D9.3 a pass opens its platform, and no tool of many: open", "E", "comms-2", "", "x:CannockChaseDC", "OBBBBB", 'O', 0, PLAIN },
	{ "D9.3 a pass of another account of the platform", "E", "comms-2", "", "x:CCDCYourVoice", "OBBBBB", 'B', 0, PLAIN },
	{ "D9.3 a pass is one person's", "E", "comms-1", "", "x:CannockChaseDC", "BBBBBB", 'B', 'E', PLAIN },
	{ "D9.3 a pass is not anybody's", "E", NULL, "", "x:CannockChaseDC", "BBBBBB", 'B', 'E', PLAIN },
	{ "D9.3 a pass inside purdah", "EP", "comms-2", "", "x:CannockChaseDC", "OBBBBB", 'O', 0, PLAIN },
	{ "D9.3 a pass of a platform without a tool", "E", "comms-2", "", "tiktok:council", "BBBBBB", 'B', 'E', PLAIN },
	{ "D9.3 a pass of the one account that is shut opens the tool of many", "x", "comms-2", "", "x:CannockChaseDC", "OOOOOO", 'O', 0, PLAIN },
	{ "state lost: everything is blocked", "", "comms-2", "", NULL, "BBBBBB", 'B', 0, UNKNOWN },
	{ "state lost: for anybody", "", NULL, "", NULL, "BBBBBB", 'B', 0, UNKNOWN },
	{ "state lost: no exemption", "X", "comms-2", "", NULL, "BBBBBB", 'B', 0, UNKNOWN },
	{ "state lost: no pass", "E", "comms-2", "", "x:CannockChaseDC", "BBBBBB", 'B', 0, UNKNOWN },
	{ "state lost: no acknowledgement", "P", "comms-2", "P", NULL, "BBBBBB", 'B', 0, UNKNOWN },

	/* Holds stack: what falls back to what, and when. */
	{ "stack: purdah ends inside an emergency, which goes on", "EP", "comms-2", "", NULL, "BBBBBB", 'B', 'E', AFTER_P },
	{ "stack: purdah ended inside an emergency, now released: open", "-EP", "comms-2", "", NULL, "OOOOOO", 'O', 0, AFTER_P },
	{ "stack: the same, ended by this clock alone: guarded", "-EP", "comms-2", "", NULL, "GGGGGG", 'G', 'P', AFTER_P_HERE },
	{ "stack: the same, ended by the controller's time alone: guarded", "-EP", "comms-2", "", NULL, "GGGGGG", 'G', 'P', AFTER_P_THERE },
	{ "attack: a clock set to 2038 in an emergency opens nothing behind it", "-EP", "comms-2", "", NULL, "GGGGGG", 'G', 'P', IN_2038 },
	{ "stack: purdah released inside an emergency: blocked", "E-P", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "stack: both released: open", "-E-P", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "stack: an emergency inside a full block", "EB", "comms-2", "", NULL, "BBBBBB", 'B', '?', PLAIN },
	{ "stack: it ends: the full block holds", "-EB", "comms-2", "B", NULL, "BBBBBB", 'B', 'B', PLAIN },
	{ "stack: purdah to come, an emergency before it", "EF", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "stack: the emergency ends before purdah begins: open", "-EF", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "stack: purdah begins inside the emergency", "EF", "comms-2", "", NULL, "BBBBBB", 'B', '?', TOMORROW },
	{ "stack: purdah began inside the emergency, now released", "-EF", "comms-2", "", NULL, "BBBBBB", 'B', 'F', TOMORROW },
	{ "stack: a clock in 1970 keeps emergency and purdah", "EP", "comms-2", "P", NULL, "BBBBBB", 'B', 'E', IN_1970 },
	{ "stack: exempt in both: open", "XS", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "stack: exempt in purdah alone: the emergency blocks", "ES", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "stack: exempt in the emergency alone: the full block holds", "XB", "comms-2", "", NULL, "BBBBBB", 'B', 'B', PLAIN },
	{ "stack: exempt in both, another person in neither", "XS", "comms-1", "", NULL, "BBBBBB", 'B', 'X', PLAIN },

	/* Two purdahs, such as a by-election inside a district poll. */
	{ "two purdahs: exempt in one, not read the other", "SP", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "two purdahs: exempt in one, read the other: open", "SP", "comms-2", "P", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "two purdahs: what one has read opens for no other", "SP", "comms-1", "PS", NULL, "GGGGGG", 'G', '?', PLAIN },
	{ "two purdahs overlap: one read", "PL", "comms-2", "P", NULL, "GGGGGG", 'G', 'L', PLAIN },
	{ "two purdahs overlap: both read: open", "PL", "comms-2", "PL", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "two purdahs: the first is over, it alone was read", "PL", "comms-2", "P", NULL, "GGGGGG", 'G', 'L', AFTER_P },
	{ "two purdahs: the first is over, the second was read: open", "PL", "comms-2", "L", NULL, "OOOOOO", 'O', 0, AFTER_P },
	{ "two purdahs: the first is over by this clock alone", "PL", "comms-2", "L", NULL, "GGGGGG", 'G', 'P', AFTER_P_HERE },
	{ "two purdahs: the shorter released, the longer read: open", "-PL", "comms-2", "L", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "two purdahs: guard and full block", "PB", "comms-2", "P", NULL, "BBBBBB", 'B', 'B', PLAIN },
	{ "two purdahs: full block released, guard not read", "P-B", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "two purdahs and an emergency", "EPL", "comms-2", "PL", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "two purdahs, one read, the emergency over", "-EPL", "comms-2", "L", NULL, "GGGGGG", 'G', 'P', PLAIN },

	/* Scope: a departmental account of one ward leaves the others open. */
	{ "D10 one departmental account: its holder", "s", "comms-2", "", NULL, "GOOOGO", 'O', 's', PLAIN },
	{ "D10 one departmental account: its holder has read: open", "s", "comms-2", "s", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 one departmental account: who holds others is open", "s", "comms-1", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 one departmental account: anybody else is open", "s", NULL, "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 purdahs of two accounts, one read", "sf", "comms-2", "s", NULL, "OGOOGO", 'O', 0, PLAIN },
	{ "D10 an account that is not known here: everybody", "n", "monitoring-1", "", NULL, "GOOOGO", 'O', 'n', PLAIN },
	{ "stack: purdah everywhere was read, that of the account not", "Ps", "comms-2", "P", NULL, "GOOOGO", 'O', 's', PLAIN },
	{ "stack: purdah everywhere bears on who does not hold the account", "Ps", "comms-1", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "stack: an emergency of one account, purdah of another", "xs", "comms-2", "s", NULL, "BOOOBO", 'B', 'x', PLAIN },
	{ "stack: the emergency of one account ends, purdah of another", "-xs", "comms-2", "", NULL, "GOOOGO", 'O', 's', PLAIN },
	{ "stack: an emergency everywhere, purdah of one account", "Ef", "comms-2", "f", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "stack: the emergency ends, purdah of one account", "-Ef", "comms-2", "", NULL, "OGOOGO", 'O', 0, PLAIN },
	{ "D10 purdah of another group: open", "G", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 purdahs of another group and of ours", "GH", "comms-2", "", NULL, "GGGGGG", 'G', 'H', PLAIN },
	{ "stack: an emergency of another group inside our purdah", "gH", "comms-2", "", NULL, "GGGGGG", 'G', 'H', PLAIN },
	{ "stack: our emergency ends, purdah is of another group: open", "-hG", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },

	/* An exercise of each beside a live one of each. */
	{ "an exercise of purdah is read: the live one is not", "dP", "comms-2", "d", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "an exercise of purdah, the live one is read: open", "dP", "comms-2", "P", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "an exercise of a full block, the live guard is read: open", "kP", "comms-2", "P", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "an exercise of a full block beside a live emergency", "kE", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "an exercise of an emergency beside a live full block", "DB", "comms-2", "", NULL, "BBBBBB", 'B', 'B', PLAIN },
	{ "an exercise of each, nothing live: open", "Ddk", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "the end of an exercise ends nothing live", "-DE", "comms-2", "", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "the end of an exercise of purdah ends nothing live", "-dP", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "the end of a live emergency, its exercise goes on: open", "-ED", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },

	/* Passes, and the unknown, over a stack. */
	{ "D9.3 a pass inside purdah alone", "P", "comms-2", "", "x:CannockChaseDC", "OGGGGG", 'O', 0, PLAIN },
	{ "D9.3 a pass inside a full block", "B", "comms-2", "", "x:CannockChaseDC", "OBBBBB", 'O', 0, PLAIN },
	{ "D9.3 a pass outlives the emergency inside purdah", "-EP", "comms-2", "", "x:CannockChaseDC", "OGGGGG", 'O', 0, PLAIN },
	{ "D9.3 a pass over two purdahs, one read", "PL", "comms-2", "P", "x:CannockChaseDC", "OGGGGG", 'O', 0, PLAIN },
	{ "state lost: nothing of a stack opens it", "-EP", "comms-2", "P", NULL, "BBBBBB", 'B', 0, UNKNOWN },

	/* An amendment: another text asks again, the same text does not. */
	{ "D10 another text: the first was read", "PA", "comms-2", "P", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 another text: it was read: open", "PA", "comms-2", "A", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 another text: both were read: open", "PA", "comms-2", "PA", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 the same text, a longer period: read once: open", "Pa", "comms-2", "P", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 the same text, a longer period: not read", "Pa", "comms-2", "", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 the same text, after the first end: read once: open", "Pa", "comms-2", "P", NULL, "OOOOOO", 'O', 0, AFTER_P },
	{ "D10 the same text, after the first end: not read", "Pa", "comms-2", "", NULL, "GGGGGG", 'G', 'P', AFTER_P },
	{ "D10 the same text, now a full block: reading opens nothing", "Pb", "comms-2", "P", NULL, "BBBBBB", 'B', 'P', PLAIN },
	{ "D10 the first text again: it was read: open", "PAc", "comms-2", "P", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "D10 the first text again: the one between was read", "PAc", "comms-2", "A", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 two amendments side by side: one text read", "PAa", "comms-2", "P", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 two amendments side by side: both texts read: open", "PAa", "comms-2", "PA", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "attack: the text is read in another lockdown", "PAL", "comms-2", "QL", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "D10 an amendment whose raise is not known: nothing yet", "A", "comms-2", "", NULL, "OOOOOO", 'O', 0, PLAIN },
	{ "stack: another text while an emergency holds", "EPA", "comms-2", "P", NULL, "BBBBBB", 'B', 'E', PLAIN },
	{ "stack: the emergency ends: the new text is asked for", "-EPA", "comms-2", "P", NULL, "GGGGGG", 'G', 'P', PLAIN },
	{ "stack: the emergency ends: the new text was read: open", "-EPA", "comms-2", "A", NULL, "OOOOOO", 'O', 0, PLAIN },
};
/* clang-format on */

static struct council council;
static struct hf_trust *trust;
static struct hf_register *reg;
static struct hf_assignment *assignment;

static const struct spec *spec_of(char letter)
{
	for (size_t i = 0; i < HF_LEN(specs); i++)
		if (specs[i].letter == letter)
			return &specs[i];
	cr_assert_fail("no order has the letter %c", letter);
	return NULL;
}

/* The raise of a lockdown: of an amendment the one that it amends. */
static const struct spec *root_of(char letter)
{
	const struct spec *spec = spec_of(letter);

	return spec->amends ? spec_of(spec->amends) : spec;
}

static struct hf_order doc_of(const struct spec *spec)
{
	struct hf_order doc = spec->amends ? council_amend_doc(spec->kind, root_of(spec->letter)->envelope, spec->rev)
					   : council_raise_doc(spec->kind);

	doc.mode = spec->mode;
	doc.at.s += spec->letter; /* no two alike */
	doc.body.level = spec->level;
	doc.body.accounts = spec->accounts;
	doc.body.groups = spec->groups;
	doc.body.exempt = spec->exempt;
	if (spec->later > 0)
		doc.body.from.s = NOW + spec->later;
	if (spec->until > 0)
		doc.body.until.s = T + spec->until * COUNCIL_DAY;
	if (spec->text)
		doc.body.instructions = spec->text;
	return doc;
}

/* What a question is made of; freed together. */
struct scene {
	struct hf_orders orders;
	struct hf_started started;
	struct hf_lockdowns lockdowns;
	struct hf_ack acks[4];
	struct hf_pass pass;
	struct hf_facts facts;
	struct hf_now now;
	struct hf_posture posture;
};

static struct scene scene;

static void release(const struct spec *spec)
{
	struct hf_digest id = spec->envelope->digest;
	struct hf_order doc = council_release_doc(spec->kind, &id, 1);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	bool grew;

	doc.mode = spec->mode;
	envelope = council_order(&council, &doc, COMMS_1 | MONITORING_1 | ELECTIONS_1);
	cr_assert_eq(hf_orders_add(&scene.orders, trust, envelope, &grew, NULL), HF_OK);
}

static void set_orders(const char *letters)
{
	for (const char *c = letters; *c != '\0'; c++) {
		bool over = *c == '-', grew;
		const struct spec *spec = spec_of(over ? *++c : *c);

		cr_assert_eq(hf_orders_add(&scene.orders, trust, spec->envelope, &grew, NULL), HF_OK);
		if (over)
			release(spec);
	}
	cr_assert_eq(hf_lockdowns_judge(&(struct hf_lockdowns_ask){&scene.orders, trust, &scene.started, scene.now, NULL},
					&scene.lockdowns, NULL),
		     HF_OK);
}

static void set_facts(const struct row *row)
{
	scene.facts = (struct hf_facts){.acks = scene.acks, .passes = &scene.pass, .unknown = row->how == UNKNOWN};
	for (const char *c = row->acks; *c != '\0'; c++) {
		struct hf_ack *ack = &scene.acks[scene.facts.n_acks++];

		ack->lockdown = root_of(*c)->envelope->digest;
		cr_assert_eq(hf_instructions_digest(doc_of(spec_of(*c)).body.instructions, &ack->text), HF_OK);
		cr_assert_eq(hf_str_copy(ack->person, sizeof(ack->person), "comms-2"), HF_OK);
	}
	if (row->pass) {
		cr_assert_eq(hf_str_copy(scene.pass.account, sizeof(scene.pass.account), row->pass), HF_OK);
		cr_assert_eq(hf_str_copy(scene.pass.person, sizeof(scene.pass.person), "comms-2"), HF_OK);
		scene.facts.n_passes = 1;
	}
}

static struct hf_now now_of(const struct row *row)
{
	switch (row->how) {
	case IN_1970:
		return (struct hf_now){{0}, {NOW}};
	case IN_2038:
		return (struct hf_now){{2147483648}, {NOW}};
	case AFTER_VISIT:
		return (struct hf_now){{T + 91 * COUNCIL_DAY}, {T + 91 * COUNCIL_DAY}};
	case AFTER_P:
		return (struct hf_now){{T + 31 * COUNCIL_DAY}, {T + 31 * COUNCIL_DAY}};
	case AFTER_P_HERE:
		return (struct hf_now){{T + 31 * COUNCIL_DAY}, {NOW}};
	case AFTER_P_THERE:
		return (struct hf_now){{NOW}, {T + 31 * COUNCIL_DAY}};
	case TOMORROW:
		return (struct hf_now){{NOW + COUNCIL_DAY}, {NOW}};
	case PLAIN:
	case UNKNOWN:
	case NO_GROUP:
		break;
	}
	return (struct hf_now){{NOW}, {NOW}};
}

/* Frees what was asked before. */
static void clear(void)
{
	hf_posture_done(&scene.posture);
	hf_lockdowns_done(&scene.lockdowns);
	hf_started_done(&scene.started);
	hf_orders_done(&scene.orders);
	memset(&scene, 0, sizeof(scene));
}

/* What is open then; it stays until the next question. */
static const struct hf_posture *play(const struct row *row)
{
	static const struct hf_versions none = {0};

	clear();
	scene.now = now_of(row);
	set_orders(row->orders);
	set_facts(row);
	cr_assert_eq(
		hf_posture_of(&(struct hf_posture_ask){&scene.lockdowns, reg, row->how == NO_GROUP ? &none : COUNCIL_VERSIONS(assignment),
						       &scene.facts, COUNCIL_PAIR(row->person), scene.now},
			      &scene.posture, NULL),
		HF_OK);
	return &scene.posture;
}

/* The same of orders of which nothing was read, for this person. */
static const struct hf_posture *play_plain(const char *orders, const char *person)
{
	return play(&(struct row){.what = orders, .orders = orders, .person = person, .acks = ""});
}

static void open_all(void)
{
	council_open(&council);
	cr_assert_eq(hf_trust_open(council.trust, NULL, &trust, NULL), HF_OK);
	cr_assert_eq(hf_register_decode(council.reg, &reg, NULL), HF_OK);
	cr_assert_eq(hf_assignment_decode(council.assignment, &assignment, NULL), HF_OK);
	for (size_t i = 0; i < HF_LEN(specs); i++) {
		struct hf_order doc = doc_of(&specs[i]);

		specs[i].envelope = council_order(&council, &doc, specs[i].kind == E ? COMMS_1 : ELECTIONS_1);
	}
}

static void close_all(void)
{
	clear();
	for (size_t i = 0; i < HF_LEN(specs); i++)
		hf_envelope_free(&specs[i].envelope);
	hf_assignment_free(&assignment);
	hf_register_free(&reg);
	hf_trust_free(&trust);
	council_close(&council);
}

TestSuite(posture, .init = open_all, .fini = close_all);

static char letter_of(enum hf_level level)
{
	return "OGB?"[level < HF_LEVEL_COUNT ? level : HF_LEVEL_COUNT];
}

static void check_row(const struct row *row, const struct hf_posture *posture)
{
	char got[8] = "";
	enum hf_level strongest = HF_LEVEL_OPEN;
	const struct hf_hold *why = posture->tools[0].why;

	cr_assert_eq(posture->n_tools, strlen(row->want));
	for (size_t i = 0; i < posture->n_tools; i++) {
		const struct hf_tool_posture *tool = &posture->tools[i];

		got[i] = letter_of(tool->level);
		strongest = tool->level > strongest ? tool->level : strongest;
		cr_expect(tool->level == HF_LEVEL_OPEN ? !tool->why : tool->why || posture->unknown,
			  "%s: what is shut says why, what is open does not", row->what);
	}
	cr_expect_str_eq(got, row->want, "%s: %s and not %s", row->what, got, row->want);
	cr_expect_eq(letter_of(posture->accounts[0].level), row->account, "%s: the account is %c", row->what,
		     letter_of(posture->accounts[0].level));
	cr_expect_eq(posture->level, strongest, "%s: the strongest of all", row->what);
	cr_expect_eq(posture->unknown, row->how == UNKNOWN, "%s", row->what);
	if (row->why == '?')
		cr_expect_not_null(why, "%s", row->what);
	else if (row->why == 0)
		cr_expect_null(why, "%s", row->what);
	else
		cr_expect(why && hf_digest_cmp(&why->lockdown->id, &spec_of(row->why)->envelope->digest) == 0,
			  "%s: the reason is another order", row->what);
}

Test(posture, what_is_open_for_whom)
{
	for (size_t i = 0; i < HF_LEN(rows); i++)
		check_row(&rows[i], play(&rows[i]));
}

Test(posture, the_holding_message_and_its_one_poster)
{
	const struct hf_account_posture *accounts = play_plain("E", "comms-2")->accounts;

	cr_assert_not_null(accounts[0].holding, "D9.3: one message per account");
	cr_expect_str_eq(accounts[0].holding->account, "x:CannockChaseDC");
	cr_expect(accounts[0].poster && accounts[0].holder, "comms-2 is the one named");
	cr_expect_not(accounts[0].holding_of->exercise);
	cr_expect_null(accounts[1].holding, "no message, no poster");
	cr_expect_not(accounts[1].poster);
	accounts = play_plain("E", "comms-1")->accounts;
	cr_expect(accounts[0].holder, "comms-1 holds the account, too");
	cr_expect_not(accounts[0].poster, "D9.3: one named poster");
	accounts = play_plain("E", NULL)->accounts;
	cr_expect_not(accounts[0].poster || accounts[0].holder);
}

Test(posture, the_message_of_an_exercise_is_never_shown_as_real)
{
	const struct hf_account_posture *accounts = play_plain("DE", "comms-2")->accounts;

	cr_assert_not_null(accounts[0].holding_of);
	cr_expect_not(accounts[0].holding_of->exercise, "the live one's goes first");
	accounts = play_plain("D", "comms-2")->accounts;
	cr_assert_not_null(accounts[0].holding_of);
	cr_expect(accounts[0].holding_of->exercise, "and who shows it can see that it is a drill");
}

Test(posture, an_exempt_poster_still_has_the_message)
{
	const struct hf_account_posture *accounts = play_plain("X", "comms-2")->accounts;

	cr_expect_not_null(accounts[0].holding);
	cr_expect(accounts[0].poster, "warning the public is a statutory duty");
}

Test(posture, holds_are_listed_live_first_and_say_what_is_to_read)
{
	const struct hf_posture *posture = play_plain("dDPX", "comms-2");

	cr_assert_eq(posture->n_holds, 4);
	for (size_t i = 0; i < posture->n_holds; i++) {
		const struct hf_hold *hold = &posture->holds[i];
		bool purdah = hold->lockdown->raise->order->kind == P;

		cr_expect_eq(hold->exercise, i >= 2, "live first, then exercises");
		cr_expect(!hold->exercise || hold->level == HF_LEVEL_OPEN, "an exercise shuts nothing");
		cr_expect_eq(hold->to_read, purdah, "D10: instructions are to be read, in a drill too");
		cr_expect_eq(hold->exempt, !purdah && !hold->exercise);
	}
}

Test(posture, without_a_register_there_is_nothing_to_shut_but_the_unknown)
{
	const struct hf_versions nobody = {0};
	const struct hf_lockdowns none = {0};

	for (int unknown = 0; unknown <= 1; unknown++) {
		const struct hf_facts facts = {.unknown = unknown};
		struct hf_posture posture = {0};

		cr_assert_eq(hf_posture_of(&(struct hf_posture_ask){&none, NULL, &nobody, &facts, NULL, (struct hf_now){{0}, {0}}},
					   &posture, NULL),
			     HF_OK);
		cr_expect_eq(posture.level, unknown ? HF_LEVEL_BLOCK : HF_LEVEL_OPEN, "state lost after enrolment is shut");
		cr_expect_eq(posture.n_tools, 0);
		hf_posture_done(&posture);
	}
}

Test(posture, rights_end_with_the_first_clock_and_locks_with_the_last)
{
	static const struct row ahead = {.orders = "", .person = "visitor-1", .acks = "", .how = IN_2038};

	cr_expect(play_plain("", "visitor-1")->accounts[9].holder, "D2.9: access until its end");
	cr_expect_not(play(&ahead)->accounts[9].holder, "D2.9: ended by either clock");
}
