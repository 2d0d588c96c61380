/** Amounts are decimal strings with two places in `currency`; times ISO 8601 UTC; durations seconds unless named otherwise. */

export type Side = "guest" | "host";
export type NegotiationStatus = "open" | "accepted" | "declined" | "withdrawn" | "expired" | "superseded" | "closed";
export type OfferStatus = "standing" | "countered" | "accepted" | "declined" | "withdrawn" | "expired" | "superseded";
export type LimitState = "none" | "sealed" | "spent";
export type BookingType = "stay" | "stay_with_meal" | "paying_guest";
export type ConnectionState =
  | "idle" | "connecting" | "live" | "reconnecting" | "polling" | "signed-out" | "stopped" | "closed";

export interface Quote {
  currency: string;
  nights: number;
  stay: string;
  meals: string;
  cleaning: string;
  platform_fee: string;
  tax: string;
  total: string;
}

export interface Offer {
  id: number;
  amount: string;
  by: Side;
  made_at: string;
  expires_at: string;
  status: OfferStatus;
  quote: Quote;
}

export interface Person {
  id: number;
  name: string;
}

/** A meal as it is ordered. */
export interface MealOrder {
  id: number;
  quantity: number;
  date?: string | null;
}

/** A meal as it is answered: with the name and the price of a piece, both frozen when the negotiation opened. */
export interface OrderedMeal {
  id: number;
  name: string;
  price: string;
  quantity: number;
  date: string | null;
}

export type MealKind = "breakfast" | "lunch" | "dinner";

export interface Snapshot {
  id: number;
  status: NegotiationStatus;
  turn: Side | null;
  property: { id: number; title: string; photo: string };
  guest: Person;
  host: Person;
  start_date: string;
  end_date: string;
  guests: number;
  booking_type: BookingType;
  meals: Record<MealKind, OrderedMeal[]>;
  currency: string;
  list_amount: string;
  standing_offer: Offer | null;
  offers_left: Record<Side, number>;
  booking: number | null;
  limits: Record<Side, LimitState>;
  /** The own sealed limit while it stands; only its owner's snapshot has it. */
  limit_mine?: { amount: string; quote: Quote; expires_at: string };
  last_seq: number;
  online: Record<Side, boolean>;
  seen: Record<Side, number>;
  created_at: string;
  updated_at: string;
}

interface EntryOf<Kind extends string, Actor extends string, Data> {
  type: "entry";
  negotiation: number;
  seq: number;
  at: string;
  kind: Kind;
  actor: Actor;
  data: Data;
  /** A machine made it for its actor, under a mandate. */
  via?: "agent";
}

export type Entry =
  | EntryOf<"negotiation.opened", "guest", {
      property: { id: number; title: string };
      start_date: string;
      end_date: string;
      guests: number;
      booking_type: BookingType;
      list_amount: string;
      currency: string;
    }>
  | EntryOf<"offer.made" | "offer.extended", Side, { offer: Offer }>
  | EntryOf<"offer.accepted", Side, { offer: number; booking: number; amount: string }>
  | EntryOf<"offer.declined", Side, { offer: number; reason: string }>
  | EntryOf<"offer.withdrawn", Side, { offer: number }>
  | EntryOf<"offer.expired", "system", { offer: number | null }>
  | EntryOf<"negotiation.closed", Side, Record<string, never>>
  | EntryOf<"negotiation.superseded", "system", {
      reason: "dates.taken" | "guest.booked" | "property.unlisted" | "account.closed";
    }>
  | EntryOf<"limit.sealed" | "limit.unsealed", Side, object>
  | EntryOf<"limit.missed", "system", Record<string, never>>
  | EntryOf<"limit.met", "system", { offer: Offer }>
  | EntryOf<"list.lowered", "system", { list_amount: string }>
  | EntryOf<"message.sent", Side, { text: string }>;

export interface Notification {
  type: "notification";
  id: number;
  kind: string;
  title: string;
  negotiation: number | null;
  booking: number | null;
  property: number | null;
  at: string;
  read: boolean;
}

export interface Welcome {
  type: "welcome";
  protocol: 1;
  user: Person & { is_host: boolean };
  server_time: string;
  unread: number;
}

/** `code` is one of the protocol's, or `client.unsent` (nothing was done), `client.unconfirmed`
 * (it went out, no answer came: the log will tell), `client.live_only`, `client.closed`. */
