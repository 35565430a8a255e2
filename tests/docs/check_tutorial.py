# SPDX-License-Identifier: Apache-2.0
"""docs/libactor.md as a newcomer follows it: libactor is installed into a new prefix, the files are written as the page
shows them, the commands of its console blocks are run, and what they print is compared with the page.

    check_tutorial.py SOURCE BUILD VERSION
"""
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(SOURCE / "tests/install"), str(SOURCE / "tests/docs")]
import check_install  # noqa: E402
import check_pages  # noqa: E402

CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
PORT_OF_THE_PAGE = "7000"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def differences(block, folder, environment, port):
    lines = block.splitlines()
    commands = [line[2:] for line in lines if line.startswith("$ ")]
    expected = [line for line in lines if not line.startswith("$ ")]
    script = "\n".join(["set -e", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT", *commands])
    result = subprocess.run(["bash", "-c", script.replace(PORT_OF_THE_PAGE, port)], cwd=folder, env=environment,
                            capture_output=True, text=True, timeout=500)
    if result.returncode != 0 or result.stdout.splitlines() != expected:
        yield f"{block}prints, with status {result.returncode}:\n{result.stdout}{result.stderr}"


def main():
    text = (SOURCE / "docs/libactor.md").read_text(encoding="utf-8")
    blocks, found = CONSOLE.findall(text), []
    with tempfile.TemporaryDirectory() as scratch:
        outsider = check_install.Outsider(SOURCE, pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(scratch))
        folder = pathlib.Path(scratch, "tutorial")
        folder.mkdir()
        for path, code in check_pages.BLOCK.findall(text):
            (folder / pathlib.Path(path).name).write_text(code, encoding="utf-8")
        for block in blocks:
            found += differences(block, folder, outsider.environment, free_port())
    if len(blocks) < 5:
        found.append(f"only {len(blocks)} console blocks on the page")
    print("\n".join(found) or f"{len(blocks)} steps of docs/libactor.md")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
