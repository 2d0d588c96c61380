import { fillIn, pickRange } from "../../properties/dates/fields.js";
import { RangePicker } from "../../properties/dates/picker.js";
import { Stays } from "../../properties/dates/stays.js";
import { countGuests } from "../../properties/guests.js";
import { $, $$, el, text } from "../../core/dom.js";
import { call, get, newKey } from "../../core/http.js";
import { gettext, say } from "../../core/i18n.js";
import { money, parseAmount, plainMoney } from "../../core/money.js";
import { addDays } from "../../core/months.js";
import { photos, reach } from "./photos.js";
import { Quote } from "./quote.js";

const box = $("[data-home]");
const { home, user, login, today } = box.dataset;
const form = $("[data-stay]", box);
const field = (name) => form.elements.namedItem(name);

/** The stay as the form has it, in the words of the API. */
function stay() {
  const type = form.querySelector("[name=booking_type]:checked, select[name=booking_type], input[type=hidden][name=booking_type]");
  return {
    start_date: field("check_in").value,
    end_date: field("check_out").value,
    number_of_guests: Number(field("guests").value || 1),
    booking_type: type.value,
    meals: type.value === "stay_with_meal" ? meals() : {},
  };
}

/** Every dish ordered is served on each day of the stay. */
function meals() {
  const ordered = {};
  const [from, to] = [field("check_in").value, field("check_out").value];
  for (const input of $$("[data-meal]", form)) {
    const quantity = Number(input.value);
    if (!quantity || !from || !to) continue;
    const lines = (ordered[input.dataset.meal] ??= []);
    for (let date = from; date < to; date = addDays(date, 1)) lines.push({ id: Number(input.dataset.id), quantity, date });
  }
  return ordered;
}

const quote = new Quote($("[data-quote]", box), { home, stay });
const offer = $("[data-offer]", box);

/** What was typed waits in this tab until its writer is back from signing in. */
const KEPT = `stay:${home}`;
const kept = () => ["[data-offer]", "[data-life]", "[name=note]"].map((name) => $(name, form)).filter(Boolean);

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify(kept().map(({ value }) => value)));
}

function takeUp() {
  const values = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  if (!values || !user) return;
  kept().forEach((input, place) => (input.value = values[place] ?? input.value));
  if (offer?.value) offer.dataset.touched = "1";
  $(".place__ask", form).open = Boolean(field("note").value);
}

function toLogin() {
  keep();
  const { start_date, end_date, number_of_guests } = stay();
  const who = { guests: String(number_of_guests), children: field("children").value, infants: field("infants").value };
  const back = new URLSearchParams({ check_in: start_date, check_out: end_date, ...who });
  location.assign(`${login}?next=${encodeURIComponent(`${location.pathname}?${back}`)}`);
}

function complain(words, link) {
  const node = $("[data-problem]", box);
  node.replaceChildren(words, ...(link ? [" ", el("a", { href: link.href }, link.words)] : []));
  node.hidden = !words;
}

function explain(error) {
  if (error.code === "negotiation.already_open") {
    complain(gettext("You already haggle over these nights."), {
      href: `/inbox/${error.params.negotiation}/`,
      words: gettext("Go to the room"),
    });
  } else if (error.code === "auth.required") toLogin();
  else complain(Object.values(error.fields ?? {})[0]?.[0] ?? error.message);
}

/** One try at a time: the button that was pressed waits with the rest. */
async function busy(work) {
  const buttons = $$("button", form);
  complain("");
  buttons.forEach((button) => (button.disabled = true));
  try {
    await work();
  } catch (error) {
    explain(error);
    buttons.forEach((button) => (button.disabled = false));
  }
}

function complete() {
  const missing = [field("check_in"), field("check_out")].find((input) => !input.value);
  if (!missing) return true;
  complain(gettext("Choose the day you arrive and the day you leave."));
  missing.focus();
  return false;
}

/** @param {{amount?: string, limit?: string}} figures a bid, a sealed limit, or neither: a question */
async function openRoom(figures) {
  const { hub } = await import("../../negotiation/live.js");
  const { number_of_guests: guests, ...rest } = stay();
  const message = field("note")?.value.trim() || undefined;
  const expires_in = Object.keys(figures).length ? Number($("[data-life]", form).value) : undefined;
  const room = await hub.open({ property: Number(home), guests, ...rest, ...figures, message, expires_in });
  location.assign(`/inbox/${room.id}/`);
}

/** @param {"amount" | "limit"} kind what the figure in the field is sent as */
function makeOffer(kind) {
  if (!complete()) return;
  const amount = parseAmount(offer.value);
  const list = quote.current ? Number(quote.current.stay) : 0;
  if (!amount || (list && Number(amount) >= list)) {
    complain(
      list
        ? say("Offer less than the list price of %(price)s for the stay.", { price: money(list, quote.current.currency) })
        : gettext("Enter what you would pay for the stay."),
    );
    offer.focus();
    return;
  }
  if (user) busy(() => openRoom({ [kind]: amount }));
  else toLogin();
}

