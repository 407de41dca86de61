/* SPDX-License-Identifier: MIT */
/*
 * Owns the election officer's text: what may stand in it, how it reads (policy D10).
 * Must never make anything of a text that acts, or hide a word of it: what is acknowledged is what was written.
 */
#include <holdfast/instructions.h>

#include <stdlib.h>
#include <string.h>

#include <holdfast/order.h>
#include <holdfast/utf8.h>

enum hf_rc hf_instructions_check(const char *text, size_t len, struct hf_err *err)
{
	if (len > HF_INSTRUCTIONS_MAX)
		return hf_err_set(err, HF_E_SIZE, "The instructions have %zu bytes and at most %d are allowed.", len,
				  HF_INSTRUCTIONS_MAX);
	bool said = false;
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c;
		n = hf_utf8_read((const uint8_t *)text + i, len - i, &c);
		if (n == 0)
			return hf_err_set(err, HF_E_SHAPE,
					  "At byte %zu the instructions are not UTF-8; save the file as UTF-8.", i);
		if (c == '\r')
			return hf_err_set(err, HF_E_SHAPE,
					  "The instructions have line ends of Windows; save them with Unix line ends.");
		if (!hf_utf8_shown(c))
			return hf_err_set(
				err, HF_E_SHAPE,
				"At byte %zu the instructions have a control or direction character; take it out.", i);
		said |= c > ' ';
	}
	return said ? HF_OK
		    : hf_err_set(err, HF_E_SHAPE, "The instructions are empty; say what staff may and may not post.");
}

/*
 * The reader of marks. A mark that does not close in its line is text. Every search forwards stops at the next opening
 * bracket, or is remembered when it was in vain, so that no text makes more than MARKS_DEEP searches of one line.
 */
#define MARKS_DEEP 4
#define HEADING_MAX 6

struct plain {
	const char *p, *end; /* what is left of the line */
	char *out;
	size_t n;
	const char *closers[MARKS_DEEP]; /* where open emphasis closes, the innermost last */
	size_t closer_len[MARKS_DEEP];
	size_t n_closers;
	const char *vain[4]; /* of * ** _ __: before this place no closer is left to be found */
	char before;	     /* the character before p in the line; a space at its beginning */
};

static void put_plain(struct plain *plain, const char *s, size_t len)
{
	memcpy(plain->out + plain->n, s, len);
	plain->n += len;
}

