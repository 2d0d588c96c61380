"""Makes the next partitions of a table, and drops those whose time is over.

Each step is one short transaction: a job that dies in the middle leaves whole steps, and a job that runs twice finds them
done. A row without a partition goes to the default one, so no write fails while the job does not run.
Source: https://www.postgresql.org/docs/15/ddl-partitioning.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.db import IntegrityError, OperationalError, connection, transaction

from core.database.errors import pgcode
from core.database.rows import fetch_rows

log = structlog.get_logger(__name__)
# Attaching and dropping lock the default partition or the whole table for an instant. Moves queue behind that lock request,
# so it times out soon and is tried again.
LOCK_WAIT, TRIES = "300ms", 5
# lock_not_available, and object_in_use: foreign keys of rows of this transaction are still to be checked.
NOT_NOW = ("55P03", "55006")
# The class of the advisory locks under which the partitions of a table are changed.
PARTITIONS_LOCK = 0x70617274

# ruff: noqa: S608 - made of our own names

_BOUNDED = """
SELECT c.relname AS name, bound[1] AS lower, bound[2] AS upper
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
CROSS JOIN LATERAL regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('?(.+?)'?\\) TO \\('?(.+?)'?\\)$$) bound
WHERE i.inhparent = to_regclass(%s) AND bound IS NOT NULL
"""
_LIKE = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION"


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition for rows from `lower` (None: no lower bound) to before `upper`; bounds are texts of PostgreSQL."""

    name: str
    lower: str | None
    upper: str


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table that is cut by ranges of `column`.

    `key` is the primary key of each partition by itself, where a key of the whole table would have to include `column`.
    """

    table: str
    column: str
    key: tuple[str, ...] = ()

    @property
    def default(self) -> str:
        """The name of the partition for all rows that fit no other."""
        return f"{self.table}_default"

    @property
    def before(self) -> str:
        """The name of the partition that was the whole table before the cut."""
        return f"{self.table}_before"

    def partitions(self) -> list[Partition]:
        """Returns all partitions except the default one."""
        rows = fetch_rows(_BOUNDED, [self.table])
        return [Partition(r["name"], None if r["lower"] == "MINVALUE" else r["lower"], r["upper"]) for r in rows]

    def create(self, name: str, lower: str, upper: str) -> bool:
        """Makes the partition from `lower` to before `upper`. Returns False where that is impossible now, or done already.

        It is impossible where the default partition holds rows of that range: they stay where they are.
        """
        return _try(self.table, lambda: self._create(name, lower, upper))

    def drop(self, name: str, *, unless: str = "") -> bool:
        """Drops a partition with its rows. Returns False where that is impossible now, or done already.

        `unless` is a query that runs under the lock; where it returns true, the partition stays.
        """
        return _try(self.table, lambda: self._drop(name, unless))

    def delete_before(self, moment: datetime, *, most: int) -> int:
        """Deletes rows from before `moment`, at most `most` in each of the default partition and the one before the cut.

        Returns how many.
        """
        return sum(self._delete(name, moment, most) for name in (self.default, self.before) if _exists(name))

    def _delete(self, name: str, moment: datetime, most: int) -> int:
        # A row's ctid is unique within one partition only, so the statement names that partition.
        found = f"SELECT ctid FROM {name} WHERE {self.column} <= %s LIMIT %s"
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {name} WHERE ctid = ANY(ARRAY({found}))", [moment, most])
            return int(cursor.rowcount)

    def _create(self, name: str, lower: str, upper: str) -> bool:
        if _exists(name):
            return False
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {name} (LIKE {self.table} {_LIKE})")
            if self.key:
                cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({', '.join(self.key)})")
            # The table is made first and then attached, because CREATE … PARTITION OF would lock the whole table.
            cursor.execute(
                f"ALTER TABLE {self.table} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", [lower, upper]
            )
        return True

    def _drop(self, name: str, unless: str) -> bool:
        if not _exists(name):
            return False
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {self.table}, {name} IN ACCESS EXCLUSIVE MODE")
            if unless:
                cursor.execute(unless)
                if cursor.fetchone()[0]:
                    return False
            cursor.execute(f"DROP TABLE {name}")
        return True


def _exists(table: str) -> bool:
    [row] = fetch_rows("SELECT to_regclass(%s) IS NOT NULL AS there", [table])
    return bool(row["there"])


def _try(table: str, change: Callable[[], bool]) -> bool:
    for _ in range(TRIES):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [PARTITIONS_LOCK, table])
                return change()
        except IntegrityError as error:
            log.warning("partitions.default_holds_rows", table=table, error=str(error))
            return False
        except OperationalError as error:
            if pgcode(error) not in NOT_NOW:
                raise
    log.warning("partitions.busy", table=table)
    return False


# -- by time -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ByTime:
    """Partitions of one day or one month (UTC) each; `ahead` of them are made before their time comes."""

    of: Partitioned
    step: str
    ahead: int

    def start(self, at: datetime) -> datetime:
        """Returns the beginning of the day or month that contains `at`."""
        day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return day.replace(day=1) if self.step == "month" else day

    def next(self, start: datetime) -> datetime:
        """Returns the beginning of the day or month after the one that begins at `start`."""
        return self.start(start + timedelta(days=32)) if self.step == "month" else start + timedelta(days=1)

    def name(self, start: datetime) -> str:
        """Returns the name of the partition that begins at `start`."""
        return f"{self.of.table}_{start:%Y%m}" if self.step == "month" else f"{self.of.table}_{start:%Y%m%d}"

    def create_ahead(self, now: datetime) -> int:
        """Makes the partitions of this day or month and the next ones. Returns how many."""
        oldest = [_instant(p.upper) for p in self.of.partitions() if p.lower is None]
        start, made = self.start(now), 0
        for _ in range(self.ahead + 1):
            if all(end <= start for end in oldest):
                made += self.of.create(self.name(start), start.isoformat(), self.next(start).isoformat())
            start = self.next(start)
        return made

    def drop_before(self, moment: datetime) -> int:
        """Drops the partitions that hold only rows from before `moment`. Returns how many."""
        return sum(self.of.drop(p.name) for p in self.of.partitions() if _instant(p.upper) <= moment)


def _instant(bound: str) -> datetime:
    return datetime.fromisoformat(bound)


# -- by number ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ByNumber:
    """Partitions by ranges of the ids of another table, `owner`. Each covers about the ids of 30 days, at least `least`."""

    of: Partitioned
    owner: str
    least: int = 1_000_000

    def create_ahead(self, last: int, width: int) -> int:
        """Makes the next partition where less than one `width` is left ahead of `last`, the newest id. Returns how many.

        Where the ids are already past all partitions, the new one begins some way ahead of `last`; rows in between go to
        the default partition.
        """
        width = max(self.least, width)
        end = max((int(p.upper) for p in self.of.partitions()), default=0)
        made = 0
        while end - last < width and made < 2:
            lower = end if end > last or not last else last + width // 30 + 1
            end = lower + width
            if not self.of.create(f"{self.of.table}_{lower}", str(lower), str(end)):
                break
            made += 1
        return made

    def drop_empty(self, last: int) -> int:
        """Drops the partitions below `last` in whose range `owner` has no row left. Returns how many."""
        return sum(self._drop(p) for p in self.of.partitions() if int(p.upper) <= last and not self._owned(p))

    def _drop(self, partition: Partition) -> bool:
        # The check runs under the lock, since a transaction may have committed a row meanwhile.
        return self.of.drop(partition.name, unless=f"SELECT EXISTS (SELECT 1 FROM {partition.name})")

    def _owned(self, partition: Partition) -> bool:
        query = f"SELECT EXISTS (SELECT 1 FROM {self.owner} WHERE id >= %s AND id < %s) AS owned"
        [row] = fetch_rows(query, [int(partition.lower or 0), int(partition.upper)])
        return bool(row["owned"])
