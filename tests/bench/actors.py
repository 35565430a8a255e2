# SPDX-License-Identifier: Apache-2.0
"""Group `actors`: what messages cost within one node, beside Erlang/OTP running the same cases."""
import pathlib
import tempfile

from harness import PROGRAMS, ROOT, Result, pairs, run

GROUP = "actors"

# case, workers, count for ours, count for Erlang, bar as a ratio (how many times Erlang)
TABLE = (
    ("ping-pong", 1, 4_000_000, 1_000_000, 15), ("ping-pong", 2, 4_000_000, 1_000_000, 8),
    ("fan-in", 2, 10_000_000, 4_000_000, 5), ("fan-in-8", 2, 10_000_000, 4_000_000, 10),
    ("fork-join", 1, 100_000, 20_000, 4), ("fork-join", 2, 100_000, 20_000, 12),
    ("ring", 1, 20_000_000, 4_000_000, 12), ("ring", 2, 20_000_000, 4_000_000, 8),
    ("big", 1, 300, 60, 10), ("big", 2, 300, 60, 6),
    ("spawn", 1, 2_000_000, 400_000, 15), ("spawn", 2, 2_000_000, 400_000, 12),
    ("timers", 1, 10_000_000, 1_000_000, 8),
)


def ours(case, workers, count):
    return float(run(PROGRAMS / "actors_bench", case, workers, count))


def erlang(folder, case, workers, count):
    return float(run("erl", "+S", f"{workers}:{workers}", "-noshell", "-pa", folder, "-run", "actors", "main", case,
                     count))


def against_erlang(quick):
    with tempfile.TemporaryDirectory() as folder:
        run("erlc", "-o", folder, ROOT / "tests" / "bench" / "peers" / "actors.erl")
        for case, workers, count, peer_count, bar in TABLE:
            if quick:
                count, peer_count = count // 4, peer_count // 4
            value, peer, spread = pairs(lambda: ours(case, workers, count),
                                        lambda: erlang(folder, case, workers, peer_count), 2 if quick else 5)
            yield Result(GROUP, f"{case}, {workers} worker{'s' * (workers > 1)}", value, "1/s", "Erlang/OTP", peer,
                         f"≥ {bar} ×", value >= bar * peer, spread)


def against_itself(quick):
    idle = ours("idle", 2, 1_000_000)
    yield Result(GROUP, "bytes per idle actor, a million of them", idle, "B", bar="≤ 256", met=idle <= 256)
    asks, round_trips, spread = pairs(lambda: ours("ask", 2, 2_000_000), lambda: ours("ping-pong", 2, 2_000_000),
                                      2 if quick else 5)
    yield Result(GROUP, "ask with a timeout, 2 workers", asks, "1/s", "our ping-pong", round_trips, "≥ 0.6 ×",
                 asks >= 0.6 * round_trips, spread)


CASES = (against_erlang, against_itself)
