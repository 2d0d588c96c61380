-- Adds an open negotiation with a standing bid on every seeded home.
INSERT INTO negotiation_negotiation (property_id, guest_id, host_id, nights, guests, booking_type, currency, list_amount,
    terms, status, turn, has_offers, last_bid, guest_offers_left, host_offers_left, last_seq, guest_seen, host_seen,
    ended_by, created_at, updated_at)
SELECT p.id, g.id, p.host_id, daterange('2027-03-01', '2027-03-04'), 1, 'stay', 'BDT', 15000, '{}', 'open', 'guest', true,
    7500, 5, 5, 2, 0, 0, '', now(), now()
FROM properties_property p
JOIN accounts_user h ON h.id = p.host_id
JOIN accounts_user g ON g.username = replace(h.username, 'host', 'guest');
INSERT INTO negotiation_offer (negotiation_id, by, amount, status, made_at, expires_at, quote)
SELECT id, 'guest', 7500, 'standing', now(), now() + interval '1 day', '{}' FROM negotiation_negotiation;
ANALYZE;
