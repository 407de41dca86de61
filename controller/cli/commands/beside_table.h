/* SPDX-License-Identifier: MIT */
/*
 * beside_table.h - what a table of accounts says for the register beside, and how that differs from what is kept
 */
#ifndef HOLDFAST_CLI_BESIDE_TABLE_H
#define HOLDFAST_CLI_BESIDE_TABLE_H

#include "controller/cli/cli.h"

/* One table on its way. Start it zeroed. */
struct hf_beside_table {
	bool whole;    /* what the table does not say is taken out */
	json_t *held;  /* what is kept now */
	json_t *rows;  /* {"accounts": {name: row}, "people": {name: row}}: as they would be */
	json_t *said;  /* the same, of what the table itself says */
	json_t *changes; /* the rows that differ, as the controller takes them */
	json_t *shown; /* [{"of", "what", "before", "now"}] */
};

/* One cell. */
struct hf_beside_cell {
	bool person; /* of a person; else of an account */
	const char *name; /* whose */
	const char *what; /* "scheduler" */
	const char *text; /* "": it says nothing; "none": there is none */
};

/*
 * hf_beside_table_open - ask for what is kept
 *
 * Owner     to hf_beside_table_done, also when it fails
 * Returns   as hf_client_get
 */
HF_NODISCARD enum hf_rc hf_beside_table_open(const struct hf_cli *cli, struct hf_beside_table *table,
					     struct hf_err *err);

/*
 * hf_beside_table_put - take one cell
 *
 * Returns   HF_OK; HF_E_SHAPE what is wrong with it, or that the table says otherwise elsewhere; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_beside_table_put(struct hf_beside_table *table, const struct hf_beside_cell *cell,
					    struct hf_err *err);

/*
 * hf_beside_table_compare - find what differs, when all cells are taken
 *
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_beside_table_compare(struct hf_beside_table *table, struct hf_err *err);

/*
 * hf_beside_table_show - one line a difference, or that there is none
 */
void hf_beside_table_show(const struct hf_beside_table *table, const struct hf_words *words);

/*
 * hf_beside_table_post - have the controller keep it
 *
 * Returns   HF_OK also when nothing differs; as hf_client_get
 */
HF_NODISCARD enum hf_rc hf_beside_table_post(const struct hf_cli *cli, const struct hf_beside_table *table,
					     struct hf_err *err);

/*
 * hf_beside_table_done - free all, zero
 */
void hf_beside_table_done(struct hf_beside_table *table);

#endif
