import { el } from "../../core/dom.js";
import { count, say } from "../../core/i18n.js";
import { money } from "../../core/money.js";

const L = globalThis.L;

/** The price in as few letters as fit on a pin: `৳12,500`. */
const label = (home) => money(Math.round(Number(home.price)), home.currency);

const spoken = (home) => say("%(name)s, %(price)s a night", { name: home.name, price: label(home) });

function pin(home) {
  const html = el(
    "span",
    { class: "pin__body" },
    el("span", { "aria-hidden": "true" }, label(home)),
    el("span", { class: "sr-only" }, spoken(home)),
  );
  return L.divIcon({ html, className: "pin", iconSize: null });
}

function clusterIcon(cluster) {
  const homes = cluster.getAllChildMarkers().map((marker) => marker.home);
  const words = count("%(count)s home, zoom in", "%(count)s homes, zoom in", homes.length);
  const html = el(
    "span",
    { class: "pin__body" },
    el("span", { "aria-hidden": "true" }, String(homes.length)),
    el("span", { class: "sr-only" }, words),
  );
  return L.divIcon({ html, className: "pin pin--many", iconSize: null });
}

/**
 * Pins with prices for homes `{id, name, latitude, longitude, price, currency}`, near ones drawn together.
 * Events: `pick` (an id) when a pin is pressed, `lift` and `drop` (an id) as the pointer or focus comes and goes.
 */
export class Pins extends EventTarget {
  constructor(map) {
    super();
    this.map = map;
    this.markers = new Map();
    this.lifted = null;
    this.layer = L.markerClusterGroup({
      iconCreateFunction: clusterIcon,
      maxClusterRadius: 46,
      showCoverageOnHover: true,
      spiderfyDistanceMultiplier: 1.6,
      polygonOptions: { className: "map__outline" },
      spiderLegPolylineOptions: { className: "map__leg" },
      animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    }).addTo(map);
    // A lifted pin may be drawn again, in or out of a cluster, whenever the map zooms.
    this.layer.on("animationend", () => this.#raise());
    map.on("zoomend", () => this.#raise());
  }

  show(homes) {
    this.layer.clearLayers();
    this.markers = new Map(homes.map((home) => [home.id, this.#marker(home)]));
    this.layer.addLayers([...this.markers.values()]);
    this.#raise();
  }

  /** Moves the map so that all pins are seen; `under` pixels at its lower edge are not. */
  fit(under = 0) {
    const bounds = this.layer.getBounds();
    const padding = { paddingTopLeft: [40, 64], paddingBottomRight: [40, 24 + under] };
    if (bounds.isValid()) this.map.fitBounds(bounds, { maxZoom: 13, animate: false, ...padding });
  }

  lift(id) {
    this.drop();
    this.lifted = id;
    this.#raise();
  }

  drop() {
    this.lifted = null;
    this.map
      .getPane("markerPane")
      .querySelectorAll(".is-lifted")
      .forEach((node) => node.classList.remove("is-lifted"));
  }

  #raise() {
    const marker = this.markers.get(this.lifted);
    this.layer
      .getVisibleParent(marker ?? {})
      ?.getElement?.()
      ?.classList.add("is-lifted");
  }

  #marker(home) {
    const marker = L.marker([home.latitude, home.longitude], { icon: pin(home), riseOnHover: true });
    marker.home = home;
    const tell = (kind) => () => this.dispatchEvent(new CustomEvent(kind, { detail: home.id }));
    return marker.on("click", tell("pick")).on("mouseover", tell("lift")).on("mouseout", tell("drop"));
  }
}
