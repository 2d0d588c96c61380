"""Reads how hosts answer first bids. An automatic answer counts neither way.

A first bid counts once it was answered, or went 24 hours without an answer; one that ended sooner gave its host no chance.
"""

from __future__ import annotations

ANSWERS = """
SELECT n.id, n.host_id, n.property_id, bid.at AS bid_at, answer.at AS answered_at
  FROM negotiation_negotiation n
  JOIN LATERAL (
    SELECT e.seq, e.at FROM negotiation_entry e
     WHERE e.negotiation_id = n.id AND e.kind = 'offer.made' AND e.actor = 'guest' ORDER BY e.seq LIMIT 1) bid ON true
  LEFT JOIN LATERAL (
    SELECT e.seq, e.at, e.kind FROM negotiation_entry e
     WHERE e.negotiation_id = n.id AND e.actor = 'host' AND e.seq > bid.seq ORDER BY e.seq LIMIT 1) answer ON true
  LEFT JOIN LATERAL (
    SELECT e.at FROM negotiation_entry e WHERE e.negotiation_id = n.id AND e.seq = n.last_seq) last ON n.status <> 'open'
 WHERE n.created_at > %(since)s AND n.has_offers
   AND NOT (n.ended_by = 'rule' AND answer.kind IN ('offer.accepted', 'offer.declined'))
   AND (answer.at IS NOT NULL
        OR (bid.at <= %(now)s - interval '24 hours' AND (last.at IS NULL OR last.at >= bid.at + interval '24 hours')))
"""
