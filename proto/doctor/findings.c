/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of what was found, and how it is said to people and to programs.
 * Must never say that something is well which was not looked at.
 */
#include <holdfast/findings.h>

#include <stdlib.h>

#include <holdfast/rows.h>
#include <holdfast/text.h>

static const char *const WORDS[HF_WEIGHT_COUNT] = {
	[HF_WEIGHT_GRAVE] = "grave", [HF_WEIGHT_WARNING] = "warning", [HF_WEIGHT_UNSEEN] = "unseen"};

static const char *const HEADS[HF_WEIGHT_COUNT] = {
	[HF_WEIGHT_GRAVE] = HF_TEXT("GRAVE"),
	[HF_WEIGHT_WARNING] = HF_TEXT("Warning"),
	[HF_WEIGHT_UNSEEN] = HF_TEXT("Not looked at"),
};

void hf_findings_done(struct hf_findings *findings)
{
	free(findings->v);
	*findings = (struct hf_findings){0};
}

struct hf_err *hf_finding_add(struct hf_findings *findings, enum hf_weight weight, const char *what)
{
	struct hf_finding *last;

	if (hf_rows_reserve(&findings->v, &findings->room, findings->n + 1, sizeof(*findings->v)) != HF_OK) {
		findings->lost = true;
		return NULL;
	}
	last = &findings->v[findings->n++];
	*last = (struct hf_finding){.weight = weight, .what = what};
	return &last->said;
}

struct hf_err *hf_finding_grave(struct hf_findings *findings, const char *what)
{
	return hf_finding_add(findings, HF_WEIGHT_GRAVE, what);
}

struct hf_err *hf_finding_warning(struct hf_findings *findings, const char *what)
{
	return hf_finding_add(findings, HF_WEIGHT_WARNING, what);
}

struct hf_err *hf_finding_unseen(struct hf_findings *findings, const char *what)
{
	return hf_finding_add(findings, HF_WEIGHT_UNSEEN, what);
}

bool hf_findings_well(const struct hf_findings *findings)
{
	return findings->n == 0 && !findings->lost;
}

static size_t count_weight(const struct hf_findings *findings, enum hf_weight weight)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += findings->v[i].weight == weight;
	return n;
}

static void say_sum(FILE *out, const struct hf_findings *findings)
{
	size_t unseen = count_weight(findings, HF_WEIGHT_UNSEEN), wrong = findings->n - unseen;

	if (findings->lost)
		fputs(hf_text("There was not enough memory to say all that is wrong.\n"), out);
	else if (wrong > 0)
		fprintf(out, hf_text_n("%zu thing is wrong, of %zu that were looked at.\n",
				       "%zu things are wrong, of %zu that were looked at.\n", wrong),
			wrong, findings->looked);
	else if (unseen > 0)
		fprintf(out, hf_text("Nothing was found wrong; but not all could be looked at.\n"));
	else
		fprintf(out, hf_text("All is well: %zu things were looked at.\n"), findings->looked);
}

void hf_findings_say(FILE *out, const struct hf_findings *findings)
{
	for (int weight = 0; weight < HF_WEIGHT_COUNT; weight++)
		for (size_t i = 0; i < findings->n; i++)
			if ((int)findings->v[i].weight == weight)
				fprintf(out, "%s: %s\n", hf_text(HEADS[weight]), findings->v[i].said.text);
	say_sum(out, findings);
}

json_t *hf_findings_json(const struct hf_findings *findings)
{
	hf_auto_json json_t *list = json_array();

	for (int weight = 0; list && weight < HF_WEIGHT_COUNT; weight++)
		for (size_t i = 0; i < findings->n; i++)
			if ((int)findings->v[i].weight == weight &&
			    json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "weight", WORDS[weight], "what",
								  findings->v[i].what, "text",
								  findings->v[i].said.text)) != 0)
				return NULL;
	if (!list || findings->lost)
		return NULL;
	return json_pack("{s:b, s:I, s:O}", "well", hf_findings_well(findings), "looked_at", (json_int_t)findings->looked,
			 "findings", list);
}
