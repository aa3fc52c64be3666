"""What the person at the browser sees of a fault, and that all is well soon after it."""

import time
from collections.abc import Callable

from tests.faults.kit.acts import Intention
from tests.faults.kit.oracle import Oracle
from tests.faults.kit.site import Answer, Web
from tests.rig.waiting import until

SENTENCE = "Hệ thống đang tạm gián đoạn nên chưa nhận được."
INSIDES = ("Traceback", "psycopg", "sqlite3", "botocore", "OSError")


def timed(ask: Callable[[], Answer]) -> tuple[Answer, float]:
    """The answer, and for how many seconds one waited for it."""
    begun = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - begun


def timed_until(look: Callable[[], bool], what: str, *, within: float) -> float:
    """For how many seconds one waited until it was so."""
    begun = time.monotonic()
    until(look, what, within=within)
    return time.monotonic() - begun


def is_told(answer: Answer, sentence: str = SENTENCE) -> None:
    """One sentence, the time to wait, and nothing of our insides."""
    assert answer.status == 503, answer.text
    assert sentence in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert not [word for word in INSIDES if word in answer.text]


def is_taken_later(web: Web, oracle: Oracle, intention: Intention) -> None:
    """The same form, sent again, is taken once and whole, soon after all is well."""

    def sent() -> Answer | None:
        answer = intention.sending.send(web)
        return answer if answer.status == 303 else None

    answer = until(sent, "the form is taken", within=10)
    assert answer is not None
    intention.entry.receipts.append(answer.location)
    assert oracle.faults([intention.entry]) == []
