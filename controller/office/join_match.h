/* SPDX-License-Identifier: MIT */
/*
 * join_match.h - which of the laptops that ask to join are the council's, by its own list of them
 *
 * Pure.
 */
#ifndef HOLDFAST_OFFICE_JOIN_MATCH_H
#define HOLDFAST_OFFICE_JOIN_MATCH_H

#include <holdfast/join.h>
#include <holdfast/time.h>

#include "controller/office/assigned.h"
#include "controller/office/office.h"

#define HF_ASSETS_MAX 20000 /* an estate */

/* A laptop of the council's list. */
struct hf_asset {
	const char *serial, *device; /* serial "": it joins with a token of its own */
	struct hf_list people, groups;
	bool twice; /* its serial number or its id stands there for another one, too */
};

/* The list, as a table of serial, device, person, login, groups; people and groups are owned. */
struct hf_assets {
	char *text;
	struct hf_asset *v;
	size_t n, room;
	char **made; /* PERSON:LOGIN */
	size_t n_made, made_room;
};

#define hf_auto_assets __attribute__((cleanup(hf_assets_done)))

/*
 * hf_assets_read - read the table; a device of several people has several lines
 *
 * @text     with an end mark; taken over, changed in place
 * @ret      zeroed before; to hf_assets_done, also after a failure
 * Returns   HF_OK; HF_E_SHAPE what is wrong, with its line; HF_E_SIZE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_assets_read(char *text, struct hf_assets *ret, struct hf_err *err);

/*
 * hf_assets_done - free all, zero
 */
void hf_assets_done(struct hf_assets *assets);

enum hf_join_verdict {
	HF_JOIN_MATCH,	   /* to be approved */
	HF_JOIN_STRANGER,  /* no laptop of the list has this serial number */
	HF_JOIN_CONTESTED, /* two keys ask for it */
	HF_JOIN_DUPLICATE, /* the list names it twice */
	HF_JOIN_REPLACES,  /* the device is another key's now */
	HF_JOIN_SPENT,	   /* its token is over, or has no use left */
	HF_JOIN_VERDICTS
};

/* One that asks, as the door shows it. */
struct hf_join_seen {
	const json_t *row; /* borrowed */
	struct hf_digest id;
	struct hf_pub pub;
	const char *csr, *serial, *words, *batch, *token_device, *replaces;
	bool contested;
	enum hf_join_verdict verdict;
	const struct hf_asset *asset; /* NULL: none */
};

struct hf_join_matched {
	json_t *shown; /* what the door said; owns the texts */
	struct hf_join_seen *v;
	size_t n;
	size_t counts[HF_JOIN_VERDICTS];
	size_t missing; /* laptops of the list that have not asked and are no device yet */
};

#define hf_auto_matched __attribute__((cleanup(hf_join_matched_done)))

/*
 * hf_join_match - compare who asks with the list, and with the devices that there are
 *
 * @shown    the door's GET /v1/joins; taken over
 * @ret      zeroed before; to hf_join_matched_done, also after a failure
 * Returns   HF_OK; HF_E_SHAPE the door says something else; HF_E_MEMORY
 * Source    controller/API.md "The door"
 */
HF_NODISCARD enum hf_rc hf_join_match(json_t *shown, const struct hf_assets *assets, const struct hf_assigned *assigned,
				      struct hf_join_matched *ret, struct hf_err *err);

/*
 * hf_join_verdict_text - "match", "stranger", ...
 *
 * Owner     static text
 */
const char *hf_join_verdict_text(enum hf_join_verdict verdict);

/*
 * hf_join_matched_done - free all, zero
 */
void hf_join_matched_done(struct hf_join_matched *matched);

#endif
