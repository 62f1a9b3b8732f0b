// The home page's two live parts: trial accounts sign in, and the processes' states are renewed.

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
}

async function signInAs(button) {
  const label = button.textContent;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  said.hidden = true;
  try {
    await signIn(button.dataset.username, button.dataset.password);
    document.querySelectorAll("tr.current").forEach((row) => row.classList.remove("current"));
    button.closest("tr").classList.add("current");
  } catch (error) {
    said.textContent = wordsOf(error);
    said.hidden = false;
  } finally {
    button.disabled = false;
    button.textContent = label;
    show();
  }
}

function wordsOf(error) {
  if (!(error instanceof Refused)) return bar.dataset.noConnection;
  return language === "en" ? error.problem.messageEn : error.problem.message;
}

async function renewProcesses() {
  if (document.hidden) return;
  const answer = await fetch(`/processes?lang=${language}`).catch(() => null);
  const list = document.getElementById("processes");
  if (!answer?.ok) return list.classList.add("stale");
  const renewed = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceWith(renewed.getElementById("processes"));
}

for (const button of document.querySelectorAll("button.sign-in")) {
  button.addEventListener("click", () => signInAs(button));
}
document.getElementById("sign-out")?.addEventListener("click", async () => {
  await signOut();
  document.querySelectorAll("tr.current").forEach((row) => row.classList.remove("current"));
  show();
});
setInterval(renewProcesses, RENEW_EVERY);
show();
