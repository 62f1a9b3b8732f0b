// The headline: the share on time as a ring, and what a leader asks for first.

import { bandOf, isOlder, lateShare, share, sum, totals } from "./figures.js";
import { el, svg } from "./draw.js";
import { number, say, shareSaid } from "./words.js";

const AROUND = 2 * Math.PI * 52;

export function drawRing(place, rows) {
  const all = totals(rows);
  const value = share(all);
  const arc = { cx: 60, cy: 60, r: 52, fill: "none", "stroke-width": 11 };
  const shown = (value ?? 0) * AROUND;
  const facts = { onTime: number(all.dossiersOnTime), finished: number(all.dossiersFinished) };
  place.replaceChildren(
    svg(
      "svg",
      { viewBox: "0 0 120 120", "aria-hidden": "true" },
      svg("circle", { ...arc, class: "ring-ground" }),
      svg("circle", {
        ...arc,
        class: "ring-value",
        "stroke-dasharray": `${shown} ${AROUND}`,
        transform: "rotate(-90 60 60)",
      }),
      svg("text", { x: 60, y: 68, "text-anchor": "middle" }, shareSaid(value)),
    ),
    el(
      "p",
      {},
      el("span", { class: "unseen" }, `${shareSaid(value)} `),
      el("b", {}, say(value === null ? "ring_none" : "ring")),
      el("small", {}, say("ring_about", facts)),
    ),
  );
}

export function drawTiles(place, rows, today) {
  place.replaceChildren(...headline(rows, today).map(tile));
}

function headline(rows, today) {
  const all = totals(rows);
  const count = (is) => number(rows.filter(is).length);
  const communes = count((row) => row.agency.kind === "commune");
  const others = count((row) => row.agency.kind !== "commune");
  const total = number(rows.length);
  return [
    ["agencies", rows.length, { communes, others }],
    ["procedures", all.proceduresInForce, { count: count((row) => row.proceduresInForce) }],
    ["received", all.dossiersReceived, { finished: number(all.dossiersFinished) }],
    ["late", all.dossiersLate, { share: shareSaid(lateShare(all)) }, "warned"],
    ["overdue", all.dossiersOverdueOpen, { count: count((row) => row.dossiersOverdueOpen) }, "warned"],
    ["nonconformities", all.openNonconformities, { count: number(all.overdueActions) }, "warned"],
    ["audited", sum(rows, (row) => isOlder(row.lastAuditOn, today)), { count: total }, "warned"],
    ["reviewed", sum(rows, (row) => isOlder(row.lastReviewOn, today)), { count: total }, "warned"],
  ];
}

function tile([code, value, facts, mark]) {
  return el(
    "li",
    { class: mark && value ? mark : null },
    el("span", {}, say(`tile_${code}`)),
    el("b", {}, number(value)),
    el("small", {}, say(`tile_${code}_about`, facts)),
  );
}

export const bandClass = (row) => `band-${bandOf(share(row))}`;
