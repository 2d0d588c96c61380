"""Named lists through which a floor lets those above it act, in the same transaction.

An upper app appends its functions in `ready()`; the lower one runs them. Every function takes keyword arguments only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Hook:
    """A named list of functions, called in the order in which they were added."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.functions: list[Callable[..., Any]] = []

    def add(self, function: Callable[..., Any], *, first: bool = False) -> None:
        """Adds `function` once, however often an app is made ready; `first`: before those that are there."""
        if function not in self.functions:
            self.functions.insert(0 if first else len(self.functions), function)

    def __call__(self, **kwargs: Any) -> list[Any]:
        return [function(**kwargs) for function in self.functions]


# property_id, guest_id, start_date, end_date, now: nights became a confirmed stay otherwise than by an accept.
nights_taken = Hook("nights_taken")
# property_id, start_date, end_date, now: an agreed booking was cancelled unpaid, and its nights are free.
nights_freed = Hook("nights_freed")
# property_id, now: nights were taken, held, blocked or freed; called after the change, under the property's lock.
nights_changed = Hook("nights_changed")
# property_id, now: the prices of a listed property may have changed.
property_priced = Hook("property_priced")
# property_id, now
property_unlisted = Hook("property_unlisted")
# property_id, entry_id, calendar, now: an event of the other site's calendar of that name shares a night with an entry.
calendar_conflict = Hook("calendar_conflict")
# user_id, now
account_closed = Hook("account_closed")
# actor, body, now -> Booking | None: a reserve whose body echoes an accepted negotiation.
reserve_echo = Hook("reserve_echo")
# currency -> Bounds | None: what can be paid at once; None without a gateway.
payment_bounds = Hook("payment_bounds")
# user_id, property_ids, start, end, now -> [(property, booking, entry)]: holds that the user has not paid yet.
own_holds = Hook("own_holds")
# user_id, now -> bool: whether a booking, a payment or the law still needs the data of that closed account.
account_needed = Hook("account_needed")
# user_id, needed, now: erases data of a closed account, thirty days after its closing and then daily until nothing is `needed`.
account_erased = Hook("account_erased")
# user_id, box: adds what that account gave or did to its export (accounts.services.exports.Box).
account_exported = Hook("account_exported")
# blocker_id, blocked_id: locks the properties about which the two negotiate, before the two users are locked.
account_blocking = Hook("account_blocking")
# blocker_id, blocked_id, now: ends what is open between the two, in the transaction that blocks.
account_blocked = Hook("account_blocked")
# The same after the commit, for work that locks properties itself.
account_block_settled = Hook("account_block_settled")
# property_id -> bool: whether a row of an app above names that property.
property_named = Hook("property_named")
# rows -> {notification id: words}: property, dates and price that each notification is about, for a letter.
notification_subjects = Hook("notification_subjects")
