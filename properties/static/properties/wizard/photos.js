import { ask } from "../../core/ask.js";
import { $, $$, el, icon } from "../../core/dom.js";
import { call, Refusal } from "../../core/http.js";
import { gettext, say } from "../../core/i18n.js";
import { isPicture, shrunk } from "../../core/pictures.js";
import { upload as post, wordsOf } from "../../core/uploads.js";

const box = $("[data-photos]");
const list = $("[data-photo-list]", box);
const input = $("[data-photo-input]", box);
const address = `/api/property_registration/step2/${box.dataset.photos}/photos/`;
const most = Number(box.dataset.most);
const items = () => $$("[data-photo]", list);
const said = (words) => ($("[data-photo-said]", box).textContent = words);

/** Each file that was refused is named, with what would help. */
function complain(...lines) {
  const node = $("[data-photo-error]", box);
  node.replaceChildren(...lines.map((words) => el("span", {}, words)));
  node.hidden = !lines.length;
}

const tool = (name, picture, label) =>
  el("button", { class: "icon-button", type: "button", [`data-${name}`]: true, "aria-label": label }, icon(picture, "icon--small"));

/** A photo's buttons, and what they are called: its number changes as photos move. */
function dress() {
  items().forEach((item, index, all) => {
    const n = index + 1;
    $(".photo__tools", item)?.remove();
    $(".photo__first", item)?.remove();
    item.draggable = true;
    const tools = el(
      "div",
      { class: "photo__tools" },
      tool("earlier", "back", say("Photo %(n)s: earlier", { n })),
      tool("later", "forward", say("Photo %(n)s: later", { n })),
      tool("drop", "trash", say("Photo %(n)s: delete", { n })),
    );
    $("[data-earlier]", tools).disabled = index === 0;
    $("[data-later]", tools).disabled = index === all.length - 1;
    if (index === 0) item.append(el("span", { class: "tag photo__first" }, gettext("In the search")));
    item.append(tools);
  });
}

const picture = ({ id, thumbnail, description }) =>
  el(
    "li",
    { class: "photo", "data-photo": id },
    el("img", { src: thumbnail, width: 240, height: 180, alt: description || gettext("Photo of your home") }),
  );

/** One file after the other, each with a bar of its own: on a slow line the first is there long before the last. */
async function upload(files) {
  complain();
  const room = Math.max(0, most - items().length);
  const refused =
    files.length > room
      ? [
          say("At most %(most)s photos: %(names)s", {
            most,
            names: files
              .slice(room)
              .map(({ name }) => name)
              .join(", "),
          }),
        ]
      : [];
  const waiting = files.slice(0, room).map((file) => ({ file, item: list.appendChild(placeholder(file)) }));
  if (refused.length) complain(...refused);
  for (const { file, item } of waiting) {
    const words = await send(file, item);
    if (words) complain(...(refused.push(words), refused));
  }
  said(say("%(n)s photos are there.", { n: items().length }));
}

function placeholder(file) {
  const bar = el("progress", { max: 100, "aria-label": say("Uploading %(name)s", { name: file.name }) });
  return el("li", { class: "photo photo--coming" }, el("span", { class: "small" }, file.name), bar);
}

/** @returns why the file was refused, "" where it is there */
async function send(file, item) {
  const body = new FormData();
  try {
    body.append("photo", await shrunk(file));
    const [photo] = await post("POST", address, body, (share) => ($("progress", item).value = share * 100));
    item.replaceWith(picture(photo));
    dress();
    return "";
  } catch (error) {
    item.remove();
    if (!(error instanceof Refusal)) throw error;
    // The server names the file where it is the file's fault.
    return Object.keys(error.fields ?? {}).length ? wordsOf(error) : `${file.name}: ${error.message}`;
  }
}

async function saveOrder() {
  dress();
  try {
    await call("PUT", address, { order: items().map((item) => Number(item.dataset.photo)) });
    complain();
  } catch (error) {
    complain(error.message);
  }
}

async function move(item, by, button) {
  const all = items();
  const to = all.indexOf(item) + by;
  if (to < 0 || to >= all.length) return;
  if (by < 0) all[to].before(item);
  else all[to].after(item);
  await saveOrder();
  said(say("Now photo %(n)s of %(of)s.", { n: to + 1, of: all.length }));
  ($(`[data-${button}]:not([disabled])`, item) ?? $("button:not([disabled])", item)).focus();
}

async function drop(item) {
  const { sure } = await ask({
    title: gettext("Delete this photo?"),
    text: gettext("It can't be brought back."),
    action: gettext("Delete"),
  });
  if (!sure) return;
  const next = item.nextElementSibling ?? item.previousElementSibling;
  try {
    await call("DELETE", `${address}${item.dataset.photo}/`);
    item.remove();
    dress();
    said(gettext("Deleted."));
    ($("button:not([disabled])", next ?? box) ?? input).focus();
  } catch (error) {
    complain(error.message);
  }
}

list.addEventListener("click", (event) => {
  const item = event.target.closest("[data-photo]");
  if (!item) return;
  if (event.target.closest("[data-earlier]")) move(item, -1, "earlier");
  if (event.target.closest("[data-later]")) move(item, 1, "later");
  if (event.target.closest("[data-drop]")) drop(item);
});

let dragged = null;
list.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("[data-photo]");
  dragged?.classList.add("is-dragged");
});
list.addEventListener("dragover", (event) => {
  const over = event.target.closest("[data-photo]");
  if (!dragged) return;
  event.preventDefault();
  if (!over || over === dragged) return;
  const all = items();
  if (all.indexOf(over) < all.indexOf(dragged)) over.before(dragged);
  else over.after(dragged);
});
list.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  if (dragged) saveOrder();
  dragged = null;
});

const files = (transfer) => [...transfer.files].filter(isPicture);
box.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
box.addEventListener("drop", (event) => {
  if (dragged || !event.dataTransfer.files.length) return;
  event.preventDefault();
  upload(files(event.dataTransfer));
});
input.addEventListener("change", () => {
  upload([...input.files]);
  input.value = "";
});
// Sent by this script, so the step's form need not carry them.
input.removeAttribute("name");
dress();
