/* SPDX-License-Identifier: MIT */
/*
 * Owns which proxies are the council's.
 * Must never take an address without a port: all else that lives there would be read as if it were one.
 */
#include "agent/enforce/network/net_proxy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <holdfast/str.h>

#define WORD_SIZE 128

/* address:port, [address]:port */
static bool read_proxy(const char *word, struct hf_net_proxy *ret)
{
	char text[WORD_SIZE];
	if (hf_str_copy(text, sizeof(text), word) != HF_OK)
		return false;
	char *colon = strrchr(text, ':'), *address = text, *end;
	if (!colon || colon == text)
		return false;
	*colon = '\0';
	if (text[0] == '[' && colon[-1] == ']') {
		address++;
		colon[-1] = '\0';
	} else if (strchr(text, ':')) {
		return false;
	}
	long port = strtol(colon + 1, &end, 10);
	if (colon[1] < '0' || colon[1] > '9' || *end || port < 1 || port > UINT16_MAX)
		return false;
	ret->port = (uint16_t)port;
	return hf_addr_parse(address, &ret->addr) == HF_OK;
}

static enum hf_rc put_proxy(struct hf_net_proxies *proxies, const struct hf_net_proxy *one)
{
	for (size_t i = 0; i < proxies->n; i++) {
		if (proxies->v[i].port == one->port && hf_addr_order(&proxies->v[i].addr, &one->addr) == 0)
			return HF_OK;
	}
	if (proxies->n == HF_NET_PROXIES_MAX)
		return HF_E_SIZE;
	proxies->v[proxies->n++] = *one;
	return HF_OK;
}

enum hf_rc hf_net_proxies_add(const char *text, struct hf_net_proxies *ret, struct hf_err *err)
{
	for (size_t n; *text; text += n) {
		char word[WORD_SIZE];
		struct hf_net_proxy one;
		n = strspn(text, " ");
		text += n;
		n = strcspn(text, " ");
		if (n == 0)
			break;
		if (hf_str_printf(word, sizeof(word), "%.*s", (int)n, text) != HF_OK || !read_proxy(word, &one))
			return hf_err_set(
				err, HF_E_SHAPE,
				"network.proxy has '%.*s': say address:port, as 10.1.2.3:3128 or [fd00::1]:3128",
				(int)(n < 100 ? n : 100), text);
		if (put_proxy(ret, &one) != HF_OK)
			return hf_err_set(err, HF_E_SIZE, "network.proxy names more than %d proxies",
					  HF_NET_PROXIES_MAX);
	}
	return HF_OK;
}

static bool names_proxy(const char *line, const char **ret_value)
{
	static const char *const names[] = {"http_proxy=", "https_proxy=", "all_proxy="};
	for (size_t i = 0; i < HF_LEN(names); i++) {
		if (strncasecmp(line, names[i], strlen(names[i])) == 0) {
			*ret_value = line + strlen(names[i]);
			return true;
		}
	}
	return false;
}

/* [http://]address:port, up to one of these characters or the end. */
static void learn_value(const char *value, const char *ends, struct hf_net_proxies *ret)
{
	static const char scheme[] = "http://";
	char word[WORD_SIZE];
	struct hf_net_proxy one;
	value += strncasecmp(value, scheme, strlen(scheme)) == 0 ? strlen(scheme) : 0;
	int n = (int)strcspn(value, ends);
	if (hf_str_printf(word, sizeof(word), "%.*s", n, value) == HF_OK && read_proxy(word, &one) &&
	    put_proxy(ret, &one) != HF_OK)
		return;
}

static void learn_line(const char *line, struct hf_net_proxies *ret)
{
	const char *value;
	line += strncmp(line, "export ", 7) == 0 ? 7 : 0;
	if (names_proxy(line, &value))
		learn_value(value + strspn(value, "\"'"), "/\"' \t\r\n", ret);
}

void hf_net_proxies_learn(const char *text, struct hf_net_proxies *ret)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		learn_line(text, ret);
		text += n + (text[n] == '\n');
	}
}

