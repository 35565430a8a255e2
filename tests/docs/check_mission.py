#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks docs/mission.md against the tests: every row stands there once, no row is done without a test, every test
named exists and bears the row (`mission: A7 B5` in the comment line above it), and every row borne is in the table.

    check_mission.py SOURCE
"""
import pathlib
import re
import sys

# The rows there must be: section → first and last numbers.
ROWS = {"A": [(1, 10), (12, 16)], "B": [(1, 10)], "C": [(1, 6)], "D": [(2, 8)], "E": [(2, 3), (5, 6), (8, 8)],
        "F": [(1, 14), (16, 16)], "G": [(1, 7)], "H": [(1, 7)], "X": [(1, 4), (7, 12)], "T": [(1, 1)]}
STATES = ["done", "not yet", "scope"]

ROW = re.compile(r"^\| ([A-Z]\d+) \| ([^|]*) \| ([^|]*) \|([^|]*)\|$", re.M)
NAMED = re.compile(r"`([^`:]+):(\w+)`")
TEST = re.compile(r"(?:^ *(?:/\*|#) mission: ([^\n*]*?)(?: \*/)?\n)?^ *(?:START_TEST\((\w+)\)|def (test_\w+)\()", re.M)


def wanted():
    return {f"{section}{number}" for section, spans in ROWS.items() for first, last in spans
            for number in range(first, last + 1)}


def tests_of(file):
    """The rows that each test of a file bears, by the test's name."""
    text = file.read_text(encoding="utf-8")
    return {found[2] or found[3]: (found[1] or "").split() for found in TEST.finditer(text)}


def borne_by_tests(folder):
    for file in sorted([*folder.rglob("test_*.c"), *folder.rglob("test_*.py")]):
        for name, rows in tests_of(file).items():
            yield from ((row, f"{file.relative_to(folder)}:{name}") for row in rows)


def problems_of_row(row, state, meaning, tests):
    if state not in STATES:
        yield f"{row}: its state is {state!r}, not one of {STATES}"
    if state == "done" and not tests:
        yield f"{row}: done, but no test proves it"
    if (state == "not yet") != ("*Lacks:*" in meaning):
        yield f"{row}: {state!r}, so the text {'must say' if state == 'not yet' else 'may not say'} what it lacks"


def problems_of_test(folder, row, path, name):
    if not (folder / path).is_file():
        yield f"{row}: there is no file tests/{path}"
        return
    rows = tests_of(folder / path).get(name)
    if rows is None:
        yield f"{row}: tests/{path} has no test {name}"
    elif row not in rows:
        yield f"{row}: tests/{path}: the line above {name} does not say 'mission: {row}'"


def problems(root):
    table = ROW.findall((root / "docs/mission.md").read_text(encoding="utf-8"))
    rows = [row for row, *_ in table]
    yield from (f"{row}: missing, or malformed" for row in sorted(wanted() - set(rows)))
    yield from (f"{row}: no row of ours" for row in sorted(set(rows) - wanted()))
    yield from (f"{row}: there twice" for row in sorted(set(rows)) if rows.count(row) > 1)
    named = set()
    for row, state, meaning, cell in table:
        tests = NAMED.findall(cell)
        named |= {(row, f"{path}:{name}") for path, name in tests}
        yield from problems_of_row(row, state, meaning, tests)
        for path, name in tests:
            yield from problems_of_test(root / "tests", row, path, name)
    for row, test in borne_by_tests(root / "tests"):
        if (row, test) not in named:
            yield f"{row}: tests/{test} bears it, but docs/mission.md does not name that test there"


def main():
    root = pathlib.Path(sys.argv[1])
    found = list(problems(root))
    print("\n".join(found) or f"{len(wanted())} rows")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
