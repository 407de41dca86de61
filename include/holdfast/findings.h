/* SPDX-License-Identifier: MIT */
/*
 * findings.h - what a doctor found: one clear sentence each, the grave ones first
 */
#ifndef HOLDFAST_FINDINGS_H
#define HOLDFAST_FINDINGS_H

#include <stdbool.h>
#include <stdio.h>

#include <holdfast/err.h>
#include <holdfast/json.h>

/* In the order in which they are said. What could not be looked at is never taken for well. */
enum hf_weight { HF_WEIGHT_GRAVE, HF_WEIGHT_WARNING, HF_WEIGHT_UNSEEN, HF_WEIGHT_COUNT };

struct hf_finding {
	enum hf_weight weight;
	const char *what;   /* a word for programs: "certificate", "journal" */
	struct hf_err said; /* what, where, and what to do */
};

struct hf_findings {
	struct hf_finding *v;
	size_t n, room;
	size_t looked; /* at so many things */
	bool lost;     /* one more was found, and there was no memory for it */
};

#define hf_auto_findings __attribute__((cleanup(hf_findings_done)))
void hf_findings_done(struct hf_findings *findings);

/*
 * hf_finding_add - one more finding; its sentence is written by the caller, with hf_err_set
 *
 * @what     static text
 * Owner     what is returned is the findings', until the next is added
 * Returns   where the sentence goes; NULL no memory: the findings remember that
 */
struct hf_err *hf_finding_add(struct hf_findings *findings, enum hf_weight weight, const char *what);

/*
 * hf_finding_grave, hf_finding_warning, hf_finding_unseen - one more of this weight
 *
 * Owner     as hf_finding_add
 * Returns   as hf_finding_add
 */
struct hf_err *hf_finding_grave(struct hf_findings *findings, const char *what);
struct hf_err *hf_finding_warning(struct hf_findings *findings, const char *what);
struct hf_err *hf_finding_unseen(struct hf_findings *findings, const char *what);

/*
 * hf_findings_well - was all that was looked at well, and was all looked at
 *
 * Returns   true or false
 */
bool hf_findings_well(const struct hf_findings *findings);

/*
 * hf_findings_say - all of them, a line each, and one line at the end that sums them up
 */
void hf_findings_say(FILE *out, const struct hf_findings *findings);

/*
 * hf_findings_json - the same for programs
 *
 * Owner     a new reference, the caller's
 * Returns   {"well", "looked_at", "findings": [{"weight", "what", "text"}]}; NULL no memory
 */
json_t *hf_findings_json(const struct hf_findings *findings);

#endif
