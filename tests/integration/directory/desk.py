"""Somebody who imports people, and the runner that does the work."""

from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import func, select

from contracts.directory import imports as i
from kernel.work.jobs import JobRunner
from services.directory.imports import handlers as importing

STEPS = {importing.CHECK: importing.judge_step, importing.APPLY: importing.apply_step}


def a_row(line, **changes):
    given = {
        "staff_number": f"NB.{line:05}",
        "full_name": "Nguyễn Văn Mẫu",
        "agency_code": "H42.001",
        "title": "Chuyên viên",
        "held_from": "01/07/2025",
        "roles": "drafter; Người đọc",
    }
    return i.PersonRow(line=line, **given | changes)


class Desk:
    """One who imports, and the runner that does the work."""

    def __init__(self, directory):
        self.directory = directory
        self.agency_id = directory.an_agency()

    def begin(self, rows):
        asked = i.BeginPeopleImport(request_id=uuid4(), file_name="danh-sach.csv", rows=len(rows))
        batch = self.directory.ok("begin_people_import", asked)
        for start in range(0, len(rows), i.AT_ONCE):
            self.add(batch, rows[start : start + i.AT_ONCE])
        return batch

    def add(self, batch, rows):
        sent = i.AddImportedRows(request_id=uuid4(), import_id=UUID(batch["id"]), rows=rows)
        return self.directory.ok("add_imported_rows", sent)

    def work(self, **changes):
        means = self.directory.running.means
        runner = JobRunner(replace(means, **changes) if changes else means, STEPS)
        while runner.turn():
            pass

    def check(self, batch):
        asked = i.CheckPeopleImport(request_id=uuid4(), import_id=UUID(batch["id"]))
        self.directory.ok("check_people_import", asked)
        self.work()
        return self.seen(batch)

    def apply(self, batch):
        asked = i.ApplyPeopleImport(
            request_id=uuid4(), import_id=UUID(batch["id"]), expected_version=batch["version"]
        )
        self.directory.ok("apply_people_import", asked)
        self.work()
        return self.seen(batch)

    def seen(self, batch):
        return self.directory.ok("people_import", i.PeopleImport(import_id=UUID(batch["id"])))

    def rows(self, batch, verdict=None):
        asked = i.ListImportedRows(import_id=UUID(batch["id"]), verdict=verdict, first=100)
        return self.directory.ok("list_imported_rows", asked)["items"]

    def judged(self, *rows):
        batch = self.begin(list(rows))
        return self.check(batch), self.rows(batch)

    def imported(self, *rows):
        checked, _ = self.judged(*rows)
        assert checked["bad"] == 0, self.rows(checked, i.RowVerdict.BAD)
        return self.apply(checked)

    def count(self, table):
        with self.directory.database.sessions() as session:
            return session.scalar(select(func.count()).select_from(table))


def faults(row):
    return {(each["column"], each["code"]) for each in row["problems"]}
