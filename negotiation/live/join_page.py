"""Reads what a socket gets when it joins a topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from core.live.base_url import absolute_under
from negotiation.selectors.entries import list_frames
from negotiation.selectors.snapshots import snapshot
from negotiation.services.access import access_negotiation

PAGE = 300


@dataclass(frozen=True, slots=True)
class JoinPage:
    """A snapshot and the entries that the client lacks. `told` is the last seq that the two together cover."""

    snapshot: dict[str, Any]
    frames: list[tuple[int, bytes]]
    more: bool
    told: int

    def reply(self) -> dict[str, Any]:
        """Returns the reply's data. The entries are the same bytes that the sockets got live."""
        entries = [orjson.Fragment(frame) for _, frame in self.frames]
        return {"negotiation": self.snapshot, "entries": entries, "more": self.more}


def read_join_page(
    negotiation_id: int, user_id: int, after_seq: int, now: datetime, base: str, only: str | None = None
) -> JoinPage:
    """Reads the snapshot and the first page of the log after `after_seq`. Raises not_found for a stranger.

    `base` is the address by which the client came; its pictures get addresses under it. `only` is a side: a user who is not
    on it counts as a stranger. The snapshot is read first, so that an entry that is written in between is delivered twice
    rather than never.
    """
    record, side = access_negotiation(negotiation_id, user_id=user_id, now=now, only=only)
    frames = list_frames(negotiation_id, after_seq=after_seq, limit=PAGE + 1) if after_seq < record.last_seq else []
    more, frames = len(frames) > PAGE, frames[:PAGE]
    told = max(record.last_seq, frames[-1][0]) if frames else record.last_seq
    return JoinPage(snapshot(record, side=side, absolute=partial(absolute_under, base)), frames, more, told)
