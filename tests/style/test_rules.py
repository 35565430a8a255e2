#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each rule finds what it is for, and nothing in a tree that keeps to it."""
import os
import tempfile
import unittest

import rules
from source_tree import Tree

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"


class Rules(unittest.TestCase):
    def found(self, rule, files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return [(path, line) for path, line, _ in rule(Tree(root))]

    def test_a_layer_may_not_include_one_above_or_beside_it(self):
        files = {"libactor/include/actor/a.h": "", "libactor/src/core/c.h": "", "proto/include/proto/p.h": "",
                 "master/state/s.h": "", "agent/agent.h": "",
                 "libactor/src/core/x.c": "#include <actor/a.h>\n#include \"core/c.h\"\n#include <proto/p.h>\n",
                 "agent/x.c": "#include <proto/p.h>\n#include \"../master/state/s.h\"\n#include \"core/c.h\"\n"}
        self.assertEqual(self.found(rules.layers, files),
                         [("agent/x.c", 2), ("agent/x.c", 3), ("libactor/src/core/x.c", 3)])

    def test_a_room_may_include_anothers_messages_but_not_its_door(self):
        files = {"master/a/a.h": "#include <actor/actor.h>\n", "master/a/messages.h": "", "master/pure/p.h": "", "master/metrics.h": "", "master/b/b.h": "",
                 "master/b/b.c": "#include \"b.h\"\n#include \"a/messages.h\"\n#include \"metrics.h\"\n#include \"a/a.h\"\n",
                 "master/b/p.c": "#include \"pure/p.h\"\n",
                 "master/wiring.c": "#include \"a/a.h\"\n", "master/main.c": "#include \"a/a.h\"\n"}
        self.assertEqual(self.found(rules.doors, files), [("master/b/b.c", 4), ("master/main.c", 1)])

    def test_the_runtime_has_no_cluster_words_but_in_prose(self):
        text = "/* an agent */\nint multitasking, TaskCount;\nconst char *s = \"offer\";\nint launch_task(void);\n"
        self.assertEqual(self.found(rules.vocabulary, {"libactor/src/x.c": text, "master/x.c": text}),
                         [("libactor/src/x.c", 2), ("libactor/src/x.c", 4)])

    def test_long_functions_files_and_headers_are_found(self):
        body = "int f(void)\n{\n" + "        ;\n" * 67 + "}\n"
        test = "START_TEST(t)\n{\n" + "        ;\n" * 68 + "}\nEND_TEST\n"
        files = {"master/good.c": body, "master/bad.c": body.replace("}", ";\n}"), "tests/unit/x.c": test}
        self.assertEqual(self.found(rules.function_sizes, files), [("master/bad.c", 1), ("tests/unit/x.c", 1)])
        files = {"a/x.c": "\n" * 1001, "a/y.c": "\n" * 1000, "a/x.h": "\n" * 201, "a/y.h": "\n" * 200,
                 "tests/z.h": "\n" * 1000}
        self.assertEqual(self.found(rules.file_sizes, files), [("a/x.c", 1001), ("a/x.h", 201)])

    def test_a_file_without_licence_line_is_found(self):
        self.assertEqual(self.found(rules.licence_lines, {"a/x.c": SPDX, "a/y.c": "int x;\n", "a/z.sh": "#!/bin/sh\n"}),
                         [("a/y.c", 1), ("a/z.sh", 1)])

    def test_a_folder_of_sources_needs_a_page(self):
        files = {"master/a/x.c": "", "master/b/x.c": "", "master/b/README.md": "", "tests/README.md": "",
                 "master/include/x.c": "", "libactor/include/actor/x.h": "", "tests/unit/a/x.c": ""}
        self.assertEqual(self.found(rules.readmes, files), [("master/README.md", 1), ("master/a/README.md", 1)])

    def test_marks_of_unfinished_work_are_found(self):
        mark = "TO" + "DO"
        self.assertEqual(self.found(rules.unfinished, {"a/x.c": f"ok\n/* {mark}: */\n\"/tmp/XXXXXX\"\n"}), [("a/x.c", 2)])

    def test_banned_functions_are_found_but_not_their_safe_kin(self):
        text = "strcpy(a, b);\nactor_strdup(a);\nx = malloc(1);\nallocator->realloc(a);\n\"gets(x)\";\nstrtok_r(a);\n"
        self.assertEqual(self.found(rules.banned_functions, {"a/x.c": text}), [("a/x.c", 1), ("a/x.c", 3)])
        self.assertEqual(self.found(rules.banned_functions, {rules.MEMORY_FILE: "x = malloc(1);\n"}), [])

    def test_headers_that_include_each_other_are_found_once(self):
        files = {"master/a.h": "#include \"b.h\"\n", "master/b.h": "#include \"c.h\"\n", "master/c.h": "#include \"a.h\"\n",
                 "master/d.h": "#include \"a.h\"\n"}
        self.assertEqual(len(self.found(rules.include_cycles, files)), 1)
        del files["master/c.h"]
        self.assertEqual(self.found(rules.include_cycles, files), [])

    def test_sleeps_are_found(self):
        files = {"a/x.c": "usleep(1);\nsleep (2);\nnanosleep(x);\nsleep_state(1);\n/* sleep(1) */\n",
                 "tests/e2e/test_x.py": "time.sleep(1)\n", "tests/e2e/harness.py": "time.sleep(1)\n"}
        self.assertEqual(self.found(rules.sleeps, files),
                         [("a/x.c", 1), ("a/x.c", 2), ("a/x.c", 3), ("tests/e2e/test_x.py", 1)])

    def test_tabs_are_found(self):
        self.assertEqual(self.found(rules.tabs, {"a/x.c": "a\n\tb\n", "a/Makefile": "\tb\n"}), [("a/x.c", 2)])

    def test_a_flag_or_metric_without_a_sentence_is_found(self):
        text = ('FLAG(a, uint, "5", "1..9", "Port (of x, y) to use.")\n'
                'FLAG(b, uint, "5", ">=1", "")\n'
                'FLAG(c, uint, "5", "", "Two "\n     "strings.")\n'
                'METRIC(d, GAUGE, "a/d", "no capital.")\n'
                'METRIC(e, GAUGE, "a/e", "No stop")\n')
        self.assertEqual(self.found(rules.documented_tables, {"a/x.def": text}), [("a/x.def", n) for n in (2, 5, 6)])


if __name__ == "__main__":
    unittest.main()
