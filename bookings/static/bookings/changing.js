import { $ } from "../core/dom.js";
import { get } from "../core/http.js";
import { addDays } from "../core/months.js";
import { pickRange } from "../properties/dates/fields.js";
import { Stays } from "../properties/dates/stays.js";

const dates = $("[data-dates]");
const { home, today, from, until } = dates.dataset;

/** The home's calendar, in which the nights of the stay itself are free: they are what is changed. */
async function load(start, end) {
  const answer = await get(`/api/property/${home}/availability/?from=${start}&to=${end}`);
  const free = new Set(answer.nights.map(({ date }) => date));
  for (let date = from; date < until; date = addDays(date, 1)) {
    if (date >= start && date < end && !free.has(date)) answer.nights.push({ date, price: undefined });
  }
  return answer;
}

pickRange(dates, { stays: new Stays(today), today, load });
