/* SPDX-License-Identifier: MIT */
/*
 * Owns working days and the last lawful dates that follow from a polling day (policy D10).
 * Must never guess: what the calendar does not reach, or the law does not fix by the poll, is an error.
 *
 * 1. "In computing any period of time ... a Saturday or Sunday; Christmas Eve, Christmas Day, Good Friday or a bank
 * holiday; a day appointed for public thanksgiving or mourning shall be disregarded" (in our words; the rules differ in
 * the calendar).
 * 2. The notice of election is published not later than the n-th such day before the poll.
 * How we read it: the polling day is not counted, the n-th working day back from it is the last lawful one. A day that
 * is disregarded for two reasons is left out once. A general election counts the bank holidays of every nation of the
 * UK.
 */
#include <holdfast/timetable.h>

#include <stdlib.h>
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

#define EW (1u << HF_ENGLAND_AND_WALES)
#define AT_16 (16 * 60)
#define AT_17 (17 * 60)
#define BY_END (-1)
#define POLLS_CLOSE (22 * 60)
#define FIRST_MINUTE 1
#define DAYS_MAX 400

struct rule {
	const char *name;
	unsigned divisions; /* 0: calendar days */
	int days;
	const struct hf_deadline *deadlines; /* day is not filled in; ends with a NULL name */
};

/* clang-format off */
static const struct hf_deadline local[] = {
	{HF_TEXT("delivery of nomination papers"),           19, AT_16, {0}},
	{HF_TEXT("withdrawal of a candidate"),               19, AT_16, {0}},
	{HF_TEXT("appointment of election agents"),          19, AT_16, {0}},
	{HF_TEXT("statement of persons nominated"),          18, AT_16, {0}},
	{HF_TEXT("registration to vote"),                    12, BY_END, {0}},
	{HF_TEXT("postal vote application"),                 11, AT_17, {0}},
	{HF_TEXT("notice of poll"),                           6, BY_END, {0}},
	{HF_TEXT("proxy vote application"),                   6, AT_17, {0}},
	{HF_TEXT("voter authority certificate application"),  6, AT_17, {0}},
	{NULL, 0, 0, {0}},
};
static const struct hf_deadline gla[] = {
	{HF_TEXT("delivery of nomination papers"),           24, AT_16, {0}},
	{HF_TEXT("registration to vote"),                    12, BY_END, {0}},
	{HF_TEXT("postal vote application"),                 11, AT_17, {0}},
	{HF_TEXT("proxy vote application"),                   6, AT_17, {0}},
	{HF_TEXT("voter authority certificate application"),  6, AT_17, {0}},
	{NULL, 0, 0, {0}},
};
static const struct hf_deadline general[] = {
	{HF_TEXT("dissolution of Parliament"),               25, BY_END, {0}},
	{HF_TEXT("notice of election"),                      22, AT_16, {0}},
	{HF_TEXT("delivery of nomination papers"),           19, AT_16, {0}},
	{HF_TEXT("registration to vote"),                    12, BY_END, {0}},
	{HF_TEXT("postal vote application"),                 11, AT_17, {0}},
	{HF_TEXT("proxy vote application"),                   6, AT_17, {0}},
	{HF_TEXT("voter authority certificate application"),  6, AT_17, {0}},
	{NULL, 0, 0, {0}},
};
static const struct hf_deadline neighbourhood[] = {
	{HF_TEXT("information statement"),                   28, BY_END, {0}},
	{HF_TEXT("registration to vote"),                    12, BY_END, {0}},
	{HF_TEXT("postal vote application"),                 11, AT_17, {0}},
	{HF_TEXT("proxy vote application"),                   6, AT_17, {0}},
	{NULL, 0, 0, {0}},
};
static const struct hf_deadline none[] = {{NULL, 0, 0, {0}}};

