/* SPDX-License-Identifier: MIT */
/*
 * Gives any bytes to the reader of new connections, whole and in two pieces.
 * Must never end but by the fuzzer: where it is cut changes nothing, and a name is a name.
 */
#include <string.h>

#include "agent/enforce/network/names/flows.h"
#include "tests/fuzz/fuzz.h"

static struct hf_flows flows;

static bool may(void *arg, uid_t uid, const char *host)
{
	(void)uid;
	FUZZ_MUST(strlen(host) < HF_HOST_SIZE && host[0] != '\0');
	FUZZ_MUST(strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-._") == strlen(host));
	return !arg;
}

static void begin(bool strict)
{
	static const uint8_t nonsense[] = {0};
	const struct hf_segment other = {.from_port = 1, .seq = 7, .opens = true},
				syn = {.from_port = 1, .opens = true},
				end = {.from_port = 1, .seq = 7, .data = nonsense, .len = 1};
	const struct hf_sender sender = {true, 1001, true};
	FUZZ_MUST(hf_flows_take(&flows, &other, &sender, 1) == HF_FLOW_BEGUN);
	FUZZ_MUST(hf_flows_take(&flows, &end, &sender, 1) == HF_FLOW_REFUSE);
	if (strict)
		FUZZ_MUST(hf_flows_take(&flows, &syn, &sender, 1) == HF_FLOW_BEGUN);
}

static enum hf_flow_end read_flow(const uint8_t *data, size_t len, size_t at, bool strict)
{
	const struct hf_segment segment = {.from_port = 1, .seq = (uint32_t)at, .data = data + at, .len = len - at};
	const struct hf_sender sender = {true, 1001, strict};
	return hf_flows_take(&flows, &segment, &sender, 1);
}

/* What is refused may be so at its first piece already; what passes, passes no sooner than whole. */
static void read_twice(const uint8_t *data, size_t size, size_t cut, bool strict)
{
	begin(strict);
	enum hf_flow_end whole = read_flow(data, size, 0, strict);
	begin(strict);
	enum hf_flow_end first = read_flow(data, cut, 0, strict);
	if (first == HF_FLOW_WAIT && cut < size)
		FUZZ_MUST(read_flow(data, size, cut, strict) == whole);
	else if (!strict || first == HF_FLOW_REFUSE)
		FUZZ_MUST(first == whole);
}

/* The first byte says where to cut, and whether every name is refused. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hf_segment packet;
	struct hf_addr to;
	if (size < 2 || size > HF_HELLO_MAX)
		return 0;
	bool goes = hf_addr_of_packet(data, size, &to);
	if (hf_segment_read(data, size, &packet)) {
		FUZZ_MUST(packet.data >= data && packet.data + packet.len <= data + size);
		FUZZ_MUST(goes && hf_addr_order(&to, &packet.to) == 0);
	}
	size_t cut = data[0] % (size - 1);
	flows.may = may;
	flows.arg = data[0] & 1 ? &flows : NULL;
	read_twice(data + 1, size - 1, cut, false);
	read_twice(data + 1, size - 1, cut, true);
	return 0;
}
