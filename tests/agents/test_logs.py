"""What the door leaves in the logs: the house's own lines, and no key."""

import json
import logging

from negotiation.mcp.server import make_server
from tests.agents.machine import ERAS, Machine
from tests.factories.agents import make_key
from tests.hub.metrics import metrics
from tests.servers import UNLIMITED


def test_the_server_object_leaves_the_root_log_as_it_is():
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    make_server()
    assert (root.level, list(root.handlers)) == before


def test_no_line_holds_a_key_and_each_is_json(serve, play):
    server = serve(3, LOG_JSON="1", LOG_LEVEL="DEBUG", **UNLIMITED)
    key = make_key(play.guest)
    for era in ERAS:
        with Machine(server.url, key, era) as machine:
            machine.ask("list_negotiations")
            machine.refused("get_home", property=1 << 60)
            machine.send("tools/list", {}, Origin="https://evil.example")
        with Machine(server.url, f"{key}x", era) as machine:
            machine.send("tools/list")
    lines = server.log.read_text().splitlines()
    assert not [line for line in lines if key in line or key.removeprefix("agent_") in line]
    assert all(json.loads(line) for line in lines)


def test_calls_are_counted_by_tool_and_outcome(serve, play):
    server = serve(3, LOG_JSON="1", LOG_LEVEL="DEBUG", **UNLIMITED)
    with Machine(server.url, make_key(play.guest)) as machine:
        machine.ask("list_negotiations")
        machine.refused("get_home", property=1 << 60)
        machine.refused("x" * 100)
    counted = metrics(server.url)
    assert counted['hub_mcp_calls_total{code="ok",tool="list_negotiations"}'] >= 1
    assert counted['hub_mcp_calls_total{code="not_found",tool="get_home"}'] >= 1
    assert counted['hub_mcp_calls_total{code="command.unknown",tool="unknown"}'] >= 1
    assert counted["hub_mcp_call_seconds_count"] >= 2
