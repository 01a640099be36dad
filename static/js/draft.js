// Only an addition: what is typed into the listing form outlives a phone without network, and is sent once there is one.
// A draft keeps the request key of the form it was typed into, so the server lists it once however often it arrives.
// A draft belongs to who was signed in when it was typed; nobody else is shown it, and nobody else's sign-in sends it.

const STORE = "liulin-drafts";
const KEPT_MS = 6 * 24 * 3600 * 1000; // The server remembers a request key for seven days.
const TYPED_MS = 400;
const WAIT_MS = 30 * 1000;
const AGAIN_MS = 60 * 1000;
const NOT_TYPED = ["csrf_token", "photo"];
const LAST_ANSWERS = ["seller", "variety", "grade", "product", "net", "village"];

const place = document.querySelector("[data-drafts]");
const isOffline = document.querySelector("[data-offline]") !== null;
const person = isOffline ? localStorage.getItem("liulin-person") : place.dataset.person;
let sending = false;
let timer = 0;

async function inStore(mode, act) {
  const asked = indexedDB.open(STORE, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "key" });
  const store = await new Promise((good, bad) => {
    asked.onsuccess = () => good(asked.result);
    asked.onerror = asked.onblocked = () => bad(asked.error);
  });
  try {
    return await new Promise((good, bad) => {
      const work = store.transaction("drafts", mode);
      const result = act(work.objectStore("drafts"));
      work.oncomplete = () => good(result.result);
      work.onerror = work.onabort = () => bad(work.error);
    });
  } finally {
    store.close();
  }
}

const keep = (draft) => inStore("readwrite", (drafts) => drafts.put(draft));
const forget = (key) => inStore("readwrite", (drafts) => drafts.delete(key));

async function mine() {
  const all = await inStore("readonly", (drafts) => drafts.getAll());
  for (const old of all.filter((one) => Date.now() - one.at > KEPT_MS)) await forget(old.key);
  return all.filter((one) => one.person === person && Date.now() - one.at <= KEPT_MS);
}

const theForm = () => document.querySelector("form[data-draft]");

function say(name) {
  for (const note of document.querySelectorAll("[data-note]")) note.hidden = note.dataset.note !== name;
  if (name) place.scrollIntoView({ block: "nearest" });
}

function draftOf(form, waits) {
  const fields = [...new FormData(form)].filter(([name]) => !NOT_TYPED.includes(name));
  const [photo] = form.elements.photo.files;
  return { key: form.elements.request_key.value, person, at: Date.now(), waits, fields, photo: photo ?? null };
}

const valueIn = (draft, name) => draft.fields.find(([one]) => one === name)?.[1] ?? "";

function putBack(draft, form) {
  for (const [name, value] of draft.fields) if (form.elements[name]) form.elements[name].value = value;
  givePhoto(form, draft.photo);
  for (const fold of form.querySelectorAll("details.fold:has(:checked)")) fold.open = true;
}

function givePhoto(form, photo) {
  if (!photo) return;
  const files = new DataTransfer();
  files.items.add(photo);
  form.elements.photo.files = files.files;
  form.elements.photo.dispatchEvent(new Event("change", { bubbles: true }));
}

// A token of today, if whoever typed the draft is the one who is signed in now; otherwise the way to the door.
async function tokenFor(draft) {
  const answer = await fetch(place.dataset.form, { signal: AbortSignal.timeout(WAIT_MS) });
  if (answer.status >= 500) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const there = page.querySelector("[data-drafts]");
  return there?.dataset.person === draft.person ? page.querySelector("[name=csrf_token]").value : null;
}

function post(draft, token) {
  const body = new FormData();
  for (const [name, value] of draft.fields) body.append(name, value);
  body.append("csrf_token", token);
  if (draft.photo) body.append("photo", draft.photo, draft.photo.name);
  return fetch(place.dataset.form, { method: "POST", body });
}

// Done is what led on to the seller's own list; a stranger in between, such as a hotel's own page, is no answer.
const isDone = (answer) => answer.ok && answer.redirected && new URL(answer.url).pathname === place.dataset.done;

// What came of sending: "sent", "kept" without a network, "busy" when the server cannot now, "stranger" when he must
// sign in first, "refused"; with the page that the server answered.
async function send(draft, token) {
  try {
    let answer = token ? await post(draft, token) : null;
    if (answer === null || answer.status === 401 || answer.status === 403) {
      const fresh = await tokenFor(draft);
      if (fresh === null) return { came: "stranger" };
      answer = await post(draft, fresh);
    }
    if (answer.status >= 500 || answer.status === 429) return { came: "busy" };
    if (answer.ok && !isDone(answer)) return { came: "kept" };
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) return { came: "refused", page };
    await forget(draft.key).catch(() => {});
    remember(draft);
    return { came: "sent", page };
  } catch {
    return { came: "kept" };
  }
}

