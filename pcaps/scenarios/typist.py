#!/usr/bin/python3
"""Types into a program on a terminal as a person does: key by key, with pauses, mistakes and thought.

    typist.py [--seed N] SCRIPT COMMAND [ARGUMENT]...

Each line of SCRIPT is `SECONDS TEXT`: wait so long (reading, thinking), then type TEXT. In TEXT, \\r is the enter key,
\\t tab, \\x7f backspace, \\x03 control-C, \\e escape. What the program writes is read and forgotten.
"""
import os
import pty
import random
import select
import sys
import time


def drain(fd, seconds):
    """Read what the program writes for that long; False once it has gone."""
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        if left <= 0:
            return True
        if select.select([fd], [], [], left)[0]:
            try:
                if not os.read(fd, 65536):
                    return False
            except OSError:
                return False


def key_pause(rng, key, previous):
    """Seconds between two keys: log-normal about 140 ms, longer at word and sentence ends, short for repeats."""
    pause = rng.lognormvariate(-2.0, 0.45)
    if key == previous:
        pause *= 0.7
    if key in " /|-" or previous in " /|-":
        pause *= 1.5
    if key == "\r":
        pause += 0.25
    return min(pause, 1.2)


def main():
    arguments = sys.argv[1:]
    seed = 1
    if arguments[0] == "--seed":
        seed = int(arguments[1])
        arguments = arguments[2:]
    rng = random.Random(seed)
    with open(arguments[0], encoding="utf-8") as script:
        lines = [line.rstrip("\n").split(" ", 1) for line in script if line.strip()]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(arguments[1], arguments[1:])
    alive = True
    for wait, text in lines:
        alive = alive and drain(fd, float(wait))
        previous = ""
        for key in text.replace("\\e", "\\x1b").encode().decode("unicode_escape"):
            if not alive:
                break
            alive = drain(fd, key_pause(rng, key, previous or "\n"))
            if alive:
                os.write(fd, key.encode())
            previous = key
    drain(fd, 15)
    os.close(fd)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main()
