/* SPDX-License-Identifier: MIT */
/*
 * Owns the story of a lockdown as a page: plain HTML that a screen reader, a small screen and a printer can read.
 * Must never let a text of the record act as HTML, or fetch anything.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/client.h"
#include "controller/office/story_words.h"

/* Colours and measures of plain public pages: 4.5 to 1 at least, nothing told by colour alone. */
static const char STYLE[] =
	"*{box-sizing:border-box}"
	"body{margin:0;font:1rem/1.5 Arial,Helvetica,sans-serif;color:#0b0c0c;background:#fff}"
	".skip{position:absolute;left:-999rem}.skip:focus{position:static;display:block;padding:.5rem 1rem;background:#fd0;color:#0b0c0c}"
	"header{background:#0b0c0c;color:#fff;padding:.6rem 1rem;border-bottom:.6rem solid #1d70b8}"
	"header p{max-width:72rem;margin:0 auto;font-weight:700}"
	"main,footer{max-width:72rem;margin:0 auto;padding:1rem}"
	"h1{font-size:2.2rem;line-height:1.15;margin:1rem 0 1.5rem}"
	"h2{font-size:1.5rem;line-height:1.25;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:2px solid #1d70b8}"
	"h3{font-size:1.1rem;margin:0 0 .25rem}"
	"dl{margin:0}dl.head>div{display:grid;grid-template-columns:14rem 1fr;gap:0 1rem;padding:.4rem 0;border-bottom:1px solid #b1b4b6}"
	"dt{font-weight:700}dd{margin:0;overflow-wrap:anywhere}"
	".figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem}"
	".figure{border:1px solid #b1b4b6;border-left:.3rem solid #1d70b8;padding:.75rem 1rem}"
	".figure ul{list-style:none;margin:0;padding:0}.figure li:first-child{font-size:1.6rem;font-weight:700}"
	".figure li{overflow-wrap:anywhere}"
	".scroll{overflow-x:auto}.scroll:focus{outline:3px solid #fd0;outline-offset:2px;box-shadow:0 0 0 5px #0b0c0c}"
	"table{border-collapse:collapse;width:100%;margin:0 0 1rem}"
	"caption{text-align:left;font-weight:700;padding:.5rem 0}"
	"th,td{text-align:left;vertical-align:top;padding:.4rem .9rem .4rem 0;border-bottom:1px solid #b1b4b6;overflow-wrap:break-word}"
	"thead th{vertical-align:bottom}td{white-space:pre-line}td:first-child{min-width:8rem}"
	".number{text-align:right;font-variant-numeric:tabular-nums}"
	"footer{border-top:1px solid #b1b4b6;margin-top:2rem}"
	"a{color:#1d70b8}"
	"@media(max-width:40rem){h1{font-size:1.7rem}dl.head>div{grid-template-columns:1fr}}"
	"@media print{@page{margin:15mm}body{font-size:10pt}header{background:#fff;color:#0b0c0c;border-bottom:2px solid #0b0c0c;padding:0 0 .3rem}"
	"header p,main,footer{max-width:none;padding:0}.skip{display:none}.scroll{overflow:visible}"
	"h2{break-after:avoid;border-top-color:#0b0c0c}tr,.figure{break-inside:avoid}thead{display:table-header-group}"
	"table{font-size:8pt}th,td{padding:.2rem .5rem .2rem 0}.figures{grid-template-columns:repeat(3,1fr)}}";

