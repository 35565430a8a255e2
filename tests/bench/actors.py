# SPDX-License-Identifier: Apache-2.0
"""Group `actors`: what messages, actors and timers cost within one node, beside Erlang/OTP, the C++ Actor Framework
and the barest core there can be, all running the same cases."""
import os
import tempfile

from harness import PROGRAMS, ROOT, Result, rounds, run

GROUP = "actors"
CORES = len(os.sched_getaffinity(0))

# case, workers, bar: at least so many times Erlang's rate
TABLE = (
    ("ping-pong", 1, 15), ("ping-pong", 2, 8), ("fan-in", 2, 5), ("fan-in-8", 2, 10), ("fork-join", 1, 4),
    ("fork-join", 2, 12), ("ring", 1, 12), ("ring", 2, 8), ("big", 1, 10), ("big", 2, 6), ("spawn", 1, 15),
    ("spawn", 2, 12), ("timers", 1, 8), ("timers-other", 2, 2),
)
NOT_CAF = {"timers", "timers-other"}
BARE = {"ping-pong", "fan-in", "fan-in-8", "fork-join", "ring"}

# What a count of one stands for, where that is not one operation.
OPERATIONS = {"fork-join": 60 * 10_000, "big": 120 * 119}
SMALL = 30_000  # operations, to learn a program's rate from: at first roughly, then from a tenth of a second
SECONDS = {"fork-join": 1.0}  # of a full run, where not 0.6


def ours(case, workers, count, *options):
    return figures(run(PROGRAMS / "actors_bench", case, workers, count, *options))


def caf(case, workers, count):
    return figures(run(PROGRAMS / "actors_caf", case, workers, count))


def bare_core(case, workers, count):
    return figures(run(PROGRAMS / "bare_core", case, workers, count))


def erlang(folder):
    def measure(case, workers, count):
        more = ("+P", 2 * count) if case == "idle" else ()  # the table of processes holds 262,144 by default
        return figures(run("erl", "+S", f"{workers}:{workers}", *more, "-noshell", "-pa", folder, "-run", "actors",
                           "main", case, count, env=os.environ | {"ERL_CRASH_DUMP_BYTES": "0"}))
    return measure


def compile_erlang(folder):
    run("erlc", "-o", folder, ROOT / "tests" / "bench" / "peers" / "actors.erl")
    return erlang(folder)


def has_caf():
    return (PROGRAMS / "actors_caf").exists()


def figures(text):
    return [float(figure) for figure in text.split()]


