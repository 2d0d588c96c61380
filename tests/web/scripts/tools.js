/** What the scripts beside this one are given: a small page for each, and ways to use it as people do. */
async () => {
  const same = (found, expected) => {
    if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
  };
  const pause = () => new Promise((done) => setTimeout(done));
  const until = async (fits) => {
    for (let tries = 0; !fits(); tries += 1) {
      if (tries > 500) throw new Error(`never: ${fits}`);
      await new Promise((done) => setTimeout(done, 10));
    }
  };
  const page = (html) => {
    document.body.innerHTML = html;
    return document.body.firstElementChild;
  };
  const press = (node, key, more = {}) => node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  const change = (field, value) => {
    if (typeof value === "boolean") field.checked = value;
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  /** Waits as long as the filters do, and what they told in that time. */
  const told = (filters) => {
    const heard = [];
    filters.addEventListener("change", ({ detail }) => heard.push(detail));
    return async () => {
      await new Promise((done) => setTimeout(done, 450));
      return heard.splice(0);
    };
  };
  const day = (root, date) => root.querySelector(`[data-date="${date}"]`);

  /** A home whose 13 June 2027 is taken; from 20 June on a stay has three nights. The last two of June fill a gap. */
  async function calendar(more = {}) {
    const { RangePicker } = await import("/static/properties/dates/picker.js");
    const { Stays } = await import("/static/properties/dates/stays.js");
    const { addDays } = await import("/static/core/months.js");
    const root = page("<div></div>");
    const asked = [];
    const load = async (from, to) => {
      asked.push([from, to]);
      const nights = [];
      for (let date = from; date < to; date = addDays(date, 1)) if (date !== "2027-06-13") nights.push({ date, price: "5000.00" });
      const arrivals = nights.filter(({ date }) => date >= "2027-06-20").map(({ date }) => ({ date, min_nights: 3 }));
      const gaps = from <= "2027-06-29" ? [{ start_date: "2027-06-29", end_date: "2027-07-01" }] : [];
      const stays = { first: "2027-06-11", min_nights: 1, max_nights: 14, arrivals, gaps };
      return { nights: nights.filter(({ date }) => date !== "2027-07-01"), currency: "BDT", stays };
    };
    const one = new RangePicker(root, { stays: new Stays("2027-06-10"), load, today: "2027-06-10", ...more });
    const picked = [];
    one.addEventListener("pick", ({ detail }) => picked.push([detail.from, detail.to]));
    await one.show();
    return { one, root, asked, picked };
  }

  async function finder() {
    const { Filters } = await import("/static/properties/search/filters.js");
    const form = page(`<form><input name="location"><input name="check_in" type="date"><input name="check_out" type="date">
      <input name="box" data-box type="hidden" disabled><button data-clear hidden></button><div data-filters>
      <input name="min_price"><input name="max_price"><input type="checkbox" name="property_type" value="house" data-only>
      <input type="checkbox" name="property_type" value="flat" data-only>
      <label class="pill"><input type="checkbox" name="amenities" value="wifi"><span data-count="wifi"></span></label>
      <label class="pill"><input type="checkbox" name="amenities" value="pool"><span data-count="pool"></span></label></div></form>`);
    return { form, filters: new Filters(form) };
  }

  async function list() {
    const [{ rows }, { Kept }] = await Promise.all(["rows", "kept"].map((name) => import(`/static/properties/wizard/${name}.js`)));
    document.body.dataset.user = "7";
    const form = page(`<form data-wizard="9.4"><input name="csrfmiddlewaretoken" value="secret"><input name="title"><input type="file" name="photo">
      <input type="checkbox" name="negotiable" value="on">
      <div data-rows="rules"><div data-row><input name="rules.0.price"><button type="button" data-remove></button></div></div>
      <template data-row-of="rules"><div data-row><input name="rules.__n__.price"><button type="button" data-remove></button></div></template>
      <button type="button" data-add="rules"></button></form>`);
    rows(form);
    return { form, kept: new Kept(form) };
  }

  return { same, pause, until, page, press, change, told, day, calendar, finder, list };
}
