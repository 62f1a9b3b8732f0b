"""What the directory lets go of by itself, and what it keeps."""

from datetime import timedelta

from sqlalchemy import func, select, update

from kernel.base import clock
from kernel.run.process import sweep_once
from services.directory.access.tables import refresh_tokens, session_families, sign_in_guards
from services.directory.service import DirectoryService
from tests.integration.directory.conftest import PASSWORD

[FORGET] = [sweep for sweep in DirectoryService.sweeps if sweep.name == "forget"]


def counts(directory):
    with directory.database.sessions() as session:
        tables = (sign_in_guards, session_families, refresh_tokens)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_wrong_tries_and_sessions_are_kept_while_they_matter_and_forgotten_after(directory):
    directory.an_account("an.nguyen")
    directory.sign_in("an.nguyen", PASSWORD)
    directory.sign_in("khong.ai.ca", "sai")
    sweep_once(directory.running.means, FORGET)
    guards, families, tokens = counts(directory)
    assert (guards, families, tokens) == (3, 2, 2), "only counts without a wrong try are let go"
    long_ago = clock.now() - timedelta(days=400)
    with directory.database.engine.begin() as connection:
        connection.execute(update(sign_in_guards).values(last_wrong_at=long_ago))
        connection.execute(update(session_families).values(ends_at=long_ago))
    assert sweep_once(directory.running.means, FORGET) == 5
    assert counts(directory) == [0, 0, 0]
