/** The hub's clock as seen from here. The sample with the shortest round trip is the best one. */
export class ServerClock {
  constructor(localNow = () => Date.now()) {
    this.localNow = localNow;
    this.offset = 0;
    this.roundTrip = Infinity;
  }

  /** @param {string} serverTime ISO 8601 @param {number} [roundTrip] milliseconds */
  sample(serverTime, roundTrip = 5000) {
    if (roundTrip > this.roundTrip) return;
    const measured = Date.parse(serverTime) + roundTrip / 2;
    // A guessed round trip says nothing about the way here, so half of it is not added.
    this.offset = (roundTrip === 5000 ? Date.parse(serverTime) : measured) - this.localNow();
    this.roundTrip = roundTrip;
  }

  /** Milliseconds since the epoch, by the hub's clock. */
  now() {
    return this.localNow() + this.offset;
  }
}
