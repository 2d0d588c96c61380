// Written by `python -m tools.write_currencies` from core/amounts.py and core/money.py.
export const SIGNS = { BDT: "৳", USD: "$", EUR: "€", GBP: "£", INR: "₹", THB: "฿" };
export const LAKH = ["BDT", "INR", "NPR", "PKR", "LKR"];
export const DIGITS = { bn: "০১২৩৪৫৬৭৮৯" };
export const UNITS = { MGA: "1.00" };
