# SPDX-License-Identifier: Apache-2.0
"""The rules of the house. A rule is a function that takes the tree and yields (path, line, what)."""
import os
import re
import subprocess

from source_tree import ROOMS, lines_matching, room_of

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 1000
HEADER_LINES_MAX = 200

# Who may include whom; everybody may include the public headers of the rooms named.
MAY_INCLUDE = {
    "libactor": {"libactor"},
    "proto": {"proto", "libactor"},
    "executor": {"executor", "proto", "libactor"},
    "frameworks": {"frameworks", "proto", "libactor"},
    "agent": {"agent", "proto", "libactor"},
    "master": {"master", "proto", "libactor"},
    "cli": {"cli", "frameworks", "executor", "proto", "libactor"},
}
CLUSTER_WORDS = {"agent", "agents", "task", "tasks", "offer", "offers", "framework", "frameworks"}
WIRED_ROOMS = ("master", "agent")  # made of rooms that meet in messages only
ACTOR_HEADERS = {f"actor/{name}.h" for name in ("actor", "node", "system", "sim", "log", "store", "http")}
ALLOCATORS = {"malloc", "calloc", "realloc", "reallocarray", "strdup", "strndup", "asprintf", "vasprintf"}
MEMORY_FILE = "libactor/src/daemon/memory.c"
BANNED = {
    "strcpy": "memcpy or snprintf", "strcat": "snprintf", "stpcpy": "snprintf", "sprintf": "snprintf",
    "vsprintf": "vsnprintf", "gets": "fgets", "strtok": "strcspn or strtok_r", "atoi": "strtol with its end checked",
    "atol": "strtol with its end checked", "atof": "strtod with its end checked",
    "alloca": "a bounded array or actor_malloc",
}
CODE = (".c", ".h")
MARKED = CODE + (".cc", ".def", ".proto", ".py", ".sh", ".cmake", "CMakeLists.txt")


def layers(tree):
    """Arrows point one way: libactor <- proto <- {executor, frameworks, agent, master} <- cli."""
    for path in tree.files(*CODE, under=[room + "/" for room in ROOMS]):
        room = room_of(path)
        for line, name in tree.includes(path):
            target = tree.resolve(path, name)
            if target is None:
                continue
            other = room_of(target)
            if other not in MAY_INCLUDE[room]:
                yield path, line, f"{room}/ may not include {target}"
            elif other != room and "/include/" not in target:
                yield path, line, f"{target} is private to {other}/; only {other}/include/ is for others"


def doors(tree):
    """Within master/ and agent/ rooms meet in messages; wiring.c alone knows the doors. A room of pure
    functions, which knows no actor, has no door to guard."""
    for path in tree.files(*CODE, under=[room + "/" for room in WIRED_ROOMS]):
        if os.path.basename(path) == "wiring.c":
            continue
        for line, name in tree.includes(path):
            target = tree.resolve(path, name)
            if target is None or room_of(target) != room_of(path):
                continue
            own, other = _sub_room(path), _sub_room(target)
            if other and other != own and os.path.basename(target) != "messages.h" and not _is_pure(tree, target):
                yield path, line, f"{target} is the door of another room; only wiring.c may include it"


def _is_pure(tree, path):
    files = tree.files(*CODE, under=["/".join(path.split("/")[:2]) + "/"])
    return not any(name in ACTOR_HEADERS for file in files for _, name in tree.includes(file))


def _sub_room(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def vocabulary(tree):
    """libactor knows nothing of clusters."""
    for path in tree.files(*CODE, ".def", under=["libactor/"]):
        for line, match in lines_matching(tree.code(path), r"[A-Za-z_][A-Za-z0-9_]*"):
            words = re.split(r"_|(?<=[a-z])(?=[A-Z])", match[0])
            if CLUSTER_WORDS & {word.lower() for word in words}:
                yield path, line, f"libactor knows no \"{match[0]}\""


def function_sizes(tree):
    for size, name, path, line in functions(tree):
        if size > FUNCTION_LINES_MAX:
            yield path, line, f"{name} has {size} lines; at most {FUNCTION_LINES_MAX}"


def file_sizes(tree):
    """A header is an interface; those of tests are fixtures, and files like others."""
    for path in tree.files(*CODE):
        size = tree.text(path).count("\n")
        limit = HEADER_LINES_MAX if path.endswith(".h") and not path.startswith("tests/") else FILE_LINES_MAX
        if size > limit:
            yield path, limit + 1, f"{size} lines; at most {limit}"


def functions(tree):
    """(lines, name, path, first line) of every function, tests included."""
    paths = tree.files(*CODE)
    if not paths:
        return []
    tags = subprocess.run(["ctags", "-f", "-", "--fields=+ne", "--kinds-C=f", "--languages=C", "--langmap=C:.c.h", "-L", "-"],
                          input="\n".join(paths), cwd=tree.root, capture_output=True, text=True, errors="replace",
                          check=True).stdout
    found = []
    for tag in tags.splitlines():
        first, last = re.search(r"\bline:(\d+)", tag), re.search(r"\bend:(\d+)", tag)
        if first and last:
            name, path = tag.split("\t")[:2]
            if name != "START_TEST":
                found.append((int(last[1]) - int(first[1]) + 1, name, path, int(first[1])))
    for path in tree.files(".c", under=["tests/"]):
        for line, match in lines_matching(tree.text(path), r"(?ms)^START_TEST\((\w+)\).*?^END_TEST"):
            found.append((match[0].count("\n") + 1, match[1], path, line))
    return found


def licence_lines(tree):
    for path in tree.files(*MARKED):
        head = tree.text(path).split("\n", 3)[:3]
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in head):
            yield path, 1, "no SPDX-License-Identifier: Apache-2.0 in the first three lines"


