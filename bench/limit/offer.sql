-- For pgbench -M prepared: everything that one offer writes, one statement a round trip.
\set nid random(:least, :most)
BEGIN;
SELECT id, last_seq + 1 AS seq, guest_id, host_id, property_id FROM negotiation_negotiation WHERE id = :nid FOR NO KEY UPDATE \gset
UPDATE negotiation_offer SET status = 'countered' WHERE negotiation_id = :nid AND status = 'standing';
INSERT INTO negotiation_offer (negotiation_id, by, amount, status, made_at, expires_at, quote) VALUES (:nid, 'guest', 9000, 'standing', now(), now() + interval '1 day', '{"currency": "BDT", "nights": 3, "stay": "9000.00", "meals": "0.00", "cleaning": "0.00", "platform_fee": "450.00", "tax": "900.00", "total": "10350.00"}');
UPDATE negotiation_negotiation SET turn = 'host', last_bid = 9000, last_seq = :seq, updated_at = now() WHERE id = :nid;
INSERT INTO negotiation_entry (negotiation_id, seq, kind, actor, data, at) VALUES (:nid, :seq, 'offer.made', 'guest', '{"offer": {"id": 1234, "amount": "9000.00", "by": "guest", "made_at": "2026-11-22T10:00:00.000Z", "expires_at": "2026-11-23T10:00:00.000Z", "status": "standing", "quote": {"currency": "BDT", "nights": 3, "stay": "9000.00", "meals": "0.00", "cleaning": "0.00", "platform_fee": "450.00", "tax": "900.00", "total": "10350.00"}}}', now());
INSERT INTO core_storedoutcome (account_id, key, fingerprint, outcome, created_at) VALUES (:guest_id, md5(:nid || ' ' || :seq), '\x00', '{"type": "offer.make", "negotiation": 1234, "seq": 5}', now());
INSERT INTO accounts_notification (user_id, kind, title, negotiation_id, property_id, at) VALUES (:host_id, 'offer.made', 'Rahim offers 9,000 for the Lake House', :nid, :property_id, now());
COMMIT;
