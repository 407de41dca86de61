/* SPDX-License-Identifier: MIT */
/*
 * Owns the words in which the kernel's table is written.
 * Must never write a hook but in hf_net_write_hooks, nor name another table.
 */
#include <inttypes.h>

#include <holdfast/str.h>

#include "agent/enforce/network/net_want.h"

#define TABLE HF_NET_TABLE
#define FLOW4 "ip saddr . tcp sport . ip daddr . tcp dport"
#define FLOW6 "ip6 saddr . tcp sport . ip6 daddr . tcp dport"
#define WEB "{ 80, 443, 3128, 8080, 8443 }"	     /* HTTP, HTTPS, and where proxies usually are */
#define FLAGS "tcp flags & (fin | syn | rst | ack) " /* the first packet of a connection has one of them */
#define NEW FLAGS "== syn"

/*
 * Nothing says "drop": who is refused is told so at once. `meta skuid` fits no packet whose socket was closed, so `!=`
 * refuses none of them: an exempt person's last bytes go out, and those of others were ended with their connection.
 * A QUIC connection begins with a long header, whose first two bits are 1 (RFC 9000 section 17.2).
 */
/* clang-format off */
static const char table_text[] =
	"add table " TABLE "\n"
	"delete table " TABLE "\n"
	"table " TABLE " {\n"
	"\tset spared { type uid; }\n"
	"\tset shared4 { type ipv4_addr; }\n"
	"\tset shared6 { type ipv6_addr; }\n"
	"\tset young4 { type ipv4_addr . inet_service . ipv4_addr . inet_service; size 65536; flags dynamic,timeout; timeout 5m; }\n"
	"\tset young6 { type ipv6_addr . inet_service . ipv6_addr . inet_service; size 65536; flags dynamic,timeout; timeout 5m; }\n"
	"\tset tried4 { type uid . ipv4_addr; size 4096; flags dynamic,timeout; timeout 5s; }\n"
	"\tset tried6 { type uid . ipv6_addr; size 4096; flags dynamic,timeout; timeout 5s; }\n"
	"\tmap shut4 { type ipv4_addr : verdict; }\n"
	"\tmap shut6 { type ipv6_addr : verdict; }\n"
	"\tchain ask {\n"
	"\t}\n"
	"\tchain tried {\n"
	"\t}\n"
	"\tchain encrypted {\n"
	"\t\tmeta skuid != @spared udp dport { 443, 853 } reject with icmpx admin-prohibited\n"
	"\t\tmeta skuid != @spared tcp dport 853 reject with tcp reset\n"
	"\t}\n"
	"\tchain names {\n"
	"\t\tip daddr @shared4 jump encrypted\n"
	"\t\tip6 daddr @shared6 jump encrypted\n"
	"\t\tudp dport 443 @ih,0,2 3 meta skuid != @spared reject with icmpx admin-prohibited\n"
	"\t\ttcp dport != " WEB " return\n"
	"\t\t" NEW " meta skuid != @spared add @young4 { " FLOW4 " }\n"
	"\t\t" NEW " meta skuid != @spared add @young6 { " FLOW6 " }\n"
	"\t\t@ih,0,8 >= 0 " FLOW4 " @young4 goto ask\n"
	"\t\t@ih,0,8 >= 0 " FLOW6 " @young6 goto ask\n"
	"\t}\n"
	"\tchain look {\n"
	"\t\tip daddr vmap @shut4\n"
	"\t\tip6 daddr vmap @shut6\n"
	"\t\tmeta l4proto { tcp, udp } goto names\n"
	"\t}\n"
	"\tchain settle {\n"
	"\t\tdelete @young4 { " FLOW4 " }\n"
	"\t\tdelete @young6 { " FLOW6 " }\n"
	"\t\tmeta mark & 0x20000000 != 0 reject with tcp reset\n"
	"\t\tmeta mark set meta mark & 0xcfffffff\n"
	"\t}\n"
	"\tchain forwarded {\n"
	"\t\tip daddr vmap @shut4\n"
	"\t\tip6 daddr vmap @shut6\n"
	"\t}\n"
	"}\n";

/* After what others filter and translate: a packet that they refuse needs no second answer. */
static const struct {
	unsigned int bit;
	const char *name, *hook, *rule;
	int priority;
} hooks[] = {
	{ HF_NET_HOOK_OUT,     "out",     "output",  "goto look",                                   10 },
	{ HF_NET_HOOK_JUDGED,  "judged",  "output",  "meta mark & 0x10000000 != 0 goto settle",     11 },
	{ HF_NET_HOOK_PASSING, "passing", "forward", "goto forwarded",                              10 },
};
/* clang-format on */

void hf_net_write_table(FILE *out, unsigned int queue)
{
	fputs(table_text, out);
	if (queue > 0)
		fprintf(out, "add rule " TABLE " ask queue num %u bypass\n", queue);
}

void hf_net_write_hooks(FILE *out)
{
	for (size_t i = 0; i < HF_LEN(hooks); i++) {
		fprintf(out, "add chain " TABLE " %s { type filter hook %s priority %d; policy accept; }\n",
			hooks[i].name, hooks[i].hook, hooks[i].priority);
		fprintf(out, "flush chain " TABLE " %s\n", hooks[i].name);
		fprintf(out, "add rule " TABLE " %s %s\n", hooks[i].name, hooks[i].rule);
	}
}

void hf_net_write_unhooks(FILE *out, unsigned int which)
{
	for (size_t i = 0; i < HF_LEN(hooks); i++) {
		if ((which & hooks[i].bit) == 0)
			continue;
		fprintf(out, "flush chain " TABLE " %s\n", hooks[i].name);
		fprintf(out, "delete chain " TABLE " %s\n", hooks[i].name);
	}
	fputs("flush set " TABLE " young4\nflush set " TABLE " young6\n", out);
	fputs("flush set " TABLE " tried4\nflush set " TABLE " tried6\n", out);
}

