// The dialog about one agency, tried in node on as much of a page as it asks for.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { dialog, drawn, left, matter, title } from "./page.mjs";

const { openWanted } = await import("../../../gateway/static/board/details.js");
const { say, shareSaid } = await import("../../../gateway/static/board/words.js");

const rows = ["A", "B"].map((code) => ({
  agency: { id: code, code, name: `Sở ${code}` },
  lastAuditOn: null,
  lastReviewOn: null,
  openNonconformities: 0,
}));
let waiting;

// Every question waits until the test answers it.
globalThis.fetch = (_, { body }) =>
  new Promise((answer) => {
    waiting[JSON.parse(body).variables.id] = (data) => answer({ json: async () => ({ data }) });
  });

function figuresOf(title) {
  const counts = { received: 3, finished: 2, onTime: 1, late: 1 };
  const figures = [{ ...counts, overdueOpen: 0, document: { code: "QT", title } }];
  const none = { edges: [] };
  const dossierMonths = [{ ...counts, month: "2026-11-01" }];
  return { dossierFigures: figures, dossierMonths, open: none, corrected: none, underWay: none };
}

const nothing_under_way = () => new Promise((resolve) => setTimeout(resolve));

async function follow(hash) {
  location.hash = hash;
  const opening = openWanted(rows, "2026-11-22");
  await nothing_under_way();
  return opening;
}

async function open(code) {
  follow(`#agency=${code}`);
  await nothing_under_way();
}

async function answer(code, figures) {
  waiting[code](figures);
  await nothing_under_way();
}

beforeEach(async () => {
  waiting = {};
  await follow("");
  drawn.length = left.length = 0;
});

test("an answer that comes after another agency was opened is not shown", async () => {
  await open("A");
  await open("B");
  await answer("B", figuresOf("của B"));
  await answer("A", figuresOf("của A"));
  assert.equal(title.textContent, "Sở B");
  assert.match(matter.textContent, /của B/);
  assert.doesNotMatch(matter.textContent, /của A/);
});

test("an answer that comes after the dialog was closed is not shown", async () => {
  await open("A");
  dialog.close();
  await answer("A", figuresOf("của A"));
  assert.equal(matter.textContent, "");
  assert.equal(location.hash, "");
  assert.equal(drawn.length, 0);
});

test("the dialog follows the address to another agency, and closes where it names none", async () => {
  await open("A");
  assert.ok(dialog.open);
  await open("B");
  assert.equal(title.textContent, "Sở B");
  await follow("");
  assert.ok(!dialog.open);
});

test("the board that is drawn anew asks nothing again about the agency shown", async () => {
  await open("A");
  await answer("A", figuresOf("của A"));
  waiting = {};
  await open("A");
  assert.deepEqual(waiting, {});
  assert.match(matter.textContent, /của A/);
});

test("the chart of an agency is let go of when another is opened and when the dialog closes", async () => {
  await open("A");
  await answer("A", figuresOf("của A"));
  await open("B");
  assert.deepEqual(left, drawn);
  await answer("B", figuresOf("của B"));
  assert.equal(drawn.length, 2);
  dialog.close();
  await nothing_under_way();
  assert.deepEqual(left, drawn);
});

test("what is not all on time never says 100 %", () => {
  assert.deepEqual([0.9996, 0.9496, 1, 0.57].map(shareSaid), ["99,9%", "94,9%", "100%", "57%"]);
  assert.equal(shareSaid(null), "–");
  assert.equal(say("worst_fewer").includes("Mười"), false);
});
