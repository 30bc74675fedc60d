"""`python -m neural_framework.explorer FILE.py`: run a script, and explore its first backward."""

import argparse
import runpy
import sys
from pathlib import Path

from ..tensor import Tensor
from .explore import explore


class Explored(BaseException):
    """Ends the script: its first backward was explored."""


def main():
    """Run the script up to its first backward(), or to its end if it calls explore() itself."""
    parser = argparse.ArgumentParser(prog="nox -s explore --", description=main.__doc__)
    parser.add_argument("file", type=Path, help="a script that calls backward() or nf.explore()")
    parser.add_argument("--out", type=Path, default=Path("explorer.html"), help="the page (default: explorer.html)")
    options = parser.parse_args()
    if not options.file.is_file():
        parser.error(f"{options.file} is not a file")
    out = options.out.resolve()  # the script may go to another folder
    backward, called = Tensor.backward, []

    def explored(loss, *args, **settings):
        frame = sys._getframe(1)
        called.append(loss)
        if frame.f_globals.get("__name__", "").startswith(f"{__package__}."):  # the script itself called explore()
            return backward(loss, *args, **settings)
        Tensor.backward = backward
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            explore(loss, out, frame)
        except OSError as error:
            sys.exit(f"error: {out} was not written: {error}")
        raise Explored

    Tensor.backward = explored
    sys.argv, sys.path[0] = [str(options.file)], str(options.file.resolve().parent)
    try:
        runpy.run_path(str(options.file), run_name="__main__")
    except Explored:
        return
    except NotImplementedError as error:
        sys.exit(f"error: {options.file} stopped before its first backward(): {error}")
    except SystemExit as ended:
        if ended.code:
            raise
    if not called:
        sys.exit(f"error: {options.file} called neither backward() nor nf.explore()")


if __name__ == "__main__":
    main()
