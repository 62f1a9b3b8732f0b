"""The home page: what this is, how it stands, whom to sign in as, and what to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from contracts import messages
from contracts.directory import ClockView
from gateway.health import ProcessState
from gateway.html import Html, tag

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
EXAMPLES = Path(__file__).with_name("examples")
OFFERED = {
    "agencies": False,
    "clock": False,
    "me": True,
    "documents": True,
    "steps": True,
    "trail": True,
    "notices": True,
    "live": True,
}
"""The examples in their order, and whether they need somebody to have signed in."""
COLUMNS = ("person", "roles", "login", "action")


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """An account of the demonstration province, as its loader wrote it down."""

    username: str
    password: str
    name: str
    title: str
    agency: str
    roles: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Home:
    """What the page shows."""

    language: str
    processes: Sequence[ProcessState]
    clock: ClockView | None
    accounts: Sequence[DemoAccount] | None
    mail_url: str | None
    has_graphiql: bool
    trace_id: str

    def say(self, code: str, **facts: str) -> str:
        """A text of the catalogue in the page's language."""
        return messages.text(code, **facts)[self.language]


def render(home: Home) -> str:
    """The whole page."""
    body = tag(
        "body",
        tag("a", home.say("page_skip"), class_="skip", href="#content"),
        _header(home),
        tag("main", _shifted(home), _hero(home), *_sections(home), id="content"),
        _footer(home),
        _session_bar(home),
        data_lang=home.language,
    )
    return "<!doctype html>" + tag("html", _head(home), body, lang=home.language)


def processes(home: Home) -> Html:
    """The list of processes; also fetched alone, to renew it on an open page."""
    cards = (_process(home, process) for process in home.processes)
    return tag("ul", *cards, class_="processes", id="processes")


def _head(home: Home) -> Html:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", home.say("page_title")),
        tag("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="/static/home.css"),
        tag("script", type="module", src="/static/home.js"),
    )


