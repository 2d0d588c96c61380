"""The official Python client, in the newest protocol and by handshake, as an assistant's maker would use it."""

import json

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from negotiation.mcp.refusals import META
from tests.factories.agents import make_key

MODES = ("auto", "legacy")


def client_of(url, key, mode):
    """A client whose reads outlast a wait: the default of five seconds ends one."""
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=httpx2.Timeout(30, read=90))
    return http, Client(streamable_http_client(f"{url}/mcp/", http_client=http), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_it_lists_calls_and_is_refused(server, play, mode, run_async):
    play.open()
    key, number = make_key(play.guest), play.id

    async def use():
        http, client = client_of(server.url, key, mode)
        async with http, client:
            tools = await client.list_tools()
            read = await client.call_tool("get_negotiation", {"negotiation": number})
            refused = await client.call_tool("make_offer", {"negotiation": number, "amount": "2500"})
            waited = await client.call_tool("wait_for_change", {"negotiation": number, "after_seq": 2, "seconds": 0})
            return tools, read, refused, waited

    tools, read, refused, waited = run_async(use())
    assert len(tools.tools) == 13
    assert read.structured_content["negotiation"]["standing_offer"]["amount"] == "2000.00"
    assert refused.is_error
    assert json.loads(refused.content[0].text)["code"] == "offer.not_your_turn"
    assert refused.meta[META]["code"] == "offer.not_your_turn"
    assert waited.structured_content["timed_out"] is True


def test_a_bad_key_ends_it_at_the_door(server, transactional_db, run_async):
    async def use():
        http, client = client_of(server.url, "agent_wrong", "auto")
        async with http, client:
            await client.list_tools()

    with pytest.raises(ExceptionGroup):
        run_async(use())
