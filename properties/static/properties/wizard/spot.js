import { $, el, icon } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { createMap } from "../map/ground.js";

const L = globalThis.L;
const form = $("[data-wizard]");
const field = (name) => form.elements.namedItem(`location.${name}`);
const said = $("[data-spot-said]");
let map;
let pin;

const at = () => [Number(field("latitude").value), Number(field("longitude").value)];
const isSet = () => field("latitude").value !== "" && field("longitude").value !== "" && at().every(Number.isFinite);

function put({ lat, lng }) {
  const { lat: y, lng: x } = L.latLng(lat, lng).wrap();
  field("latitude").value = y.toFixed(6);
  field("longitude").value = x.toFixed(6);
  form.dispatchEvent(new Event("change", { bubbles: true }));
  draw();
  said.textContent = say("The pin is at %(y)s, %(x)s.", { y: y.toFixed(4), x: x.toFixed(4) });
}

function draw() {
  if (!map || !isSet()) return;
  const html = el("span", {}, icon("pin"));
  pin ??= L.marker(at(), {
    draggable: true,
    keyboard: false,
    alt: "",
    icon: L.divIcon({ html, className: "map__spot", iconSize: null }),
  }).on("dragend", () => put(pin.getLatLng()));
  pin.setLatLng(at()).addTo(map);
  // The pin is for the pointer; the fields say the same to everybody.
  pin.getElement()?.setAttribute("aria-hidden", "true");
}

function start() {
  if (map) {
    map.invalidateSize();
    return;
  }
  map = createMap($("[data-spot]"));
  map.on("click", (event) => put(event.latlng));
  if (isSet()) map.setView(at(), 14, { animate: false });
  draw();
}

$("[data-spot-middle]").addEventListener("click", () => put(map.getCenter()));
for (const name of ["latitude", "longitude"]) {
  field(name).addEventListener("change", () => {
    draw();
    if (isSet()) map?.panTo(at(), { animate: false });
  });
}
form.addEventListener("shown", (event) => event.target.contains($("[data-spot]")) && start());
form.addEventListener("restored", draw);

const here = $("[data-spot-here]");
here.hidden = !navigator.geolocation || !isSecureContext;
here.addEventListener("click", () => {
  said.textContent = gettext("Looking for you…");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      map.setView([coords.latitude, coords.longitude], 16, { animate: false });
      put({ lat: coords.latitude, lng: coords.longitude });
    },
    () => (said.textContent = gettext("Your browser does not tell where you are. Click the map instead.")),
  );
});
