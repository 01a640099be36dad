// Only additions: every page works without this file.

const HELD_MS = 8000;

function hold(form, held) {
  form.toggleAttribute("aria-busy", held);
  for (const button of form.querySelectorAll("button")) button.disabled = held;
}

function holdButtonsAfterFirstTap(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    // Not at once: a disabled button drops its own name and value from the request.
    setTimeout(hold, 0, form, true);
    setTimeout(hold, HELD_MS, form, false);
  });
}

function showChosenPhoto(input) {
  const preview = document.createElement("canvas");
  preview.className = "photo-preview";
  preview.hidden = true;
  preview.setAttribute("aria-hidden", "true");
  input.after(preview);
  input.addEventListener("change", async () => {
    preview.hidden = true;
    const [file] = input.files;
    // A canvas, because the page's policy allows pictures from this site only, so no blob: address.
    const picture = file && (await createImageBitmap(file, { resizeWidth: 480 }).catch(() => null));
    if (!picture) return;
    preview.width = picture.width;
    preview.height = picture.height;
    preview.getContext("2d").drawImage(picture, 0, 0);
    preview.hidden = false;
  });
}

for (const form of document.querySelectorAll("form[method=post]")) holdButtonsAfterFirstTap(form);
for (const input of document.querySelectorAll("input[type=file]")) showChosenPhoto(input);
for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
document.querySelector("[data-focus]")?.focus();

// A page taken from the back-forward cache must not keep its buttons held.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[aria-busy]")) hold(form, false);
});

// A payment is on its way: look again by itself, as the link beside it does for those without scripts.
if (document.querySelector("[data-look-again]")) setTimeout(() => location.reload(), 3000);
