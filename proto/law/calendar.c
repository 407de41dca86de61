/* SPDX-License-Identifier: MIT */
/*
 * Owns the bank holidays of a data file: reading it, and renewing what is held by a newer one.
 * Must never take a file that does not reach for a file without holidays.
 */
#include <holdfast/calendar.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include <holdfast/json.h>

static const char *const division_names[] = {
	[HF_ENGLAND_AND_WALES] = "england-and-wales",
	[HF_SCOTLAND] = "scotland",
	[HF_NORTHERN_IRELAND] = "northern-ireland",
};

const char *hf_division_name(enum hf_division division)
{
	return division < HF_DIVISION_COUNT ? division_names[division] : "?";
}

static int year_of(struct hf_day day)
{
	return hf_day_parts(day).year;
}

static int by_day(const void *a, const void *b)
{
	const struct hf_holiday *x = a, *y = b;
	return (x->day.n > y->day.n) - (x->day.n < y->day.n);
}

/* Sorted, no day twice, no year left out. */
static enum hf_rc put_in_order(struct hf_holidays *holidays, const char *division, struct hf_err *err)
{
	char text[HF_DAY_TEXT_SIZE];
	if (holidays->n)
		qsort(holidays->v, holidays->n, sizeof(*holidays->v), by_day);
	for (size_t i = 1; i < holidays->n; i++) {
		struct hf_day before = holidays->v[i - 1].day, day = holidays->v[i].day;
		if (before.n == day.n)
			return hf_err_set(err, HF_E_SHAPE, "The calendar has %s twice in %s.", hf_day_text(day, text),
					  division);
		if (year_of(day) > year_of(before) + 1)
			return hf_err_set(err, HF_E_SHAPE, "The calendar has no holidays of %s between %d and %d.",
					  division, year_of(before), year_of(day));
	}
	return HF_OK;
}

static enum hf_rc read_event(json_t *event, const char *division, struct hf_holiday *ret, struct hf_err *err)
{
	const char *title = json_string_value(json_object_get(event, "title"));
	const char *date = json_string_value(json_object_get(event, "date"));
	if (!title || !date)
		return hf_err_set(err, HF_E_SHAPE, "An event of %s in the calendar has no title or no date.", division);
	if (hf_day_parse(date, &ret->day) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "'%.20s' (%.40s, %s) in the calendar is no date.", date, title,
				  division);
	if (hf_str_copy(ret->title, sizeof(ret->title), title) != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "A title of %s in the calendar is too long.", division);
	return HF_OK;
}

static enum hf_rc read_division(json_t *value, enum hf_division division, struct hf_holidays *ret, struct hf_err *err)
{
	const char *name = hf_division_name(division);
	json_t *events = json_object_get(value, "events");
	size_t n = json_array_size(events);
	if (n == 0 || n > HF_HOLIDAYS_MAX)
		return hf_err_set(err, HF_E_SHAPE, "The calendar must have 1 to %d events of %s.", HF_HOLIDAYS_MAX,
				  name);
	ret->v = calloc(n, sizeof(*ret->v));
	if (!ret->v)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the calendar.");
	for (; ret->n < n; ret->n++) {
		enum hf_rc rc = read_event(json_array_get(events, ret->n), name, &ret->v[ret->n], err);
		if (rc != HF_OK)
			return rc;
	}
	return put_in_order(ret, name, err);
}

/* The content as one text: the same days and titles have the same version, however their file was written. */
static bool add_content(EVP_MD_CTX *hash, const struct hf_calendar *calendar)
{
	char day[HF_DAY_TEXT_SIZE];
	for (int d = 0; d < HF_DIVISION_COUNT; d++) {
		if (EVP_DigestUpdate(hash, division_names[d], strlen(division_names[d]) + 1) != 1)
			return false;
		for (size_t i = 0; i < calendar->divisions[d].n; i++) {
			const struct hf_holiday *h = &calendar->divisions[d].v[i];
			if (EVP_DigestUpdate(hash, hf_day_text(h->day, day), HF_DAY_TEXT_SIZE) != 1 ||
			    EVP_DigestUpdate(hash, h->title, strlen(h->title) + 1) != 1)
				return false;
		}
	}
	return true;
}

static enum hf_rc give_version(struct hf_calendar *calendar, struct hf_err *err)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool done = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 && add_content(hash, calendar) &&
		    EVP_DigestFinal_ex(hash, calendar->version.b, NULL) == 1;
	EVP_MD_CTX_free(hash);
	return done ? HF_OK : hf_err_set(err, HF_E_MEMORY, "There is no memory for the calendar.");
}

static enum hf_rc read_all(json_t *file, struct hf_calendar *calendar, struct hf_err *err)
{
	size_t found = 0;
	for (int d = 0; d < HF_DIVISION_COUNT; d++) {
		json_t *value = json_object_get(file, division_names[d]);
		if (!value)
			continue;
		enum hf_rc rc = read_division(value, (enum hf_division)d, &calendar->divisions[d], err);
		if (rc != HF_OK)
			return rc;
		found++;
	}
	if (found == 0 || found != json_object_size(file))
		return hf_err_set(
			err, HF_E_SHAPE,
			"The calendar must hold england-and-wales, scotland, northern-ireland and nothing else.");
	return give_version(calendar, err);
}

