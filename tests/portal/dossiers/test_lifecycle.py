"""Every cell of state × verb × role is either in the table or refused."""

from itertools import product

import pytest

from portal.access import Role
from portal.dossiers import lifecycle
from portal.dossiers.lifecycle import FINAL, STEPS, NoSuchStep, Status, Verb

# The table written a second time, by hand, as the law and the trade tell it.
ALLOWED = {
    (Status.DRAFT, Verb.SUBMIT): {"citizen", "postal_clerk"},
    (Status.REGISTERED, Verb.ACCEPT): {"onestop_officer"},
    (Status.REGISTERED, Verb.REFUSE): {"onestop_officer"},
    (Status.REGISTERED, Verb.ASK_SUPPLEMENT): {"onestop_officer"},
    (Status.REGISTERED, Verb.WITHDRAW): {"citizen", "postal_clerk", "onestop_officer"},
    (Status.ACCEPTED, Verb.FORWARD): {"onestop_officer"},
    (Status.ACCEPTED, Verb.ASK_SUPPLEMENT): {"onestop_officer"},
    (Status.ACCEPTED, Verb.WITHDRAW): {"citizen", "onestop_officer"},
    (Status.ACCEPTED, Verb.STOP): {"officer", "leader"},
    (Status.PROCESSING, Verb.ASK_SUPPLEMENT): {"officer"},
    (Status.PROCESSING, Verb.ASK_PAYMENT): {"officer"},
    (Status.PROCESSING, Verb.WITHDRAW): {"citizen", "onestop_officer"},
    (Status.PROCESSING, Verb.STOP): {"officer", "leader"},
    (Status.PROCESSING, Verb.DECIDE): {"officer", "leader"},
    (Status.SUPPLEMENT_REQUIRED, Verb.SUPPLEMENT): {"citizen", "postal_clerk"},
    (Status.SUPPLEMENT_REQUIRED, Verb.WITHDRAW): {"citizen", "postal_clerk", "onestop_officer"},
    (Status.SUPPLEMENT_REQUIRED, Verb.STOP): {"officer", "leader"},
    (Status.PAYMENT_REQUIRED, Verb.CONFIRM_PAYMENT): {"officer"},
    (Status.PAYMENT_REQUIRED, Verb.WITHDRAW): {"citizen", "onestop_officer"},
    (Status.PAYMENT_REQUIRED, Verb.STOP): {"officer", "leader"},
    (Status.RESOLVED, Verb.RETURN_OUTCOME): {"postal_clerk", "courier", "onestop_officer"},
}
CELLS = [(s, v, r) for s, v, r in product(Status, Verb, Role)]


@pytest.mark.parametrize(("status", "verb", "role"), CELLS, ids=str)
def test_a_cell_is_in_the_table_or_refused(status: Status, verb: Verb, role: Role) -> None:
    if role.value in ALLOWED.get((status, verb), set()):
        assert lifecycle.follow(status, verb, role.value) in Status
        assert verb in lifecycle.allowed(status, role.value)
    else:
        with pytest.raises(NoSuchStep):
            lifecycle.follow(status, verb, role.value)
        assert verb not in lifecycle.allowed(status, role.value)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_nothing_leads_out_of_a_final_status(status: Status) -> None:
    assert all(status not in step.sources for step in STEPS)


@pytest.mark.parametrize("asked_in", [Status.REGISTERED, Status.ACCEPTED, Status.PROCESSING])
def test_a_supplement_goes_back_to_where_it_was_asked(asked_in: Status) -> None:
    here = Status.SUPPLEMENT_REQUIRED
    reached = lifecycle.follow(here, Verb.SUPPLEMENT, "citizen", asked_in=asked_in)
    assert reached is asked_in


def test_every_status_is_reached_from_a_draft() -> None:
    reached = {Status.DRAFT}
    for _ in Status:
        reached |= {step.target for step in STEPS if reached & set(step.sources)}
    assert reached == set(Status)


def test_the_national_numbers_are_those_of_the_ministry() -> None:
    assert Status.REGISTERED.number == 1
    assert Status.SUPPLEMENT_REQUIRED.number == 5
    assert Status.RETURNED.number == 10
