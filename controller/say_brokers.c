/* SPDX-License-Identifier: MIT */
/*
 * Owns how the lists of brokers are said, and that none stays retained that counts no longer.
 * Must never say a list that is not recorded.
 */
#include "controller/say.h"
#include "controller/say_brokers.h"

void hf_say_brokers(struct hf_controller *c)
{
	const struct hf_broker_list *base = hf_broker_set_base(&c->known.brokers);
	const struct hf_broker_list *newest = hf_broker_set_newest(&c->known.brokers);
	struct hf_topic topic = {.kind = HF_TOPIC_BROKERS};
	hf_say_document(c, &topic, base ? base->envelope : NULL);
	topic.number = 1;
	hf_say_document(c, &topic, newest && newest != base ? newest->envelope : NULL);
}
