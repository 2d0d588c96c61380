import { HubError, unsent } from "./errors.js";

const LABELS = { "offer.accept": "accepted", "offer.decline": "declined", "offer.withdraw": "withdrawn" };

/** The same moves through the REST door, for where no websocket gets through. */
export class RestDoor {
  /** @param {{base: string, headers: () => object, fetch?: typeof fetch}} options */
  constructor({ base, headers, fetch: fetcher = (...args) => globalThis.fetch(...args) }) {
    this.base = base;
    this.headers = headers;
    this.fetch = fetcher;
  }

  /** Sends one command of the socket's protocol. @param {string} side "guest" or "host" */
  async send(frame, side) {
    const { method, path, body } = this.#request(frame, side);
    const answer = await this.call(method, path, body, { "Idempotency-Key": frame.id });
    return this.#data(frame, answer);
  }

  entries(negotiation, afterSeq) {
    return this.call("GET", `api/nego/${negotiation}/entries/?after_seq=${afterSeq}`);
  }

  user() {
    return this.call("GET", "auth/user/");
  }

  ticket() {
    return this.call("POST", "auth/ws-ticket/").then(({ ticket }) => ticket);
  }

  async call(method, path, body, headers = {}) {
    /** @type {RequestInit} */
    const options = { method, headers: { ...this.headers(), ...headers }, credentials: "same-origin" };
    if (body !== undefined) {
      options.headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(body);
    }
    let response;
    try {
      response = await this.fetch(this.base + path, options);
    } catch {
      throw unsent();
    }
    const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
    if (!response.ok) throw new HubError({ code: answer.code ?? "unavailable", ...answer });
    return answer;
  }

  #request(frame, side) {
    const { type, negotiation } = frame;
    if (type === "negotiation.open") return { method: "POST", path: "api/nego/start_negotiation_by_guest/", body: opening(frame) };
    if (type === "offer.make") return this.#offer(frame, side);
    if (type in LABELS) return this.#status(frame);
    if (type === "message.send") return { method: "POST", path: `api/nego/${negotiation}/messages/`, body: { text: frame.text } };
    if (type === "notification.read") return { method: "POST", path: reading(frame.notification), body: {} };
    throw new HubError({ code: "client.live_only", message: "This needs the live connection. Try again in a moment." });
  }

  #offer({ negotiation, amount, message, expires_in }, side) {
    const body = { [`${side}_price`]: amount, message, expires_in };
    return { method: "PUT", path: `api/nego/${side}_proposed/${negotiation}/`, body };
  }

  #status({ type, negotiation, offer, reason }) {
    const body = { negotiation_status: LABELS[type], offer, reason };
    return { method: "PUT", path: `api/nego/update_status/${negotiation}/`, body };
  }

  #data({ type }, answer) {
    if (type === "offer.make") return { offer: answer.standing_offer, seq: answer.last_seq };
    if (type === "offer.accept") return { booking: { id: answer.booking }, seq: answer.last_seq };
    if (type in LABELS) return { seq: answer.last_seq };
    return answer;
  }
}

const reading = (which) => (which === "all" ? "api/notification/read_all/" : `api/notification/${which}/read/`);

function opening({ property, start_date, end_date, guests, booking_type, amount, meals, message, expires_in }) {
  const stay = { property_id: property, start_date, end_date, number_of_guests: guests, booking_type };
  return { ...stay, guest_price: amount, message, expires_in, ...meals };
}
