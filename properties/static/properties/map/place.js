import { createMap } from "./ground.js";

const L = globalThis.L;

/** A map with one home's neighbourhood as a circle: public places are only right to about 150 m. */
export function showNeighbourhood(node) {
  const { latitude, longitude } = node.dataset;
  const map = createMap(node, { scrollWheelZoom: false });
  const circle = L.circle([Number(latitude), Number(longitude)], { radius: 300, className: "map__outline", interactive: false });
  circle.addTo(map);
  return map;
}
