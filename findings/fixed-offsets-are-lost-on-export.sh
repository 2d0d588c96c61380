#!/usr/bin/env bash
# icalendar 7.3.2: a time with a fixed offset is written so that the library itself reads it without one.
#
# Expected: a datetime of datetime.timezone(timedelta(hours=6)) is written as the moment that it is, in UTC say.
# Happens:  it is written with TZID="UTC+06:00", a name that no VTIMEZONE of the file defines; read again it floats: six hours off.
# Source:   not documented; icalendar/timezone/tzid.py, tzid_from_dt falls back to the tzinfo's own name.
# Here:     properties/serializers/calendars.py writes days for nights and UTC for moments, never a zone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'icalendar==7.3.2'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timedelta, timezone
from icalendar import Event

event = Event()
event.add("dtstart", datetime(2026, 6, 1, 12, tzinfo=timezone(timedelta(hours=6))))
print("written:", event.to_ical().decode().splitlines()[1])
again = Event.from_ical(event.to_ical())["DTSTART"].dt
print(f"read: {again}, offset {again.utcoffset()}")
PYTHON
)
echo "$seen"

wanted='written: DTSTART;TZID="UTC+06:00":20260601T120000
read: 2026-06-01 12:00:00, offset None'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
