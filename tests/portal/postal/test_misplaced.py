"""A scan that looks like another paper is told of at the tally, and stays where it is."""

from collections.abc import Callable

from flask.testing import FlaskClient

from portal.access import Actor
from portal.db import transaction
from portal.documents.models import DocumentFile, DocumentPage
from scanning.separators import Target, payload_of
from tests.factories.post import Road

ClientOf = Callable[[Actor], FlaskClient]


def read_as(road: Road, text: str, separator: Target | None = None) -> str:
    """A dossier at the counter with a scan of its first paper that says something else."""
    public_id = road.registered()
    file_id = road.scanned(public_id, pages=2)
    with transaction() as session:
        file = session.query(DocumentFile).filter_by(public_id=file_id).one()
        first, second = file.pages
        second.text = text
        if separator is None:
            first.text = text
        else:
            first.is_separator = True
            first.codes = [{"kind": "QRCode", "text": payload_of(separator)}]
    return public_id


def told(client: FlaskClient, public_id: str) -> str:
    return client.get(f"/buu-dien/ho-so/{public_id}/kiem-dem").get_data(as_text=True)


def names(road: Road, public_id: str) -> list[str]:
    return [row.name for row in road.dossier(public_id).procedure_version.components]


def test_a_heading_of_another_component_is_told(road: Road, client_of: ClientOf) -> None:
    client = client_of(road.clerk)
    other = names(road, road.registered())[1]
    page = told(client, read_as(road, f"{other.upper()}\nKính gửi: Ủy ban nhân dân xã\n"))
    assert f"giống “{other}” hơn" in page


def test_its_own_heading_and_no_heading_are_no_matter(road: Road, client_of: ClientOf) -> None:
    own = names(road, road.registered())[0]
    client = client_of(road.clerk)
    for text in (f"{own.upper()}\nKính gửi", "Một trang không có tên giấy tờ."):
        assert "xem lại tệp" not in told(client, read_as(road, text))
        assert "bỏ tệp ở đó" not in told(client, read_as(road, text))


def test_a_separator_is_no_page_and_its_words_count(road: Road, client_of: ClientOf) -> None:
    client = client_of(road.clerk)
    code = road.dossier(road.registered()).code
    public_id = read_as(road, "", Target(code, "1"))
    page = told(client, public_id)
    assert f"có tờ phân cách của hồ sơ {code}" in page
    assert "đã quét 1 trang" in page
    assert "Tờ phân cách, không tính trang" in page


def test_what_counts_is_neither_blank_nor_a_separator() -> None:
    assert DocumentPage(is_blank=False, is_separator=False).counts
    assert not DocumentPage(is_blank=True, is_separator=False).counts
    assert not DocumentPage(is_blank=False, is_separator=True).counts
