({
  "months are drawn from the first, with the days before it left empty": async ({ same, calendar }) => {
    const { root } = await calendar();
    const captions = [...root.querySelectorAll("caption")].map((node) => node.textContent);
    same(captions, ["June 2027", "July 2027"]);
    // The first of June 2027 is a Tuesday.
    same(root.querySelector("tbody tr").querySelectorAll("td:empty").length, 1);
    same(root.querySelectorAll("[data-date]").length, 61);
  },

  "only free days of the future can be chosen, and a price stands on them": async ({ same, day, calendar }) => {
    const { root } = await calendar();
    same(day(root, "2027-06-09").disabled, true);
    same(day(root, "2027-06-10").disabled, false);
    same(day(root, "2027-06-13").disabled, true);
    same(day(root, "2027-06-10").querySelector(".calendar__price").textContent, "৳5,000");
    same(day(root, "2027-06-13").querySelector(".sr-only").textContent.includes("not free"), true);
    same(root.querySelector('[data-turn="-1"]').disabled, true);
  },

  "free is a stay whose every night is free": async ({ same, calendar }) => {
    const { one } = await calendar();
    const asked = [["2027-06-10", "2027-06-13"], ["2027-06-10", "2027-06-14"], ["2027-06-13", "2027-06-13"], ["2027-06-09", "2027-06-11"]];
    same(asked.map(([from, to]) => one.isFree(from, to)), [true, false, true, false]);
  },

  "a pressed day is told, and keeps the focus": async ({ same, day, calendar }) => {
    const { one, root } = await calendar();
    const picked = [];
    one.addEventListener("pick", ({ detail }) => picked.push(detail.date));
    day(root, "2027-06-11").click();
    same(picked, ["2027-06-11"]);
    same(document.activeElement.dataset.date, "2027-06-11");
  },

  "a chosen stay is marked from its first to its last day": async ({ same, calendar }) => {
    const { one, root } = await calendar();
    one.choose("2027-06-10", "2027-06-12");
    same([...root.querySelectorAll(".is-inside")].map((node) => node.dataset.date), ["2027-06-10", "2027-06-11", "2027-06-12"]);
    same(root.querySelector(".is-first").dataset.date, "2027-06-10");
    same(root.querySelector(".is-last").dataset.date, "2027-06-12");
    one.choose(null, null);
    same(root.querySelectorAll(".is-inside").length, 0);
  },

  "arrows go to the next day that can be chosen; one day is a tab stop": async ({ same, day, press, calendar }) => {
    const { root } = await calendar();
    same(root.querySelectorAll('[data-date][tabindex="0"]').length, 1);
    day(root, "2027-06-12").focus();
    press(document.activeElement, "ArrowRight");
    // The 13th is taken.
    same(document.activeElement.dataset.date, "2027-06-14");
    press(document.activeElement, "ArrowLeft");
    same(document.activeElement.dataset.date, "2027-06-12");
    press(document.activeElement, "ArrowDown");
    same(document.activeElement.dataset.date, "2027-06-19");
    same(root.querySelectorAll('[data-date][tabindex="0"]').length, 1);
  },

  "turning asks for the months that are shown next, never for days that have passed": async ({ same, until, calendar }) => {
    const { root, asked } = await calendar();
    same(asked, [["2027-06-10", "2027-08-01"]]);
    root.querySelector('[data-turn="1"]').click();
    await until(() => root.querySelector("caption").textContent === "July 2027");
    same(asked.at(-1), ["2027-07-01", "2027-09-01"]);
    same(root.querySelector('[data-turn="-1"]').disabled, false);
  },

  "days are counted over the ends of months and years": async ({ same }) => {
    const { addDays } = await import("/static/core/months.js");
    same(["2027-02-28", "2028-02-28", "2027-12-31"].map((date) => addDays(date, 1)), ["2027-03-01", "2028-02-29", "2028-01-01"]);
    same(addDays("2027-03-01", -1), "2027-02-28");
  },

  "a week begins on Sunday in Bangla, and days have its digits": async ({ same, calendar }) => {
    document.documentElement.lang = "bn";
    try {
      const { root } = await calendar();
      const month = root.querySelector("table");
      same(month.querySelector("th").abbr, "রবিবার");
      // 1 June 2027 is a Tuesday.
      same([...month.querySelector("tbody tr").children].findIndex((cell) => cell.textContent), 2);
      same(month.querySelector(".calendar__number").textContent, "১");
    } finally {
      document.documentElement.lang = "en";
    }
  },
})
