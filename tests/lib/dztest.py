"""What the tests in Python share: running distribooze, its records as tuples, skipping, reporting.

Knows the record and the command line (docs/RECORD.md, distribooze.1), nothing of how the program is made.
"""

import json
import os
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("top_srcdir") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("top_builddir") or os.path.join(SOURCE, "build")
PROGRAM = os.environ.get("DISTRIBOOZE") or os.path.join(BUILD, "distribooze")
TESTDATA = os.environ.get("DISTRIBOOZE_TESTDATA") or os.path.join(SOURCE, "..", "shared")
PROTOCOL_TCP, PROTOCOL_UDP = 6, 17


def skip(reason):
    print("skipped: " + reason)
    sys.exit(77)


def testdata(*path):
    """A file or folder of the captures that are not part of the project; skips the test where they are missing."""
    full = os.path.normpath(os.path.join(TESTDATA, *path))
    if not os.path.exists(full):
        skip("%s is missing (DISTRIBOOZE_TESTDATA names the folder of captures)" % os.path.join(*path))
    return full


def knows(library):
    """Whether the program was built with it: "gzip", "zstd", "public suffix list", "seccomp", ..."""
    lines = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True, text=True).stdout.splitlines()
    return library in [word.strip() for line in lines for word in line.split(": ")[-1].split(",")]


def without_ndpi():
    """Whether labels go by port alone."""
    return knows("labels by port")


def need_ndpi():
    if without_ndpi():
        skip("the program was built without nDPI, whose labels are expected here")


def need(program):
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if os.access(os.path.join(folder, program), os.X_OK):
            return program
    skip("%s is not installed" % program)


def captures(*folders):
    """The captures in folders, by name."""
    found = []
    for folder in folders:
        found += [os.path.join(folder, name) for name in os.listdir(folder)
                  if name.endswith((".pcap", ".pcapng", ".cap"))]
    return sorted(found)


def capture_folders():
    """The folders of captures: the project's own, and those of the test data where it is there."""
    found = [os.path.join(SOURCE, "pcaps")]
    for name in ("seed", "ndpi"):
        if os.path.isdir(os.path.join(TESTDATA, "pcaps", name)):
            found.append(os.path.join(TESTDATA, "pcaps", name))
    if len(found) == 1:
        print("note: only the project's own captures; DISTRIBOOZE_TESTDATA names the folder of more")
    return found


class Run:
    """What a run of the program gave: exit status, records, accounting, stderr."""

    def __init__(self, *arguments, stats=True, timeout=120):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "stats.json")
            command = [PROGRAM, *arguments] + (["--stats", path] if stats else [])
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
            self.command = " ".join(["distribooze", *arguments])
            self.exit, self.stdout = done.returncode, done.stdout
            self.stderr = done.stderr.decode("utf-8", "replace")
            self.lines = done.stdout.decode("utf-8").splitlines()
            self.stats = None
            if stats and os.path.exists(path):
                with open(path, encoding="utf-8") as f:
                    self.stats = json.load(f)
        self._records = None

    @property
    def records(self):
        if self._records is None:
            self._records = [json.loads(line) for line in self.lines]
        return self._records


def record_packets(record):
    return record["network"]["packets"]


class Folder:
    """Files of a test, and runs of any command on them, of which exit status and messages are expected."""

    def __init__(self, report, folder):
        self.report, self.folder = report, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content)
        return self.path(name)

    def run(self, *arguments, text=None, **more):
        """Standard input is `text`, or empty."""
        given = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False, timeout=60, **given, **more)
        done.stderr = done.stderr.decode("utf-8", "replace")
        return done

    def expect(self, what, done, status, *words):
        """Exit status, and words in the messages, each of which says whose it is."""
        said = done.stderr.strip()
        self.report.check(done.returncode == status, "%s: exit status %d, expected %d; it said: %s", what, done.returncode, status, said)
        for word in words:
            self.report.check(word in said, "%s: no '%s' in the message: %s", what, word, said)
        for line in said.split("\n"):
            self.report.check(not line or line.startswith("distribooze: "), "%s: a line does not say whose it is: %s", what, line)


class Report:
    """Collects what is wrong, and ends the test."""

    def __init__(self, show=60):
        self.wrong, self.checks, self.show = 0, 0, show

    def check(self, good, message, *arguments):
        self.checks += 1
        if not good:
            self.wrong += 1
            if self.wrong <= self.show:
                print("WRONG: " + (message % arguments if arguments else message))
        return good

    def equal(self, what, got, expected):
        return self.check(got == expected, "%s: got %s, expected %s", what, got, expected)

    def finish(self, summary=""):
        if self.wrong > self.show:
            print("... and %d more" % (self.wrong - self.show))
        print("%d checks, %d wrong%s" % (self.checks, self.wrong, "; " + summary if summary else ""))
        sys.exit(1 if self.wrong else 0)


class Schema:
    """docs/flow.schema.json, when python3-jsonschema is there to read it."""

    def __init__(self):
        self.validator = None
        path = os.path.join(SOURCE, "docs", "flow.schema.json")
        try:
            import jsonschema  # pylint: disable=import-outside-toplevel
        except ImportError:
            print("note: python3-jsonschema is not installed, lines are not validated")
            return
        if not os.path.exists(path):
            print("note: docs/flow.schema.json is missing, lines are not validated")
            return
        with open(path, encoding="utf-8") as f:
            schema = json.load(f)
        kind = jsonschema.validators.validator_for(schema)
        kind.check_schema(schema)
        self.validator = kind(schema)

    def check(self, report, what, records):
        if self.validator is None:
            return
        for number, record in enumerate(records):
            error = next(self.validator.iter_errors(record), None)
            report.check(error is None, "%s: record %d breaks the schema at %s: %s", what, number,
                         error and "/".join(map(str, error.absolute_path)), error and error.message)


def accounting(report, what, run):
    """The totals add up, by themselves and against the records."""
    stats = run.stats
    if not report.check(stats is not None, "%s: no accounting record", what):
        return
    verdicts, flows = stats["verdicts"], stats["flows"]
    report.equal(what + ": packets and subframes = filtered + verdicts", stats["filtered"] + sum(verdicts.values()),
                 stats["packets"] + stats["subframes"])
    report.equal(what + ": packets in flows = verdict ok", flows["packets"], verdicts["ok"])
    report.equal(what + ": packets of not_ip = verdict not-ip", sum(stats["not_ip"].values()), verdicts["not-ip"])
    report.equal(what + ": packets of records = packets in flows", sum(map(record_packets, run.records)), flows["packets"] + flows["added"])
    report.equal(what + ": records", len(run.records), flows["records"])
    if "--unidirectional" not in run.command:
        report.equal(what + ": records by end reason", sum(flows["ended"].values()), flows["records"])
    report.equal(what + ": packets by label", sum(v["packets"] for v in stats["labels"].values()), flows["packets"] + flows["added"])
