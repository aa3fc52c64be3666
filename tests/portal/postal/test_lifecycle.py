"""The tables of the road: every state times every state is allowed or refused as written here."""

import pytest

from portal.postal.lifecycle import (
    ItemState,
    PickupState,
    may_become,
    may_move,
)

Item, Pick = ItemState, PickupState

ITEM_ROADS = {
    (Item.AT_COUNTER, Item.SEALED),
    (Item.SEALED, Item.HANDED_TO_AGENCY),
    (Item.SEALED, Item.AT_COUNTER),
    (Item.RESULT_READY, Item.COLLECTED),
    (Item.COLLECTED, Item.OUT_FOR_DELIVERY),
    (Item.COLLECTED, Item.DELIVERED),
    (Item.OUT_FOR_DELIVERY, Item.DELIVERED),
    (Item.OUT_FOR_DELIVERY, Item.FAILED),
    (Item.FAILED, Item.OUT_FOR_DELIVERY),
    (Item.FAILED, Item.DELIVERED),
    (Item.FAILED, Item.RETURNED_TO_AGENCY),
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


@pytest.mark.parametrize("source", Item)
@pytest.mark.parametrize("target", Item)
def test_an_item_goes_only_where_the_table_lets_it(source: Item, target: Item) -> None:
    assert may_move(source, target) is ((source, target) in ITEM_ROADS)


@pytest.mark.parametrize("source", Pick)
@pytest.mark.parametrize("target", Pick)
def test_a_pickup_becomes_only_what_the_table_lets_it(source: Pick, target: Pick) -> None:
    assert may_become(source, target) is ((source, target) in PICKUP_ROADS)


@pytest.mark.parametrize("state", [*Item, *Pick])
def test_every_state_has_its_word(state: Item | Pick) -> None:
    assert state.label
