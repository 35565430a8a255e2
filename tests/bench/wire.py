# SPDX-License-Identifier: Apache-2.0
"""Group `wire`: what messages between two processes cost on loopback, beside bare libzmq and Erlang's distribution."""
import contextlib
import functools
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import tempfile
import time

from harness import PROGRAMS, ROOT, Result, pairs, resident_mib, rounds, run

GROUP = "wire"
TCP, IPC, CURVE = "tcp", "ipc", "tcp with CURVE"

# transport, size, count, bar as a ratio (how many times bare libzmq, with CURVE where we have it)
ONE_WAY = ((TCP, 100, 4_000_000, 2.5), (IPC, 100, 4_000_000, 2.5), (TCP, 1024, 1_000_000, 1.7),
           (CURVE, 100, 1_000_000, 2.5), (CURVE, 1024, 400_000, 1.7))
MIB = 1 << 20


@contextlib.contextmanager
def started(*command, **options):
    """A server that prints one line when it is ready and ends when its input does; yields it and the line."""
    with subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          **options) as process:
        try:
            line = process.stdout.readline().strip()
            if not line:
                raise RuntimeError(f"{command[0]} does not serve")
            yield process, line
        finally:
            process.stdin.close()
            process.wait(60)


@contextlib.contextmanager
def served(program, transport):
    """A server; yields it and how to run a client: what that prints, as numbers."""
    with tempfile.TemporaryDirectory() as folder:
        endpoint = f"ipc://{folder}/wire" if transport == IPC else "tcp://127.0.0.1:*"
        keys = ("curve",) if transport == CURVE else ()

        def client(mode, count, size):
            return [float(word) for word in run(PROGRAMS / program, mode, bound, count, size, *keys).split()]

        with started(PROGRAMS / program, "serve", endpoint, *keys) as (server, bound):
            yield server, client


def between_two(program, transport, mode, count, size):
    with served(program, transport) as (_, client):
        return client(mode, count, size)


def one_way(quick):
    for transport, size, count, bar in ONE_WAY:
        count = count // 4 if quick else count
        value, peer, spread = pairs(lambda: between_two("wire_bench", transport, "one-way", count, size)[0],
                                    lambda: between_two("raw_zmq", transport, "one-way", count, size)[0],
                                    2 if quick else 5)
        yield Result(GROUP, f"one-way, {size} B, {transport}", value, "1/s", "libzmq DEALER→ROUTER", peer, f"≥ {bar} ×",
                     value >= bar * peer, spread)


def large_bodies(program, transport, count):
    """MB/s, and what both processes take of processors for each MB, in microseconds."""
    with served(program, transport) as (server, client):
        begin = resource.getrusage(resource.RUSAGE_CHILDREN)
        rate = client("one-way", count, MIB)[0]
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = cpu_seconds(server.pid) + end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime
        return rate * MIB / 1e6, cpu * 1e12 / (count * MIB)


def one_way_large(quick):
    for transport in (TCP, IPC):
        programs = {name: functools.partial(large_bodies, name, transport, 1000 if quick else 4000)
                    for name in ("wire_bench", "raw_zmq")}
        measured = rounds(programs, quick)
        for index, (what, unit) in enumerate((("", "MB/s"), (": processors, both sides", "µs/MB"))):
            ratio, spread = measured.ratios("wire_bench", "raw_zmq", index)
            yield Result(GROUP, f"one-way, 1 MiB, {transport}{what}", measured.median("wire_bench", index), unit,
                         "libzmq DEALER→ROUTER, not copying", measured.median("raw_zmq", index), spread=spread,
                         median_ratio=ratio)


