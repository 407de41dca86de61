/* SPDX-License-Identifier: MIT */
/*
 * metrics.h - how the controller is, as figures for a monitoring system
 */
#ifndef HOLDFAST_CONTROLLER_METRICS_H
#define HOLDFAST_CONTROLLER_METRICS_H

#include <stddef.h>

#include "controller/controller.h"

#define HF_METRICS_KIND "text/plain; version=0.0.4; charset=utf-8"

/*
 * hf_metrics_text - all figures, in Prometheus' text format; none names a person, a device, or what somebody wrote
 *
 * @ret_text  malloc'ed, the caller's; untouched unless HF_OK
 * @ret_len   bytes
 * Owner     see ret_text
 * Returns   HF_OK; HF_E_MEMORY
 * Source    controller/API.md "Metrics"
 */
HF_NODISCARD enum hf_rc hf_metrics_text(struct hf_controller *c, char **ret_text, size_t *ret_len);

#endif
