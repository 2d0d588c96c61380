"""What a refusal needs: a move, who makes it, and in which situation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from properties.models import Property
from tests.factories.stays import day
from tests.negotiation.play import Play

Fields = dict[str, Any]


@dataclass
class Try:
    """A move that will be refused: who, what, and what the answer says beside the code."""

    actor: User
    kind: str
    fields: Fields
    params: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


SCENES: list[tuple[str, Callable[[Play], Try]]] = []


def scene(code: str) -> Callable[[Callable[[Play], Try]], Callable[[Play], Try]]:
    def add(setting: Callable[[Play], Try]) -> Callable[[Play], Try]:
        SCENES.append((code, setting))
        return setting

    return add


def opening(play: Play, **fields: Any) -> Fields:
    return {
        "property": play.home.pk, "start_date": play.start.isoformat(), "end_date": play.end.isoformat(), "guests": 2,
        "booking_type": "stay", "amount": "2000.00",
    } | fields  # fmt: skip


def edit(play: Play, **fields: Any) -> None:
    Property.objects.filter(pk=play.home.pk).update(**fields)


def offering(play: Play, side: str, amount: str, **told: Any) -> Try:
    actor = play.guest if side == "guest" else play.host
    return Try(actor, "offer.make", {"negotiation": play.id, "amount": amount}, **told)


def answering(play: Play, side: str, verb: str, offer: int | None = None, **told: Any) -> Try:
    actor = play.guest if side == "guest" else play.host
    fields = {"negotiation": play.id, "offer": play.standing() if offer is None else offer}
    return Try(actor, f"offer.{verb}", fields, **told)


def owing(guest: User) -> None:
    for n in range(3):
        other = Play(guest=guest, start=day(30 + n), end=day(31 + n))
        other.open("500")
        other.answer("host", "accept")
