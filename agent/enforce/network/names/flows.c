/* SPDX-License-Identifier: MIT */
/*
 * Owns the putting together of a client's first bytes.
 * Must never hold a packet back, nor grow with what clients send, nor take from one user for another.
 */
#include "agent/enforce/network/names/flows.h"

#include <string.h>

/* The table ---------------------------------------------------------------------------------------------------------
 */

static void get_ready(struct hf_flows *flows)
{
	if (flows->ready)
		return;
	for (size_t i = 0; i < HF_FLOWS_MAX; i++)
		flows->index[i] = -1;
	for (size_t i = 0; i < HF_PARTS_MAX; i++)
		flows->parts[i].flow = -1;
	flows->ready = true;
}

static size_t row_of(const struct hf_addr *from, const struct hf_addr *to, uint32_t ports)
{
	uint32_t sum = ports * 2654435761U;
	for (size_t i = 0; i < sizeof(to->b); i++)
		sum = (sum ^ to->b[i] ^ (uint32_t)from->b[i] << 8) * 16777619U;
	return (sum ^ sum >> 15) % HF_FLOWS_MAX;
}

static size_t row_of_segment(const struct hf_segment *segment)
{
	return row_of(&segment->from, &segment->to, (uint32_t)segment->from_port << 16 | segment->to_port);
}

static bool is_flow_of(const struct hf_flow *flow, const struct hf_segment *segment)
{
	return flow->from_port == segment->from_port && flow->to_port == segment->to_port &&
	       hf_addr_order(&flow->from, &segment->from) == 0 && hf_addr_order(&flow->to, &segment->to) == 0;
}

/* Of another card: what the kernel notes of one of them, it notes of both. */
static bool has_twin(const struct hf_flows *flows, const struct hf_segment *segment)
{
	for (int at = flows->index[row_of_segment(segment)]; at >= 0; at = flows->v[at].next) {
		const struct hf_flow *flow = &flows->v[at];
		if (is_flow_of(flow, segment) && flow->card != segment->card && flow->strict && flow->seen_s != 0)
			return true;
	}
	return false;
}

static struct hf_flow *find_flow(struct hf_flows *flows, const struct hf_segment *segment)
{
	for (int at = flows->index[row_of_segment(segment)]; at >= 0; at = flows->v[at].next) {
		if (is_flow_of(&flows->v[at], segment) && flows->v[at].card == segment->card)
			return &flows->v[at];
	}
	return NULL;
}

static void free_part(struct hf_flows *flows, struct hf_flow *flow)
{
	if (flow->part < 0)
		return;
	flows->parts[flow->part].flow = -1;
	flow->part = -1;
}

static void end_flow(struct hf_flows *flows, struct hf_flow *flow)
{
	uint32_t ports = (uint32_t)flow->from_port << 16 | flow->to_port;
	int *link = &flows->index[row_of(&flow->from, &flow->to, ports)];
	while (*link != (int)(flow - flows->v))
		link = &flows->v[*link].next;
	*link = flow->next;
	free_part(flows, flow);
	flow->stage = HF_FLOW_FREE;
	while (flows->n_top > 0 && flows->v[flows->n_top - 1].stage == HF_FLOW_FREE)
		flows->n_top--;
}

/* Whose server has waited long enough. What may still say another name is listened to, however late it comes. */
static bool has_ended(struct hf_flows *flows, struct hf_flow *flow, int64_t now_s)
{
	if (flow->stage == HF_FLOW_CLEAR || flow->stage == HF_FLOW_AGAIN || now_s - flow->since_s <= HF_FLOW_S)
		return false;
	end_flow(flows, flow);
	return true;
}

/* Shares ------------------------------------------------------------------------------------------------------------
 */

static void speak(const struct hf_flows *flows, enum hf_flow_word word, const struct hf_flow *flow)
{
	if (flows->say)
		flows->say(flows->arg, word, flow->uid, &flow->to);
}

/* What a user has, and which of it goes first. */
struct holding {
	size_t n;
	struct hf_flow *oldest;
};

