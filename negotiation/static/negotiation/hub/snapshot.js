/**
 * The law of the log: an old snapshot and the entries since are the fresh snapshot.
 * Pure; the room's page redraws from what this returns.
 */
const ENDS = {
  "offer.declined": "declined",
  "offer.withdrawn": "withdrawn",
  "offer.expired": "expired",
  "negotiation.closed": "closed",
  "negotiation.superseded": "superseded",
};

const other = (side) => (side === "guest" ? "host" : "guest");

function afterOffer(snapshot, { actor, data }) {
  const left = { ...snapshot.offers_left, [actor]: snapshot.offers_left[actor] - 1 };
  return { standing_offer: data.offer, turn: other(actor), offers_left: left };
}

function change(snapshot, entry) {
  if (entry.kind === "offer.made") return afterOffer(snapshot, entry);
  if (entry.kind === "offer.extended") return { standing_offer: entry.data.offer };
  if (entry.kind === "offer.accepted") {
    return { status: "accepted", turn: null, standing_offer: null, booking: entry.data.booking };
  }
  if (entry.kind in ENDS) return { status: ENDS[entry.kind], turn: null, standing_offer: null };
  return {};
}

/** @returns a new snapshot with `entry` in it; the same one where it is already. */
export function apply(snapshot, entry) {
  if (entry.seq <= snapshot.last_seq) return snapshot;
  return { ...snapshot, ...change(snapshot, entry), last_seq: entry.seq, updated_at: entry.at };
}
