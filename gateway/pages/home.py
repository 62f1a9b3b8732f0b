"""The home page: what this is, how the province stands, whom to sign in as, and what to ask."""

from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.directory.access import ClockView
from gateway.pages import accounts, board
from gateway.pages.examples import examples
from gateway.pages.graphiql import graphiql
from gateway.pages.rendering import render, said
from gateway.pages.shown import Home
from gateway.pages.state import state

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOT_BUILT = ("portal",)


def home_page(home: Home) -> str:
    """The whole page."""
    language = home.language
    return render(
        "home.html",
        language,
        **state(home),
        other_language="vi" if language == "en" else "en",
        shifted=_shifted(home.clock, language),
        board_columns=board.COLUMNS,
        worst_columns=board.WORST,
        month_columns=board.MONTHS,
        bands=board.BANDS,
        words=board.words(language),
        first=home.accounts[0].username if home.accounts else None,
        has_accounts=home.accounts is not None,
        agencies=accounts.by_agency(home.accounts or (), language),
        account_columns=accounts.COLUMNS,
        graphiql=graphiql(language) if home.has_graphiql else None,
        examples=examples(language) if home.has_graphiql else [],
        mail_url=home.mail_url,
        not_built=NOT_BUILT,
        trace_id=home.trace_id,
    )


def _shifted(clock: ClockView | None, language: str) -> str | None:
    """What a visitor must know when business time is not the real one."""
    if clock is None or not clock.is_shifted:
        return None
    business, real = _moment(clock.business_now, language), _moment(clock.real_now, language)
    return said(language, "page_shifted", business=business, real=real)


def _moment(moment: datetime, language: str) -> str:
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M" if language == "vi" else "%d %b %Y %H:%M")
