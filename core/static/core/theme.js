import { $, $$ } from "./dom.js";

const YEAR = 31536000;
const ROOT = document.documentElement;
const WHEN = { light: "not all", dark: "screen", "": "screen and (prefers-color-scheme: dark)" };
const PAPER = { light: "#fbfaf7", dark: "#14181a" };

/** What was chosen in this browser: "light", "dark", or "" for as the device does. */
export function chosen() {
  const [, theme] = document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/) ?? [];
  return theme ?? "";
}

function keep(theme) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? YEAR : 0}; samesite=lax${secure}`;
}

/** Shows the page in a theme, as the server would have sent it. */
export function wear(theme) {
  if (theme) ROOT.dataset.theme = theme;
  else delete ROOT.dataset.theme;
  $("[data-dark]")?.setAttribute("media", WHEN[theme]);
  paintBar(theme);
  $$("[data-themes] button").forEach((button) => button.setAttribute("aria-pressed", String(button.value === theme)));
}

/** The browser's own bar takes the colour of the page. */
function paintBar(theme) {
  $$("meta[name=theme-color]").forEach((meta) => meta.remove());
  for (const [name, media] of theme
    ? [[theme, ""]]
    : [
        ["light", "(prefers-color-scheme: light)"],
        ["dark", "(prefers-color-scheme: dark)"],
      ]) {
    const meta = document.createElement("meta");
    Object.assign(meta, { name: "theme-color", content: PAPER[name], media });
    document.head.append(meta);
  }
}

/** The switch in the header. */
export function themes() {
  const menu = $("[data-themes]");
  if (!menu) return;
  menu.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = event.submitter;
    keep(value);
    wear(value);
    menu.open = false;
    $("summary", menu).focus();
  });
  document.addEventListener("click", (event) => !menu.contains(/** @type {Node} */ (event.target)) && (menu.open = false));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    $("summary", menu).focus();
  });
  // Another tab may have changed it meanwhile, or this page is one that the browser kept.
  const again = () => chosen() !== (ROOT.dataset.theme ?? "") && wear(chosen());
  addEventListener("pageshow", again);
  document.addEventListener("visibilitychange", again);
}