static const struct rule rules[] = {
	[HF_POLL_PRINCIPAL]        = {"principal",        EW, 25, local},
	[HF_POLL_PRINCIPAL_BY]     = {"principal-by",     EW, 25, local},
	[HF_POLL_PARISH]           = {"parish",           EW, 25, local},
	[HF_POLL_PARISH_BY]        = {"parish-by",        EW, 25, local},
	[HF_POLL_LA_MAYOR]         = {"la-mayor",         EW, 25, local},
	[HF_POLL_CA_MAYOR]         = {"ca-mayor",         EW, 25, local},
	[HF_POLL_PCC]              = {"pcc",              EW, 25, local},
	[HF_POLL_PCC_BY]           = {"pcc-by",           EW, 25, local},
	[HF_POLL_GLA]              = {"gla",              EW, 30, gla},
	[HF_POLL_UKPARL_GENERAL]   = {"ukparl-general",   HF_DIVISIONS_ALL, 22, general},
	[HF_POLL_UKPARL_BY]        = {"ukparl-by",        HF_DIVISIONS_ALL, 0, none},
	[HF_POLL_NP_REFERENDUM]    = {"np-referendum",    EW, 25, neighbourhood},
	[HF_POLL_PPERA_REFERENDUM] = {"ppera-referendum", 0, 28, none},
};
static const char *const why_names[] = {
	[HF_WORKS] = "none", [HF_SAT] = HF_TEXT("Saturday"), [HF_SUN] = HF_TEXT("Sunday"), [HF_CHRISTMAS_EVE] = HF_TEXT("Christmas Eve"),
	[HF_CHRISTMAS_DAY] = HF_TEXT("Christmas Day"), [HF_GOOD_FRIDAY] = HF_TEXT("Good Friday"), [HF_BANK_HOLIDAY] = HF_TEXT("bank holiday"),
	[HF_ALSO] = HF_TEXT("day of public thanksgiving or mourning"),
};
/* clang-format on */

const char *hf_poll_kind_name(enum hf_poll_kind kind)
{
	return kind < HF_POLL_KIND_COUNT ? rules[kind].name : "?";
}

enum hf_rc hf_poll_kind_of(const char *name, enum hf_poll_kind *ret_kind)
{
	for (int k = 0; k < HF_POLL_KIND_COUNT; k++) {
		if (strcmp(rules[k].name, name) == 0) {
			*ret_kind = (enum hf_poll_kind)k;
			return HF_OK;
		}
	}
	return HF_E_ABSENT;
}

unsigned hf_poll_kind_divisions(enum hf_poll_kind kind)
{
	return kind < HF_POLL_KIND_COUNT ? rules[kind].divisions : 0;
}

const char *hf_why_not_name(enum hf_why_not why)
{
	return why < HF_WHY_NOT_COUNT ? why_names[why] : "?";
}

/* Good Friday, two days before the Easter Sunday of the Gregorian computus. */
static struct hf_day good_friday(int year)
{
	int golden = year % 19, century = year / 100, in_century = year % 100;
	int epact = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
	int weekday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
	int late = (golden + 11 * epact + 22 * weekday) / 451;
	int from_march = epact + weekday - 7 * late + 114;
	struct hf_day easter = {0};
	if (hf_day_make((struct hf_day_parts){year, from_march / 31, from_march % 31 + 1}, &easter) != HF_OK)
		return easter;
	return (struct hf_day){easter.n - 2};
}

static bool is_also(const struct hf_disregard *disregard, struct hf_day day)
{
	for (size_t i = 0; i < disregard->n_also; i++)
		if (disregard->also[i].n == day.n)
			return true;
	return false;
}

enum hf_why_not hf_disregarded(const struct hf_disregard *disregard, struct hf_day day, const char **ret_title)
{
	struct hf_day_parts p = hf_day_parts(day);
	const struct hf_holiday *h = hf_calendar_holiday(disregard->calendar, disregard->divisions, day);
	if (ret_title)
		*ret_title = h ? h->title : NULL;
	if (hf_day_weekday(day) == HF_SATURDAY)
		return HF_SAT;
	if (hf_day_weekday(day) == HF_SUNDAY)
		return HF_SUN;
	if (p.month == 12 && p.day == 24)
		return HF_CHRISTMAS_EVE;
	if (p.month == 12 && p.day == 25)
		return HF_CHRISTMAS_DAY;
	if (day.n == good_friday(p.year).n)
		return HF_GOOD_FRIDAY;
	if (h)
		return HF_BANK_HOLIDAY;
	return is_also(disregard, day) ? HF_ALSO : HF_WORKS;
}

/* Weekdays (Monday to Friday) since the Monday before 1970-01-01, up to but without this day. */
static int32_t weekdays_until(int32_t day)
{
	int32_t since_monday = day + HF_THURSDAY;
	int32_t left = since_monday % 7;
	return since_monday / 7 * 5 + (left < 5 ? left : 5);
}

/* The day before which so many weekdays have passed: the inverse of weekdays_until on weekdays. */
static int32_t weekday_number(int32_t weekdays)
{
	return weekdays / 5 * 7 + weekdays % 5 - HF_THURSDAY;
}

