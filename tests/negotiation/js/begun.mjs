import { afterEach, beforeEach, mock } from "node:test";
import { HubClient } from "../../../negotiation/static/negotiation/hub/hub-client.js";
import { ScriptedSocket, settle } from "./scripted.mjs";

/** The client of the test that runs. @type {HubClient} */
export let client;

export function begin(options = {}) {
  client = new HubClient({ base: "http://hub.test/", WebSocket: ScriptedSocket, random: () => 0.5, ...options });
  client.connect();
  return settle();
}

export async function live(options) {
  await begin(options);
  ScriptedSocket.last.welcome();
  await settle();
}

/** Each test of a file has a client and a clock of its own. */
export function eachAlone() {
  beforeEach(() => {
    ScriptedSocket.reset();
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: Date.parse("2026-11-22T10:00:00Z") });
  });

  afterEach(() => {
    client.close();
    mock.timers.reset();
  });
}

export const caught = (promise) =>
  promise.then(
    () => null,
    (error) => error,
  );
