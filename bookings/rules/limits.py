"""How much a guest may leave open. Source: docs/protocol.md, "Limits"."""

from __future__ import annotations

# Unpaid holds, requests and agreed bookings of one guest.
UNPAID_AT_ONCE = 3
