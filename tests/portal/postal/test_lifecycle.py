"""The tables of the road: every state times every state is allowed or refused as written here."""

import itertools

import pytest

from portal.access import Role
from portal.dossiers.lifecycle import Status
from portal.postal.lifecycle import Cargo, ItemState, ItemVerb, PickupState, find, may_become

Item, Pick, Verb = ItemState, PickupState, ItemVerb

CLERK, COURIER, ONESTOP = "postal_clerk", "courier", "onestop_officer"
OUT, HOME = {Cargo.DOSSIER}, {Cargo.RESULT, Cargo.PAPERS}
ALL = set(Status)
DECIDED = {Status.RESOLVED, Status.RETURNED, Status.REJECTED, Status.WITHDRAWN, Status.STOPPED}
OPEN = ALL - DECIDED - {Status.DRAFT}
# Not while the agency waits for the papers: they go to it, or the dossier ends first.
UNNEEDED = DECIDED | {Status.ACCEPTED, Status.PROCESSING, Status.PAYMENT_REQUIRED}
# verb: the states it leads from, where to, who may, carrying what, where the dossier stands.
ITEM_ROADS = {
    Verb.SEAL: ({Item.AT_COUNTER}, Item.SEALED, {CLERK}, OUT, OPEN),
    Verb.UNSEAL: ({Item.SEALED}, Item.AT_COUNTER, {CLERK}, OUT, OPEN),
    Verb.HAND_OVER: ({Item.SEALED}, Item.HANDED_TO_AGENCY, {ONESTOP}, OUT, OPEN),
    Verb.TURN_ROUND: ({Item.AT_COUNTER, Item.SEALED}, Item.COLLECTED, {CLERK}, OUT, UNNEEDED),
    Verb.COLLECT: ({Item.RESULT_READY}, Item.COLLECTED, {CLERK}, HOME, ALL),
    Verb.DISPATCH: (
        {Item.COLLECTED, Item.FAILED},
        Item.OUT_FOR_DELIVERY,
        {CLERK},
        OUT | HOME,
        ALL,
    ),
    Verb.DELIVER: (
        {Item.COLLECTED, Item.OUT_FOR_DELIVERY, Item.FAILED},
        Item.DELIVERED,
        {CLERK, COURIER},
        OUT | HOME,
        ALL,
    ),
    Verb.FAIL: ({Item.OUT_FOR_DELIVERY}, Item.FAILED, {CLERK, COURIER}, OUT | HOME, ALL),
    Verb.SEND_BACK: ({Item.FAILED}, Item.RETURNED_TO_AGENCY, {CLERK}, HOME, ALL),
}
PICKUP_ROADS = {
    (Pick.REQUESTED, Pick.COLLECTED),
    (Pick.REQUESTED, Pick.MISSED),
    (Pick.REQUESTED, Pick.RECEIVED),
    (Pick.REQUESTED, Pick.CANCELLED),
    (Pick.MISSED, Pick.REQUESTED),
    (Pick.MISSED, Pick.COLLECTED),
    (Pick.MISSED, Pick.RECEIVED),
    (Pick.MISSED, Pick.CANCELLED),
    (Pick.COLLECTED, Pick.RECEIVED),
}


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("role", Role)
def test_an_item_goes_only_where_the_table_lets_it(verb: Verb, role: Role) -> None:
    """Every state, cargo and standing of the dossier, for each verb and role."""
    sources, target, roles, cargoes, statuses = ITEM_ROADS[verb]
    for state, cargo, status in itertools.product(Item, Cargo, Status):
        step = find(state, verb, role.value, cargo, status=status)
        may = state in sources and role.value in roles and cargo in cargoes
        assert (step.target if step else None) == (
            target if may and status in statuses else None
        ), (state, cargo, status)


@pytest.mark.parametrize("source", Pick)
@pytest.mark.parametrize("target", Pick)
def test_a_pickup_becomes_only_what_the_table_lets_it(source: Pick, target: Pick) -> None:
    assert may_become(source, target) is ((source, target) in PICKUP_ROADS)


@pytest.mark.parametrize("state", [*Item, *Pick, *Cargo])
def test_every_state_has_its_word(state: Item | Pick | Cargo) -> None:
    assert state.label
