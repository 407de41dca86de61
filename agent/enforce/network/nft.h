/* SPDX-License-Identifier: MIT */
/*
 * nft.h - the kernel's packet filter, through libnftables and, for what that cannot say, through netlink
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NFT_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NFT_H

#include <stdbool.h>
#include <stdint.h>

#include <holdfast/json.h>

/*
 * hf_nft_run - carry out commands in one transaction: all of them, or none
 *
 * @commands  in the language of nft(8)
 * @dry      ask the kernel whether it could, and change nothing
 * Returns   HF_OK; HF_E_SYSTEM with the first line of what was said, or as hf_apart; HF_E_MEMORY
 * Source    nft(8)
 */
HF_NODISCARD enum hf_rc hf_nft_run(const char *commands, bool dry, struct hf_err *err);

/*
 * hf_nft_list - a table as libnftables-json(5) shows it, with the handle of each part
 *
 * @table    family and name, such as "inet holdfast"
 * @passes   does what a set of it holds come and go by itself; such are listed without their elements
 * @ret      untouched unless HF_OK
 * Owner     a new reference, the caller's
 * Returns   HF_OK; HF_E_ABSENT there is no such table, or it cannot be listed; HF_E_JSON; HF_E_SYSTEM as hf_apart;
 *           HF_E_MEMORY
 * Source    libnftables-json(5)
 */
HF_NODISCARD enum hf_rc hf_nft_list(const char *table, bool (*passes)(const char *set), json_t **ret,
				    struct hf_err *err);

/*
 * hf_nft_generation - the number that grows with every change of any table, by whomever
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    linux/netfilter/nf_tables.h NFT_MSG_GETGEN
 */
HF_NODISCARD enum hf_rc hf_nft_generation(uint32_t *ret, struct hf_err *err);

/*
 * hf_nft_add_queue - where the kernel has no `queue` of nft's own: a rule with the older target NFQUEUE, with bypass
 *
 * @chain    of that table of family inet; the rule becomes its last
 * @queue    1 .. 65535
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    linux/netfilter/xt_NFQUEUE.h; iptables-extensions(8)
 */
HF_NODISCARD enum hf_rc hf_nft_add_queue(const char *table, const char *chain, uint16_t queue, struct hf_err *err);

/*
 * hf_nft_watch - a descriptor that can be read whenever any table was changed; hf_nft_drain - reads all that is there
 *
 * @ret_fd   non-blocking, close-on-exec; the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    linux/netfilter/nfnetlink.h NFNLGRP_NFTABLES
 */
HF_NODISCARD enum hf_rc hf_nft_watch(int *ret_fd, struct hf_err *err);
void hf_nft_drain(int fd);

#endif
