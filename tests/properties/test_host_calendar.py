from datetime import timedelta

import pytest
from icalendar import Calendar

from core import clock, hooks
from properties.models import CalendarEntry, PriceRule, Property, SearchEntry
from properties.rules.spans import span_of
from properties.selectors.calendar import list_taken
from properties.services.listings import delete_stale_drafts
from properties.services.search import refresh_search
from tests.factories.properties import make_entry, make_property, make_window
from tests.properties.conftest import STEP4, Host, step2

pytestmark = pytest.mark.django_db
TODAY = (clock.now() + timedelta(hours=6)).date()


def day(n):
    return TODAY + timedelta(n)


def span(first, last):
    return {"start_date": day(first).isoformat(), "end_date": day(last).isoformat()}


class Owner(Host):
    def __init__(self, row):
        super().__init__(row.host)
        self.row = row

    def block(self, first, last, **extra):
        return self.api.post(f"/api/property/{self.row.pk}/block/", span(first, last), **extra)

    def free(self, first, last):
        return self.api.post(f"/api/property/{self.row.pk}/mark_interval_available/", span(first, last))

    def blocks(self):
        entries = CalendarEntry.objects.filter(property=self.row, kind="block").order_by("nights")
        spans = [span_of(entry.nights) for entry in entries]
        return [((first - TODAY).days, (last - TODAY).days) for first, last in spans]

    def windows(self):
        spans = [span_of(window.nights) for window in self.row.windows.all()]
        return [((first - TODAY).days, (last - TODAY).days) for first, last in spans]


@pytest.fixture
def owner(db):
    return Owner(make_property())


def test_blocks_grow_together_and_may_be_sent_twice(owner):
    assert owner.block(5, 8).status_code == 200
    assert owner.block(5, 8).status_code == 200
    assert owner.block(7, 10).status_code == 200
    assert owner.block(20, 20).status_code == 200
    assert owner.blocks() == [(5, 10), (20, 21)]


def test_freeing_cuts_blocks_and_opens_windows(owner):
    make_window(owner.row, day(0), day(6))
    owner.block(3, 12)
    assert owner.free(5, 8).status_code == 200
    assert owner.blocks() == [(3, 5), (8, 12)]
    assert owner.windows() == [(0, 8)]
    owner.free(20, 22)
    assert owner.windows() == [(0, 8), (20, 22)]


def test_an_always_open_property_stays_so(owner):
    owner.free(5, 8)
    owner.row.refresh_from_db()
    assert (owner.row.always_open, owner.windows()) == (True, [])


@pytest.mark.parametrize("verb", ["block", "free"])
@pytest.mark.parametrize("kind", ["stay", "hold"])
def test_never_over_a_stay_or_a_hold(owner, verb, kind):
    held = {"held_until": clock.now() + timedelta(minutes=5)} if kind == "hold" else {}
    make_entry(owner.row, day(6), day(8), kind, **held)
    owner.block(9, 10)
    refusal = getattr(owner, verb)(7, 12)
    assert (refusal.status_code, refusal.data["code"]) == (409, "dates.taken")
    assert owner.blocks() == [(9, 10)]


def test_a_hold_that_is_over_makes_way(owner):
    make_entry(owner.row, day(6), day(8), "hold", held_until=clock.now() - timedelta(seconds=1))
    assert owner.block(5, 9).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (span(-3, 0), "dates.invalid"),
        (span(5, 3), "invalid"),
        ({}, "invalid"),
        ({"start_date": "x", "end_date": None}, "invalid"),
        ({"start_date": "9999-12-31", "end_date": "9999-12-31"}, "invalid"),
    ],
)
def test_nights_that_cannot_be_blocked(owner, body, code):
    for verb in ("block", "mark_interval_available"):
        refusal = owner.api.post(f"/api/property/{owner.row.pk}/{verb}/", body)
        assert (refusal.status_code, refusal.data["code"]) == (400, code)


def test_the_past_part_of_a_block_is_dropped(owner):
    owner.block(-5, 2)
    assert owner.blocks() == [(0, 2)]


def test_a_repeated_command_blocks_once(owner):
    key = {"HTTP_IDEMPOTENCY_KEY": "k-1"}
    assert owner.block(5, 8, **key).status_code == 200
    owner.free(5, 8)
    assert owner.block(5, 8, **key).status_code == 200
    assert owner.blocks() == []
    refusal = owner.block(5, 9, **key)
    assert (refusal.status_code, refusal.data["code"]) == (409, "command.id_reused")


