# SPDX-License-Identifier: Apache-2.0
"""Every program with flags prints a manual page: with a title, every flag that --help lists, and nothing
that groff warns of (where groff is installed).

    check_man.py BIN_FOLDER CLI_COMMANDS_DEF
"""
import pathlib
import re
import shutil
import subprocess
import sys

DAEMONS = ["troupe-master", "troupe-agent", "troupe-executor"]
FRAMEWORKS = ["troupe-run", "troupe-batch"]
TOOLS = ["actorctl"]


def commands(definition):
    return re.findall(r"^COMMAND\((\w+),", definition.read_text(), re.MULTILINE)


def printed(arguments):
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=500)
    if result.returncode != 0 or result.stderr:
        raise SystemExit(f"{arguments}: status {result.returncode}: {result.stderr}")
    return result.stdout


def flags_in_help(text):
    return re.findall(r"^  (--(?:\[no-\])?\w+)", text, re.MULTILINE)


def warnings_of_groff(page):
    if shutil.which("groff") is None:
        return ""
    result = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z"], input=page,
                            capture_output=True, text=True, timeout=500)
    if "preconv" in result.stderr and result.returncode != 0:  # groff without its preprocessor
        return ""
    return result.stderr


def problems(program, section):
    page, text = printed([*program, "--man"]), printed([*program, "--help"])
    name = "-".join([pathlib.Path(program[0]).name, *program[1:]])
    title = f".TH {name.upper()} {section} ".replace("-", "\\-")
    if not page.startswith(title):
        yield f"{name}: begins with {page.splitlines()[0]!r}, not {title!r}"
    heads = {line[3:].replace("\\-", "-") for line in page.splitlines() if line.startswith(".B --".replace("-", "\\-"))}
    listed = flags_in_help(text)
    if not {"--help", "--version", "--man"} <= set(listed):
        yield f"{name}: --help lists only {listed}"
    for flag in listed:
        if not any(re.match(re.escape(flag) + r"(=|$)", head) for head in heads):
            yield f"{name}: the manual page lacks {flag}"
    if warnings := warnings_of_groff(page):
        yield f"{name}: groff: {warnings}"


def main():
    bin_folder, definition = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    programs = [([str(bin_folder / name)], 8) for name in DAEMONS]
    programs += [([str(bin_folder / name)], 1) for name in FRAMEWORKS + TOOLS]
    programs += [([str(bin_folder / "troupe"), name], 1) for name in commands(definition)]
    found = [problem for program, section in programs for problem in problems(program, section)]
    print("\n".join(found) or f"{len(programs)} manual pages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
