#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The one benchmark runner: scripts/bench.sh [GROUP…] [--quick] [--json]."""
import argparse
import importlib
import sys

GROUPS = ("cluster", "actors", "instructions", "wire")
STANDING = ("cluster",)  # groups whose bars are met; the others are bars the work is still climbing to


def show(result):
    peer = f"  {result.peer}: {result.peer_value:,.3g}, ratio {result.ratio:.2f}" if result.peer_value else ""
    spread = f" ({result.spread})" if result.spread else ""
    verdict = "met" if result.met else "MISSED"
    bar = f"  bar {result.bar}: {verdict}" if result.bar else ""
    print(f"{result.group:8} {result.case:52} {result.value:12,.2f} {result.unit:4}{peer}{spread}{bar}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench.sh", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; default: {', '.join(STANDING)}")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    args = parser.parse_args()
    for name in args.groups:
        if name not in GROUPS:
            parser.error(f"there is no group '{name}'; the groups are {', '.join(GROUPS)}")
    missed = 0
    for name in args.groups or STANDING:
        for case in importlib.import_module(name).CASES:
            for result in case(args.quick):
                missed += not result.met
                if args.json:
                    print(result.as_json(), flush=True)
                else:
                    show(result)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
