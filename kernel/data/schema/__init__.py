"""The kernel's part of every service's database, as numbered SQL that a migration applies."""

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def kernel_schema(op: Any, number: int) -> None:
    """Apply step `number` of the kernel's schema inside a service's migration."""
    op.execute((HERE / f"{number:04}.sql").read_text("utf-8"))


def behind_schema(op: Any) -> None:
    """What the rules of row-level security ask, for a service that puts tables behind them."""
    op.execute((HERE / "behind.sql").read_text("utf-8"))


def rights(app: str, ops: str) -> str:
    """The statements that give the application role and the read-only role their rights."""
    return (HERE / "rights.sql").read_text("utf-8").format(app=app, ops=ops)
