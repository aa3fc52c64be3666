"""A desk that has read everything leaves nobody behind."""

import os

from scanning.batch import Options, read_all
from scanning.settings import Limits
from tests.rig.processes import children_of


def test_every_reading_process_has_ended_when_the_last_file_is_told(tmp_path):
    papers = [tmp_path / name for name in ("một.jpg", "hai.jpg", "ba.jpg")]
    for paper in papers:
        paper.write_bytes(b"")
    (tmp_path / "out").mkdir()
    before = set(children_of(os.getpid()))
    outcomes = read_all(papers, Options(tmp_path / "out", "vie", Limits()))
    assert {outcome.reason for outcome in outcomes} == {"empty"}
    assert set(children_of(os.getpid())) <= before
