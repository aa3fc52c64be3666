"""Nothing grows past what a reader can hold."""

from tests.house.kept import ROOT, kept_files

CEILING = 400  # past 300 there should be a reason; past this there is a wall to draw


def test_no_program_is_longer_than_the_ceiling() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in kept_files(".py", ".html", ".css", ".js", under=".")
        if "vendor" not in path.parts and "versions" not in path.parts
    }
    assert lengths
    assert {name: length for name, length in lengths.items() if length > CEILING} == {}
