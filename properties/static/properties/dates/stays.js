import { addDays } from "../../core/months.js";

/** The most nights of a stay, and how many days ahead one can begin, where the server says nothing else. */
const MOST_NIGHTS = 365;
const DAYS_AHEAD = 730;
const DAY = 86400000;

/** @returns {number} from one calendar date to another */
export const nightsBetween = (from, to) => Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / DAY);

/**
 * @typedef {{
 *   nights: {date: string, price: string}[],
 *   currency: string,
 *   stays?: {
 *     first: string, min_nights: number, max_nights: number,
 *     arrivals: {date: string, min_nights: number}[], gaps: {start_date: string, end_date: string}[],
 *   },
 * }} Availability what `/api/property/<id>/availability/` answers
 */

/** Which stays a home takes, as far as its calendar was read. Dates are the home's own, `YYYY-MM-DD`. */
export class Stays {
  /** @param {string} today at the home */
  constructor(today) {
    this.first = today;
    this.minNights = 1;
    this.maxNights = MOST_NIGHTS;
    /** @type {Map<string, string>} what each free night costs */
    this.prices = new Map();
    /** @type {Map<string, number>} the least nights from a day, where they are others than usual */
    this.least = new Map();
    /** @type {Map<string, string>} a stay that may be too short, since it fills a gap: its first day and its last */
    this.gaps = new Map();
    this.currency = "BDT";
    /** @type {Set<string>} the nights that the server was asked about */
    this.known = new Set();
  }

  /** Takes in what the server said of the nights from `from` to before `until`; what was free and is gone is forgotten.
   * @param {Availability} answer */
  learn(answer, from, until) {
    for (let date = from; date < until; date = addDays(date, 1)) {
      for (const told of [this.prices, this.least, this.gaps]) told.delete(date);
      this.known.add(date);
    }
    answer.nights.forEach(({ date, price }) => this.prices.set(date, price));
    this.currency = answer.currency;
    const { stays } = answer;
    if (!stays) return;
    [this.first, this.minNights, this.maxNights] = [stays.first, stays.min_nights, stays.max_nights];
    stays.arrivals.forEach(({ date, min_nights }) => this.least.set(date, min_nights));
    stays.gaps.forEach(({ start_date, end_date }) => this.gaps.set(start_date, end_date));
  }

  forget() {
    for (const told of [this.prices, this.least, this.gaps, this.known]) told.clear();
  }

  price(date) {
    return this.prices.get(date);
  }

  isFree(date) {
    return this.prices.has(date);
  }

  /** Whether every night from `from` to before `to` is known to be free. */
  areFree(from, to) {
    for (let date = from; date < to; date = addDays(date, 1)) if (!this.isFree(date)) return false;
    return true;
  }

  leastNights(arrival) {
    return this.least.get(arrival) ?? this.minNights;
  }

  /** Why a stay can't begin on a day: "past", "taken", "short" (too few free nights follow); "" where it can. */
  whyNoArrival(date) {
    if (date < this.first) return "past";
    if (!this.isFree(date)) return "taken";
    if (this.gaps.has(date)) return "";
    const wanted = addDays(date, this.leastNights(date));
    for (let night = date; night < wanted; night = addDays(night, 1)) {
      // What was not read yet may well be free; the server has the last word.
      if (!this.isFree(night) && this.known.has(night)) return "short";
    }
    return "";
  }

  /** Why a stay from `arrival` can't end on a day: "before", "taken", "short", "long"; "" where it can. */
  whyNoDeparture(arrival, date) {
    const nights = nightsBetween(arrival, date);
    if (nights < 1) return "before";
    if (!this.areFree(arrival, date)) return "taken";
    if (nights < this.leastNights(arrival) && this.gaps.get(arrival) !== date) return "short";
    return nights > this.maxNights ? "long" : "";
  }

  /** What the nights cost together, before discounts and fees; null where some has no price. */
  sum(from, to) {
    let hundredths = 0;
    for (let date = from; date < to; date = addDays(date, 1)) {
      const price = this.price(date);
      if (price === undefined) return null;
      hundredths += Math.round(Number(price) * 100);
    }
    return (hundredths / 100).toFixed(2);
  }
}

/** Stays at no home in particular: every night from today on is free and has no price. */
export class AnyStays extends Stays {
  constructor(today) {
    super(today);
    this.last = addDays(today, DAYS_AHEAD);
  }

  isFree(date) {
    return date >= this.first && date <= addDays(this.last, MOST_NIGHTS);
  }

  whyNoArrival(date) {
    return date > this.last ? "taken" : super.whyNoArrival(date);
  }

  sum() {
    return null;
  }
}
