// The first visit of a tab to the demonstration is signed in by itself, visibly, and only once.

import { say } from "./board/words.js";
import { current, nameOf } from "./session.js";

const TAKEN = "eiso.first.taken";
const AS_FIRST = "eiso.first.shown";
const username = document.getElementById("board").dataset.first;
const as = document.getElementById("board-as");

// The sign-in button of the account to be seen first, where this tab has not yet been signed in or out.
export function firstButton() {
  if (!username || current() || sessionStorage.getItem(TAKEN)) return null;
  const buttons = [...document.querySelectorAll("button.sign-in")];
  return buttons.find((button) => button.dataset.username === username) ?? null;
}

// Remembers who chose: from then on nobody is signed in by itself in this tab.
export function chosen(isFirst) {
  sessionStorage.setItem(TAKEN, "yes");
  if (isFirst) sessionStorage.setItem(AS_FIRST, "yes");
  else sessionStorage.removeItem(AS_FIRST);
}

export function showAs(session) {
  as.hidden = !session || !sessionStorage.getItem(AS_FIRST);
  if (as.hidden) return;
  const link = document.createElement("a");
  link.href = "#accounts";
  link.textContent = say("change_account");
  as.replaceChildren(say("seen_as", { who: nameOf(session) }), " ", link);
}
