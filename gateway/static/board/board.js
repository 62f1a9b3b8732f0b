// The board on the home page: asked as the person signed in, drawn, and renewed while it is looked at.

import { current, signOut } from "../session.js";
import { boardOf, today as askToday } from "./ask.js";
import { openWanted } from "./details.js";
import { firstOfYear } from "./figures.js";
import { drawMap } from "./map.js";
import { drawMonths } from "./months.js";
import { Figures, drawWorst } from "./table.js";
import { drawRing, drawTiles } from "./tiles.js";
import { say, time, wordsOf } from "./words.js";

const RENEW_EVERY = 60_000;
const TRY_AGAIN_AFTER = 10_000;

const place = (name) => document.getElementById(`board-${name}`);
const said = place("said");
const figures = new Figures(place("all"));

let shown = null;
let waiting = 0;
let asking = 0;

// Only the newest question's answer is drawn: somebody else may have signed in meanwhile.
async function renew() {
  clearTimeout(waiting);
  if (document.hidden) return;
  const asked = ++asking;
  if (!current()) return nobody();
  if (!shown) announce(say("loading"));
  const answer = await fetched().catch((error) => error);
  if (asked !== asking) return;
  if (answer instanceof Error) failed(answer);
  else show(answer);
  waiting = setTimeout(renew, answer instanceof Error ? TRY_AGAIN_AFTER : RENEW_EVERY);
}

async function fetched() {
  const today = await askToday();
  const { standings, dossierMonths } = await boardOf(firstOfYear(today), today);
  return { rows: standings.filter(({ agency }) => agency), months: dossierMonths, today, at: new Date() };
}

function show(answer) {
  const begun = performance.now();
  shown = answer;
  const { rows, months, today, at } = answer;
  place("shown").hidden = !rows.length;
  place("shown").classList.toggle("single", rows.length === 1);
  place("ring").hidden = !rows.length;
  announce(rows.length ? emptiness(rows) : say("nothing"));
  place("title").textContent = titleOf(rows);
  place("updated").textContent = say("updated", { time: time(at) });
  keepingFocus(() => draw(rows, today));
  drawMonths(place("months"), months);
  performance.measure("board", { start: begun });
  openWanted(rows, today);
}

function draw(rows, today) {
  drawRing(place("ring"), rows);
  drawTiles(place("tiles"), rows, today);
  drawWorst(place("worst"), rows);
  drawMap(place("map").querySelector(".groups"), rows);
  figures.show(rows, today);
}

// A person who walks the board by keyboard stands on the same agency after it was drawn anew.
function keepingFocus(redraw) {
  const held = document.activeElement;
  const part = held.closest("#board-map, #board-worst, #board-all");
  redraw();
  if (!part || held.isConnected) return;
  const links = [...part.querySelectorAll("a")];
  links.find((link) => link.hash === held.hash)?.focus({ preventScroll: true });
}

function titleOf(rows) {
  return rows.length === 1 ? `${say("title_one")}: ${rows[0].agency.shortName}` : say("title");
}

function emptiness(rows) {
  return rows.some((row) => row.dossiersReceived) ? "" : say("no_dossiers");
}

function nobody() {
  forget();
  announce(say("sign_in_to_see"));
  document.dispatchEvent(new Event("session-lost"));
}

function forget() {
  shown = null;
  place("shown").hidden = true;
  place("ring").hidden = true;
  place("updated").textContent = "";
  place("title").textContent = say("title");
}

// A session that the platform does not know is given up; anything else may pass, and is tried again.
function failed(error) {
  if (error.code === "not_signed_in") signOut();
  if (!current()) return nobody();
  const why = wordsOf(error);
  announce(shown ? say("stale", { time: time(shown.at), why }) : why, true);
}

function announce(text, isBad = false) {
  said.textContent = text;
  said.classList.toggle("bad", isBad);
}

document.addEventListener("session-changed", () => {
  forget();
  renew();
});
document.addEventListener("visibilitychange", renew);
window.addEventListener("hashchange", () => shown && openWanted(shown.rows, shown.today));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shown && show(shown));
renew();
