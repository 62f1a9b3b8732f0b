// The session of this browser tab: signing in, renewing its token, signing out. The home page and
// GraphiQL share it through sessionStorage, so it ends with the tab.

const KEY = "eiso.session";
const DEVICES = "eiso.devices";
const NOT_SIGNED_IN = "not_signed_in";
const RENEW_BEFORE = 60_000;

const ME = "me { person { fullName } position { title } agency { shortName } }";
const PROBLEM = "... on Problem { code message messageEn }";
const SESSION = `__typename ... on Session { grant expiresAt refreshToken ${ME} } ${PROBLEM}`;
const WITH_DEVICE = `${SESSION} ... on Session { deviceToken }`;
const PASSING = ["UnavailableProblem", "ConflictProblem"];

export class Refused extends Error {
  constructor(problem, mayPass = PASSING.includes(problem.__typename)) {
    super(problem.message);
    Object.assign(this, { problem, mayPass, code: problem.code, messageEn: problem.messageEn });
  }
}

export function current() {
  const kept = sessionStorage.getItem(KEY);
  return kept ? JSON.parse(kept) : null;
}

function keep(session) {
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

// What the platform gave this device for each account: with it, nothing others try delays a sign-in.
// It outlives the tab, as the device does.
function devices() {
  try {
    return JSON.parse(localStorage.getItem(DEVICES)) ?? {};
  } catch {
    return {};
  }
}

export async function signIn(username, password) {
  const account = username.trim().toLowerCase();
  const deviceToken = devices()[account] ?? null;
  const session = await begin("signIn", { username, password, deviceToken }, WITH_DEVICE);
  if (session.deviceToken) {
    localStorage.setItem(DEVICES, JSON.stringify({ ...devices(), [account]: session.deviceToken }));
  }
  return session;
}

export async function signOut() {
  const session = current();
  sessionStorage.removeItem(KEY);
  if (!session) return;
  const query = "mutation ($input: SignOutInput!) { signOut(input: $input) { __typename } }";
  const input = { requestId: crypto.randomUUID(), refreshToken: session.refreshToken };
  await post(query, { input }).catch(() => undefined);
}

let renewing = null;

// A session token that lives long enough for a request; null when nobody is signed in any more.
export async function sessionToken() {
  const session = current();
  if (!session) return null;
  if (Date.parse(session.expiresAt) - Date.now() > RENEW_BEFORE) return session.grant;
  renewing ??= renew(session).finally(() => (renewing = null));
  return renewing;
}

// Sends a request with this tab's token, if there is one. A token that is good no more, though its time has
// not run out, is renewed, and the same request is sent once again: under its own request id it acts once.
export async function fetchSignedIn(address, options = {}) {
  if (new Headers(options.headers).has("authorization")) return fetch(address, options);
  const held = await sessionToken();
  const answer = await send(address, options, held);
  if (!held || !(await saysNotSignedIn(answer))) return answer;
  lapse(held);
  const renewed = await sessionToken();
  return renewed ? send(address, options, renewed) : answer;
}

// The platform takes this token no more: the next request for one renews the session first.
export function lapse(held) {
  const session = current();
  if (session?.grant === held) keep({ ...session, expiresAt: new Date(0).toISOString() });
}

function send(address, options, held) {
  const headers = new Headers(options.headers);
  if (held) headers.set("authorization", `Bearer ${held}`);
  return fetch(address, { ...options, headers });
}

async function saysNotSignedIn(answer) {
  const found = await answer.clone().json().catch(() => null);
  return Boolean(found?.errors?.some((error) => error.extensions?.code === NOT_SIGNED_IN));
}

// Only the platform's own no ends a session: an answer that was lost, or a service that is away, may pass.
// The renewal is remembered before it is sent, so that it is asked for again as the same request.
async function renew(session) {
  const renewal = session.renewal ?? crypto.randomUUID();
  keep({ ...session, renewal });
  try {
    return (await begin("refreshSession", { requestId: renewal, refreshToken: session.refreshToken })).grant;
  } catch (error) {
    if (!(error instanceof Refused) || error.mayPass) throw error;
    if (current()?.refreshToken === session.refreshToken) sessionStorage.removeItem(KEY);
    return null;
  }
}

async function begin(command, given, wanted = SESSION) {
  const type = `${command[0].toUpperCase()}${command.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { session: ${command}(input: $input) { ${wanted} } }`;
  const { session } = await post(query, { input: { requestId: crypto.randomUUID(), ...given } });
  if (!session.grant) throw new Refused(session);
  const { deviceToken, ...rest } = session;
  keep(rest);
  return session;
}

async function post(query, variables) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (!data) {
    const { code, message, messageEn } = errors[0].extensions;
    throw new Refused({ code, message, messageEn }, true);
  }
  return data;
}

export function nameOf(session) {
  const { person, position, agency } = session.me;
  return `${person.fullName} – ${position.title}, ${agency.shortName}`;
}
