import { count, fill, gettext, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";
import { nightsWords, shortDay } from "../../core/times.js";

/** The sentences of a room. `view` is `{snapshot, side, currency}`. */
export const nameOf = ({ snapshot }, actor) => snapshot[actor].name;

export function offerTitle(view, actor) {
  if (actor === view.side) return actor === "guest" ? gettext("You bid") : gettext("You ask");
  const name = nameOf(view, actor);
  return actor === "guest" ? say("%(name)s bids", { name }) : say("%(name)s asks", { name });
}

/** That a machine did it, and for whom; "" where people did. */
export function via(view, entry) {
  if (!entry?.via) return "";
  return entry.actor === view.side ? gettext("by your assistant") : say("by %(name)s's assistant", { name: nameOf(view, entry.actor) });
}

/** What the live region says of a new offer: who, how much, and what is left. */
export function announce(view, entry) {
  const amount = money(entry.data.offer.amount, view.snapshot.currency);
  const { guest, host } = view.snapshot.offers_left;
  const left =
    guest === host
      ? count("%(count)s offer left each", "%(count)s offers left each", guest)
      : say("%(mine)s offers left for you, %(theirs)s for the other side", {
          mine: view.snapshot.offers_left[view.side],
          theirs: view.side === "guest" ? host : guest,
        });
  return say("%(who)s %(amount)s for the stay, %(left)s", { who: offerTitle(view, entry.actor), amount, left });
}

const ENDED = {
  "dates.taken": gettext("Somebody else booked these nights."),
  "guest.booked": gettext("The guest booked another stay for these nights."),
  "property.unlisted": gettext("The home is no longer listed."),
  "account.closed": gettext("One of the two accounts was closed."),
};

const BY_ME = {
  "offer.accepted": gettext("You accepted %(amount)s. The booking is confirmed."),
  "offer.declined": gettext("You declined."),
  "offer.withdrawn": gettext("You withdrew your offer."),
  "offer.extended": gettext("You gave the offer more time."),
  "negotiation.closed": gettext("You closed the question."),
  "limit.sealed": gettext("You sealed a limit. Only you see it."),
  "limit.unsealed": gettext("Your sealed limit is gone."),
  "negotiation.opened": gettext("You asked about %(nights)s, %(from)s to %(to)s. List price %(list)s."),
};
const BY_THEM = {
  "offer.accepted": gettext("%(name)s accepted %(amount)s. The booking is confirmed."),
  "offer.declined": gettext("%(name)s declined."),
  "offer.withdrawn": gettext("%(name)s withdrew the offer."),
  "offer.extended": gettext("%(name)s gave the offer more time."),
  "negotiation.closed": gettext("%(name)s closed the question."),
  "limit.sealed": gettext("%(name)s sealed a limit."),
  "limit.unsealed": gettext("%(name)s has no sealed limit any more."),
  "negotiation.opened": gettext("%(name)s asked about %(nights)s, %(from)s to %(to)s. List price %(list)s."),
};

function values(view, { actor, data }) {
  const currency = view.snapshot.currency;
  const opened = data.start_date && {
    nights: nightsWords(data.start_date, data.end_date),
    from: shortDay(data.start_date),
    to: shortDay(data.end_date),
    list: money(data.list_amount, currency),
  };
  return { name: view.snapshot[actor]?.name, amount: data.amount && money(data.amount, currency), ...opened };
}

/** One line for an entry that is neither an offer nor a message. */
export function line(view, entry) {
  if (entry.kind === "negotiation.superseded") return ENDED[entry.data.reason] ?? gettext("This haggle is over.");
  if (entry.kind === "list.lowered") {
    const sentence =
      view.side === "guest"
        ? gettext("The list price fell: the stay costs everybody %(list)s now, no more than your bid. You may withdraw and book it.")
        : gettext("Your list price fell: the stay costs everybody %(list)s now, no more than the bid.");
    return fill(sentence, { list: money(entry.data.list_amount, view.snapshot.currency) });
  }
  if (entry.kind === "offer.expired") {
    return entry.data.offer ? gettext("Time ran out: the offer expired.") : gettext("The question expired.");
  }
  if (entry.kind === "limit.missed") return gettext("The two limits did not meet. No figure was shown to anybody.");
  if (entry.kind === "limit.met") {
    const amount = money(entry.data.offer.amount, view.snapshot.currency);
    return say("The two limits met. Half-way is %(amount)s.", { amount });
  }
  if (entry.kind === "offer.accepted" && view.entries.some(({ seq, kind }) => seq === entry.seq - 1 && kind === "limit.met")) {
    return say("The booking is confirmed at %(amount)s.", { amount: money(entry.data.amount, view.snapshot.currency) });
  }
  const sentence = (entry.actor === view.side ? BY_ME : BY_THEM)[entry.kind];
  const why = entry.data.reason && entry.kind === "offer.declined" ? ` “${entry.data.reason}”` : "";
  return sentence ? fill(sentence, values(view, entry)) + why : "";
}

/** A refusal in words; `range` says in words what would work. */
export function refusal(error, range) {
  if (error.code === "offer.not_a_concession" && range) return say("Choose a price %(range)s.", { range });
  const known = {
    "offer.stale": gettext("Another offer stands by now. Look at it first."),
    "offer.expired": gettext("Time ran out for this offer."),
    "offer.not_your_turn": gettext("It is the other side's turn."),
    "offer.limit_reached": gettext("No offers are left. You can still accept or decline."),
    "dates.taken": gettext("These nights are taken or held by somebody just now."),
    "negotiation.closed": gettext("This haggle is over."),
    "booking.too_many_unpaid": gettext("Too many stays wait to be paid. Pay or cancel one first."),
    "client.unsent": gettext("You are offline. It was not sent, nothing was done."),
    "client.signed_out": gettext("You are signed out. It was not sent, nothing was done."),
    "client.refused": gettext("The connection was refused. Reload the page. Nothing was done."),
    "client.closed": gettext("The page was closed."),
    "client.unconfirmed": gettext("No answer came. The room shows what counts once you are back."),
    rate_limited: gettext("A little slower, please. Try again in a moment."),
  };
  return known[error.code] ?? Object.values(error.fields ?? {})[0]?.[0] ?? error.message;
}
