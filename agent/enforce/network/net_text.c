/* SPDX-License-Identifier: MIT */
/*
 * Owns the words in which the kernel's table is written.
 * Must never write a hook but in hf_net_write_hooks, nor name another table.
 */
#include <inttypes.h>
#include <string.h>

#include <holdfast/str.h>

#include "agent/enforce/network/net_want.h"

#define TABLE HF_NET_TABLE
#define FLOW4 "ip saddr . tcp sport . ip daddr . tcp dport"
#define TYPE4 "ipv4_addr . inet_service . ipv4_addr . inet_service"
#define TYPE6 "ipv6_addr . inet_service . ipv6_addr . inet_service"
#define FLOW6 "ip6 saddr . tcp sport . ip6 daddr . tcp dport"
#define WEB "{ 80, 443, 3128, 8080, 8443 }"	     /* HTTP, HTTPS, and where proxies usually are */
#define FLAGS "tcp flags & (fin | syn | rst | ack) " /* the first packet of a connection has one of them */
#define NEW FLAGS "== syn"
#define SHUT_OUT "meta skuid != @spared "
#define RESET "reject with tcp reset"
#define SOON "flags dynamic,timeout; timeout "
#define SOME "limit rate 4/second burst 8 packets"

/*
 * Nothing says "drop": who is refused is told so at once. `meta skuid` fits no packet whose socket was closed, so `!=`
 * refuses none of them: an exempt person's last bytes go out, and those of others were ended with their connection.
 * A QUIC connection begins with a long header, whose first two bits are 1 (RFC 9000 section 17.2); who knows the server
 * may leave the second away (RFC 9287), as the sound of a call does, so the version is looked at (RFC 9000, RFC 9369).
 *
 * Where a listed site lives (shared), and at the council's proxies, the process of names decides: what it has read goes
 * by for half a minute without being asked of again (clear); last bytes of people who are spared are known by their
 * flow (easy). A packet says in its mark that it is to be judged strictly; if nobody took that away, it is refused
 * after the queue.
 *
 * What was refused stays refused (dead): a client whose server answers in that moment takes the reset for an old one, and
 * sends its bytes again.
 *
 * A SYN that reuses the addresses and ports of one before it is asked of as well, and what the kernel knows of them goes
 * after the queue: what the one before had said may still have been in it, and its answer would count for the new one.
 *
 * What fills up is shared by users: so each has a pace, at which less comes than fits. Over it one is refused.
 */
