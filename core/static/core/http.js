import { gettext } from "./i18n.js";

/** A refusal of the REST door: `code`, `message`, `params`, `fields`. */
export class Refusal extends Error {
  /** @param {{code?: string, message?: string, params?: Record<string, any>, fields?: Record<string, string[]>}} answer */
  constructor({ code = "unavailable", message, params = {}, fields = {} } = {}) {
    super(message || gettext("That did not work. Try again in a moment."));
    this.code = code;
    this.params = params;
    this.fields = fields;
  }
}

const unread = () => new Refusal({ code: "client.unsent", message: gettext("You seem to be offline. Try again.") });
// What broke on its way may have arrived all the same.
const unconfirmed = () =>
  new Refusal({
    code: "client.unconfirmed",
    message: gettext("No answer came; you seem to be offline. Look whether it was done before you try again."),
  });

export const csrf = () => document.querySelector("meta[name=csrf-token]").getAttribute("content");

/** Calls REST with the page's session. @returns the body of the answer; throws a Refusal */
export async function call(method, path, body, headers = {}) {
  const sent = { "X-CSRFToken": csrf(), ...headers };
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) sent["Content-Type"] = "application/json";
  const options = { method, headers: sent, body: isForm || body === undefined ? body : JSON.stringify(body) };
  const response = await fetch(path, options).catch(() => {
    throw method === "GET" ? unread() : unconfirmed();
  });
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(answer);
  return answer;
}

export const get = (path) => call("GET", path);

/** A key for one thing to be done once; `randomUUID` is only there on secure pages. */
export const newKey = () =>
  crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