/* Elsewhere a flow that is forgotten would pass in halves: only one that is known from its SYN on can go. */
static struct holding flows_of(struct hf_flows *flows, hf_user uid, int64_t now_s, struct hf_flow **ret_room)
{
	struct holding holding = {0, NULL};
	*ret_room = flows->n_top < HF_FLOWS_MAX ? &flows->v[flows->n_top] : NULL;
	for (size_t i = flows->n_top; i-- > 0;) {
		struct hf_flow *flow = &flows->v[i];
		if (flow->stage == HF_FLOW_FREE || has_ended(flows, flow, now_s)) {
			*ret_room = flow;
			continue;
		}
		if (flow->uid != uid)
			continue;
		holding.n++;
		if (flow->strict && (!holding.oldest || flow->seen_s <= holding.oldest->seen_s))
			holding.oldest = flow;
	}
	return holding;
}

/* One user's flows cannot drive out another's. NULL: there is no room. */
static struct hf_flow *begin_flow(struct hf_flows *flows, const struct hf_segment *segment,
				  const struct hf_sender *sender, int64_t now_s)
{
	struct hf_flow *room;
	struct holding holding = flows_of(flows, sender->uid, now_s, &room);
	if (holding.n >= HF_FLOWS_OF_USER) {
		room = holding.oldest;
		if (!room)
			return NULL;
		speak(flows, HF_FLOW_OVER, room);
		end_flow(flows, room);
	}
	if (!room)
		return NULL;
	int *row = &flows->index[row_of_segment(segment)];
	*room = (struct hf_flow){.from = segment->from,
				 .to = segment->to,
				 .from_port = segment->from_port,
				 .to_port = segment->to_port,
				 .card = segment->card,
				 .uid = sender->uid,
				 .stage = HF_FLOW_FIRST,
				 .strict = sender->strict,
				 .seq = segment->seq,
				 .since_s = now_s,
				 .seen_s = now_s,
				 .part = -1,
				 .next = *row};
	*row = (int)(room - flows->v);
	if ((size_t)*row >= flows->n_top)
		flows->n_top = (size_t)*row + 1;
	return room;
}

/* Whoever sends halves without end loses the first of them: it may not go on. */
static void make_room(struct hf_flows *flows, hf_user uid, int *ret_free)
{
	struct holding holding = {0, NULL};
	*ret_free = -1;
	for (int i = 0; i < HF_PARTS_MAX; i++) {
		struct hf_flow *flow = flows->parts[i].flow >= 0 ? &flows->v[flows->parts[i].flow] : NULL;
		if (!flow && *ret_free < 0)
			*ret_free = i;
		if (!flow || flow->uid != uid)
			continue;
		holding.n++;
		if (!holding.oldest || flow->since_s < holding.oldest->since_s)
			holding.oldest = flow;
	}
	if (holding.n < HF_PARTS_OF_USER)
		return;
	*ret_free = holding.oldest->part;
	speak(flows, HF_FLOW_OVER, holding.oldest);
	free_part(flows, holding.oldest);
	holding.oldest->stage = HF_FLOW_DOOMED;
}

static struct hf_part *part_of(struct hf_flows *flows, struct hf_flow *flow)
{
	if (flow->part < 0) {
		make_room(flows, flow->uid, &flow->part);
		if (flow->part < 0)
			return NULL;
		flows->parts[flow->part] = (struct hf_part){.flow = (int)(flow - flows->v)};
	}
	return &flows->parts[flow->part];
}

/* Bytes -------------------------------------------------------------------------------------------------------------
 */

/* HF_FLOW_WAIT: they are there. HF_FLOW_LATER: something between is missing. HF_FLOW_REFUSE: there is no room. */
static enum hf_flow_end add_bytes(struct hf_flows *flows, struct hf_flow *flow, const struct hf_segment *segment)
{
	const uint8_t *data = segment->data;
	size_t len = segment->len;
	uint32_t at = segment->seq - flow->seq;
	if (at > UINT32_MAX / 2) { /* it begins before: what was seen, or needs not be */
		if (0U - at >= len)
			return HF_FLOW_WAIT;
		data += 0U - at;
		len -= 0U - at;
		at = 0;
	}
	struct hf_part *part = len > 0 ? part_of(flows, flow) : NULL;
	if (!part)
		return len > 0 ? HF_FLOW_REFUSE : HF_FLOW_WAIT;
	if (at > part->len)
		return HF_FLOW_LATER;
	size_t known = part->len - at;
	if (len <= known)
		return HF_FLOW_WAIT;
	size_t n = len - known, room = HF_HELLO_MAX - part->len;
	if (n > room)
		n = room;
	memcpy(flows->data[flow->part] + part->len, data + known, n);
	part->len += n;
	return HF_FLOW_WAIT;
}

