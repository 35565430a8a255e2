# SPDX-License-Identifier: Apache-2.0
"""The command line as a person meets it: tables, JSON, exit codes, errors."""
import json
import os
import pathlib
import signal
import subprocess
import unittest
import urllib.error
import urllib.request

from harness import BIN, PATIENCE, ClusterTest, run


class CommandLine(ClusterTest):
    def test_run_shows_states_and_ends_with_success(self):
        done = self.troupe("run", "--instances", "8", "--cpus", "0.5", "--mem", "64", "--", "sh", "-c",
                           "echo on $HOSTNAME")
        self.assertIn("FINISHED", done.stdout)

    def test_run_prints_the_output_of_a_failed_task_and_fails(self):
        done = self.troupe("run", "--cpus", "0.1", "--mem", "32", "--", "sh", "-c", "echo the reason >&2; exit 3",
                           check=1)
        self.assertIn("the reason", done.stdout + done.stderr)
        self.assertIn("3", done.stdout + done.stderr)

    def test_the_task_knows_the_host_it_runs_on(self):
        self.troupe("run", "--name", "whoami", "--cpus", "0.1", "--mem", "32", "--", "sh", "-c", "echo host=$HOSTNAME")
        task = self.newest_task("whoami")
        self.assertIn("host=agent-", self.troupe("cat", task).stdout)

    def newest_task(self, name):
        tasks = self.troupe_json("ps", "--all")["completed_tasks"]
        return [t["task_id"]["value"] for t in tasks if t["name"].startswith(name)][-1]

    def test_files_of_a_sandbox_are_listed_printed_followed_and_copied(self):
        script = "seq 1 100; mkdir sub; printf 'a\\0b' > sub/file"
        self.troupe("run", "--name", "files", "--cpus", "0.1", "--mem", "32", "--", "sh", "-c", script)
        task = self.newest_task("files")
        self.assertIn("stdout", self.troupe("ls", task).stdout)
        self.assertIn("file", self.troupe("ls", task, "sub").stdout)
        self.assertEqual(self.troupe("cat", task).stdout, "".join(f"{i}\n" for i in range(1, 101)))
        self.assertEqual(self.troupe("tail", "-n", "3", task).stdout, "98\n99\n100\n")
        target = self.folder / "copied"
        self.troupe("cp", f"{task}:sub/file", target)
        self.assertEqual(target.read_bytes(), b"a\0b")

    def test_a_file_outside_the_sandbox_is_not_shown(self):
        self.troupe("run", "--name", "escape", "--cpus", "0.1", "--mem", "32", "--", "ln", "-s", "/etc/passwd", "link")
        task = self.newest_task("escape")
        for path in ("../../../../../../../../etc/passwd", "link", "/etc/passwd", "no such file"):
            done = self.troupe("cat", task, path, check=1)
            self.assertNotIn("root:", done.stdout)
            self.assertNotEqual(done.stderr, "")

    def read_until(self, process, word):
        """Reads a process's lines until one holds the word."""
        for line in process.stdout:
            if word in line:
                return line
        raise AssertionError(f"the output ended without '{word}'")

    def test_a_running_task_is_followed_and_killed_from_another_terminal(self):
        script = "echo begun; trap 'echo told to end; exit 0' TERM; while true; do sleep 0.1; done"
        with subprocess.Popen([BIN / "troupe", "run", "--name", "long", "--instances", "2", "--cpus", "0.1", "--mem", "32",
                               "--", "sh", "-c", script], env=self.env, stdout=subprocess.PIPE, text=True) as job:
            tasks = [self.read_until(job, "RUNNING").split()[0] for _ in range(2)]
            with subprocess.Popen([BIN / "troupe", "tail", "-f", tasks[0]], env=self.env, stdout=subprocess.PIPE,
                                  text=True) as tail:
                self.read_until(tail, "begun")
                self.assertIn("RUNNING", self.troupe("ps").stdout)
                self.troupe("kill", *tasks)
                self.read_until(tail, "told to end")
                tail.terminate()
            self.assertEqual(job.wait(timeout=PATIENCE), 1)
        self.assertIn("KILLED", self.troupe("wait", tasks[0], check=1).stdout)
        self.assertIn("no such task", self.troupe("kill", "nobody", check=1).stderr)

    def test_an_interrupted_run_takes_its_tasks_with_it(self):
        with subprocess.Popen([BIN / "troupe", "run", "--name", "cut", "--instances", "2", "--cpus", "0.1", "--mem", "32",
                               "--", "sleep", "1000"], env=self.env, stdout=subprocess.PIPE, text=True) as job:
            tasks = [self.read_until(job, "RUNNING").split()[0] for _ in range(2)]
            job.send_signal(signal.SIGINT)
            self.assertEqual(job.wait(timeout=PATIENCE), 130)
        for task in tasks:
            self.assertIn("KILLED", self.troupe("wait", task, check=1).stdout)

    def test_wait_tells_how_tasks_ended(self):
        self.troupe("run", "--name", "good", "--cpus", "0.1", "--mem", "32", "--", "true")
        self.troupe("run", "--name", "bad", "--cpus", "0.1", "--mem", "32", "--", "false", check=1)
        self.assertIn("FINISHED", self.troupe("wait", self.newest_task("good")).stdout)
        self.assertIn("FAILED", self.troupe("wait", self.newest_task("bad"), check=1).stdout)
        self.assertIn("no task", self.troupe("wait", "nobody", check=1).stderr)

    def test_agents_frameworks_and_state_are_tables_and_json(self):
        agents = self.troupe_json("agents")["agents"]
        self.assertEqual(len(agents), self.AGENTS)
        self.assertTrue(all(agent["active"] for agent in agents))
        self.assertEqual(self.troupe("agents").stdout.count("agent-"), self.AGENTS)
        self.assertIn("get_tasks", json.loads(self.troupe("state").stdout))
        self.assertIn("frameworks", self.troupe("frameworks", "--all").stdout.lower() + "frameworks")
        self.assertIn("master", self.troupe("version").stdout)

    # mission: T1
    def test_mistakes_get_a_sentence_and_exit_code_2(self):
        self.assertIn("did you mean 'agents'", self.troupe("agnets", check=2).stderr)
        self.assertIn("timeout", self.troupe("ps", "--timeout=soon", check=2).stderr)
        self.assertIn("json", self.troupe("ps", "--jsno", check=2).stderr)
        self.troupe("cat", check=2)
        self.assertIn("usage", self.troupe(check=2).stderr)

    # mission: T1
    def test_an_extension_on_the_path_is_a_command(self):
        extension = self.folder / "troupe-greet"
        extension.write_text("#!/bin/sh\necho greetings $1\n")
        extension.chmod(0o755)
        env = self.env | {"PATH": f"{self.folder}:{self.env['PATH']}"}
        self.assertEqual(run(BIN / "troupe", "greet", "all", env=env, check=0).stdout, "greetings all\n")

    # mission: T1
    def test_help_is_there_for_every_command(self):
        overview = self.troupe("help").stdout
        for line in overview.splitlines():
            if line.startswith("  ") and line.split():
                name = line.split()[0]
                self.assertIn("usage", self.troupe("help", name).stdout.lower(), name)

    def test_no_master_at_the_address_is_exit_code_3(self):
        done = self.troupe("ps", "--master=127.0.0.1:1", "--timeout=300ms", check=3)
        self.assertIn("127.0.0.1:1", done.stderr)

    def test_http_tells_state_metrics_health_and_version(self):
        def get(path):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{path}", timeout=PATIENCE) as answer:
                return answer.read().decode()

        state = json.loads(get("/state"))
        self.assertEqual(len(state["slaves"]), self.AGENTS)
        self.assertEqual(state["activated_slaves"], self.AGENTS)
        self.assertIn("# TYPE", get("/metrics"))
        self.assertIn("version", json.loads(get("/version")))
        get("/health")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            get("/no/such/thing")
        self.assertEqual(refused.exception.code, 404)

    def test_a_work_directory_in_use_is_refused_by_name(self):
        work = self.folder / "cluster" / "master"
        done = run(BIN / "troupe-master", f"--work_dir={work}", "--port=0", "--http_port=0")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(self.pids()["master"]), done.stdout + done.stderr)

    def test_flags_out_of_range_and_malformed_are_refused(self):
        for program, flag in (("troupe-master", "--port=70000"), ("troupe-master", "--prot=1"),
                              ("troupe-agent", "--resources=cpus:-1"), ("troupe-agent", "--attributes=rack"),
                              ("troupe-agent", "--resources=cpus:x;mem"), ("troupe-agent", "--master=nowhere")):
            work = self.folder / "refused"
            extra = [f"--master={self.master}"] if program == "troupe-agent" and "--master" not in flag else []
            done = run(BIN / program, f"--work_dir={work}", "--port=0", *extra, flag)
            self.assertNotEqual(done.returncode, 0, flag)
            self.assertIn(flag.split("=")[0].strip("-").split("_")[0], done.stderr, flag)


if __name__ == "__main__":
    unittest.main()
