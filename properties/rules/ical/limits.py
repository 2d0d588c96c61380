"""Limits on what is read of another site's calendar."""

MOST_BYTES = 2 * 1024 * 1024
MOST_EVENTS = 5000
# Repeated events count so far ahead; later ones lie beyond the end of any stay.
DAYS_AHEAD = 730
LAST_DAY_AHEAD = 730 + 366
# A longer UID is stored as its digest: each occurrence of its event repeats it.
LONGEST_UID = 255
# The most occurrences of all events together.
MOST_OCCURRENCES = 20_000
