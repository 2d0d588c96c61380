/** What the server reads; anything else a browser can draw is sent as a JPEG. */
const READ = new Set(["image/jpeg", "image/png", "image/webp"]);
const PICTURE = /\.(jpe?g|jpe|png|webp|heic|heif|avif|gif|bmp|tiff?)$/i;
const SMALL = 1_000_000;
const QUALITY = 0.85;

/** For what the server keeps in 1600 pixels, and for a document whose small print is read. */
export const PHOTO = 2400;
export const PAPER = 3200;

export const isPicture = (file) => file.type.startsWith("image/") || PICTURE.test(file.name);

/**
 * A picture made smaller in the browser, before it is sent: a phone's ten megabytes become one, upright and in sRGB.
 * What this browser can't draw, or what is small enough, comes back as it is: the server judges it by itself.
 */
export async function shrunk(file, side = PHOTO) {
  if (!isPicture(file) || (file.size <= SMALL && READ.has(file.type))) return file;
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return file;
  const blob = await drawn(bitmap, Math.min(1, side / Math.max(bitmap.width, bitmap.height))).catch(() => null);
  bitmap.close();
  if (!blob || (READ.has(file.type) && blob.size >= file.size)) return file;
  return new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" });
}

function drawn(bitmap, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no blob"))), "image/jpeg", QUALITY),
  );
}

/** Puts the shrunk files in place of those chosen, so that a form without a script of its own sends them. */
export async function shrinkChosen(input, side = PHOTO) {
  const chosen = [...input.files];
  const smaller = await Promise.all(chosen.map((file) => shrunk(file, side)));
  if (smaller.every((file, index) => file === chosen[index]) || input.files[0] !== chosen[0]) return;
  const transfer = new DataTransfer();
  smaller.forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
}

/** The bytes of a file as a data-URL, as the REST door takes pictures in JSON. */
export const dataUrl = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
