#!/usr/bin/env bash
# recurring-ical-events 3.8.2 on icalendar 7.3.2: a floating time has a zone in one and none in the other.
#
# Expected: a time without zone is floating, the same on every wall (RFC 5545, 3.3.5), however a program gets at the event.
# Happens:  recurring-ical-events runs the calendar through x-wr-timezone first, which gives floating times the zone of
#           X-WR-TIMEZONE; the same event read off icalendar stays without zone. Who takes single events from one and series from
#           the other compares times that mean different moments.
# Source:   recurring_ical_events.of says that it corrects times by X-WR-TIMEZONE; that this holds for floating ones stands in
#           x_wr_timezone.py, UTCChangingWalker.walk_value_datetime.
# Here:     properties/rules/ical/events.py gives every time its place before either library unrolls anything.
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
X-WR-TIMEZONE:Asia/Dhaka
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20260101T000000Z
DTSTART:20260601T120000
END:VEVENT
END:VCALENDAR
""")
print("icalendar:", calendar.walk("VEVENT")[0]["DTSTART"].dt.tzinfo)
print("recurring-ical-events:", recurring_ical_events.of(calendar).at(date(2026, 6, 1))[0]["DTSTART"].dt.tzinfo)
PYTHON
)
echo "$seen"

wanted='icalendar: None
recurring-ical-events: Asia/Dhaka'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
