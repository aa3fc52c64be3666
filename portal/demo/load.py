"""Fills an empty site with places, accounts and a year of invented dossiers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from sqlalchemy import select, update

from portal import clock
from portal.access import Actor, Role
from portal.accounts.models import User
from portal.calendar.queries import working_calendar
from portal.catalogue.models import Procedure, ProcedureVersion, TimeUnit
from portal.catalogue.published import DATA
from portal.catalogue.shipped import load_shipped
from portal.db import transaction
from portal.demo import cast as casting
from portal.demo import office_acts, papers, people, postal_acts
from portal.demo.cases import Case, Stage
from portal.demo.papers import Shelf
from portal.demo.people import Person
from portal.demo.stories import DAY, STORIES, scenes
from portal.directory.importer import load_organisations
from portal.directory.models import Organisation, OrganisationKind
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.jobs.models import Job

SEED = 2026
CITIZENS = 25
FIRST_STRANGER = 1000
SCANNED = 20
# How often each procedure is asked for; all go to the two departments that have officers.
PROCEDURES = {
    "2.000635": 6,
    "1.004873": 6,
    "1.001193": 3,
    "1.004859": 2,
    "1.000656": 1,
    "2.000908": 2,
    "1.001612": 3,
    "2.000720": 3,
    "1.013225": 1,
}
SAME_DAY_MINUTES = 300
UNKNOWN_DAYS = 10


@dataclass(frozen=True)
class Scene:
    """One act of one dossier at its moment."""

    at: datetime
    number: int
    act: str


Act = Callable[[Case, Stage, datetime], None]
ACTS: dict[str, Act] = {
    "start": office_acts.start,
    "start_direct": office_acts.start_direct,
    "papers": office_acts.hand_in_papers,
    "submit": office_acts.submit,
    "accept": office_acts.accept,
    "forward": office_acts.forward,
    "ask": office_acts.ask,
    "supplement": office_acts.supplement,
    "ask_payment": office_acts.ask_payment,
    "confirm": office_acts.confirm_payment,
    "refuse": office_acts.refuse,
    "withdraw": office_acts.withdraw,
    "stop": office_acts.stop,
    "decide": office_acts.decide,
    "return": office_acts.give_back,
    "counter": postal_acts.counter,
    "seal": postal_acts.seal,
    "propose": postal_acts.propose,
    "hand_over": postal_acts.hand_over,
    "collect": postal_acts.collect,
    "dispatch": postal_acts.dispatch,
    "miss": postal_acts.miss,
    "deliver": postal_acts.deliver,
    "pickup": postal_acts.pickup,
    "pickup_collect": postal_acts.pickup_collect,
    "pickup_miss": postal_acts.pickup_miss,
}


def load() -> int:
    """Load the demonstration; returns how many dossiers were made, 0 when they are there already.

    The year is played in the order of its moments, by the verbs that people use, so that codes,
    histories, due dates and the log are what they would be had it all happened.
    """
    now = clock.now()
    with transaction() as session:
        load_shipped(session)
        load_organisations(session, DATA / "organisations.json")
        stage = Stage(casting.assemble(), Shelf())
        if session.scalar(select(Dossier.id).filter_by(is_demo=True).limit(1)) is not None:
            return 0
        cases = _cases(stage, Random(SEED))  # noqa: S311 - the same demonstration every time
        play = _play(cases, now)
        _stock(stage.shelf, cases, play)
        # The verbs flush where they must; flushing before every question doubles the time.
        with clock.played() as clock_of_the_play, session.no_autoflush:
            for scene in play:
                clock_of_the_play.moment = scene.at
                ACTS[scene.act](cases[scene.number], stage, scene.at)
        # What the worker has to read came this moment, else it would look stuck for months.
        session.execute(update(Job).values(created_at=now, run_after=now))
    return len(cases)


def _cases(stage: Stage, rng: Random) -> list[Case]:
    versions, offices = _versions(), _offices()
    citizens = _citizens(stage, rng)
    cases: list[Case] = []
    for story in [each for each in STORIES for _ in range(each.count)]:
        number = len(cases)
        fitting = [v for v in versions if v.post_in or not story.by_post]
        weights = [PROCEDURES[version.procedure.code] for version in fitting]
        stranger = people.invent(rng, FIRST_STRANGER + number)
        person, account = (stranger, None)
        if story.steps[0] != "counter":
            person, account = citizens[number % len(citizens)]
        case = Case(
            number=number,
            story=story,
            person=person,
            account=account,
            version=rng.choices(fitting, weights)[0],
            # The courier works for the first office.
            office=offices[0] if story.has_courier or rng.random() < 0.6 else offices[1],
            rng=Random(SEED + number),  # noqa: S311 - the same demonstration every time
        )
        cases.append(case)
    for case in rng.sample([case for case in cases if case.story.is_fit_for_reading], SCANNED):
        case.is_scanned = True
    return cases


def _citizens(stage: Stage, rng: Random) -> list[tuple[Person, Actor]]:
    """The two citizens who can sign in, then those who only own dossiers."""
    found = []
    for number in range(CITIZENS):
        person = people.invent(rng, number)
        if number < 2:
            actor = stage.cast.actors[("congdan", "congdan2")[number]]
            person = replace(person, name=actor.name)
            casting.describe(db.session.get_one(User, actor.user_id), person)
        else:
            actor = casting.actor_of(casting.add_citizen(person, number), Role.CITIZEN, None)
        found.append((person, actor))
    return found


def _offices() -> list[Organisation]:
    offices = select(Organisation).filter_by(kind=OrganisationKind.POST_OFFICE)
    return list(db.session.scalars(offices.order_by(Organisation.code)))


def _versions() -> list[ProcedureVersion]:
    """The version in force of each procedure that is asked for."""
    found = (
        select(ProcedureVersion)
        .join(Procedure)
        .where(Procedure.code.in_(PROCEDURES), ProcedureVersion.valid_to.is_(None))
        .order_by(Procedure.code)
    )
    return list(db.session.scalars(found))


def _play(cases: list[Case], now: datetime) -> list[Scene]:
    """All acts of all dossiers in the order of their moments."""
    calendar = working_calendar()
    told: list[Scene] = []
    for case in cases:
        acts = scenes(case.story, _minutes(case.version), calendar, now, case.rng)
        told += [Scene(at, case.number, act) for at, act in acts]
    # Of one dossier's acts at one moment the first stays first: sorting is stable.
    return sorted(told, key=lambda scene: scene.at)


def _minutes(version: ProcedureVersion) -> int:
    """The statutory time in worked minutes; an unknown one is taken as two weeks."""
    value = version.time_value or 0
    return {
        TimeUnit.WORKING_HOUR: 60 * value,
        TimeUnit.WORKING_DAY: DAY * value,
        TimeUnit.CALENDAR_DAY: DAY * value * 5 // 7,
        TimeUnit.MONTH: DAY * 21 * value,
        TimeUnit.SAME_DAY: SAME_DAY_MINUTES,
    }.get(version.time_unit or TimeUnit.WORKING_HOUR, 0) or UNKNOWN_DAYS * DAY


def _stock(shelf: Shelf, cases: list[Case], play: list[Scene]) -> None:
    wanted: Counter[str] = Counter()
    bodies: dict[str, list[str]] = {}
    for scene in play:
        case = cases[scene.number]
        if scene.act == "decide":
            title, body = papers.outcome_title(case.version), papers.outcome_body(case.version)
        elif scene.act == "supplement" or (scene.act == "papers" and not case.is_scanned):
            title, body = papers.request_title(case.version), papers.request_body(case.version)
        else:
            continue
        wanted[title] += 1
        bodies.setdefault(title, body)
    shelf.stock(wanted, bodies)
