// The home page's live parts: trial accounts sign in, and the processes' states are renewed.

import { chosen, firstButton, showAs } from "./first.js";
import { Refused, current, nameOf, signIn, signOut } from "./session.js";

const language = document.body.dataset.lang;
const bar = document.getElementById("session");
const said = document.getElementById("sign-in-said");
const RENEW_EVERY = 5000;

function show() {
  if (!bar) return;
  const session = current();
  bar.hidden = !session;
  document.getElementById("who").textContent = session ? nameOf(session) : "";
  document.body.classList.toggle("signed-in", Boolean(session));
  showAs(session);
}

function changed() {
  show();
  document.dispatchEvent(new Event("session-changed"));
}

async function signInAs(button, isFirst = false) {
  const label = button.textContent;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  said.hidden = true;
  try {
    await signIn(button.dataset.username, button.dataset.password);
    chosen(isFirst);
    document.querySelectorAll("tr.current").forEach((row) => row.classList.remove("current"));
    button.closest("tr").classList.add("current");
    changed();
  } catch (error) {
    said.textContent = wordsOf(error);
    said.hidden = false;
  } finally {
    button.disabled = false;
    button.textContent = label;
  }
}

function wordsOf(error) {
  if (!(error instanceof Refused)) return bar.dataset.noConnection;
  return language === "en" ? error.problem.messageEn : error.problem.message;
}

async function renewProcesses() {
  const list = document.getElementById("processes");
  if (document.hidden || !list) return;
  const answer = await fetch(`/processes?lang=${language}`).catch(() => null);
  if (!answer?.ok) return list.classList.add("stale");
  const renewed = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceWith(renewed.getElementById("processes"));
  renewProgress(renewed.getElementById("progress"));
}

// Accounts that were not there when the page was opened, and figures when all is loaded, come with a reload.
function renewProgress(progress) {
  const before = document.getElementById("progress");
  before.replaceWith(progress);
  const hasAccountsNow = before.dataset.accounts === "0" && progress.dataset.accounts !== "0";
  if (hasAccountsNow || (progress.hidden && !before.hidden)) location.reload();
}

for (const button of document.querySelectorAll("button.sign-in")) {
  button.addEventListener("click", () => signInAs(button));
}
document.getElementById("sign-out")?.addEventListener("click", async () => {
  chosen(false);
  await signOut();
  document.querySelectorAll("tr.current").forEach((row) => row.classList.remove("current"));
  changed();
});
setInterval(renewProcesses, RENEW_EVERY);
show();
document.addEventListener("session-lost", show);
const first = firstButton();
if (first) signInAs(first, true);
