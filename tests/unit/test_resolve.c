/* SPDX-License-Identifier: MIT */
/*
 * Names are looked up beside the loop. The loop itself never resolves one.
 * Must never need a network: localhost stands in a file.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/link/resolve.h"

#define HOSTS 3

static struct {
	struct hf_loop *loop;
	size_t n, n_local;
} heard;

static void on_resolved(void *arg, const char *host, const struct hf_strs *addresses)
{
	(void)arg;
	heard.n++;
	if (strcmp(host, "localhost") == 0)
		heard.n_local += hf_strs_has(addresses, "127.0.0.1") || hf_strs_has(addresses, "::1");
	else
		cr_expect_eq(addresses->n, 0, "%s has no address", host);
	if (heard.n == HOSTS)
		hf_loop_stop(heard.loop);
}

Test(resolve, names, .timeout = 60)
{
	struct hf_resolver *resolver = NULL;
	char longest[300];
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	cr_assert_eq(hf_loop_new(&heard.loop, NULL), HF_OK);
	cr_assert_eq(hf_resolver_new(heard.loop, on_resolved, NULL, &resolver, NULL), HF_OK);
	cr_expect_eq(hf_resolver_ask(resolver, "localhost"), HF_OK);
	cr_expect_eq(hf_resolver_ask(resolver, "nothing.invalid"), HF_OK);
	cr_expect_eq(hf_resolver_ask(resolver, "localhost"), HF_OK, "one that waits is looked up once");
	cr_expect_eq(hf_resolver_ask(resolver, ""), HF_OK, "no name has no address");
	cr_expect_eq(hf_resolver_ask(resolver, longest), HF_E_SIZE, "no name is so long");
	cr_assert_eq(hf_loop_run(heard.loop, NULL), HF_OK);
	cr_expect_eq(heard.n_local, 1);
	hf_resolver_free(&resolver);
	cr_expect_null(resolver);
	hf_loop_free(&heard.loop);
}

Test(resolve, let_go_at_once)
{
	struct hf_resolver *resolver = NULL;
	cr_assert_eq(hf_loop_new(&heard.loop, NULL), HF_OK);
	cr_assert_eq(hf_resolver_new(heard.loop, on_resolved, NULL, &resolver, NULL), HF_OK);
	for (int i = 0; i < 100; i++) {
		char host[32];
		cr_assert_eq(hf_str_printf(host, sizeof(host), "h%d.invalid", i), HF_OK);
		cr_expect_eq(hf_resolver_ask(resolver, host), HF_OK);
	}
	hf_resolver_free(&resolver);
	hf_loop_free(&heard.loop);
}
