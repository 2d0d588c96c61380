import { $ } from "../core/dom.js";
import { call, newKey } from "../core/http.js";
import { gettext } from "../core/i18n.js";

/**
 * A card by Stripe's own fields: they are frames of Stripe's, so what is typed there never reaches this page or its
 * server. What comes back is the id of a payment method, and REST pays with it.
 */
const form = $("[data-card-form]");
const problem = $("[data-problem]", form);
const button = $("button", form);

function complain(words) {
  problem.textContent = words;
  problem.hidden = !words;
}

function mount(stripe) {
  const style = getComputedStyle(form);
  const base = { fontSize: "16px", fontFamily: "system-ui, sans-serif", color: style.color };
  const card = stripe.elements().create("card", { hidePostalCode: true, style: { base } });
  card.mount($("[data-card]", form));
  card.on("change", (event) => complain(event?.error?.message ?? ""));
  return card;
}

// A method that was sent and not answered goes again under its own key, and pays once.
let attempt;

async function method(stripe, card) {
  if (attempt) return attempt;
  const { paymentMethod, error } = await stripe.createPaymentMethod({ type: "card", card });
  if (error) throw error;
  attempt = { token: paymentMethod.id, key: newKey() };
  return attempt;
}

async function pay(stripe, card) {
  const { token, key } = await method(stripe, card);
  try {
    return await call("POST", form.dataset.cardForm, { method: "card", token }, { "Idempotency-Key": key });
  } catch (error) {
    if (!["client.unsent", "client.unconfirmed", "unavailable", "command.outcome_unknown"].includes(error.code)) attempt = null;
    throw error;
  }
}

async function submit(stripe, card) {
  complain("");
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  try {
    const payment = await pay(stripe, card);
    location.assign(payment.status === "requires_action" ? payment.action_url : form.dataset.done);
  } catch (error) {
    complain(error.message ?? gettext("That did not work. Try again in a moment."));
    button.disabled = false;
    form.removeAttribute("aria-busy");
  }
}

if (globalThis.Stripe) {
  const stripe = globalThis.Stripe(form.dataset.publishable);
  const card = mount(stripe);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(stripe, card);
  });
} else {
  button.disabled = true;
  complain(gettext("Stripe’s card form did not load. Check your connection or content blocker, and reload the page."));
}
