"""A question to the host without dates: the room has the first free nights, and a second question goes into it."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from core import clock
from negotiation.models import Entry, Negotiation
from properties.rules.first_stay import AHEAD, first_stay
from properties.selectors.terms import get_terms
from tests.factories.stays import make_property, make_user
from tests.negotiation.play import Play

TODAY = date(2026, 11, 27)


def d(n):
    return TODAY + timedelta(n)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "taken", "stay"),
    [
        ({}, [], (AHEAD, AHEAD + 1)),
        ({"min_nights": 3}, [(0, AHEAD + 1)], (AHEAD + 1, AHEAD + 4)),
        ({"min_nights": 3}, [(AHEAD + 2, AHEAD + 5)], (AHEAD + 5, AHEAD + 8)),
        ({"notice_days": 30}, [], (30, 31)),
        ({}, [(0, 2000)], (AHEAD, AHEAD + 1)),
    ],
)
def test_which_nights_a_question_without_dates_is_about(facts, taken, stay):
    terms = get_terms(make_property(**facts).pk)
    assert first_stay(terms, [(d(a), d(b)) for a, b in taken], TODAY) == (d(stay[0]), d(stay[1]))


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def fields_of(html):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


@pytest.mark.django_db
def test_a_question_opens_a_room_once_and_the_next_one_goes_there():
    home, guest = make_property(), make_user()
    browser, path = browser_of(guest), f"/homes/{home.pk}/ask/"
    form = fields_of(browser.get(path).content.decode()) | {"text": "Is there a lift?"}
    first, again = browser.post(path, form), browser.post(path, form)
    assert first.status_code == again.status_code == 302
    room = Negotiation.objects.get()
    assert first.url == again.url == f"/inbox/{room.pk}/"
    assert (room.status, room.has_offers, room.guest_id) == ("open", False, guest.pk)
    assert room.nights.lower > clock.now().date() + timedelta(AHEAD - 2)
    form = fields_of(browser.get(path).content.decode())
    assert form["room"] == str(room.pk)
    browser.post(path, form | {"text": "And a garden?"})
    said = Entry.objects.filter(negotiation_id=room.pk, kind="message.sent").order_by("seq")
    assert [entry.data["text"] for entry in said] == ["Is there a lift?", "And a garden?"]


@pytest.mark.django_db
def test_a_refused_question_loses_no_word():
    play = Play()
    browser, path = browser_of(play.guest), f"/homes/{play.home.pk}/ask/"
    answer = browser.post(path, fields_of(browser.get(path).content.decode()) | {"text": "  \n"})
    assert (answer.status_code, b"Write your question first." in answer.content) == (400, True)
    form = fields_of(browser.get(path).content.decode())
    answer = browser.post(path, form | {"text": "Why?", "start_date": "never"})
    assert (answer.status_code, b">Why?</textarea>" in answer.content) == (400, True)
    assert browser_of(play.host).get(path).status_code == 404
    chosen = browser.get(f"{path}?check_in=2027-05-03&check_out=2027-05-07&guests=2").content.decode()
    assert {"start_date": "2027-05-03", "end_date": "2027-05-07", "guests": "2"}.items() <= fields_of(chosen).items()
