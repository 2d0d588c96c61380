import { $, el } from "../../core/dom.js";
import { gettext } from "../../core/i18n.js";

const PAUSE_MS = 150;
const SHORTEST = 2;
const input = $("[data-where]");
const list = $("[data-places]");
const kinds = {
  division: gettext("Division"),
  district: gettext("District"),
  upazila: gettext("Upazila"),
  postcode: gettext("Postcode"),
  home: gettext("Homes there"),
};
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;
/** @type {AbortController | undefined} */
let asking;

/** What is offered reads as it was typed, too: a browser shows only what the typed letters are in. */
function option(place, typed) {
  const words = [place.bangla, place.within, kinds[place.kind]].filter(Boolean);
  const label = place.name.toLowerCase().includes(typed.toLowerCase()) ? words : [typed, place.name, ...words];
  return el("option", { value: place.name, label: label.join(" · ") });
}

async function suggest(typed) {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch(`/api/properties/places/?q=${encodeURIComponent(typed)}`, { signal: asking.signal }).catch(() => null);
  if (!answer?.ok) return;
  const { results } = await answer.json();
  list.replaceChildren(...results.map((place) => option(place, typed)));
}

input.addEventListener("input", () => {
  clearTimeout(pause);
  const typed = input.value.trim();
  if (typed.length < SHORTEST) return list.replaceChildren();
  pause = setTimeout(() => suggest(typed), PAUSE_MS);
});