/* n may lie beyond what has come. */
static void forget_front(struct hf_flows *flows, struct hf_flow *flow, size_t n)
{
	struct hf_part *part = &flows->parts[flow->part];
	size_t have = n < part->len ? n : part->len;
	memmove(flows->data[flow->part], flows->data[flow->part] + have, part->len - have);
	part->len -= have;
	flow->seq += (uint32_t)n;
}

/* Judging -----------------------------------------------------------------------------------------------------------
 */

static enum hf_flow_end judge_loosely(struct hf_flows *flows, struct hf_flow *flow)
{
	for (;;) {
		char host[HF_HOST_SIZE];
		size_t used = 0;
		enum hf_hello hello = hf_hello_read(flows->data[flow->part], flows->parts[flow->part].len, host, &used);
		if (hello == HF_HELLO_MORE)
			return HF_FLOW_WAIT;
		if (hello == HF_HELLO_NAMED && !flows->may(flows->arg, flow->uid, host))
			return HF_FLOW_REFUSE;
		if (hello == HF_HELLO_OTHER || used == 0)
			return HF_FLOW_PASS;
		forget_front(flows, flow, used);
	}
}

static enum hf_flow_end unread(const struct hf_flows *flows, const struct hf_flow *flow)
{
	speak(flows, HF_FLOW_UNREAD, flow);
	return HF_FLOW_REFUSE;
}

/* HF_FLOW_COUNT: more is to be read. */
static enum hf_flow_end heed_name(struct hf_flows *flows, struct hf_flow *flow, const struct hf_said *said)
{
	if (hf_hello_is_outer(said->host))
		return unread(flows, flow);
	if (!flows->may(flows->arg, flow->uid, said->host))
		return HF_FLOW_REFUSE;
	if (said->used == 0)
		return HF_FLOW_PASS;
	flow->stage = said->tls ? HF_FLOW_AGAIN : HF_FLOW_FIRST;
	flow->early = said->early;
	forget_front(flows, flow, said->used);
	return HF_FLOW_COUNT;
}

static enum hf_flow_end read_first(struct hf_flows *flows, struct hf_flow *flow)
{
	struct hf_said said;
	enum hf_hello hello = hf_hello_strict(flows->data[flow->part], flows->parts[flow->part].len, &said);
	if (hello == HF_HELLO_MORE)
		return HF_FLOW_WAIT;
	return hello == HF_HELLO_NAMED ? heed_name(flows, flow, &said) : unread(flows, flow);
}

static enum hf_flow_end read_again(struct hf_flows *flows, struct hf_flow *flow)
{
	struct hf_said said;
	enum hf_hello hello = hf_hello_again(flows->data[flow->part], flows->parts[flow->part].len, flow->early, &said);
	switch (hello) {
	case HF_HELLO_MORE:
		return HF_FLOW_WAIT;
	case HF_HELLO_NAMED:
		return heed_name(flows, flow, &said);
	case HF_HELLO_OTHER:
		return HF_FLOW_PASS;
	case HF_HELLO_NAMELESS:
		forget_front(flows, flow, said.used);
		flow->passed += (uint32_t)said.used;
		return flow->passed > HF_FLOW_EARLY ? HF_FLOW_PASS : HF_FLOW_COUNT;
	case HF_HELLO_COUNT:
		break;
	}
	return unread(flows, flow);
}

static enum hf_flow_end judge_strictly(struct hf_flows *flows, struct hf_flow *flow)
{
	enum hf_flow_end end = HF_FLOW_COUNT;
	while (end == HF_FLOW_COUNT)
		end = flow->stage == HF_FLOW_AGAIN ? read_again(flows, flow) : read_first(flows, flow);
	return end;
}

static enum hf_flow_end take_loosely(struct hf_flows *flows, struct hf_flow *flow, const struct hf_segment *segment)
{
	if (flow->stage == HF_FLOW_DOOMED)
		return HF_FLOW_REFUSE;
	enum hf_flow_end end = add_bytes(flows, flow, segment);
	if (end == HF_FLOW_LATER)
		end = HF_FLOW_PASS;
	else if (end == HF_FLOW_WAIT && flow->part >= 0)
		end = judge_loosely(flows, flow);
	if (end == HF_FLOW_PASS || end == HF_FLOW_REFUSE)
		end_flow(flows, flow);
	return end;
}

