// The tables: the ten that need attention, and all figures of all agencies, sorted and searched.

import { bandOf, isOlder, matches, share, sorted, worst } from "./figures.js";
import { agencyLink, el, fill, row, svg } from "./draw.js";
import { date, number, say, shareSaid } from "./words.js";

const DESCENDING_FIRST = new Set([
  ...["procedures", "received", "finished", "late"],
  ...["overdue", "nonconformities", "actions"],
]);

const WORST = 10;

export function drawWorst(section, rows) {
  const found = worst(rows, WORST);
  const title = say(found.length < WORST ? "worst_fewer" : "worst");
  section.querySelector("h2").textContent = title;
  section.querySelector("caption").textContent = title;
  const none = el("tr", {}, el("td", { colspan: "5" }, say("worst_none")));
  fill(section.querySelector("table"), found.length ? found.map(worstRow) : [none]);
}

function worstRow(each) {
  return row(
    agencyLink(each.agency),
    shareCell(each),
    counted(each.dossiersLate),
    counted(each.dossiersOverdueOpen),
    counted(each.openNonconformities),
  );
}

function shareCell(each) {
  const value = share(each);
  const said = el("span", {}, shareSaid(value));
  const text = value === null ? said : el("span", { class: "share" }, bar(value), said);
  return { text, mark: "count" };
}

function bar(value) {
  const whole = { height: 6, rx: 3 };
  return svg(
    "svg",
    { width: 60, height: 6, "aria-hidden": "true" },
    svg("rect", { ...whole, width: 60, class: "bar-ground" }),
    svg("rect", { ...whole, width: 60 * value, class: `bar-${bandOf(value)}` }),
  );
}

const counted = (value, warns = true) => ({
  text: number(value),
  mark: `count${value ? (warns ? " some" : "") : " zero"}`,
});

// The table with its state: what it is sorted by and what is searched for.
export class Figures {
  constructor(section) {
    this.table = section.querySelector("table");
    this.search = section.querySelector("input");
    this.found = section.querySelector("[role=status]");
    this.rows = [];
    this.column = "agency";
    this.descending = false;
    this.search.addEventListener("input", () => this.draw());
    for (const head of this.table.tHead.rows[0].cells) {
      head.querySelector("button").addEventListener("click", () => this.sortBy(head.dataset.column));
    }
  }

  show(rows, today) {
    this.rows = rows;
    this.today = today;
    this.draw();
  }

  sortBy(column) {
    const again = column === this.column;
    this.descending = again ? !this.descending : DESCENDING_FIRST.has(column);
    this.column = column;
    this.draw();
  }

  draw() {
    const found = this.rows.filter((each) => matches(each, this.search.value));
    fill(this.table, sorted(found, this.column, this.descending).map((each) => this.row(each)));
    this.found.textContent = say("found", { count: number(found.length), total: number(this.rows.length) });
    for (const head of this.table.tHead.rows[0].cells) this.mark(head);
  }

  mark(head) {
    const way = this.descending ? "descending" : "ascending";
    if (head.dataset.column === this.column) head.setAttribute("aria-sort", way);
    else head.removeAttribute("aria-sort");
  }

  row(each) {
    return row(
      agencyLink(each.agency),
      counted(each.proceduresInForce, false),
      counted(each.dossiersReceived, false),
      counted(each.dossiersFinished, false),
      shareCell(each),
      counted(each.dossiersLate),
      counted(each.dossiersOverdueOpen),
      counted(each.openNonconformities),
      counted(each.overdueActions),
      dayCell(each.lastAuditOn, this.today),
      dayCell(each.lastReviewOn, this.today),
    );
  }
}

function dayCell(day, today) {
  const isLongAgo = day && isOlder(day, today);
  const note = isLongAgo ? el("small", {}, say("long_ago")) : "";
  return { text: el("span", {}, date(day), note), mark: isOlder(day, today) ? "day old" : "day" };
}
