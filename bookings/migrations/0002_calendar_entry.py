from django.db import migrations


class Migration(migrations.Migration):
    """The calendar's foreign key, with what Django can't say yet: the database sets it null when the entry goes."""

    dependencies = [("bookings", "0001_initial"), ("properties", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE bookings_booking ADD CONSTRAINT booking_calendar_entry_fk FOREIGN KEY (calendar_entry_id) "
            "REFERENCES properties_calendarentry (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE bookings_booking DROP CONSTRAINT booking_calendar_entry_fk",
        )
    ]
