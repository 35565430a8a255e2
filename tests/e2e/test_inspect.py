# SPDX-License-Identifier: Apache-2.0
"""Looking inside a running cluster: actors, bonds, and the way of a task's launch."""
import json
import unittest

from harness import BIN, ClusterTest, run


class Inspect(ClusterTest):
    def agent_addresses(self):
        return [row["pid"].split("@")[-1] for row in self.troupe_json("agents")["agents"]]

    def look(self, place, *flags):
        return json.loads(self.troupe("actors", place, "--interval=100ms", "--json", *flags).stdout)

    def test_a_master_shows_its_actors(self):
        seen = self.look(self.master, "--sort=name", "--links")
        actors = {actor["name"]: actor for actor in seen["actors"] if actor["name"]}
        self.assertEqual(seen["node"]["name"], "master")
        for name in ("actor.inspect", "master", "allocator", "registrar", "state"):
            self.assertIn(name, actors)
        sessions = [actor for name, actor in actors.items() if name.startswith("agent/")]
        self.assertEqual(len(sessions), self.AGENTS)
        self.assertTrue(all(actor["parent"] == actors["master"]["ref"] for actor in sessions))
        self.assertEqual(actors["master"]["bonds"]["child_count"], self.AGENTS)
        self.assertIn("troupe.internal.RegisterAgent", {row["type"] for row in seen["handlers"]})

    def test_agents_are_looked_into_too_and_by_either_program(self):
        for place in self.agent_addresses():
            seen = json.loads(run(BIN / "actorctl", place, "--interval=100ms", "--json", check=0).stdout)
            self.assertEqual(seen["node"]["name"], "agent")
            self.assertIn("containerizer", {actor["name"] for actor in seen["actors"]})

    def test_people_get_tables(self):
        text = self.troupe("actors", self.master, "--interval=100ms", "--sort", "busy", "--limit", "3").stdout
        self.assertIn("DEPTH", text)
        self.assertIn("and ", text)
        self.assertIn("SLOWEST", text)

    def test_a_launch_is_followed_from_the_master_to_the_task_and_written_for_perfetto(self):
        done = self.troupe("run", "--trace", "--cpus", "0.1", "--mem", "32", "--", "true")
        trace = [word for word in (done.stdout + done.stderr).replace("\n", " ").split(" trace ")[1].split(" ")][0]
        self.assertIn(trace, self.troupe("actors", self.master, "--traces").stdout)
        events = json.loads(self.troupe("actors", self.master, "--trace", trace, "--json").stdout)["events"]
        nodes = {event["node"].split("@")[0] for event in events}
        self.assertEqual(nodes, {"master", "agent"})
        handled = {event["type"] for event in events if event["what"] == "handled"}
        self.assertIn("mesos.v1.scheduler.Call", handled)
        self.assertIn("troupe.internal.RunTasks", handled)
        path = self.folder / "trace.json"
        self.troupe("actors", self.master, "--trace", trace, "--output", path)
        written = json.loads(path.read_text())["traceEvents"]
        begun = {event["id"] for event in written if event["ph"] == "s"}
        self.assertTrue(begun)
        self.assertEqual(begun, {event["id"] for event in written if event["ph"] == "f"})
        self.assertEqual(len({event["pid"] for event in written if event["ph"] == "X"}), 2)

    def test_a_commands_own_messages_are_traced(self):
        done = self.troupe("--trace", "kill", "nobody", check=1)
        trace = done.stderr.split()[1].rstrip(":")

        def handled():  # a handler is told of when it has returned, which may be after its answer has come
            events = json.loads(self.troupe("actors", self.master, "--trace", trace, "--json").stdout)["events"]
            return [e for e in events if e["what"] == "handled" and e["type"] == "troupe.internal.OperatorKill"]

        self.until(handled)

    def test_mistakes_get_a_sentence_and_an_exit_code(self):
        self.assertIn("usage", self.troupe("actors", check=2).stderr)
        self.assertIn("nowhere", self.troupe("actors", "nowhere", check=2).stderr)
        self.assertIn("no trace's number", self.troupe("actors", self.master, "--trace=xyz", check=2).stderr)
        self.assertIn("--output", self.troupe("actors", self.master, "--output=x", check=2).stderr)
        self.assertIn("nothing is remembered", self.troupe("actors", self.master, "--trace=12", check=1).stderr)
        self.assertIn("127.0.0.1:1", self.troupe("actors", "127.0.0.1:1", "--timeout=300ms", check=3).stderr)


if __name__ == "__main__":
    unittest.main()