/* The days of Monday to Friday that are disregarded, each once, from a first year to a last. */
struct pauses {
	int32_t *v; /* sorted */
	size_t n;
};

static int by_number(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
	return (x > y) - (x < y);
}

static void add_pause(struct pauses *pauses, int32_t day)
{
	if (hf_day_weekday((struct hf_day){day}) < HF_SATURDAY)
		pauses->v[pauses->n++] = day;
}

static void add_fixed(struct pauses *pauses, int year)
{
	struct hf_day eve = {0};
	if (hf_day_make((struct hf_day_parts){year, 12, 24}, &eve) == HF_OK) {
		add_pause(pauses, eve.n);
		add_pause(pauses, eve.n + 1);
	}
	add_pause(pauses, good_friday(year).n);
}

static enum hf_rc pauses_of(const struct hf_disregard *disregard, int first_year, int last_year, struct pauses *ret)
{
	size_t room = (size_t)(last_year - first_year + 1) * 3 + disregard->n_also;
	for (int d = 0; d < HF_DIVISION_COUNT; d++)
		room += disregard->calendar->divisions[d].n;
	ret->v = calloc(room, sizeof(*ret->v));
	if (!ret->v)
		return HF_E_MEMORY;
	for (int year = first_year; year <= last_year; year++)
		add_fixed(ret, year);
	for (size_t i = 0; i < disregard->n_also; i++)
		add_pause(ret, disregard->also[i].n);
	for (int d = 0; d < HF_DIVISION_COUNT; d++)
		for (size_t i = 0; disregard->divisions & 1u << d && i < disregard->calendar->divisions[d].n; i++)
			add_pause(ret, disregard->calendar->divisions[d].v[i].day.n);
	qsort(ret->v, ret->n, sizeof(*ret->v), by_number);
	size_t kept = 0;
	for (size_t i = 0; i < ret->n; i++)
		if (kept == 0 || ret->v[kept - 1] != ret->v[i])
			ret->v[kept++] = ret->v[i];
	ret->n = kept;
	return HF_OK;
}

/* How many pauses lie in [from, to). */
static int32_t pauses_in(const struct pauses *pauses, int32_t from, int32_t to)
{
	int32_t n = 0;
	for (size_t i = 0; i < pauses->n; i++)
		n += pauses->v[i] >= from && pauses->v[i] < to;
	return n;
}

/*
 * The n-th working day before (step -1) or after (step 1) a day: n weekdays away, and then as many more as the count
 * passed over, until it passes over no more. Weekdays alone are looked at, so this ends on a working day or on the edge
 * of a pause.
 */
static int32_t count_off(const struct pauses *pauses, int32_t day, int n, int step)
{
	int32_t weekday = step < 0 ? weekdays_until(day) : weekdays_until(day + 1) - 1;
	int32_t wanted = n, reached = day;
	for (;;) {
		reached = weekday_number(weekday + step * wanted);
		int32_t passed = step < 0 ? pauses_in(pauses, reached, day) : pauses_in(pauses, day + 1, reached + 1);
		if (n + passed == wanted)
			return reached;
		wanted = n + passed;
	}
}

static enum hf_rc not_reached(const struct hf_disregard *disregard, struct hf_day day, struct hf_err *err)
{
	struct hf_day first = {0}, last = {0};
	char wanted[HF_DAY_TEXT_SIZE], from[HF_DAY_TEXT_SIZE], to[HF_DAY_TEXT_SIZE];
	if (!hf_calendar_reach(disregard->calendar, disregard->divisions, &first, &last))
		return hf_err_set(err, HF_E_ABSENT,
				  "The calendar has no holidays of a division that this poll counts; give a fuller one "
				  "with --calendar.");
	return hf_err_set(err, HF_E_ABSENT,
			  "The calendar reaches from %s to %s, and %s is needed; give a newer one with --calendar.",
			  hf_day_text(first, from), hf_day_text(last, to), hf_day_text(day, wanted));
}

static bool covered(const struct hf_disregard *disregard, struct hf_day day)
{
	struct hf_day first, last;
	return hf_calendar_reach(disregard->calendar, disregard->divisions, &first, &last) && day.n >= first.n &&
	       day.n <= last.n;
}

