/* SPDX-License-Identifier: MIT */
/*
 * net_proxy_files.h - where the council's proxies stand: the setting, the environment, the browsers' managed policies,
 * and scripts of proxies (PAC) that lie on this machine
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NET_PROXY_FILES_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NET_PROXY_FILES_H

#include "agent/enforce/enforce.h"
#include "agent/enforce/network/net_proxy.h"

/*
 * hf_net_proxies_find - those of the setting, then those that the files name by their address; what cannot be read
 * names none
 *
 * Returns   HF_OK; HF_E_SHAPE, HF_E_SIZE the setting is wrong
 */
HF_NODISCARD enum hf_rc hf_net_proxies_find(const struct hf_enforce_conf *conf, struct hf_net_proxies *ret,
					    struct hf_err *err);

#endif
