# SPDX-License-Identifier: Apache-2.0
"""A cluster with keys: who holds one that is allowed works on it, nobody else does, and everybody is told why."""
import json
import re
import stat
import unittest
import urllib.request

from harness import BIN, PATIENCE, ClusterTest, run


class Curve(ClusterTest):
    AGENTS = 1

    @classmethod
    def keygen(cls, name, *flags):
        run(BIN / "troupe", "keygen", cls.folder / "keys" / name, f"--principal={name}", *flags, check=0)

    @classmethod
    def allow(cls, name):
        """Written beside and renamed, as an operator would."""
        beside = cls.folder / "allow" / f".{name}"
        beside.write_bytes((cls.folder / "keys" / name).read_bytes())
        beside.rename(cls.folder / "allow" / name)

    @classmethod
    def prepare(cls):
        (cls.folder / "keys").mkdir()
        (cls.folder / "allow").mkdir()
        for name in ("server", "ops", "stranger"):
            cls.keygen(name)
        cls.allow("server")
        cls.allow("ops")
        return cls.keys("server") + [f"--curve_allow={cls.folder}/allow"]

    @classmethod
    def keys(cls, own, of_server="server"):
        return [f"--curve_key={cls.folder}/keys/{own}_secret", f"--curve_server_key={cls.folder}/keys/{of_server}"]

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics", timeout=PATIENCE) as answer:
            return float(re.search(rf"^\S*{name} (\S+)$", answer.read().decode(), re.M)[1])

    def log(self, name):
        return (self.folder / "cluster" / f"{name}.log").read_text()

    def test_who_is_allowed_runs_a_task_and_reads_its_output(self):
        done = self.troupe("run", *self.keys("ops"), "--cpus=0.1", "--mem=32", "--", "echo hello")
        self.assertEqual(done.stdout, "hello\n")
        self.assertIn("agent-1", self.troupe("agents", *self.keys("ops")).stdout)
        self.assertIn('its key is that of "ops"', self.log("master"))
        self.assertNotIn("WITHOUT ENCRYPTION", self.log("master") + self.log("agent-1"))

    def test_keys_may_come_from_the_environment(self):
        env = self.env | {"TROUPE_CURVE_KEY": f"{self.folder}/keys/ops_secret",
                          "TROUPE_CURVE_SERVER_KEY": f"{self.folder}/keys/server"}
        run(BIN / "troupe", "ps", env=env, check=0)
        done = run(BIN / "troupe", "hello", env=env, check=0)
        self.assertIn("hello", done.stdout)

    def test_who_has_no_key_is_refused_told_why_and_counted(self):
        before = self.metric("wire_denied")
        done = self.troupe("ps", check=3)
        self.assertRegex(done.stderr, r"cannot be reached: .*it demands CURVE, and this node has no key \(--curve_key")
        self.until(lambda: self.metric("wire_denied") > before)  # the master may be told later than the other side
        self.await_log("master", "master denied a peer: it ")

    def test_a_key_that_is_not_allowed_is_denied_logged_and_let_in_once_it_is(self):
        before = self.metric("wire_denied")
        done = self.troupe("ps", *self.keys("stranger"), check=3)
        self.assertIn("it refuses this node's key, which is not in its list of those allowed", done.stderr)
        self.assertGreater(self.metric("wire_denied"), before)
        key = re.search(r'public-key = "(.*)"', (self.folder / "keys" / "stranger").read_text())[1]
        self.assertIn(f'denied key "{key}": not in the list of those allowed; it came from 127.0.0.1', self.log("master"))
        self.allow("stranger")
        self.await_log("master", "read anew: 3 keys")
        self.troupe("ps", *self.keys("stranger"))

    def await_log(self, name, text):
        """`tail` says when the daemon's log has it."""
        log = self.folder / "cluster" / f"{name}.log"
        run("sh", "-c", f"timeout {PATIENCE} tail -n +1 -f '{log}' | grep -q -m 1 '{text}'", check=0)

    def test_actors_are_shown_to_who_is_allowed_and_to_nobody_else(self):
        for program in ([BIN / "troupe", "actors"], [BIN / "actorctl"]):
            seen = run(*program, self.master, "--interval=1ms", "--json", *self.keys("ops"), check=0)
            self.assertEqual(json.loads(seen.stdout)["node"]["name"], "master")
            refused = run(*program, self.master, check=3)
            self.assertRegex(refused.stderr, r"cannot be reached: .*it demands CURVE, and this node has no key \(--curve_key")

    def test_a_server_with_another_key_than_expected_is_not_spoken_to(self):
        done = self.troupe("ps", *self.keys("ops", of_server="ops"), check=3)
        self.assertIn("probably it does not hold the key that is known for it here", done.stderr)

    def test_bad_keys_are_refused_with_what_would_be_right(self):
        loose = self.folder / "keys" / "ops_loose"
        loose.write_bytes((self.folder / "keys" / "ops_secret").read_bytes())
        loose.chmod(0o644)
        for flags, sentence in ((["--curve_key=/no/such"], "--curve_key: cannot read /no/such"),
                                ([f"--curve_key={loose}"], "has mode 0644; right would be 0600"),
                                ([f"--curve_key={self.folder}/keys/ops"], "holds no secret key"),
                                (self.keys("ops", of_server="ops_secret"), "holds a secret key"),
                                ([f"--curve_server_key={self.folder}/keys/server"], "is given without --curve_key")):
            done = self.troupe("ps", *flags, check=2)
            self.assertIn(sentence, done.stderr)
        for program, flags in (("troupe-master", []), ("troupe-agent", ["--master=127.0.0.1:1"])):
            done = run(BIN / program, f"--work_dir={self.folder}/{program}", "--port=0", "--http_port=0", *flags,
                       *self.keys("ops"), check=1)
            self.assertIn("--curve_key is given without --curve_allow", done.stderr)

    def test_keygen_makes_a_pair_that_only_its_owner_can_read(self):
        self.keygen("made", "--endpoint=tcp://10.0.0.7:5051")
        public, secret = self.folder / "keys" / "made", self.folder / "keys" / "made_secret"
        self.assertEqual(stat.S_IMODE(secret.stat().st_mode), 0o600)
        self.assertIn('endpoint = "tcp://10.0.0.7:5051"', public.read_text())
        self.assertNotIn("secret-key", public.read_text())
        done = self.troupe("keygen", "--principal=again", public, check=1)
        self.assertIn("never overwritten", done.stderr)
        for flags, sentence in ((["x"], "--principal=NAME is missing"),
                                (["--principal=a", "--endpoint=10.0.0.7", "x"], "right would be tcp://host:port"),
                                (["--principal=a\"b", "x"], "is no principal"), (["--principal=a"], "takes one file")):
            self.assertIn(sentence, self.troupe("keygen", *flags, check=2).stderr)


if __name__ == "__main__":
    unittest.main()
