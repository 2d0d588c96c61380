"""The pages of mandates without a browser: what is refused is shown beside its field, and a key is shown once."""

import pytest

from accounts.models import Mandate
from accounts.services.presented_credentials import identify_agents
from core import clock
from negotiation.pages.agent_words import line_words
from tests.factories.accounts import browser_of, make_mandate
from tests.factories.stays import make_host, make_property, make_user
from tests.negotiation.play import Play, code

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/profile/assistants/"
GIVEN = {"name": "Robo", "side": "guest", "may": ["read", "offer"], "currency": "BDT", "days": "7"}


def test_a_key_is_shown_once_and_kept_by_nothing() -> None:
    browser = browser_of(make_user())
    answer = browser.post(PATH, GIVEN | {"max_total": "9000"})
    key = answer.context["key"]
    assert identify_agents([key], clock.now())[0] is not None
    assert answer["Cache-Control"] == "private, no-store"
    assert key not in browser.get(PATH).content.decode()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"may": []}, "may"),
        ({"max_total": "much"}, "max_total"),
        ({"side": "host", "max_total": "5"}, "max_total"),
        ({"min_percent": "80"}, "min_percent"),
        ({"check_in_from": "2027-02-01", "check_out_by": "2027-01-01"}, "check_out_by"),
        ({"days": "91"}, "days"),
    ],
)
def test_what_is_wrong_is_shown_beside_its_field(fields: dict[str, object], wrong: str) -> None:
    answer = browser_of(make_user()).post(PATH, GIVEN | fields)
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [wrong])
    assert not Mandate.objects.exists()


def test_homes_are_chosen_among_those_that_one_has_or_haggles_over() -> None:
    host = make_host()
    home = make_property(host)
    play = Play(home=home)
    assert code(play.open()) == "ok"
    make_property(make_host())
    for user, side in ((host, "host"), (play.guest, "guest")):
        browser = browser_of(user)
        assert [id for id, _ in browser.get(PATH).context["form"].fields["property_ids"].choices] == [str(home.pk)]
        assert browser.post(PATH, GIVEN | {"side": side, "property_ids": [str(home.pk)]}).status_code == 200
        assert Mandate.objects.get(user=user).property_ids == [home.pk]


def test_ending_one_that_is_somebody_elses_says_so() -> None:
    mandate, _ = make_mandate(make_user())
    browser = browser_of(make_user())
    for number in (str(mandate.pk), "x", "9" * 30):
        assert browser.post(PATH, {"end": number}).status_code == 302
    mandate.refresh_from_db()
    assert mandate.revoked_at is None
    assert browser.get(f"{PATH}{mandate.pk}/").status_code == 404


def test_every_line_of_the_log_has_words() -> None:
    play = Play()
    mandate, _ = make_mandate(play.guest, max_open=1)
    play.open("2000", message="Hello.", mandate=mandate)
    play.do("guest", "limit.seal", amount="2200", mandate=mandate)
    play.do("guest", "limit.unseal", mandate=mandate)
    play.offer("host", 2900)
    play.answer("guest", "accept", offer=1, mandate=mandate)
    Play(guest=play.guest).open("2000", mandate=mandate)
    play.answer("guest", "accept", mandate=mandate)
    page = browser_of(play.guest).get(f"{PATH}{mandate.pk}/").content.decode()
    for words in (
        "It opened the haggle.", "It offered ৳2,000.", "It wrote: Hello.", "It sealed a limit.", "Its sealed limit is gone.",
        "It accepted ৳2,900: a confirmed booking.", "It tried to accept and was refused: not_found.",
        "It tried to open a haggle and was refused: beyond how many it may have open.",
    ):  # fmt: skip
        assert words in page, words


def test_a_line_whose_haggle_is_gone_says_so() -> None:
    line = {"code": None, "entry": None, "type": "offer.make", "limit": None}
    assert line_words(line, "BDT") == "It did something in a haggle that is gone."
