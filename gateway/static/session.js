// The session of this browser tab: signing in, renewing the grant, signing out. The home page and
// GraphiQL share it through sessionStorage, so it ends with the tab.

const KEY = "eiso.session";
const RENEW_BEFORE = 60_000;

const ME = "me { person { fullName } position { title } agency { shortName } }";
const SESSION = `... on Session { grant expiresAt refreshToken ${ME} } ... on Problem { message messageEn }`;

export class Refused extends Error {
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

export function current() {
  const kept = sessionStorage.getItem(KEY);
  return kept ? JSON.parse(kept) : null;
}

export async function signIn(username, password) {
  return begin("signIn", { username, password });
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

// A grant that lives long enough for a request; null when nobody is signed in any more.
export async function grant() {
  const session = current();
  if (!session) return null;
  if (Date.parse(session.expiresAt) - Date.now() > RENEW_BEFORE) return session.grant;
  renewing ??= renew(session).finally(() => (renewing = null));
  return renewing;
}

async function renew(session) {
  try {
    return (await begin("refreshSession", { refreshToken: session.refreshToken })).grant;
  } catch (error) {
    if (error instanceof Refused) sessionStorage.removeItem(KEY);
    return null;
  }
}

async function begin(command, given) {
  const type = `${command[0].toUpperCase()}${command.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { session: ${command}(input: $input) { ${SESSION} } }`;
  const { session } = await post(query, { input: { requestId: crypto.randomUUID(), ...given } });
  if (!session.grant) throw new Refused(session);
  sessionStorage.setItem(KEY, JSON.stringify(session));
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
    const { message, messageEn } = errors[0].extensions;
    throw new Refused({ message, messageEn });
  }
  return data;
}

export function nameOf(session) {
  const { person, position, agency } = session.me;
  return `${person.fullName} – ${position.title}, ${agency.shortName}`;
}
