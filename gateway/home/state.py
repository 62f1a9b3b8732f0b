"""How the processes stand, and how far the demonstration's data is loaded."""

from contracts import messages
from gateway.health import ProcessState
from gateway.home.shown import Home
from gateway.html import Html, join, tag


def processes(home: Home) -> Html:
    """The list of processes; also fetched alone, to renew it on an open page."""
    cards = (_process(home, process) for process in home.processes)
    return tag("ul", *cards, class_="processes", id="processes")


def progress(home: Home) -> Html:
    """How far the demonstration's data is loaded; hidden when nothing is on its way."""
    bar = None
    if found := home.progress:
        done, total = (_number(home, count) for count in (found.done, found.total))
        said = home.say("board_loading_demo", phase=found.phase, done=done, total=total)
        bar = join(
            tag("span", said, id="progress-said"),
            tag(
                "progress", value=str(found.done), max=str(found.total or 1), aria_labelledby="progress-said"
            ),
        )
    count = str(len(home.accounts or ()))
    return tag("div", bar, id="progress", class_="banner", hidden=bar is None, data_accounts=count)


def _number(home: Home, count: int) -> str:
    return f"{count:,}" if home.language == "en" else f"{count:,}".replace(",", ".")


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
