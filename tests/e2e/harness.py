# SPDX-License-Identifier: Apache-2.0
"""A cluster of real processes for each test class, and short ways to talk to it."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

BIN = pathlib.Path(os.environ["TROUPE_BIN"])
PATIENCE = 240  # seconds; a bound that only a hang reaches


def run(*command, env=None, cwd=None, check=None, stdin=None):
    """Runs a program to its end; `check` is the exit code it must have."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=PATIENCE, env=env, cwd=cwd,
                          input=stdin, errors="replace")
    if check is not None and done.returncode != check:
        raise AssertionError(f"{command} ended with {done.returncode}, not {check}\nstdout: {done.stdout}\n"
                             f"stderr: {done.stderr}")
    return done


class ClusterTest(unittest.TestCase):
    """One cluster for all tests of a class."""

    AGENTS = 3
    RESOURCES = "cpus:4;mem:2048;disk:4096;ports:[31000-31999]"

    @classmethod
    def prepare(cls):
        """Before the cluster starts; returns more flags for it."""
        return []

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="troupe-e2e-"))
        run(BIN / "troupe", "local", f"--agents={cls.AGENTS}", f"--dir={cls.folder}/cluster", "--port=0",
            "--http_port=0", "--detach", f"--timeout={PATIENCE - 20}secs", f"--resources={cls.RESOURCES}", *cls.prepare(), check=0)
        cls.master, cls.http = (cls.folder / "cluster" / "address").read_text().split()[:2]
        cls.env = os.environ | {"TROUPE_MASTER": cls.master, "PATH": f"{BIN}:{os.environ['PATH']}",
                                "TROUPE_TIMEOUT": f"{PATIENCE - 20}secs", "TROUPE_CONNECT_TIMEOUT": f"{PATIENCE - 20}secs"}

    @classmethod
    def tearDownClass(cls):
        done = run(BIN / "troupe", "local", "--stop", f"--dir={cls.folder}/cluster")
        logs = {log.name: log.read_text(errors="replace") for log in (cls.folder / "cluster").glob("*.log")}
        shutil.rmtree(cls.folder, ignore_errors=True)
        reports = [f"{name}:\n{text}" for name, text in logs.items() if "Sanitizer" in text or "assert" in text.lower()]
        assert not reports, "\n".join(reports)
        assert done.returncode == 0, done.stderr

    def troupe(self, *arguments, check=0, stdin=None):
        return run(BIN / "troupe", *arguments, env=self.env, check=check, stdin=stdin)

    def troupe_json(self, *arguments):
        return json.loads(self.troupe(*arguments, "--json").stdout)

    def until(self, look):
        """What `look` returns, as soon as it is something. Each look asks another process, and waits for it."""
        end = time.monotonic() + PATIENCE
        while not (seen := look()):
            self.assertLess(time.monotonic(), end, "it never came")
        return seen

    def pids(self):
        rows = (line.split() for line in (self.folder / "cluster" / "pids").read_text().splitlines())
        return {name: int(pid) for pid, _, name in rows}
