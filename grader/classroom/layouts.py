"""The layouts in which platforms export submissions, told apart by their names: whose each submission is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.source.package import PACKAGE

from .archives import OTHER_ARCHIVES, SUFFIXES
from .packages import PREFERRED, natural
from .places import FILE, FOLDER, Item, Place, join, read
from .submission import UnusableError

METADATA = "submission_metadata.yml"
LARGEST_METADATA = 200_000_000  # bytes; Gradescope lists every result that it ever showed
# Files that an instructor may keep next to the submissions.
TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods")
NOT_HANDED_IN = (*TABLES, ".txt", ".md", ".yml", ".yaml", ".json", ".html", ".log", ".toml")


@dataclass(frozen=True)
class Handed:
    """What one student, or one group, handed in.

    label: what it is called in the export. paths: where it lies, with what lies there (Item.kind).
    keys: what identifies the student there, the best first. name: the student's name, as the export has it.
    head: what of the label the platform wrote, where a student chose the rest. labels: what else of the student's is
    there, as it is called.
    """

    label: str
    paths: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    name: str
    notes: tuple[str, ...] = ()
    head: str = ""
    labels: tuple[str, ...] = ()


def stem(name: str) -> str:
    """A name without the suffix of an archive."""
    suffixes = [suffix for suffix in (*SUFFIXES, *OTHER_ARCHIVES) if name.lower().endswith(suffix)]
    return name[: -max(map(len, suffixes))] or name if suffixes else name


def handed_in(place: Place, name: str) -> list[Handed]:
    """All that was handed in, in a folder or an archive that is called `name`."""
    items = _visible(place, "")
    if _is_one_submission(place, items):
        return [Handed(name, (("", FOLDER),), (name,), name)]
    folder = ""
    while (inner := _class_within(place, folder, items)) is not None:
        folder, name = join(folder, inner), inner
        items = _visible(place, folder)
    if _has_metadata(items):
        return _gradescope(place, folder, items)
    waiting, parts = _waiting(items), _of_platform(items)
    if parts:
        matched = {part.item for part in parts}
        return _grouped(folder, parts) + _plain(folder, [one for one in waiting if one not in matched], "")
    return _plain(folder, waiting, name)


def _waiting(items: list[Item]) -> list[Item]:
    return [one for one in items if not (one.kind == FILE and one.name.lower().endswith(NOT_HANDED_IN))]


def _has_metadata(items: list[Item]) -> bool:
    return any(one.name == METADATA and one.kind == FILE for one in items)


def _of_platform(items: list[Item]) -> list[Part]:
    """The items as a platform names them, where most are named so; otherwise none."""
    layouts = [as_parts(_matching(pattern, items)) for pattern, as_parts in PLATFORMS]
    parts = max(layouts, key=len)  # every name in an export is the platform's, also one that ends like another's
    return parts if 2 * len(parts) > len(_waiting(items)) else []


def _class_within(place: Place, folder: str, items: list[Item]) -> str | None:
    """The folder that lies alone, but for files that are not handed in, and is the class's; None where there is none.

    What a platform named is one student's, also where only one student handed in.
    """
    waiting = _waiting(items)
    if len(waiting) != 1 or waiting[0].kind != FOLDER or _has_metadata(items) or _of_platform(items):
        return None
    return waiting[0].name if _holds_a_class(place, join(folder, waiting[0].name)) else None


def _matching(pattern: re.Pattern, items: list[Item]) -> list[tuple[Item, re.Match]]:
    return [(one, match) for one in items if (match := pattern.fullmatch(one.name))]


def _visible(place: Place, path: str) -> list[Item]:
    return [one for one in place.items(path) if not one.hidden]


def _folders(place: Place, path: str) -> set[str]:
    """The folders in a student's; none where it can't be read, which is that submission's problem, later."""
    try:
        return {one.name for one in _visible(place, path) if one.kind == FOLDER}
    except (OSError, UnusableError):
        return set()


