/* SPDX-License-Identifier: MIT */
/*
 * testimony.h - what a device says that its people did, and what makes it count
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_TESTIMONY_H
#define HOLDFAST_CONTROLLER_TESTIMONY_H

#include <holdfast/lockdowns.h>
#include <holdfast/report.h>
#include <holdfast/versions.h>

/* A verified report, and what its word about people is judged by. Borrowed. */
struct hf_testimony {
	const struct hf_orders *orders;
	const struct hf_versions *versions; /* of the assignment of the device that speaks */
	const struct hf_report *report;
	struct hf_wall heard; /* by this controller's clock */
};

/*
 * hf_testimony_uses - is this person one of those whose device it is; hf_testimony_posts - and did two say so, as is
 * needed to take a posting window there
 *
 * Source    proto/README.md "Assignment"
 */
bool hf_testimony_uses(const struct hf_versions *versions, const char *person);
bool hf_testimony_posts(const struct hf_versions *versions, const char *person);

/*
 * hf_testimony_shapes - is this order the raise of that lockdown, or one of its amendments
 *
 * Source    proto/README.md "Order"
 */
bool hf_testimony_shapes(const struct hf_order *order, const struct hf_digest *lockdown);

#endif
