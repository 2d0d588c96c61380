import { DIGITS, LAKH, SIGNS } from "./currencies.js";

const language = () => (globalThis.document?.documentElement.lang || "en").split("-")[0];

export const sign = (currency) => SIGNS[currency] ?? `${currency} `;

/** `text` with the digits of the page's language. */
export const ownDigits = (text) => {
  const digits = DIGITS[language()];
  return digits ? String(text).replace(/\d/g, (digit) => digits[Number(digit)]) : String(text);
};

/** `text` with digits 0 to 9 in place of those of a language of ours. */
export const plainDigits = (text) =>
  Object.values(DIGITS).reduce(
    (plain, digits) => plain.replace(/./gu, (one) => (digits.includes(one) ? String(digits.indexOf(one)) : one)),
    String(text),
  );

/** Digits with commas: by thousands, or by lakh and crore. */
function group(whole, currency) {
  if (!LAKH.includes(currency)) return whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return whole.replace(/(\d+)(\d{3})$/, (_, head, tail) => `${head.replace(/\B(?=(\d{2})+$)/g, ",")},${tail}`);
}

/** An amount without its sign, as a field shows it. */
export function plainMoney(amount, currency = "BDT") {
  const [whole, hundredths] = Math.abs(Number(amount)).toFixed(2).split(".");
  return ownDigits(group(whole, currency) + (hundredths === "00" ? "" : `.${hundredths}`));
}

/** `money("125200.00", "BDT")` is `৳1,25,200`; hundredths are shown where there are any. */
export function money(amount, currency = "BDT") {
  return `${Number(amount) < 0 ? "−" : ""}${sign(currency)}${plainMoney(amount, currency)}`;
}

/** What was typed as the wire's string: `4,700` and `৪,৭০০` are `4700.00`; null where it is no amount. */
export function parseAmount(text) {
  const plain = plainDigits(text).replace(/[\s,৳$€£₹฿]/g, "");
  return /^\d{1,10}(\.\d{1,2})?$/.test(plain) && Number(plain) > 0 ? Number(plain).toFixed(2) : null;
}