def _holds_package(place: Place, path: str) -> bool:
    """Whether a folder has the package where a student's has it: directly, or in starter/."""
    folders = _folders(place, path)
    return PACKAGE in folders or (PREFERRED in folders and PACKAGE in _folders(place, join(path, PREFERRED)))


def _is_one_submission(place: Place, items: list[Item]) -> bool:
    """Whether this is a student's folder itself. Next to other submissions, a folder `starter` is a student's."""
    folders = [one.name for one in items if one.kind == FOLDER]
    if PACKAGE in folders:
        own = [PACKAGE]
    elif PREFERRED in folders and PACKAGE in _folders(place, PREFERRED):
        own = [PREFERRED, "solutions", "proofs"]  # a clone of the whole course is one submission
    else:
        return False
    archives = [one for one in items if one.kind == FILE and one.name.lower().endswith(SUFFIXES)]
    return not archives and not any(_holds_package(place, one) for one in folders if one not in own)


def _holds_a_class(place: Place, path: str) -> bool:
    """Whether a folder that lies alone is the class's, not a student's."""
    if _holds_package(place, path):
        return False
    items = _visible(place, path)
    archives = [one for one in items if one.kind == FILE and one.name.lower().endswith(SUFFIXES)]
    packages = [one for one in items if one.kind == FOLDER and _holds_package(place, join(path, one.name))]
    exported = _has_metadata(items) or bool(_of_platform(items))
    return exported or len(archives) + len(packages) > 1 or path.endswith("-submissions")


# In these names the first match counts: a student chooses what the file is called, at the end.
# Ada Lovelace_123456_assignsubmission_file_, or without folders Ada Lovelace_123456_assignsubmission_file_work.zip
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(_(?P<file>.*))?", re.DOTALL)
# Homework 1_ada_attempt_2026-01-31-23-59-59_work.zip, and the same with .txt, which has comments
BLACKBOARD = re.compile(r"(?P<head>.+?)_attempt_(?P<date>\d{4}(?:-\d\d){5})(_.*|\.txt)?", re.DOTALL)
# lovelaceada_12345_678901_work.zip, or lovelaceada_LATE_12345_678901_work.zip
CANVAS = re.compile(r"(?P<name>[^_]+?)(?P<late>_?late)?_(?P<id>\d{2,})_\d{2,}_.+", re.DOTALL | re.IGNORECASE)


LATE = "handed in late"


@dataclass(frozen=True)
class Part:
    """One file or folder of a student's, as its name tells: of several attempts, the last one counts.

    head: the name up to what identifies the student; its end is the student's choice.
    """

    item: Item
    id: str
    name: str
    head: str
    attempt: str = ""
    note: str | None = None


def _moodle(found: list[tuple[Item, re.Match]]) -> list[Part]:
    return [Part(item, match["id"], match["name"], item.name[: match.end("id")]) for item, match in found]


def _blackboard(found: list[tuple[Item, re.Match]]) -> list[Part]:
    """What is before the attempt is the assignment, the same for all, and the user; both may have underscores."""
    words = {match["head"]: match["head"].split("_") for _, match in found}
    task = 0  # words
    while len({tuple(own[: task + 1]) for own in words.values()}) == 1 < min(len(own) - task for own in words.values()):
        task += 1
    names = {head: "_".join(own[task:]) for head, own in words.items()}
    heads = [(item, match["head"], match["date"]) for item, match in found]
    return [Part(item, names[head], names[head], head, date) for item, head, date in heads]


def _canvas(found: list[tuple[Item, re.Match]]) -> list[Part]:
    return [
        Part(item, match["id"], match["name"], item.name[: match.end("id")], note=LATE if match["late"] else None)
        for item, match in found
    ]


PLATFORMS = ((MOODLE, _moodle), (BLACKBOARD, _blackboard), (CANVAS, _canvas))