def round_trip(quick):
    count, repeats = (5_000, 2) if quick else (20_000, 5)
    for transport in (TCP, IPC, CURVE):
        ours, peers = [], []
        for _ in range(repeats):
            ours.append(between_two("wire_bench", transport, "round-trip", count, 100))
            peers.append(between_two("raw_zmq", transport, "round-trip", count, 100))
        for index, name in enumerate(("p50", "p99")):
            value, peer = (statistics.median(row[index] for row in rows) for rows in (ours, peers))
            ratios = [a[index] / b[index] for a, b in zip(ours, peers)]
            yield Result(GROUP, f"round trip, 100 B, {transport}, {name}", value, "us", "libzmq DEALER→ROUTER", peer,
                         "≤ 1.15 ×", value <= 1.15 * peer, f"{min(ratios):.2f}–{max(ratios):.2f}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def erlang(folder):
    """Erlang's port mapper on a port of its own, and how to run a node; ends the mapper it has begun, by its id."""
    run("erlc", "-o", folder, ROOT / "tests" / "bench" / "peers" / "wire.erl")
    names = os.environ | {"ERL_EPMD_PORT": str(free_port()), "HOME": folder}

    def node(name):
        return ("erl", "-name", f"{name}@127.0.0.1", "-setcookie", "bench", "-start_epmd", "false", "-noshell", "-pa",
                folder, "-run", "wire", "main")

    with subprocess.Popen(["epmd", "-address", "127.0.0.1"], env=names) as mapper:
        try:
            while subprocess.run(["epmd", "-names"], env=names, capture_output=True, check=False).returncode != 0:
                if mapper.poll() is not None:
                    raise RuntimeError("epmd has ended")
            yield node, names
        finally:
            mapper.terminate()


def protobuf_call(quick):
    count, unpacks, repeats = (400_000, 500_000, 2) if quick else (2_000_000, 2_000_000, 5)
    value, peer, spread = pairs(lambda: between_two("wire_bench", TCP, "call", count, 1)[0],
                                lambda: float(run(PROGRAMS / "wire_bench", "unpack", "-", unpacks, 1)), repeats)
    yield Result(GROUP, "protobuf call, sent, unpacked, dispatched", value, "1/s", "protobuf-c unpacking it on one core",
                 peer, "≥ 0.8 ×", value >= 0.8 * peer, spread)
    with tempfile.TemporaryDirectory() as folder, erlang(folder) as (node, names):
        with started(*node("server"), "serve", env=names) as (_, server):
            value, peer, spread = pairs(lambda: between_two("wire_bench", TCP, "call", count, 1)[0],
                                        lambda: float(run(*node("client"), "call", server, count // 4, env=names)),
                                        repeats)
    yield Result(GROUP, "protobuf call, sent, unpacked, dispatched", value, "1/s", "Erlang distribution, equal term", peer,
                 "≥ 3 ×", value >= 3 * peer, spread)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def with_peers(program, peers_command, count, seconds):
    """What a server with so many peers takes: percent of a core, and KiB for each peer."""
    with started(PROGRAMS / program, "serve", "tcp://127.0.0.1:*") as (server, endpoint):
        before_mib = resident_mib(server.pid)
        with started(*peers_command, endpoint, count, seconds) as (peers, _):
            begin, cpu_begin = time.monotonic(), cpu_seconds(server.pid)
            peers.stdout.readline()
            cpu = (cpu_seconds(server.pid) - cpu_begin) / (time.monotonic() - begin)
            return 100 * cpu, (resident_mib(server.pid) - before_mib) * 1024 / count


def thousand_peers(quick):
    count, seconds = 1000, 5 if quick else 20
    cpu, kib = with_peers("wire_bench", (PROGRAMS / "wire_peers",), count, seconds)
    raw_cpu, raw_kib = with_peers("raw_zmq", (PROGRAMS / "raw_zmq", "peers"), count, seconds)
    yield Result(GROUP, f"{count} peers, one message a second each: CPU", cpu, "%", "libzmq ROUTER", raw_cpu,
                 "< 3 % of a core", cpu < 3)
    yield Result(GROUP, f"{count} peers: resident memory of each", kib, "KiB", "libzmq ROUTER", raw_kib, "< 64 KiB",
                 kib < 64)


CASES = (one_way, one_way_large, round_trip, protobuf_call, thousand_peers)
