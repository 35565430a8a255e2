# SPDX-License-Identifier: Apache-2.0
"""The reference pages of libactor: every function and object that a public header declares is spoken of there, is on
its header's manual and HTML page and found by `man NAME`; groff warns of nothing; every link leads somewhere.

    check_reference.py SOURCE
"""
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(SOURCE / "cmake"), str(SOURCE / "tests/install"), str(SOURCE / "tests/docs")]
import check_man  # noqa: E402
import header_pages  # noqa: E402
import public_names  # noqa: E402


def is_spoken_of(page, name):
    """In the comment above it, where it stands first or is named (by its last word: "unlink"); or behind it."""
    for entry in page.entries:
        if name in entry.names():
            behind = re.search(rf"\b{name}\b[^;]*;\s*/\*", entry.code)
            is_first = entry.names()[0] == name
            is_named = re.search(rf"(?:\b|_){name.rpartition('_')[2]}", entry.comment, re.IGNORECASE)
            return bool(entry.comment and (is_first or is_named) or behind)
    return False


def problems(page, names, man, site):
    manual, hypertext = ((folder / f"{page.name}.{suffix}").read_text(encoding="utf-8")
                         for folder, suffix in ((man, "3"), (site, "html")))
    if not page.idea():
        yield f"{page.file}: opens without a comment"
    for name in names:
        if not is_spoken_of(page, name):
            yield f"{page.file}: {name} is declared without a word"
        if not re.search(rf"\b{name}\b", manual.partition(".SH DESCRIPTION")[2]) or f'id="{name}"' not in hypertext:
            yield f"{page.file}: {name} is not on its pages"
        alias = man / f"{name}.3"
        if not alias.exists() or alias.read_text(encoding="utf-8") != f".so man3/{page.name}.3\n":
            yield f"{page.file}: man {name} does not lead to {page.name}"
    if warnings := check_man.warnings_of_groff(manual):
        yield f"{page.name}: groff: {warnings}"
    for target, anchor in re.findall(r'href="([\w.-]+)(?:#(\w+))?"', hypertext):
        if not (site / target).exists() or (anchor and f'id="{anchor}"' not in (site / target).read_text(encoding="utf-8")):
            yield f"{page.name}.html: a link to {target}#{anchor} leads nowhere"


def main():
    headers = SOURCE / "libactor/include/actor"
    found, count = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        man, site = pathlib.Path(scratch, "man3"), pathlib.Path(scratch, "html")
        subprocess.run([sys.executable, SOURCE / "cmake/header_pages.py", "0", headers, man, site], check=True, timeout=500)
        for page in header_pages.pages_of(headers):
            names = public_names.names(headers / page.file)
            count += len(names)
            found += problems(page, names, man, site)
    print("\n".join(found) or f"{count} functions and objects on the pages of the headers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
