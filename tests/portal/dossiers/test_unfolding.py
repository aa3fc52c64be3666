"""Letters that unfold to many break no column, and what carries them is still found."""

from datetime import date

from flask import Flask
from sqlalchemy import String, select

from portal import clock, schema
from portal.access import Role
from portal.catalogue.models import Procedure
from portal.db import transaction
from portal.directory.models import LONGEST_NAME, AdministrativeUnit
from portal.documents import search
from portal.documents.models import DocumentPage
from portal.dossiers import finding
from portal.dossiers.standing import present
from portal.extensions import db
from tests.factories.papers import bare_file, the_file
from tests.factories.world import make_dossier, make_procedure, make_world
from tests.rig import on_both_databases
from vietnam import folding

pytestmark = on_both_databases
UNFOLDING = "ﷺ" * 100  # each is four words of Arabic, eighteen letters


def test_every_folded_column_is_one_that_is_tried_here(app: Flask) -> None:
    columns = {
        (table.name, column.name): isinstance(column.type, String) and column.type.length
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("folded")
    }
    assert columns == {
        ("administrative_units", "folded"): LONGEST_NAME,
        ("dossiers", "applicant_folded"): 120,
        ("procedures", "folded"): None,
        ("document_pages", "folded"): None,
    }


def test_an_applicant_whose_name_unfolds_is_taken_in_and_found(app: Flask) -> None:
    with app.test_request_context():
        world = make_world()
        clerk = world.actor(Role.POSTAL_CLERK)
        public_id = make_dossier(world, clerk, name=f"Nguyễn Văn {UNFOLDING}")
        officer = world.actor(Role.ONESTOP_OFFICER)
        for typed in ("nguyen van", "ﷺ", UNFOLDING[:50]):
            found = finding.find(officer, typed, present(clock.now()))
            assert [row.dossier.public_id for row in found.rows] == [public_id], typed


def test_a_page_full_of_such_letters_is_indexed_and_found(app: Flask) -> None:
    with app.test_request_context():
        world = make_world()
        dossier = make_dossier(world, world.actor(Role.POSTAL_CLERK))
        text = "Trích lục " + "".join(f"{chr(0x3300 + n % 88)}{n} " for n in range(60_000))
        with transaction():
            page = DocumentPage(
                file_id=the_file(bare_file(dossier)).id,
                number=1,
                width_px=100,
                height_px=140,
                dpi=150,
                image_key="aa/bb/1",
                image_sha256="0" * 64,
                thumb_key="aa/bb/1t",
                thumb_sha256="0" * 64,
                text=text,
                folded=folding.fold(text),
            )
            db.session.add(page)
            db.session.flush()
            search.index_page(page)
        matches = search.pages_matching("trich luc").subquery()
        assert db.session.scalars(select(matches.c.page_id)).all() == [page.id]


def test_a_place_and_a_procedure_of_such_letters_are_kept(app: Flask) -> None:
    with app.test_request_context(), transaction():
        name = UNFOLDING[:LONGEST_NAME]
        folded = folding.cut(name, LONGEST_NAME)
        unit = AdministrativeUnit(
            code="99999", name=name, kind="ward", folded=folded, valid_from=date(2025, 7, 1)
        )
        procedure: Procedure = make_procedure("9.999999", UNFOLDING)
        db.session.add_all([unit, procedure])
        db.session.flush()
        assert folding.words("ﷺ")[1] in unit.folded
        assert folding.words("ﷺ")[1] in procedure.folded
