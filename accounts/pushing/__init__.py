"""Web Push (RFC 8030, 8291, 8292): notifications for people without a page on screen, beside the requests and never in one.

`lane` is what the clock runs: it collects what happened, claims what is due, and sends it (`sending`) encrypted
(`encoding`) and signed (`vapid`); `services.push_deliveries` keeps what came of it.
"""
