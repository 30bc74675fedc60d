"""`nox -s docs`: builds the site, as a whole or not at all. Its pages need no server and no network."""

import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from grader.files import REPOSITORY, SITE, temporary_folder

COPY = SITE.with_name("site.new")  # next to it, since a folder is renamed at once on one disk alone
FIRST = "index.html"


def main() -> int:
    """Build elsewhere, and replace the site that may be there."""
    with temporary_folder() as scratch:
        built = scratch / "site"
        strict = ["-W", "--keep-going", "-q"]  # a warning, such as a dead link, is an error
        places = ["-c", str(Path(__file__).parent), "-d", str(scratch / "doctrees"), str(REPOSITORY), str(built)]
        if build_main([*strict, *places]):
            print("error: the site was not built: see above", file=sys.stderr)
            return 1
        shutil.copyfile(built / "README.html", built / FIRST)
        try:
            shutil.rmtree(COPY, ignore_errors=True)  # of a build that was cut off
            shutil.copytree(built, COPY)
            if SITE.exists():
                shutil.rmtree(SITE)
            COPY.rename(SITE)
        except OSError as error:
            print(f"error: {SITE} could not be replaced: {error}", file=sys.stderr)
            return 1
    print(f"Open  {(SITE / FIRST).as_uri()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
