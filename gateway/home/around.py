"""The page around GraphiQL."""

from contracts import messages
from gateway.html import tag


def graphiql_page(language: str, missing: bool) -> str:
    """The page around GraphiQL; without its build, what to do about that."""
    say = {code: messages.text(code)[language] for code in _AROUND}
    remedy = messages.remedy("page_graphiql_missing")
    note = tag("p", say["page_graphiql_missing"], " ", remedy[language] if remedy else None, class_="banner")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", say["page_graphiql_title"]),
        tag("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        None if missing else tag("link", rel="stylesheet", href="/static/graphiql/graphiql.css"),
        tag("link", rel="stylesheet", href="/static/around.css"),
        None if missing else tag("script", src="/static/graphiql/graphiql.js", defer=True),
    )
    bar = tag(
        "header",
        tag("a", tag("b", "eISO"), href=f"/?lang={language}"),
        tag("a", say["page_home"], href=f"/?lang={language}"),
        tag("span", say["page_not_signed_in"], id="who", data_signed_in_as=say["page_signed_in_as"]),
        class_="around",
    )
    body = tag("body", bar, note if missing else tag("main", id="graphiql"), data_lang=language)
    return "<!doctype html>" + tag("html", head, body, lang=language)


_AROUND = (
    "page_graphiql_title",
    "page_graphiql_missing",
    "page_home",
    "page_not_signed_in",
    "page_signed_in_as",
)
