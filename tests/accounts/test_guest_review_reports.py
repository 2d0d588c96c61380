"""What a host says of a guest: reported by those who see it, and nowhere once staff removed it."""

import pytest

from accounts.models import Notification
from bookings.models import Booking
from core import clock
from negotiation.selectors.bidders import get_bidders
from tests.accounts.test_blocks import decide, report, things
from tests.factories.accounts import api_of, browser_of
from tests.factories.bookings import make_booking
from tests.factories.stays import make_host, make_property, make_user
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db


def test_a_hosts_review_that_staff_remove_is_nowhere_and_counts_nowhere() -> None:
    """Another host who deals with the guest reports it, from the guest's page; its writer is told, and reads why it is gone."""
    play = Play()
    found, clerk, other = things(play), make_user("clerk", is_staff=True), make_host("other")
    make_booking(make_property(other), play.guest, first=40)
    stay = Booking.objects.get(guest_review=found["guest_review"])
    Booking.objects.filter(pk=stay.pk).update(status="completed", payment_status="paid")
    link = f"/report/?kind=guest_review&amp;id={found['guest_review']}&amp;next="
    for reader, path in ((other, f"/guests/{play.guest.pk}/"), (play.guest, f"/bookings/{stay.pk}/")):
        assert link in browser_of(reader).get(path).content.decode(), path
    page = browser_of(other)
    assert page.get(link.replace("&amp;", "&")).status_code == 200
    assert page.post(link.replace("&amp;", "&"), {"reason": "harassment"}).status_code == 302
    Notification.objects.all().delete()
    decide("guest_review", "removed", clerk)
    assert set(Notification.objects.values_list("user", "kind")) == {
        (other.pk, "report.decided"), (play.host.pk, "report.warned"),
    }  # fmt: skip
    profile = api_of(other).get(f"/auth/guest_profile/{play.guest.pk}/").data
    assert (profile["reviews"], profile["rating"], profile["reviews_count"]) == ([], None, 0)
    assert get_bidders([play.guest.pk], now=clock.now())[play.guest.pk].reviews == 0
    assert api_of(play.guest).get(f"/api/booking/{stay.pk}/review/").data["theirs"] is None
    assert report(api_of(play.guest), "guest_review", found["guest_review"]).status_code == 404
    assert "Our staff took it out of sight" in browser_of(play.host).get(f"/bookings/{stay.pk}/").content.decode()
