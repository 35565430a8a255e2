# SPDX-License-Identifier: Apache-2.0
"""Jobs: dependencies, inputs fetched through the agents, and job files that are wrong."""
import json
import subprocess
import unittest

from harness import ClusterTest


class Batch(ClusterTest):
    def job(self, **job):
        path = self.folder / "job.json"
        path.write_text(job.pop("text", None) or json.dumps(job))
        return path

    def test_outputs_travel_from_task_to_task_whatever_agent_they_ran_on(self):
        tasks = [{"id": f"map-{i}", "command": f"seq 1 {i}", "cpus": 0.1, "mem": 32} for i in range(1, 13)]
        tasks.append({"id": "sum", "cpus": 0.1, "mem": 32, "depends": [t["id"] for t in tasks],
                      "inputs": [{"task": t["id"], "path": "stdout", "as": f"inputs/{t['id']}"} for t in tasks],
                      "command": "cat inputs/* | awk '{ s += $1 } END { print s }'"})
        done = self.troupe("batch", "--output=sum", self.job(name="sums", tasks=tasks))
        self.assertIn(str(sum(i * (i + 1) // 2 for i in range(1, 13))), done.stdout.split())

    def test_a_failed_task_fails_the_job_and_what_depends_on_it_does_not_run(self):
        tasks = [{"id": "bad", "command": "exit 7", "cpus": 0.1, "mem": 32},
                 {"id": "after", "command": "true", "cpus": 0.1, "mem": 32, "depends": ["bad"]}]
        done = self.troupe("batch", self.job(name="fails", tasks=tasks), check=1)
        self.assertIn("bad", done.stdout + done.stderr)

    def test_wrong_job_files_are_refused_by_name(self):
        def task(name, **more):
            return {"id": name, "command": "true", "cpus": 0.1, "mem": 32} | more

        cases = {
            "cycle": ({"name": "j", "tasks": [task("a", depends=["b"]), task("b", depends=["a"])]}, ["a", "b"]),
            "duplicate": ({"name": "j", "tasks": [task("a"), task("a")]}, ["a"]),
            "unknown dependency": ({"name": "j", "tasks": [task("a", depends=["zebra"])]}, ["zebra"]),
            "unknown key": ({"name": "j", "tasks": [task("a", dependz=[])]}, ["dependz"]),
            "wrong type": ({"name": "j", "tasks": [task("a", cpus="many")]}, ["cpus"]),
            "negative": ({"name": "j", "tasks": [task("a", cpus=-1)]}, ["cpus"]),
            "no tasks": ({"name": "j"}, ["tasks"]),
            "not JSON": ({"text": "{\"name\": "}, ["job.json"]),
            "bad id": ({"name": "j", "tasks": [task("a/b")]}, ["a/b"]),
        }
        for what, (job, words) in cases.items():
            with self.subTest(what):
                done = self.troupe("batch", self.job(**job), check=2)
                for word in words:
                    self.assertIn(word, done.stderr)
        self.troupe("batch", self.folder / "no-such-file", check=2)


if __name__ == "__main__":
    unittest.main()