/* clang-format off */
static const char table_text[] =
	"add table " TABLE "\n"
	"delete table " TABLE "\n"
	"table " TABLE " {\n"
	"\tset spared { type uid; }\n"
	"\tset shared4 { type ipv4_addr; }\n"
	"\tset shared6 { type ipv6_addr; }\n"
	"\tset proxy4 { type ipv4_addr . inet_service; }\n"
	"\tset proxy6 { type ipv6_addr . inet_service; }\n"
	"\tset young4 { type " TYPE4 "; size 262144; " SOON "5m; }\n"
	"\tset young6 { type " TYPE6 "; size 262144; " SOON "5m; }\n"
	"\tset clear4 { type " TYPE4 "; size 65536; " SOON "30s; }\n"
	"\tset clear6 { type " TYPE6 "; size 65536; " SOON "30s; }\n"
	"\tset easy4 { type " TYPE4 "; size 65536; " SOON "5m; }\n"
	"\tset easy6 { type " TYPE6 "; size 65536; " SOON "5m; }\n"
	"\tset dead4 { type " TYPE4 "; size 65536; " SOON "5m; }\n"
	"\tset dead6 { type " TYPE6 "; size 65536; " SOON "5m; }\n"
	"\tset tried4 { type uid . ipv4_addr; size 4096; " SOON "5s; }\n"
	"\tset tried6 { type uid . ipv6_addr; size 4096; " SOON "5s; }\n"
	"\tset begun { type uid; size 4096; " SOON "10m; }\n"
	"\tset asked { type uid; size 4096; " SOON "1m; }\n"
	"\tset askers { type uid; size 4096; " SOON "1m; }\n"
	"\tset awaited4 { type ipv4_addr . inet_service . ipv4_addr; size 8192; " SOON "5s; }\n"
	"\tset awaited6 { type ipv6_addr . inet_service . ipv6_addr; size 8192; " SOON "5s; }\n"
	"\tset answered { type inet_service; size 8192; " SOON "5s; }\n"
	"\tmap shut4 { type ipv4_addr : verdict; }\n"
	"\tmap shut6 { type ipv6_addr : verdict; }\n"
	"\tchain asks {\n"
	"\t}\n"
	"\tchain answers {\n"
	"\t}\n"
	"\tchain tried {\n"
	"\t}\n"
	"\tchain told {\n"
	"\t}\n"
	"\tchain over {\n"
	"\t\tjump told\n"
	"\t\t" RESET "\n"
	"\t}\n"
	"\tchain refused {\n"
	"\t\t" FLOW4 " @young4 update @dead4 { " FLOW4 " }\n"
	"\t\t" FLOW6 " @young6 update @dead6 { " FLOW6 " }\n"
	"\t\t" FLOW4 " @young4 update @young4 { " FLOW4 " }\n"
	"\t\t" FLOW6 " @young6 update @young6 { " FLOW6 " }\n"
	"\t\t" RESET "\n"
	"\t}\n"
	"\tchain ask {\n"
	"\t\t" FLOW4 " @dead4 goto refused\n"
	"\t\t" FLOW6 " @dead6 goto refused\n"
	"\t\tupdate @asked { meta skuid limit rate over 2000/second burst 256 packets } goto over\n"
	"\t}\n"
	"\tchain strictly {\n"
	"\t\tmeta mark set meta mark | 0x40000000\n"
	"\t\tgoto ask\n"
	"\t}\n"
	"\tchain begun_there {\n"
	"\t\t" NEW " tcp option mptcp exists " RESET "\n"
	"\t\t" NEW " delete @dead4 { " FLOW4 " }\n"
	"\t\t" NEW " delete @dead6 { " FLOW6 " }\n"
	"\t\ttcp flags & (fin | syn | ack) == { syn, fin, fin | ack } goto strictly\n"
	"\t\t" FLOW4 " @clear4 return\n"
	"\t\t" FLOW6 " @clear6 return\n"
	"\t\t@ih,0,8 >= 0 goto strictly\n"
	"\t}\n"
	"\tchain listed {\n"
	"\t\tmeta skuid @spared update @easy4 { " FLOW4 " }\n"
	"\t\tmeta skuid @spared update @easy6 { " FLOW6 " }\n"
	"\t\tmeta skuid @spared return\n"
	"\t\tmeta l4proto { icmp, ipv6-icmp } return\n"
	"\t\tudp dport 53 return\n"
	"\t\t" SHUT_OUT "tcp dport 853 " RESET "\n"
	"\t\t" SHUT_OUT "meta l4proto tcp goto begun_there\n"
	"\t\t" SHUT_OUT "reject with icmpx admin-prohibited\n"
	"\t\t" FLOW4 " @easy4 return\n"
	"\t\t" FLOW6 " @easy6 return\n"
	"\t\tmeta l4proto tcp goto begun_there\n"
	"\t}\n"
	"\tchain begin {\n"
	"\t\tdelete @dead4 { " FLOW4 " }\n"
	"\t\tdelete @dead6 { " FLOW6 " }\n"
	"\t\tupdate @begun { meta skuid limit rate over 50/second burst 2000 packets } goto over\n"
	"\t\t" FLOW4 " @young4 goto ask\n"
	"\t\t" FLOW6 " @young6 goto ask\n"
	"\t\tadd @young4 { " FLOW4 " } return\n"
	"\t\tadd @young6 { " FLOW6 " } return\n"
	"\t\tgoto over\n"
	"\t}\n"
	"\tchain quic {\n"
	"\t\t@ih,0,2 3 " SHUT_OUT "reject with icmpx admin-prohibited\n"
	"\t\t@ih,0,2 2 @ih,8,32 0x00000001 " SHUT_OUT "reject with icmpx admin-prohibited\n"
	"\t\t@ih,0,2 2 @ih,8,32 0x6b3343cf " SHUT_OUT "reject with icmpx admin-prohibited\n"
	"\t}\n"
	"\tchain names {\n"
	"\t\tudp dport 443 jump quic\n"
	"\t\ttcp dport != " WEB " return\n"
	"\t\t" NEW " " SHUT_OUT "jump begin\n"
	"\t\t@ih,0,8 >= 0 " FLOW4 " @young4 goto ask\n"
	"\t\t@ih,0,8 >= 0 " FLOW6 " @young6 goto ask\n"
	"\t}\n"
	"\tchain look {\n"
	"\t\tudp dport 53 jump asks\n"
	"\t\tip daddr vmap @shut4\n"
	"\t\tip6 daddr vmap @shut6\n"
	"\t\tip daddr @shared4 goto listed\n"
	"\t\tip6 daddr @shared6 goto listed\n"
	"\t\tip daddr . tcp dport @proxy4 goto listed\n"
	"\t\tip6 daddr . tcp dport @proxy6 goto listed\n"
	"\t\tmeta l4proto { tcp, udp } goto names\n"
	"\t}\n"
	"\tchain again {\n"
	"\t\tmeta mark set meta mark & 0x8fffffff\n"
	"\t\tdelete @clear4 { " FLOW4 " }\n"
	"\t\tdelete @clear6 { " FLOW6 " }\n"
	"\t\tip daddr @shared4 return\n"
	"\t\tip6 daddr @shared6 return\n"
	"\t\tip daddr . tcp dport @proxy4 return\n"
	"\t\tip6 daddr . tcp dport @proxy6 return\n"
	"\t\tadd @young4 { " FLOW4 " }\n"
	"\t\tadd @young6 { " FLOW6 " }\n"
	"\t}\n"
	"\tchain settle {\n"
	"\t\tmeta mark & 0x60000000 != 0 goto refused\n"
	"\t\t" NEW " goto again\n"
	"\t\tdelete @young4 { " FLOW4 " }\n"
	"\t\tdelete @young6 { " FLOW6 " }\n"
	"\t\tip daddr @shared4 add @clear4 { " FLOW4 " }\n"
	"\t\tip6 daddr @shared6 add @clear6 { " FLOW6 " }\n"
	"\t\tip daddr . tcp dport @proxy4 add @clear4 { " FLOW4 " }\n"
	"\t\tip6 daddr . tcp dport @proxy6 add @clear6 { " FLOW6 " }\n"
	"\t\tmeta mark set meta mark & 0x8fffffff\n"
	"\t}\n"
	"\tchain forwarded {\n"
	"\t\tip daddr vmap @shut4\n"
	"\t\tip6 daddr vmap @shut6\n"
	"\t}\n"
	"}\n";

