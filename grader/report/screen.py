"""Draws a story on a terminal, or as plain text into a pipe."""

from __future__ import annotations

import os
import sys

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from grader.text import one_line
from grader.verdict.judge import BLOCKED, DONE, IN_PROGRESS, NOT_STARTED

from .drawings import drawn, has_blocks, side_by_side, stands_alone
from .learnt import Learnt
from .story import Block, SourceLine, Story, Table
from .words import BAD, GOOD, HINT, PLAIN, QUIET, Line, plain_line

STATE_STYLES = {DONE: "green", IN_PROGRESS: "yellow", BLOCKED: "magenta", NOT_STARTED: "dim"}
TONES = {PLAIN: "", QUIET: "dim", GOOD: "green", BAD: "red", HINT: "yellow"}
PLAIN_WIDTH = 160  # in a pipe or a file, where there is no terminal to ask


class Screen(Console):
    """A console that falls silent where no one reads on (`head -1`): results.json is still to be written."""

    def on_broken_pipe(self) -> None:
        """Print into nothing from now on."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> Console:
    """Colour on a terminal, plain text in a pipe or in CI."""
    if sys.stdout.isatty():
        return Screen(highlight=False, soft_wrap=False)
    # Said so, as FORCE_COLOR and the like are often set in CI.
    return Screen(highlight=False, width=PLAIN_WIDTH, color_system=None, force_terminal=False, force_interactive=False)


def show(screen: Console, story: Story) -> None:
    """The whole screen."""
    show_tables(screen, story)
    show_blocks(screen, story)


def show_tables(screen: Console, story: Story) -> None:
    """A table a milestone, which stand as soon as the checks have ended."""
    for table in story.tables:
        screen.print(_table(table, story.tree))
    if story.from_reference:
        screen.print(Text(f"from the reference, not from {story.tree}/: {story.from_reference}\n", style="dim"))


def show_blocks(screen: Console, story: Story) -> None:
    """A block for each task that is begun and fails, and what to do next."""
    for block in story.blocks:
        screen.print(_block(block))
    for learnt in story.learnt:
        screen.print(_learnt(learnt, has_blocks(screen.encoding), screen.width))
    for note in story.notes:
        screen.print(_note(note))
    style = "bold green" if story.complete else "bold"
    screen.print(Text(f"Total      {story.total}", style=style))


def _table(table: Table, tree: str) -> Group:
    title = Text.assemble((table.title, "bold"), (f"   {tree}/", "dim"))
    grid = Grid(box=None, padding=(0, 2, 0, 0), show_header=False)
    for justify in ("right", "left", "left", "right", "right"):
        grid.add_column(justify=justify, no_wrap=True)
    for row in table.rows:
        state = Text(row.state, style=STATE_STYLES[row.state])
        if row.blocked_by:
            state.append(f" by {row.blocked_by}")
        grid.add_row(row.id, row.title, state, row.checks, row.points)
    grid.add_row("", "", "", "", Text(table.total, style="bold"))
    return Group(title, Padding(grid, (0, 0, 1, 2), expand=False))


def _block(block: Block) -> Group:
    title = Text(block.title, style=f"bold {STATE_STYLES[block.state]}")
    title.append(f"   {block.where}", style="not bold dim")
    width = max((len(line.label) for line in [*block.head, *block.lines]), default=0)
    parts = [Text(block.claim, style="italic")]
    parts += [_facts(block.head, width)] if block.head else []
    parts += [_source(block.source)] if block.source else []
    parts += [_facts(block.lines, width)] if block.lines else []
    return Group(title, *(Padding(part, (0, 0, 0, 2), expand=False) for part in parts), Text())


def _learnt(learnt: Learnt, blocks: bool, width: int) -> Group:
    """Lines first, with their titles on the left, and then the pictures, as many next to each other as there is room
    for."""
    lines, pictures = [], []
    for shown in learnt.shown:
        title, own = one_line(shown.title), drawn(shown, blocks, learnt.failing)
        if stands_alone(shown):
            pictures.append([title, *own])
        else:
            lines.append(plain_line(title, "\n".join(own)))
    parts = [_facts(tuple(lines), 0)] if lines else []
    parts += [Text("\n".join(row), no_wrap=True) for row in side_by_side(pictures, width - 2)]
    title = Text.assemble((learnt.title, "bold"), ("   what was learnt", "dim"))
    return Group(title, *(Padding(part, (0, 0, 1, 2), expand=False) for part in parts))


def _facts(lines: tuple[Line, ...], width: int) -> Grid:
    facts = Grid(box=None, padding=(0, 2, 0, 0), show_header=False)
    facts.add_column(style="dim", no_wrap=True, min_width=width)
    facts.add_column(overflow="fold")
    for line in lines:
        facts.add_row(line.label, _words(line))
    return facts


def _source(lines: tuple[SourceLine, ...]) -> Text:
    shown = Text()
    for line in lines:
        shown.append(f"{'>' if line.marked else ' '} {line.number:4} ", style="red" if line.marked else "dim")
        shown.append(line.text + "\n", style="bold" if line.marked else "")
    shown.rstrip()
    return shown


def _words(line: Line) -> Text:
    return Text.assemble(*((words.text, TONES[words.tone]) for words in line.words))


def _note(note: Line) -> Text:
    return Text.assemble((note.label, "red bold" if note.urgent else "dim"), "  ", _words(note))
