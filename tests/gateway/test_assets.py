"""What is built from npm: fixed by hashes, from no registry by name, and without code made from text."""

import json
import re

import pytest

from gateway.edge.assets import BUNDLES

each_bundle = pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.name)


@each_bundle
def test_every_package_is_fixed_by_its_hash_and_names_no_registry(bundle):
    lock = json.loads((bundle.source / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


@each_bundle
def test_what_is_wanted_is_one_version_exactly(bundle):
    wanted = json.loads((bundle.source / "package.json").read_text("utf-8"))["dependencies"]
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name


def test_the_charts_run_no_text_as_code_and_fetch_nothing():
    [charts] = [bundle for bundle in BUNDLES if bundle.name == "charts"]
    built = charts.built / "charts.js"
    if not built.exists():
        pytest.skip("the charts are not built: python -m gateway.edge.assets build")
    assert (
        re.search(r"\beval\(|new Function|\bfetch\(|XMLHttpRequest|\bimport\(", built.read_text("utf-8"))
        is None
    )
