import { $, el } from "../../core/dom.js";
import { call, get } from "../../core/http.js";
import { gettext, say } from "../../core/i18n.js";
import { money, parseAmount } from "../../core/money.js";
import { nightsWords, shortDay } from "../../core/times.js";
import { toast } from "../../core/toasts.js";
import { followCalendars } from "./calendars.js";
import { Nights } from "./nights.js";

const page = $("[data-calendar-of]");
const { calendarOf: home, today, currency } = page.dataset;
const panel = $("[data-panel]");
const priceField = $("[data-price]", panel);
const nights = new Nights($("[data-nights]"), {
  today,
  currency,
  load: (from, to) => get(`/api/property/${home}/availability/?from=${from}&to=${to}`),
  busy: JSON.parse($("#busy").textContent),
});

function complain(words) {
  const node = $("[data-problem]", panel);
  node.textContent = words;
  node.hidden = !words;
}

/** What the panel says about the chosen nights. */
function describe() {
  const { from, to } = nights.chosen;
  complain("");
  $("[data-acts]", panel).hidden = $("[data-pricing]", panel).hidden = !from;
  $("[data-guests]", panel).replaceChildren();
  if (!from) {
    $("[data-chosen]", panel).textContent = gettext("No nights chosen");
    $("[data-state]", panel).textContent = gettext("Choose nights to block or free them, or to change their price.");
    return;
  }
  $("[data-chosen]", panel).textContent = `${shortDay(from)} – ${shortDay(to)} · ${nightsWords(from, to)}`;
  const { free, blocked, closed, elsewhere, sources, guests, prices } = nights.about(from, to);
  const total = free + blocked + closed + elsewhere + guests.reduce((sum, one) => sum + one.nights, 0);
  const words = [
    [free, gettext("open")],
    [blocked, gettext("blocked")],
    [closed, gettext("not open")],
    [elsewhere, gettext("booked on another site")],
    [total - free - blocked - closed - elsewhere, gettext("with guests")],
  ];
  $("[data-state]", panel).textContent = words
    .filter(([number]) => number)
    .map(([number, word]) => (number === total && total > 1 ? say("all %(word)s", { word }) : `${number} ${word}`))
    .join(", ");
  $("[data-guests]", panel).append(
    ...guests.map(({ guest, url, start, end }) =>
      el("li", {}, el("a", { href: url }, guest || gettext("A guest")), ` ${shortDay(start)} – ${shortDay(end)}`),
    ),
  );
  $("[data-guests]", panel).append(...sources.map((name) => el("li", {}, say("From %(name)s: it can be freed there.", { name }))));
  $("[data-act=block]", panel).disabled = guests.length > 0 || blocked === total;
  $("[data-act=mark_interval_available]", panel).disabled = guests.length > 0 || elsewhere > 0 || free === total;
  priceField.value = prices.length ? Math.min(...prices.map(Number)) : "";
}

/** The list of other prices as it is now; open, it stays open. */
function showPrices(markup) {
  const list = $("[data-prices]");
  const parsed = new DOMParser().parseFromString(markup, "text/html");
  list.replaceChildren(...parsed.body.childNodes);
  list.hidden = !$("tbody tr", list);
}

/** Everything on the page that a change may have changed. */
async function renew() {
  const { busy, prices, calendars } = await get(`/hosting/${home}/busy/`);
  showPrices(prices);
  showCalendars(calendars);
  await nights.renew(busy);
}

async function change(work, done) {
  const buttons = [...panel.querySelectorAll("button")];
  buttons.forEach((button) => (button.disabled = true));
  complain("");
  try {
    await work(nights.chosen);
    await renew();
    buttons.forEach((button) => (button.disabled = false));
    describe();
    toast(done);
  } catch (error) {
    buttons.forEach((button) => (button.disabled = false));
    complain(Object.values(error.fields ?? {})[0]?.[0] ?? error.message);
  }
}

const showCalendars = followCalendars(home, async () => {
  await renew();
  describe();
});
nights.addEventListener("choose", describe);
panel.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (!act) return;
  const words = act === "block" ? gettext("Blocked.") : gettext("Open again.");
  change(({ from, to }) => call("POST", `/api/property/${home}/${act}/`, { start_date: from, end_date: to }), words);
});
panel.addEventListener("submit", (event) => {
  event.preventDefault();
  const price = parseAmount(priceField.value);
  if (!nights.chosen.from) return;
  if (price === null) {
    complain(gettext("Enter a price."));
    priceField.focus();
    return;
  }
  change(
    ({ from, to }) => call("POST", `/api/property/${home}/price/`, { start_date: from, end_date: to, price }),
    say("Now %(price)s a night.", { price: money(price, currency) }),
  );
});

const copy = $("[data-copy]");
copy.addEventListener("click", async () => {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(copy.dataset.copy));
  field.select();
  await navigator.clipboard?.writeText(field.value).catch(() => null);
  toast(gettext("Copied."));
});

nights.show().catch((error) => complain(error.message));
