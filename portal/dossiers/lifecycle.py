"""The states of a dossier and the steps between them, as one table.

The ten states and their numbers are the national ones; the table of steps is ours
(domain.md §4.2: the national table is not published).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Status(enum.StrEnum):
    """Where a dossier stands; all but DRAFT have a national number."""

    DRAFT = "draft"
    REGISTERED = "registered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PROCESSING = "processing"
    SUPPLEMENT_REQUIRED = "supplement_required"
    PAYMENT_REQUIRED = "payment_required"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    RESOLVED = "resolved"
    RETURNED = "returned"

    @property
    def number(self) -> int:
        """The national number, 0 for a draft."""
        return list(Status).index(self)

    @property
    def label(self) -> str:
        """The word used on every page, paper and message."""
        return STATUS_LABELS[self]


STATUS_LABELS = {
    Status.DRAFT: "Bản nháp",
    Status.REGISTERED: "Mới đăng ký",
    Status.ACCEPTED: "Được tiếp nhận",
    Status.REJECTED: "Không được tiếp nhận",
    Status.PROCESSING: "Đang xử lý",
    Status.SUPPLEMENT_REQUIRED: "Yêu cầu bổ sung giấy tờ",
    Status.PAYMENT_REQUIRED: "Yêu cầu thực hiện nghĩa vụ tài chính",
    Status.WITHDRAWN: "Công dân yêu cầu rút hồ sơ",
    Status.STOPPED: "Dừng xử lý",
    Status.RESOLVED: "Đã xử lý xong",
    Status.RETURNED: "Đã trả kết quả",
}


class Verb(enum.StrEnum):
    """What can be done to a dossier so that its status changes."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    REFUSE = "refuse"
    FORWARD = "forward"
    ASK_SUPPLEMENT = "ask_supplement"
    SUPPLEMENT = "supplement"
    ASK_PAYMENT = "ask_payment"
    CONFIRM_PAYMENT = "confirm_payment"
    WITHDRAW = "withdraw"
    STOP = "stop"
    DECIDE = "decide"
    RETURN_OUTCOME = "return_outcome"

    @property
    def label(self) -> str:
        """The words on the button."""
        return VERB_LABELS[self]


VERB_LABELS = {
    Verb.SUBMIT: "Gửi hồ sơ",
    Verb.ACCEPT: "Tiếp nhận",
    Verb.REFUSE: "Từ chối tiếp nhận",
    Verb.FORWARD: "Chuyển xử lý",
    Verb.ASK_SUPPLEMENT: "Yêu cầu bổ sung",
    Verb.SUPPLEMENT: "Bổ sung hồ sơ",
    Verb.ASK_PAYMENT: "Yêu cầu nghĩa vụ tài chính",
    Verb.CONFIRM_PAYMENT: "Xác nhận đã nộp",
    Verb.WITHDRAW: "Rút hồ sơ",
    Verb.STOP: "Dừng xử lý",
    Verb.DECIDE: "Giải quyết xong",
    Verb.RETURN_OUTCOME: "Trả kết quả",
}

CITIZEN, CLERK, COURIER = "citizen", "postal_clerk", "courier"
ONESTOP, OFFICER, LEADER = "onestop_officer", "officer", "leader"

_OPEN = (
    Status.ACCEPTED,
    Status.PROCESSING,
    Status.SUPPLEMENT_REQUIRED,
    Status.PAYMENT_REQUIRED,
)


@dataclass(frozen=True)
class Step:
    """One row of the table: `verb` leads from any of `sources` to `target` for these roles.

    `needs_reason` makes the person say why; the citizen reads it. `asked_in` tells the answers
    to a supplement apart by the status it was asked in: None means it does not matter.
    """

    verb: Verb
    sources: tuple[Status, ...]
    target: Status
    roles: frozenset[str]
    needs_reason: bool = False
    asked_in: Status | None = None


def _step(
    verb: Verb,
    *sources: Status,
    to: Status,
    by: set[str],
    reason: bool = False,
    asked_in: Status | None = None,
) -> Step:
    return Step(verb, sources, to, frozenset(by), reason, asked_in)