/* What comes and goes by itself. */
static const char *const passing_sets[] = {"young4", "young6", "dead4", "dead6",  "clear4",   "clear6",   "easy4", "easy6",
					   "tried4", "tried6", "begun",  "asked",  "askers", "awaited4", "awaited6", "answered"};

bool hf_net_comes_and_goes(const char *set)
{
	for (size_t i = 0; i < HF_LEN(passing_sets); i++) {
		if (strcmp(passing_sets[i], set) == 0)
			return true;
	}
	return false;
}

/* After what others filter and translate: a packet that they refuse needs no second answer. */
static const struct {
	unsigned int bit;
	const char *name, *hook, *rule;
	int priority;
} hooks[] = {
	{ HF_NET_HOOK_OUT,     "out",     "output",  "goto look",                                   10 },
	{ HF_NET_HOOK_JUDGED,  "judged",  "output",  "meta mark & 0x70000000 != 0 goto settle",     11 },
	{ HF_NET_HOOK_PASSING, "passing", "forward", "goto forwarded",                              10 },
	{ HF_NET_HOOK_HEARD,   "heard",   "input",   "udp sport 53 goto answers",                   10 },
};
/* clang-format on */

void hf_net_write_table(FILE *out, unsigned int queue)
{
	fputs(table_text, out);
	if (queue > 0)
		fprintf(out, "add rule " TABLE " ask queue num %u bypass\n", queue);
}

void hf_net_write_proxies(FILE *out, const struct hf_net_proxies *proxies)
{
	char text[HF_ADDR_TEXT_SIZE];
	for (size_t i = 0; i < proxies->n; i++)
		fprintf(out, "add element " TABLE " proxy%d { %s . %u }\n", hf_addr_is_v4(&proxies->v[i].addr) ? 4 : 6,
			hf_addr_print(&proxies->v[i].addr, text), (unsigned int)proxies->v[i].port);
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
	for (size_t i = 0; i < HF_LEN(passing_sets); i++)
		fprintf(out, "flush set " TABLE " %s\n", passing_sets[i]);
}

/* One attempt in five seconds of each user at each address; who tries all there is wakes the agent rarely. */
static void write_log(FILE *out, const char *kind, const char *set, unsigned int group)
{
	fprintf(out, "add rule " TABLE " tried meta skuid . %s daddr != @%s limit rate 10/second burst 20 packets ",
		kind, set);
	fprintf(out, "add @%s { meta skuid . %s daddr } log group %u snaplen %d\n", set, kind, group, HF_NET_LOGGED);
}

/* Of each user twenty questions in a second, and of each question some answers: a flood costs no more. Who answers what
 * nobody asked is not heard. */
static void write_names_logs(FILE *out, unsigned int group)
{
	static const char *const rules[] = {
		"asks meta skuid @spared return",
		"asks update @askers { meta skuid limit rate over 20/second burst 100 packets } return",
		"asks update @awaited4 { ip saddr . udp sport . ip daddr }",
		"asks update @awaited6 { ip6 saddr . udp sport . ip6 daddr }",
	};
	static const char *const told[] = {
		"asks",
		"answers ip daddr . udp dport . ip saddr @awaited4 update @answered { udp dport " SOME " }",
		"answers ip6 daddr . udp dport . ip6 saddr @awaited6 update @answered { udp dport " SOME " }",
	};
	for (size_t i = 0; i < HF_LEN(rules); i++)
		fprintf(out, "add rule " TABLE " %s\n", rules[i]);
	for (size_t i = 0; i < HF_LEN(told); i++)
		fprintf(out,
			"add rule " TABLE " %s limit rate 400/second burst 800 packets log prefix \"" HF_NET_TOLD_NAMES
			"\" group %u snaplen %d\n",
			told[i], group, HF_NET_HEARD);
}

/* They tell and decide nothing. A connection that is ended at the raise, and its last bytes, are no attempt. */
static void write_logs(FILE *out, unsigned int group)
{
	fputs("flush chain " TABLE " tried\nflush chain " TABLE " told\n", out);
	fputs("flush chain " TABLE " asks\nflush chain " TABLE " answers\n", out);
	if (group == 0)
		return;
	fprintf(out,
		"add rule " TABLE " told limit rate 2/second log prefix \"" HF_NET_TOLD_OVER "\" group %u snaplen %d\n",
		group, HF_NET_LOGGED);
	fputs("add rule " TABLE " tried " FLAGS "!= syn return\n", out);
	write_log(out, "ip", "tried4", group);
	write_log(out, "ip6", "tried6", group);
	write_names_logs(out, group);
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
