"""What the measurements print: ratios, percentiles and both shapes of the table."""

import json

import pytest

from bench.report import HEADS, Measurement, Report, percentile

MEASURED = Measurement(
    row="rpc", what="16 in flight", unit="/s", ours=500, against="bare", baseline=1250, correct="right: 2/3"
)
ALONE = Measurement(row="footprint", what="to ready", unit="s", ours=12.34)


def report(*measurements):
    return Report(machine={"cpus": "2"}, measurements=measurements, absent={"sweep": "not built"})


def test_the_ratio_is_ours_divided_by_the_baseline():
    assert MEASURED.ratio == pytest.approx(0.4)


@pytest.mark.parametrize("baseline", [None, 0])
def test_without_a_baseline_there_is_no_ratio(baseline):
    assert Measurement(row="a", what="b", unit="s", ours=1, baseline=baseline).ratio is None


def test_a_percentile_is_one_of_the_values():
    values = [5, 1, 4, 2, 3]
    assert [percentile(values, share) for share in (0, 0.5, 0.99, 1)] == [1, 3, 5, 5]
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([7], 0.5) == 7


def test_the_table_shows_both_sides_and_what_is_absent():
    head, first, second, legend, absent = report(MEASURED, ALONE).as_text().splitlines()
    assert first.index("1,250 /s") == head.index("mốc / baseline")
    assert "500 /s" in first
    assert "0.4" in first
    assert "right: 2/3" in first
    assert "12.3 s" in second
    assert "eISO / mốc" in legend
    assert absent == "–  sweep: not built"


def test_the_page_has_as_many_cells_in_each_line():
    lines = [line for line in report(MEASURED, ALONE).as_markdown().splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert {line.count("|") for line in lines} == {len(HEADS) + 1}


def test_json_carries_the_ratio_and_nothing_invented():
    data = json.loads(json.dumps(report(MEASURED, ALONE).as_data()))
    assert [each["ratio"] for each in data["figures"]] == [0.4, None]
    assert data["absent"] == {"sweep": "not built"}
    assert data["machine"] == {"cpus": "2"}
