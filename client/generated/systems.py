"""What is asked about systems. Written by `make client`; change the operations instead."""

from collections.abc import Sequence
from typing import TypedDict

from client.caller import Caller, Day, Id, Shape
from client.generated.inputs import SeatInput


class SystemNow(TypedDict):
    """What is asked of a QualitySystem."""

    id: str
    version: int


CREATE_SYSTEM = """
mutation CreateSystem($input: CreateSystemInput!) { answer: createSystem(input: $input) { __typename
...SystemNow ... on Problem { code message remedy field } } } fragment SystemNow on QualitySystem { id
version }
"""

APPOINT_COMMITTEE = """
mutation AppointCommittee($input: AppointCommitteeInput!) { answer: appointCommittee(input: $input) {
__typename ...SystemNow ... on Problem { code message remedy field } } } fragment SystemNow on
QualitySystem { id version }
"""

APPLY_SYSTEM = """
mutation ApplySystem($input: ApplySystemInput!) { answer: applySystem(input: $input) { __typename
...SystemNow ... on Problem { code message remedy field } } } fragment SystemNow on QualitySystem { id
version }
"""

DECLARE_SYSTEM = """
mutation DeclareSystem($input: DeclareSystemInput!) { answer: declareSystem(input: $input) { __typename
...SystemNow ... on Problem { code message remedy field } } } fragment SystemNow on QualitySystem { id
version }
"""


class AboutSystems(Caller):
    """Operations about systems."""

    async def create_system(
        self,
        *,
        agency_id: Id,
        code: str,
        name: str,
        scope: str,
        standards: Sequence[str],
        covers: Sequence[Id],
        valid_from: Day,
        request_id: Id | None = None,
    ) -> SystemNow:
        """Begin a system: who keeps it, what it covers, by which editions of the standard."""
        done: SystemNow = await self._command(
            "createSystem",
            CREATE_SYSTEM,
            {
                "agency_id": agency_id,
                "code": code,
                "name": name,
                "scope": scope,
                "standards": standards,
                "covers": covers,
                "valid_from": valid_from,
                "request_id": request_id,
            },
        )
        return done

    async def appoint_committee(
        self,
        *,
        system_id: Id,
        expected_version: int,
        decision: str,
        since: Day,
        seats: Sequence[SeatInput | Shape],
        request_id: Id | None = None,
    ) -> SystemNow:
        """Appoint the steering committee by a decision: one head, one secretary, any deputies and
        members."""
        done: SystemNow = await self._command(
            "appointCommittee",
            APPOINT_COMMITTEE,
            {
                "system_id": system_id,
                "expected_version": expected_version,
                "decision": decision,
                "since": since,
                "seats": seats,
                "request_id": request_id,
            },
        )
        return done

    async def apply_system(
        self, *, system_id: Id, expected_version: int, request_id: Id | None = None
    ) -> SystemNow:
        """Say that the system is applied: its documents are in force, its committee is appointed."""
        done: SystemNow = await self._command(
            "applySystem",
            APPLY_SYSTEM,
            {"system_id": system_id, "expected_version": expected_version, "request_id": request_id},
        )
        return done

    async def declare_system(
        self,
        *,
        system_id: Id,
        expected_version: int,
        decision: str,
        declared_on: Day,
        request_id: Id | None = None,
    ) -> SystemNow:
        """Declare the system (công bố), or declare it again; the duty to do so ends with it."""
        done: SystemNow = await self._command(
            "declareSystem",
            DECLARE_SYSTEM,
            {
                "system_id": system_id,
                "expected_version": expected_version,
                "decision": decision,
                "declared_on": declared_on,
                "request_id": request_id,
            },
        )
        return done
