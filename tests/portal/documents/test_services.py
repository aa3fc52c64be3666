"""What is handed in is checked, stored with its hash, and promised to be read – or said why not."""

from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.access import Role
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.documents import queries, services
from portal.documents.models import Document, DocumentPurpose, FileState
from portal.documents.store import open_object, put
from portal.dossiers.models.dossier import Dossier
from portal.errors import Invalid, NotFound, Unavailable
from portal.extensions import db
from portal.jobs.models import Job
from scanning import intake
from tests.factories.papers import drawn, make_file, the_file, upload
from tests.factories.world import World, make_dossier
from tests.scanning.stopped import Stopped


def test_a_file_is_stored_before_anything_is_written_down(world: World) -> None:
    data = drawn()
    taken = services.take(upload(data, "C:\\Ảnh\\Đơn đề nghị.jpg"), "files")
    assert taken.name == "Đơn đề nghị.jpg"
    assert (taken.pages, taken.content_type, taken.size) == (1, "image/jpeg", len(data))
    assert taken.sha256 == sha256(data).hexdigest()
    assert open_object(taken.key, taken.sha256) == data


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "don.pdf", "không có dữ liệu"),
        (b"<!doctype html><p>xin ch\xc3\xa0o", "don.pdf", "không phải là ảnh hoặc PDF"),
        (b"%PDF-1.7 half of a file", "don.pdf", "bị hỏng"),
        (b"", "", "Chọn tệp cần gửi"),
    ],
    ids=["empty", "html", "damaged", "none"],
)
def test_a_bad_file_gets_one_sentence(world: World, data: bytes, name: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.take(upload(data, name), "giay_to_1")
    assert refused.value.field == "giay_to_1"
    assert told in str(refused.value.sentence)


def test_a_file_over_the_limit_is_refused(app: Flask, world: World) -> None:
    too_much = app.config["SETTINGS"].max_upload_bytes + 1
    with pytest.raises(Invalid) as refused:
        services.take(upload(drawn() + bytes(too_much), "to.jpg"), "files")
    assert "quá lớn" in str(refused.value.sentence)


def test_a_machine_too_busy_to_look_refuses_no_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LimitedChild", Stopped)
    monkeypatch.setattr(intake, "_SECONDS", 1)
    with pytest.raises(Unavailable):
        services.take(upload(drawn(), "don.jpg"), "files")


def test_attaching_writes_row_job_and_audit_together(world: World) -> None:
    file = the_file(make_file(world))
    job = db.session.query(Job).one()
    assert (job.kind, job.payload) == ("scan", {"file": file.public_id})
    assert job.dossier_id == file.document.dossier_id
    event = db.session.query(AuditEvent).filter_by(act="file:take").one()
    assert event.detail["sha256"] == file.original_sha256
    assert (file.state, file.pages_total) == (FileState.RECEIVED, 1)
    assert queries.is_being_read(file.document.dossier_id)


def test_the_files_of_a_dossier_have_a_limit_together(app: Flask, world: World) -> None:
    public_id = make_file(world)
    most = app.config["SETTINGS"].max_dossier_mb * 1024 * 1024
    with transaction():
        the_file(public_id).size = most
    dossier = db.session.get_one(Dossier, the_file(public_id).document.dossier_id)
    with pytest.raises(Invalid) as refused:
        make_file(world, dossier=dossier.public_id)
    assert "200 MB" in str(refused.value.sentence)


def test_papers_are_made_once_for_each_component(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.CITIZEN))
    for _ in range(2):
        with transaction():
            dossier = db.session.query(Dossier).filter_by(public_id=public_id).one()
            papers = services.ensure_documents(dossier)
            assert [paper.title for paper in papers] == ["Tờ khai", "Trích lục ly hôn"]
    assert db.session.query(Document).count() == 2


def test_a_paper_nobody_asked_for_can_be_added(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.CITIZEN))
    with transaction():
        dossier = db.session.query(Dossier).filter_by(public_id=public_id).one()
        services.add_document(dossier, "Giấy khác", DocumentPurpose.VOLUNTARY, clock.now())
    added = db.session.query(Document).filter_by(purpose=DocumentPurpose.VOLUNTARY)
    assert [document.title for document in added] == ["Giấy khác"]


def test_a_file_taken_back_keeps_its_bytes_and_is_gone_for_people(world: World) -> None:
    public_id = make_file(world)
    file = the_file(public_id)
    key, digest, dossier_id = file.original_key, file.original_sha256, file.document.dossier_id
    clerk = world.actor(Role.POSTAL_CLERK)
    with transaction():
        services.withdraw_file(the_file(public_id), by=clerk, at=clock.now())
    assert open_object(key, digest)
    assert queries.bytes_of(dossier_id) == 0
    with pytest.raises(NotFound):
        queries.get_file(public_id)


def test_wrong_bytes_are_never_served(app: Flask, world: World) -> None:
    stored = put(b"the right bytes", "text/plain")
    folder = Path(app.config["SETTINGS"].object_store_url.removeprefix("file://"))
    (folder / stored.key).write_bytes(b"the wrong bytes")
    with pytest.raises(Unavailable):
        open_object(stored.key, stored.sha256)
    (folder / stored.key).unlink()
    with pytest.raises(NotFound):
        open_object(stored.key, stored.sha256)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\r\nb\0.pdf", "ab.pdf"),
        ("", "tep"),
        ("   ", "tep"),
        ("\u202egpj.exe", "gpj.exe"),
        ("Ho\u0300a.pdf", "Hòa.pdf"),
    ],
)
def test_names_lose_what_could_fool_people(given: str, shown: str) -> None:
    assert services.clean_name(given) == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = services.clean_name("x" * 500 + ".pdf")
    assert len(name) <= services.LONGEST_NAME
    assert name.endswith(".pdf")
