#!/usr/bin/env bash
# icalendar 7.3.2: of the hour that an autumn night has twice the second one is written as the first.
#
# Expected: 02:30 after the clocks went back (fold=1) is another moment than 02:30 before, and is written as one: the format can't
#           say it in local time (RFC 5545, 3.3.5: such a time is the first), but it can in UTC.
# Happens:  both are written as the same local time without a warning, and the second comes back an hour early.
# Source:   not documented; icalendar/prop/dt/datetime.py, vDatetime.to_ical writes the wall's time of any zone but UTC.
# Here:     as with fixed offsets: properties/serializers/calendars.py writes days and UTC only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'icalendar==7.3.2' 'tzdata==2026.6'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from icalendar import Event

for fold in (0, 1):
    event = Event()
    moment = datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=ZoneInfo("Europe/Paris"))
    event.add("dtstart", moment)
    again = Event.from_ical(event.to_ical())["DTSTART"].dt
    first, second = (f"{one.astimezone(UTC):%-H:%M} UTC" for one in (moment, again))
    print(f"fold {fold}: {first} is written and read as {second}")
PYTHON
)
echo "$seen"

wanted='fold 0: 0:30 UTC is written and read as 0:30 UTC
fold 1: 1:30 UTC is written and read as 0:30 UTC'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
