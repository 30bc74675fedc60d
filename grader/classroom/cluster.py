"""More than one machine: an executor of Dask's scheduler, and the workers that take submissions from it.

A submission travels as bytes, its record as data. A scheduler runs whatever it is given: keep it in a network of your
own.
"""

from __future__ import annotations

import argparse
import asyncio
import concurrent.futures
import contextlib
import sys
from collections.abc import Iterator

from grader.errors import CourseError, UsageError
from grader.option_types import count, port

CONNECT_SECONDS = 20
AHEAD = 2  # submissions for each worker's thread, so that none waits for the network
PORT = 8786


@contextlib.contextmanager
def cluster_executor(address: str) -> Iterator[tuple[concurrent.futures.Executor, int]]:
    """An executor on a cluster, and how many submissions it should have at a time."""
    from distributed import Client  # a package of this alone

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"no scheduler answers at {address!r}: {error}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except (TimeoutError, asyncio.TimeoutError):
            raise CourseError(f"the scheduler at {address} has no workers: start some (nox -s worker)") from None
        executor = client.get_executor(pure=False)
        try:
            yield executor, AHEAD * sum(client.nthreads().values())
        finally:
            executor.shutdown(wait=False)  # which cancels what has not begun


def main(arguments: list[str] | None = None) -> int:
    """`nox -s worker`: a worker of a scheduler, or the scheduler."""
    parser = argparse.ArgumentParser(prog="nox -s worker --", description=main.__doc__)
    parser.add_argument("address", nargs="?", help="of the scheduler, such as tcp://10.0.0.1:8786")
    parser.add_argument("--at-once", type=count, default=1, help="how many submissions at a time")
    parser.add_argument("--scheduler", action="store_true", help="run the scheduler instead")
    parser.add_argument("--host", default="127.0.0.1", help="where the scheduler listens")
    parser.add_argument("--port", type=port, default=PORT)
    given = parser.parse_args(arguments)
    if (given.address is None) != given.scheduler:
        parser.error("name the scheduler's address, or --scheduler")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(given))
    return 0


async def _serve(given: argparse.Namespace) -> None:
    from distributed import Scheduler, Worker

    if given.scheduler:
        server = Scheduler(host=given.host, port=given.port, dashboard=False)
    else:
        # Without Dask's nanny: a process of its kind may not start others.
        server = Worker(given.address, nthreads=given.at_once, dashboard=False)
    async with server:
        print(server.address, flush=True)
        await server.finished()


if __name__ == "__main__":
    sys.exit(main())
