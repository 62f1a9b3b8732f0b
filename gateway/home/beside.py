"""What stands beside the page's matter: the mail sink, the API, and what is not built."""

from gateway.home.shown import Home, section
from gateway.html import Html, tag


def beside(home: Home) -> Html:
    return tag("div", _mail(home), _api(home), _not_built(home), class_="beside")


def _mail(home: Home) -> Html | None:
    if not home.mail_url:
        return None
    link = tag("p", tag("a", home.say("page_mail_open"), href=home.mail_url))
    return section(home, "mail", "page_mail", "page_mail_about", link)


def _api(home: Home) -> Html:
    link = tag("p", tag("a", home.say("page_schema"), href="/schema.graphql"))
    address = tag("p", tag("code", "POST /graphql"), class_="address")
    return section(home, "api", "page_api", "page_api_about", address, link)


def _not_built(home: Home) -> Html:
    parts = ("portal",)
    missing = tag("ul", *(tag("li", home.say(f"page_not_built_{part}")) for part in parts))
    return section(home, "not-built", "page_not_built", None, missing)