export class HubError extends Error {
  code: string;
  params: Record<string, unknown>;
  fields: Record<string, string[]>;
}

export interface HubOptions {
  /** Where the hub's HTTP root is; the socket is `ws/` under it. Default: this page's host. */
  base?: string;
  /** A token; tickets are drawn with it. Without one the session cookie is used. */
  token?: string;
  /** Where a one-time ticket comes from, if not by `token`. */
  ticket?: () => Promise<string>;
  /** The CSRF token that REST wants beside a session cookie. */
  csrf?: string | (() => string);
  /** Milliseconds that a move may wait for a connection; default 15000. */
  limit?: number;
  /** Milliseconds between two looks while no socket gets through; default 3000. */
  poll?: number;
  WebSocket?: typeof WebSocket;
  fetch?: typeof fetch;
  random?: () => number;
}

export interface Stay {
  property: number;
  start_date: string;
  end_date: string;
  guests: number;
  booking_type: BookingType;
  /** Without it a question is opened, and `message` is needed. */
  amount?: string;
  /** The most that the guest agrees to, sealed with the opening. */
  limit?: string;
  meals?: Partial<Record<MealKind, MealOrder[]>>;
  expires_in?: number;
  message?: string;
}

export interface LimitReply {
  limits: Record<Side, LimitState>;
  seq: number;
  /** Where the limits met: the stay is booked. */
  booking?: { id: number };
}

export interface OfferExtra {
  expires_in?: number;
  message?: string;
}

interface RoomEvents {
  entry: CustomEvent<{ entry: Entry; missed: boolean }>;
  snapshot: CustomEvent<Snapshot>;
  typing: CustomEvent<{ actor: Side; typing: boolean }>;
  seen: CustomEvent<{ actor: Side; seq: number }>;
  presence: CustomEvent<{ actor: Side; online: boolean }>;
  nights: CustomEvent<{ free: boolean }>;
  gone: Event;
}

export class Room extends EventTarget {
  readonly id: number;
  readonly lastSeq: number;
  readonly snapshot: Snapshot | null;
  catchUp(missed?: boolean): Promise<Snapshot>;
  addEventListener<K extends keyof RoomEvents>(type: K, listener: (event: RoomEvents[K]) => void): void;
}

interface ClientEvents {
  status: CustomEvent<{ state: ConnectionState }>;
  welcome: CustomEvent<Welcome>;
  notification: CustomEvent<Notification>;
  unread: CustomEvent<{ unread: number }>;
}

export class HubClient extends EventTarget {
  constructor(options?: HubOptions);
  readonly state: ConnectionState;
  readonly userId: number | null;
  /** The hub's clock; `now()` in milliseconds since the epoch. */
  readonly clock: { now(): number };
  connect(): this;
  close(): void;
  join(negotiation: number | string, options?: { afterSeq?: number; snapshot?: Snapshot | null }): Room;
  leave(negotiation: number | string): void;
  open(stay: Stay): Promise<Snapshot>;
  makeOffer(negotiation: number, amount: string, extra?: OfferExtra): Promise<{ offer: Offer; seq: number }>;
  accept(negotiation: number, offer: number): Promise<{ booking: { id: number }; seq: number }>;
  decline(negotiation: number, offer: number, reason?: string): Promise<{ seq: number }>;
  withdraw(negotiation: number, offer: number): Promise<{ seq: number }>;
  seal(negotiation: number, amount: string, extra?: { expires_in?: number }): Promise<LimitReply>;
  unseal(negotiation: number): Promise<LimitReply>;
  extend(negotiation: number, offer: number, expires_in: number): Promise<{ offer: Offer; seq: number }>;
  closeQuestion(negotiation: number): Promise<{ seq: number }>;
  say(negotiation: number, text: string, options?: { id?: string }): Promise<{ seq: number }>;
  read(notification?: number | "all"): Promise<{ unread: number }>;
  typing(negotiation: number, typing: boolean): void;
  seen(negotiation: number, seq: number): void;
  send(type: string, fields?: object, options?: { id?: string }): Promise<object>;
  addEventListener<K extends keyof ClientEvents>(type: K, listener: (event: ClientEvents[K]) => void): void;
}

/** The law of the log: `apply(old snapshot, entry)` is the fresh snapshot. Pure. */
export function apply(snapshot: Snapshot, entry: Entry): Snapshot;

/** A new command id. */
export function uuid(): string;
