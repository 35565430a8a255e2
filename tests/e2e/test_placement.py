# SPDX-License-Identifier: Apache-2.0
"""Placement by constraints: eight agents in eight racks, two zones, and one of another kind."""
import json
import unittest

from harness import BIN, ClusterTest, run


class Placement(ClusterTest):
    AGENTS = 9
    ENOUGH = "--timeout=10secs"  # for every agent to have offered what it has

    @classmethod
    def prepare(cls):
        word = "a" * 60 + "bc"  # on which a pattern can try longer than the sun shines
        racks = [f"rack:r{i};cores:{i}.50;zone:z{i % 2};ports:[{i}-{i}];word:{word}" for i in range(1, 9)]
        return ["--attributes=" + "|".join([*racks, "kind:spare"])]

    def places(self, *arguments, check=0):
        """On which agents the tasks ran, one for each task, and all that was said."""
        done = self.troupe("run", "--cpus=0.1", "--mem=32", "--json", *arguments, "--", "true", check=check)
        lines = [json.loads(line) for line in (done.stdout + done.stderr).splitlines()]
        tasks = {line["task"]: line["agent"] for line in lines if line.get("state") == "TASK_FINISHED"}
        return sorted(tasks.values()), "\n".join(line["note"] for line in lines if "note" in line)

    def agents(self, *numbers):
        return [f"agent-{i}" for i in numbers]

    # mission: A10
    def test_eight_tasks_on_eight_agents_in_eight_racks(self):
        done = self.troupe("run", "--instances=8", "--cpus=2", "--mem=1024", "--constraint", "hostname:UNIQUE",
                           "--constraint", "rack:UNIQUE", "--output", "--", "sh", "-c", "echo $HOSTNAME")
        hosts = [line for line in done.stdout.splitlines() if line in self.agents(*range(1, 10))]
        self.assertEqual(sorted(hosts), self.agents(*range(1, 9)))

    # mission: A10
    def test_a_ninth_task_finds_no_rack_and_hears_why(self):
        places, said = self.places("--instances=9", "--constraint=hostname:UNIQUE", "--constraint=rack:UNIQUE",
                                   self.ENOUGH, check=4)
        self.assertEqual(places, self.agents(*range(1, 9)))
        self.assertIn("1 of 9 tasks found no agent with cpus:0.1; mem:32 free in time, giving up", said)
        self.assertRegex(said, r"8 of 9 agents: hostname:UNIQUE, a task is there already \(agent-\d.*, …\)")
        self.assertIn("1 of 9 agents: rack:UNIQUE, they have no rack (agent-9)", said)

    def test_every_operator_places(self):
        cases = {
            "rack:CLUSTER:r3": self.agents(3, 3),
            "cores:CLUSTER:4.5": self.agents(4, 4),
            "ports:CLUSTER:[5-5]": self.agents(5, 5),
            "rack:LIKE:r[67]": self.agents(6, 7),
            "hostname:LIKE:(?i)AGENT-9": self.agents(9, 9),
            "hostname:UNLIKE:agent-[1-8]": self.agents(9, 9),
            "rack:UNLIKE:r[1-8]": self.agents(9, 9),
            "kind:MAX_PER:2": self.agents(9, 9),
        }
        for constraint, agents in cases.items():
            with self.subTest(constraint):
                self.assertEqual(self.places("--instances=2", "--constraint", constraint)[0], agents)

    def test_group_by_is_even(self):
        places, _ = self.places("--instances=6", "--constraint=zone:GROUP_BY:2")
        self.assertEqual([int(place[-1]) % 2 for place in places].count(1), 3, places)

    def test_what_no_agent_has_is_told_by_reason(self):
        cases = {
            ("rack:CLUSTER:r12",): ["8 of 9 agents: rack:CLUSTER:r12, they are elsewhere (r",
                                    "1 of 9 agents: rack:CLUSTER:r12, they have no rack (agent-9)"],
            ("word:LIKE:(a|aa)+b",): ["8 of 9 agents: word:LIKE:(a|aa)+b, the pattern takes too many steps to tell",
                                      "1 of 9 agents: word:LIKE:(a|aa)+b, they have no word (agent-9)"],
            ("rack:LIKE:r[1-2]", "hostname:UNLIKE:agent-2", "zone:CLUSTER:z0"):
                ["6 of 9 agents: rack:LIKE:r[1-2], no match", "1 of 9 agents: hostname:UNLIKE:agent-2, a match (agent-2)",
                 "1 of 9 agents: zone:CLUSTER:z0, they are elsewhere (z1)"],
        }
        for constraints, words in cases.items():
            with self.subTest(constraints):
                places, said = self.places(*(f"--constraint={c}" for c in constraints), self.ENOUGH, check=4)
                self.assertEqual(places, [])
                for word in words:
                    self.assertIn(word, said)

    def test_what_cannot_be_read_starts_nothing(self):
        cases = {
            "rack": "expected FIELD:OPERATOR[:VALUE]",
            "rack:ALONE": "there is no operator \"ALONE\"",
            "rack:UNIQUE:r1": "write FIELD:UNIQUE",
            "rack:MAX_PER:none": "NUMBER must be a whole number from 1 to 1000000",
            "rack:LIKE:r[1": "the pattern is wrong at byte 3: missing terminating ]",
        }
        before = self.troupe("frameworks", "--all").stdout.count("\n")
        for constraint, word in cases.items():
            with self.subTest(constraint):
                done = self.troupe("run", "--constraint", constraint, "--", "true", check=2)
                self.assertIn(f"--constraint: \"{constraint}\"", done.stderr)
                self.assertIn(word, done.stderr)
        done = run(BIN / "troupe", "run", "--", "true", env=self.env | {"TROUPE_RUN_CONSTRAINT": "rack:NOT"}, check=2)
        self.assertIn("there is no operator \"NOT\"", done.stderr)
        self.assertIn("after it", self.troupe("run", "--constraint", "--", "true", check=2).stderr)
        self.assertEqual(self.troupe("frameworks", "--all").stdout.count("\n"), before)

    def test_a_job_has_constraints_too(self):
        path = self.folder / "job.json"
        task = {"command": "echo $HOSTNAME", "cpus": 0.1, "mem": 32}
        path.write_text(json.dumps({"name": "placed", "constraints": ["rack:UNIQUE", "rack:LIKE:r[1-4]"], "tasks": [
            *({"id": f"t{i}"} | task for i in range(4)), {"id": "spare", "constraints": ["kind:CLUSTER:spare"]} | task]}))
        done = self.troupe("batch", "--output=spare", path)
        self.assertIn("agent-9", done.stdout.split())
        path.write_text(json.dumps({"name": "nowhere", "tasks": [{"id": "t", "constraints": ["rack:CLUSTER:r12"]} | task]}))
        done = self.troupe("batch", self.ENOUGH, path, check=4)
        self.assertIn("task t found no agent with cpus:0.1; mem:32 free", done.stderr)
        self.assertIn("8 of 9 agents: rack:CLUSTER:r12, they are elsewhere", done.stderr)
        path.write_text(json.dumps({"name": "wrong", "tasks": [{"id": "t", "constraints": ["rack:LIKE:("]} | task]}))
        self.assertIn("at byte 1: missing closing parenthesis", self.troupe("batch", path, check=2).stderr)

    def test_attributes_that_are_none_start_no_cluster(self):
        done = run(BIN / "troupe", "local", "--agents=2", f"--dir={self.folder}/none", "--attributes=rack:r1|rack", check=2)
        self.assertIn("agent 2: attribute 'rack': expected NAME:VALUE", done.stderr)
        self.assertFalse((self.folder / "none").exists())


if __name__ == "__main__":
    unittest.main()
