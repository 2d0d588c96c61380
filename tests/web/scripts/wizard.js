({
  "a row that is added has numbers of its own": async ({ same, list }) => {
    const { form } = await list();
    form.querySelector("[data-add]").click();
    form.querySelector("[data-add]").click();
    same([...form.querySelectorAll("[data-row] input")].map((node) => node.name), ["rules.0.price", "rules.1.price", "rules.2.price"]);
  },

  "a row is taken away, the focus stays in the list, and numbers are not used again": async ({ same, list }) => {
    const { form } = await list();
    const changes = [];
    form.addEventListener("change", () => changes.push(1));
    form.querySelector("[data-add]").click();
    form.querySelector("[data-remove]").click();
    same([...form.querySelectorAll("[data-row] input")].map((node) => node.name), ["rules.1.price"]);
    same([document.activeElement.name, changes.length], ["rules.1.price", 1]);
    form.querySelector("[data-remove]").click();
    same(document.activeElement.hasAttribute("data-add"), true);
    form.querySelector("[data-add]").click();
    same(form.querySelector("[data-row] input").name, "rules.2.price");
  },

  "what is typed is kept in the browser and comes back, with the rows that were added": async ({ same, change, list }) => {
    const first = await list();
    first.form.querySelector("[data-add]").click();
    change(first.form.title, "Lake House");
    change(first.form.elements.namedItem("rules.1.price"), "500");
    change(first.form.negotiable, true);
    const second = await list();
    second.kept.restore();
    same([second.form.title.value, second.form.elements.namedItem("rules.1.price").value, second.form.negotiable.checked], ["Lake House", "500", true]);
    second.kept.forget();
  },

  "secrets and files are not kept": async ({ same, change, list }) => {
    const { form, kept } = await list();
    change(form.title, "x");
    const stored = JSON.parse(localStorage.getItem(kept.key)).map(([name]) => name);
    same(stored.includes("csrfmiddlewaretoken") || stored.includes("photo"), false);
    kept.forget();
    same(localStorage.getItem(kept.key), null);
  },

  "a sent step needs no keeping, one that was stopped does": async ({ same, change, pause, list }) => {
    const { form, kept } = await list();
    const send = (stopped) => {
      const event = new Event("submit", { cancelable: true });
      if (stopped) event.preventDefault();
      form.dispatchEvent(event);
      return pause();
    };
    change(form.title, "x");
    await send(true);
    same(localStorage.getItem(kept.key) === null, false);
    await send(false);
    same(localStorage.getItem(kept.key), null);
  },

  "what is stored and no list, or another's, is nobody's trouble": async ({ same, list }) => {
    const { form, kept } = await list();
    for (const stored of ["{", "null"]) {
      localStorage.setItem(kept.key, stored);
      kept.restore();
    }
    same(form.title.value, "");
    kept.forget();
  },
})