def _grouped(folder: str, parts: list[Part]) -> list[Handed]:
    """One for each student, with all files of the last attempt."""
    students: dict[str, list[Part]] = {}
    for part in parts:
        students.setdefault(part.id, []).append(part)
    handed = []
    for key, own in students.items():
        attempts = sorted({part.attempt for part in own})
        chosen = [part for part in own if part.attempt == attempts[-1]]
        chosen.sort(key=lambda part: natural(part.item.name))
        notes = [f"the last of {len(attempts)} attempts, {attempts[-1]}"] if len(attempts) > 1 else []
        notes += [part.note for part in chosen if part.note]
        paths = tuple((join(folder, part.item.name), part.item.kind) for part in chosen)
        first, notes = chosen[0], list(dict.fromkeys(notes))
        labels = tuple(part.item.name for part in own)
        handed.append(Handed(stem(first.item.name), paths, (key,), first.name, tuple(notes), first.head, labels))
    return handed


def _plain(folder: str, items: list[Item], name: str) -> list[Handed]:
    """One for each item. GitHub Classroom clones into homework-1-submissions/homework-1-ada."""
    handed = []
    common = f"{name.removesuffix('-submissions')}-" if name.endswith("-submissions") else None
    for one in items:
        label = stem(one.name) if one.kind == FILE else one.name
        own = label.removeprefix(common) if common else label
        keys = tuple(dict.fromkeys([own or label, label, one.name]))
        handed.append(Handed(one.name, ((join(folder, one.name), one.kind),), keys, keys[0]))
    return handed


def _gradescope(place: Place, folder: str, items: list[Item]) -> list[Handed]:
    """One for each submitter: a group's submission counts for each member."""
    folders = {one.name: one for one in items if one.kind != FILE or one.name.lower().endswith(SUFFIXES)}
    try:
        about = submitters(read(place, join(folder, METADATA), LARGEST_METADATA))
    except UnusableError as error:
        return [
            Handed(one.label, one.paths, one.keys, one.name, (f"{METADATA}: {error}",))
            for one in _plain(folder, list(folders.values()), "")
        ]
    handed = []
    for label, people in about.items():
        one = folders.pop(label, None)
        paths = ((join(folder, label), one.kind),) if one else ()
        for person in people:
            others = [other["name"] for other in people if other is not person]
            notes = [f"handed in together with {', '.join(others[:5])}"] if others else []
            email = person["email"]
            keys = tuple(key for key in (person["sid"], email, email.partition("@")[0], label) if key)
            handed.append(Handed(label, paths, keys, person["name"] or label, tuple(notes)))
    return handed + _plain(folder, list(folders.values()), "")


def submitters(data: bytes) -> dict[str, list[dict[str, str]]]:
    """Name, sid and email of the people of each submission in Gradescope's metadata; UnusableError where it is none."""
    import yaml  # only the environment `class` has it

    try:
        text = _heads(data.decode("utf-8"))
        table = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # knows texts, lists and tables
        found = {}
        for label, entry in table.items():
            people = [{key.lstrip(":"): value for key, value in person.items()} for person in entry[":submitters"]]
            wanted = [{key: str(person.get(key) or "") for key in ("name", "sid", "email")} for person in people]
            found[label] = wanted or [{"name": label, "sid": "", "email": ""}]
        return {label: people for label, people in found.items() if re.fullmatch(r"submission_\d+", label)}
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise UnusableError(f"it can't be read ({type(error).__name__}), so names are those of the folders") from None


def _heads(text: str) -> str:
    """The lines of each submission that tell who handed it in. The results after them may have megabytes."""
    kept, keep = [], True
    for line in text.split("\n"):
        if line[:1] not in ("", " ", "-", "#"):  # submission_123:
            keep = True
        elif line.startswith("  :"):
            keep = line.startswith("  :submitters:")
        if keep:
            kept.append(line)
    return "\n".join(kept)