def readmes(tree):
    """Every folder that holds sources explains itself; public headers are explained by their room."""
    sources = [path for path in tree.files(".c", ".proto") if room_of(path) in ROOMS]
    folders = {os.path.dirname(path) for path in sources if path.endswith(".c")}
    for folder in sorted(folders | {room_of(path) for path in sources} | {"tests"}):
        if "/include" not in folder and f"{folder}/README.md" not in tree.known:
            yield f"{folder}/README.md", 1, "missing: one page on the room's idea, reading order, neighbours and tests"


def unfinished(tree):
    words = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3))  # put together, so that this file passes
    for path in tree.files(*MARKED):
        for line, match in lines_matching(tree.text(path), rf"\b({words})\b"):
            yield path, line, f"{match[0]}: finish it, or write an issue"


def banned_functions(tree):
    names = "|".join(sorted(set(BANNED) | ALLOCATORS))
    for path in tree.files(*CODE):
        for line, match in lines_matching(tree.code(path), rf"(?<![\w.>])({names})\s*\("):
            if match[1] in BANNED:
                yield path, line, f"{match[1]}() is banned; use {BANNED[match[1]]}"
            elif path != MEMORY_FILE:
                yield path, line, f"{match[1]}() may fail; use actor/memory.h"


def include_cycles(tree):
    graph = {path: [target for _, name in tree.includes(path) if (target := tree.resolve(path, name))]
             for path in tree.files(".h")}
    done = set()
    for start in graph:
        yield from _cycles(graph, start, [], done)


def _cycles(graph, path, trail, done):
    if path in trail:
        yield path, 1, "headers include each other: " + " -> ".join(trail[trail.index(path):] + [path])
        return
    if path in done:
        return
    for target in graph.get(path, []):
        yield from _cycles(graph, target, trail + [path], done)
    done.add(path)


def sleeps(tree):
    """Who waits, waits for an event. Tests in Python wait in their harness, with a bound."""
    for path in tree.files(*CODE):
        for line, match in lines_matching(tree.code(path), r"(?<![\w.>])(u|nano|clock_nano)?sleep\s*\("):
            yield path, line, f"{match[0].rstrip(' (')}(): wait for an event instead"
    for path in tree.files(".py", under=["tests/"]):
        if os.path.basename(path) == "harness.py" or path.startswith("tests/style/"):
            continue
        for line, _ in lines_matching(tree.text(path), r"\btime\.sleep\s*\("):
            yield path, line, "time.sleep(): wait for an event, with the harness"


def tabs(tree):
    for path in tree.files(*CODE, ".def"):
        for line, _ in lines_matching(tree.text(path), r"\t"):
            yield path, line, "a tab; indent with spaces (scripts/format.sh)"


def documented_tables(tree):
    """Every flag and metric says in a sentence what it is: help, man page and export are made of it."""
    for path in tree.files(".def"):
        for line, match in lines_matching(tree.text(path), r"(?m)^(FLAG|METRIC)\s*\((\w+)"):
            row = _row(tree.text(path), match.start())
            sentence = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', row[-1])) if row else ""
            if not re.match(r"[A-Z0-9\"\\].*\.$", sentence):
                yield path, line, f"{match[1]}({match[2]}): the help \"{sentence}\" is no sentence (Capital … full stop)"


def _row(text, start):
    """The arguments of the macro call that begins at `start`."""
    plain = re.sub(r'"(?:\\.|[^"\\])*"', lambda m: '"' + "_" * (len(m[0]) - 2) + '"', text)
    open_at, depth, cuts = plain.index("(", start), 0, []
    for at in range(open_at, len(plain)):
        depth += {"(": 1, ")": -1}.get(plain[at], 0)
        if plain[at] == "," and depth == 1:
            cuts.append(at)
        if depth == 0:
            edges = [open_at] + cuts + [at]
            return [text[a + 1:b].strip() for a, b in zip(edges, edges[1:])]
    return []


ALL = [layers, doors, vocabulary, function_sizes, file_sizes, licence_lines, readmes, unfinished, banned_functions,
       include_cycles, sleeps, tabs, documented_tables]
