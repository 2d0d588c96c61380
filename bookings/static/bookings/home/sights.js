import { $, el } from "../../core/dom.js";
import { gettext } from "../../core/i18n.js";
import { toast } from "../../core/toasts.js";

/** The page's address goes by whatever the device shares with, else into the clipboard. */
function sharing() {
  const button = $("[data-share]");
  if (!button) return;
  const { share: url, title } = button.dataset;
  button.hidden = !(navigator.share || navigator.clipboard);
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) await navigator.share({ title, url });
      else {
        await navigator.clipboard.writeText(url);
        toast(gettext("Link copied"));
      }
    } catch (error) {
      // Who closes the device's own sheet wanted no word about it.
      if (error.name !== "AbortError") toast(gettext("The link could not be copied. It is in the address bar."));
    }
  });
}

const AREA_M = 300;

function script(src) {
  return new Promise((done, failed) => {
    const node = el("script", { src });
    node.addEventListener("load", done);
    node.addEventListener("error", failed);
    document.head.append(node);
  });
}

/** The map comes when it is nearly seen: it weighs as much as the rest of the page. */
async function drawMap(node) {
  for (const href of node.dataset.styles.split(" ")) document.head.append(el("link", { rel: "stylesheet", href }));
  await script(node.dataset.leaflet);
  const { createMap } = await import("../../properties/map/ground.js");
  const touch = matchMedia("(pointer: coarse)").matches;
  // A finger or a wheel that passes over it scrolls the page.
  const map = createMap(node, { scrollWheelZoom: false, dragging: !touch });
  const { L } = globalThis;
  const place = [Number(node.dataset.latitude), Number(node.dataset.longitude)];
  const look = { className: "spot__area", interactive: false };
  // Without tiles there is no street to compare with, and the map looks from farther off.
  if (node.dataset.tiles) L.circle(place, { ...look, radius: AREA_M }).addTo(map);
  else L.circleMarker(place, { ...look, radius: 18 }).addTo(map);
}

function whenNear(node, work) {
  const watch = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      watch.disconnect();
      work(node);
    },
    { rootMargin: "300px" },
  );
  watch.observe(node);
}

/** Homes like it that are free on the nights chosen in the box. */
function similar() {
  const shelf = $("[data-similar]");
  let asked = "";
  document.addEventListener("staychange", async (event) => {
    const { start_date, end_date, number_of_guests } = /** @type {CustomEvent} */ (event).detail;
    const nights = start_date && end_date ? `${start_date} ${end_date} ${number_of_guests}` : "";
    if (nights === asked || !nights) return;
    asked = nights;
    const query = new URLSearchParams({ check_in: start_date, check_out: end_date, guests: String(number_of_guests) });
    const answer = await fetch(`${shelf.dataset.similar}?${query}`).catch(() => null);
    if (!answer?.ok || asked !== nights) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    shelf.replaceChildren(...page.body.childNodes);
  });
}

/** The question is about the nights chosen in the box. */
function asking() {
  const link = $("[data-ask-host]");
  if (!link) return;
  document.addEventListener("staychange", (event) => {
    const { start_date, end_date, number_of_guests } = /** @type {CustomEvent} */ (event).detail;
    const query = new URLSearchParams({ check_in: start_date, check_out: end_date, guests: String(number_of_guests) });
    link.search = start_date && end_date ? String(query) : "";
  });
}

sharing();
asking();
similar();
const spot = $("[data-spot]");
if (spot) whenNear(spot, (node) => drawMap(node).catch(() => node.classList.add("spot--none")));