function ask() {
  if (!complete()) return;
  if (!field("note").value.trim()) {
    complain(gettext("Write your question first."));
    field("note").focus();
  } else if (user) busy(() => openRoom({}));
  else toLogin();
}

// One key for one press on one stay: pressing again after a lost answer books nothing twice.
let key;

async function reserve() {
  const { meals: ordered, ...rest } = stay();
  const body = { property_id: Number(home), ...rest, ...ordered };
  const content = JSON.stringify(body);
  if (key?.content !== content) key = { id: newKey(), content };
  const sent = call("POST", "/api/reserve/", body, { "Idempotency-Key": key.id });
  const { reservation_id: id } = await sent.catch((refusal) => {
    // The guest holds these nights already, and has only come back to this page.
    if (refusal.code === "dates.taken" && refusal.params.booking) return { reservation_id: refusal.params.booking };
    throw refusal;
  });
  location.assign(box.dataset.instant ? `/bookings/${id}/pay/` : `/bookings/${id}/`);
}

function book() {
  if (!complete()) return;
  if (user) busy(reserve);
  else toLogin();
}

// Both calendars, that of the page and that of the box, know what either has read.
const how = { stays: new Stays(today), today, load: (from, to) => get(`/api/property/${home}/availability/?from=${from}&to=${to}`) };
const calendar = new RangePicker($("[data-calendar]"), how);
const picker = pickRange($("[data-dates]", form), how);
countGuests($("[data-guests]", form));

calendar.addEventListener("pick", ({ detail }) => fillIn(field("check_in"), field("check_out"), detail));

async function changed() {
  const { start_date, end_date } = stay();
  complain("");
  // The check-out day follows the check-in day, so a phone's date wheel starts in the right place.
  field("check_out").min = start_date ? addDays(start_date, 1) : today;
  $$("[data-menu-of]", form).forEach((node) => (node.hidden = stay().booking_type !== node.dataset.menuOf));
  calendar.choose(start_date, end_date);
  picker.choose(start_date, end_date);
  document.dispatchEvent(new CustomEvent("staychange", { detail: stay() }));
  const result = await quote.refresh();
  if (result && offer && !offer.dataset.touched) offer.value = suggested(result);
  if (offer) offerNote();
  offerable(result?.available !== false);
}

/** Nights that are taken can neither be booked nor haggled about; asking is always possible. */
function offerable(free) {
  const own = box.dataset.own;
  $$("[data-book], [data-make-offer], [data-seal-limit]", box).forEach((button) => (button.disabled = Boolean(own) || !free));
}

/** A tenth off, rounded to a price that people say. */
function suggested({ stay: list }) {
  const size = Number(list) > 2000 ? 100 : Number(list) > 200 ? 10 : 1;
  return plainMoney(Math.floor((Number(list) * 0.9) / size) * size, quote.current.currency);
}

function offerNote() {
  const amount = parseAmount(offer.value);
  const list = quote.current ? Number(quote.current.stay) : 0;
  const note = $("[data-offer-note]", box);
  if (!amount || !list || quote.current.available === false) text(note, gettext("For the whole stay, before fee and tax."));
  else
    text(
      note,
      say("%(percent)s % below the list price, for the whole stay, before fee and tax; about %(total)s all-in.", {
        percent: Math.max(0, Math.round(100 - (100 * Number(amount)) / list)),
        total: money(allIn(Number(amount)), quote.current.currency),
      }),
    );
}

/** What a stay at `amount` comes to with meals, cleaning, fee and tax, in whole units of the currency. */
function allIn(amount) {
  const { stay: list, meals: food = 0, cleaning = 0, total } = quote.current;
  const extras = Number(food) + Number(cleaning);
  return Math.round(((amount + extras) * Number(total)) / (Number(list) + extras));
}

form.addEventListener(
  "change",
  (event) => event.target !== offer && event.target.name !== "note" && !event.target.matches("[data-life]") && changed(),
);
form.addEventListener("submit", (event) => event.preventDefault());
offer?.addEventListener("input", () => {
  offer.dataset.touched = "1";
  offerNote();
});
$("[data-book]", box).addEventListener("click", book);
$("[data-make-offer]", box)?.addEventListener("click", () => makeOffer("amount"));
$("[data-seal-limit]", box)?.addEventListener("click", () => makeOffer("limit"));
$("[data-ask]", box)?.addEventListener("click", ask);
$("[data-pick-dates]")?.addEventListener("click", () => calendar.focus());
takeUp();
photos();
reach();
calendar
  .show(field("check_in").value?.slice(0, 7) || undefined)
  .catch(() => text($("[data-calendar]"), gettext("The calendar could not be loaded.")));
changed();
