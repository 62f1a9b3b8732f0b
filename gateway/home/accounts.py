"""The trial accounts of the demonstration province, by agency."""

from contracts import messages
from gateway.home.shown import DemoAccount, Home, section
from gateway.html import Html, tag

COLUMNS = ("person", "roles", "login", "action")


def accounts(home: Home) -> Html | None:
    if home.accounts is None:
        return None
    if not home.accounts:
        return section(home, "accounts", "page_accounts", "page_accounts_none")
    agencies = list(dict.fromkeys(account.agency for account in home.accounts))
    return section(
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
    code = f"role_{role}"
    return home.say(code) if code in messages.catalogue() else role
