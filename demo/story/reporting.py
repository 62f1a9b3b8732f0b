"""Reports what happened in plain words, and ends where the story should have gone otherwise."""

from typing import Any

from deploy.speech import said


class Different(Exception):
    """Something happened otherwise than the story says."""


def chapter(code: str, /, **facts: Any) -> None:
    """A heading."""
    print(f"\n{said(code, **facts)}", flush=True)


def report(code: str, /, **facts: Any) -> None:
    """One thing that happened, as it was found to have happened."""
    print(f"  ✓ {said(code, **facts)}", flush=True)


def expect(code: str, found: Any, wanted: Any, /, **facts: Any) -> None:
    """Print the line if what was found is what was wanted; else say which line and what differs."""
    if found != wanted:
        line = said(code, **facts)
        raise Different(said("story_different", line=line, found=repr(found), wanted=repr(wanted)))
    report(code, **facts)
