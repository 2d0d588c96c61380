/** What a side may do next, read off the snapshot and the log. Pure; the hub has the last word. */

export const other = (side) => (side === "guest" ? "host" : "guest");

/** Each side's offers so far, oldest first: `{guest: ["4400.00"], host: ["5200.00"]}`. */
export function prices(entries) {
  const found = { guest: [], host: [] };
  for (const { kind, actor, data } of entries) if (kind === "offer.made") found[actor].push(data.offer.amount);
  return found;
}

const last = (list) => (list.length ? Number(list.at(-1)) : null);

/** The open interval in which the next offer of `side` lies; hundredths, both ends possible. */
export function range(snapshot, entries, side) {
  const made = prices(entries);
  const list = Number(snapshot.list_amount);
  const bid = last(made.guest);
  const ask = last(made.host);
  if (side === "guest") return { least: up(bid ?? 0), most: down(ask ?? list) };
  return { least: up(bid ?? 0), most: ask === null ? list : down(ask) };
}

const cents = (amount) => Math.round(amount * 100);
const up = (amount) => (cents(amount) + 1) / 100;
const down = (amount) => (cents(amount) - 1) / 100;

/** What `side` may seal as its limit: from its own last offer to short of the other side's. */
export function limitRange({ snapshot, entries }, side) {
  const made = prices(entries);
  const list = Number(snapshot.list_amount);
  const bid = last(made.guest);
  const ask = last(made.host);
  if (side === "guest") return { least: bid ?? 0.01, most: down(ask ?? list) };
  return { least: up(bid ?? 0), most: ask ?? list };
}

/** Half-way between the last bid and the last ask, on open offers alone; null until both were made. */
export function midpoint(entries) {
  const made = prices(entries);
  const [bid, ask] = [last(made.guest), last(made.host)];
  return bid === null || ask === null ? null : Math.round((cents(bid) + cents(ask)) / 2) / 100;
}

/** The all-in price of a stay at `amount`, by the frozen terms; each line rounded half up, as the hub does. */
export function quoted({ meals, cleaning, fee_percent, tax_percent }, amount) {
  const base = cents(amount) + cents(Number(meals)) + cents(Number(cleaning));
  const share = (percent) => Math.floor((base * Number(percent)) / 100 + 0.5);
  return { total: (base + share(fee_percent) + share(tax_percent)) / 100 };
}

/** What the host gets of a quote: all of it but fee and tax, which the guest pays on top. `bookings/rules/earnings.py`. */
export function receives({ total, platform_fee, tax }) {
  return (cents(Number(total)) - cents(Number(platform_fee)) - cents(Number(tax))) / 100;
}

/** A step that divides the range into some twenty to two hundred round prices. */
export function step({ least, most }) {
  const width = most - least;
  return [1000, 500, 100, 50, 10, 5, 1].find((size) => width / size >= 20) ?? (width >= 2 ? 1 : 0.01);
}

/** The round prices within the range, for a slider. */
export function slider(interval) {
  const size = step(interval);
  const first = Math.ceil(interval.least / size) * size;
  const final = Math.floor(interval.most / size) * size;
  return { min: first, max: Math.max(first, final), step: size };
}

// Of the price that is asked: what a first bid, and a host's first special offer, are suggested to leave off.
const FIRST_PERCENT_OFF = 10;

/**
 * What the field holds at first. After a bid: a third of the way from the own side's end towards the other's. Before any:
 * a tenth below what is asked, or the list price.
 */
export function suggestion(interval, side, entries) {
  const { min, max, step: size } = slider(interval);
  const third = (max - min) / 3;
  const started = prices(entries).guest.length > 0;
  const tenthOff = (interval.most * (100 - FIRST_PERCENT_OFF)) / 100;
  const price = started ? (side === "guest" ? min + third : max - third) : tenthOff;
  return Math.min(max, Math.max(min, Math.round(price / size) * size));
}

export const inside = ({ least, most }, amount) => cents(amount) >= cents(least) && cents(amount) <= cents(most);

/** `{accept, decline, withdraw, offer, talk, close}`: what the controls show. */
export function moves(snapshot, entries, side) {
  const open = snapshot.status === "open";
  const standing = snapshot.standing_offer;
  const theirs = open && standing !== null && standing.by !== side;
  const mine = open && standing !== null && standing.by === side;
  const question = open && standing === null;
  const { least, most } = range(snapshot, entries, side);
  const offer = (theirs || question) && snapshot.offers_left[side] > 0 && least <= most;
  const seal = open && (snapshot.limits?.[side] ?? "spent") === "none" && sealable(snapshot, entries, side);
  return { seal, accept: theirs, decline: theirs, withdraw: mine, offer, close: question, talk: open || snapshot.status === "accepted" };
}

function sealable(snapshot, entries, side) {
  const { least, most } = limitRange({ snapshot, entries }, side);
  return least <= most;
}

/** Where the two sides are on the way from the lowest bid to the list price, in per cent of the ladder. */
export function ladder(snapshot, entries) {
  const made = prices(entries);
  const top = Math.max(Number(snapshot.list_amount), ...made.host.map(Number));
  const lowest = Math.min(top * 0.9, ...made.guest.map(Number));
  const floor = lowest - (top - lowest) * 0.12;
  const place = (amount) => Math.round(((Number(amount) - floor) / (top - floor)) * 1000) / 10;
  const bid = last(made.guest);
  const ask = last(made.host) ?? top;
  return {
    bids: made.guest.map(place),
    asks: made.host.map(place),
    bid,
    ask,
    gap: bid === null ? null : ask - bid,
    top: place(top),
    asked: made.host.length > 0,
    place,
  };
}

/** How much of an offer's life is left: 1 at the start, 0 at its end. @param {number} now milliseconds */
export function life(offer, now) {
  const [from, to] = [Date.parse(offer.made_at), Date.parse(offer.expires_at)];
  return Math.max(0, Math.min(1, (to - now) / (to - from)));
}
