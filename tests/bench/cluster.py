# SPDX-License-Identifier: Apache-2.0
"""Group `cluster`: one master and three agents on this machine."""
import pathlib
import shutil
import tempfile
import time

from harness import BIN, PROGRAMS, ROOT, Result, cluster, environment, pairs, resident_mib, run

GROUP = "cluster"
NARROW = "cpus:0.4;mem:4096;disk:1024"  # forty benchmark tasks at a time on each agent
WIDE = "cpus:1000;mem:1000000;disk:1024"


def bench(master, mode, count):
    return float(run(PROGRAMS / "cluster_bench", master, mode, count, env=environment()))


def command_tasks(quick):
    count, rounds = (500, 2) if quick else (3000, 5)
    with cluster(NARROW) as (_, master):
        bench(master, "commands", 100)  # the first tasks start the agents' command executors
        value, limit, spread = pairs(lambda: bench(master, "commands", count),
                                     lambda: float(run(PROGRAMS / "spawn_limit", count)), rounds)
    yield Result(GROUP, "command tasks finished", value, "1/s", "posix_spawn + wait of /bin/true", limit,
                 "≥ 25 % of the peer", value >= 0.25 * limit, spread)


def executor_tasks(quick):
    with cluster(WIDE) as (_, master):
        rate = bench(master, "threads", 10000)
    yield Result(GROUP, "10,000 tasks at once on one threads executor", rate, "1/s", bar="≥ 10,000/s, all finish",
                 met=rate >= 10000)


def latencies(quick):
    samples = 11 if quick else 51
    with cluster(WIDE) as (_, master):
        bench(master, "launch", 3)
        launch = bench(master, "launch", samples)
        reoffer = bench(master, "reoffer", samples)
        firsts = sorted(bench(master, "first-offer", 1) for _ in range(5 if quick else 15))
    yield Result(GROUP, "ACCEPT to TASK_RUNNING, idle cluster, median", launch, "ms", bar="≤ 10 ms", met=launch <= 10)
    first = firsts[len(firsts) // 2]
    yield Result(GROUP, "registration to first offer, median", first, "ms", bar="≤ 5 ms", met=first <= 5)
    yield Result(GROUP, "task's end to next offer of what it held, median", reoffer, "ms", bar="≤ 5 ms",
                 met=reoffer <= 5)


def memory(quick):
    with cluster("cpus:4;mem:4096;disk:1024") as (folder, _):
        rows = [line.split() for line in (folder / "pids").read_text().splitlines()]
        master = max(resident_mib(pid) for pid, _, name in rows if name == "master")
        agent = max(resident_mib(pid) for pid, _, name in rows if name != "master")
    yield Result(GROUP, "resident memory of an idle master", master, "MiB", bar="≤ 20 MiB", met=master <= 20)
    yield Result(GROUP, "resident memory of an idle agent", agent, "MiB", bar="≤ 15 MiB", met=agent <= 15)


def sizes(quick):
    with tempfile.TemporaryDirectory() as folder:
        for name in ("troupe-master", "troupe-agent", "troupe-executor", "troupe", "troupe-run", "troupe-batch",
                     "troupe-hello"):
            stripped = pathlib.Path(folder) / name
            shutil.copy(BIN / name, stripped)
            run("strip", stripped)
            mib = stripped.stat().st_size / 2**20
            yield Result(GROUP, f"stripped binary {name}", mib, "MiB", bar="≤ 2 MiB", met=mib <= 2)


def clean_build(quick):
    if quick:
        return
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DTROUPE_TESTS=OFF")
        run("cmake", "--build", folder, "-j", "2", timeout=900)
        seconds = time.monotonic() - begin
    yield Result(GROUP, "clean build, two cores", seconds, "s", bar="≤ 60 s", met=seconds <= 60)


CASES = (command_tasks, executor_tasks, latencies, memory, sizes, clean_build)
