"""Who asks: an administrator of everything, a leader of a province, an officer of one commune, in turns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

from contracts.directory.roles import Role
from kernel.base import wire
from tests.integration.plans import PROOF, read_whole, watched
from tests.integration.size.country import OFFICER_OF, PROVINCE, province

ROUNDS = 41 if PROOF else 3
MOST = 1.2
"""What an ordinary user may wait, in terms of what the administrator does."""
HEARING_MS = 0.3
"""Below this two medians of one and the same question differ."""
OFFICER = (Role.CASE_OFFICER, Role.RECEPTIONIST, Role.DRAFTER, Role.REVIEWER, Role.ISO_SECRETARY)
OWN = ("duties",)
"""What is asked of each for themselves: an administrator's is another question, and has another answer."""
Question = tuple[str, Any]


def tokens_of(a_token: Any, root: UUID) -> dict[str, str]:
    return {
        "administrator": a_token(Role.PROVINCE_ADMIN, agency=root, with_subtree=True),
        "leader": a_token(Role.UNIT_LEADER, agency=province(PROVINCE), with_subtree=True),
        "officer": a_token(*OFFICER, agency=OFFICER_OF, person=OFFICER_OF),
    }


@dataclass
class Asked:
    """What was asked, and how long each had to wait."""

    rpc: Any
    service: str
    database: Any
    tokens: Mapping[str, str]
    waited: dict[tuple[str, str], float] = field(default_factory=dict)

    def ask(self, what: str, question: Question) -> None:
        """Everybody in turn, round by round, so that a slow moment is everybody's."""
        taken: dict[str, list[float]] = {who: [] for who in self.tokens}
        for _ in range(ROUNDS):
            for who, token in self.tokens.items():
                began = perf_counter()
                self.answer(question, token)
                taken[who].append(1000 * (perf_counter() - began))
        self.waited |= {(what, who): median(each) for who, each in taken.items()}

    def answer(self, question: Question, token: str) -> Any:
        """As `rpc.call`, but woken at once: looking now and then would cost more than what is measured."""
        method, body = question
        sent, heard = self.rpc.send(f"{self.service}.{method}", body, token=token), []
        channel = self.rpc.channel
        tag = channel.basic_consume(self.rpc.queue, no_ack=True, callback=heard.append)
        while not heard:
            self.rpc.connection.drain_events(timeout=20)
        channel.basic_cancel(tag)
        [message] = heard
        assert message.properties["correlation_id"] == sent
        answer = wire.decode(message.body)["result"]
        assert "ok" in answer, (method, answer)
        return answer["ok"]

    def ratios(self) -> dict[tuple[str, str], float]:
        """What each question costs those who see less, in terms of the administrator."""
        return {
            (what, who): waited / self.waited[what, "administrator"]
            for (what, who), waited in self.waited.items()
            if who != "administrator" and what not in OWN
        }

    def show(self) -> None:
        for what in dict.fromkeys(what for what, _ in self.waited):
            waited = [f"{who} {self.waited[what, who]:.1f}" for who in self.tokens]
            ratios = [f"{ratio:.2f}" for (asked, _), ratio in self.ratios().items() if asked == what]
            print(f"{self.service}: {what}: {', '.join(waited)} ms; {' / '.join(ratios)}")

    def too_slow(self) -> list[str]:
        """What an ordinary user waits for longer; what a leader of many agencies does is shown beside it."""
        found = []
        for (what, who), ratio in self.ratios().items():
            more = self.waited[what, who] - self.waited[what, "administrator"]
            if who == "officer" and ratio > MOST and more > HEARING_MS:
                found.append(f"{what}: {who} waits {ratio:.2f} times as long")
        return found


def assert_nobody_waits_longer(asked: Asked, questions: Mapping[str, Question], note: Any) -> None:
    """The figures go into the report; short, they are shown only: so few rounds say nothing."""
    for what, question in questions.items():
        asked.ask(what, question)
    asked.show()
    for seer in ("officer", "leader"):
        ratio, what = max((ratio, what) for (what, who), ratio in asked.ratios().items() if who == seer)
        note(f"{seer} / administrator at most", f"{ratio:.2f} ({what})")
    assert not PROOF or not (late := asked.too_slow()), late


def walked(asked: Asked, questions: Mapping[str, Question], tables: Iterable[str]) -> list[str]:
    """The questions for which somebody's answer reads a table from end to end."""
    found = []
    for what, question in questions.items():
        for who, token in asked.tokens.items():
            with watched(asked.database) as statements:
                asked.answer(question, token)
            if statements:
                read = read_whole(asked.database, statements, tables)
                found += [f"{what}, {who}: {each}" for each in read]
    return found
