/** What the room's script makes of each case of CASES (a JSON file), printed as JSON: the server has to make the same. */
import { readFileSync } from "node:fs";

// All apps' scripts under one root, as they are served: STATIC.
const room = (name) => import(`${process.env.STATIC}/negotiation/room/${name}.js`);
const { ladder, limitRange, moves, range, receives, slider, suggestion } = await room("haggle");
const { line, offerTitle } = await room("words");
const cases = JSON.parse(readFileSync(process.env.CASES, "utf8"));
const shown = cases.map(({ snapshot, entries, side }) => {
  const span = range(snapshot, entries, side);
  const { bids, asks, top } = ladder(snapshot, entries);
  return {
    can: moves(snapshot, entries, side),
    span: [span.least, span.most],
    limit: Object.values(limitRange({ snapshot, entries }, side)),
    slider: span.least <= span.most ? Object.values(slider(span)) : null,
    suggested: span.least <= span.most ? suggestion(span, side, entries) : null,
    ladder: [bids, asks, top],
    receives: entries.filter(({ kind }) => kind === "offer.made").map(({ data }) => receives(data.offer.quote)),
    lines: entries.map((entry) => {
      if (entry.kind === "offer.made") return offerTitle({ snapshot, side, entries }, entry.actor);
      return line({ snapshot, side, entries }, entry);
    }),
  };
});
console.log(JSON.stringify(shown));
