import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from core.api.serializers import AmountField, ChoiceWord, TolerantSerializer
from core.database.errors import begin_call
from core.errors import DomainError


class Inner(TolerantSerializer):
    guests = serializers.IntegerField(min_value=1, max_value=50)


class Body(TolerantSerializer):
    name = serializers.CharField(max_length=10)
    price = AmountField()
    kind = ChoiceWord(choices=["House", "Entire place"], required=False)
    nested = Inner(required=False)
    rows = Inner(many=True, required=False)


class View(APIView):
    authentication_classes = ()
    permission_classes = ()
    error: Exception | None = None

    def put(self, request):
        if self.error:
            raise self.error
        return serializers_response(Body.read(request.data))


def serializers_response(body):
    return Response({key: str(value) for key, value in body.items()})


def put(data=None, content_type="application/json", error=None, method="put"):
    request = getattr(APIRequestFactory(), method)("/", data, content_type=content_type)
    return View.as_view(error=error)(request)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DomainError("dates.taken"), 409, "dates.taken"),
        (exceptions.NotAuthenticated(), 401, "auth.required"),
        (exceptions.AuthenticationFailed(), 401, "auth.required"),
        (exceptions.PermissionDenied("CSRF"), 403, "not_allowed"),
        (Http404(), 404, "not_found"),
        (RequestDataTooBig(), 413, "too_large"),
        (OperationalError(), 503, "unavailable"),
        (exceptions.Throttled(wait=3.2), 429, "rate_limited"),
    ],
)
def test_each_refusal_has_its_status_and_the_one_shape(error, status, code):
    begin_call()
    response = put("{}", error=error)
    assert response.status_code == status
    assert response.data["code"] == code
    assert set(response.data) == {"code", "message", "params", "fields"}
    assert response.data["message"]


def test_a_refusal_for_a_while_says_for_how_long():
    assert put("{}", error=exceptions.Throttled(wait=3.2))["Retry-After"] == "4"
    assert put("{}", error=DomainError("rate_limited", params={"retry_after": 7}))["Retry-After"] == "7"


def test_a_fault_of_ours_stays_a_fault():
    with pytest.raises(ZeroDivisionError):
        put("{}", error=ZeroDivisionError())


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"price": NaN}', '{"price": ' + "9" * 5000 + "}", b"\xff\xfe"])
def test_a_body_that_cannot_be_read(text):
    response = put(text)
    assert (response.status_code, response.data["code"]) == (400, "command.malformed")


def test_methods_and_media_types_that_an_address_does_not_take():
    assert put("a=1", "application/x-www-form-urlencoded").status_code == 415
    response = put(method="delete")
    assert (response.status_code, response.data["code"]) == (405, "method_not_allowed")
    assert "PUT" in response["Allow"]
    assert MultiPartParser not in View.parser_classes


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ("[1]", {"body"}),
        ('"x"', {"body"}),
        ("{}", {"name", "price"}),
        ("null", {"name", "price"}),
        ('{"name": "", "price": null}', {"name", "price"}),
        ('{"name": "a\\u0000b", "price": "1e3"}', {"name", "price"}),
        ('{"name": "\\ud800", "price": true}', {"name", "price"}),
        ('{"name": {"a": 1}, "price": [1]}', {"name", "price"}),
        ('{"name": "x", "price": "12.345"}', {"price"}),
        ('{"name": "x", "price": "-5"}', {"price"}),
        ('{"name": "x", "price": "NaN"}', {"price"}),
        ('{"name": "x", "price": 0}', {"price"}),
        ('{"name": "x", "price": 5, "kind": ["House"]}', {"kind"}),
        ('{"name": "x", "price": 5, "nested": {"guests": 99}}', {"nested.guests"}),
        ('{"name": "x", "price": 5, "rows": [{"guests": 1}, {"guests": "many"}]}', {"rows.1.guests"}),
    ],
)
def test_every_wrong_field_is_named(data, fields):
    response = put(data)
    assert (response.status_code, response.data["code"]) == (400, "invalid")
    assert set(response.data["fields"]) == fields


def test_values_may_be_written_as_people_write_them():
    response = put('{"name": " x ", "price": "950", "kind": "entire PLACE", "nested": {"guests": "2"}, "other": 1}')
    assert response.status_code == 200
    assert response.data["kind"] == "Entire place"
    assert response.data["price"] == "950.00"
    assert put('{"name": "x", "price": 950.5, "kind": "", "nested": null}').data["price"] == "950.50"