static enum hf_rc working_days(const struct hf_disregard *disregard, struct hf_day day, int n, struct hf_day *ret_day,
			       struct hf_err *err)
{
	int step = n < 0 ? -1 : 1;
	if (n == 0 || abs(n) > DAYS_MAX)
		return hf_err_set(err, HF_E_USAGE, "A count of working days is 1 to %d.", DAYS_MAX);
	if (!covered(disregard, day))
		return not_reached(disregard, day, err);
	int year = hf_day_parts(day).year;
	struct pauses pauses = {0};
	enum hf_rc rc = pauses_of(disregard, year > 1972 ? year - 3 : 1970, year < 9996 ? year + 3 : 9999, &pauses);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is no memory to count working days.");
	struct hf_day found = {count_off(&pauses, day.n, abs(n), step)};
	free(pauses.v);
	if (!covered(disregard, found))
		return not_reached(disregard, found, err);
	*ret_day = found;
	return HF_OK;
}

enum hf_rc hf_working_days_before(const struct hf_disregard *disregard, struct hf_day day, int n,
				  struct hf_day *ret_day, struct hf_err *err)
{
	return working_days(disregard, day, -n, ret_day, err);
}

enum hf_rc hf_working_days_after(const struct hf_disregard *disregard, struct hf_day day, int n, struct hf_day *ret_day,
				 struct hf_err *err)
{
	return working_days(disregard, day, n, ret_day, err);
}

static enum hf_rc fill_deadlines(const struct rule *rule, const struct hf_disregard *disregard, struct hf_timetable *t,
				 struct hf_err *err)
{
	for (const struct hf_deadline *d = rule->deadlines; d->name; d++) {
		struct hf_deadline *to = &t->deadlines[t->n_deadlines];
		*to = *d;
		enum hf_rc rc = hf_working_days_before(disregard, t->poll, d->days, &to->day, err);
		if (rc != HF_OK)
			return rc;
		t->n_deadlines++;
	}
	return HF_OK;
}

static void fill_left_out(const struct hf_disregard *disregard, struct hf_timetable *t)
{
	for (int32_t n = t->notice_by.n; n < t->poll.n && t->n_left_out < HF_LEFT_OUT_MAX; n++) {
		struct hf_left_out *to = &t->left_out[t->n_left_out];
		to->day = (struct hf_day){n};
		to->why = hf_disregarded(disregard, to->day, &to->title);
		t->n_left_out += to->why != HF_WORKS;
	}
}

static enum hf_rc fill_working(const struct rule *rule, const struct hf_disregard *disregard, struct hf_timetable *t,
			       struct hf_err *err)
{
	enum hf_rc rc = hf_working_days_before(disregard, t->poll, rule->days, &t->notice_by, err);
	if (rc == HF_OK)
		rc = fill_deadlines(rule, disregard, t, err);
	if (rc == HF_OK)
		fill_left_out(disregard, t);
	return rc;
}

enum hf_rc hf_timetable_of(enum hf_poll_kind kind, struct hf_day poll, struct hf_disregard disregard,
			   struct hf_timetable *ret_timetable, struct hf_err *err)
{
	if (kind >= HF_POLL_KIND_COUNT || rules[kind].days == 0)
		return hf_err_set(err, HF_E_USAGE,
				  "The timetable of a parliamentary by-election runs from its writ, not from the "
				  "polling day: take the dates from the writ and give the period by hand.");
	const struct rule *rule = &rules[kind];
	struct hf_timetable t = {.kind = kind, .poll = poll, .days = rule->days, .calendar_days = rule->divisions == 0};
	disregard.divisions = rule->divisions;
	enum hf_rc rc = HF_OK;
	if (t.calendar_days)
		t.notice_by.n = poll.n - rule->days + 1; /* "28 days ending with the date of the poll" */
	else
		rc = fill_working(rule, &disregard, &t, err);
	if (rc != HF_OK)
		return rc;
	t.from = hf_london_wall(t.notice_by, FIRST_MINUTE);
	t.until = hf_london_wall(t.poll, POLLS_CLOSE);
	*ret_timetable = t;
	return HF_OK;
}

enum hf_rc hf_timetable_last_poll(enum hf_poll_kind kind, struct hf_day vacancy, struct hf_disregard disregard,
				  struct hf_day *ret_poll, struct hf_err *err)
{
	int days = kind == HF_POLL_PRINCIPAL_BY ? 35 : kind == HF_POLL_PARISH_BY ? 60 : 0;
	if (days == 0)
		return hf_err_set(err, HF_E_USAGE,
				  "Only principal-by and parish-by have a last polling day after a vacancy.");
	disregard.divisions = EW;
	return hf_working_days_after(&disregard, vacancy, days, ret_poll, err);
}
