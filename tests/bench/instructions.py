# SPDX-License-Identifier: Apache-2.0
"""Group `instructions`: what a message costs in instructions, which no noise touches: each case of `actors` runs under
callgrind on one worker with two counts, and the difference of both is divided by what lies between them, so that
start and end cancel out. Without statistics, since under callgrind a short handler lasts as long as one whose every call is
timed. The barest core there can be is beside it where it has the case."""
import re
import subprocess
import tempfile

from harness import PROGRAMS, Result

GROUP = "instructions"

# case, the smaller and the larger count, of what (so many a count)
TABLE = (
    ("ping-pong", 5_000, 20_000, "a message", 2), ("fan-in", 20_000, 80_000, "a message", 1),
    ("fork-join", 1, 2, "a message", 60 * 10_000), ("ring", 10_000, 40_000, "a hop", 1),
    ("big", 2, 5, "a message", 2 * 120 * 119), ("ask", 5_000, 20_000, "an ask", 1),
    ("spawn", 2_000, 8_000, "an actor", 1), ("timers", 10_000, 40_000, "a timer", 1),
)
BARE = {"ping-pong", "fan-in", "fork-join", "ring"}


def instructions(program, case, count, *options):
    with tempfile.NamedTemporaryFile() as profile:
        command = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={profile.name}", PROGRAMS / program, case, 1,
                   count, *options)
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def cost(program, case, fewer, more, operations, *options):
    least, most = (instructions(program, case, count, *options) for count in (fewer, more))
    return (most - least) / ((more - fewer) * operations)


def each_case(quick):
    for case, fewer, more, of_what, operations in TABLE:
        ours = cost("actors_bench", case, fewer, more, operations, "statistics-off")
        bare = cost("bare_core", case, fewer, more, operations) if case in BARE else None
        yield Result(GROUP, f"{case}, {of_what}", ours, "", "bare core" if bare else "", bare)


def statistics(quick):
    case, fewer, more, _, operations = TABLE[0]
    on, off = (cost("actors_bench", case, fewer, more, operations, *options) for options in ((), ("statistics-off",)))
    yield Result(GROUP, f"{case}, a message, statistics on", on, "", "off", off)


CASES = (each_case, statistics)