// The last answers, for the bare form that a phone without network opens.
function remember(draft) {
  const same = draft.fields.filter(([name]) => LAST_ANSWERS.includes(name));
  localStorage.setItem("liulin-last", JSON.stringify(same));
}

async function publish(form) {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  const draft = draftOf(form, true);
  // A window that may not store anything sends all the same.
  await keep(draft).catch(() => {});
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  say("sending");
  const { came, page } = await send(draft, form.elements.csrf_token?.value);
  sending = false;
  for (const button of form.querySelectorAll("button")) button.disabled = false;
  if (came === "sent") isOffline ? location.assign(place.dataset.done) : show(page, place.dataset.done);
  else if (came === "stranger") location.assign(place.dataset.door);
  else if (came === "refused") await showRefusal(page, draft);
  else {
    form.hidden = true;
    say(came);
    setTimeout(sendWaiting, AGAIN_MS);
  }
}

// As a browser shows the answer to a form, under that answer's own address.
function show(page, address) {
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  document.title = page.title;
  history.replaceState(null, "", address);
  scrollTo(0, 0);
  document.querySelector("[data-focus]")?.focus();
}

async function showRefusal(page, draft) {
  await keep({ ...draft, waits: false }).catch(() => {});
  show(page, place.dataset.form);
  if (theForm()) givePhoto(theForm(), draft.photo);
}

// The way to the form in which he mends what was refused while he did not look.
async function lead(draft) {
  await keep({ ...draft, waits: false });
  const again = valueIn(draft, "again");
  const query = new URLSearchParams(again ? { again } : { fresh: 1 });
  if (valueIn(draft, "seller")) query.set("for", valueIn(draft, "seller"));
  document.querySelector("[data-mended]").href = `${place.dataset.form}?${query}`;
}

async function sendWaiting() {
  if (sending) return;
  sending = true;
  try {
    for (const draft of (await mine()).filter((one) => one.waits)) {
      if (!navigator.onLine) return say("kept");
      say("sending");
      const { came, page } = await send(draft, null);
      if (came === "refused") await lead(draft);
      if (came === "sent" && isOffline) return location.assign(place.dataset.done);
      if (came === "sent" && isHere(draft)) return show(page, place.dataset.done);
      if (came === "stranger") return isOffline ? location.assign(place.dataset.door) : say(null);
      say(came);
      if (came === "kept" || came === "busy") return setTimeout(sendWaiting, AGAIN_MS);
    }
  } finally {
    sending = false;
  }
}

const isHere = (draft) => theForm()?.elements.request_key.value === draft.key;

// What he was typing when the page went away: into the form that it was typed into, under the same key.
async function resume() {
  const form = theForm();
  if (!form || form.querySelector(".is-wrong")) return;
  const asks = (draft) =>
    ["", form.elements.seller.value].includes(valueIn(draft, "seller")) &&
    valueIn(draft, "again") === form.elements.again.value;
  const found = (await mine()).filter((one) => !one.waits && asks(one)).sort((one, other) => other.at - one.at)[0];
  if (!found) return;
  putBack(found, form);
  say("resumed");
}

function openOffline() {
  const form = theForm();
  document.documentElement.classList.toggle("large", localStorage.getItem("liulin-large") !== null);
  if (!person) return say("stranger");
  for (const [name, value] of JSON.parse(localStorage.getItem("liulin-last") ?? "[]")) form.elements[name].value = value;
  form.elements.seller.value = new URLSearchParams(location.search).get("for") ?? form.elements.seller.value;
  form.elements.request_key.value = crypto.randomUUID();
  form.hidden = false;
  say("offline");
}

function signedIn() {
  if (localStorage.getItem("liulin-person") !== person) localStorage.removeItem("liulin-last");
  localStorage.setItem("liulin-person", person);
  if (document.documentElement.classList.contains("large")) localStorage.setItem("liulin-large", "");
  else localStorage.removeItem("liulin-large");
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!person || !form?.matches("[data-draft]")) return;
  clearTimeout(timer);
  timer = setTimeout(() => sending || keep(draftOf(form, false)).catch(() => {}), TYPED_MS);
});

// Before the page's own script, which holds the buttons of forms that the browser itself sends.
document.addEventListener(
  "submit",
  (event) => {
    if (!person || !event.target.matches("[data-draft]")) return;
    event.preventDefault();
    publish(event.target);
  },
  true,
);

document.addEventListener("click", async ({ target }) => {
  if (target.matches("[data-forget]")) {
    await forget(theForm().elements.request_key.value);
    location.reload();
  }
  if (target.matches("[data-mend]")) {
    await keep(draftOf(theForm(), false));
    theForm().hidden = false;
    say(null);
  }
});

addEventListener("online", sendWaiting);

if (isOffline) openOffline();
else if (person) signedIn();
if (person) resume().then(sendWaiting).catch(() => {});
navigator.serviceWorker?.register(place.dataset.worker).catch(() => {});