/* Bytes that have gone, and were not looked at: what is waited for may be among them. */
static bool has_unseen(const struct hf_flows *flows, const struct hf_flow *flow, const struct hf_segment *segment)
{
	uint32_t kept = flow->part >= 0 ? (uint32_t)flows->parts[flow->part].len : 0;
	uint32_t unseen = segment->seq + (uint32_t)(segment->len + segment->lost) - flow->seq - kept;
	return unseen > 0 && unseen <= UINT32_MAX / 2;
}

static enum hf_flow_end take_strictly(struct hf_flows *flows, struct hf_flow *flow, const struct hf_segment *segment)
{
	enum hf_flow_end end = HF_FLOW_PASS;
	if (flow->stage == HF_FLOW_DOOMED)
		return HF_FLOW_REFUSE;
	if (flow->stage != HF_FLOW_CLEAR)
		end = segment->urgent ? unread(flows, flow) : add_bytes(flows, flow, segment);
	if (end == HF_FLOW_WAIT && flow->part >= 0)
		end = judge_strictly(flows, flow);
	if (end == HF_FLOW_WAIT && has_unseen(flows, flow, segment))
		end = unread(flows, flow);
	if (end == HF_FLOW_PASS)
		flow->stage = HF_FLOW_CLEAR;
	if (end == HF_FLOW_PASS || (flow->part >= 0 && flows->parts[flow->part].len == 0))
		free_part(flows, flow);
	if (end == HF_FLOW_REFUSE)
		end_flow(flows, flow);
	return end;
}

/* The flow as which a packet counts where a listed site lives; NULL: its beginning was not seen. */
static struct hf_flow *known_flow(struct hf_flows *flows, const struct hf_segment *segment,
				  const struct hf_sender *sender, int64_t now_s)
{
	struct hf_flow *flow = find_flow(flows, segment);
	bool sent_again = flow && flow->stage == HF_FLOW_FIRST && flow->part < 0 && flow->seq == segment->seq;
	if (flow && (!flow->strict || has_ended(flows, flow, now_s))) {
		if (!flow->strict)
			end_flow(flows, flow);
		flow = NULL;
	}
	if (!segment->opens || (flow && sent_again))
		return flow;
	if (flow)
		end_flow(flows, flow);
	return sender->known && !has_twin(flows, segment) ? begin_flow(flows, segment, sender, now_s) : NULL;
}

static enum hf_flow_end take_where_listed(struct hf_flows *flows, const struct hf_segment *segment,
					  const struct hf_sender *sender, int64_t now_s)
{
	const struct hf_flow stranger = {.uid = sender->uid, .to = segment->to};
	struct hf_flow *flow = known_flow(flows, segment, sender, now_s);
	if (!flow && segment->len == 0 && !segment->opens)
		return HF_FLOW_WAIT;
	if (!flow)
		return unread(flows, &stranger);
	flow->seen_s = segment->closes ? 0 : now_s;
	return segment->len > 0 ? take_strictly(flows, flow, segment) : HF_FLOW_WAIT;
}

static enum hf_flow_end take_elsewhere(struct hf_flows *flows, const struct hf_segment *segment,
				       const struct hf_sender *sender, int64_t now_s)
{
	struct hf_flow *flow = find_flow(flows, segment);
	if (flow && has_ended(flows, flow, now_s))
		flow = NULL;
	if (flow && segment->opens) {
		end_flow(flows, flow);
		flow = NULL;
	}
	if (segment->opens && segment->len == 0)
		return HF_FLOW_WAIT;
	if (!flow)
		flow = begin_flow(flows, segment, sender, now_s);
	return flow ? take_loosely(flows, flow, segment) : HF_FLOW_REFUSE;
}

enum hf_flow_end hf_flows_take(struct hf_flows *flows, const struct hf_segment *segment, const struct hf_sender *sender,
			       int64_t now_s)
{
	get_ready(flows);
	enum hf_flow_end end = sender->strict ? take_where_listed(flows, segment, sender, now_s)
					      : take_elsewhere(flows, segment, sender, now_s);
	return segment->opens && (end == HF_FLOW_WAIT || end == HF_FLOW_PASS) ? HF_FLOW_BEGUN : end;
}
