import { $ } from "../../core/dom.js";
import { count, gettext } from "../../core/i18n.js";
import { pickRange } from "../dates/fields.js";
import { AnyStays } from "../dates/stays.js";
import { countGuests } from "../guests.js";
import { createMap } from "../map/ground.js";
import { Pins } from "../map/pins.js";
import { Filters } from "./filters.js";

const results = $("[data-results]");
const frame = $("[data-found]");
const said = $("[data-said]");
const follow = $("[data-follow]");
const phone = matchMedia("(max-width: 1023px)");
const filters = new Filters($("[data-finder]"));
const dates = $("[data-dates]");
const { today } = dates.dataset;
const picker = pickRange(dates, { stays: new AnyStays(today), today });
const who = countGuests($("[data-guests]"));
let asking = null;

/** All homes found, up to as many as a map can show; the cards are a page of them. */
const homes = () => JSON.parse($("#pins", results).textContent);

const cardOf = (id) => $(`[data-id="${id}"]`, results);

const map = createMap($("[data-map]"));
const pins = new Pins(map);
// The map moves by itself when it fits the pins; only the user's own move asks for a search.
let moving = false;

function show({ fit }) {
  pins.show(homes());
  $("[data-peek]").hidden = true;
  if (!fit) return;
  moving = true;
  // What of the map lies below the window's edge shows nothing.
  const under = Math.max(0, map.getContainer().getBoundingClientRect().bottom - innerHeight);
  pins.fit(under);
  moving = false;
}

/** Asks for what the form says and puts it in place of what is there. */
async function search({ fit = true, remember = true } = {}) {
  asking?.abort();
  asking = new AbortController();
  const query = filters.query();
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`/found/?${query}`, { signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    put(await answer.text());
    if (remember) history.pushState({ query: String(query) }, "", query.size ? `/?${query}` : "/");
    show({ fit });
    const number = homes().length;
    said.textContent = number ? count("%(count)s home", "%(count)s homes", number) : gettext("No home found");
  } catch (error) {
    if (error.name === "AbortError") return;
    said.textContent = gettext("The search did not answer. Try again.");
  }
  results.removeAttribute("aria-busy");
}

function put(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  results.replaceChildren(...page.body.childNodes);
  filters.count(results);
}

filters.addEventListener("change", ({ detail }) => search({ fit: detail !== "box" }));

map.on("moveend", () => {
  if (moving || !follow.checked || !map.hasMoved) return;
  filters.setBox(map.getBounds());
});
// Only a hand on the map counts as moving it; a window that changes its size does not.
for (const name of ["dragstart", "wheel", "keydown", "click", "dblclick"]) {
  map.getContainer().addEventListener(name, () => (map.hasMoved = true), { passive: true });
}
map.on("dragstart", () => (map.hasMoved = true));

for (const [come, go] of [
  ["pointerover", "pointerout"],
  ["focusin", "focusout"],
]) {
  results.addEventListener(come, (event) => {
    const card = event.target.closest("[data-id]");
    if (card) pins.lift(card.dataset.id);
  });
  results.addEventListener(go, () => pins.drop());
}

pins.addEventListener("lift", ({ detail: id }) => cardOf(id)?.classList.add("is-lifted"));
pins.addEventListener("drop", ({ detail: id }) => cardOf(id)?.classList.remove("is-lifted"));
pins.addEventListener("pick", async ({ detail: id }) => {
  const card = cardOf(id) ?? (await fetchCard(id));
  if (!card) return;
  pins.lift(id);
  if (phone.matches || !card.isConnected) peek(card);
  else {
    $("[data-peek]").hidden = true;
    card.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    $("a", card).focus({ preventScroll: true });
  }
});

/** The card of a home that is on another page of the list; nothing where it is gone or the server does not answer. */
async function fetchCard(id) {
  const answer = await fetch(`/found/${id}/?${filters.query()}`).catch(() => null);
  if (!answer?.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-id]");
}

/** On a phone the map fills the screen, and a card may be on another page: the home of a pin comes up from the map's edge. */
function peek(card) {
  const shelf = $("[data-peek]");
  shelf.replaceChildren(card.cloneNode(true));
  shelf.hidden = false;
  $("a", shelf).focus({ preventScroll: true });
}

const toggle = $("[data-switch]");
toggle.addEventListener("click", () => {
  const on = frame.classList.toggle("found--map");
  filters.form.classList.toggle("finder--map", on);
  toggle.setAttribute("aria-pressed", String(on));
  if (!on) return;
  map.invalidateSize({ animate: false });
  if (!filters.hasBox()) show({ fit: true });
  scrollTo(0, 0);
});

addEventListener("popstate", () => {
  filters.restore(new URLSearchParams(location.search));
  picker.choose(filters.form.check_in.value, filters.form.check_out.value);
  who.dress();
  search({ remember: false });
});

new ResizeObserver(() => {
  moving = true;
  map.invalidateSize({ animate: false, pan: false });
  moving = false;
}).observe(map.getContainer());
show({ fit: true });
