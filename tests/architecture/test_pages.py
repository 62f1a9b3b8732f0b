"""HTML stands in templates, where each text is escaped: a tag in Python would be escaped by nobody."""

import ast
import re

import pytest
from jinja2 import UndefinedError, nodes

from gateway.pages.rendering import TEMPLATES, environment
from tests.architecture.source import ROOT, files

TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s+[\w-]+(?:=|\s|>)|\s*/?>)|<!doctype", re.IGNORECASE)
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))


def tags_in(source: str) -> list[str]:
    """The HTML tags in the texts of a Python file, also in the pieces of an f-string."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [text for text in texts if TAG.search(text)]


def test_no_python_file_of_the_gateway_writes_html():
    strays = {
        str(path.relative_to(ROOT)): found
        for path in files("gateway")
        if "node_modules" not in path.parts and (found := tags_in(path.read_text("utf-8")))
    }
    assert not strays


@pytest.mark.parametrize(
    "written",
    [
        "'<p>'",
        "f'<b>{name}</b>'",
        "'<br>'",
        "'</div>'",
        "'<a href='",
        "'<input hidden>'",
        "'<!doctype html>'",
    ],
)
def test_a_tag_in_python_would_be_found(written):
    assert tags_in(written)


@pytest.mark.parametrize("written", ["'a < b'", "'1 <= 2'", "'<= 3'", "'=<1.2'"])
def test_a_comparison_is_no_tag(written):
    assert not tags_in(written)


def test_no_python_file_of_the_gateway_marks_a_text_as_safe():
    strays = {
        str(path.relative_to(ROOT))
        for path in files("gateway")
        if re.search(r"\bMarkup\b|markupsafe", path.read_text("utf-8"))
    }
    assert not strays


@pytest.mark.parametrize("name", NAMES)
def test_no_template_lets_a_text_through_unescaped(name):
    made = environment("vi")
    tree = made.parse((TEMPLATES / name).read_text("utf-8"))
    filters = {each.name for each in tree.find_all(nodes.Filter)}
    assert not filters & {"safe", "xmlattr", "urlize"}
    assert not list(tree.find_all(nodes.ScopedEvalContextModifier))


@pytest.mark.parametrize("name", NAMES)
def test_no_template_has_a_script_or_style_of_its_own(name):
    text = (TEMPLATES / name).read_text("utf-8")
    assert re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=", text) is None


def test_a_name_that_nobody_gave_is_a_defect():
    with pytest.raises(UndefinedError):
        environment("vi").get_template("home.html").render()
