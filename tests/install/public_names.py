# SPDX-License-Identifier: Apache-2.0
"""What the public headers promise: their files, and the functions and objects each declares."""
import pathlib
import re
import subprocess


def headers(source):
    return sorted(pathlib.Path(source, "libactor/include/actor").glob("*.h"))


def names(header):
    """Declared functions (not inline ones, which are no symbols) and extern objects, in the order of the header."""
    listed = subprocess.run(["gcc", "-std=c11", "-fsyntax-only", "-aux-info", "/dev/stdout", "-I", header.parent.parent,
                             "-x", "c", header], capture_output=True, text=True, check=True).stdout
    found = re.findall(rf"^/\* {re.escape(str(header))}:(\d+):NC \*/ extern .*?(\w+) \(", listed, re.MULTILINE)
    for number, line in enumerate(header.read_text(encoding="utf-8").splitlines(), 1):
        if match := re.match(r"extern [^(]*\b(\w+)(?:\[\])?;", line):
            found.append((number, match[1]))
    return [name for _, name in sorted((int(line), name) for line, name in found)]
