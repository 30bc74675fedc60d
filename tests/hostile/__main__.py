"""`nox -s hostile`: no hostile submission gets more than its honest part, at any level that the machine permits."""

from __future__ import annotations

import argparse
import concurrent.futures
import multiprocessing
import os
import sys
import time

from grader.option_types import count
from grader.run.sandbox import LEVELS, obstacle

from .table import write
from .trial import ALL, one


def main() -> int:
    """Try all; 1 if one gained something, touched what is not its own, or left other marks than the table says."""
    parser = argparse.ArgumentParser(prog="nox -s hostile --", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only submissions whose names contain one of these")
    parser.add_argument("--level", choices=LEVELS, action="append", help="default: all that the machine permits")
    parser.add_argument("--jobs", type=count, default=os.cpu_count(), metavar="N", help="how many at a time")
    parser.add_argument("--table", action="store_true", help="only write the table of docs/threats.md")
    options = parser.parse_args()
    if options.table:
        write()
        return 0
    names = [name for name in ALL if not options.names or any(part in name for part in options.names)]
    failed = 0
    for level in options.level or LEVELS:
        why = obstacle(level)
        if why is not None:
            print(f"NOT TRIED: level {level}: {why}")
            continue
        started, found = time.monotonic(), tried(names, level, options.jobs)
        for name, said in found.items():
            print(f"{level}: {name}: {'; '.join(said)}")
        failed += len(found)
        seconds = time.monotonic() - started
        print(
            f"{level}: {len(names)} hostile submissions, {len(names) - len(found)} as they should be ({seconds:.0f} s)"
        )
    return 1 if failed else 0


def tried(names: list[str], level: str, jobs: int) -> dict[str, list[str]]:
    """What is wrong, by the names of the submissions of which something is."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context) as executor:
        futures = {name: executor.submit(one, name, level) for name in names}
        return {name: said for name, future in futures.items() if (said := future.result())}


if __name__ == "__main__":
    sys.exit(main())
