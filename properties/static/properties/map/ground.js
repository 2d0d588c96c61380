import { towns } from "./towns.js";

/** Leaflet, loaded by a plain script of the page. */
const L = globalThis.L;
const LAND = new URL("../../vendor/natural-earth/land.json", import.meta.url);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const WHOLE_WORLD = { south: -62, north: 80 };

/**
 * A Leaflet map in `node` with tiles from `data-tiles`, or without them a plain ground: land, borders, names of towns.
 * Needs `data-latitude`, `data-longitude`, `data-zoom` for where it first looks.
 */
export function createMap(node, options = {}) {
  const { tiles, attribution, latitude, longitude, zoom } = node.dataset;
  const map = L.map(node, {
    zoomControl: false,
    fadeAnimation: !still,
    zoomAnimation: !still,
    markerZoomAnimation: !still,
    // A map that is let go stays where the hand left it.
    inertia: !still,
    minZoom: 3,
    maxZoom: 18,
    worldCopyJump: true,
    maxBoundsViscosity: 0.8,
    maxBounds: [
      [WHOLE_WORLD.south - 20, -Infinity],
      [WHOLE_WORLD.north + 5, Infinity],
    ],
    ...options,
  });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ position: "topright", zoomInTitle: node.dataset.zoomIn, zoomOutTitle: node.dataset.zoomOut }).addTo(map);
  map.setView([Number(latitude), Number(longitude)], Number(zoom));
  if (tiles) tiled(map, node, tiles, attribution);
  else plainGround(map, node);
  return map;
}

/** Tiles; where the first of them fails (a wrong key, a server that is away) the plain ground takes their place. */
function tiled(map, node, tiles, attribution) {
  const layer = L.tileLayer(tiles, { attribution, maxZoom: 19 }).addTo(map);
  let came = false;
  layer.on("tileload", () => (came = true));
  layer.on("tileerror", () => {
    if (came || !map.hasLayer(layer)) return;
    layer.remove();
    plainGround(map, node);
  });
}

function plainGround(map, node) {
  node.classList.add("map--plain");
  map.createPane("land").style.zIndex = "150";
  map.createPane("names").style.zIndex = "160";
  nameTowns(map);
  // Without the land, pins and names still tell where things are.
  fetch(LAND)
    .then(
      (answer) => answer.json(),
      () => null,
    )
    .then((land) => land && drawLand(map, land));
}

function drawLand(map, { scale, polygons, lines }) {
  const look = { pane: "land", renderer: L.svg({ pane: "land", padding: 0.6 }), interactive: false, smoothFactor: 1.2 };
  const shapes = polygons.map((rings) => rings.map((ring) => unfold(ring, scale)));
  L.polygon(shapes, { ...look, className: "map__land" }).addTo(map);
  L.polyline(
    lines.map((line) => unfold(line, scale)),
    { ...look, className: "map__border" },
  ).addTo(map);
}

/** Each point of a ring is told from the one before it. @returns [[latitude, longitude], …] */
export function unfold(ring, scale) {
  const points = [];
  let [x, y] = [0, 0];
  for (let i = 0; i < ring.length; i += 2) {
    x += ring[i];
    y += ring[i + 1];
    points.push([y / scale, x / scale]);
  }
  return points;
}

function nameTowns(map) {
  const layer = L.layerGroup().addTo(map);
  const draw = () => {
    layer.clearLayers();
    towns.filter(([, , , from]) => map.getZoom() >= from).forEach((town) => layer.addLayer(name(town)));
  };
  map.on("zoomend", draw);
  draw();
}

function name([words, latitude, longitude, from]) {
  const html = document.createElement("span");
  html.textContent = words;
  const icon = L.divIcon({ html, className: `map__town${from <= 5 ? " map__town--large" : ""}`, iconSize: null });
  return L.marker([latitude, longitude], { icon, pane: "names", interactive: false, keyboard: false });
}
