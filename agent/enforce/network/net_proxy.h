/* SPDX-License-Identifier: MIT */
/*
 * net_proxy.h - the council's proxies: what people who are shut out say to them is read as where a listed site lives
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NET_PROXY_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NET_PROXY_H

#include <stdint.h>

#include <holdfast/json.h>

#include "agent/machine/addr.h"

#define HF_NET_PROXIES_MAX 16 /* a council has one or two, each perhaps by IPv4 and IPv6 */

/* Start it zeroed. */
struct hf_net_proxies {
	struct hf_net_proxy {
		struct hf_addr addr;
		uint16_t port;
	} v[HF_NET_PROXIES_MAX];
	size_t n;
	bool hidden; /* a policy says that there are others, and not by their address: IT has to name them */
};

/*
 * hf_net_proxies_add - the proxies of a setting: address:port, or [address]:port, with blanks between them
 *
 * Pure.
 * @ret      those of before stay
 * Returns   HF_OK; HF_E_SHAPE one of them is none; HF_E_SIZE too many
 */
HF_NODISCARD enum hf_rc hf_net_proxies_add(const char *text, struct hf_net_proxies *ret, struct hf_err *err);

/*
 * hf_net_proxies_learn - those that an environment names by their address, in lines NAME=http://address:port
 *
 * Pure. What is no such line, or names a proxy otherwise, is passed over.
 * @ret      those of before stay
 * Source    environment(7), pam_env(8)
 */
void hf_net_proxies_learn(const char *text, struct hf_net_proxies *ret);

/*
 * hf_net_proxies_of_policy - those that a browser's managed policy names by their address
 *
 * Pure. Chromium's ProxyServer, alone or in ProxySettings, and Firefox's Proxy; a list of them for single schemes too.
 * @ret      those of before stay
 * Source    Chromium's documentation of ProxySettings; Firefox's of policies.json, Proxy
 */
void hf_net_proxies_of_policy(const json_t *policy, struct hf_net_proxies *ret);

/*
 * hf_net_proxies_hidden - does a browser's managed policy lead to proxies that it does not name by their address
 *
 * Pure. A script that is no file of this machine, what the network offers (WPAD), a proxy by its name.
 * Source    as hf_net_proxies_of_policy
 */
bool hf_net_proxies_hidden(const json_t *policy);

/*
 * hf_net_proxies_script_of - the file that a browser's managed policy names as its script of proxies (PAC)
 *
 * Pure. Chromium's ProxyPacUrl, alone or in ProxySettings, and Firefox's AutoConfigURL.
 * @at       0 for the first, and so on
 * Owner     belongs to the policy
 * Returns   an absolute path; "" it is no file of this machine; NULL there are no more
 * Source    as hf_net_proxies_of_policy
 */
const char *hf_net_proxies_script_of(const json_t *policy, size_t at);

/*
 * hf_net_proxies_of_script - those that a script of proxies names by their address, word for word
 *
 * Pure. "PROXY address:port", and HTTP, HTTPS, SOCKS, SOCKS4, SOCKS5; nothing of it is run.
 * @ret      those of before stay
 * Source    as hf_net_proxies_of_policy
 */
void hf_net_proxies_of_script(const char *text, struct hf_net_proxies *ret);

#endif
