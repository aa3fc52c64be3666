"""Frozen dataclasses to JSON and back, refusing what does not have the promised shape."""

import json
import types
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class ShapeError(ValueError):
    """The JSON is not what the dataclass promises."""


def dumps(value: Any) -> str:
    """One line of JSON, readable Vietnamese."""
    return json.dumps(asdict(value), ensure_ascii=False, separators=(",", ":"))


def loads(cls: type[T], text: str) -> T:
    """The dataclass `cls` from its JSON; unknown keys are ignored: a newer sender may say more."""
    try:
        return decode(cls, json.loads(text))
    except json.JSONDecodeError as error:
        raise ShapeError(f"not JSON: {error}") from error


def decode(cls: type[T], value: Any) -> T:
    """`value` (parsed JSON) as `cls`."""
    result: T = _decode(cls, value, cls.__name__)
    return result


def decode_list(cls: type, items: list[Any]) -> tuple[Any, ...]:
    """Each item as `cls`."""
    return tuple(decode(cls, item) for item in items)


def _decode(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_optional(kind, value, where)
    if origin is tuple:
        return _decode_tuple(get_args(kind), value, where)
    if is_dataclass(kind):
        return _decode_dataclass(kind, value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ShapeError(f"{where} must be {kind.__name__}")
    return value


def _decode_optional(kind: Any, value: Any, where: str) -> Any:
    inner = [k for k in get_args(kind) if k is not type(None)]
    return None if value is None else _decode(inner[0], value, where)


def _decode_tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ShapeError(f"{where} must be a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decode(kinds[0], item, where) for item in value)
    if len(kinds) != len(value):
        raise ShapeError(f"{where} must have {len(kinds)} items")
    return tuple(_decode(kind, item, where) for kind, item in zip(kinds, value, strict=True))


def _decode_dataclass(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ShapeError(f"{where} must be an object")
    hints = get_type_hints(kind)
    given = {
        field.name: _decode(hints[field.name], value[field.name], f"{where}.{field.name}")
        for field in fields(kind)
        if field.name in value
    }
    try:
        return kind(**given)
    except TypeError as error:
        raise ShapeError(f"{where}: {error}") from error