static void put_safe(FILE *out, const char *text)
{
	for (; text && *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static void put_element(FILE *out, const char *tag, const char *text)
{
	fprintf(out, "<%s>", tag);
	put_safe(out, text);
	fprintf(out, "</%s>\n", tag);
}

static void put_head(FILE *out, const json_t *story)
{
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<title>%s - Holdfast</title>\n<style>%s</style>\n</head>\n<body>\n"
		"<a class=\"skip\" href=\"#main\">%s</a>\n<header><p>%s</p></header>\n<main id=\"main\">\n",
		hf_story_heading(story), STYLE, hf_text("Skip to main content"), hf_text("Holdfast: the record of a lockdown"));
}

static void put_lines(FILE *out, const json_t *lines)
{
	const json_t *one;
	size_t i;

	fputs("<dl class=\"head\">\n", out);
	json_array_foreach(lines, i, one)
	{
		fputs("<div>", out);
		put_element(out, "dt", hf_client_text(one, "title", ""));
		put_element(out, "dd", hf_client_text(one, "text", ""));
		fputs("</div>\n", out);
	}
	fputs("</dl>\n", out);
}

static void put_figures(FILE *out, const json_t *figures)
{
	const json_t *one, *line;
	size_t i, k;

	put_element(out, "h2", hf_text("Six figures"));
	fputs("<div class=\"figures\">\n", out);
	json_array_foreach(figures, i, one)
	{
		fputs("<div class=\"figure\">\n", out);
		put_element(out, "h3", hf_client_text(one, "title", ""));
		fputs("<ul>\n", out);
		json_array_foreach(json_object_get(one, "lines"), k, line)
		{
			put_element(out, "li", json_string_value(line));
		}
		fputs("</ul>\n</div>\n", out);
	}
	fputs("</div>\n", out);
}

static void put_cells(FILE *out, const json_t *row, const struct hf_story_column *columns, size_t n)
{
	fputs("<tr>", out);
	for (size_t i = 0; i < n; i++) {
		fputs(columns[i].number ? "<td class=\"number\">" : "<td>", out);
		put_safe(out, json_string_value(json_array_get(row, i)));
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

static void put_table(FILE *out, const json_t *rows, enum hf_story_table table)
{
	const struct hf_story_column *columns;
	const char *name = hf_story_table_name(table);
	const json_t *row;
	size_t i, n = 0;

	columns = hf_story_columns(table, &n);
	fprintf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"caption-%s\">\n"
		     "<table id=\"%s\">\n<caption id=\"caption-%s\">", name, name, name);
	put_safe(out, hf_story_table_title(table));
	fputs("</caption>\n<thead><tr>", out);
	for (i = 0; i < n; i++) {
		fprintf(out, "<th scope=\"col\"%s>", columns[i].number ? " class=\"number\"" : "");
		put_safe(out, hf_text(columns[i].title));
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
	json_array_foreach(rows, i, row)
	{
		put_cells(out, row, columns, n);
	}
	fputs("</tbody>\n</table>\n</div>\n", out);
}

static void put_section(FILE *out, const json_t *story, enum hf_story_table table, const struct hf_story_face *face)
{
	/* clang-format off */
	static const char *const titles[HF_STORY_TABLE_COUNT] = {
		[HF_STORY_SHORT_TIMES] = HF_TEXT("Time line"), [HF_STORY_POSTINGS] = HF_TEXT("Posts"),
		[HF_STORY_ODD_DEVICES] = HF_TEXT("Devices to look at"), [HF_STORY_UNDELIVERED] = HF_TEXT("Messages that failed"),
		[HF_STORY_REFUSED] = HF_TEXT("Refusals"), [HF_STORY_CHECKS] = HF_TEXT("Checks"), [HF_STORY_NOTES] = HF_TEXT("Later notes"),
	};
	/* clang-format on */
	hf_auto_json json_t *rows = hf_story_rows(story, table, face);

	put_element(out, "h2", hf_text(titles[table]));
	if (json_array_size(rows) == 0)
		put_element(out, "p", hf_text("None."));
	else
		put_table(out, rows, table);
}

static void put_check(FILE *out, const json_t *story)
{
	const json_t *record = json_object_get(story, "record");

	put_element(out, "h2", hf_text("How to check this report"));
	put_element(out, "p",
		    hf_text("Each figure and each row is made of entries of the council's record, and the column Record says of "
			    "which. The entries are in records.jsonl beside this page. Each of them has its hash, and a proof that "
			    "it stands in the record; the file checkpoint is the head of the record, signed; witness.jsonl has what "
			    "the council's devices signed of it. VERIFY.txt says how to check all of it with openssl alone."));
	put_element(out, "p",
		    hf_text("Times and counts are those of the council's server when it wrote the entry. A device counts as silent "
			    "when it was not heard for longer than three minutes and was heard again later."));
	if (hf_client_number(record, "withheld") > 0)
		put_element(out, "p",
			    hf_text("Some entries hold names, or words that a person wrote. They stand in records.jsonl with their "
				    "hash and proof and without their content: VERIFY.txt says how many they are."));
}

bool hf_story_write_page(FILE *out, const json_t *story, const struct hf_story_face *face)
{
	static const enum hf_story_table tables[] = {HF_STORY_SHORT_TIMES, HF_STORY_POSTINGS, HF_STORY_ODD_DEVICES,
						     HF_STORY_UNDELIVERED, HF_STORY_REFUSED,  HF_STORY_CHECKS,
						     HF_STORY_NOTES};
	hf_auto_json json_t *lines = hf_story_head_lines(story, face);
	hf_auto_json json_t *figures = hf_story_figures(story);

	put_head(out, story);
	put_element(out, "h1", hf_story_heading(story));
	put_lines(out, lines);
	put_figures(out, figures);
	for (size_t i = 0; i < HF_LEN(tables); i++)
		put_section(out, story, tables[i], face);
	put_check(out, story);
	fputs("</main>\n</body>\n</html>\n", out);
	return lines && figures;
}
