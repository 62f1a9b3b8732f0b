"""The catalogue of problems is what the services say, on the page and over the API."""

from gateway.schema.catalogue import _problems
from tests.contract import problems


def test_the_committed_page_is_current():
    assert problems.main(["--check"]) == 0, "make policy"


def test_every_code_that_is_answered_is_in_the_catalogue_of_the_schema():
    codes = problems.codes()
    assert len(codes) > 250
    assert set(codes) <= {each.code for each in _problems()}
    known = {"not_signed_in", "not_permitted", "request_id_reused", "date_out_of_bounds", "sign_in_busy"}
    assert known <= set(codes)


def test_nothing_of_the_operators_is_in_the_schema():
    assert not any(each.code.startswith(("ops_", "deploy_")) for each in _problems())
