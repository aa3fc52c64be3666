"""Whoever changes the log afterwards is found, and told where, even with the whole database."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal import cli, clock
from tests.factories.chained import Log, Run, chain_anew, forge_line
from tests.rig import on_both_databases


@pytest.fixture
def log(chained: Log) -> Log:
    """Thirty lines sealed in three calls, each with its checkpoint: lines 1–10, 11–20, 21–30."""
    for _ in range(3):
        chained.write(10)
        chained.seal()
    return chained


def change(run: Run) -> None:
    run("UPDATE audit_events SET reason = 'khác' WHERE id = 14")


def delete(run: Run) -> None:
    run("DELETE FROM audit_events WHERE id = 14")


def delete_with_seal(run: Run) -> None:
    delete(run)
    run("DELETE FROM audit_seals WHERE event_id = 14")


def insert(run: Run) -> None:
    forge_line(31, clock.now() - timedelta(days=1))


def insert_with_seals(run: Run) -> None:
    """In the middle, every later seal moved up by one and reckoned anew."""
    forge_line(31)
    run("UPDATE audit_seals SET sequence = sequence + 100 WHERE sequence > 14")
    run("UPDATE audit_seals SET sequence = sequence - 99 WHERE sequence > 100")
    run(
        "INSERT INTO audit_seals (sequence, event_id, digest, hash, sealed_at) "
        "SELECT 15, 31, digest, hash, sealed_at FROM audit_seals WHERE sequence = 14"
    )
    chain_anew(run, 15)


def reorder_lines(run: Run) -> None:
    for old, new in ((14, 999), (15, 14), (999, 15)):
        run("UPDATE audit_events SET id = :new WHERE id = :old", old=old, new=new)


def reorder_seals(run: Run) -> None:
    for old, new in ((14, 999), (15, 14), (999, 15)):
        run("UPDATE audit_seals SET sequence = :new WHERE sequence = :old", old=old, new=new)


def cut_tail(run: Run) -> None:
    run("DELETE FROM audit_seals WHERE sequence > 24")
    run("DELETE FROM audit_events WHERE id > 24")


def cut_and_append(run: Run) -> None:
    cut_tail(run)
    for number in range(25, 34):
        forge_line(number)
        run(
            "INSERT INTO audit_seals (sequence, event_id, digest, hash, sealed_at) "
            "SELECT :number, :number, digest, hash, sealed_at FROM audit_seals WHERE sequence = 24",
            number=number,
        )
    chain_anew(run, 25)


def rewrite_all(run: Run) -> None:
    change(run)
    chain_anew(run)


KINDS: list[tuple[Callable[[Run], None], list[str]]] = [
    (change, ["line 14 (seal 14) was changed"]),
    (delete, ["line 14 (seal 14) was deleted"]),
    (delete_with_seal, ["gone from the log: seal 14 with what it sealed"]),
    (insert, ["no seal on lines 31, older than 60 s"]),
    (insert_with_seals, ["seal 20 is not what the checkpoint", "behind seal 10"]),
    (reorder_lines, ["line 14 (seal 14) was changed", "line 15 (seal 15) was changed"]),
    (reorder_seals, ["line 15 (seal 14) does not follow", "line 14 (seal 15) does not follow"]),
    (cut_tail, ["ends at seal 24, but the checkpoint", "proves seal 30: its tail was cut off"]),
    (cut_and_append, ["seal 30 is not what the checkpoint", "behind seal 20 the log was written"]),
    (rewrite_all, ["seal 20 is not what the checkpoint", "behind seal 10 the log was written"]),
]


@on_both_databases
def test_a_log_that_nobody_touched_is_whole(log: Log) -> None:
    assert log.findings() == []
    assert log.findings(later=timedelta(days=3)) == []


@on_both_databases
@pytest.mark.parametrize(("tamper", "told"), KINDS, ids=[kind.__name__ for kind, _ in KINDS])
def test_every_kind_of_tampering_is_found(
    log: Log, tamper: Callable[[Run], None], told: list[str]
) -> None:
    with log.thief() as run:
        tamper(run)
    found = "\n".join(log.findings())
    assert [words for words in told if words not in found] == [], found
    assert len(found.splitlines()) <= 3, found


@on_both_databases
def test_the_command_tells_it_and_ends_with_status_one(log: Log) -> None:
    command = log.app.test_cli_runner().invoke
    whole = command(cli.verify_audit)
    assert (whole.exit_code, whole.output.count("\n")) == (0, 1), whole.output
    assert "30 lines sealed, 0 waiting" in whole.output
    with log.thief() as run:
        change(run)
    broken = command(cli.verify_audit)
    assert broken.exit_code == 1
    assert broken.output.splitlines() == [
        "line 14 (seal 14) was changed",
        "Error: The log is not whole; findings: 1.",
    ]


@on_both_databases
def test_a_line_put_in_with_an_old_time_is_found_although_it_was_sealed(log: Log) -> None:
    with log.thief():
        forge_line(31, clock.now() - timedelta(hours=2))
    log.seal()
    (found,) = log.findings()
    assert "line 31 (seal 31) says" in found
    assert "it was put in later, or a clock was wrong" in found


@on_both_databases
def test_what_waits_long_for_its_seal_is_a_finding(chained: Log) -> None:
    chained.write(3)
    assert chained.findings() == []
    (found,) = chained.findings(later=timedelta(seconds=61))
    assert found.startswith("no seal on lines 1–3, older than 60 s")
    chained.seal()
    assert chained.findings(later=timedelta(seconds=61)) == []


def test_a_log_without_checkpoints_is_not_proven(log: Log) -> None:
    for path in log.folder.glob("*.jsonl"):
        path.unlink()
    (found,) = log.findings(later=timedelta(minutes=6))
    assert found.startswith("no checkpoint proves what was sealed since")


def test_checkpoints_cannot_be_forged_or_taken_out(log: Log) -> None:
    (path,) = log.folder.glob("*.jsonl")
    first, second, third = path.read_text().splitlines()
    path.write_text(f"{first}\n{third}\n")
    assert any("checkpoints were taken out" in line for line in log.findings())
    forged = json.dumps(json.loads(second) | {"hash": "0" * 64})
    path.write_text(f"{first}\n{forged}\n")
    assert any("does not carry a signature of this site" in line for line in log.findings())


def test_rows_that_cannot_even_be_read_are_named(log: Log) -> None:
    """SQLite keeps whatever is written into a column."""
    with log.thief() as run:
        run("UPDATE audit_events SET at = 'gestern' WHERE id = 7")
        run("UPDATE audit_seals SET sealed_at = 'morgen' WHERE sequence = 9")
        run("UPDATE audit_seals SET hash = 'kurz' WHERE sequence = 13")
    found = log.findings()
    assert found[0] == "line 7 (seal 7) was changed"
    assert found[1].startswith("line 9 (seal 9) has a seal that was changed")
    assert found[2].startswith("line 13 (seal 13) has a seal that was changed")
    assert len(found) == 3


def test_a_sealer_leaves_no_checkpoint_over_a_log_that_was_cut(log: Log) -> None:
    """It would help the thief; the old checkpoint goes on telling."""
    before = log.book().newest()
    with log.thief() as run:
        cut_tail(run)
    log.write(20)
    log.seal()
    assert log.last() == 44
    assert log.book().newest() == before
    assert any("behind seal 20 the log was written anew" in line for line in log.findings())
