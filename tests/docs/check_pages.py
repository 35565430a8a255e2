#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the pages of docs/ against the tree: code blocks marked `<!-- file: PATH -->` equal the file, and
every relative link leads somewhere."""
import pathlib
import re
import sys

BLOCK = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```\n", re.S)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def findings(root):
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for path, code in BLOCK.findall(text):
            file = page.parent / path
            if not file.exists():
                yield f"{page}: shows {path}, which does not exist"
            elif file.read_text(encoding="utf-8") != code:
                yield f"{page}: the code shown differs from {path}"
        for link in LINK.findall(text):
            if not (page.parent / link).exists():
                yield f"{page}: links to {link}, which does not exist"


def main():
    found = list(findings(pathlib.Path(sys.argv[1])))
    for line in found:
        print(line)
    print(f"{len(found)} findings in the pages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
