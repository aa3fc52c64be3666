"""Names of objects: random, so that they tell nothing and cannot be guessed."""

import secrets


def new_key() -> str:
    """128 random bits under two levels of folders, so that no folder grows past a few thousand."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name[2:4]}/{name}"
