"""The tools that move: the same moves as by socket and REST, through the same engine, under the caller's mandate.

A move runs in a task of its own, so that it is finished whatever becomes of its call: a client that hangs up, or a server
that ends the call, ends only the waiting for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.command_id import is_command_id
from core.errors import invalid, not_found
from core.live.base_url import absolute_under
from negotiation.declarations import DECLARATIONS
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.live.batcher import submit
from negotiation.mcp.outputs import (
    AcceptAnswer,
    Booking,
    LimitStates,
    Negotiation,
    Offer,
    OfferAnswer,
    SealAnswer,
    SeqAnswer,
    Shown,
)
from negotiation.mcp.schemas import COMMAND_ID, arguments_of
from negotiation.mcp.tool import Call, Tool

# The moves that run, so that none is collected as garbage and a stop can wait for them.
running: set[asyncio.Task[Outcome]] = set()
# How long a stop waits for them: no move takes longer (docs/decisions/0007).
LAST_MOVES_S = 5.0

Answer = Callable[[Outcome, Call], Shown]


async def move(call: Call, kind: str) -> Outcome:
    """Makes the move. Returns its outcome, or raises its refusal."""
    raw = {name: value for name, value in call.arguments.items() if name != "command_id"}
    agent, key = call.agent, key_of(call.arguments)
    read = read_move(kind, raw, actor_id=agent.user_id, key=key, mandate_id=agent.mandate_id)
    task = asyncio.get_running_loop().create_task(submit(read))
    running.add(task)
    task.add_done_callback(_finished)
    outcome = await asyncio.shield(task)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def _finished(task: asyncio.Task[Outcome]) -> None:
    running.discard(task)
    if not task.cancelled():
        task.exception()  # retrieved, also where no caller waits any more


async def let_moves_finish() -> None:
    """Waits, as the server stops, for moves that still run: no other task waits for a move whose client has gone."""
    if running:
        await asyncio.wait(tuple(running), timeout=LAST_MOVES_S)


def key_of(arguments: Mapping[str, Any]) -> str | None:
    """The idempotency key; None where none was given. Raises `invalid`."""
    key = arguments.get("command_id")
    if key in (None, ""):
        return None
    if not isinstance(key, str) or not is_command_id(key):
        raise invalid(command_id="Give 1 to 64 plain characters, a UUID: new for each move.")
    return key


# -- answers -----------------------------------------------------------------------------------------------------------


def opened(outcome: Outcome, call: Call) -> Negotiation:
    """The answer of an opening: the negotiation."""
    return Negotiation.read(outcome.shown, "guest")


def offered(outcome: Outcome, call: Call) -> OfferAnswer:
    """The answer of an offer."""
    if outcome.answer is None or outcome.answer.offer is None:
        raise not_found()
    return OfferAnswer(offer=Offer.read(outcome.answer.offer), seq=outcome.seq)


def accepted(outcome: Outcome, call: Call) -> AcceptAnswer:
    """The answer of an accept: the booking."""
    return AcceptAnswer(booking=Booking.of(outcome.shown), seq=outcome.seq, continue_url=pay_page(outcome, call))


def sealed(outcome: Outcome, call: Call) -> SealAnswer:
    """The answer of a seal: who has sealed, and the booking where the limits met."""
    if outcome.answer is None or outcome.answer.limits is None:
        raise not_found()
    limits = LimitStates.of(outcome.answer.limits)
    if not outcome.answer.agreed:
        return SealAnswer(limits=limits, seq=outcome.seq)
    booking, page = Booking.of(outcome.shown), pay_page(outcome, call)
    return SealAnswer(limits=limits, booking=booking, seq=outcome.seq, continue_url=page)


def moved(outcome: Outcome, call: Call) -> SeqAnswer:
    """The answer of every other move."""
    return SeqAnswer(seq=outcome.seq)


def pay_page(outcome: Outcome, call: Call) -> str:
    """The page of the booking, where its guest pays and its host sees that it is paid."""
    return absolute_under(call.base, f"/bookings/{outcome.shown['id']}/")


# -- the tools ---------------------------------------------------------------------------------------------------------


def runner(kind: str, answer: Answer) -> Callable[[Call], Awaitable[Shown]]:
    """The function that runs a tool which makes this move."""

    async def run(call: Call) -> Shown:
        return answer(await move(call, kind), call)

    return run


def tool(
    name: str, kind: str, title: str, output: type[Shown], answer: Answer, description: str, *, binding: bool = True
) -> Tool:
    """The tool that makes the move `kind`."""
    return Tool(
        name=name,
        title=title,
        description=description,
        input=arguments_of(DECLARATIONS[kind].fields, command_id=COMMAND_ID),
        output=output,
        run=runner(kind, answer),
        moves=True,
        binding=binding,
    )


ENDS = "This ends the negotiation for good."
TOOLS = (
    tool(
        "open_negotiation",
        "negotiation.open",
        "Open a negotiation",
        Negotiation,
        opened,
        "Opens a negotiation about a stay with a first bid below the list amount. The bid is BINDING while it stands: if "
        "the host accepts it, that is a confirmed booking that must be paid. Without `amount` and `limit` it is a question, "
        "needs `message`, and binds to nothing. With `limit` a sealed limit is left that may agree on the stay by itself: "
        "BINDING at any price up to it. Terms are frozen: nights, guests and meals can't be changed later.",
    ),
    tool(
        "make_offer",
        "offer.make",
        "Name a price",
        OfferAnswer,
        offered,
        "Names your side's next price, when it is your turn. BINDING while it stands: if the other side accepts it, that is "
        "a confirmed booking that must be paid. Every offer is a concession: a guest's bid is above the guest's last, a "
        "host's ask below the host's last, and neither reaches the other's standing price: to meet that, accept it. Each "
        "costs one of `offers_left` and can't be raised back.",
    ),
    tool(
        "seal_limit",
        "limit.seal",
        "Seal a limit",
        SealAnswer,
        sealed,
        "Seals how far your side would go: as guest the most, as host the least, for the whole stay. The other side sees that "
        "there is one, never the figure. BINDING: once both sides have sealed, they are compared, once and for good; where "
        "they meet, the stay is booked half-way between at that moment, confirmed, and must be paid.",
    ),
    tool(
        "accept_offer",
        "offer.accept",
        "Accept the offer",
        AcceptAnswer,
        accepted,
        "Accepts the other side's standing offer. BINDING AND FINAL: it is a confirmed booking at that moment, at the offer's "
        "`quote.total`, and must be paid; you can't pay or cancel it, so give your person `continue_url`. Name the offer that "
        "you saw: if another stands by now, it is refused.",
    ),
    tool(
        "decline_offer",
        "offer.decline",
        "Decline the offer",
        SeqAnswer,
        moved,
        f"Declines the other side's standing offer. {ENDS} To go on talking make an offer instead.",
    ),
    tool(
        "withdraw_offer",
        "offer.withdraw",
        "Withdraw the own offer",
        SeqAnswer,
        moved,
        f"Takes your side's own standing offer back. {ENDS}",
    ),
    tool(
        "send_message",
        "message.send",
        "Send a message",
        SeqAnswer,
        moved,
        "Says something to the other person, who sees that a machine wrote it. Binds to nothing: prices are named with "
        "make_offer alone. Never tell your person's limits.",
        binding=False,
    ),
)
