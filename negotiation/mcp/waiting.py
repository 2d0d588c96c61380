"""The tool that waits."""

from __future__ import annotations

from functools import partial

from accounts.rules.mandates import READ, check_may
from core.api.fields import WholeField
from core.database.threads import run_in_db
from negotiation.declarations import JoinFields
from negotiation.events import negotiation_topic
from negotiation.mcp.negotiations import WORDS_OF_PEOPLE, read_page
from negotiation.mcp.outputs import ChangeAnswer, NegotiationAnswer
from negotiation.mcp.schemas import arguments_of
from negotiation.mcp.tool import Call, Tool
from negotiation.mcp.waits import Look, wait_in

# Common clients give up a call after 60 s.
MOST_S = 50


class WaitFields(JoinFields):
    seconds = WholeField(least=0, most=MOST_S, required=False)


async def wait_for_change(call: Call) -> ChangeAnswer:
    """`wait_for_change`: comes back with the first entry after `after_seq`, or when the time is over."""
    fields = WaitFields.read(call.arguments)
    check_may(call.agent.may, (READ,))
    negotiation_id, after_seq = fields["negotiation_id"], fields.get("after_seq", 0)
    read = partial(run_in_db, read_page, call.agent, negotiation_id, after_seq)
    news: list[NegotiationAnswer] = []

    async def look() -> Look:
        # A page without news is dropped: a waiting machine should hold as little memory as possible.
        page = await read()
        news[:] = [page] if page.entries else []
        last_seq = page.entries[-1].seq if page.entries else page.negotiation.last_seq
        return Look(bool(page.entries), last_seq, (page.negotiation.guest.id, page.negotiation.host.id))

    seconds = fields.get("seconds", MOST_S)
    await wait_in(negotiation_topic(negotiation_id), call.agent, seconds, call.gone, look)
    page = news[0] if news else await read()
    return ChangeAnswer(negotiation=page.negotiation, entries=page.entries, more=page.more, timed_out=not page.entries)


TOOLS = (
    Tool(
        name="wait_for_change",
        title="Wait for the other side",
        description=f"Waits until the negotiation's log has an entry after `after_seq`, at most {MOST_S} seconds, and answers "
        "at once where it has one already. `timed_out` true: nothing came, call again. Use it in place of asking again and "
        f"again. {WORDS_OF_PEOPLE}",
        input=arguments_of(WaitFields, {"seconds": f"At most so long. Default {MOST_S}."}),
        output=ChangeAnswer,
        run=wait_for_change,
    ),
)