def test_a_price_for_some_nights_goes_on_top_of_the_seasons(host):
    property_id = host.list_property()
    seasons = [{**span(0, 90), "weekdays": [4], "price": "1500.00"}, {**span(12, 14), "price": "1700.00"}]
    host.step(4, property_id, STEP4 | {"price_rules": seasons})
    address = f"/api/property/{property_id}/price/"
    for _ in range(2):
        told = host.api.post(address, span(10, 15) | {"price": 1200})
        assert (told.status_code, told.data) == (200, {"property_id": property_id, **span(10, 15), "price": "1200.00"})
    assert host.api.post(address, span(11, 11) | {"price": "999.5"}).status_code == 200
    saved = host.api.get(f"/api/property_registration/step4/{property_id}/").data
    rules = [(rule["start_date"], rule["weekdays"], rule["price"]) for rule in saved["price_rules"]]
    assert rules == [
        (str(day(0)), [4], "1500.00"), (str(day(10)), None, "1200.00"), (str(day(11)), None, "999.50")
    ]  # fmt: skip
    assert saved["negotiation"]["auto_decline_percent"] == 60
    shown = host.api.get(f"/api/property/{property_id}/availability/", {"from": day(10), "to": day(15)}).data["nights"]
    assert [night["price"] for night in shown] == ["1200.00", "999.50", "1200.00", "1200.00", "1200.00"]
    entry = SearchEntry.objects.get(pk=property_id)
    assert (entry.has_price_rules, str(entry.least_price), str(entry.most_price)) == (True, "999.50", "1500.00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (span(-3, 0) | {"price": 500}, "dates.invalid"),
        (span(3, 5), "invalid"),
        (span(3, 5) | {"price": "0.5"}, "invalid"),
        (span(3, 5) | {"price": True}, "invalid"),
        (span(5, 3) | {"price": 500}, "invalid"),
    ],
)
def test_prices_that_cannot_be_set(owner, body, code):
    refusal = owner.api.post(f"/api/property/{owner.row.pk}/price/", body)
    assert (refusal.status_code, refusal.data["code"]) == (400, code)
    assert not owner.row.price_rules.exists()


def test_a_full_list_of_prices_makes_room_by_what_has_passed(owner):
    gone = PriceRule(property=owner.row, position=0, start_date=day(-9), end_date=day(-5), price=1)
    rest = [
        PriceRule(property=owner.row, position=n, start_date=day(n), end_date=day(n + 1), price=5)
        for n in range(1, 200)
    ]
    PriceRule.objects.bulk_create([gone, *rest])
    address = f"/api/property/{owner.row.pk}/price/"
    assert owner.api.post(address, span(300, 301) | {"price": 7}).status_code == 200
    refusal = owner.api.post(address, span(310, 311) | {"price": 7})
    assert (refusal.status_code, list(refusal.data["fields"])) == (400, ["price"])
    assert owner.row.price_rules.count() == 200


def test_a_strangers_calendar_is_not_there(owner, stranger):
    for call in ("block/", "mark_interval_available/", "ical/"):
        assert stranger.api.post(f"/api/property/{owner.row.pk}/{call}", span(3, 4)).status_code == 404
    assert stranger.api.post(f"/api/property/{owner.row.pk}/price/", span(3, 4) | {"price": 5}).status_code == 404
    for call in ("unlist/", "relist/"):
        assert stranger.api.put(f"/api/property/{owner.row.pk}/{call}").status_code == 404
    assert stranger.api.get(f"/api/property/{owner.row.pk}/ical/").status_code == 404
    assert stranger.api.get(f"/api/complete_registration/{owner.row.pk}/").status_code == 404


def test_unlisting_tells_the_floors_above_once_and_can_be_taken_back(owner, api):
    refresh_search([owner.row.pk])
    told = []

    def tell(**facts):
        told.append(facts["property_id"])

    hooks.property_unlisted.add(tell)
    try:
        for _ in range(2):
            assert owner.api.put(f"/api/property/{owner.row.pk}/unlist/").data["status"] == "unlisted"
    finally:
        hooks.property_unlisted.functions.remove(tell)
    assert told == [owner.row.pk]
    assert api.get("/api/properties/search/").data["results"] == []
    for _ in range(2):
        assert owner.api.put(f"/api/property/{owner.row.pk}/relist/").data["status"] == "listed"
    assert len(api.get("/api/properties/search/").data["results"]) == 1


def test_a_draft_cannot_be_put_on_the_market_by_the_back_door(host):
    draft = host.start()
    host.step(2, draft, step2())
    for call in ("unlist", "relist"):
        refusal = host.api.put(f"/api/property/{draft}/{call}/")
        assert (refusal.status_code, refusal.data["params"]) == (409, {"missing": [3, 4, 7]})


def test_saving_the_dates_of_an_unlisted_property_does_not_list_it(host):
    property_id = host.list_property()
    host.api.put(f"/api/property/{property_id}/unlist/")
    assert host.step(7, property_id, {"selected_dates": []}).data["status"] == "unlisted"


