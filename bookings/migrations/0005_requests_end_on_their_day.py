from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.db import migrations


def end_on_their_day(apps, schema_editor):
    """A request ends at the latest at 20:00 of its check-in day at the property: also one that was made before this rule."""
    Booking = apps.get_model("bookings", "Booking")
    CalendarEntry = apps.get_model("properties", "CalendarEntry")
    waiting = Booking.objects.filter(status="pending", instant=False).select_related("property")
    for booking in waiting.iterator():
        zone = ZoneInfo(booking.property.timezone)
        latest = datetime.combine(booking.start_date, time(20), zone).astimezone(UTC)
        if booking.hold_expires_at > latest:
            booking.hold_expires_at = latest
            booking.save(update_fields=["hold_expires_at"])
            CalendarEntry.objects.filter(pk=booking.calendar_entry_id, kind="hold").update(held_until=latest)


class Migration(migrations.Migration):

    dependencies = [
        ("bookings", "0004_money_at_the_borders"),
        ("properties", "0001_initial"),
    ]

    operations = [migrations.RunPython(end_on_their_day, migrations.RunPython.noop, elidable=True)]
