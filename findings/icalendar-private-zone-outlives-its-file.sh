#!/usr/bin/env bash
# icalendar 7.3.2: a private time zone of one file rules every later file of the process.
#
# Expected: a VTIMEZONE defines its TZID for the calendar that it stands in (RFC 5545, 3.6.5), so each file's own definition counts.
#           Both files here name "House Time"; the first lies three hours west of Greenwich, the second six hours east.
# Happens:  the first definition is kept in a cache of the process under its name, and the second file is read with it.
# Source:   not documented; icalendar/timezone/tzp.py, TZP.cache_timezone_component: only a name not yet cached is entered.
# Here:     properties/rules/ical/zones.py makes the zones of each calendar from its own definitions and never asks the cache.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'icalendar==7.3.2'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime
from icalendar import Calendar

FILE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VTIMEZONE
TZID:House Time
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
TZNAME:HT
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20260101T000000Z
DTSTART;TZID=House Time:20260601T120000
END:VEVENT
END:VCALENDAR
"""
for name, offset in (("first", "-0300"), ("second", "+0600")):
    event = Calendar.from_ical(FILE.format(offset)).walk("VEVENT")[0]
    print(f"{name} file: {event['DTSTART'].dt.utcoffset()}")
PYTHON
)
echo "$seen"

wanted='first file: -1 day, 21:00:00
second file: -1 day, 21:00:00'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
