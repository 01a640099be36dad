// Only additions: every page works without this file.

const HELD_MS = 8000;
const PHOTO_PX = 1600;
const PHOTO_WORTH_IT = 300 * 1024;

function hold(form, held) {
  form.toggleAttribute("aria-busy", held);
  for (const button of form.querySelectorAll("button")) button.disabled = held;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  // Not at once: a disabled button drops its own name and value from the request.
  setTimeout(hold, 0, form, true);
  setTimeout(hold, HELD_MS, form, false);
});

async function drawn(file, width) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, width / Math.max(picture.width, picture.height));
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

// A picture of 12 MB takes an hour over a poor line, and nobody sees more of it than this.
async function shrink(input, file) {
  if (file.size <= PHOTO_WORTH_IT) return;
  const canvas = await drawn(file, PHOTO_PX);
  const small = canvas && (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85)));
  if (!small || small.size >= file.size || input.files[0] !== file) return;
  const files = new DataTransfer();
  files.items.add(new File([small], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }));
  input.files = files.files;
}

document.addEventListener("change", async (event) => {
  const input = event.target;
  if (input.type !== "file") return;
  input.parentElement.querySelector(".photo-preview")?.remove();
  const [file] = input.files;
  if (!file) return;
  if (input.dataset.shrink !== undefined) await shrink(input, file);
  // A canvas, because the page's policy allows pictures from this site only, so no blob: address.
  const preview = await drawn(file, 480);
  if (!preview || !input.files[0]) return;
  preview.className = "photo-preview";
  preview.setAttribute("aria-hidden", "true");
  input.parentElement.querySelector(".photo-preview")?.remove();
  input.after(preview);
});

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
document.querySelector("[data-focus]")?.focus();

// Whoever signs out leaves nothing in the phone for the next one.
document.addEventListener("submit", (event) => {
  if (!event.target.action.endsWith("/sign-out")) return;
  localStorage.removeItem("liulin-person");
  localStorage.removeItem("liulin-last");
  indexedDB.deleteDatabase("liulin-drafts");
});

// A page taken from the back-forward cache must not keep its buttons held.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[aria-busy]")) hold(form, false);
});

// A payment is on its way: look again by itself, as the link beside it does for those without scripts.
if (document.querySelector("[data-look-again]")) setTimeout(() => location.reload(), 3000);
