-- Adds :grown ended negotiations on the seeded homes, with ten entries and five offers each.
-- The rows fit together by construction, so no foreign key is checked: ten million checks would take most of an hour.
SET session_replication_role = replica;
INSERT INTO negotiation_negotiation (property_id, guest_id, host_id, nights, guests, booking_type, currency, list_amount,
    terms, status, has_offers, last_bid, guest_offers_left, host_offers_left, last_seq, guest_seen, host_seen, ended_by,
    created_at, updated_at)
SELECT p.id, g.id, p.host_id, daterange('2026-03-01', '2026-03-04'), 1, 'stay', 'BDT', 15000, '{"title": "House"}',
    'declined', true, 9000, 1, 1, 10, 10, 10, 'host', now() - interval '30 days', now() - interval '30 days'
FROM (SELECT p.*, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS homes FROM properties_property p) p
JOIN accounts_user h ON h.id = p.host_id
JOIN accounts_user g ON g.username = replace(h.username, 'host', 'guest')
CROSS JOIN LATERAL generate_series(1, (:grown / p.homes)::int) s;
INSERT INTO negotiation_entry (negotiation_id, seq, kind, actor, data, at)
SELECT n.id, s, 'offer.made', 'guest', '{"offer": {"id": 1, "amount": "9000.00", "by": "guest"}}', n.created_at
FROM negotiation_negotiation n CROSS JOIN generate_series(1, 10) s WHERE n.status = 'declined';
INSERT INTO negotiation_offer (negotiation_id, by, amount, status, made_at, expires_at, quote)
SELECT n.id, 'guest', 9000, 'declined', n.created_at, n.created_at + interval '1 day', '{}'
FROM negotiation_negotiation n CROSS JOIN generate_series(1, 5) s WHERE n.status = 'declined';
VACUUM ANALYZE;
