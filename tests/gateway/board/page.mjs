// As much of a page as the board's modules ask for, and a stand-in for the bundle of charts.

import { register } from "node:module";
import { readFileSync } from "node:fs";

export const drawn = [];
export const left = [];

class Element extends EventTarget {
  constructor(name) {
    super();
    Object.assign(this, { name, parent: null, children: [], attributes: {}, dataset: {}, open: false });
    this.classList = { add: (name) => this.setAttribute("class", `${this.attributes.class ?? ""} ${name}`) };
  }

  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }
  set textContent(text) {
    this.replaceChildren(text);
  }
  get lastChild() {
    return this.children.at(-1);
  }
  get tBodies() {
    return this.querySelectorAll("tbody");
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }
  removeAttribute(name) {
    delete this.attributes[name];
  }
  append(...children) {
    for (const child of children) if (child instanceof Element) child.parent = this;
    this.children.push(...children);
  }
  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }
  replaceWith(other) {
    other.parent = this.parent;
    this.parent.children[this.parent.children.indexOf(this)] = other;
  }
  matches(wanted) {
    return wanted.startsWith(".")
      ? (this.attributes.class ?? "").split(" ").includes(wanted.slice(1))
      : this.name === wanted;
  }
  querySelectorAll(wanted) {
    const elements = this.children.filter((child) => child instanceof Element);
    return elements.flatMap((it) => [...(it.matches(wanted) ? [it] : []), ...it.querySelectorAll(wanted)]);
  }
  querySelector(wanted) {
    return this.querySelectorAll(wanted)[0] ?? null;
  }
  cloneNode() {
    const made = element(this.name, this.attributes);
    made.append(...this.children.map((child) => (child instanceof Element ? child.cloneNode() : child)));
    return made;
  }
  focus() {}
  showModal() {
    this.open = true;
  }
  close() {
    if (!this.open) return;
    this.open = false;
    queueMicrotask(() => this.dispatchEvent(new Event("close")));
  }
}

export function element(name, attributes = {}, ...children) {
  const made = new Element(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// The board's Vietnamese texts, out of the catalogue.
function texts() {
  const file = new URL("../../../contracts/messages/gateway_board.toml", import.meta.url);
  const found = readFileSync(file, "utf-8").matchAll(/^\[board_(\w+)\]\nvi = (".*")$/gm);
  return Object.fromEntries([...found].map(([, code, text]) => [code, JSON.parse(text)]));
}

export const dialog = element("dialog", {}, element("button", { class: "close" }));
export const title = element("h2");
export const matter = element("div", { class: "matter" });
dialog.append(title, matter);

const board = element("section");
board.dataset.words = JSON.stringify(texts());
const table = element("table", {}, element("tbody"));
const months = element("section", { class: "card" }, element("h2", {}, "12 tháng"));
months.append(element("div", { class: "chart" }), table);
const body = element("body");
body.dataset.lang = "vi";
const byId = { board, "board-agency": dialog, "board-agency-title": title, "board-months": months };

globalThis.document = {
  body,
  getElementById: (id) => byId[id],
  createElement: (name) => element(name),
  createElementNS: (_, name) => element(name),
};
globalThis.location = { hash: "", pathname: "/", search: "" };
globalThis.history = { replaceState: () => (location.hash = "") };
globalThis.localStorage = globalThis.sessionStorage = { getItem: () => null };
globalThis.charts = { drawn, left };

const charts = `export class Months {
  static of(place) { return { show: () => charts.drawn.push(place) }; }
  static leave(place) { charts.left.push(place); }
}`;
const hooks = `export function resolve(specifier, context, next) {
  if (!specifier.endsWith("/charts/charts.js")) return next(specifier, context);
  return { url: ${JSON.stringify(`data:text/javascript,${encodeURIComponent(charts)}`)}, shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
