"""The inbox: all of a user's negotiations, those that wait for them first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from core import clock
from core.database.replica import reads_replica
from negotiation.pages.words import state_tag, state_words
from negotiation.records import NegotiationRecord
from negotiation.rules.negotiation_state import OTHER, Side
from negotiation.selectors.bidders import Bidder, get_bidders
from negotiation.selectors.mandates import machines_in
from negotiation.selectors.snapshots import list_negotiations, snapshot
from properties.selectors.imported_calendars import list_troubles

SHELVES: dict[str, tuple[Side, ...]] = {"all": ("guest", "host"), "guest": ("guest",), "host": ("host",)}
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A room as the inbox shows it to `side`; amounts in the room's currency."""

    record: NegotiationRecord
    side: Side
    # The sides for which a machine has acted there.
    machines: frozenset[str] = frozenset()
    # Who bids, for the host.
    bidder: Bidder | None = None

    @property
    def assistants(self) -> list[str]:
        """Whose machines act there: the other side's, then the user's own."""
        theirs = [_("by %(name)s's assistant") % {"name": self.them.name}] if OTHER[self.side] in self.machines else []
        return theirs + ([_("by your assistant")] if self.side in self.machines else [])

    @property
    def room(self) -> dict[str, Any]:
        return snapshot(self.record, side=self.side, absolute=str)

    @property
    def them(self) -> Any:
        return self.record.shown.host if self.side == "guest" else self.record.shown.guest

    @property
    def waiting(self) -> bool:
        return self.record.status == "open" and self.record.haggle.turn in (self.side, None)

    @property
    def unseen(self) -> bool:
        return self.record.seen_by(self.side) < self.record.last_seq

    @property
    def state(self) -> str:
        return state_words(self.record, self.side)

    @property
    def tag(self) -> str:
        return state_tag(self.record, self.side)

    @property
    def amount(self) -> Decimal | None:
        """The amount of the standing offer, else the last price that was named."""
        if self.record.standing:
            return self.record.standing.amount
        return self.record.haggle.last_ask or self.record.haggle.last_bid

    @property
    def amount_label(self) -> str:
        return _("Standing offer") if self.record.standing else _("Last price")

    @property
    def by(self) -> str:
        return self.record.standing.by if self.record.standing else ""

    @property
    def percent(self) -> int | None:
        return (
            round(self.amount * 100 / self.record.haggle.list_amount)
            if self.amount and self.record.haggle.list_amount
            else None
        )

    @property
    def gap(self) -> Decimal | None:
        bid, ask = self.record.haggle.last_bid, self.record.haggle.last_ask
        return ask - bid if self.record.status == "open" and bid and ask else None

    @property
    def expires_at(self) -> str | None:
        return clock.stamp(self.record.standing.expires_at) if self.record.standing else None

    @property
    def made_at(self) -> str | None:
        return clock.stamp(self.record.standing.made_at) if self.record.standing else None

    def order(self) -> tuple[Any, ...]:
        """The sort key: negotiations that wait for the user come first, the shortest time left first; then the latest moves."""
        if self.waiting and self.record.standing:
            return (0, self.record.standing.expires_at.timestamp())
        return (1, -self.record.updated_at.timestamp())


def list_rows(user_id: int, sides: tuple[Side, ...], now: datetime) -> list[Row]:
    """The rooms of a user on these sides, in the inbox's order."""
    records = [(record, side) for side in sides for record in _records(user_id, side, now)]
    machines = machines_in([record.id for record, _side in records])
    bidders = get_bidders((record.guest_id for record, side in records if side == "host"), now=now)
    rows = [
        Row(
            record,
            side,
            frozenset(machines.get(record.id, ())),
            bidders.get(record.guest_id) if side == "host" else None,
        )
        for record, side in records
    ]
    return sorted(rows, key=Row.order)


def _records(user_id: int, side: Side, now: datetime) -> list[NegotiationRecord]:
    return list_negotiations(user_id=user_id, side=side, now=now, limit=LIMIT)


def group_rows(rows: list[Row]) -> list[dict[str, Any]]:
    """Groups the rows: waiting for you, waiting for them, over."""
    return [
        {"key": "yours", "title": _("Waiting for you"), "rows": [row for row in rows if row.waiting]},
        {"key": "theirs", "title": _("Waiting for them"), "rows": [r for r in rows if not r.waiting and _is_open(r)]},
        {"key": "over", "title": _("Agreed or over"), "rows": [row for row in rows if not _is_open(row)]},
    ]


def _is_open(row: Row) -> bool:
    return row.record.status == "open"


@login_required
@require_safe
@reads_replica
def inbox(request: HttpRequest) -> HttpResponse:
    """`/inbox/?show=all|guest|host`."""
    assert isinstance(request.user, User)  # noqa: S101 - behind login_required
    troubles = list_troubles(request.user.pk) if request.user.is_host else []
    return render(request, "negotiation/inbox.html", _content(request) | {"troubles": troubles})


@login_required
@require_safe
@reads_replica
def inbox_rows(request: HttpRequest) -> HttpResponse:
    """The rows alone, for the page's script to put in; `?brief=1` for the list beside a room."""
    if request.GET.get("brief"):
        return render(request, "negotiation/parts/brief.html", brief(request, request.GET.get("room", "")))
    return render(request, "negotiation/parts/rows.html", _content(request))


def brief(request: HttpRequest, room_id: int | str) -> dict[str, Any]:
    """The list beside a room; `room_id` is the one shown."""
    assert isinstance(request.user, User)  # noqa: S101 - only asked for behind a sign-in
    current = int(room_id) if str(room_id).isascii() and str(room_id).isdigit() else 0
    return {"brief": list_rows(request.user.pk, SHELVES["all"], clock.now())[:50], "current": current}


def _content(request: HttpRequest) -> dict[str, Any]:
    assert isinstance(request.user, User)  # noqa: S101 - behind login_required
    shelf = request.GET.get("show", "all")
    rows = list_rows(request.user.pk, SHELVES.get(shelf, SHELVES["all"]), clock.now())
    shelves = (("all", _("All")), ("guest", _("As a guest")), ("host", _("As a host")))
    as_table = request.user.is_host and shelf != "guest"
    content = {"groups": group_rows(rows), "empty": not rows, "shelf": shelf, "shelves": shelves}
    return content | {"as_table": as_table}
