# SPDX-License-Identifier: Apache-2.0
"""Rubbish on every port, while the cluster goes on working."""
import random
import re
import socket
import unittest
import urllib.request

from harness import PATIENCE, ClusterTest, run, BIN

# A ZMTP 3.0 greeting with the NULL mechanism, and READY as a DEALER: as far as ZeroMQ itself is concerned, a good peer.
GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + b"\0" + bytes(31)
READY = b"\x04\x26\x05READY" + b"\x0bSocket-Type\x00\x00\x00\x06DEALER" + b"\x08Identity\x00\x00\x00\x00"


def frame(body):
    return bytes([0, len(body)]) + body if len(body) < 256 else b"\x02" + len(body).to_bytes(8, "big") + body


class BadInput(ClusterTest):
    def port(self):
        return int(self.master.rsplit(":", 1)[1])

    def throw(self, port, *chunks):
        """Sends what the other side will take; it may hang up at any moment."""
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as peer:
            try:
                for chunk in chunks:
                    peer.sendall(chunk)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass
            except OSError:
                pass

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics", timeout=PATIENCE) as answer:
            return float(re.search(rf"^\S*{name} (\S+)$", answer.read().decode(), re.M)[1])

    def test_random_bytes_and_random_frames_are_counted_and_nothing_else_happens(self):
        dice = random.Random(1)
        before = self.metric("wire_rejected")
        for _ in range(100):
            self.throw(self.port(), dice.randbytes(dice.randrange(1, 4096)))
        for _ in range(100):
            frames = [frame(dice.randbytes(dice.randrange(0, 600))) for _ in range(dice.randrange(1, 50))]
            self.throw(self.port(), GREETING, READY, *frames)
        for version in (0, 2, 255):
            self.throw(self.port(), GREETING, READY, frame(b"TA" + bytes([version, 1]) + bytes(12)))
        self.throw(self.port(), GREETING, READY, b"\x02" + (1 << 40).to_bytes(8, "big") + b"x" * 100)
        self.assertGreater(self.metric("wire_rejected"), before)
        self.troupe("run", "--cpus", "0.1", "--mem", "32", "--", "true")

    def test_random_requests_on_the_http_port_are_answered_or_closed(self):
        dice = random.Random(2)
        for line in (b"GET", b"GET / HTTP/9.9", b"BREW /state HTTP/1.1", b"GET /" + b"a" * 100000 + b" HTTP/1.1",
                     b"POST /state HTTP/1.1\r\nContent-Length: 99999999999999999999", b"GET /../../etc/passwd HTTP/1.1"):
            self.throw(int(self.http), line + b"\r\n\r\n")
        for _ in range(100):
            self.throw(int(self.http), dice.randbytes(dice.randrange(1, 2000)))
        self.assertGreater(self.metric("actor_actors"), 0)

    def test_agents_with_malformed_resources_never_join(self):
        for resources in ("cpus:-1", "cpus:x", "cpus", "[{\"name\":\"cpus\"}]", "ports:[9-1]", "cpus:4;cpus:[1-2]"):
            done = run(BIN / "troupe-agent", f"--work_dir={self.folder}/bad", f"--master={self.master}", "--port=0",
                       "--http_port=0", f"--resources={resources}")
            self.assertNotEqual(done.returncode, 0, resources)
            self.assertIn("resources", done.stderr, resources)
        self.assertEqual(len(self.troupe_json("agents")["agents"]), self.AGENTS)

    def test_a_registry_of_a_newer_version_is_refused_with_both_versions_named(self):
        folder = self.folder / "newer"
        run(BIN / "troupe", "local", "--agents=1", f"--dir={folder}", "--port=0", "--http_port=0", "--detach", check=0)
        run(BIN / "troupe", "local", "--stop", f"--dir={folder}", check=0)
        for path in (folder / "master").rglob("data.mdb"):  # the record of the format: its version, then its name
            data = path.read_bytes()
            self.assertIn(b"\0\0\0\x01troupe-registry", data)
            path.write_bytes(data.replace(b"\0\0\0\x01troupe-registry", b"\0\0\0\x63troupe-registry"))
        done = run(BIN / "troupe-master", f"--work_dir={folder}/master", "--port=0", "--http_port=0")
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "99.*1|1.*99")


if __name__ == "__main__":
    unittest.main()
