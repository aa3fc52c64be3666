"""Words that stand on every page are found like rare ones, only sooner."""

from datetime import timedelta

import pytest

from portal.access import Role
from portal.documents import search
from portal.dossiers import finding
from portal.dossiers.lifecycle import Status
from portal.dossiers.standing import present
from tests.factories.office import FRIDAY, Office
from tests.rig import on_both_databases


def pages_found(office: Office, typed: str) -> list[str]:
    actor = office.actor(Role.OFFICER)
    with office.inside():
        return [hit.page.public_id for hit in finding.find(actor, typed, present(FRIDAY)).pages]


@on_both_databases
def test_common_words_find_the_same_in_the_same_order(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ("Khai sinh của Hòa", "Khai sinh của Hoà và Hoa", "Khai sinh tại Đống Đa")
    for number, text in enumerate(texts):
        dossier = office.dossier(Status.PROCESSING, at=FRIDAY - timedelta(days=number))
        office.page(dossier, text)
    typed = ("khai sinh", "Hòa", "sinh hoa", "không có")
    rare = {words: pages_found(office, words) for words in typed}
    assert [len(found) for found in rare.values()] == [3, 2, 2, 0]
    monkeypatch.setattr(search, "COMMON", 1)
    for recent, most in ((150, 30), (2, 1), (1, 30)):
        monkeypatch.setattr(finding, "RECENT", recent)
        monkeypatch.setattr(finding, "MOST", most)
        assert {words: pages_found(office, words) for words in typed} == {
            words: found[:most] for words, found in rare.items()
        }
