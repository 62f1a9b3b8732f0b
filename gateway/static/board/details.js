// One agency in a dialog: its months, its dossiers by procedure, what is open, when it was last looked at.

import { agencyOf } from "./ask.js";
import { firstOfYear } from "./figures.js";
import { el, row } from "./draw.js";
import { drawMonths, leaveMonths, shareOf } from "./months.js";
import { date, dayOf, number, say, shareSaid, wordsOf } from "./words.js";

const dialog = document.getElementById("board-agency");
const title = document.getElementById("board-agency-title");
const matter = dialog.querySelector(".matter");

let opened = null;
let asking = 0;

dialog.querySelector(".close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  if (dialog.open) return; // opened again before this ran
  clear();
  if (wantedCode()) history.replaceState(null, "", location.pathname + location.search);
});

export function wantedCode() {
  return new URLSearchParams(location.hash.slice(1)).get("agency");
}

// Shows what the address asks for, if it is among the agencies shown; another one takes the place of the one
// before, and none at all (the way back) closes the dialog.
export async function openWanted(rows, today) {
  const found = rows.find(({ agency }) => agency.code === wantedCode());
  if (!found) return dialog.close();
  if (dialog.open && opened === found.agency.code) return;
  clear();
  opened = found.agency.code;
  title.textContent = found.agency.name;
  matter.replaceChildren(checks(found), el("p", { role: "status" }, say("loading")));
  if (!dialog.open) dialog.showModal();
  title.focus();
  await fetchInto(found, today);
}

// Only the newest question's answer is drawn: the dialog may be about another agency by now, or closed.
async function fetchInto(found, today) {
  const asked = ++asking;
  const answer = await agencyOf(found.agency.id, firstOfYear(today), today).catch((error) => error);
  if (asked !== asking) return;
  if (answer instanceof Error) matter.lastChild.replaceWith(el("p", { role: "alert" }, wordsOf(answer)));
  else show(found, answer);
}

function clear() {
  opened = null;
  asking += 1;
  for (const chart of matter.querySelectorAll(".months")) leaveMonths(chart);
  matter.replaceChildren();
}

function checks({ lastAuditOn, lastReviewOn }) {
  return el("p", {}, say("checks", { audit: date(lastAuditOn), review: date(lastReviewOn) }));
}

function show(found, answer) {
  const chart = document.getElementById("board-months").cloneNode(true);
  chart.removeAttribute("id");
  chart.classList.add("months");
  chart.removeAttribute("aria-labelledby");
  const heading = chart.querySelector("h2");
  heading.replaceWith(el("h3", {}, heading.textContent));
  chart.querySelector(".chart").replaceWith(el("div", { class: "chart", role: "img" }));
  matter.replaceChildren(checks(found), chart, ...byProcedure(answer.dossierFigures), ...open(found, answer));
  drawMonths(chart, answer.dossierMonths);
}

function byProcedure(figures) {
  const heading = el("h3", {}, say("by_procedure"));
  if (!figures.length) return [heading, el("p", {}, say("by_procedure_none"))];
  const names = ["procedure", "received", "finished", "share", "late", "overdue"];
  const heads = names.map((name) => el("th", { scope: "col" }, say(`column_${name}`)));
  const head = el("thead", {}, el("tr", {}, ...heads));
  const table = el("table", {}, head, el("tbody", {}, ...figures.map(procedureRow)));
  return [heading, el("div", { class: "wide" }, table)];
}

function procedureRow(each) {
  const name = each.document ? `${each.document.code} – ${each.document.title}` : say("hidden_procedure");
  const counts = [each.received, each.finished, each.late, each.overdueOpen];
  const [received, finished, late, overdue] = counts.map(number);
  const cells = [received, finished, shareSaid(shareOf(each)), late, overdue];
  return row(name, ...cells.map((text) => ({ text, mark: "count" })));
}

function open(found, answer) {
  const heading = el("h3", {}, say("open_nonconformities"));
  const lists = [answer.open, answer.underWay, answer.corrected];
  const listed = lists.flatMap(({ edges }) => edges.map(({ node }) => node));
  listed.sort((a, b) => b.raisedAt.localeCompare(a.raisedAt));
  if (!listed.length) return [heading, el("p", {}, say("open_nonconformities_none"))];
  const facts = { shown: number(listed.length), count: number(found.openNonconformities) };
  const list = el("ul", { class: "open" }, ...listed.map(nonconformity));
  if (listed.length >= found.openNonconformities) return [heading, list];
  return [heading, list, el("p", {}, say("more_nonconformities", facts))];
}

function nonconformity({ number: given, severity, state, description, raisedAt }) {
  const about = [dayOf(raisedAt), say(`severity_${severity}`), say(`state_${state}`)].join(" · ");
  const mark = severity === "MAJOR" ? "major" : null;
  return el("li", { class: mark }, el("b", {}, given), ` ${description} `, el("small", {}, about));
}
