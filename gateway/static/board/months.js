// Twelve months as a chart and, beside it, as a table for people who cannot or will not see the chart.

import { el, fill, row } from "./draw.js";
import { perCent } from "./figures.js";
import { month, number, say, shareSaid } from "./words.js";

let charts = null;

export const shareOf = ({ finished, onTime }) => (finished ? onTime / finished : null);

export async function drawMonths(section, months) {
  fill(section.querySelector("table"), months.map(monthRow));
  const place = section.querySelector(".chart");
  place.setAttribute("aria-label", summary(months));
  charts ??= import("../charts/charts.js");
  try {
    const { Months } = await charts;
    Months.of(place).show(months.map(shown), names());
  } catch (error) {
    charts = null;
    console.warn(error);
    place.replaceChildren(el("p", { class: "note" }, say("chart_missing")));
  }
}

// Lets go of the chart drawn in a section that is about to leave the page. What is being drawn comes first:
// it waits for the same import, and waited before.
export async function leaveMonths(section) {
  const made = await charts?.catch(() => null);
  made?.Months.leave(section.querySelector(".chart"));
}

function monthRow(each) {
  return row(month(each.month), count(each.received), count(each.onTime), count(each.late), {
    text: shareSaid(shareOf(each)),
    mark: "count",
  });
}

const count = (value) => ({ text: number(value), mark: "count" });

function shown(each) {
  const value = shareOf(each);
  const { onTime, late } = each;
  const share = value === null ? null : perCent(value);
  return { label: month(each.month), onTime, late, share, said: shareSaid(value) };
}

function names() {
  return { onTime: say("column_on_time"), late: say("column_late"), share: say("column_share"), number };
}

function summary(months) {
  const shares = months.map(shareOf).filter((value) => value !== null);
  const [low, high] = shares.length ? [Math.min(...shares), Math.max(...shares)] : [null, null];
  const facts = { first: month(months[0].month), last: month(months.at(-1).month) };
  return say("months_said", { ...facts, low: shareSaid(low), high: shareSaid(high) });
}
