"""Which homes a stay fits: the conditions of the search's dates. `%(check_in)s` and its like are the statement's parameters."""

from __future__ import annotations

from properties.rules.terms import MAX_DAYS_AHEAD

# It tells most homes that are not free, for a long stay nearly all. A CASE has no statistics: by the column's statistics the
# planner takes a home's nights for one long range, and expects no free home.
TAKEN = "CASE WHEN s.taken && daterange(%(check_in)s, %(check_out)s) THEN false ELSE true END"

# OFFSET keeps the planner from making it a join: it would expect one home of all, and read and sort everything for a page.
FREE = """NOT EXISTS (
    SELECT 1 FROM properties_calendarentry e
     WHERE e.property_id = s.property_id AND upper(e.nights) > %(check_in)s AND lower(e.nights) < %(check_out)s
       AND (e.held_until IS NULL OR e.held_until > %(now)s) OFFSET 0)"""
FREE_BUT_HELD = FREE.replace("OFFSET 0", "AND e.id <> ALL(%(held_entries)s) OFFSET 0")

OPEN = """(s.always_open OR EXISTS (
    SELECT 1 FROM properties_window w
     WHERE w.property_id = s.property_id AND w.nights @> daterange(%(check_in)s, %(check_out)s)))"""

# The date at the home: by the one table of zones that counts (core.timezones), not by PostgreSQL's own.
TODAY = """ CROSS JOIN LATERAL (SELECT %(greenwich)s::date + CASE WHEN s.timezone = ANY(%(zones_ahead)s::text[]) THEN 1
    WHEN s.timezone = ANY(%(zones_behind)s::text[]) THEN -1 ELSE 0 END AS today) t"""

# Two years ahead by the home's own date; only asked where it may be a day more or less than Greenwich's.
NOT_TOO_FAR = f"%(check_in)s::date - t.today <= {MAX_DAYS_AHEAD}"

# As `rules.terms.least_nights` has it.
LEAST_NIGHTS = """(CASE WHEN s.has_night_rules THEN coalesce((
    SELECT p.min_nights FROM properties_pricerule p
     WHERE p.property_id = s.property_id AND p.min_nights IS NOT NULL
       AND %(check_in)s >= p.start_date AND %(check_in)s < p.end_date
       AND (p.weekdays IS NULL OR extract(isodow FROM %(check_in)s::date)::int - 1 = ANY(p.weekdays))
     ORDER BY p.position DESC, p.id DESC LIMIT 1), s.min_nights) ELSE s.min_nights END)"""


def _gone(night: str) -> str:
    """Whether a night can't be had, as `rules.terms.can_be_had` has it: the copy in `taken` knows of no holds either."""
    ahead = f"({night} - t.today)"
    opened = f"EXISTS (SELECT 1 FROM properties_window w WHERE w.property_id = s.property_id AND w.nights @> {night} OFFSET 0)"  # noqa: S608 - our own names
    return (
        f"(s.taken @> {night} OR {ahead} < s.notice_days OR {ahead} > {MAX_DAYS_AHEAD}"
        f" OR NOT (s.always_open OR {opened}))"
    )


# A stay that is too short may fill a gap. Few homes ask for more nights than a search has, so only those are looked at. The
# first line also helps the planner, which has statistics of it but none of a CASE.
LONG_ENOUGH = f"""(s.min_nights <= %(nights)s AND NOT s.has_night_rules
   OR CASE WHEN {LEAST_NIGHTS} <= %(nights)s THEN true
   ELSE s.fill_gaps AND {_gone("(%(check_in)s::date - 1)")} AND {_gone("%(check_out)s::date")} END)"""

# No zone is further from Greenwich's date than a day: the home's own is seldom asked for.
IN_TIME = """s.max_nights >= %(nights)s AND (%(check_in)s::date - s.notice_days > %(greenwich)s::date
   OR %(check_in)s::date - s.notice_days >= t.today)"""
STAY_FITS = f"{LONG_ENOUGH} AND {IN_TIME}"
# Without the stays that fit only because they fill a gap: fewer homes, and a third less for the planner to think about.
FITS_ANYWHERE = f"(s.min_nights <= %(nights)s AND NOT s.has_night_rules OR {LEAST_NIGHTS} <= %(nights)s) AND {IN_TIME}"