enum hf_rc hf_calendar_read(const char *text, size_t len, struct hf_calendar *ret_calendar, struct hf_err *err)
{
	hf_auto_json json_t *file = NULL;
	hf_auto_calendar struct hf_calendar calendar = {0};
	enum hf_rc rc = hf_json_read(text, len, HF_CALENDAR_FILE_MAX, &file, err);
	if (rc == HF_OK)
		rc = read_all(file, &calendar, err);
	if (rc != HF_OK)
		return rc;
	*ret_calendar = calendar;
	calendar = (struct hf_calendar){0};
	return HF_OK;
}

static size_t count_of_year(const struct hf_holidays *holidays, int year)
{
	size_t n = 0;
	for (size_t i = 0; i < holidays->n; i++)
		n += year_of(holidays->v[i].day) == year;
	return n;
}

/* May the newer file take the place of what is held, in the years that both have? */
static enum hf_rc check_overlap(const struct hf_holidays *held, const struct hf_holidays *newer, const char *division,
				struct hf_err *err)
{
	int held_last = year_of(held->v[held->n - 1].day), first = year_of(newer->v[0].day);
	int last = year_of(newer->v[newer->n - 1].day);
	if (first > held_last + 1 || last < year_of(held->v[0].day) - 1)
		return hf_err_set(
			err, HF_E_MISMATCH,
			"The new calendar of %s has %d to %d and the held one ends with %d: years are missing between.",
			division, first, last, held_last);
	for (int year = first; year <= last && year <= held_last; year++) {
		size_t before = count_of_year(held, year), after = count_of_year(newer, year);
		if (after < before)
			return hf_err_set(err, HF_E_MISMATCH,
					  "The new calendar of %s has %zu holidays in %d, the held one %zu: holidays "
					  "move, they are not lost.",
					  division, after, year, before);
	}
	return HF_OK;
}

static enum hf_rc merge_division(const struct hf_holidays *held, const struct hf_holidays *newer,
				 enum hf_division division, struct hf_holidays *ret, struct hf_err *err)
{
	const char *name = hf_division_name(division);
	enum hf_rc rc = held->n && newer->n ? check_overlap(held, newer, name, err) : HF_OK;
	if (rc != HF_OK || held->n + newer->n == 0)
		return rc;
	ret->v = calloc(held->n + newer->n, sizeof(*ret->v));
	if (!ret->v)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for the calendar.");
	for (size_t i = 0; i < held->n; i++)
		if (count_of_year(newer, year_of(held->v[i].day)) == 0)
			ret->v[ret->n++] = held->v[i];
	for (size_t i = 0; i < newer->n; i++)
		ret->v[ret->n++] = newer->v[i];
	if (ret->n > HF_HOLIDAYS_MAX)
		return hf_err_set(err, HF_E_SIZE, "The two calendars together have more than %d holidays.",
				  HF_HOLIDAYS_MAX);
	return put_in_order(ret, name, err);
}

enum hf_rc hf_calendar_merge(const struct hf_calendar *held, const struct hf_calendar *newer,
			     struct hf_calendar *ret_merged, struct hf_err *err)
{
	hf_auto_calendar struct hf_calendar merged = {0};
	for (int d = 0; d < HF_DIVISION_COUNT; d++) {
		enum hf_rc rc = merge_division(&held->divisions[d], &newer->divisions[d], (enum hf_division)d,
					       &merged.divisions[d], err);
		if (rc != HF_OK)
			return rc;
	}
	enum hf_rc rc = give_version(&merged, err);
	if (rc != HF_OK)
		return rc;
	*ret_merged = merged;
	merged = (struct hf_calendar){0};
	return HF_OK;
}

bool hf_calendar_reach(const struct hf_calendar *calendar, unsigned divisions, struct hf_day *ret_first,
		       struct hf_day *ret_last)
{
	int first = 1970, last = 9999;
	for (int d = 0; d < HF_DIVISION_COUNT; d++) {
		const struct hf_holidays *h = &calendar->divisions[d];
		if (!(divisions & 1u << d))
			continue;
		if (h->n == 0)
			return false;
		first = year_of(h->v[0].day) > first ? year_of(h->v[0].day) : first;
		last = year_of(h->v[h->n - 1].day) < last ? year_of(h->v[h->n - 1].day) : last;
	}
	return hf_day_make((struct hf_day_parts){first, 1, 1}, ret_first) == HF_OK &&
	       hf_day_make((struct hf_day_parts){last, 12, 31}, ret_last) == HF_OK;
}

const struct hf_holiday *hf_calendar_holiday(const struct hf_calendar *calendar, unsigned divisions, struct hf_day day)
{
	struct hf_holiday wanted = {.day = day};
	for (int d = 0; d < HF_DIVISION_COUNT; d++) {
		const struct hf_holidays *h = &calendar->divisions[d];
		if (!(divisions & 1u << d) || h->n == 0)
			continue;
		const struct hf_holiday *found = bsearch(&wanted, h->v, h->n, sizeof(*h->v), by_day);
		if (found)
			return found;
	}
	return NULL;
}

void hf_calendar_done(struct hf_calendar *calendar)
{
	for (int d = 0; d < HF_DIVISION_COUNT; d++)
		free(calendar->divisions[d].v);
	*calendar = (struct hf_calendar){0};
}
