import { apply } from "./snapshot.js";

/**
 * One negotiation as this client knows it: its snapshot, and its log without a gap or a repeat.
 * Events: `entry` ({entry, missed}), `snapshot`, `typing`, `seen`, `presence`, `nights`.
 */
export class Room extends EventTarget {
  /** @param {import("./client.js").HubClient} client @param {number} id @param {number} afterSeq */
  constructor(client, id, afterSeq = 0) {
    super();
    this.client = client;
    this.id = id;
    this.lastSeq = afterSeq;
    this.snapshot = null;
    this.early = new Map();
    this.catching = null;
    // What comes with the first look was not missed.
    this.joined = false;
  }

  /** Reads what came after the last entry known. One run at a time; resolves with the snapshot. */
  catchUp(missed = true) {
    this.catching ??= this.#readOn(missed).finally(() => {
      this.catching = null;
    });
    return this.catching;
  }

  async #readOn(missed) {
    for (let more = true; more;) {
      const page = await this.client.readRoom(this.id, this.lastSeq);
      page.entries.forEach((entry) => this.#take(entry, missed && this.joined));
      more = page.more && page.entries.length > 0;
      if (!more) this.#replace(page.negotiation);
    }
    this.joined = true;
    this.#drainEarly();
    return this.snapshot;
  }

  /** The connection is gone. Where the log was shown before any look of this client, what comes next was missed all the same. */
  cut() {
    this.joined ||= this.lastSeq > 0;
  }

  /** A frame of the socket that names this room. */
  receive(frame) {
    if (frame.type === "entry") return this.#live(frame);
    if (frame.type === "seen") this.#note({ seen: { ...this.snapshot?.seen, [frame.actor]: frame.seq } });
    if (frame.type === "presence") this.#note({ online: { ...this.snapshot?.online, [frame.actor]: frame.online } });
    this.#tell(frame.type, frame);
  }

  #live(entry) {
    if (entry.seq <= this.lastSeq) return;
    const next = entry.seq === this.lastSeq + 1 && !this.catching;
    if (next) {
      this.#take(entry, false);
      return;
    }
    this.early.set(entry.seq, entry);
    if (!this.catching) this.catchUp().catch(() => {});
  }

  #take(entry, missed) {
    if (entry.seq <= this.lastSeq) return;
    this.lastSeq = entry.seq;
    if (this.snapshot) this.snapshot = apply(this.snapshot, entry);
    this.#tell("entry", { entry, missed });
    if (this.snapshot) this.#tell("snapshot", this.snapshot);
  }

  #drainEarly() {
    for (let entry; (entry = this.early.get(this.lastSeq + 1));) this.#take(entry, false);
    for (const seq of this.early.keys()) if (seq <= this.lastSeq) this.early.delete(seq);
    if (this.early.size > 0) queueMicrotask(() => this.catchUp().catch(() => {}));
  }

  #replace(fresh) {
    // A page read before an entry that came live meanwhile is the older one.
    if (this.snapshot && fresh.last_seq < this.snapshot.last_seq) return;
    this.snapshot = fresh;
    this.#tell("snapshot", fresh);
  }

  #note(part) {
    if (!this.snapshot) return;
    this.snapshot = { ...this.snapshot, ...part };
    this.#tell("snapshot", this.snapshot);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
