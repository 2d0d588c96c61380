from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core import clock
from properties.models import Property
from properties.services.orphaned_pictures import GRACE, delete_orphaned_pictures, todays_part
from tests.properties.conftest import data_url, step2, stored_files


def leave(name):
    """A file as a crash leaves it behind."""
    return default_storage.save(name, ContentFile(b"x"))


@pytest.mark.django_db
def test_only_old_files_that_nothing_names_are_swept(host):
    property_id = host.start()
    host.step(2, property_id, step2(data_url("red")))
    host.step(5, property_id, {"lunch": [{"name": "Rice", "price": 5, "photo": data_url("blue")}]})
    host.step(6, property_id, {"allow_paying_guests": True, "photo": data_url("green")})
    named = stored_files()
    assert len(named) == 4
    for name in (f"photos/{property_id}/a.jpg", "photos/987654/b.jpg", "meals/c.jpg", "photos/not-ours/d.jpg"):
        leave(name)
    now = clock.now()
    assert delete_orphaned_pictures(now) == 0, "an upload may be about to name them"
    assert delete_orphaned_pictures(now + GRACE + timedelta(minutes=1)) == 3
    assert set(stored_files()) == {*named, "photos/not-ours/d.jpg"}
    assert Property.objects.get().paying_guest_photo.name in named


def test_each_day_another_part_until_all_was_looked_at():
    rows, today = [str(n) for n in range(23)], clock.now()
    parts = [todays_part(rows, 5, today + timedelta(days=n)) for n in range(5)]
    assert sorted((row for part in parts for row in part), key=int) == rows
    assert max(map(len, parts)) == 5
    assert todays_part([], 5, today) == []


@pytest.mark.django_db
def test_a_storage_that_has_nothing_yet(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "empty"
    assert delete_orphaned_pictures(clock.now()) == 0
