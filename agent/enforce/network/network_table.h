/* SPDX-License-Identifier: MIT */
/*
 * network_table.h - the kernel's table of the layer network: put there, taken away, and seen to be as it was left
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NETWORK_TABLE_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NETWORK_TABLE_H

#include <holdfast/user.h>

#include "agent/enforce/network/net_want.h"

/* Start it zeroed. */
struct hf_net_table {
	uint16_t queue;
	uint16_t log_group; /* 0: this kernel tells of no refused packet */
	hf_user link_uid;
	struct hf_net_proxies proxies; /* the council's; set before it is put */
	bool by_xt;		       /* this kernel hands packets to a program by the older means */
	char no_way[HF_SAW_MAX + 1];   /* why names cannot be looked at here; "": they can */
	struct hf_net_want loaded;     /* what it holds */
	struct hf_net_want before;     /* what it held, when `fresh` began; nothing: open connections are all to end */
	bool there;		       /* there is a table of that name, of whichever life */
	bool whole;		       /* it is of this life, and was as it should be */
	bool fresh;		       /* it was put since its user cleared this */
	unsigned int hooks;	       /* its hooks that are there */
	json_t *seen;		       /* as it was listed when it was whole; NULL: not listed yet */
	uint32_t generation;	       /* of the kernel's tables, then */
	uint32_t open_generation;      /* the same, when it was last seen that nothing is hooked */
};

/*
 * hf_net_table_can - could this kernel hold such a table; changes nothing
 *
 * @queue, @log_group  0: without
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_net_table_can(unsigned int queue, uint16_t log_group, struct hf_err *err);

/*
 * hf_net_table_open - by which means this kernel can; hf_net_table_find - what an earlier life left: it stays
 *
 * Owner     hf_net_table_close
 */
void hf_net_table_open(struct hf_net_table *table, const struct hf_enforce_conf *conf);
void hf_net_table_find(struct hf_net_table *table);

/*
 * hf_net_table_shut - these hosts are shut: packets meet either what was there or what is wanted
 *
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_net_table_shut(struct hf_net_table *table, const struct hf_shut_hosts *shut,
					  const struct hf_learned *learned, struct hf_err *err);

/*
 * hf_net_table_ready - without a hook it costs nothing, and makes a raise a matter of a millisecond
 *
 * Whoever cannot get ready has still let go; a raise will say what is wrong.
 * @all      what may have to be shut one day; none: no table
 */
void hf_net_table_ready(struct hf_net_table *table, const struct hf_shut_hosts *all, const struct hf_learned *learned);

/*
 * hf_net_table_release - no packet meets it any more
 *
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_net_table_release(struct hf_net_table *table, struct hf_err *err);

/*
 * hf_net_table_compare - is it as it was left; hf_net_table_remember - what stands there now is compared with what is
 * wanted once, and from then on with what stood there
 *
 * Returns   HF_OK; HF_E_SHAPE, HF_E_ABSENT it is not, and how; HF_E_SYSTEM, HF_E_MEMORY that could not be seen
 */
HF_NODISCARD enum hf_rc hf_net_table_compare(struct hf_net_table *table, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_net_table_remember(struct hf_net_table *table, struct hf_err *err);

/*
 * hf_net_table_was_put_back - while nothing is shut: has somebody put one back that was saved when something was
 *
 * Returns   true: packets meet it, and hf_net_table_release is due
 */
bool hf_net_table_was_put_back(struct hf_net_table *table);

/*
 * hf_net_table_close - let go of memory; what the kernel holds stays
 */
void hf_net_table_close(struct hf_net_table *table);

#endif
