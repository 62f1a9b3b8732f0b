// Elements written as calls; text is always text, never HTML.

const SVG = "http://www.w3.org/2000/svg";

export function el(name, given = {}, ...children) {
  return filled(document.createElement(name), given, children);
}

export function svg(name, given = {}, ...children) {
  return filled(document.createElementNS(SVG, name), given, children);
}

function filled(made, given, children) {
  for (const [key, value] of Object.entries(given)) {
    if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export const address = ({ code }) => `#agency=${encodeURIComponent(code)}`;

export function agencyLink(agency) {
  return el("a", { href: address(agency) }, agency.shortName);
}

// Rows put into a table's body; a cell is a text, an element, or both with a class.
export function fill(table, rows) {
  table.tBodies[0].replaceChildren(...rows);
}

export function row(head, ...cells) {
  return el("tr", {}, el("th", { scope: "row" }, head), ...cells.map(cell));
}

function cell(content) {
  const { text, mark } = typeof content === "object" && "text" in content ? content : { text: content };
  return el("td", { class: mark ?? null }, text);
}
