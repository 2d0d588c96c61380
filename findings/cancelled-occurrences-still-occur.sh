#!/usr/bin/env bash
# recurring-ical-events 3.8.2: an occurrence that was cancelled is among the occurrences.
#
# Expected: of a weekly series whose second event was cancelled (RECURRENCE-ID with STATUS:CANCELLED) two are left.
# Happens:  three come back; the cancelled one is told by its STATUS alone, as a series that is cancelled as a whole is.
# Source:   not said beside between(); recurring_ical_events/series/rrule.py, Series.between never looks at STATUS.
# Here:     properties/rules/ical/occurrences.py drops what is cancelled after the series is unrolled.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'icalendar==7.3.2' 'recurring-ical-events==3.8.2' 'x-wr-timezone==2.0.1'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from datetime import date
from icalendar import Calendar
import recurring_ical_events

calendar = Calendar.from_ical("""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260601
RRULE:FREQ=WEEKLY;COUNT=3
END:VEVENT
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20260101T000000Z
RECURRENCE-ID;VALUE=DATE:20260608
DTSTART;VALUE=DATE:20260608
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
""")
for event in recurring_ical_events.of(calendar).between(date(2026, 6, 1), date(2026, 7, 1)):
    print(event["DTSTART"].dt, event.get("STATUS"))
PYTHON
)
echo "$seen"

wanted='2026-06-01 None
2026-06-08 CANCELLED
2026-06-15 None'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