def sized(program, case, workers, quick, *options):
    """The program with a count that keeps it going long enough, as a function of nothing."""
    operations = OPERATIONS.get(case, 1)
    count = max(1, SMALL // operations)
    for seconds in (0.1, 0.3 if quick else SECONDS.get(case, 0.6)):
        rate = program(case, workers, count, *options)[0]
        count = max(1, round(rate * seconds / operations))
    return lambda: program(case, workers, count, *options)


def named(case, workers):
    return f"{case}, {workers} worker{'s' * (workers > 1)}"


def against_peers(quick):
    with tempfile.TemporaryDirectory() as folder:
        otp = compile_erlang(folder)
        for case, workers, bar in TABLE:
            programs = {"ours": ours, "Erlang/OTP": otp}
            if has_caf() and case not in NOT_CAF:
                programs["CAF"] = caf
            if case in BARE:
                programs["bare core"] = bare_core
            yield from one_case(case, workers, bar, programs, quick)


def one_case(case, workers, bar, programs, quick):
    measured = rounds({name: sized(program, case, workers, quick) for name, program in programs.items()}, quick)
    for peer in list(programs)[1:]:
        value, peer_value, ratio, spread = measured.rates("ours", peer)
        wanted = bar if peer == "Erlang/OTP" else None
        yield Result(GROUP, named(case, workers), value, "1/s", peer, peer_value, f"≥ {wanted} ×" if wanted else "",
                     wanted is None or ratio >= wanted, spread, ratio)
    if case.startswith("fan-in"):
        resident = measured.most("ours", 1)
        yield Result(GROUP, f"resident memory after {case}", resident, "MiB", "Erlang/OTP",
                     measured.median("Erlang/OTP", 1), "≤ 16 MiB", resident <= 16)
    if case == "timers-other":
        share = measured.median("ours", 1)
        yield Result(GROUP, "… share of timers cancelled on another worker", 100 * share, "%", bar="≥ 90 %",
                     met=share >= 0.9)


def idle_bytes(quick):
    count = 100_000 if quick else 1_000_000
    value = ours("idle", 1, count)[0]
    with tempfile.TemporaryDirectory() as folder:
        peers = {"Erlang/OTP": compile_erlang(folder)("idle", 1, count)[0]}
    if has_caf():
        peers["CAF"] = caf("idle", 1, count)[0]
    for peer, peer_value in peers.items():
        bar = "≤ 256" if peer == "Erlang/OTP" else ""
        yield Result(GROUP, f"bytes per idle actor, {count:,} of them", value, "B", peer, peer_value, bar,
                     not bar or value <= 256)


def tail(quick):
    """Beside Erlang, whose figures have no part in the bars."""
    with tempfile.TemporaryDirectory() as folder:
        otp = compile_erlang(folder)
        measured = rounds({"ours": lambda: ours("tail", 2, 5_000 if quick else 10_000),
                           "Erlang/OTP": lambda: otp("tail", 2, 50 if quick else 200)}, quick)
    share = measured.median("ours", 3)
    bars = (("p50", 1.05 * share, f"≤ 1.05 × fair share, {share:.0f} µs"), ("p99", 250, "≤ 250 µs"),
            ("p99.9", 1000, "≤ 1 ms"))
    for index, (name, limit, bar) in enumerate(bars):
        value = measured.median("ours", index)
        yield Result(GROUP, f"ping-pong beside 100 busy actors, {name}", value, "µs", "Erlang/OTP",
                     measured.median("Erlang/OTP", index), bar, value <= limit)
    fairness = measured.median("ours", 4)
    yield Result(GROUP, "… most work of a busy actor ÷ least", fairness, "×", "Erlang/OTP",
                 measured.median("Erlang/OTP", 4), "≤ 1.2", fairness <= 1.2)


def idle_node(quick):
    measured = rounds({"ours": lambda: ours("wake-up", min(2, CORES), 100 if quick else 300)}, quick)
    ratio, spread = measured.ratio_of_columns("ours", 0, 1)
    yield Result(GROUP, "wake-up of an idle node, p50", measured.median("ours", 0), "µs", "bare futex wake",
                 measured.median("ours", 1), "≤ 1.3 ×", ratio <= 1.3, spread, ratio)
    percent = ours("idle-cpu", min(2, CORES), 2 if quick else 5)[0]
    yield Result(GROUP, "processor time of a node with 10,000 idle actors", percent, "%", bar="< 0.5 %",
                 met=percent < 0.5)


def against_itself(quick):
    asks = rounds({"ask": sized(ours, "ask", 2, quick), "ping-pong": sized(ours, "ping-pong", 2, quick)}, quick)
    value, peer, ratio, spread = asks.rates("ask", "ping-pong")
    yield Result(GROUP, "ask with a timeout, 2 workers", value, "1/s", "our ping-pong", peer, "≥ 0.6 ×", ratio >= 0.6,
                 spread, ratio)
    for case, workers in (("ping-pong", 1), ("fan-in", 2), ("fork-join", 1)):
        both = rounds({"on": sized(ours, case, workers, quick),
                       "off": sized(ours, case, workers, quick, "statistics-off")}, quick)
        value, peer, ratio, spread = both.rates("on", "off")
        yield Result(GROUP, f"statistics on, {named(case, workers)}", value, "1/s", "off", peer, "≥ 0.95 ×",
                     ratio >= 0.95, spread, ratio)


def curve(quick):
    """From one worker to as many as there are cores: every count up to four, then doubling."""
    steps = sorted({n for n in (1, 2, 3, 4, 8, 16, 32, 64, CORES) if n <= CORES})
    for case in ("pairs", "fork-join", "big"):
        measured = rounds({n: sized(ours, case, n, quick) for n in steps}, quick)
        for n in steps:
            value, peer, ratio, spread = measured.rates(n, 1)
            yield Result(GROUP, f"curve: {named(case, n)}", value, "1/s", "1 worker", peer, spread=spread,
                         median_ratio=ratio)


CASES = (against_peers, idle_bytes, tail, idle_node, against_itself, curve)
