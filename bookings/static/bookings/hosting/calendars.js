import { $ } from "../../core/dom.js";
import { call } from "../../core/http.js";
import { gettext } from "../../core/i18n.js";
import { enhance } from "../../core/times.js";
import { toast } from "../../core/toasts.js";

const LOOK_AGAIN = 2000;
const LOOKS = 20;

/**
 * The calendars of other sites that a home follows: adding, reading now, removing. While one is about to be read the
 * page looks again a few times. @returns what shows the list as the server has written it
 */
export function followCalendars(home, renew) {
  const list = $("[data-calendars]");
  const form = $("[data-follow]");
  const path = `/api/property/${home}/calendars/`;
  let looks = 0;
  let timer = 0;

  function lookAgain() {
    clearTimeout(timer);
    if ($("[data-waiting='1']", list) && looks > 0) timer = setTimeout(() => renew().catch(() => {}), LOOK_AGAIN);
    looks -= 1;
  }

  function show(markup) {
    // An answer that is being asked for stays: the list is written again once it is given.
    if ($("[data-unfollow].is-sure", list)) return;
    list.replaceChildren(...new DOMParser().parseFromString(markup, "text/html").body.childNodes);
    enhance(list, Date.now());
    lookAgain();
  }

  async function act(button, work, done) {
    button.disabled = true;
    try {
      await work();
      looks = LOOKS;
      await renew();
      toast(done);
    } catch (error) {
      toast(error.message);
    }
    button.disabled = false;
  }

  list.addEventListener("click", (event) => {
    const id = event.target.closest("[data-calendar]")?.dataset.calendar;
    const refresh = event.target.closest("[data-refresh]");
    const unfollow = event.target.closest("[data-unfollow]");
    if (refresh) act(refresh, () => call("POST", `${path}${id}/refresh/`), gettext("It is read within a minute."));
    if (!unfollow) return;
    if (!unfollow.classList.contains("is-sure")) {
      unfollow.classList.add("is-sure");
      unfollow.textContent = unfollow.dataset.sure;
      return;
    }
    unfollow.classList.remove("is-sure");
    act(unfollow, () => call("DELETE", `${path}${id}/`), gettext("Removed; its nights are free."));
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = $("[data-follow-problem]", form);
    const button = $("button", form);
    const fields = new FormData(form);
    if (!form.elements.file.files.length) fields.delete("file");
    problem.hidden = true;
    button.disabled = true;
    try {
      const added = await call("POST", path, fields);
      form.reset();
      looks = LOOKS;
      await renew();
      toast(added.status === "good" ? gettext("Read: its nights are closed here.") : gettext("Added: it is read within a minute."));
    } catch (error) {
      problem.textContent = Object.values(error.fields ?? {})[0]?.[0] ?? error.message;
      problem.hidden = false;
    }
    button.disabled = false;
  });

  looks = LOOKS;
  lookAgain();
  return show;
}
