// The chart of months, drawn by Apache ECharts as SVG: sharp in print, its texts are texts.
//
// The page's policy allows no inline style: the tooltip is drawn, not written as HTML, and nothing is
// animated, since ECharts would write a style sheet for that.

import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, SVGRenderer]);

const HATCHED = {
  symbol: "rect",
  symbolSize: 1,
  dashArrayX: [1, 0],
  dashArrayY: [3, 4],
  rotation: -Math.PI / 4,
  color: "rgba(255, 255, 255, 0.65)",
};
const made = new WeakMap();

export class Months {
  static of(place) {
    if (!made.has(place)) made.set(place, new Months(place));
    return made.get(place);
  }

  // The page is done with the chart of this place, if one was ever drawn there.
  static leave(place) {
    made.get(place)?.dispose();
    made.delete(place);
  }

  constructor(place) {
    this.place = place;
    this.chart = init(place, null, { renderer: "svg" });
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(place);
  }

  dispose() {
    this.observer.disconnect();
    this.chart.dispose();
  }

  resized() {
    this.chart.resize();
    if (this.shown) this.show(...this.shown);
  }

  show(months, names) {
    this.shown = [months, names];
    const isNarrow = this.place.clientWidth < 420;
    this.chart.setOption(option(months, names, coloursOf(this.place), isNarrow ? 66 : 40), true);
  }
}

function coloursOf(place) {
  const style = getComputedStyle(place);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["ink", "soft", "line", "card", "best", "poor", "accent"];
  return { font: style.fontFamily, ...Object.fromEntries(names.map((name) => [name, colour(name)])) };
}

function option(months, names, colour, bottom) {
  return {
    animation: false,
    textStyle: { fontFamily: colour.font, color: colour.ink },
    legend: { bottom: 0, textStyle: { color: colour.ink, fontSize: 13 }, itemGap: 18 },
    tooltip: tooltip(months, names, colour),
    grid: { left: 8, right: 8, top: 34, bottom, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category",
      data: months.map(({ label }) => label.replace(/\/20(\d\d)$/, "/$1")),
      axisLabel: { color: colour.soft, hideOverlap: true },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour.line } },
    },
    yAxis: [counts(names, colour), shares(colour)],
    series: [
      bars(names.onTime, months.map(({ onTime }) => onTime), { color: colour.best }),
      bars(names.late, months.map(({ late }) => late), { color: colour.poor, decal: HATCHED }),
      line(names.share, months, colour),
    ],
  };
}

function counts({ number }, colour) {
  return {
    type: "value",
    minInterval: 1,
    axisLabel: { color: colour.soft, formatter: number },
    splitLine: { lineStyle: { color: colour.line } },
  };
}

function shares(colour) {
  const axisLabel = { color: colour.soft, formatter: "{value}%" };
  return { type: "value", min: 0, max: 100, axisLabel, splitLine: { show: false } };
}

function bars(name, data, itemStyle) {
  return { type: "bar", stack: "finished", name, data, itemStyle, barMaxWidth: 34 };
}

function line(name, months, colour) {
  return {
    type: "line",
    name,
    yAxisIndex: 1,
    data: months.map(({ share }) => share),
    symbol: "circle",
    symbolSize: 8,
    lineStyle: { width: 3, color: colour.accent },
    itemStyle: { color: colour.card, borderColor: colour.accent, borderWidth: 3 },
  };
}

function tooltip(months, names, colour) {
  return {
    trigger: "axis",
    renderMode: "richText",
    confine: true,
    backgroundColor: colour.card,
    borderColor: colour.line,
    textStyle: { color: colour.ink, fontFamily: colour.font },
    formatter: ([{ dataIndex }]) => {
      const { label, onTime, late, said } = months[dataIndex];
      const counts = [`${names.onTime}: ${names.number(onTime)}`, `${names.late}: ${names.number(late)}`];
      return [label, ...counts, `${names.share}: ${said}`].join("\n");
    },
  };
}
