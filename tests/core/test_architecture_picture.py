"""docs/img/architecture.svg is what the imports say."""

import pytest

from tools.draw_architecture import PICTURE, arrows, columns, draw, read_floors, room_of

CHAIN = {"views": {"services", "rules"}, "services": {"rules"}, "rules": set()}
CIRCLE = {"views": {"services"}, "services": {"selectors"}, "selectors": {"services", "rules"}, "rules": set()}


def test_the_picture_is_drawn_from_today_s_imports():
    assert PICTURE.read_text() == draw(read_floors()), "run: python -m tools.draw_architecture"


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        (CHAIN, {"views": 2, "services": 1, "rules": 0}),
        (CIRCLE, {"views": 2, "services": 1, "selectors": 1, "rules": 0}),
    ],
)
def test_a_room_stands_left_of_all_that_it_uses(uses, expected):
    assert columns(uses) == expected


def test_an_arrow_that_others_imply_is_left_out():
    assert arrows(CHAIN) == [("services", "rules", False), ("views", "services", False)]


def test_a_circle_is_told():
    assert [arrow for arrow in arrows(CIRCLE) if arrow[2]] == [
        ("selectors", "services", True),
        ("services", "selectors", True),
    ]


@pytest.mark.parametrize(
    ("module", "room"),
    [("bookings.rules.ledger", "rules"), ("bookings.urls", "urls"), ("bookings", None), ("core.rules", None),
     ("bookings.migrations.0001_initial", None)],
)  # fmt: skip
def test_a_room_is_what_stands_right_inside_an_app(module, room):
    assert room_of(module, "bookings") == room
