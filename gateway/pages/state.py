"""How the processes stand, and how far the demonstration's data is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts import messages
from gateway.edge.health import ProcessState
from gateway.pages.rendering import render, said
from gateway.pages.shown import Home


@dataclass(frozen=True, kw_only=True)
class Card:
    """A process as the page shows it: `state` is a code, the rest is words."""

    name: str
    state: str
    about: str
    faults: Sequence[str]


def renewed(home: Home) -> str:
    """The parts of the home page that an open page fetches anew."""
    return render("renewed.html", home.language, **state(home))


def state(home: Home) -> dict[str, object]:
    """What the templates of the processes and of the progress show."""
    return {
        "processes": [_card(process, home.language) for process in home.processes],
        "progress": home.progress,
        "counted": _counted(home),
        "accounts_loaded": len(home.accounts or ()),
    }


def _card(process: ProcessState, language: str) -> Card:
    known = f"page_process_{process.name}"
    faults = [f"{part}: {why}" for part, why in process.faults.items()]
    if process.why:
        faults.append(said(language, f"page_why_{process.why}"))
    return Card(
        name=process.name,
        state="ready" if process.is_ready else "not_ready" if process.is_up else "down",
        about=said(language, known if known in messages.catalogue() else "page_process_other"),
        faults=faults,
    )


def _counted(home: Home) -> str:
    """The loader's progress in words; empty when nothing is on its way."""
    if not (found := home.progress):
        return ""
    done, total = (_number(count, home.language) for count in (found.done, found.total))
    return said(home.language, "board_loading_demo", phase=found.phase, done=done, total=total)


def _number(count: int, language: str) -> str:
    return f"{count:,}" if language == "en" else f"{count:,}".replace(",", ".")
