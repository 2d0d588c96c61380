"""How much of another site's calendar is read."""

MOST_BYTES = 2 * 1024 * 1024
MOST_EVENTS = 5000
# What repeats counts so far ahead; what lies further than a stay can end is cut off.
DAYS_AHEAD = 730
LAST_DAY_AHEAD = 730 + 366
# Of a longer UID its digest stands for it: it is repeated with each time of its event.
LONGEST_UID = 255
# Times of all events together.
MOST_OCCURRENCES = 20_000