static void take_text(struct plain *plain, size_t len)
{
	put_plain(plain, plain->p, len);
	plain->p += len;
	plain->before = plain->p[-1];
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Bytes above ASCII are letters here: no mark splits a word. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool has_scheme(const char *address, size_t len)
{
	static const char *const schemes[] = {"https://", "http://", "mailto:", "tel:"};
	for (size_t i = 0; i < HF_LEN(schemes); i++) {
		size_t n = strlen(schemes[i]);
		if (len > n && memcmp(address, schemes[i], n) == 0)
			return true;
	}
	return false;
}

/* How many bytes from p on are none of these. */
static size_t span_until(const char *p, const char *end, const char *stops)
{
	size_t n = 0;
	while (p + n < end && !strchr(stops, p[n]))
		n++;
	return n;
}

/* `[text](address)` to `text (address)`. */
static bool take_link(struct plain *plain)
{
	const char *text = plain->p + 1, *end = plain->end;
	size_t text_len = span_until(text, end, "[]");
	const char *address = text + text_len + 2;
	if (plain->before == '!' || text_len == 0 || address >= end || address[-2] != ']' || address[-1] != '(')
		return false;
	size_t len = span_until(address, end, " \t()[]");
	if (address + len >= end || address[len] != ')' || !has_scheme(address, len))
		return false;
	put_plain(plain, text, text_len);
	put_plain(plain, " (", 2);
	put_plain(plain, address, len + 1);
	plain->p = address + len + 1;
	plain->before = ')';
	return true;
}

/* Where a run of the same mark closes before limit, as CommonMark has it, narrower; NULL nowhere. */
static const char *find_closer(const struct plain *plain, size_t run, const char *limit)
{
	char mark = *plain->p;
	for (const char *s = plain->p + run; s < limit;) {
		size_t n = 0;
		while (s + n < limit && s[n] == mark)
			n++;
		bool inside = s + n < plain->end && is_letter(s[n]);
		if (n == run && !is_space(s[-1]) && s > plain->p + run && (mark == '*' || !inside))
			return s;
		s += n ? n : 1;
	}
	return NULL;
}

/* Takes a mark that opens emphasis away, and remembers where its closer stands; one that does not is text. */
static void take_mark(struct plain *plain)
{
	char mark = *plain->p;
	size_t run = 0;
	while (plain->p + run < plain->end && plain->p[run] == mark)
		run++;
	const char *limit = plain->n_closers ? plain->closers[plain->n_closers - 1] : plain->end;
	const char **vain = &plain->vain[(mark == '_') * 2 + (run > 1)];
	bool opens = run <= 2 && plain->p + run < limit && !is_space(plain->p[run]) && !is_letter(plain->before) &&
		     plain->n_closers < MARKS_DEEP && plain->p >= *vain;
	const char *closer = opens ? find_closer(plain, run, limit) : NULL;
	if (opens && !closer)
		*vain = limit;
	if (!closer) {
		take_text(plain, run);
		return;
	}
	plain->closers[plain->n_closers] = closer;
	plain->closer_len[plain->n_closers++] = run;
	plain->p += run;
}

static bool take_closer(struct plain *plain)
{
	if (plain->n_closers == 0 || plain->p != plain->closers[plain->n_closers - 1])
		return false;
	plain->p += plain->closer_len[--plain->n_closers];
	return true;
}

static bool take_escape(struct plain *plain)
{
	if (plain->p + 1 >= plain->end || !strchr("\\`*_[]()#+-.!>", plain->p[1]))
		return false;
	plain->p++;
	take_text(plain, 1);
	return true;
}

static void take_inline(struct plain *plain)
{
	while (plain->p < plain->end) {
		char c = *plain->p;
		if (c == '\\' && take_escape(plain))
			continue;
		if (take_closer(plain) || (c == '[' && take_link(plain)))
			continue;
		if (c == '*' || c == '_')
			take_mark(plain);
		else
			take_text(plain, 1);
	}
}

/* What stands at the beginning of a line alone: the marks of a heading go, those of a list become one. */
static void take_beginning(struct plain *plain)
{
	size_t indent = 0, marks = 0;
	while (plain->p + indent < plain->end && is_space(plain->p[indent]))
		indent++;
	put_plain(plain, plain->p, indent);
	plain->p += indent;
	while (plain->p + marks < plain->end && plain->p[marks] == '#')
		marks++;
	if (marks >= 1 && marks <= HEADING_MAX && plain->p + marks < plain->end && is_space(plain->p[marks])) {
		plain->p += marks + 1;
	} else if (plain->p + 1 < plain->end && strchr("*+-", *plain->p) && is_space(plain->p[1])) {
		put_plain(plain, "- ", 2);
		plain->p += 2;
	}
}

static void take_line(struct plain *plain, const char *line, size_t len)
{
	size_t begin = plain->n;
	plain->p = line;
	plain->end = line + len;
	plain->n_closers = 0;
	plain->before = ' ';
	for (size_t i = 0; i < HF_LEN(plain->vain); i++)
		plain->vain[i] = line;
	take_beginning(plain);
	take_inline(plain);
	while (plain->n > begin && is_space(plain->out[plain->n - 1]))
		plain->n--;
	/* Empty lines part paragraphs: none at the beginning, one is enough. */
	bool empty = plain->n == begin;
	bool after_empty = begin == 0 || (begin >= 2 && plain->out[begin - 2] == '\n');
	if (!empty || !after_empty)
		put_plain(plain, "\n", 1);
}

enum hf_rc hf_instructions_plain(const char *text, char **ret, struct hf_err *err)
{
	size_t len = strlen(text);
	enum hf_rc rc = hf_instructions_check(text, len, err);
	if (rc != HF_OK)
		return rc;
	/* No mark becomes longer than it was; the last line may have had no newline. */
	hf_auto_free char *out = malloc(len + 2);
	struct plain plain = {.out = out};
	if (!out)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory left to show the instructions.");
	for (const char *line = text; line < text + len;) {
		size_t n = span_until(line, text + len, "\n");
		take_line(&plain, line, n);
		line += n + 1;
	}
	while (plain.n >= 2 && out[plain.n - 1] == '\n' && out[plain.n - 2] == '\n')
		plain.n--;
	/* Marks alone, such as those of a heading without words. */
	if (plain.n == 0)
		put_plain(&plain, "\n", 1);
	out[plain.n] = '\0';
	*ret = hf_steal_ptr(&out);
	return HF_OK;
}
