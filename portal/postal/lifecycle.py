"""The states of a postal item and of a pick-up, as data beside the dossier's own table."""

from __future__ import annotations

import enum


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
    ItemState.RESULT_READY: "Chờ bưu điện nhận kết quả",
    ItemState.COLLECTED: "Bưu điện đã nhận kết quả",
    ItemState.OUT_FOR_DELIVERY: "Đang đi phát",
    ItemState.FAILED: "Phát không thành công",
    ItemState.DELIVERED: "Đã phát",
    ItemState.RETURNED_TO_AGENCY: "Đã chuyển hoàn cơ quan",
}


class Direction(enum.StrEnum):
    """Which way the item travels."""

    TO_AGENCY = "to_agency"
    TO_CITIZEN = "to_citizen"


MOVES: dict[ItemState, tuple[ItemState, ...]] = {
    ItemState.AT_COUNTER: (ItemState.SEALED,),
    ItemState.SEALED: (ItemState.HANDED_TO_AGENCY, ItemState.AT_COUNTER),
    ItemState.RESULT_READY: (ItemState.COLLECTED,),
    ItemState.COLLECTED: (ItemState.OUT_FOR_DELIVERY, ItemState.DELIVERED),
    ItemState.OUT_FOR_DELIVERY: (ItemState.DELIVERED, ItemState.FAILED),
    ItemState.FAILED: (
        ItemState.OUT_FOR_DELIVERY,
        ItemState.DELIVERED,
        ItemState.RETURNED_TO_AGENCY,
    ),
}


def may_move(state: ItemState, to: ItemState) -> bool:
    """Whether an item may go from `state` to `to`."""
    return to in MOVES.get(state, ())


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
