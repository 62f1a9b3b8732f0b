// What the board works out of the figures; no page, no clock, no network.

export const BANDS = [
  { name: "best", from: 0.95 },
  { name: "good", from: 0.85 },
  { name: "fair", from: 0.7 },
  { name: "poor", from: 0 },
];

// Of the finished dossiers the share on time; null where none is finished: that is neither good nor bad.
export function share({ dossiersOnTime, dossiersFinished }) {
  return dossiersFinished ? dossiersOnTime / dossiersFinished : null;
}

// Per cent with so many digits, cut and not rounded: what is not all on time never says 100, and 94,96 is
// not yet 95. The small addition is for shares that no binary number is: 0.57 * 1000 falls short of 570.
export function perCent(value, digits = 1) {
  const parts = 10 ** digits;
  return Math.floor(value * 100 * parts + 1e-9) / parts;
}

// Of the finished dossiers the share that was late, so that both shares as they are shown make 100.
export function lateShare(row) {
  const onTime = share(row);
  return onTime === null ? null : 1 - perCent(onTime) / 100;
}

export function bandOf(value) {
  return value === null ? "none" : BANDS.find(({ from }) => value >= from).name;
}

// Lower case without diacritics, as kernel.text.fold does it.
export function fold(text) {
  const bare = text.replace(/[đĐ]/g, "d").normalize("NFD").replace(/\p{M}/gu, "");
  return bare.toLowerCase().split(/\s+/).filter(Boolean).join(" ");
}

export function matches(row, wanted) {
  const { name, shortName, code } = row.agency;
  return fold(`${name} ${shortName} ${code}`).includes(fold(wanted));
}

export function isOlder(day, today) {
  return !day || day < yearBefore(today);
}

// The same day a year earlier; 29 February becomes 28, so that a whole year always fits in.
export function yearBefore(day) {
  const [year, month, date] = day.split("-");
  return `${year - 1}-${month}-${month === "02" && date === "29" ? "28" : date}`;
}

// The first days of the twelve months that end with the one of `today`.
export function firstOfYear(today) {
  const [year, month] = today.split("-").map(Number);
  const place = year * 12 + month - 12;
  return `${Math.floor(place / 12)}-${String((place % 12) + 1).padStart(2, "0")}-01`;
}

const SUMMED = [
  "proceduresInForce",
  "dossiersReceived",
  "dossiersFinished",
  "dossiersOnTime",
  "dossiersLate",
  "dossiersOverdueOpen",
  "openNonconformities",
  "overdueActions",
];

export function totals(rows) {
  return Object.fromEntries(SUMMED.map((name) => [name, sum(rows, (row) => row[name])]));
}

export function sum(rows, of) {
  return rows.reduce((total, row) => total + of(row), 0);
}

const collator = new Intl.Collator("vi", { numeric: true });

export const VALUES = {
  agency: (row) => row.agency.shortName,
  procedures: (row) => row.proceduresInForce,
  received: (row) => row.dossiersReceived,
  finished: (row) => row.dossiersFinished,
  share,
  late: (row) => row.dossiersLate,
  overdue: (row) => row.dossiersOverdueOpen,
  nonconformities: (row) => row.openNonconformities,
  actions: (row) => row.overdueActions,
  audited: (row) => row.lastAuditOn,
  reviewed: (row) => row.lastReviewOn,
};

// In order by one column, what has no value last whichever way, equals by name.
export function sorted(rows, column, descending = false) {
  const value = VALUES[column];
  const way = descending ? -1 : 1;
  return [...rows].sort((a, b) => compared(value(a), value(b), way) || byName(a, b));
}

function compared(a, b, way) {
  if (a === null || b === null) return (a === null) - (b === null);
  return way * (typeof a === "string" ? collator.compare(a, b) : a - b);
}

function byName(a, b) {
  return collator.compare(a.agency.shortName, b.agency.shortName);
}

// Those with something late or overdue: the lowest share first, then the most overdue.
export function worst(rows, count) {
  const troubled = rows.filter((row) => row.dossiersLate || row.dossiersOverdueOpen);
  const most = sorted(troubled, "overdue", true);
  return most.sort((a, b) => compared(share(a), share(b), 1)).slice(0, count);
}

// Provincial agencies, wards and communes, each from the lowest share to the highest.
export function groups(rows) {
  const found = { province: [], wards: [], communes: [] };
  for (const row of sorted(rows, "share")) found[groupOf(row.agency)].push(row);
  return Object.entries(found).filter(([, members]) => members.length);
}

export function groupOf({ kind, name }) {
  if (kind !== "commune") return "province";
  return /(^|\s)phường(\s|$)/i.test(name.normalize("NFC")) ? "wards" : "communes";
}

// The name on a tile: what its group's heading says already is left out.
export function nameOnTile({ kind, shortName }) {
  return kind === "commune" ? shortName.replace(/^(UBND\s+)?(xã|phường)\s+/iu, "") : shortName;
}