/* address:port; or scheme=address:port, several with a semicolon between them. */
static void learn_list(const json_t *list, struct hf_net_proxies *ret)
{
	static const char between[] = "; ";
	for (const char *text = json_string_value(list); text && *text; text += strspn(text, between)) {
		size_t n = strcspn(text, between), name = strcspn(text, "=; ");
		learn_value(text[name] == '=' ? text + name + 1 : text, "/; ", ret);
		text += n;
	}
}

const char *hf_net_proxies_script_of(const json_t *policy, size_t at)
{
	static const char scheme[] = "file://";
	const json_t *firefox = json_object_get(json_object_get(policy, "policies"), "Proxy");
	const json_t *const places[] = {json_object_get(policy, "ProxyPacUrl"),
					json_object_get(json_object_get(policy, "ProxySettings"), "ProxyPacUrl"),
					json_object_get(firefox, "AutoConfigURL")};
	if (at >= HF_LEN(places))
		return NULL;
	const char *text = json_string_value(places[at]);
	if (text && strncasecmp(text, scheme, strlen(scheme)) == 0)
		text += strlen(scheme);
	return text && text[0] == '/' ? text : "";
}

/* The length of a word that says what kind of proxy follows; 0: it is another. */
static size_t kind_of_proxy(const char *text)
{
	static const char *const kinds[] = {"PROXY", "HTTPS", "HTTP", "SOCKS5", "SOCKS4", "SOCKS"};
	for (size_t i = 0; i < HF_LEN(kinds); i++) {
		size_t n = strlen(kinds[i]);
		if (strncasecmp(text, kinds[i], n) == 0 && (text[n] == ' ' || text[n] == '\t'))
			return n + strspn(text + n, " \t");
	}
	return 0;
}

void hf_net_proxies_of_script(const char *text, struct hf_net_proxies *ret)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$";
	while (*text) {
		size_t n = kind_of_proxy(text);
		if (n > 0)
			learn_value(text + n, "/;,\"'` \t\r\n", ret);
		size_t word = n > 0 ? n : strspn(text, letters);
		text += word > 0 ? word : 1;
	}
}

void hf_net_proxies_of_policy(const json_t *policy, struct hf_net_proxies *ret)
{
	const json_t *firefox = json_object_get(json_object_get(policy, "policies"), "Proxy");
	learn_list(json_object_get(policy, "ProxyServer"), ret);
	learn_list(json_object_get(json_object_get(policy, "ProxySettings"), "ProxyServer"), ret);
	learn_list(json_object_get(firefox, "HTTPProxy"), ret);
	learn_list(json_object_get(firefox, "SSLProxy"), ret);
}

static bool is_mode(const json_t *value, const char *mode)
{
	return json_is_string(value) && strcmp(json_string_value(value), mode) == 0;
}

static bool says_anything(const json_t *value)
{
	return json_is_string(value) && json_string_length(value) > 0;
}

bool hf_net_proxies_hidden(const json_t *policy)
{
	const json_t *settings = json_object_get(policy, "ProxySettings");
	const json_t *firefox = json_object_get(json_object_get(policy, "policies"), "Proxy");
	const json_t *const scripts[] = {json_object_get(policy, "ProxyPacUrl"), json_object_get(settings, "ProxyPacUrl"),
					 json_object_get(firefox, "AutoConfigURL")};
	const json_t *const servers[] = {json_object_get(policy, "ProxyServer"), json_object_get(settings, "ProxyServer"),
					 json_object_get(firefox, "HTTPProxy"), json_object_get(firefox, "SSLProxy")};
	const char *file;
	if (is_mode(json_object_get(policy, "ProxyMode"), "auto_detect") ||
	    is_mode(json_object_get(settings, "ProxyMode"), "auto_detect") || is_mode(json_object_get(firefox, "Mode"), "autoDetect"))
		return true;
	for (size_t i = 0; (file = hf_net_proxies_script_of(policy, i)); i++)
		if (!file[0] && says_anything(scripts[i]))
			return true;
	for (size_t i = 0; i < HF_LEN(servers); i++) {
		struct hf_net_proxies named = {.n = 0};
		learn_list(servers[i], &named);
		if (named.n == 0 && says_anything(servers[i]))
			return true;
	}
	return false;
}
