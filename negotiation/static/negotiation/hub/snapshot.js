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

const MEALS = ["breakfast", "lunch", "dinner"];

/** What the first price in a question settled, where an entry carries it. */
function refrozen(snapshot, terms) {
  if (!terms) return snapshot;
  const { guests, booking_type, list_amount, offers_per_side } = terms;
  const ordered = ({ id, name, price, quantity, date }) => ({ id, name, price, quantity, date });
  const of = (kind) => terms.meals.filter((meal) => meal.kind === kind).map(ordered);
  const meals = Object.fromEntries(MEALS.map((kind) => [kind, of(kind)]));
  const left = { guest: offers_per_side, host: offers_per_side };
  return { ...snapshot, guests, booking_type, list_amount, meals, offers_left: left };
}

function afterOffer(snapshot, { actor, data }) {
  const left = { ...snapshot.offers_left, [actor]: snapshot.offers_left[actor] - 1 };
  return { standing_offer: data.offer, turn: other(actor), offers_left: left };
}

const NO_LIMITS = { guest: "none", host: "none" };

/** An end leaves "spent" where limits were compared, else no limit. */
function ended(snapshot, status) {
  const limits = snapshot.limits?.guest === "spent" ? snapshot.limits : NO_LIMITS;
  return { status, turn: null, standing_offer: null, limits, limit_mine: undefined };
}

function limitsAfter(snapshot, entry) {
  if (entry.kind === "limit.sealed") return { limits: { ...NO_LIMITS, ...snapshot.limits, [entry.actor]: "sealed" } };
  if (entry.kind === "limit.unsealed") return { limits: { ...NO_LIMITS, ...snapshot.limits, [entry.actor]: "none" } };
  return { limits: { guest: "spent", host: "spent" }, limit_mine: undefined };
}

function change(snapshot, entry) {
  if (entry.kind === "offer.made") return afterOffer(snapshot, entry);
  if (entry.kind === "offer.extended") return { standing_offer: entry.data.offer };
  if (entry.kind.startsWith("limit.")) return limitsAfter(snapshot, entry);
  if (entry.kind === "offer.accepted") return { ...ended(snapshot, "accepted"), booking: entry.data.booking };
  if (entry.kind in ENDS) return ended(snapshot, ENDS[entry.kind]);
  return {};
}

/** @returns a new snapshot with `entry` in it; the same one where it is already. */
export function apply(snapshot, entry) {
  if (entry.seq <= snapshot.last_seq) return snapshot;
  const before = refrozen(snapshot, entry.data.terms);
  const after = { ...before, ...change(before, entry), last_seq: entry.seq, updated_at: entry.at };
  if (after.limit_mine === undefined) delete after.limit_mine;
  return after;
}
