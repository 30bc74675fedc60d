"""The functions of a tree that may be at fault, and where a call that was traced belongs."""

from __future__ import annotations

import ast
import difflib
import math
from collections.abc import Collection, Mapping

from grader.run.assemble import Assembled
from grader.source.exercises import exercises_by_file
from grader.source.package import text_of
from grader.source.reference import reference, starter
from grader.source.syntax import first_line, function_at, names_in
from grader.source.transplant import Module, parsed, same_function
from grader.task_id import TaskId

from .explanation import Change, Unit

Place = tuple[str, int]  # a file of the tree, and a line in it


class Candidates:
    """The functions of an assembled tree that differ from the reference's."""

    def __init__(self, assembled: Assembled):
        self.assembled = assembled
        self.reference = reference()
        self._tasks = {
            (file, exercise.name): exercise.task_id for file, found in exercises_by_file().items() for exercise in found
        }
        self._own: dict[str, Module | None] = {}

    def text(self, file: str) -> str:
        """A file of the scratch copy."""
        return text_of((self.assembled.folder / file).read_bytes())

    def unit(self, file: str, name: str) -> Unit | None:
        """A function by its dotted name, if it differs from the reference's and is not the reference's itself."""
        own = self._module(file)
        if own is None or file not in self.reference:
            return None
        mine, other = own.functions.get(name), parsed(self.reference[file]).functions.get(name)
        if other is None or (mine is not None and same_function(mine, other)):
            return None
        alias = own.aliases.get(name)
        line = first_line(mine) if mine is not None else alias.lineno if alias is not None else None
        return Unit(file, name, line, self._tasks.get((file, name)), _body(mine) if mine is not None else None)

    def at(self, place: Place, text: str | None = None) -> Unit | None:
        """The function in which a line lies; a function inside another belongs to the outer one. text: of the file in
        a variant, if it is not the tree's."""
        name = self._name_at(place, text)
        return self.unit(place[0], name) if name is not None else None

    def helper_at(self, place: Place, text: str | None = None) -> Unit | None:
        """The function in which a line lies, if it is of the student's own: the reference does not have it."""
        file, name = place[0], self._name_at(place, text)
        own = self._module(file).functions if name is not None else {}
        if name not in own or name in self._reference_functions(file):
            return None
        return Unit(file, name, first_line(own[name]), None)

    def helpers(self, unit: Unit, ran: Collection[Unit]) -> tuple[Unit, ...]:
        """The helpers, of those that ran, which a function calls by their names, and which they call in turn."""
        found: dict[Unit, None] = {}
        waiting = [unit]
        while waiting:
            each = waiting.pop()
            node = self._module(each.file).functions.get(each.name)
            names = names_in(node) if node is not None else set()
            for helper in sorted(ran, key=lambda other: (other.file, other.line)):
                if helper not in found and self._called_as(helper) in names:
                    found[helper] = None
                    waiting.append(helper)
        return tuple(found)

    def callers(self, helper: Unit) -> set[Unit]:
        """The functions that differ from the reference's and call a helper."""
        units = [self.unit(file, name) for file in self.reference for name in self._reference_functions(file)]
        return {unit for unit in units if unit is not None and unit.line is not None and self.helpers(unit, [helper])}

    def change(self, unit: Unit) -> Change | None:
        """What is different in a given function; None for all others."""
        if unit.task is not None:
            return None
        given, own = parsed(starter()[unit.file]), self._module(unit.file)
        if unit.name not in own.functions:
            return Change((), first_line(given.functions[unit.name]))
        sides = [module.text(module.functions[unit.name]).splitlines() for module in (given, own)]
        lines = [line for line in difflib.unified_diff(*sides, n=0, lineterm="") if line[1:].strip()]
        told = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
        return Change(tuple(told), first_line(given.functions[unit.name]))

    def missing(self, task_id: TaskId, lacking: Collection[tuple[str, str]] = ()) -> list[Unit]:
        """The exercises of a task that no call can reach: the tree's files lack them, or they take other parameters.

        Methods as well: lacking holds classes with what was asked of them in vain.
        """
        found = [place for place, own_task in self._tasks.items() if own_task == task_id]
        for file, source in self.reference.items():
            names = parsed(source).functions.keys() & {f"{owner}.{name}" for owner, name in lacking}
            found += [(file, name) for name in sorted(names)]
        units = []
        for file, name in dict.fromkeys(found):
            own = self._module(file)
            if own is None:
                continue
            mine, other = own.functions.get(name), parsed(self.reference[file]).functions[name]
            if mine is None or _called(mine) != _called(other):
                units.append(self.unit(file, name))
        return [unit for unit in units if unit is not None]

    def stubs(self, task_id: TaskId) -> list[Unit]:
        """The exercises of a task that are still stubs."""
        waiting = [(stub.file, stub.name) for stub in self.assembled.state.stubs if stub.task_id == task_id]
        return [unit for place in waiting if (unit := self.unit(*place)) is not None]

    def ordered(self, units: Mapping[str, Collection[Unit]], failing: Collection[str], task_id: TaskId) -> list[Unit]:
        """The functions that failing checks ran, the likeliest to be at fault first.

        units: what each check ran, those that passed among them.
        """
        users: dict[Unit, set[str]] = {}
        for check, ran in units.items():
            for unit in ran:
                users.setdefault(unit, set()).add(check)

        def rank(unit: Unit):
            own = users[unit].intersection(failing)
            likeness = len(own) / math.sqrt(len(failing) * len(users[unit]))  # Ochiai, as in fault localisation
            return (unit.task is not None, unit.task != task_id, -likeness, unit.file, unit.line)

        return sorted((unit for unit in users if users[unit].intersection(failing)), key=rank)

    def _name_at(self, place: Place, text: str | None) -> str | None:
        file, line = place
        module = self._module(file)
        if module is not None and text is not None:
            module = parsed(text)
        return function_at(module.functions.items(), line) if module is not None else None

    def _called_as(self, helper: Unit) -> str:
        """The name by which a function of the student's own is called: that of its class, if this is their own too."""
        owner, _, name = helper.name.rpartition(".")
        source = self.reference.get(helper.file)
        return owner if owner and (source is None or owner not in parsed(source).classes) else name

    def _reference_functions(self, file: str) -> Collection[str]:
        return parsed(self.reference[file]).functions if file in self.reference else ()

    def _module(self, file: str) -> Module | None:
        """A file of the tree, parsed; None where it comes from the reference, or is not there."""
        if file not in self._own:
            state = self.assembled.state
            theirs = file.split("/")[1].removesuffix(".py") in state.reference_rooms if "/" in file else True
            broken = any(one.holds(file) for one in state.broken)
            usable = not theirs and not broken and (self.assembled.folder / file).is_file()
            self._own[file] = _parsed(self.text(file)) if usable else None
        return self._own[file]


def _body(node: ast.FunctionDef) -> int:
    """The line where a function begins to do something."""
    documented = len(node.body) > 1 and ast.get_docstring(node) is not None
    return node.body[documented].lineno


def _called(node: ast.FunctionDef) -> tuple:
    """What a call of a function must know: how many arguments it needs, and the names of those that it may get."""
    arguments = node.args
    needed = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    optional = [each.arg for each in [*[*arguments.posonlyargs, *arguments.args][needed:], *arguments.kwonlyargs]]
    return needed, optional, arguments.vararg is not None, arguments.kwarg is not None


def _parsed(text: str) -> Module | None:
    try:
        return parsed(text)
    except (SyntaxError, ValueError, RecursionError):  # a tree may write into its own files
        return None
