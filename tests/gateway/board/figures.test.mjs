// What the board works out of the figures, tried in node; `test_board_page.py` runs this file.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as f from "../../../gateway/static/board/figures.js";

function standing(name, changes = {}) {
  const agency = { code: name, name, shortName: name, kind: "department", ...changes.agency };
  const none = { dossiersReceived: 0, dossiersFinished: 0, dossiersOnTime: 0, dossiersLate: 0 };
  const rest = { proceduresInForce: 0, dossiersOverdueOpen: 0, openNonconformities: 0, overdueActions: 0 };
  return { ...none, ...rest, lastAuditOn: null, lastReviewOn: null, ...changes, agency };
}

const finished = (onTime, late) => ({
  dossiersFinished: onTime + late,
  dossiersOnTime: onTime,
  dossiersLate: late,
});
const names = (rows) => rows.map((row) => row.agency.shortName);

test("an agency without finished dossiers has no share, which is neither good nor bad", () => {
  assert.equal(f.share(standing("A")), null);
  assert.equal(f.bandOf(null), "none");
});

test("per cent are cut, also where no binary number is the share", () => {
  assert.deepEqual([0.9996, 0.9496, 0.57, 1 / 3, 1].map((share) => f.perCent(share)), [99.9, 94.9, 57, 33.3, 100]);
  assert.deepEqual([0.9996, 0.9496, 0.57].map((share) => f.perCent(share, 0)), [99, 94, 57]);
  for (let onTime = 0; onTime <= 1000; onTime++) assert.equal(f.perCent(onTime / 1000), onTime / 10);
});

test("what is late is never shown as nothing, and both shares make 100", () => {
  const late = f.lateShare({ dossiersOnTime: 9996, dossiersFinished: 10000 });
  assert.equal(f.perCent(late), 0.1);
  assert.equal(f.lateShare({ dossiersOnTime: 0, dossiersFinished: 0 }), null);
  for (let onTime = 0; onTime <= 1000; onTime++) {
    const late = f.lateShare({ dossiersOnTime: onTime, dossiersFinished: 1000 });
    assert.equal(Math.round(10 * (f.perCent(late) + f.perCent(onTime / 1000))), 1000);
  }
});

test("each band begins at its own limit", () => {
  const bands = [1, 0.95, 0.9499, 0.85, 0.8499, 0.7, 0.6999, 0].map(f.bandOf);
  assert.deepEqual(bands, ["best", "best", "good", "good", "fair", "fair", "poor", "poor"]);
});

test("a name is found without diacritics, by its code, and in either form of its letters", () => {
  const row = standing("Sở Dân tộc", { agency: { name: "Sở Dân tộc và Tôn giáo", code: "H42.013" } });
  for (const wanted of ["dan toc", "TON GIAO", "h42.013", "  tôn   giáo ", "Tôn giáo".normalize("NFD"), ""]) {
    assert.ok(f.matches(row, wanted), wanted);
  }
  assert.ok(!f.matches(row, "noi vu"));
  assert.equal(f.fold("Đường Đê"), "duong de");
});

test("what has no value comes last whichever way the column is sorted", () => {
  const rows = [standing("B"), standing("A", finished(1, 1)), standing("C", finished(3, 1)), standing("Ă")];
  assert.deepEqual(names(f.sorted(rows, "share")), ["A", "C", "Ă", "B"]);
  assert.deepEqual(names(f.sorted(rows, "share", true)), ["C", "A", "Ă", "B"]);
});

test("names are sorted as Vietnamese sorts them", () => {
  const rows = ["Ý Yên", "Đông A", "Duy Tiên", "Ân Hòa", "An Bình"].map((name) => standing(name));
  assert.deepEqual(names(f.sorted(rows, "agency")), ["An Bình", "Ân Hòa", "Duy Tiên", "Đông A", "Ý Yên"]);
});

test("days are sorted and agencies never audited come last", () => {
  const audited = (name, lastAuditOn) => standing(name, { lastAuditOn });
  const rows = [audited("A", null), audited("B", "2026-03-01"), audited("C", "2025-12-31")];
  assert.deepEqual(names(f.sorted(rows, "audited")), ["C", "B", "A"]);
});

test("the worst have the lowest share, then the most overdue; nobody without trouble is among them", () => {
  const rows = [
    standing("faultless", finished(9, 0)),
    standing("silent"),
    standing("half", finished(1, 1)),
    standing("half and overdue", { ...finished(1, 1), dossiersOverdueOpen: 2 }),
    standing("only overdue", { dossiersOverdueOpen: 5 }),
    standing("best of the late", finished(9, 1)),
  ];
  assert.deepEqual(names(f.worst(rows, 10)), ["half and overdue", "half", "best of the late", "only overdue"]);
  assert.equal(f.worst(rows, 2).length, 2);
});

test("totals add up every figure", () => {
  const all = f.totals([standing("A", finished(2, 1)), standing("B", finished(3, 0))]);
  assert.deepEqual([all.dossiersFinished, all.dossiersOnTime, all.dossiersLate], [6, 5, 1]);
  assert.equal(f.share(all), 5 / 6);
});

test("twelve months end with this one, also over the turn of a year", () => {
  assert.equal(f.firstOfYear("2026-11-22"), "2025-12-01");
  assert.equal(f.firstOfYear("2026-12-31"), "2026-01-01");
  assert.equal(f.firstOfYear("2026-01-01"), "2025-02-01");
});

test("within twelve months means not before the same day a year ago", () => {
  assert.ok(f.isOlder(null, "2026-11-22"));
  assert.ok(f.isOlder("2025-11-21", "2026-11-22"));
  assert.ok(!f.isOlder("2025-11-22", "2026-11-22"));
  assert.equal(f.yearBefore("2028-02-29"), "2027-02-28");
});

test("wards are distinguished from communes by their names, and both from the province's agencies", () => {
  const commune = (name) => standing(name, { agency: { kind: "commune", name, shortName: name } });
  const rows = [commune("UBND phường Hoa Lư"), commune("UBND xã Kim Sơn"), standing("Sở Phường hội")];
  const found = f.groups(rows).map(([name, members]) => [name, members.length]);
  assert.deepEqual(found, [["province", 1], ["wards", 1], ["communes", 1]]);
  assert.equal(f.nameOnTile(rows[0].agency), "Hoa Lư");
  assert.equal(f.nameOnTile(rows[2].agency), "Sở Phường hội");
});
