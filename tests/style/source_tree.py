# SPDX-License-Identifier: Apache-2.0
"""The tree as the rules see it: its files, their texts, and what an #include means."""
import os
import re
import subprocess
from functools import lru_cache

GENERATED = re.compile(r"\.pb-c\.|(^|/)build/|(^|/)\.git/")

# A room's own folders on its include path, and what it shows to others.
PRIVATE_ROOTS = {
    "libactor": ["libactor/src", "libactor/include"],
    "proto": ["proto", "proto/include"],
    "executor": ["executor", "executor/include"],
    "frameworks": ["frameworks", "frameworks/include"],
    "agent": ["agent"],
    "master": ["master"],
    "cli": ["cli"],
}
PUBLIC_ROOTS = ["libactor/include", "proto/include", "frameworks/include", "executor/include"]
ROOMS = list(PRIVATE_ROOTS)


class Tree:
    def __init__(self, root):
        self.root = root
        self.paths = sorted(p for p in self._list() if not GENERATED.search(p))
        self.known = set(self.paths)

    def _list(self):
        git = subprocess.run(["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, check=False)
        if git.returncode == 0 and git.stdout:
            paths = git.stdout.decode(errors="replace").split("\0")
            return [p for p in paths if p and os.path.isfile(os.path.join(self.root, p))]
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f not in (".git", "build")]
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in names]
        return found

    def files(self, *suffixes, under=()):
        return [p for p in self.paths if p.endswith(suffixes) and (not under or p.startswith(tuple(under)))]

    @lru_cache(maxsize=None)
    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    @lru_cache(maxsize=None)
    def code(self, path):
        """The text of a C file with comments and the insides of literals blanked; lines stay in place."""
        return blank(self.text(path))

    def includes(self, path):
        """(line number, name as written) of every #include of the file."""
        for number, line in enumerate(self.text(path).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+[<"]([^>"]+)[>"]', line)
            if match:
                yield number, match[1]

    def resolve(self, path, name):
        """The file of the tree that an #include in `path` means, or None for one from outside."""
        roots = [os.path.dirname(path)] + PRIVATE_ROOTS.get(room_of(path), []) + PUBLIC_ROOTS
        for root in roots + [r for rooms in PRIVATE_ROOTS.values() for r in rooms] + [""]:
            candidate = os.path.normpath(os.path.join(root, name))
            if candidate in self.known:
                return candidate
        return None


def room_of(path):
    return path.split("/", 1)[0]


def blank(text):
    def spaces(match):
        found = match[0]
        if found[0] in "\"'":
            return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
        return re.sub(r"[^\n]", " ", found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', spaces, text, flags=re.S)


def lines_matching(text, pattern):
    """(line number, match) for every match of a pattern."""
    for match in re.finditer(pattern, text):
        yield text.count("\n", 0, match.start()) + 1, match
