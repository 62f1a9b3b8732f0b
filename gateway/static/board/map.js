// Every agency in one picture: a tile each, its share as number and colour, its overdue ones as a sign.

import { groups, nameOnTile, perCent, share, totals } from "./figures.js";
import { address, el } from "./draw.js";
import { bandClass } from "./tiles.js";
import { number, say, shareSaid } from "./words.js";

export function drawMap(place, rows) {
  place.replaceChildren(...groups(rows).map(group));
}

function group([name, members]) {
  const facts = { count: number(members.length), share: shareSaid(share(totals(members))) };
  const heading = el("h3", {}, say(`group_${name}`), el("small", {}, say("group_about", facts)));
  return el("div", {}, heading, el("ul", { class: "tiles" }, ...members.map(tile)));
}

function tile(row) {
  const { agency, dossiersFinished, dossiersOverdueOpen, openNonconformities } = row;
  const said = say("tile_said", {
    name: agency.name,
    share: shareSaid(share(row)),
    finished: number(dossiersFinished),
    overdue: number(dossiersOverdueOpen),
    open: number(openNonconformities),
  });
  const link = el(
    "a",
    { href: address(agency), class: bandClass(row), title: said, "aria-label": said },
    el("span", {}, nameOnTile(agency)),
    el("b", {}, whole(share(row))),
    dossiersOverdueOpen ? el("i", {}, `⚠ ${number(dossiersOverdueOpen)}`) : null,
  );
  return el("li", {}, link);
}

function whole(value) {
  return value === null ? "–" : `${perCent(value, 0)}%`;
}