def _header(home: Home) -> Html:
    other = "vi" if home.language == "en" else "en"
    return tag(
        "header",
        tag("a", tag("b", "eISO"), tag("span", home.say("page_brand_line")), class_="brand", href="/"),
        tag(
            "nav",
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
        tag("h1", home.say("page_what")),
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
        _section(home, "state", "page_state", "page_state_lead", processes(home)),
        _accounts(home),
        _examples(home) if home.has_graphiql else None,
        _beside(home),
    ]


def _section(home: Home, name: str, title: str, lead: str | None, *content: str | None) -> Html:
    return tag(
        "section",
        tag("h2", home.say(title), id=f"{name}-title"),
        tag("p", home.say(lead), class_="section-lead") if lead else None,
        *content,
        id=name,
        aria_labelledby=f"{name}-title",
    )


def _process(home: Home, process: ProcessState) -> Html:
    state = "ready" if process.is_ready else "not_ready" if process.is_up else "down"
    known = f"page_process_{process.name}"
    about = known if known in messages.catalogue() else "page_process_other"
    faults = [f"{part}: {why}" for part, why in process.faults.items()]
    if process.why:
        faults.append(home.say(f"page_why_{process.why}"))
    return tag(
        "li",
        tag(
            "p", tag("b", process.name), tag("span", home.say(f"page_{state}"), class_="state"), class_="name"
        ),
        tag("p", home.say(about), class_="about"),
        *(tag("p", fault, class_="fault") for fault in faults),
        class_=state.replace("_", "-"),
    )


def _accounts(home: Home) -> Html | None:
    if home.accounts is None:
        return None
    if not home.accounts:
        return _section(home, "accounts", "page_accounts", "page_accounts_none")
    agencies = list(dict.fromkeys(account.agency for account in home.accounts))
    return _section(
        home,
        "accounts",
        "page_accounts",
        "page_accounts_lead",
        tag("noscript", tag("p", home.say("page_needs_script"), class_="banner")),
        tag("p", "", id="sign-in-said", role="alert", hidden=True),
        *(_agency(home, agency, is_first=agency == agencies[0]) for agency in agencies),
    )


def _agency(home: Home, agency: str, *, is_first: bool) -> Html:
    """The accounts of one agency, folded away but for the first."""
    accounts = [account for account in home.accounts or () if account.agency == agency]
    count = home.say("page_accounts_count", count=str(len(accounts)))
    heads = (tag("th", home.say(f"page_column_{head}"), scope="col") for head in COLUMNS)
    return tag(
        "details",
        tag("summary", tag("b", agency), " ", tag("span", count)),
        tag(
            "table",
            tag("thead", tag("tr", *heads)),
            tag("tbody", *(_account(home, account) for account in accounts)),
        ),
        open=is_first,
        class_="agency",
    )


def _account(home: Home, account: DemoAccount) -> Html:
    roles = (tag("li", _role(home, role)) for role in account.roles)
    button = tag(
        "button",
        home.say("page_sign_in"),
        type="button",
        class_="sign-in",
        data_username=account.username,
        data_password=account.password,
        data_busy=home.say("page_signing_in"),
        aria_label=f"{home.say('page_sign_in')}: {account.name}",
    )
    cells = (
        (tag("b", account.name), tag("small", account.title)),
        (tag("ul", *roles, class_="roles"),),
        (tag("code", account.username), tag("br"), tag("code", account.password)),
        (button,),
    )
    shown = zip(COLUMNS, cells, strict=True)
    return tag("tr", *(tag("td", *cell, data_head=home.say(f"page_column_{head}")) for head, cell in shown))


def _role(home: Home, role: str) -> str:
    code = f"page_role_{role}"
    return home.say(code) if code in messages.catalogue() else role


def _examples(home: Home) -> Html:
    cards = (_example(home, name, needs) for name, needs in OFFERED.items())
    return _section(
        home, "examples", "page_examples", "page_examples_lead", tag("ul", *cards, class_="examples")
    )


def _example(home: Home, name: str, needs_account: bool) -> Html:
    needs = "page_needs_account" if needs_account else "page_anyone"
    return tag(
        "li",
        tag(
            "a",
            tag("b", home.say(f"page_example_{name}")),
            tag("span", home.say(f"page_example_{name}_about")),
            tag("small", home.say(needs), class_="needs" if needs_account else "anyone"),
            href=graphiql(home.language, example(name)),
        ),
    )


def example(name: str) -> str:
    """The text of an example query."""
    return (EXAMPLES / f"{name}.graphql").read_text("utf-8")


def graphiql(language: str, query: str | None = None) -> str:
    """Where GraphiQL opens, with a query filled in and run."""
    filled = {"query": query, "run": "1"} if query else {}
    return f"/graphiql?{urlencode({'lang': language, **filled})}"


def _beside(home: Home) -> Html:
    return tag("div", _mail(home), _api(home), _not_built(home), class_="beside")


def _mail(home: Home) -> Html | None:
    if not home.mail_url:
        return None
    link = tag("p", tag("a", home.say("page_mail_open"), href=home.mail_url))
    return _section(home, "mail", "page_mail", "page_mail_about", link)


def _api(home: Home) -> Html:
    link = tag("p", tag("a", home.say("page_schema"), href="/schema.graphql"))
    address = tag("p", tag("code", "POST /graphql"), class_="address")
    return _section(home, "api", "page_api", "page_api_about", address, link)


def _not_built(home: Home) -> Html:
    parts = ("board", "digest", "portal")
    missing = tag("ul", *(tag("li", home.say(f"page_not_built_{part}")) for part in parts))
    return _section(home, "not-built", "page_not_built", None, missing)


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


def accounts_from(raw: Sequence[Mapping[str, object]]) -> list[DemoAccount]:
    """The accounts as their file lists them; what is not needed here is left out."""
    return [
        DemoAccount(
            username=str(one["username"]),
            password=str(one["password"]),
            name=str(one["name"]),
            title=str(one["title"]),
            agency=str(one["agency"]),
            roles=tuple(str(role) for role in _list(one.get("roles"))),
        )
        for one in raw
    ]


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []
