"""Probes and figures: true, complete, and only for those who may see them."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.core import Sample
from prometheus_client.parser import text_string_to_metric_families

from portal import clock, outbox
from portal.app import create_app
from portal.db import transaction
from portal.documents.scans import SCAN
from portal.documents.store import open_object
from portal.errors import NotFound
from portal.extensions import db
from portal.jobs import services as jobs
from portal.jobs.models import WorkerBeat
from portal.worker import Worker
from tests.rig import on_both_databases

TOKEN = "a-token-of-more-than-24-signs"


def figures(client: FlaskClient) -> dict[str, float]:
    """What /metrics says: name and labels in one text, and the figure."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        sample.name + "".join(f" {label}" for _, label in _in_order(sample)): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def _in_order(sample: Sample) -> list[tuple[str, str]]:
    order = ["route", "method", "kind", "state", "reason", "outcome", "status", "part", "le"]
    return sorted(sample.labels.items(), key=lambda pair: order.index(pair[0]))


def queue(app: Flask, number: int = 1) -> None:
    with app.app_context(), transaction():
        for _ in range(number):
            jobs.queue(SCAN, {}, at=clock.now() - timedelta(minutes=10))


@on_both_databases
def test_figures_say_what_waits_and_how_long(app: Flask, client: FlaskClient) -> None:
    queue(app, 3)
    with app.app_context(), transaction():
        outbox.promise("mail", "a@test.invalid", "Tin", "Nội dung", "an-event")
        jobs.claim(at=clock.now())
    seen = figures(client)
    assert seen["portal_jobs scan queued"] == 2
    assert seen["portal_jobs scan leased"] == 1
    assert 600 <= seen["portal_jobs_oldest_seconds"] < 700
    assert seen["portal_messages mail waiting"] == 1
    assert seen["portal_part_ready database"] == seen["portal_part_ready objects"] == 1


def test_figures_say_what_failed_and_why(app: Flask, client: FlaskClient) -> None:
    queue(app)
    with app.app_context(), transaction():
        claimed = jobs.claim(at=clock.now())
        assert claimed
        jobs.fail(claimed, "object_missing", at=clock.now(), again=False)
    assert figures(client)["portal_jobs_failed scan object_missing"] == 1


def test_each_answer_is_counted_by_its_route(client: FlaskClient) -> None:
    before = figures(client)
    client.get("/thu-tuc/2.000635")
    client.open("/thu-tuc", method="BREW")
    client.get("/khong-co/0792000123456")
    after = figures(client)
    name = "portal_requests_total catalogue.show GET 404"
    assert after[name] - before.get(name, 0) == 1
    assert after["portal_requests_total none GET 404"] > 0
    assert after["portal_request_seconds_count catalogue.show"] > 0
    assert not any("BREW" in name or "0792000123456" in name for name in after)


def test_errors_of_database_and_store_are_counted(app: Flask, client: FlaskClient) -> None:
    name = "portal_database_errors_total OperationalError"
    before = figures(client).get(name, 0)
    path = app.config["SETTINGS"].database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as raw:
        raw.execute("ALTER TABLE organisations RENAME TO away")
    assert client.get("/buu-cuc").status_code >= 500
    assert figures(client)[name] > before
    name = "portal_object_errors_total ObjectMissing"
    before = figures(client).get(name, 0)
    with app.app_context(), pytest.raises(NotFound):
        open_object("aa/bb/" + "c" * 32, "0" * 64)
    assert figures(client)[name] == before + 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_figures_are_not_for_strangers(client: FlaskClient, header: str) -> None:
    assert client.get("/metrics", headers={header: "for=127.0.0.1"}).status_code == 404
    away = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", environ_base=away).status_code == 404
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": ""}).status_code == 404
    # Where no token is set, none opens.
    for said in ("", "Bearer ", "Bearer x"):
        answer = client.get("/metrics", environ_base=away, headers={"Authorization": said})
        assert answer.status_code == 404


def test_token_opens_the_figures_from_elsewhere(app: Flask) -> None:
    other = create_app(replace(app.config["SETTINGS"], metrics_token=TOKEN)).test_client()
    away = {"REMOTE_ADDR": "192.0.2.7"}
    right, wrong = ({"Authorization": f"Bearer {word}"} for word in (TOKEN, TOKEN[:-1]))
    assert other.get("/metrics", environ_base=away, headers=right).status_code == 200
    assert other.get("/metrics", environ_base=away, headers=wrong).status_code == 404
    assert other.get("/metrics", environ_base=away).status_code == 404


def test_readiness_names_what_only_makes_people_wait(app: Flask, client: FlaskClient) -> None:
    assert client.get("/readyz").json == {
        "ready": True,
        "parts": {"database": "ok", "objects": "ok"},
        "later": {"worker": "off"},
    }
    worker = Worker(app, slots=1)
    with app.app_context():
        worker.sweep()
    assert client.get("/readyz").json["later"] == {"worker": "ok"}
    assert figures(client)["portal_workers"] == 1
    worker.stop()
    assert client.get("/readyz").json["later"] == {"worker": "off"}


def test_a_worker_says_what_its_machine_lacks(app: Flask, client: FlaskClient) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], ocr_languages="vie+xyz")
    with app.app_context():
        Worker(app, slots=1).sweep()
    assert client.get("/readyz").json["later"] == {"worker": "ok", "tesseract-xyz": "off"}


def test_figures_come_without_the_database(app: Flask, client: FlaskClient) -> None:
    """They are wanted most when something is off, and what is not known is not said to be 0."""
    path = Path(app.config["SETTINGS"].database_url.removeprefix("sqlite:///"))
    with app.app_context():
        db.session.rollback()
        db.engine.dispose()
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    try:
        seen = figures(client)
    finally:
        path.rmdir()
    assert seen["portal_part_ready database"] == 0
    assert not any(name.startswith("portal_jobs ") for name in seen)


def test_old_signs_of_life_are_forgotten(app: Flask) -> None:
    with app.app_context():
        with transaction():
            jobs.beat("gone", [], at=clock.now() - timedelta(days=40))
            jobs.beat("here", [], at=clock.now())
        with transaction():
            jobs.forget_done()
        assert [beat.name for beat in db.session.query(WorkerBeat)] == ["here"]
