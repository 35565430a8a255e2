# SPDX-License-Identifier: Apache-2.0
"""A chat of four processes: who comes, speaks, is refused, is killed; and the room's own end.

    chat_test.py CHAT_SERVER CHAT_CLIENT
"""
import queue
import subprocess
import sys
import threading

PATIENCE_S = 120  # a bound that only a hang reaches


class Program:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def hears(self, expected):
        heard = self.lines.get(timeout=PATIENCE_S)
        if heard != expected:
            raise SystemExit(f"heard {heard!r} instead of {expected!r}")

    def says(self, line):
        self.process.stdin.write(line + "\n")

    def ends(self, status):
        self.process.stdin.close()
        if (ended := self.process.wait(timeout=PATIENCE_S)) != status:
            raise SystemExit(f"ended with {ended} instead of {status}")

    def is_killed(self):
        self.process.kill()
        self.process.wait(timeout=PATIENCE_S)


def conversation(server, client, programs):
    def start(*arguments):
        programs.append(Program(*arguments))
        return programs[-1]

    room = start(server, "tcp://127.0.0.1:0")
    address = room.lines.get(timeout=PATIENCE_S)
    ann = start(client, "ann", address)
    ann.hears("* nobody else is here")
    bob = start(client, "bob", address)
    bob.hears("* ann is here")
    ann.hears("* bob has come")
    bob.says("hello")
    ann.hears("bob: hello")
    impostor = start(client, "ann", address)
    impostor.hears("* refused: that name is taken")
    impostor.ends(1)
    bob.is_killed()
    ann.hears("* bob has left")
    cat = start(client, "cat", address)
    cat.hears("* ann is here")
    ann.hears("* cat has come")
    cat.says("bye")
    ann.hears("cat: bye")
    cat.ends(0)
    ann.hears("* cat has left")
    room.is_killed()
    ann.hears("* the room is gone")
    ann.ends(1)


def main():
    programs = []
    try:
        conversation(sys.argv[1], sys.argv[2], programs)
    finally:
        for program in programs:
            program.process.kill()
    print("the chat went as it should")


if __name__ == "__main__":
    main()
