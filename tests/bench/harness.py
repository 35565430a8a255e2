# SPDX-License-Identifier: Apache-2.0
"""What every benchmark group shares: results and their bars, paired runs, a cluster of its own."""
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
BIN = BUILD / "bin"
PROGRAMS = BUILD / "tests" / "bin"


@dataclasses.dataclass
class Result:
    group: str
    case: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    bar: str = ""
    met: bool = True
    spread: str = ""
    median_ratio: float | None = None  # of the pairs, where there were any

    @property
    def ratio(self):
        if self.median_ratio is not None:
            return self.median_ratio
        return self.value / self.peer_value if self.peer_value else None

    def as_json(self):
        row = dataclasses.asdict(self) | {"ratio": self.ratio}
        keys = ("group", "case", "value", "unit", "peer", "peer_value", "ratio", "bar", "met", "spread")
        return json.dumps({key: row[key] for key in keys})


def run(*command, timeout=300, **options):
    """The standard output of a command that must succeed within a generous time."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()


def pairs(ours, peer, count):
    """Runs both in turn, `count` times; the medians of ours and of the peer's, and the spread of ours ÷ peer's."""
    rows = [(ours(), peer()) for _ in range(count)]
    ratios = [a / b for a, b in rows]
    return (statistics.median(a for a, _ in rows), statistics.median(b for _, b in rows),
            f"{min(ratios):.2f}–{max(ratios):.2f}")


def rounds(programs, quick):
    """Runs all programs in turn, five times over, or twice; each yields a list of figures."""
    return Rounds([{name: program() for name, program in programs.items()} for _ in range(2 if quick else 5)])


@dataclasses.dataclass
class Rounds:
    rows: list  # of name -> figures

    def column(self, name, index=0):
        return [row[name][index] for row in self.rows]

    def median(self, name, index=0):
        return statistics.median(self.column(name, index))

    def most(self, name, index=0):
        return max(self.column(name, index))

    def rates(self, name, peer):
        """The medians of the first figures of both, the median of their ratios and the ratios' spread."""
        ratio, spread = self.ratios(name, peer)
        return self.median(name), self.median(peer), ratio, spread

    def ratios(self, name, peer, index=0):
        return summary([a / b for a, b in zip(self.column(name, index), self.column(peer, index))])

    def ratio_of_columns(self, name, index, other):
        return summary([a / b for a, b in zip(self.column(name, index), self.column(name, other))])


def summary(ratios):
    return statistics.median(ratios), f"{min(ratios):.2f}–{max(ratios):.2f}"


@contextlib.contextmanager
def cluster(resources, agents=3):
    """A master and agents of their own, loopback, embedded registry; yields the folder and the master's address."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="troupe-bench-"))
    try:
        run(BIN / "troupe", "local", f"--agents={agents}", f"--dir={folder}", "--port=0", "--http_port=0", "--detach",
            f"--resources={resources}")
        yield folder, (folder / "address").read_text().split()[0]
    finally:
        subprocess.run([str(BIN / "troupe"), "local", "--stop", f"--dir={folder}"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no resident memory")


def environment():
    return os.environ | {"TROUPE_BIN": str(BIN)}
