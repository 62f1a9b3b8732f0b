// GraphiQL with this tab's session: queries carry its token, subscriptions go over graphql-ws.

import { GraphiQL } from "graphiql";
import { useGraphiQL, useGraphiQLActions, useMonaco } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";
import { createElement, useEffect, useRef } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/style.css";
import { current, fetchSignedIn, lapse, nameOf, sessionToken } from "../static/session.js";

const HERE = "/static/graphiql";
const WORKERS = { json: "json.worker.js", graphql: "graphql.worker.js" };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(`${HERE}/${WORKERS[label] ?? "editor.worker.js"}`),
};

let sent = null;

async function authorization() {
  sent = await sessionToken();
  showWho();
  return sent ? { authorization: `Bearer ${sent}` } : {};
}

// A header written in GraphiQL's own editor wins over the tab's session.
async function fetchAsSignedIn(address, options) {
  const answer = await fetchSignedIn(address, options);
  showWho();
  return answer;
}

const socket = new URL("/graphql", location.href);
socket.protocol = socket.protocol.replace("http", "ws");

// Closed for its token, the socket comes again with a renewed one.
const NO_GRANT = 4403;
const wsClient = createClient({
  url: socket.href,
  connectionParams: authorization,
  retryAttempts: 3,
  on: { closed: ({ code }) => code === NO_GRANT && lapse(sent) },
});

const fetcher = createGraphiQLFetcher({ url: "/graphql", fetch: fetchAsSignedIn, wsClient });

function showWho() {
  const session = current();
  const who = document.getElementById("who");
  if (!session) return;
  who.textContent = `${who.dataset.signedInAs} ${nameOf(session)}`;
  who.classList.add("signed-in");
}

// Runs the query that the address filled in, once the schema is known; a mutation waits for a click.
function RunOnce({ wanted }) {
  const { run } = useGraphiQLActions();
  const schema = useGraphiQL((state) => state.schema);
  const editor = useGraphiQL((state) => state.queryEditor);
  const done = useRef(!wanted);
  useEffect(() => {
    if (done.current || !schema || !editor) return;
    done.current = true;
    run();
  }, [schema, editor, run]);
  return null;
}

// The editor marks letters and dashes that look like others; in Vietnamese text they are meant.
// It is taken from GraphiQL, since importing it here would load its parts in the wrong order.
function PlainText() {
  const monaco = useMonaco((state) => state.monaco);
  useEffect(() => {
    if (!monaco) return undefined;
    const meant = { unicodeHighlight: { ambiguousCharacters: false } };
    monaco.editor.getEditors().forEach((editor) => editor.updateOptions(meant));
    const watching = monaco.editor.onDidCreateEditor((editor) => editor.updateOptions(meant));
    return () => watching.dispose();
  }, [monaco]);
  return null;
}

// A query from the address is shown alone and not kept over what was being written before.
function storageFor(query) {
  if (!query) return localStorage;
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
    clear: () => kept.clear(),
    get length() {
      return kept.size;
    },
  };
}

const asked = new URLSearchParams(location.search);
const query = asked.get("query") ?? undefined;
const wanted = asked.has("run") && !/^\s*mutation\b/m.test(query ?? "");

showWho();
createRoot(document.getElementById("graphiql")).render(
  createElement(
    GraphiQL,
    {
      fetcher,
      defaultTabs: query ? [{ query, variables: asked.get("variables") ?? undefined }] : undefined,
      storage: storageFor(query),
      shouldPersistHeaders: false,
      forcedTheme: "light",
    },
    createElement(GraphiQL.Logo, null, "eISO"),
    createElement(GraphiQL.Footer, null, createElement(RunOnce, { wanted }), createElement(PlainText)),
  ),
);
