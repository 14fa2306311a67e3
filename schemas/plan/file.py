"""A plan's YAML text → a `Plan`, or every mistake in it at once, each with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from schemas.plan.plan import Plan
from schemas.stage import Settings

S = TypeVar("S", bound=Settings)
# The line of every key, by its path.
Lines = dict[tuple[str | int, ...], int]


class _Loader(yaml.SafeLoader):
    """Knows only `true` and `false` as booleans, like YAML 1.2: the key `on` and the language `no` are texts."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_TRUE_FALSE = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _TRUE_FALSE, list("tTfF"))


class Mistake(NamedTuple):
    """One thing that is wrong with a plan."""

    line: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.what}" if self.where else f"line {self.line}: {self.what}"


class PlanText(NamedTuple):
    """What a plan's text says: the plan if it is valid, and its mistakes. Exactly one of the two is there."""

    plan: Plan | None
    mistakes: list[Mistake]
    lines: Lines

    def line_of(self, *path: str | int) -> int:
        """Return the line of `path` in the text, or of the nearest thing around it."""
        return _nearest(self.lines, path)


def parse_plan(text: str, overrides: Sequence[str] = ()) -> PlanText:
    """Validate a plan. `overrides` are `key.path=value` settings, their values read as YAML."""
    return PlanText(*parse_settings(Plan, text, overrides))


def parse_settings(model: type[S], text: str, overrides: Sequence[str] = ()) -> tuple[S | None, list[Mistake], Lines]:
    """Validate YAML text as any settings: return them or their mistakes, and the line of every key."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        given = yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return None, [Mistake(mark.line + 1 if mark else 1, "", f"not YAML: {_problem(error)}")], {}
    if not isinstance(given, dict):
        some = ", ".join(list(model.model_fields)[:3])
        return None, [Mistake(1, "", f"write a mapping of keys such as {some}")], {}
    lines = dict(_lines(node, ()))
    mistakes = [Mistake(line, key, "the key is given twice") for line, key in _double_keys(node)]
    for override in overrides:
        mistake = _apply(given, override)
        mistakes += [mistake] if mistake else []
    try:
        valid = model.model_validate(given)
    except ValidationError as error:
        mistakes += [_mistake(model, problem, lines) for problem in error.errors()]
        return None, sorted(set(mistakes)), lines
    return None if mistakes else valid, mistakes, lines


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error)


def _lines(node: yaml.Node | None, path: tuple[str | int, ...]) -> Iterable[tuple[tuple[str | int, ...], int]]:
    if node is None:
        return
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*path, str(key.value)))
            yield (*path, str(key.value)), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*path, index))


def _double_keys(node: yaml.Node | None) -> Iterable[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, str(key.value)
            seen.add(key.value)
            yield from _double_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _double_keys(value)


def _apply(given: dict[str, Any], override: str) -> Mistake | None:
    path, equals, value = override.partition("=")
    if not equals:
        return Mistake(0, f"--set {override}", "write it as key.path=value")
    *parents, last = path.split(".")
    place: Any = given
    for part in parents:
        place = _step(place, part)
    try:
        if isinstance(place, list):
            place[int(last)] = yaml.load(value, Loader=_Loader)  # noqa: S506
        else:
            place[last] = yaml.load(value, Loader=_Loader)  # noqa: S506
    except (TypeError, ValueError, IndexError):
        return Mistake(0, f"--set {override}", f"there is no '{path}' in the plan")
    return None


def _step(place: Any, part: str) -> Any:
    if isinstance(place, list) and part.isdigit() and int(part) < len(place):
        return place[int(part)]
    return place.setdefault(part, {}) if isinstance(place, dict) else None


def _nearest(lines: Lines, path: tuple[str | int, ...]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _mistake(model: type[BaseModel], problem: Any, lines: Lines) -> Mistake:
    path = tuple(part for part in problem["loc"])
    what = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _keys_at(model, path[:-1]), n=1)
        what = "unknown key" + (f", did you mean '{near[0]}'?" if near else "")
    elif problem["type"] not in ("value_error", "missing"):
        what = f"{what[0].lower()}{what[1:]}, not {problem['input']!r}"
    elif problem["type"] == "missing":
        what = "this key is required"
    return Mistake(_nearest(lines, path), ".".join(str(part) for part in path), what)


def _keys_at(top: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """List the keys that the model at `path` below `top` knows, following lists and optional parts."""
    model: Any = top
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, BaseModel) else None
        if field is None:
            return []
        model = _model_in(field.annotation)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_model_in(part) for part in getattr(annotation, "__args__", ())]
    return next((part for part in found if part is not None), None)
