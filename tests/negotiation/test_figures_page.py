"""The figures of a host: charts as geometry, pages with every chart's numbers as a table."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from negotiation.pages import charts
from negotiation.selectors.discounts import Agreed, list_agreed_discounts
from tests.factories.accounts import make_user
from tests.factories.properties import make_property
from tests.negotiation.play import Play

TODAY = date(2027, 3, 15)


def test_bars_stand_on_the_ground_and_end_at_their_value() -> None:
    months = [(date(2027, n, 1), share, f"{n}") for n, share in ((1, 0.0), (2, 50.0), (3, 100.0), (4, 10.0))]
    empty, half, full, coming = charts.month_bars(months, TODAY)
    assert (empty.height, full.y, full.height) == (0, charts.TOP, charts.PLOT_HEIGHT)
    assert half.height == full.height / 2
    assert all(bar.y + bar.height == pytest.approx(charts.BASE) for bar in (empty, half, full, coming))
    assert [bar.ahead for bar in (full, coming)] == [False, True]
    assert (empty.name, half.name) == ("Jan", "")
    assert charts.LEFT <= empty.x < half.x < coming.x + coming.width <= charts.WIDTH


@pytest.mark.parametrize(("most", "top"), [(0, 20), (20, 20), (20.1, 40), (41, 100), (100, 100)])
def test_a_scale_holds_its_values(most: float, top: int) -> None:
    assert charts.percent_scale([0, most]) == top
    assert charts.percent_scale([]) == 20


def test_dots_go_from_the_first_day_to_the_last() -> None:
    found = [Agreed(date(2027, 1, 1), 0.0, "A"), Agreed(TODAY, 20.0, "B"), Agreed(date(2027, 4, 1), 5.0, "C")]
    first, last, beyond = charts.discount_dots(found, date(2027, 1, 1), TODAY)
    assert (first.x, first.y) == (charts.LEFT, charts.BASE)
    assert (last.x, last.y) == (charts.WIDTH - charts.RIGHT, charts.TOP)
    assert beyond.x == last.x
    assert last.words == "B, 15 Mar 2027: 20 %"


def test_a_funnel_shows_what_is_rare() -> None:
    steps = charts.funnel_steps([("seen", 4000), ("asked", 6), ("agreed", 3), ("paid", 0)])
    assert [step.width for step in steps] == [100.0, 1.0, 1.0, 0.0]
    assert [step.of_before for step in steps] == ["", "< 1 %", "50 %", "0 %"]
    assert [step.of_before for step in charts.funnel_steps([("seen", 0), ("asked", 0)])] == ["", ""]


@pytest.mark.django_db
class TestPages:
    def test_an_agreed_price_is_a_dot_and_a_row(self, client: Client) -> None:
        play = Play()
        play.open("2700.00")
        play.answer("host", "accept")
        [agreed] = list_agreed_discounts([play.home.pk], date(2026, 1, 1))
        assert (agreed.percent, agreed.home) == (10.0, play.home.title)
        client.force_login(play.host)
        for path in (f"/hosting/{play.home.pk}/figures/", "/hosting/figures/"):
            page = client.get(path)
            assert page.context["discount"] == 10.0
            assert page.context["accepted"] == 100.0
            assert [step.count for step in page.context["funnel"]][1:3] == [1, 1]
            shown = page.content.decode()
            assert shown.count('class="chart__dot"') == 1
            assert shown.count('class="chart__bar') >= 15
            assert '<td class="number">10 %</td>' in shown

    def test_without_homes_there_is_one_thing_to_do(self, client: Client) -> None:
        client.force_login(make_user())
        assert 'href="/hosting/new/"' in client.get("/hosting/figures/").content.decode()

    def test_nobody_else_sees_them(self, client: Client) -> None:
        home = make_property()
        client.force_login(make_user())
        assert client.get(f"/hosting/{home.pk}/figures/").status_code == 404
