"""Seals the log as a worker would and has it proven: no line may be left without its place."""

from portal import clock
from portal.audit.checkpoints import book
from portal.audit.proving import Proof
from portal.audit.tasks import seal_all
from tests.faults.kit.oracle import Oracle
from tests.faults.kit.site import Site

PLACES = "SELECT count(*), min(sequence), max(sequence), count(DISTINCT event_id) FROM audit_seals"


class Chain:
    """The log of one site, sealed and proven beside the processes that are hurt."""

    def __init__(self, site: Site, oracle: Oracle) -> None:
        self.site, self.oracle = site, oracle

    def faults(self) -> list[str]:
        """Seal whatever waits; every finding of the proof, and every line that got no place."""
        with self.site.app.app_context():
            seal_all(clock.now())
        with self.site.app.app_context():
            found = list(Proof(book(), clock.now()).findings())
        lines = self.oracle.number("SELECT count(*) FROM audit_events")
        if self.oracle.rows(PLACES) != [(lines, 1, lines, lines)]:
            found.append(f"{lines} lines and {self.oracle.rows(PLACES)} seals")
        return [f"I9 {finding}" for finding in found]
