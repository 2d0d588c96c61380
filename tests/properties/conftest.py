import base64
import copy
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from rest_framework.test import APIClient

from tests.factories.properties import make_user

STEP1 = {
    "property_type": "House",
    "property_sub_type": "Entire place",
    "online_type": "Lake view",
    "stay": True,
    "stay_with_meal": True,
    "paying_guest": False,
    "location": {
        "latitude": "23.7808874", "longitude": 90.2792371, "selected_location": "Gulshan, Dhaka", "house_name": "Nirala",
        "road_number": "11",
    },
    "some_basics": {
        "number_of_guests": "4", "number_of_bedrooms": 2, "number_of_beds": 3, "number_of_bathrooms": 1,
    },
}  # fmt: skip
STEP3 = {"house_title": "Lake House", "highlights": ["Peaceful", "Unique"], "description": "By the water."}
STEP4 = {
    "price": "1000",
    "discounts": {"earlyBooking": 5, "weeklyStay": "10", "monthlyStay": None},
    "security_features": ["Smoke alarm"],
    "negotiation_availability": True,
    "negotiation": {"auto_accept_percent": "95", "auto_decline_percent": 60, "offers_per_side": 4},
}


def picture(color="red", size=(90, 60), format="PNG"):
    out = BytesIO()
    Image.new("RGB", size, color).save(out, format)
    return out.getvalue()


def data_url(color="red", **kwargs):
    return "data:image/png;base64," + base64.b64encode(picture(color, **kwargs)).decode()


def step2(*photos):
    return {
        "regular_amenities": [{"name": "Wifi"}, {"name": "Kitchen"}],
        "standout_amenities": [{"name": "Pool"}],
        "photos": [{"image_data": photo, "description": f"Photo {n}"} for n, photo in enumerate(photos)],
    }


class Host:
    """A signed-in client of the listing's addresses."""

    def __init__(self, user):
        self.user, self.api = user, APIClient()
        self.api.force_authenticate(user)

    def step(self, number, property_id, body):
        return self.api.put(f"/api/property_registration/step{number}/{property_id}/", body)

    def read(self, number, property_id):
        return self.api.get(f"/api/property_registration/step{number}/{property_id}/")

    def start(self, **changes):
        response = self.api.post("/api/property_registration/step1/", copy.deepcopy(STEP1) | changes)
        assert response.status_code == 201, response.data
        return response.data["registration_id"]

    def list_property(self, **changes):
        """A property through all needed steps; its id."""
        property_id = self.start(**changes)
        for number, body in ((2, step2(data_url())), (3, STEP3), (4, STEP4), (7, {"selected_dates": []})):
            response = self.step(number, property_id, body)
            assert response.status_code == 200, response.data
        return property_id


@pytest.fixture(autouse=True)
def _media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def host(db):
    return Host(make_user())


@pytest.fixture
def stranger(db):
    return Host(make_user(is_host=True))


def stored_files():
    """Names of all files in the storage."""
    found = []

    def walk(folder):
        if not default_storage.exists(folder):
            return
        folders, files = default_storage.listdir(folder)
        found.extend(f"{folder}/{name}" for name in files)
        for name in folders:
            walk(f"{folder}/{name}")

    walk("photos")
    walk("meals")
    return sorted(found)
