/** The hub's JavaScript client. Types and an overview: hub-client.d.ts beside this file. */
export { HubClient } from "./client.js";
export { HubError } from "./errors.js";
export { Room } from "./room.js";
export { apply } from "./snapshot.js";
export { uuid } from "./uuid.js";
