({
  "what is filled in is asked for, and nothing else": async ({ same, finder }) => {
    const { form, filters } = await finder();
    form.location.value = "cox's bazar";
    form.querySelector('[value="wifi"]').checked = true;
    same(String(filters.query()), "location=cox%27s+bazar&amenities=wifi");
  },

  "the day of leaving follows the day of coming, and half a stay asks nothing yet": async ({ same, change, told, finder }) => {
    const { form, filters } = await finder();
    const heard = told(filters);
    change(form.check_in, "2027-06-10");
    same([form.check_out.min, await heard()], ["2027-06-11", []]);
    change(form.check_out, "2027-06-12");
    same(await heard(), ["form"]);
    change(form.check_in, "2027-06-20");
    same(form.check_out.value, "2027-06-21");
  },

  "many changes at once are one search": async ({ same, change, told, finder }) => {
    const { form, filters } = await finder();
    const heard = told(filters);
    change(form.min_price, "100");
    change(form.max_price, "900");
    change(form.querySelector('[value="wifi"]'), true);
    same(await heard(), ["form"]);
  },

  "another place forgets the map of before": async ({ same, change, told, finder }) => {
    const { form, filters } = await finder();
    const heard = told(filters);
    filters.setBox(bounds(90.1, 23.2, 90.9, 23.9));
    same([filters.hasBox(), form.box.value, await heard()], [true, "90.1000,23.2000,90.9000,23.9000", ["box"]]);
    change(form.location, "Sylhet");
    same([filters.hasBox(), form.box.value], [false, ""]);
    function bounds(west, south, east, north) {
      return { getWest: () => west, getSouth: () => south, getEast: () => east, getNorth: () => north };
    }
  },

  "a map that shows the whole world asks for one turn and no poles": async ({ same, finder }) => {
    const { form, filters } = await finder();
    filters.setBox({ getWest: () => -200, getSouth: () => -90, getEast: () => 300, getNorth: () => 90 });
    same(form.box.value, "-200.0000,-85.0000,160.0000,85.0000");
  },

  "of choices that exclude each other one is ticked": async ({ same, change, finder }) => {
    const { form } = await finder();
    const [house, flat] = form.querySelectorAll('[name="property_type"]');
    change(house, true);
    change(flat, true);
    same([house.checked, flat.checked], [false, true]);
  },

  "clearing empties the filters, keeps place and days, and is offered only where there is something": async ({ same, change, told, finder }) => {
    const { form, filters } = await finder();
    const clear = form.querySelector("[data-clear]");
    same(clear.hidden, true);
    change(form.location, "Sylhet");
    change(form.min_price, "100");
    same(clear.hidden, false);
    const heard = told(filters);
    clear.click();
    same([form.min_price.value, form.location.value, clear.hidden, await heard()], ["", "Sylhet", true, ["form"]]);
  },

  "the way back sets the form to what the address says": async ({ same, finder }) => {
    const { form, filters } = await finder();
    form.min_price.value = "5";
    filters.restore(new URLSearchParams("location=Dhaka&amenities=pool&box=1,2,3,4"));
    same(String(filters.query()), "location=Dhaka&box=1%2C2%2C3%2C4&amenities=pool");
    filters.restore(new URLSearchParams(""));
    same([String(filters.query()), filters.hasBox()], ["", false]);
  },

  "counts come with the results; a choice that leaves nothing steps back": async ({ same, finder }) => {
    const { form, filters } = await finder();
    const results = document.createElement("div");
    results.innerHTML = '<div data-counts><span data-count="wifi">0</span><span data-count="pool">3</span></div>';
    filters.count(results);
    const pills = [...form.querySelectorAll("label.pill")].map((pill) => pill.classList.contains("is-none"));
    same([form.querySelector('[data-count="pool"]').textContent, pills], ["3", [true, false]]);
  },
})
