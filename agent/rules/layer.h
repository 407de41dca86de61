/* SPDX-License-Identifier: MIT */
/*
 * layer.h - what the rules and the ways of blocking say to each other: a plan, and what was seen of it; values alone
 */
#ifndef HOLDFAST_AGENT_RULES_LAYER_H
#define HOLDFAST_AGENT_RULES_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include <holdfast/register.h>
#include <holdfast/report.h>

#include "agent/rules/users.h"

#define HF_LAYER_NETWORK "network" /* name of the layer that covers browsers which no other reaches */
#define HF_LAYER_OTHERS "others"   /* name of the layer that finds those browsers, and blocks nothing itself */

/* Bits of capabilities(7) that layers ask for. */
#define HF_RIGHT_CHOWN (UINT64_C(1) << 0)
#define HF_RIGHT_DAC_OVERRIDE (UINT64_C(1) << 1)
#define HF_RIGHT_KILL (UINT64_C(1) << 5)
#define HF_RIGHT_SETGID (UINT64_C(1) << 6)
#define HF_RIGHT_SETUID (UINT64_C(1) << 7)
#define HF_RIGHT_NET_ADMIN (UINT64_C(1) << 12)
#define HF_RIGHT_SYS_PTRACE (UINT64_C(1) << 19)
#define HF_RIGHT_SYS_ADMIN (UINT64_C(1) << 21)

/* One tool that is blocked for somebody on this device. Texts are borrowed from the register. */
struct hf_block {
	const char *tool;
	const char *name; /* for people */
	const struct hf_strs *addresses;
	const struct hf_strs *dedicated; /* of these: whose network addresses serve nothing else */
	const struct hf_strs *programs;
	hf_user open_for[HF_PAIRS_MAX]; /* local users for whom it is open (exempt, acknowledged, pass) */
	size_t n_open_for;
	bool machine_wide; /* false: it is open for all who are logged in, so what cannot tell users apart gives way */
};

/*
 * hf_block_open_for - is the tool of this block open for this user of the device
 *
 * Returns   true or false
 */
bool hf_block_open_for(const struct hf_block *block, hf_user uid);

/* All that is to be blocked; none: release. */
struct hf_plan {
	struct hf_block *blocks;
	size_t n_blocks;
};

/* What a layer did and then saw. */
struct hf_saw {
	enum hf_layer_state state; /* idle, armed (done, not yet seen to hold), verified, failed */
	bool tampered;		   /* it had stopped holding and was put right; text says what was found */
	char text[HF_SAW_MAX + 1]; /* one sentence for people */
};

/* One layer as it was last seen. */
struct hf_layer_seen {
	const char *name;
	bool (*has_work)(const struct hf_block *block); /* is there anything in this block that this layer blocks */
	struct hf_saw saw;				/* its state is HF_LAYER_OFF when the settings switch it off */
};

#endif
