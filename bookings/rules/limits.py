"""How many unpaid bookings a guest may have. Source: docs/protocol.md, "Limits"."""

from __future__ import annotations

# The most unpaid holds, requests and agreed bookings of one guest.
UNPAID_AT_ONCE = 3
