const SIGNS = { BDT: "৳", USD: "$", EUR: "€", GBP: "£", INR: "₹", THB: "฿" };

export const sign = (currency) => SIGNS[currency] ?? `${currency} `;

/** `money("5200.00", "BDT")` is `৳5,200`; hundredths are shown where there are any. */
export function money(amount, currency = "BDT") {
  const value = Number(amount);
  const whole = Number.isInteger(Math.round(value * 100) / 100);
  const places = whole ? 0 : 2;
  const digits = Math.abs(value).toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
  return `${value < 0 ? "−" : ""}${sign(currency)}${digits}`;
}

/** What somebody typed as the wire's string: `4,700` is `4700.00`; null where it is no amount. */
export function parseAmount(text) {
  const plain = String(text).replace(/[\s,৳$€£₹]/g, "");
  return /^\d{1,10}(\.\d{1,2})?$/.test(plain) && Number(plain) > 0 ? Number(plain).toFixed(2) : null;
}
