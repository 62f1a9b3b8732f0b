"""The page around GraphiQL, and the address that opens it with a query."""

from urllib.parse import urlencode

from contracts import messages
from gateway.pages.rendering import render


def graphiql_page(language: str, missing: bool) -> str:
    """The page around GraphiQL; without its build, what to do about that."""
    remedy = messages.remedy("page_graphiql_missing")
    return render("graphiql.html", language, missing=missing, remedy=remedy[language] if remedy else "")


def graphiql(language: str, query: str | None = None) -> str:
    """Where GraphiQL opens, with a query filled in and run."""
    filled = {"query": query, "run": "1"} if query else {}
    return f"/graphiql?{urlencode({'lang': language, **filled})}"
