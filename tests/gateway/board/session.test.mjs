// How the page keeps its session, tried in node against a platform that says what a test wants.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

class Kept {
  items = new Map();
  getItem(key) {
    return this.items.get(key) ?? null;
  }
  setItem(key, value) {
    this.items.set(key, String(value));
  }
  removeItem(key) {
    this.items.delete(key);
  }
}

globalThis.localStorage = new Kept();
globalThis.sessionStorage = new Kept();
const { current, fetchSignedIn, sessionToken, signIn } = await import("../../../gateway/static/session.js");

const LOST = new TypeError("fetch failed");
const me = {
  person: { fullName: "Lê Hữu Bình" },
  position: { title: "Chủ tịch" },
  agency: { shortName: "UBND" },
};
const said = { message: "Không", messageEn: "No" };
const error = (code) => ({ errors: [{ extensions: { code, ...said } }] });
const problem = (__typename, code) => ({ data: { session: { __typename, code, ...said } } });

let issued, good, renewals, asked, answersOfRenewal;

function aSession(more = {}) {
  issued += 1;
  good = `grant-${issued}`;
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  const session = { __typename: "Session", grant: good, expiresAt, refreshToken: `refresh-${issued}`, me };
  return { data: { session: { ...session, ...more } } };
}

globalThis.fetch = async (_, { body, headers }) => {
  const { query, variables } = JSON.parse(body);
  const answered = await answerTo(query, variables?.input, new Headers(headers).get("authorization"));
  if (answered instanceof Error) throw answered;
  return new Response(JSON.stringify(answered));
};

async function answerTo(query, input, authorization) {
  if (query.includes("signIn(")) {
    asked.push(input);
    return aSession({ deviceToken: input.deviceToken ?? "this device" });
  }
  if (query.includes("refreshSession(")) {
    renewals.push(input);
    return (answersOfRenewal.shift() ?? aSession)();
  }
  asked.push({ input, authorization });
  return authorization === `Bearer ${good}` ? { data: { done: true } } : error("not_signed_in");
}

const ask = async (input) => {
  const body = JSON.stringify({ query: "mutation { act }", variables: { input } });
  return (await fetchSignedIn("/graphql", { method: "POST", body })).json();
};

beforeEach(async () => {
  issued = 0;
  [localStorage, sessionStorage].forEach((kept) => kept.items.clear());
  [renewals, asked, answersOfRenewal] = [[], [], []];
  await signIn("binh.le", "Mật-khẩu-thử-20");
  asked = [];
});

test("a token that is void before its time is renewed, and the same request is sent again", async () => {
  good = "another";
  assert.deepEqual(await ask({ requestId: "1" }), { data: { done: true } });
  assert.deepEqual(asked.map(({ input }) => input.requestId), ["1", "1"]);
  assert.equal(renewals.length, 1);
  assert.equal(current().grant, good);
});

test("several requests that find their token void renew it once", async () => {
  good = "another";
  const answers = await Promise.all([ask({}), ask({}), ask({})]);
  assert.ok(answers.every(({ data }) => data.done));
  assert.equal(renewals.length, 1);
});

test("a request that is refused also with a new token is not sent for ever", async () => {
  answersOfRenewal = [() => ({ ...aSession(), ignored: (good = "never") })];
  good = "another";
  assert.equal((await ask({})).errors[0].extensions.code, "not_signed_in");
  assert.equal(asked.length, 2);
});

test("a session that the platform ended is forgotten", async () => {
  answersOfRenewal = [() => problem("ForbiddenProblem", "session_ended")];
  good = "another";
  assert.equal((await ask({})).errors[0].extensions.code, "not_signed_in");
  assert.equal(current(), null);
});

for (const [what, answer] of [
  ["whose answer was lost", () => LOST],
  ["that a service away refused", () => problem("UnavailableProblem", "service_unavailable")],
  ["that came too often", () => error("too_much_at_once")],
])
  test(`a renewal ${what} keeps the session and is asked for again as the same request`, async () => {
    answersOfRenewal = [answer];
    good = "another";
    await assert.rejects(ask({}));
    assert.notEqual(current(), null);
    assert.deepEqual(await ask({}), { data: { done: true } });
    assert.equal(renewals.length, 2);
    assert.equal(renewals[0].requestId, renewals[1].requestId);
    assert.equal(await sessionToken(), good);
    assert.equal(renewals.length, 2);
  });

test("what a sign-in gave this device is sent with the next at the same name, also in another tab", async () => {
  sessionStorage.items.clear();
  await signIn(" Binh.Le ", "Mật-khẩu-thử-20");
  await signIn("mo.dinh", "Mật-khẩu-thử-20");
  assert.deepEqual(asked.map(({ deviceToken }) => deviceToken), ["this device", null]);
  assert.doesNotMatch(sessionStorage.getItem("eiso.session"), /this device/);
});

test("a header that somebody wrote themselves is sent as it is", async () => {
  const headers = { Authorization: "Bearer mine" };
  const body = JSON.stringify({ query: "{ act }" });
  const answer = await fetchSignedIn("/graphql", { method: "POST", headers, body });
  assert.equal((await answer.json()).errors[0].extensions.code, "not_signed_in");
  assert.deepEqual([asked.length, asked[0].authorization, renewals.length], [1, "Bearer mine", 0]);
});
