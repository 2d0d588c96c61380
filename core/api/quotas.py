"""Quotas: how much of a thing one account makes in a day. People never reach these figures, scripts do.

docs/quotas.md says of each how its rows are cleaned up. All are multiplied by RATE_LIMIT_FACTOR, as all limits are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.api.rate_limits import Window, scaled, take
from core.errors import Code, DomainError
from core.said import said

DAY_S = 86400


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `a_day` of `what` by one account in any 24 hours."""

    name: str
    a_day: int
    what: str


QUOTAS = {
    quota.name: quota
    for quota in (
        Quota("drafts", 20, said("homes begun")),
        Quota("photos", 1000, said("photos sent")),
        Quota("tickets", 2000, said("tickets for sockets")),
        Quota("sign_ins", 200, said("sign-ins")),
        Quota("documents", 20, said("documents sent")),
        Quota("blocks", 100, said("people blocked")),
        # The engine counts these under the guest's lock.
        Quota("questions", 100, said("questions asked")),
        Quota("mandates", 50, said("mandates made")),
    )
}


def spend(name: str, user_id: int, now: datetime, *, times: int = 1) -> None:
    """Counts `times` against that quota. Raises `rate_limited`, with `params.quota`, where it is used up."""
    quota = QUOTAS[name]
    window = Window(f"quota:{name}:{user_id}", quota.a_day, DAY_S)
    for _ in range(times):
        try:
            take([window], now)
        except DomainError as refusal:
            raise used_up(name, refusal.params["retry_after"]) from refusal


def used_up(name: str, retry_after: int) -> DomainError:
    """The refusal of a used-up quota; `retry_after` in seconds."""
    quota = QUOTAS[name]
    words = said(
        "%(most)s %(what)s are enough for one day; try again later.", most=scaled(quota.a_day), what=quota.what
    )
    return DomainError(Code.RATE_LIMITED, words, params={"retry_after": retry_after, "quota": name})
