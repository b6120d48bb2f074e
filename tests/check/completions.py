#!/usr/bin/env python3
"""Completion in shells: every option of every command is offered, and every value of a choice, and nothing where only a user knows.
bash is asked as it asks itself; zsh and fish read their scripts where they are installed."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import dztest  # noqa: E402
from docs_agree import options_of_help, values_of  # noqa: E402

WORDS = {"--folds"}  # "by input (default)": not one of a list
COMMANDS = "flows", "compare", "cluster", "profile", "score", "report"


def run(*arguments):
    return subprocess.run([dztest.PROGRAM, *arguments], capture_output=True, check=False, timeout=60)


def ask_bash(script, folder, questions):
    """-> for each list of words the completions of the last one."""
    lines = ["source %s" % script]
    for words in questions:
        lines.append("COMP_WORDS=(distribooze %s); COMP_CWORD=%d; COMPREPLY=(); _distribooze; echo \"${COMPREPLY[*]}\"" % (
            " ".join("'%s'" % word for word in words), len(words)))
    done = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, check=False, cwd=folder, text=True)
    return done, [line.split() for line in done.stdout.split("\n")[:-1]]


def bash(report, folder):
    script = os.path.join(folder, "completion.bash")
    with open(script, "wb") as f:
        f.write(run("--completion", "bash").stdout)
    with open(os.path.join(folder, "capture.pcap"), "wb"):
        pass
    helps = {command: options_of_help(run(command, "--help").stdout.decode()) for command in COMMANDS}
    questions, expected = [], []

    def expect(words, what):
        questions.append(words)
        expected.append(what)

    for command, options in helps.items():
        every = {"--help"} | set(options) | {"-" + short for short, _, _ in options.values() if short}
        expect([command, "-"], every)
        expect([command, "--l"], {name for name in options if name.startswith("--l")})
        for name, (short, value, told) in options.items():
            values = set() if name in WORDS else set(values_of(told))
            if values:
                expect([command, name, ""], values)
                expect([command, "-" + short if short else name, sorted(values)[0]], {v for v in values if v.startswith(sorted(values)[0])})
            elif value == "FILE":
                expect([command, name, ""], {"capture.pcap", "completion.bash"})
            elif name in ("--completion", "--format"):  # whose default is told in other words
                expect([command, name, ""], set(re.findall(r"\b(?:json|csv|text|bash|zsh|fish)\b", told)))
            elif value:
                expect([command, name, ""], set())
            else:
                expect([command, name, "cap"], {"capture.pcap"})
    expect(["--m"], {name for name in helps["flows"] if name.startswith("--m")})
    expect(["-q", "c"], {"compare", "cluster", "capture.pcap", "completion.bash"})
    expect(["compare", "c"], {"capture.pcap", "completion.bash"})
    expect(["-q", "report", "--ti"], {"--title"})
    done, answers = ask_bash(script, folder, questions)
    report.check(not done.stderr, "bash complains: %s", done.stderr[:500])
    report.equal("bash: answers", len(answers), len(questions))
    for words, want, got in zip(questions, expected, answers):
        report.equal("bash: " + " ".join(words), sorted(set(got)), sorted(want))
    return helps


def main():
    report = dztest.Report()
    dztest.need("bash")
    with tempfile.TemporaryDirectory() as folder:
        helps = bash(report, folder)
        for shell in ("zsh", "fish"):
            done = run("--completion", shell)
            report.equal("--completion %s: exit status" % shell, done.returncode, 0)
            text = done.stdout.decode()
            for command, options in helps.items():
                for name in options:
                    pattern = r"--%s\b" if shell == "zsh" else r" -l %s\b"
                    report.check(re.search(pattern % name[2:], text), "%s: %s %s is not there", shell, command, name)
            path = os.path.join(folder, "completion." + shell)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            if shutil.which(shell):
                done = subprocess.run([shell, "-n", path], capture_output=True, check=False, text=True)
                report.check(done.returncode == 0 and not done.stderr, "%s does not read its script: %s", shell, done.stderr)
            else:
                print("note: %s is not installed: its script is not tried" % shell)
    report.equal("another shell", run("--completion", "csh").returncode, 2)
    report.finish()


if __name__ == "__main__":
    main()
