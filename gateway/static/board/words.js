// The board's words, numbers and dates in the page's language.

import { perCent } from "./figures.js";

const board = document.getElementById("board");
const texts = JSON.parse(board.dataset.words);

const language = document.body.dataset.lang;
const locale = language === "en" ? "en-GB" : "vi-VN";
const whole = new Intl.NumberFormat(locale);
const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
const timeZone = "Asia/Ho_Chi_Minh";
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone });
const day = new Intl.DateTimeFormat("vi-VN", {
  day: "2-digit",
  month: "2-digit",
  year: "numeric",
  timeZone,
});

export function say(code, facts = {}) {
  return texts[code].replace(/\{(\w+)\}/g, (_, name) => facts[name]);
}

export const number = (value) => whole.format(value);
export const time = (moment) => clock.format(moment);

export function shareSaid(value) {
  return value === null ? "–" : percent.format(perCent(value) / 100);
}

// "2026-08-20" as 20/08/2026; the date alone, so that no time zone moves it.
export function date(day) {
  return day ? day.split("-").reverse().join("/") : say("never");
}

// The day in Viet Nam on which a moment falls.
export const dayOf = (moment) => day.format(new Date(moment));

export function month(day) {
  const [year, of] = day.split("-");
  return `${of}/${year}`;
}

// What went wrong: the platform's own words for it, or that it could not be reached.
export function wordsOf(error) {
  if (!error.code) return say("no_connection");
  return language === "en" ? error.messageEn : error.message;
}
