"""The home page: what this is, how the province stands, whom to sign in as, and what to ask."""

from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.home.accounts import accounts
from gateway.home.beside import beside
from gateway.home.board import board
from gateway.home.examples import examples, graphiql
from gateway.home.shown import Home, section
from gateway.home.state import processes, progress
from gateway.html import Html, tag

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def render(home: Home) -> str:
    """The whole page."""
    body = tag(
        "body",
        tag("a", home.say("page_skip"), class_="skip", href="#content"),
        _header(home),
        tag("main", _shifted(home), progress(home), board(home), _hero(home), *_sections(home), id="content"),
        _footer(home),
        _session_bar(home),
        data_lang=home.language,
    )
    return "<!doctype html>" + tag("html", _head(home), body, lang=home.language)


def _head(home: Home) -> Html:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", home.say("page_title")),
        tag("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="/static/home.css"),
        tag("link", rel="stylesheet", href="/static/board/board.css"),
        tag("script", type="module", src="/static/home.js"),
        tag("script", type="module", src="/static/board/board.js"),
    )


def _header(home: Home) -> Html:
    other = "vi" if home.language == "en" else "en"
    return tag(
        "header",
        tag("a", tag("b", "eISO"), tag("span", home.say("page_brand_line")), class_="brand", href="/"),
        tag(
            "nav",
            tag("a", home.say("board_all"), href="#board-all"),
            tag("a", home.say("page_accounts"), href="#accounts") if home.accounts is not None else None,
            tag("a", home.say("page_examples"), href="#examples") if home.has_graphiql else None,
            tag(
                "a",
                home.say("page_other_language"),
                href=f"/?lang={other}",
                lang=other,
                hreflang=other,
                class_="language",
            ),
        ),
        class_="top",
    )


def _shifted(home: Home) -> Html | None:
    clock = home.clock
    if clock is None or not clock.is_shifted:
        return None
    text = home.say(
        "page_shifted",
        business=_moment(clock.business_now, home.language),
        real=_moment(clock.real_now, home.language),
    )
    return tag("p", text, class_="banner", role="status")


def _moment(moment: datetime, language: str) -> str:
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M" if language == "vi" else "%d %b %Y %H:%M")


def _hero(home: Home) -> Html:
    local = home.accounts is not None
    return tag(
        "section",
        tag("h2", home.say("page_what")),
        tag("p", home.say("page_lead"), class_="lead"),
        tag("p", home.say("page_lead_local"), class_="note") if local else None,
        tag(
            "p",
            tag("a", home.say("page_see_accounts"), class_="button", href="#accounts") if local else None,
            tag("a", home.say("page_open_graphiql"), class_="button quiet", href=graphiql(home.language))
            if home.has_graphiql
            else None,
            class_="actions",
        ),
        class_="hero",
    )


def _sections(home: Home) -> list[Html | None]:
    return [
        section(home, "state", "page_state", "page_state_lead", processes(home)) if home.processes else None,
        accounts(home),
        examples(home) if home.has_graphiql else None,
        beside(home),
    ]


def _footer(home: Home) -> Html:
    return tag("footer", tag("p", home.say("page_trace"), ": ", tag("code", home.trace_id)))


def _session_bar(home: Home) -> Html | None:
    """Shown by the script while somebody is signed in."""
    if home.accounts is None:
        return None
    return tag(
        "aside",
        tag("p", home.say("page_signed_in_as"), " ", tag("b", "", id="who")),
        tag("a", home.say("page_examples"), href="#examples") if home.has_graphiql else None,
        tag("button", home.say("page_sign_out"), type="button", id="sign-out", class_="quiet"),
        id="session",
        hidden=True,
        data_no_connection=home.say("page_no_connection"),
        aria_live="polite",
    )
