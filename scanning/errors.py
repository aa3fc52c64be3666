"""What can go wrong while a paper is read, and whether trying again may help."""


class ScanError(Exception):
    """A scan that *failed*; a file that was *refused* is a result with a verdict instead.

    Attributes:
        code: what happened, for the job's row and the clerk's sentence.
        try_again: whether the same work may succeed a second time.
    """

    def __init__(self, code: str, message: str = "", *, try_again: bool = False) -> None:
        super().__init__(message or code)
        self.code = code
        self.try_again = try_again


class Refused(Exception):
    """The file itself cannot be taken; `reason` is one of the reasons of the contract.

    `detail` is for the person at the desk: numbers, never anything of the paper's content.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class StoreError(ScanError):
    """The object store did not do what was asked."""


class ObjectMissing(StoreError):
    """No object lies under this key."""

    def __init__(self, key: str) -> None:
        super().__init__("object_missing", f"no object under {key}")


class ObjectDamaged(StoreError):
    """The bytes under this key are not the bytes that were put there."""

    def __init__(self, key: str) -> None:
        super().__init__("object_damaged", f"hash of {key} differs from the one written down")


class ObjectConflict(StoreError):
    """Other bytes already lie under this key, and an object never changes."""

    def __init__(self, key: str) -> None:
        super().__init__("object_conflict", f"{key} already holds other bytes")


class StoreUnavailable(StoreError):
    """The store cannot be reached or is full; the same call may work later."""

    def __init__(self, message: str) -> None:
        super().__init__("store_unavailable", message, try_again=True)
