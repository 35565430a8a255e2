#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the tree against the rules of the house (rules.py) and prints `file:line: what` for each finding.

usage: check_style.py [--root DIR] [--rule NAME]... [PATH-PREFIX...]

Path prefixes narrow what is printed, e.g. `check_style.py master/ agent/`. Exits 1 if anything was found.
"""
import argparse
import os
import shutil
import statistics
import sys

import rules
from source_tree import ROOMS, Tree


def medians(tree):
    under = tuple(room + "/" for room in ROOMS)
    sizes = [f[0] for f in rules.functions(tree) if f[2].startswith(under)]
    files = [tree.text(path).count("\n") for path in tree.files(".c", under=under)]
    if not sizes or not files:
        return "no sources"
    ninth = sorted(sizes)[int(len(sizes) * .9)]
    return (f"{len(files)} files, median {statistics.median(files):.0f} lines, longest {max(files)}; "
            f"{len(sizes)} functions, median {statistics.median(sizes):.0f}, 90 % at most {ninth}, longest {max(sizes)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    parser.add_argument("--rule", action="append", choices=[rule.__name__ for rule in rules.ALL])
    parser.add_argument("prefixes", nargs="*")
    args = parser.parse_args()
    if not shutil.which("ctags"):
        sys.exit("check_style.py needs ctags; install universal-ctags")

    tree = Tree(os.path.abspath(args.root))
    chosen = [rule for rule in rules.ALL if not args.rule or rule.__name__ in args.rule]
    found = sorted({finding for rule in chosen for finding in rule(tree)})
    found = [f for f in found if not args.prefixes or f[0].startswith(tuple(args.prefixes))]
    for path, line, what in found:
        print(f"{path}:{line}: {what}")
    print(f"{len(found)} findings. {medians(tree)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
