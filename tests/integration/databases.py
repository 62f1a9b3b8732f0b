"""Fresh databases for tests: each is cloned from a template that the service's own migrations built once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg

from deploy.local.platform import Platform
from kernel.data import migrations
from kernel.data.database import Database
from tests import memory

ROOT = Path(__file__).resolve().parents[2]


class Databases:
    """Makes them and drops them; a template is kept for the next run until what it is made of changes."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.made = platform, []
        self.templates: dict[str, str] = {}
        self.space = memory.tablespace(platform)

    def fresh(self, service: str) -> Database:
        """An empty database of `service`, seen as its application role."""
        return self.clone(self._template(service), service)

    def clone(self, template: str, service: str) -> Database:
        """A database like that template, seen as the application role of `service`."""
        name = f"t_{service}_{uuid4().hex[:10]}"
        # The checkpoint that copying files asks for costs nothing where nothing is synced.
        self.admin(
            f'create database "{name}" template "{template}" owner "{service}_owner"'
            f" strategy file_copy tablespace {self.space}"
        )
        self.made.append(name)
        return Database(_sqlalchemy(self.platform.postgres_url(f"{service}_app", name)), pool=10)

    def url_as(self, role: str, database: Database) -> str:
        """The same database seen as another role."""
        return _sqlalchemy(self.platform.postgres_url(role, database.engine.url.database))

    def _template(self, service: str) -> str:
        if service not in self.templates:
            name = f"tpl_{service}_{_digest(service)}"
            with self._alone(service):
                if not self._is_there(name):
                    self._build(service, name)
            self.templates[service] = name
        return self.templates[service]

    def _build(self, service: str, name: str) -> None:
        """Under another name first: what a killed run left half made is no template."""
        half = f"half_{service}"
        for old in (half, *self._older(service)):
            self.admin(f'drop database if exists "{old}" with (force)')
        self.admin(f'create database "{half}" owner "{service}_owner" tablespace {self.space}')
        migrations.upgrade(service, _sqlalchemy(self.platform.postgres_url(f"{service}_owner", half)))
        self.admin(f'alter database "{half}" rename to "{name}"')

    @contextmanager
    def _alone(self, service: str) -> Iterator[None]:
        """Two runs side by side build a template once."""
        with (self.platform.instance.folder / f"template-{service}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _is_there(self, name: str) -> bool:
        return bool(self._names("select datname from pg_database where datname = %s", name))

    def _older(self, service: str) -> list[str]:
        return self._names("select datname from pg_database where datname like %s", f"tpl\\_{service}\\_%")

    def _names(self, question: str, parameter: str) -> list[str]:
        with psycopg.connect(self.platform.postgres_admin_url, autocommit=True) as connection:
            return [name for (name,) in connection.execute(question, (parameter,))]

    def drop_made(self) -> None:
        while self.made:
            self.admin(f'drop database if exists "{self.made.pop()}" with (force)')

    def admin(self, statement: str) -> None:
        with psycopg.connect(self.platform.postgres_admin_url, autocommit=True) as connection:
            connection.execute(statement)


def _digest(service: str) -> str:
    """The digest of everything that may take part in making the service's database."""
    files = [*ROOT.glob("kernel/**/*"), *ROOT.glob(f"services/{service}/**/*")]
    read = sha256()
    for path in sorted(each for each in files if each.suffix in (".py", ".sql", ".toml")):
        read.update(path.read_bytes())
    return read.hexdigest()[:12]


def _sqlalchemy(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