/* One attempt in five seconds of each user at each address; who tries all there is wakes the agent rarely. */
static void write_log(FILE *out, const char *kind, const char *set, unsigned int group)
{
	fprintf(out, "add rule " TABLE " tried meta skuid . %s daddr != @%s limit rate 10/second burst 20 packets ",
		kind, set);
	fprintf(out, "add @%s { meta skuid . %s daddr } log group %u snaplen %d\n", set, kind, group, HF_NET_LOGGED);
}

/* They tell and decide nothing. A connection that is ended at the raise, and its last bytes, are no attempt. */
static void write_logs(FILE *out, unsigned int group)
{
	fputs("flush chain " TABLE " tried\n", out);
	if (group == 0)
		return;
	fputs("add rule " TABLE " tried " FLAGS "!= syn return\n", out);
	write_log(out, "ip", "tried4", group);
	write_log(out, "ip6", "tried6", group);
}

static void write_users(FILE *out, const char *set, const struct hf_users *users, hf_user link_uid)
{
	fprintf(out, "flush set " TABLE " %s\nadd element " TABLE " %s { 0", set, set);
	if (link_uid != 0)
		fprintf(out, ", %u", (unsigned int)link_uid);
	for (size_t i = 0; i < users->n; i++) {
		if (users->v[i] != 0 && users->v[i] != link_uid)
			fprintf(out, ", %u", (unsigned int)users->v[i]);
	}
	fputs(" }\n", out);
}

/* What is forwarded came in somewhere, and is nobody's here: it is refused where the address is open for nobody. */
static void write_group(FILE *out, const struct hf_net_want *want, size_t g)
{
	char set[16];
	if (hf_str_printf(set, sizeof(set), "open%zu", g) != HF_OK)
		return;
	fprintf(out, "add set " TABLE " %s { type uid; }\n", set);
	write_users(out, set, &want->groups[g], want->link_uid);
	fprintf(out, "add chain " TABLE " shut%zu\nflush chain " TABLE " shut%zu\n", g, g);
	fprintf(out, "add rule " TABLE " shut%zu meta skuid != @%s jump tried\n", g, set);
	fprintf(out, "add rule " TABLE " shut%zu meta l4proto tcp meta skuid != @%s reject with tcp reset\n", g, set);
	fprintf(out, "add rule " TABLE " shut%zu meta skuid != @%s reject with icmpx admin-prohibited\n", g, set);
	if (want->groups[g].n > 0)
		return;
	fprintf(out, "add rule " TABLE " shut%zu meta l4proto tcp meta iif != 0 reject with tcp reset\n", g);
	fprintf(out, "add rule " TABLE " shut%zu meta iif != 0 reject with icmpx admin-prohibited\n", g);
}

/* The elements of one set, in one command; none: no command. */
struct elements {
	FILE *out;
	const char *set;
	size_t n;
};

static void write_element(struct elements *to, const struct hf_addr *addr)
{
	char text[HF_ADDR_TEXT_SIZE];
	if (to->n == 0)
		fprintf(to->out, "add element " TABLE " %s { ", to->set);
	fprintf(to->out, "%s%s", to->n > 0 ? ", " : "", hf_addr_print(addr, text));
	to->n++;
}

static void end_elements(const struct elements *to)
{
	if (to->n > 0)
		fputs(" }\n", to->out);
}

static void write_targets(FILE *out, const struct hf_net_want *want, bool v4)
{
	struct elements shut = {out, v4 ? "shut4" : "shut6", 0};
	fprintf(out, "flush map " TABLE " %s\n", shut.set);
	for (size_t i = 0; i < want->n_targets; i++) {
		if (hf_addr_is_v4(&want->targets[i].addr) != v4)
			continue;
		write_element(&shut, &want->targets[i].addr);
		fprintf(out, " : goto shut%zu", want->targets[i].group);
	}
	end_elements(&shut);
}

static void write_shared(FILE *out, const struct hf_net_want *want, bool v4)
{
	struct elements shared = {out, v4 ? "shared4" : "shared6", 0};
	fprintf(out, "flush set " TABLE " %s\n", shared.set);
	for (size_t i = 0; i < want->shared.n; i++) {
		if (hf_addr_is_v4(&want->shared.v[i]) == v4)
			write_element(&shared, &want->shared.v[i]);
	}
	end_elements(&shared);
}

/* The chains that elements lead to are there before them, and go after them. */
void hf_net_write_want(FILE *out, const struct hf_net_want *want, const struct hf_net_want *before)
{
	if (want->log_group != before->log_group)
		write_logs(out, want->log_group);
	for (size_t g = 0; g < want->n_groups; g++) {
		if (g >= before->n_groups || !hf_users_same(&want->groups[g], &before->groups[g]))
			write_group(out, want, g);
	}
	if (before->n_groups == 0 || !hf_users_same(&want->spared, &before->spared))
		write_users(out, "spared", &want->spared, want->link_uid);
	if (!hf_net_same_targets(want, before)) {
		write_targets(out, want, true);
		write_targets(out, want, false);
	}
	if (!hf_addrs_same(&want->shared, &before->shared)) {
		write_shared(out, want, true);
		write_shared(out, want, false);
	}
	for (size_t g = want->n_groups; g < before->n_groups; g++) {
		fprintf(out, "flush chain " TABLE " shut%zu\ndelete chain " TABLE " shut%zu\n", g, g);
		fprintf(out, "delete set " TABLE " open%zu\n", g);
	}
}
