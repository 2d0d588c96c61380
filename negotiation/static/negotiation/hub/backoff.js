/** How long to wait before the next try, in milliseconds: doubling from half a second to 20 s, with full jitter. */
export class Backoff {
  constructor({ first = 500, longest = 20000, random = Math.random } = {}) {
    this.first = first;
    this.longest = longest;
    this.random = random;
    this.tries = 0;
  }

  /** @param {number} [atLeast] milliseconds that pass in any case */
  next(atLeast = 0) {
    const ceiling = Math.min(this.longest, this.first * 2 ** this.tries);
    this.tries += 1;
    return Math.round(atLeast + this.random() * ceiling);
  }

  reset() {
    this.tries = 0;
  }
}
