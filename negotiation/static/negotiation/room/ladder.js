import { $, text } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";
import { ladder } from "./haggle.js";

const SVG = "http://www.w3.org/2000/svg";

function mark(svg, name, attributes) {
  const node = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  svg.append(node);
}

const dot = (place, kind, now) => ({
  cx: `${place}%`,
  cy: 12,
  r: now ? 8 : 4,
  class: `ladder__dot ladder__dot--${kind}${now ? " is-now" : ""}`,
});

function draw(svg, rungs, agreed) {
  svg.replaceChildren();
  mark(svg, "line", { x1: "0%", x2: "100%", y1: 12, y2: 12, class: "ladder__rail" });
  const [bid, ask] = [rungs.bids.at(-1), rungs.asks.at(-1) ?? rungs.top];
  if (bid !== undefined && agreed === null) mark(svg, "line", { x1: `${bid}%`, x2: `${ask}%`, y1: 12, y2: 12, class: "ladder__gap" });
  if (!rungs.asked) mark(svg, "circle", { ...dot(rungs.top, "list", true), r: 6 });
  const isNow = (list, i) => agreed === null && i === list.length - 1;
  rungs.bids.forEach((place, i) => mark(svg, "circle", dot(place, "guest", isNow(rungs.bids, i))));
  rungs.asks.forEach((place, i) => mark(svg, "circle", dot(place, "host", isNow(rungs.asks, i))));
  if (agreed !== null) mark(svg, "circle", dot(agreed, "agreed", true));
}

/** Bids come from the left, asks from the right; the gap between them is what is haggled about, until it closes. */
export function showLadder(root, view) {
  const { snapshot, entries } = view;
  const rungs = ladder(snapshot, entries);
  const m = (amount) => money(amount, snapshot.currency);
  const price = entries.findLast(({ kind }) => kind === "offer.accepted")?.data.amount;
  draw($("svg", root), rungs, price === undefined ? null : rungs.place(price));
  const top = say("list %(amount)s", { amount: m(snapshot.list_amount) });
  if (price !== undefined) {
    words(root, {
      bid: say("agreed at %(amount)s", { amount: m(price) }),
      gap: "",
      ask: top,
      before: rungs.place(price),
      behind: 100 - rungs.top,
    });
    return;
  }
  const bid = rungs.bid === null ? gettext("no bid yet") : m(rungs.bid);
  const gap = rungs.gap === null ? "" : say("gap %(amount)s", { amount: m(rungs.gap) });
  const ask = rungs.asked ? m(rungs.ask) : top;
  words(root, { bid, gap, ask, before: rungs.bids.at(-1) ?? 0, behind: 100 - (rungs.asks.at(-1) ?? rungs.top) });
}

/** The words under the ladder: the bid's ends below its dot, the ask's begins below its own, as far as there is room. */
function words(root, { bid, gap, ask, before, behind }) {
  text($("[data-bid]", root), bid);
  text($("[data-gap]", root), gap);
  text($("[data-ask]", root), ask);
  // As attributes, like the server writes them: the page's policy lets no style come with the markup.
  $("[data-before]", root).setAttribute("width", `${before}%`);
  $("[data-behind]", root).setAttribute("width", `${behind}%`);
}
