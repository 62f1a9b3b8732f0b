"""Words of the schema. Written by `make client`; change the operations instead."""

from typing import Literal

ActionState = Literal["PLANNED", "DONE", "VERIFIED"]
AgencyFact = Literal["ALIASES", "SEAL_NAME", "ADDRESS", "PHONE", "EMAIL", "STANDARD"]
Attribution = Literal["AS_NOW", "AS_THEN"]
AuditState = Literal["PLANNED", "UNDER_WAY", "REPORTED"]
DeliveryState = Literal["QUEUED", "SENDING", "SENT", "RETRYING", "FAILED"]
DocumentKind = Literal[
    "POLICY", "OBJECTIVES", "MANUAL", "SYSTEM_PROCEDURE", "PROCEDURE", "WORK_INSTRUCTION", "FORM"
]
DossierStatus = Literal["PROCESSING", "PAUSED", "FINISHED", "STOPPED"]
DurationUnit = Literal["WORKING_DAY", "WORKING_HOUR", "CALENDAR_DAY", "OFFICE_HOURS"]
DutyKind = Literal[
    "DRAFT",
    "REVIEW",
    "APPROVAL",
    "ISSUE",
    "RECEIPT",
    "STEP",
    "CORRECTION",
    "CAUSE",
    "ACTION",
    "VERIFICATION",
    "TASK",
    "AUDIT",
    "REPORT",
]
Grade = Literal["CONFORMING", "OBSERVATION", "MINOR", "MAJOR"]
HandOverState = Literal["DRAWN_UP", "DONE", "CANCELLED"]
HeldKind = Literal[
    "DOCUMENTS",
    "DRAFTS",
    "APPROVALS_WAITING",
    "DISTRIBUTED_DOCUMENTS",
    "DOSSIERS",
    "OPEN_DOSSIERS",
    "OVERDUE_DOSSIERS",
    "STEPS_ELSEWHERE",
    "NONCONFORMITIES",
    "OPEN_NONCONFORMITIES",
    "OPEN_ACTIONS",
    "AUDITS_AHEAD",
    "PROGRAMMES",
    "OPEN_REVIEWS",
]
ImportState = Literal["OPEN", "CHECKING", "CHECKED", "APPLYING", "APPLIED", "FORGOTTEN"]
NonconformitySource = Literal["OVERDUE", "FINDING", "MANUAL"]
NonconformityState = Literal["OPEN", "CORRECTED", "ACTION_UNDER_WAY", "CLOSED"]
Outcome = Literal["EARLY", "ON_TIME", "LATE"]
ProgrammeState = Literal["DRAFT", "APPROVED"]
ReorganisationState = Literal["SCHEDULED", "APPLIED", "CANCELLED", "FAILED"]
ReviewState = Literal["PLANNED", "INPUTS_FROZEN", "CONCLUDED"]
Role = Literal[
    "PROVINCE_ADMIN",
    "PROVINCE_STEERING",
    "ISO_HEAD",
    "ISO_SECRETARY",
    "DRAFTER",
    "REVIEWER",
    "APPROVER",
    "UNIT_LEADER",
    "READER",
    "CASE_OFFICER",
    "RECEPTIONIST",
    "INTERNAL_AUDITOR",
    "LEAD_AUDITOR",
    "INSPECTOR",
    "SYSTEM_OPERATOR",
    "INTEGRATION_CLIENT",
]
RowVerdict = Literal["CREATES", "AMENDS", "UNCHANGED", "BAD"]
SeatKind = Literal["HEAD", "DEPUTY", "SECRETARY", "MEMBER"]
Severity = Literal["MINOR", "MAJOR"]
SigningPart = Literal["GIVER", "RECEIVER", "LEADER"]
StandardDuty = Literal["MANDATORY", "ENCOURAGED"]
Standing = Literal["NOT_ISSUED", "NOT_YET_IN_FORCE", "IN_FORCE", "SUPERSEDED"]
StepStatus = Literal["WAITING", "HANDED_OVER", "IN_PROGRESS", "DONE"]
TaskState = Literal["OPEN", "DONE"]
