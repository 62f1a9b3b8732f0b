"""The demonstration's past: it says what the sources say, and fits today's list of communes."""

import asyncio
import json
import re
from datetime import date
from pathlib import Path
from unicodedata import is_normalized
from uuid import uuid4

import pytest

from demo.province import load, past, province
from demo.province.past import UNITS
from kernel.base.text import fold
from services.directory import rules

SOURCE = Path(__file__).parents[4] / "shared" / "data" / "reorganisation-nam-dinh.json"
FIRST, SECOND = date(2024, 9, 1), date(2025, 7, 1)


@pytest.fixture(scope="module")
def ids():
    return {each.code: uuid4() for each in (province.province(), *past.before(), *past.created())}


@pytest.fixture(scope="module")
def names(ids):
    """Id → the name without its unit, as sources write it."""
    known = {each.code: each for each in (province.province(), *past.before(), *past.created())}
    return {ids[code]: each.short_name.removeprefix("UBND ") for code, each in known.items()}


@pytest.fixture(scope="module")
def acts(ids):
    return past.acts(ids)


@pytest.fixture(scope="module")
def source():
    if not SOURCE.exists():
        pytest.skip("the facts that past.toml was written from lie beside the project and are not here")
    return json.loads(SOURCE.read_text("utf-8"))


def bare(name: str) -> str:
    """`xã Hồng Quang (huyện Ý Yên)` → `hong quang`."""
    plain = name.partition(" (")[0]
    return fold(next((plain[len(unit) :] for unit in UNITS if plain.lower().startswith(f"{unit} ")), plain))


def test_fifteen_communes_of_today_come_out_of_the_second_wave(acts):
    communes = {each.code: each for each in province.communes()}
    [wave] = [act for act in acts if len(act.creations) > 1]
    assert wave.effective_on == SECOND
    assert len(wave.creations) == len(wave.merges) == 15
    for new in wave.creations:
        today = communes[new.code]
        assert (new.name, new.short_name, new.kind) == (today.name, today.short_name, today.kind)
    assert {each.into_id for each in wave.merges} == {each.id for each in wave.creations}


def test_nothing_of_the_former_province_is_left(acts, ids):
    gone = [each for act in acts for merge in act.merges for each in merge.from_ids]
    gone += [each.agency_id for act in acts for each in act.dissolutions]
    own = [code for code in ids if code.startswith(past.PREFIX)]
    assert sorted(gone) == sorted(ids[code] for code in own)


def test_codes_that_are_ours_say_so_and_differ(ids):
    codes = [each.code for each in past.before()]
    assert len(codes) == len(set(codes)) == 1 + 5 + 49
    assert all(re.fullmatch(r"CU(\.[0-9A-Z]+)+", code) and len(code) <= 35 for code in codes)
    assert not {each.code for each in province.agencies()} & set(codes)


def test_names_are_composed_and_every_unit_says_how_far_it_is_known():
    for each in past.before():
        assert is_normalized("NFC", each.name)
        assert each.basis
        assert each.valid_from == past.first_day()
    assumed = [each for each in past.before() if "chưa chắc chắn" in (each.basis or "")]
    assert len(assumed) == 13 + 7


def test_every_act_names_its_basis_and_how_far_it_may_be_trusted(acts):
    for act in acts:
        assert act.basis.issued_on < act.effective_on
        assert "Độ tin cậy" in act.basis.subject


def test_the_tree_has_begun_by_then_and_each_unit_may_stand_where_it_did():
    assert rules.root_agency().valid_from <= past.first_day()
    kinds = {each.code: each.kind for each in (province.province(), *past.before())}
    for each in past.before():
        rules.agency_kinds().check_place(each.kind, kinds[each.parent], past.first_day())


def test_the_merges_are_those_of_the_source(source, acts, names):
    wanted = {
        bare(each["into"]): sorted(map(bare, each["from"]))
        for wave in source["waves"]
        for each in wave.get("merges", ())
    }
    [wave] = [act for act in acts if len(act.creations) > 1]
    found = {
        bare(names[each.into_id]): sorted(bare(names[one]) for one in each.from_ids) for each in wave.merges
    }
    assert found == wanted


def test_the_city_has_the_units_that_the_source_counts_after_the_first_wave(source):
    [wave] = [each for each in source["waves"] if each["effective_on"] == FIRST.isoformat()]
    [listed] = [each for each in wave["facts"] if "21 commune-level units" in each]
    wanted = sorted(
        name.strip().lower() for group in re.findall(r"\(([^)]*)\)", listed) for name in group.split(",")
    )
    of_city = ("CU.NAMDINH.NAMDINH", "CU.NAMDINH.MYLOC")
    units = [each for each in (*past.before(), *past.created()) if each.parent in of_city]
    found = sorted(bare(each.short_name.removeprefix("UBND ")) for each in units)
    assert found == sorted([*wanted, "thong nhat"])


def test_a_tree_that_was_set_up_before_there_was_a_past_is_left_as_it_is(capsys):
    class Admin:
        async def agency_history(self, *, id):
            return {"history": [{"validFrom": "2025-07-01"}]}

    entered = asyncio.run(load.enter_past(Admin(), {province.province().code: str(uuid4())}))
    assert entered == {}, "Admin can do nothing, so nothing was tried"
    assert "01/01/2016" in capsys.readouterr().out
