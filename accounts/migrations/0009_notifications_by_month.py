from datetime import UTC, datetime
from typing import Any

from django.db import migrations

from core.database.partition_migration import cut
from core.database.partitions import ByTime, Partitioned

NOTIFICATIONS = ByTime(Partitioned("accounts_notification", "at", key=("id",)), "month", ahead=2)


def after_the_next_month(cursor: Any) -> str:
    following = NOTIFICATIONS.next(NOTIFICATIONS.start(datetime.now(UTC)))
    return f"'{NOTIFICATIONS.next(following):%Y-%m-%d} 00:00:00+00'"


def create_ahead(apps: object, editor: object) -> None:
    NOTIFICATIONS.create_ahead(datetime.now(UTC))


class Migration(migrations.Migration):
    """Notifications by the month: half a year of them is kept, and the oldest month goes as a whole.

    Each partition keeps its own key (id); the ids come from one sequence.
    """

    atomic = False
    dependencies = [("accounts", "0008_mandates")]
    operations = [
        migrations.RunPython(
            cut(NOTIFICATIONS.of, boundary=after_the_next_month, identity="id"), migrations.RunPython.noop
        ),
        migrations.RunPython(create_ahead, migrations.RunPython.noop),
    ]
