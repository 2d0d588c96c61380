"""That a refused field says how to mend it, in our words and never in the framework's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework import serializers

from accounts.serializers import ChangeBody, DocumentBody, SignUpBody
from bookings.serializers import ReserveIn, StatusIn
from core.api.fields import WORDS
from core.api.serializers import TolerantSerializer
from core.errors import DomainError
from properties.serializers.search import SearchBody
from properties.serializers.steps import Step1, Step2, Step4, Step5

STAY = {"property_id": 1, "booking_type": "stay", "start_date": "2026-12-01", "end_date": "2026-12-03"}
TABLE = [
    (ReserveIn, STAY, "number_of_guests", "This field is needed."),
    (ReserveIn, STAY | {"number_of_guests": "two"}, "number_of_guests", "Give a whole number."),
    (ReserveIn, STAY | {"number_of_guests": "9" * 1001}, "number_of_guests", "Give a whole number."),
    (ReserveIn, STAY | {"number_of_guests": 0}, "number_of_guests", "Give a whole number of at least 1."),
    (ReserveIn, STAY | {"start_date": "soon"}, "start_date", "Give a date as YYYY-MM-DD."),
    (ReserveIn, STAY | {"lunch": "rice"}, "lunch", "Give a list."),
    (ReserveIn, STAY | {"lunch": ["rice"]}, "lunch.0", "Give an object of names and values."),
    (ReserveIn, "stay", "body", "Give an object of names and values."),
    (StatusIn, {"status": "{input}"}, "status", "Choose one of: approved, canceled, cancelled, confirmed, rejected."),
    (SignUpBody, {"email": "nobody"}, "email", "Give an e-mail address, such as name@example.com."),
    (SignUpBody, {"username": "x" * 151}, "username", "At most 150 characters."),
    (SignUpBody, {"first_name": ["x"]}, "first_name", "Give plain text."),
    (SignUpBody, {"first_name": "a\0b"}, "first_name", "Give plain text."),
    (SignUpBody, {"first_name": "\ud800"}, "first_name", "Give plain text."),
    (SignUpBody, {"username": "  "}, "username", "This field is needed."),
    (ChangeBody, {"clear": ["hair"]}, "clear.0",
     "Choose one of: first_name, last_name, phone, address, profile_picture."),
    (DocumentBody, {"kind": "nid"}, "file", "Upload a file."),
    (DocumentBody, {"kind": "nid", "file": "x"}, "file", "Upload a file, as multipart/form-data."),
    (DocumentBody, {"file": SimpleUploadedFile("a.pdf", b"")}, "file", "Upload a file that is not empty."),
    (SearchBody, {"radius_km": "far"}, "radius_km", "Give a number."),
    (SearchBody, {"radius_km": 5000}, "radius_km", "Give a number of at most 1000.0."),
    (SearchBody, {"negotiable": "maybe"}, "negotiable", "Give true or false."),
    (SearchBody, {"currency": "taka"}, "currency",
     "Give an ISO 4217 code of a currency with two decimals, such as BDT."),
    (SearchBody, {"min_price": "1e3"}, "min_price", "Give a number in plain digits, such as 12.50."),
    (Step4, {"price": "0.5"}, "price", "Give a number of at least 1.00."),
    (Step4, {"price": "1.234"}, "price", "Give a number with at most 2 decimals."),
    (Step4, {"check_in_from": "noon"}, "check_in_from", "Give a time as HH:MM."),
    (Step2, {"highlights": [], "regular_amenities": [str(n) for n in range(51)]}, "regular_amenities", "Give at most 50."),
    (Step5, {"lunch": [{"name": f"Dish {n}", "price": 1} for n in range(51)]}, "lunch", "Give at most 50."),
    (Step1, {"location": []}, "location", "Give an object of names and values."),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("body", "sent", "field", "text"), TABLE)
def test_a_wrong_field_says_how_to_mend_it(body, sent, field, text):
    with pytest.raises(DomainError) as refused:
        body.read(sent)
    assert refused.value.fields[field] == [text]


def inputs(body):
    """The fields of a body and of all within it."""
    for field in body().get_fields().values():
        yield from within(field)


def within(field):
    yield field
    inner = getattr(field, "child", None)
    if inner is not None:
        yield from within(inner)
    if isinstance(field, serializers.Serializer):
        yield from inputs(type(field))


def bodies(kind=TolerantSerializer):
    for body in kind.__subclasses__():
        yield body
        yield from bodies(body)


def test_no_field_of_any_body_speaks_in_the_frameworks_words():
    ours = {text for words in WORDS.values() for text in words.values()}
    starts = ("Choose one of: ", "Give ")
    kinds = list(bodies())
    assert len(kinds) > 25
    for body in kinds:
        for field in inputs(body):
            for text in map(str, field.error_messages.values()):
                assert text in ours or text.startswith(starts), (body.__name__, type(field).__name__, text)