STEPS: tuple[Step, ...] = (
    _step(Verb.SUBMIT, Status.DRAFT, to=Status.REGISTERED, by={CITIZEN, CLERK}),
    _step(Verb.ACCEPT, Status.REGISTERED, to=Status.ACCEPTED, by={ONESTOP}),
    _step(Verb.REFUSE, Status.REGISTERED, to=Status.REJECTED, by={ONESTOP}, reason=True),
    _step(Verb.FORWARD, Status.ACCEPTED, to=Status.PROCESSING, by={ONESTOP}),
    _step(
        Verb.ASK_SUPPLEMENT,
        Status.REGISTERED,
        to=Status.SUPPLEMENT_REQUIRED,
        by={ONESTOP},
        reason=True,
    ),
    _step(
        Verb.ASK_SUPPLEMENT,
        Status.ACCEPTED,
        to=Status.SUPPLEMENT_REQUIRED,
        by={ONESTOP},
        reason=True,
    ),
    _step(
        Verb.ASK_SUPPLEMENT,
        Status.PROCESSING,
        to=Status.SUPPLEMENT_REQUIRED,
        by={OFFICER},
        reason=True,
    ),
    _step(
        Verb.SUPPLEMENT,
        Status.SUPPLEMENT_REQUIRED,
        to=Status.REGISTERED,
        by={CITIZEN, CLERK},
        asked_in=Status.REGISTERED,
    ),
    _step(
        Verb.SUPPLEMENT,
        Status.SUPPLEMENT_REQUIRED,
        to=Status.ACCEPTED,
        by={CITIZEN, CLERK},
        asked_in=Status.ACCEPTED,
    ),
    _step(
        Verb.SUPPLEMENT,
        Status.SUPPLEMENT_REQUIRED,
        to=Status.PROCESSING,
        by={CITIZEN, CLERK},
        asked_in=Status.PROCESSING,
    ),
    _step(
        Verb.ASK_PAYMENT,
        Status.PROCESSING,
        to=Status.PAYMENT_REQUIRED,
        by={OFFICER},
        reason=True,
    ),
    _step(Verb.CONFIRM_PAYMENT, Status.PAYMENT_REQUIRED, to=Status.PROCESSING, by={OFFICER}),
    _step(
        Verb.WITHDRAW,
        Status.REGISTERED,
        *_OPEN,
        to=Status.WITHDRAWN,
        by={CITIZEN, ONESTOP},
        reason=True,
    ),
    _step(
        Verb.WITHDRAW,
        Status.REGISTERED,
        Status.SUPPLEMENT_REQUIRED,
        to=Status.WITHDRAWN,
        by={CLERK},
        reason=True,
    ),
    _step(Verb.STOP, *_OPEN, to=Status.STOPPED, by={OFFICER, LEADER}, reason=True),
    _step(Verb.DECIDE, Status.PROCESSING, to=Status.RESOLVED, by={OFFICER, LEADER}),
    _step(
        Verb.RETURN_OUTCOME,
        Status.RESOLVED,
        to=Status.RETURNED,
        by={CLERK, COURIER, ONESTOP},
    ),
)

FINAL = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.STOPPED, Status.RETURNED})
# Ended without a result: what the agency or the post still holds belongs to the citizen.
ENDED_EARLY = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.STOPPED})
WORK_ENDS = frozenset({Status.RESOLVED, Status.WITHDRAWN, Status.STOPPED})
CLOCK_RUNS = frozenset({Status.ACCEPTED, Status.PROCESSING})
CLOCK_PAUSED = frozenset({Status.SUPPLEMENT_REQUIRED, Status.PAYMENT_REQUIRED})
UNDECIDED = frozenset({Status.REGISTERED, *_OPEN})
# Decided or ended: nothing can be added any more, and what has not reached the agency goes home.
CLOSED = frozenset(Status) - UNDECIDED - {Status.DRAFT}


class NoSuchStep(Exception):
    """The table has no such step from here for this role."""


def find(
    status: Status, verb: Verb, role: str, *, asked_in: Status = Status.REGISTERED
) -> Step | None:
    """The row that lets `role` do `verb` on a dossier in `status`, or None."""
    for step in STEPS:
        fits = step.verb is verb and status in step.sources and role in step.roles
        if fits and step.asked_in in (None, asked_in):
            return step
    return None


def follow(
    status: Status, verb: Verb, role: str, *, asked_in: Status = Status.REGISTERED
) -> Status:
    """The status after the step; raises NoSuchStep where the table has no row."""
    step = find(status, verb, role, asked_in=asked_in)
    if step is None:
        raise NoSuchStep(f"{verb} by {role} from {status}")
    return step.target


def allowed(status: Status, role: str) -> tuple[Verb, ...]:
    """The verbs to offer as buttons, in the order of the table, each once."""
    verbs = [step.verb for step in STEPS if status in step.sources and role in step.roles]
    return tuple(dict.fromkeys(verbs))


def drawing() -> str:
    """The table as a Mermaid diagram and a list, for docs/lifecycle.md."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [
        f"    {source.value} --> {step.target.value}: {step.verb.value}"
        for step in STEPS
        for source in step.sources
    ]
    lines += ["```", "", "| Verb | From | To | By | Reason |", "|---|---|---|---|---|"]
    for step in STEPS:
        sources = ", ".join(source.value for source in step.sources)
        roles = ", ".join(sorted(step.roles))
        reason = "yes" if step.needs_reason else ""
        cells = (step.verb.value, sources, step.target.value, roles, reason)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