def feed_of(host, property_id):
    return host.api.get(f"/api/property/{property_id}/ical/").data["url"].removeprefix("http://testserver")


def test_the_feed_holds_busy_nights_and_nothing_else(host, api):
    property_id = host.list_property()
    row = Property.objects.get(pk=property_id)
    stay = make_entry(row, day(3), day(6))
    make_entry(row, day(8), day(9), "block")
    make_entry(row, day(10), day(12), "hold", held_until=clock.now() + timedelta(minutes=5))
    make_entry(row, day(20), day(22), "hold", held_until=clock.now() - timedelta(minutes=5))
    address = feed_of(host, property_id)
    assert len(address.removeprefix("/ical/").removesuffix(".ics")) == 43
    answer = api.get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer["Cache-Control"] == "private, no-store"
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [(e.decoded("dtstart"), e.decoded("dtend")) for e in events] == [
        (day(3), day(6)), (day(8), day(9)), (day(10), day(12)), (day(731), day(1096))
    ]  # fmt: skip
    assert [str(event["summary"]) for event in events] == ["Reserved"] * 3 + ["Not available"]
    assert str(events[0]["uid"]).startswith(f"{stay.pk}@")
    assert events[0]["uid"] == Calendar.from_ical(api.get(address).content).walk("VEVENT")[0]["uid"]
    text = answer.content.decode()
    assert "Lake House" not in text
    assert "1000" not in text


def test_a_replaced_feed_address_is_dead(host, api):
    property_id = host.list_property()
    old = feed_of(host, property_id)
    assert feed_of(host, property_id) == old
    assert host.api.get(f"/api/complete_registration/{property_id}/").data["ical_url"].endswith(old)
    new = host.api.post(f"/api/property/{property_id}/ical/").data["url"]
    assert not new.endswith(old)
    assert api.get(old).status_code == 404
    assert api.get(new).status_code == 200
    for wrong in ("/ical/x.ics", f"/ical/{'a' * 43}.ics", f"{old[:-4]}"):
        assert api.get(wrong).status_code == 404


def test_drafts_that_nobody_finishes_go_after_thirty_days(host):
    old, young, listed = host.start(), host.start(), host.list_property()
    host.step(5, old, {"lunch": [{"name": "Rice", "price": 5}]})
    past = clock.now() - timedelta(days=30)
    Property.objects.filter(pk__in=[old, listed]).update(updated_at=past)
    assert delete_stale_drafts(clock.now()) == 1
    assert set(Property.objects.values_list("pk", flat=True)) == {young, listed}
    assert list_taken(listed, day(0), day(9), clock.now()) == []


def test_windows_and_the_market_change_once_for_a_key(owner):
    where = f"/api/property_registration/step7/{owner.row.pk}/"
    bodies = [{"selected_dates": [{"start_date": str(day(n)), "end_date": str(day(n + 5))}]} for n in (10, 20)]
    assert owner.api.put(where, bodies[0], HTTP_IDEMPOTENCY_KEY="w").status_code == 200
    assert owner.api.put(where, bodies[1]).status_code == 200
    again = owner.api.put(where, bodies[0], HTTP_IDEMPOTENCY_KEY="w")
    assert (again.status_code, again.data["selected_dates"]) == (200, bodies[1]["selected_dates"])
    reused = owner.api.put(where, bodies[1], HTTP_IDEMPOTENCY_KEY="w")
    assert (reused.status_code, reused.data["code"]) == (409, "command.id_reused")
    # Before anything is said of the content.
    for answer in (
        owner.api.put(where, {"selected_dates": "x"}, HTTP_IDEMPOTENCY_KEY="w"),
        owner.api.post(f"/api/property/{owner.row.pk}/block/", {}, HTTP_IDEMPOTENCY_KEY="w"),
        owner.api.post(f"/api/property/{owner.row.pk}/price/", {}, HTTP_IDEMPOTENCY_KEY="w"),
    ):
        assert answer.data["code"] == "command.id_reused"
    unread = owner.api.put(where, {"selected_dates": "x"}, HTTP_IDEMPOTENCY_KEY="v")
    assert (unread.status_code, list(unread.data["fields"])) == (400, ["selected_dates"])

    def market(verb, **key):
        return owner.api.put(f"/api/property/{owner.row.pk}/{verb}/", **key).data["status"]

    late = {"HTTP_IDEMPOTENCY_KEY": "m"}
    assert [market("unlist", **late), market("relist"), market("unlist", **late)] == ["unlisted", "listed", "unlisted"]
    owner.row.refresh_from_db()
    assert owner.row.status == "listed"
