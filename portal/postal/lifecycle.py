"""The states of a postal item and of a pick-up, as data beside the dossier's own table."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from portal.dossiers.lifecycle import CLOSED, UNDECIDED, Status


class ItemState(enum.StrEnum):
    """Where an item of the post stands (domain.md §6.5, the part in use)."""

    AT_COUNTER = "at_counter"
    SEALED = "sealed"
    HANDED_TO_AGENCY = "handed_to_agency"
    RESULT_READY = "result_ready"
    COLLECTED = "collected"
    OUT_FOR_DELIVERY = "out_for_delivery"
    FAILED = "failed"
    DELIVERED = "delivered"
    RETURNED_TO_AGENCY = "returned_to_agency"

    @property
    def label(self) -> str:
        """The word on every page."""
        return ITEM_LABELS[self]


ITEM_LABELS = {
    ItemState.AT_COUNTER: "Đang ở quầy bưu điện",
    ItemState.SEALED: "Đã niêm phong",
    ItemState.HANDED_TO_AGENCY: "Đã bàn giao cho cơ quan",
    ItemState.RESULT_READY: "Chờ bưu điện nhận tại cơ quan",
    ItemState.COLLECTED: "Đang ở bưu điện, chờ phát",
    ItemState.OUT_FOR_DELIVERY: "Đang đi phát",
    ItemState.FAILED: "Phát không thành công",
    ItemState.DELIVERED: "Đã phát",
    ItemState.RETURNED_TO_AGENCY: "Đã chuyển hoàn cơ quan",
}


class Direction(enum.StrEnum):
    """Which way the item travels."""

    TO_AGENCY = "to_agency"
    TO_CITIZEN = "to_citizen"


class Cargo(enum.StrEnum):
    """What an envelope carries: papers to the agency, its result, or its papers given back.

    Papers that turn round before the agency had them stay DOSSIER: there is no agency to which
    they could be sent back.
    """

    DOSSIER = "dossier"
    RESULT = "result"
    PAPERS = "papers"

    @property
    def label(self) -> str:
        """The word on every page."""
        return CARGO_LABELS[self]


CARGO_LABELS = {
    Cargo.DOSSIER: "Giấy tờ của hồ sơ",
    Cargo.RESULT: "Kết quả",
    Cargo.PAPERS: "Giấy tờ trả lại",
}


class ItemVerb(enum.StrEnum):
    """What is done to an envelope."""

    SEAL = "seal"
    UNSEAL = "unseal"
    HAND_OVER = "hand_over"
    COLLECT = "collect"
    TURN_ROUND = "turn_round"
    DISPATCH = "dispatch"
    DELIVER = "deliver"
    FAIL = "fail"
    SEND_BACK = "send_back"


CLERK, COURIER, ONESTOP = "postal_clerk", "courier", "onestop_officer"
_ALL = frozenset(Cargo)
_OUT = frozenset({Cargo.DOSSIER})
_FROM_AGENCY = frozenset({Cargo.RESULT, Cargo.PAPERS})
_ANY = frozenset(Status)
# The dossier goes on without these papers, or is over: the agency does not wait for them.
NOT_AWAITED = CLOSED | {Status.ACCEPTED, Status.PROCESSING, Status.PAYMENT_REQUIRED}


@dataclass(frozen=True)
class ItemStep:
    """One row of the table of envelopes: `verb` leads from any of `sources` to `target`.

    `statuses` are those of the dossier in which it may be done. Together the rows leave no
    envelope in the hands of the post without a way on, whatever became of the dossier meanwhile.
    """

    verb: ItemVerb
    sources: tuple[ItemState, ...]
    target: ItemState
    roles: frozenset[str]
    cargoes: frozenset[Cargo] = _ALL
    statuses: frozenset[Status] = _ANY


_READY, _AT_POST = ItemState.RESULT_READY, ItemState.COLLECTED
_ROUND, _FAILED = ItemState.OUT_FOR_DELIVERY, ItemState.FAILED

ITEM_STEPS: tuple[ItemStep, ...] = (
    ItemStep(
        ItemVerb.SEAL,
        (ItemState.AT_COUNTER,),
        ItemState.SEALED,
        frozenset({CLERK}),
        _OUT,
        UNDECIDED,
    ),
    ItemStep(
        ItemVerb.UNSEAL,
        (ItemState.SEALED,),
        ItemState.AT_COUNTER,
        frozenset({CLERK}),
        _OUT,
        UNDECIDED,
    ),
    ItemStep(
        ItemVerb.HAND_OVER,
        (ItemState.SEALED,),
        ItemState.HANDED_TO_AGENCY,
        frozenset({ONESTOP}),
        _OUT,
        UNDECIDED,
    ),
    ItemStep(
        ItemVerb.TURN_ROUND,
        (ItemState.AT_COUNTER, ItemState.SEALED),
        _AT_POST,
        frozenset({CLERK}),
        _OUT,
        NOT_AWAITED,
    ),
    ItemStep(ItemVerb.COLLECT, (_READY,), _AT_POST, frozenset({CLERK}), _FROM_AGENCY),
    ItemStep(ItemVerb.DISPATCH, (_AT_POST, _FAILED), _ROUND, frozenset({CLERK})),
    ItemStep(
        ItemVerb.DELIVER,
        (_AT_POST, _ROUND, _FAILED),
        ItemState.DELIVERED,
        frozenset({CLERK, COURIER}),
    ),
    ItemStep(ItemVerb.FAIL, (_ROUND,), _FAILED, frozenset({CLERK, COURIER})),
    ItemStep(
        ItemVerb.SEND_BACK,
        (_FAILED,),
        ItemState.RETURNED_TO_AGENCY,
        frozenset({CLERK}),
        _FROM_AGENCY,
    ),
)


def find(
    state: ItemState, verb: ItemVerb, role: str, cargo: Cargo, *, status: Status
) -> ItemStep | None:
    """The row that lets `role` do `verb` to an envelope of a dossier in `status`, or None."""
    for step in ITEM_STEPS:
        fits = step.verb is verb and state in step.sources and cargo in step.cargoes
        if fits and role in step.roles and status in step.statuses:
            return step
    return None


def drawing() -> str:
    """The table of envelopes as a Mermaid diagram and a list, for docs/lifecycle.md."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [
        f"    {source.value} --> {step.target.value}: {step.verb.value}"
        for step in ITEM_STEPS
        for source in step.sources
    ]
    lines += [
        "```",
        "",
        "| Verb | From | To | By | Carries | Dossier |",
        "|---|---|---|---|---|---|",
    ]
    for step in ITEM_STEPS:
        cells = (
            step.verb.value,
            ", ".join(source.value for source in step.sources),
            step.target.value,
            ", ".join(sorted(step.roles)),
            ", ".join(sorted(cargo.value for cargo in step.cargoes)),
            _told(step.statuses),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _told(statuses: frozenset[Status]) -> str:
    return "" if statuses == _ANY else ", ".join(one.value for one in Status if one in statuses)


class PickupState(enum.StrEnum):
    """Where a request to collect papers at home stands."""

    REQUESTED = "requested"
    COLLECTED = "collected"
    MISSED = "missed"
    RECEIVED = "received"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The word on every page."""
        return PICKUP_LABELS[self]


PICKUP_LABELS = {
    PickupState.REQUESTED: "Đã hẹn thu gom",
    PickupState.COLLECTED: "Bưu tá đã nhận giấy tờ",
    PickupState.MISSED: "Chưa gặp được người gửi",
    PickupState.RECEIVED: "Giấy tờ đã tới quầy bưu điện",
    PickupState.CANCELLED: "Đã huỷ",
}

PICKUP_MOVES: dict[PickupState, tuple[PickupState, ...]] = {
    PickupState.REQUESTED: (
        PickupState.COLLECTED,
        PickupState.MISSED,
        PickupState.RECEIVED,
        PickupState.CANCELLED,
    ),
    PickupState.MISSED: (
        PickupState.REQUESTED,
        PickupState.COLLECTED,
        PickupState.RECEIVED,
        PickupState.CANCELLED,
    ),
    PickupState.COLLECTED: (PickupState.RECEIVED,),
}


def may_become(state: PickupState, to: PickupState) -> bool:
    """Whether a pick-up may go from `state` to `to`."""
    return to in PICKUP_MOVES.get(state, ())


class HandoverState(enum.StrEnum):
    """A hand-over record is proposed by the post and signed by the agency, never by one alone."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    VOID = "void"

    @property
    def label(self) -> str:
        """The word on every page."""
        return HANDOVER_LABELS[self]


HANDOVER_LABELS = {
    HandoverState.PROPOSED: "Chờ cơ quan kiểm đếm, ký",
    HandoverState.SIGNED: "Hai bên đã ký",
    HandoverState.VOID: "Đã huỷ",
}


class FailureReason(enum.StrEnum):
    """Why nobody took the item at the door: one list for pick-ups and deliveries (§6.5)."""

    WRONG_ADDRESS = "wrong_address"
    WRONG_PHONE = "wrong_phone"
    ABSENT = "absent"
    REFUSED = "refused"
    NO_PAPERS = "no_papers"
    RESCHEDULED = "rescheduled"

    @property
    def label(self) -> str:
        """The word on every page."""
        return FAILURE_LABELS[self]


FAILURE_LABELS = {
    FailureReason.WRONG_ADDRESS: "Sai địa chỉ",
    FailureReason.WRONG_PHONE: "Sai số điện thoại",
    FailureReason.ABSENT: "Vắng nhà",
    FailureReason.REFUSED: "Từ chối nhận",
    FailureReason.NO_PAPERS: "Không có giấy tờ để đối chiếu",
    FailureReason.RESCHEDULED: "Hẹn lại ngày khác",
}


class Relation(enum.StrEnum):
    """Who may take the result: the applicant, or somebody with a paper that says so (§6.3)."""

    SELF = "self"
    AUTHORISED = "authorised"

    @property
    def label(self) -> str:
        """The word on every page."""
        return RELATION_LABELS[self]


RELATION_LABELS = {
    Relation.SELF: "Chính chủ",
    Relation.AUTHORISED: "Người được uỷ quyền",
}
