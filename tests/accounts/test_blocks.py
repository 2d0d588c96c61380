"""Blocking and reporting, from the door to the staff's decision."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Block, Notification, Report, User
from accounts.services.reports import decide_report
from bookings.models import Booking, GuestReview, Review
from core import clock
from core.errors import DomainError
from negotiation.models import Negotiation
from negotiation.selectors.entries import list_entries
from properties.models import Property
from properties.services.search import change_rating
from tests.factories.accounts import api_of, browser_of
from tests.factories.bookings import NOW, make_booking, make_hold
from tests.factories.stays import day, make_user
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db
BID = {
    "start_date": day(50).isoformat(),
    "end_date": day(52).isoformat(),
    "number_of_guests": 2,
    "booking_type": "stay",
}


@pytest.fixture
def play() -> Play:
    return Play()


def start(play: Play, **fields: Any) -> Any:
    body = BID | {"property_id": play.home.pk, "guest_price": "1500"} | fields
    return api_of(play.guest).post("/api/nego/start_negotiation_by_guest/", body)


def test_blocking_is_harmless_twice_and_listed(play: Play) -> None:
    api = api_of(play.host)
    for _ in range(2):
        assert api.put(f"/auth/block/{play.guest.pk}/").status_code == 204
    (row,) = api.get("/auth/block/").data
    assert (row["id"], row["name"]) == (play.guest.pk, play.guest.name)
    assert api_of(play.guest).get("/auth/block/").data == []
    for _ in range(2):
        assert api.delete(f"/auth/block/{play.guest.pk}/").status_code == 204
    assert not Block.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete"])
def test_nobody_is_not_found(play: Play, method: str) -> None:
    assert getattr(api_of(play.host), method)("/auth/block/999999999/").status_code == 404
    assert api_of(play.host).put(f"/auth/block/{play.host.pk}/").status_code == 400


def test_what_is_open_ends_and_nobody_is_told_why(play: Play) -> None:
    play.open("2000.00")
    assert api_of(play.host).put(f"/auth/block/{play.guest.pk}/").status_code == 204
    negotiation = Negotiation.objects.get(pk=play.id)
    assert negotiation.status == "superseded"
    last = api_of(play.guest).get(f"/api/nego/{play.id}/entries/").data["entries"][-1]
    assert (last["kind"], last["data"]) == ("negotiation.superseded", {"reason": "account.closed"})
    titles = " ".join(Notification.objects.filter(user=play.guest).values_list("title", flat=True))
    assert "block" not in titles.lower()


def test_requests_that_nobody_agreed_to_end_and_agreed_stays_go_on(play: Play) -> None:
    asked = make_hold(play.home, play.guest, NOW.replace(year=2030))
    agreed = make_booking(play.home, play.guest, first=20)
    assert api_of(play.host).put(f"/auth/block/{play.guest.pk}/").status_code == 204
    assert Booking.objects.get(pk=asked.pk).status == "rejected"
    assert Booking.objects.get(pk=agreed.pk).status == agreed.status


@pytest.mark.parametrize("by", ["host", "guest"])
def test_nothing_is_reserved_across_a_block(play: Play, by: str) -> None:
    blocker, blocked = (play.host, play.guest) if by == "host" else (play.guest, play.host)
    api_of(blocker).put(f"/auth/block/{blocked.pk}/")
    answer = api_of(play.guest).post("/api/reserve/", BID | {"property_id": play.home.pk})
    assert (answer.status_code, answer.data["code"]) == (403, "not_allowed")
    assert ("block" in answer.data["message"].lower()) == (by == "guest")


def report(api: APIClient, kind: str, id: Any, reason: str = "spam") -> Any:
    return api.post("/auth/report/", {"kind": kind, "id": id, "reason": reason, "text": "Look at this."})


def things(play: Play) -> dict[str, Any]:
    """One of each kind, seen by the guest."""
    play.open("2000.00", message="Hello there.")
    over = make_booking(play.home, play.guest, first=20)
    review = Review.objects.create(
        booking=over, property=play.home, guest=play.guest, rating=1, text="Awful.", created_at=NOW
    )
    change_rating(play.home.pk, stars=1, reviews=1)
    of_guest = GuestReview.objects.create(
        booking=over, guest=play.guest, host=play.host, rating=1, text="A thief.", created_at=NOW
    )
    seq = next(one["seq"] for one in list_entries(play.id)[0] if one["kind"] == "message.sent")
    named = {"listing": play.home.pk, "person": play.guest.pk, "message": f"{play.id}:{seq}"}
    return named | {"review": review.pk, "guest_review": of_guest.pk}


def test_each_kind_is_reported_with_what_it_was(play: Play) -> None:
    found = things(play)
    by = dict.fromkeys(("person", "message", "review"), play.host) | dict.fromkeys(
        ("listing", "guest_review"), play.guest
    )
    for kind, id in found.items():
        answer = report(api_of(by[kind]), kind, id)
        assert answer.status_code == 201
        row = Report.objects.get(pk=answer.data["id"])
        assert (row.kind, row.reporter, row.reason, row.text) == (kind, by[kind], "spam", "Look at this.")
    words = {row.kind: row.evidence["text"] for row in Report.objects.all()}
    assert (words["message"], words["review"], words["guest_review"]) == ("Hello there.", "Awful.", "A thief.")
    assert report(api_of(play.host), "guest_review", found["guest_review"]).data["fields"] == {
        "id": ["This is your own."]
    }
    assert report(api_of(play.guest), "listing", found["listing"]).data["id"] == Report.objects.get(kind="listing").pk


def test_what_one_cannot_see_is_not_found_and_ones_own_invalid(play: Play) -> None:
    found, stranger = things(play), api_of(make_user("stranger"))
    Property.objects.update(status="unlisted")
    Review.objects.update(hidden_at=NOW)
    for kind, id in found.items():
        assert report(stranger, kind, id).status_code == 404, kind
    GuestReview.objects.update(shows_at=clock.now() + timedelta(days=1))
    assert report(api_of(play.guest), "guest_review", found["guest_review"]).status_code == 404
    for kind, id in (
        ("listing", 10**12),
        ("message", "1"),
        ("message", f"{play.id}:1"),
        ("person", "x"),
        ("review", "-1"),
        ("guest_review", "x"),
        ("guest_review", 10**12),
    ):
        assert report(api_of(play.guest), kind, id).status_code == 404, (kind, id)
    assert report(api_of(play.host), "listing", play.home.pk).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [({"kind": "house"}, "kind"), ({"reason": "because"}, "reason"), ({"id": None}, "id"), ({"reason": ""}, "reason")],
)  # fmt: skip
def test_an_unknown_kind_or_reason_is_invalid(play: Play, change: dict[str, Any], field: str) -> None:
    body = {"kind": "listing", "id": play.home.pk, "reason": "spam"} | change
    answer = api_of(play.guest).post("/auth/report/", body)
    assert (answer.status_code, list(answer.data["fields"])) == (400, [field])


def decide(kind: str, decision: str, clerk: User) -> Report:
    row = Report.objects.get(kind=kind)
    return decide_report(report_id=row.pk, actor=clerk, decision=decision, now=NOW)


def test_decisions_do_what_they_say_and_tell_both_sides(play: Play) -> None:
    found, clerk = things(play), make_user("clerk", is_staff=True)
    report(api_of(play.guest), "listing", found["listing"])
    report(api_of(play.host), "review", found["review"])
    report(api_of(play.host), "message", found["message"])
    Notification.objects.all().delete()
    decide("listing", "removed", clerk)
    decide("review", "removed", clerk)
    decide("message", "warned", clerk)
    assert Property.objects.get(pk=play.home.pk).status == "unlisted"
    assert Review.objects.get().hidden_at is not None
    told = set(Notification.objects.filter(kind__startswith="report.").values_list("user", "kind"))
    assert told == {(play.guest.pk, "report.decided"), (play.host.pk, "report.decided"),
                    (play.host.pk, "report.warned"), (play.guest.pk, "report.warned")}  # fmt: skip
    warned = Notification.objects.filter(kind="report.warned").values_list("title", flat=True)
    assert not [title for title in warned if play.host.name in title or play.guest.name in title]


def test_a_decision_settles_all_open_reports_of_the_same(play: Play) -> None:
    for name in ("one", "two"):
        report(api_of(make_user(name)), "listing", play.home.pk)
    clerk = make_user("clerk", is_staff=True)
    first = Report.objects.earliest("pk")
    decide_report(report_id=first.pk, actor=clerk, decision="dismissed", now=NOW)
    assert not Report.objects.filter(decided_at=None).exists()
    with pytest.raises(DomainError, match="decided already"):
        decide_report(report_id=first.pk, actor=clerk, decision="closed", now=NOW)


def test_closing_an_account_by_a_report_leaves_staff_alone(play: Play) -> None:
    report(api_of(play.guest), "person", play.host.pk)
    clerk = make_user("clerk", is_staff=True)
    User.objects.filter(pk=play.host.pk).update(is_staff=True)
    with pytest.raises(DomainError, match="superuser"):
        decide("person", "closed", clerk)
    User.objects.filter(pk=play.host.pk).update(is_staff=False)
    decide("person", "closed", clerk)
    assert not User.objects.get(pk=play.host.pk).is_active


def test_the_queue_shows_what_was_reported_and_takes_a_decision(play: Play) -> None:
    report(api_of(play.guest), "listing", play.home.pk)
    row, browser = Report.objects.get(), browser_of(make_user("boss", is_staff=True, is_superuser=True))
    page = browser.get(f"/admin/accounts/report/{row.pk}/change/").content.decode()
    assert play.home.title in page
    assert "Look at this." in page
    body = {"decision": "dismissed", "note": "Nothing."}
    assert browser.post(f"/admin/accounts/report/{row.pk}/change/", body).status_code == 302
    row.refresh_from_db()
    assert (row.decision, row.note, row.decided_by and row.decided_by.username) == ("dismissed", "Nothing.", "boss")


def test_the_open_work_shows_each_role_its_own(play: Play) -> None:
    report(api_of(play.guest), "listing", play.home.pk)
    page = browser_of(make_user("boss", is_staff=True, is_superuser=True)).get("/admin/open/").content.decode()
    for words in ("Documents to judge: 0", "Reports to decide: 1", "Refunds owed: 0", "Reviews reported: 0"):
        assert words in page
    nobody = browser_of(make_user("clerk", is_staff=True)).get("/admin/open/").content.decode()
    assert "no open work" in nobody


def test_pages_to_block_and_report(play: Play) -> None:
    browser = Client()
    browser.force_login(play.guest)
    assert browser.get(f"/report/?kind=listing&id={play.home.pk}").status_code == 200
    assert browser.get("/report/?kind=house&id=1").status_code == 404
    done = browser.post(f"/report/?kind=listing&id={play.home.pk}&next=/homes/{play.home.pk}/", {"reason": "fake"})
    assert (done.status_code, done["Location"]) == (302, f"/homes/{play.home.pk}/")
    browser.post("/profile/blocks/", {"block": play.host.pk})
    assert play.host.name in browser.get("/profile/blocks/").content.decode()
    browser.post("/profile/blocks/", {"unblock": play.host.pk})
    assert not Block.objects.exists()


@pytest.mark.parametrize("price", ["1500", ""])
def test_nothing_is_opened_or_asked_across_a_block(play: Play, price: str) -> None:
    host, guest = api_of(play.host), api_of(play.guest)
    host.put(f"/auth/block/{play.guest.pk}/")
    refused = start(play, guest_price=price, message="Hello")
    assert (refused.status_code, refused.data["code"]) == (403, "not_allowed")
    assert "block" not in refused.data["message"].lower()
    guest.put(f"/auth/block/{play.host.pk}/")
    host.delete(f"/auth/block/{play.guest.pk}/")
    own = start(play, guest_price=price, message="Hello")
    assert (own.status_code, own.data["code"]) == (403, "not_allowed")
    assert "You blocked" in own.data["message"]
    guest.delete(f"/auth/block/{play.host.pk}/")
    assert start(play, guest_price=price, message="Hello").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_a_block_and_an_opening_at_once_no_open_negotiation_is_left(play: Play, rounds: Any) -> None:
    """Whichever comes first: the opening is refused, or it is ended with the block."""
    for turn in range(rounds(6, 60)):
        guest = make_user(f"guest{turn}")
        play.guest = guest

        def alone(work: Any) -> int:
            try:
                return int(work().status_code)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(alone, one) for one in (lambda: start(play), lambda g=guest: block(play, g))]
            opened, blocked = (one.result() for one in done)
        assert blocked == 204
        assert opened in (200, 403)
        assert not Negotiation.objects.filter(guest=guest, status="open").exists()


def block(play: Play, guest: User) -> Any:
    return api_of(play.host).put(f"/auth/block/{guest.pk}/")


def test_after_agreement_nothing_is_written_across_a_block(play: Play) -> None:
    play.open("2000.00")
    play.answer("host", "accept")
    said = f"/api/nego/{play.id}/messages/"
    assert api_of(play.guest).post(said, {"text": "See you."}).status_code == 201
    api_of(play.host).put(f"/auth/block/{play.guest.pk}/")
    for person in (play.guest, play.host):
        answer = api_of(person).post(said, {"text": "Hello?"})
        assert (answer.status_code, answer.data["code"]) == (403, "not_allowed")
    assert Negotiation.objects.get(pk=play.id).status == "accepted"
