import { csrf, Refusal } from "./http.js";
import { gettext } from "./i18n.js";

const TRIES = 4;
const PAUSE_MS = 3000;

/**
 * Sends a body and tells how far it is, which `fetch` does not. Where the server has no room for pictures just then it
 * is sent again some seconds later. @returns the body of the answer; throws a Refusal
 */
export async function upload(method, address, body, progress) {
  for (let n = 1; ; n += 1) {
    try {
      return await send(method, address, body, progress);
    } catch (refusal) {
      if (refusal.code !== "unavailable" || !refusal.answered || n === TRIES) throw refusal;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * n));
    }
  }
}

function send(method, address, body, progress) {
  const request = new XMLHttpRequest();
  request.open(method, address);
  request.setRequestHeader("X-CSRFToken", csrf());
  if (!(body instanceof FormData)) request.setRequestHeader("Content-Type", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
  const broke = () => new Refusal({ code: "client.unsent", message: gettext("The connection broke. Try again.") });
  const refused = () => Object.assign(new Refusal(request.response ?? {}), { answered: Boolean(request.response) });
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => (request.status < 300 ? resolve(request.response) : reject(refused())));
    request.addEventListener("error", () => reject(broke()));
    request.send(body instanceof FormData ? body : JSON.stringify(body));
  });
}

/** The words of a refusal, its fields' own where it names some. */
export const wordsOf = (refusal) =>
  Object.values(refusal.fields ?? {})
    .flat()
    .join(" ") || refusal.message;
