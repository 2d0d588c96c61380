({
  "months are grids, drawn from the first, with the days before it left empty": async ({ same, calendar }) => {
    const { root } = await calendar();
    const grids = [...root.querySelectorAll("[role=grid]")];
    same(grids.map((grid) => grid.getAttribute("aria-label")), ["June 2027", "July 2027"]);
    // The first of June 2027 is a Tuesday.
    same(root.querySelector("tbody tr").querySelectorAll("td:empty").length, 1);
    same(root.querySelectorAll("[role=gridcell][data-date]").length, 61);
  },

  "free days of the future can be chosen, with their price; others say why not": async ({ same, day, calendar }) => {
    const { root } = await calendar();
    const disabled = (date) => day(root, date).getAttribute("aria-disabled");
    const words = (date) => day(root, date).querySelector(".sr-only").textContent;
    same(["2027-06-10", "2027-06-11", "2027-06-13"].map(disabled), ["true", "false", "true"]);
    same(day(root, "2027-06-11").querySelector(".calendar__price").textContent, "৳5,000");
    same(words("2027-06-11"), "Friday 11 June, ৳5,000");
    same([words("2027-06-10"), words("2027-06-13")], ["Thursday 10 June, passed", "Sunday 13 June, not free"]);
    same(day(root, "2027-06-13").classList.contains("is-taken"), true);
    same(root.querySelector('[data-turn="-1"]').disabled, true);
  },

  "two presses choose a stay; its nights are counted and priced": async ({ same, day, calendar }) => {
    const { root, picked } = await calendar();
    const said = () => root.querySelector("[role=status]").textContent;
    same(said(), "Choose the day you arrive.");
    day(root, "2027-06-14").click();
    same(said(), "From 14 Jun. Now choose the day you leave.");
    same(document.activeElement.dataset.date, "2027-06-14");
    day(root, "2027-06-19").click();
    same(said(), "5 nights, 14 Jun – 19 Jun · ৳25,000");
    same(picked, [["2027-06-14", null], ["2027-06-14", "2027-06-19"]]);
    same([...root.querySelectorAll('[aria-selected="true"]')].length, 6);
    root.querySelector("[data-clear-dates]").click();
    same([picked.at(-1), root.querySelectorAll('[aria-selected="true"]').length], [[null, null], 0]);
  },

  "a night that is gone may be the day of leaving, and no stay goes over it": async ({ same, day, calendar }) => {
    const { root, picked } = await calendar();
    day(root, "2027-06-11").click();
    same(day(root, "2027-06-13").getAttribute("aria-disabled"), "false");
    day(root, "2027-06-13").click();
    same(picked.at(-1), ["2027-06-11", "2027-06-13"]);
    day(root, "2027-06-12").click();
    // Beyond it another stay begins.
    day(root, "2027-06-16").click();
    same(picked.at(-1), ["2027-06-16", null]);
  },

  "the least and the most nights hold, but for a gap that is filled": async ({ same, day, calendar }) => {
    const { one, root, picked } = await calendar();
    day(root, "2027-06-22").click();
    same(root.querySelector("[role=status]").textContent, "From 22 Jun. Now choose the day you leave. Stays from that day: at least 3 nights.");
    same(["2027-06-24", "2027-06-25"].map((date) => one.whyNot(date)), ["short", ""]);
    day(root, "2027-06-24").click();
    same(picked.length, 1);
    one.choose("2027-06-14", null);
    same([one.whyNot("2027-06-28"), one.stays.whyNoDeparture("2027-06-14", "2027-06-29")], ["", "long"]);
    one.choose(null, null);
    // The 1st of July is taken: from the 30th no three nights are left, from the 29th two fill a gap.
    same([one.whyNot("2027-06-30"), one.whyNot("2027-06-29")], ["short", ""]);
    one.choose("2027-06-29", null);
    same([one.whyNot("2027-06-30"), one.whyNot("2027-07-01")], ["short", ""]);
  },

  "the keyboard goes everywhere, and one day is a tab stop": async ({ same, until, day, press, calendar }) => {
    const { root, picked } = await calendar();
    const at = () => document.activeElement.dataset.date;
    const stops = () => root.querySelectorAll('[data-date][tabindex="0"]').length;
    same(stops(), 1);
    day(root, "2027-06-12").focus();
    const go = async (key, date, more) => {
      press(document.activeElement, key, more);
      await until(() => at() === date);
      same(stops(), 1);
    };
    await go("ArrowRight", "2027-06-13");
    await go("ArrowDown", "2027-06-20");
    await go("ArrowLeft", "2027-06-19");
    await go("Home", "2027-06-14");
    await go("End", "2027-06-20");
    await go("PageDown", "2027-07-20");
    await go("PageDown", "2027-08-20");
    await go("PageUp", "2027-07-20", { shiftKey: false });
    await go("PageDown", "2028-07-20", { shiftKey: true });
    // Never into what has passed.
    await go("PageUp", "2027-07-20", { shiftKey: true });
    await go("PageUp", "2027-06-20");
    await go("PageUp", "2027-06-10");
    await go("ArrowDown", "2027-06-17");
    press(document.activeElement, "Enter");
    await go("ArrowRight", "2027-06-18");
    press(document.activeElement, " ");
    same(picked, [["2027-06-17", null], ["2027-06-17", "2027-06-18"]]);
  },

  "Escape gives up half a stay, then closes": async ({ same, day, press, calendar }) => {
    const { one, root, picked } = await calendar();
    let closed = 0;
    one.addEventListener("close", () => (closed += 1));
    day(root, "2027-06-14").click();
    press(document.activeElement, "Escape");
    same([picked.at(-1), closed], [[null, null], 0]);
    press(document.activeElement, "Escape");
    same(closed, 1);
  },

  "turning asks for the months that are shown next, never for days that have passed": async ({ same, until, calendar }) => {
    const { root, asked } = await calendar();
    same(asked, [["2027-06-10", "2027-08-01"]]);
    root.querySelector('[data-turn="1"]').click();
    await until(() => root.querySelector("caption").textContent === "July 2027");
    same(asked.at(-1), ["2027-07-01", "2027-09-01"]);
    same(root.querySelector('[data-turn="-1"]').disabled, false);
  },

  "a calendar that can't be read shows its months all the same": async ({ same, calendar }) => {
    const { one, root } = await calendar();
    one.load = () => Promise.reject(new Error("no network"));
    root.querySelector('[data-turn="1"]').click();
    await new Promise((done) => setTimeout(done, 20));
    same([root.querySelector("caption").textContent, root.hasAttribute("aria-busy")], ["July 2027", false]);
  },

  "without a home every day from today on is free": async ({ same, page, day }) => {
    const { pickRange } = await import("/static/properties/dates/fields.js");
    const { AnyStays } = await import("/static/properties/dates/stays.js");
    document.body.dataset.icons = "/static/core/icons.svg";
    const form = page('<form><div><span class="field"><input type="date" name="from"></span><span class="field"><input type="date" name="to"></span></div></form>');
    const heard = [];
    form.addEventListener("change", (event) => heard.push([event.target.name, form.from.value, form.to.value]));
    pickRange(form.firstChild, { stays: new AnyStays("2027-06-10"), today: "2027-06-10" });
    const [opener, panel] = [form.querySelector(".dates__open"), form.querySelector(".dates__panel")];
    opener.click();
    await new Promise((done) => setTimeout(done));
    same([panel.hidden, opener.getAttribute("aria-expanded"), document.activeElement.dataset.date], [false, "true", "2027-06-10"]);
    same(["2027-06-09", "2027-06-10"].map((date) => day(panel, date).getAttribute("aria-disabled")), ["true", "false"]);
    day(panel, "2027-06-28").click();
    day(panel, "2027-06-30").click();
    same(heard, [["from", "2027-06-28", ""], ["to", "2027-06-28", "2027-06-30"]]);
    same([panel.hidden, document.activeElement === opener], [true, true]);
  },

  "days are counted over the ends of months and years": async ({ same }) => {
    const { addDays } = await import("/static/core/months.js");
    const { nightsBetween } = await import("/static/properties/dates/stays.js");
    same(["2027-02-28", "2028-02-28", "2027-12-31"].map((date) => addDays(date, 1)), ["2027-03-01", "2028-02-29", "2028-01-01"]);
    same(addDays("2027-03-01", -1), "2027-02-28");
    // Over a night on which clocks are put forward, and a leap day.
    same([nightsBetween("2027-03-27", "2027-03-29"), nightsBetween("2028-02-28", "2028-03-01")], [2, 2]);
  },

  "a week begins on Sunday in Bangla, and days and counts have its digits": async ({ same, calendar }) => {
    document.documentElement.lang = "bn";
    try {
      const { root } = await calendar();
      const month = root.querySelector("table");
      same(month.querySelector("th").abbr, "রবিবার");
      // 1 June 2027 is a Tuesday.
      same([...month.querySelector("tbody tr").children].findIndex((cell) => cell.textContent), 2);
      same(month.querySelector(".calendar__number").textContent, "১");
      const { count } = await import("/static/core/i18n.js");
      same(count("%(count)s night", "%(count)s nights", 12), "১২ nights");
    } finally {
      document.documentElement.lang = "en";
    }
  },

  "grown-ups and children are guests, infants are not counted": async ({ same, page, change }) => {
    const { countGuests } = await import("/static/properties/guests.js");
    document.body.dataset.icons = "/static/core/icons.svg";
    const form = page('<form><div class="field"><input type="number" name="guests" min="1" max="4" value="2"><input type="hidden" name="children"><input type="hidden" name="infants"></div></form>');
    countGuests(form.firstChild);
    const press = (kind, by = 1) => form.querySelector(`[data-kind=${kind}][data-step="${by}"]`).click();
    const all = () => ["guests", "children", "infants"].map((name) => form[name].value);
    press("children");
    press("infants");
    same([all(), form.querySelector("[role=status]").textContent], [["3", "1", "1"], "2 adults, 1 child, 1 infant"]);
    press("adults");
    // Four are the most; another infant may come.
    press("adults");
    press("children");
    press("infants");
    same(all(), ["4", "1", "2"]);
    // A party of children needs an adult.
    press("adults", -1);
    press("adults", -1);
    press("adults", -1);
    same(all(), ["2", "1", "2"]);
    change(form.guests, "1");
    same(all(), ["1", "", "2"]);
  },
})
