#!/usr/bin/env python3
"""Help, manual page, README, RECORD.md, schema and program agree: the same commands and options everywhere, README's commands run, what README shows
of their output is how it begins, and its links lead somewhere."""

import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402
import fields  # noqa: E402

# Options of other programs that the documents mention.
FOREIGN = {"--data-binary", "--prefix", "--with-ndpi", "--without-ndpi", "--with-ndpi-licence", "--enable-sanitizers", "--enable-coverage", "--enable-fuzzers",
           "--enable-werror", "--disable-hardening", "--without-zlib",
           "--without-zstd", "--without-psl"}


def run(*arguments):
    return subprocess.run([dztest.PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)


def read(*path):
    with open(os.path.join(dztest.SOURCE, *path), encoding="utf-8") as f:
        return f.read()


# ---- options ----

def options_of_help(text):
    """{long name: (short name or None, whether it takes a value, what the help says)}"""
    found = re.findall(r"^ {2,6}(?:-(\w), )?(--[\w-]+)(?: ([A-Z][A-Z|:,]*))?(?:  +|\n +)(.*(?:\n {30}\S.*)*)", text, re.M)
    return {name: (short or None, value or None, " ".join(told.split())) for short, name, value, told in found}


def options_of_manual(section):
    found = re.findall(r"^\.It (?:Fl (\w) , )?Fl Fl ([\w-]+)(?: Ar (\S+))?\n(.*?)(?=^\.(?:It|El))", section, re.M | re.S)
    return {"--" + name: (short or None, value or None, plain(told)) for short, name, value, told in found}


def plain(mdoc):
    """What a reader sees of it, as far as options go."""
    text = re.sub(r"^\.(?:Fl Fl|Fl) (\S+)( .*)?$", lambda m: ("--" if m[0].startswith(".Fl Fl") else "-") + m[1] + (m[2] or ""), mdoc, flags=re.M)
    text = re.sub(r"^\.(?:Li|Ar|Cm|Pa|Ev|Nm) ?", "", text, flags=re.M)
    return re.sub(r" ([.,;)])", r"\1", " ".join(text.replace("\\&", "").split()))


def as_manual(opt, entry):
    """An option's help as the lines of the manual page; options lead to --manual."""
    short, value, told = entry
    head = ".It " + ("Fl %s , " % short if short else "") + "Fl Fl " + opt[2:] + (" Ar " + value if value else "")
    told = told if re.match(r"(total|text|both|json|jsonl)\b", told) else told[:1].upper() + told[1:]
    lines = textwrap.wrap(told + ".", 80, break_on_hyphens=False)
    return "\n".join([head] + [("\\&" if line[0] in ".'" else "") + line for line in lines])


def values_of(told):
    """The values that a choice's help lists: "ip (default), payload, frame"."""
    found = re.search(r"([\w-]+) \(default\)((?:, [\w-]+)+)", told)
    return [found[1]] + re.findall(r"[\w-]+", found[2]) if found else []


def sections_of(manual):
    return dict(re.findall(r"^\.Sh ([A-Z ]+)\n(.*?)(?=^\.Sh )", manual, re.M | re.S))


def options(report):
    """Every option of every command is in the manual page: in the command's section, or once under COMMON OPTIONS.
    -> the names of all options of all commands"""
    top = run("--help")
    report.equal("--help: exit status", top.returncode, 0)
    text = top.stdout.decode()
    commands = re.findall(r"^  (\w+)  +\S", text[text.index("Commands:"):text.index("'distribooze COMMAND")], re.M)
    report.check("flows" in commands, "the help lists no command flows")
    sections = sections_of(read("docs", "distribooze.1"))
    described = [name[len("THE COMMAND "):].lower() for name in sections if name.startswith("THE COMMAND ")]
    report.equal("commands of the manual page", sorted(described), sorted(commands))
    described = set(re.findall(r"^\| `distribooze \[?(\w+)", read("README.md"), re.M))
    report.equal("commands of README's table", sorted(described), sorted(commands))
    common = options_of_manual(sections.get("COMMON OPTIONS", ""))
    known, uses = set(), dict.fromkeys(common, 0)
    for command in commands:
        help_ = run(command, "--help")
        report.equal("%s --help: exit status" % command, help_.returncode, 0)
        report.check(not help_.stderr, "%s --help speaks on stderr", command)
        ours = options_of_help(help_.stdout.decode())
        report.check(len(ours) > 2, "%s --help: only the options %s", command, sorted(ours))
        own = options_of_manual(sections.get("THE COMMAND " + command.upper(), ""))
        for name in sorted(set(ours) | set(own)):
            compare(report, command, name, ours.get(name), own.get(name), common.get(name))
            uses[name] = uses.get(name, 0) + 1
        known |= set(ours)
        for line in help_.stdout.decode().split("\n"):
            report.check(len(line) <= 100, "%s --help: a line of %d columns: %s", command, len(line), line)
    for name in common:
        report.check(uses[name] > 1, "manual page: %s is under COMMON OPTIONS, and %d commands have it", name, uses[name])
    return known


def compare(report, command, name, ours, own, common):
    what = "%s %s" % (command, name)
    if not report.check(ours, "manual page: %s: the program has no such option", what):
        return
    theirs = own or common
    if not report.check(theirs, "manual page: %s is missing; its lines could be\n%s", what, as_manual(name, ours)):
        return
    report.equal(what + ": (short name, value) by the help and the manual page", theirs[:2], ours[:2])
    for value in values_of(ours[2]):  # as they are typed
        report.check(re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(value), theirs[2]), "manual page: %s does not list the value %s", what, value)


def mentioned(report, known):
    """Every option that README mentions is one."""
    for option in re.findall(r"(?<![\w-])--[a-z][\w-]+", read("README.md")):
        report.check(option in known or option in FOREIGN, "README: %s is no option", option)


def version(report):
    lines = run("--version").stdout.decode().split("\n")
    stated = re.search(r"AC_INIT\(\[distribooze\], \[([\d.]+)\]", read("configure.ac"))[1]
    report.equal("--version", lines[0], "distribooze " + stated)
    for library in ("libpcap version ", "nDPI ", "json-c "):
        report.check(any(re.match(library + r"\d+\.\d+", line) for line in lines), "--version does not tell %s", library.strip())


# ---- what README runs ----

def blocks(text):
    """-> (kind, body) of each fenced block"""
    return re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)


def commands_of(body):
    """The commands of a block: a line, with those that go on from it by an open quote or a | at the end."""
    command = ""
    for line in body.split("\n"):
        command += line + "\n"
        if command.count("'") % 2 == 0 and not line.rstrip().endswith(("|", "\\")):
            if command.strip():
                yield command.strip()
            command = ""


def shell(command, folder):
    """Runs a command where README means it to be run: the program is in the path, and pcaps/ is there."""
    place = dict(os.environ, PATH=folder + ":" + os.environ["PATH"], LC_ALL="C.UTF-8")
    place.pop("COLUMNS", None)
    return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", command], cwd=folder, env=place, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, timeout=120)


def examples(report):
    ndpi_42 = b"nDPI 4.2" in run("--version").stdout
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(dztest.PROGRAM, os.path.join(folder, "distribooze"))
        os.symlink(os.path.join(dztest.SOURCE, "pcaps"), os.path.join(folder, "pcaps"))
        for kind, body in blocks(read("README.md")):
            if kind == "sh":
                for command in commands_of(body):
                    if "distribooze" in command and not command.startswith((".", "autoreconf", "make")):
                        count += 1
                        done = shell(command, folder)
                        report.check(done.returncode == 0 and (done.stdout or ">/dev/null" in command or " -o " in command),
                                     "README: '%s' ends with %d: %s", command, done.returncode, done.stderr.decode())
            elif body.startswith("$ "):
                if not ndpi_42:
                    continue
                command, shown = body[2:].split("\n", 1)
                count += 1
                done = shell(command, folder)
                got = [line.rstrip() for line in done.stdout.decode().strip().split("\n")]
                want = [line.rstrip() for line in shown.strip().split("\n")]
                report.check(got[:len(want)] == want, "README: '%s' prints\n%s\nREADME shows\n%s", command, "\n".join(got), "\n".join(want))
    report.check(count > 5, "only %d commands found in README", count)
    return count


def links(report):
    for name in ["README.md"] + [os.path.join("docs", n) for n in sorted(os.listdir(os.path.join(dztest.SOURCE, "docs"))) if n.endswith(".md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", read(name)):
            if "://" not in target:
                full = os.path.join(dztest.SOURCE, os.path.dirname(name), target)
                report.check(os.path.exists(full), "%s: the link to %s leads nowhere", name, target)


def leaves(part, definitions, path=""):
    """The paths of the members of a JSON schema that hold no object."""
    part = definitions[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
    if "properties" not in part:
        yield path
    for name, inner in part.get("properties", {}).items():
        yield from leaves(inner, definitions, path + "." + name if path else name)


def mapped(part, path=""):
    """{path: mapping} of an index template's properties"""
    if "properties" not in part:
        return {path: part}
    return {k: v for name, inner in part["properties"].items() for k, v in mapped(inner, path + "." + name if path else name).items()}


def engines(report):
    """share/elastic: the template is the program's and knows every member, the queries name fields that it has."""
    folder = os.path.join("share", "elastic")
    template, schema = json.loads(run("--print-template").stdout), json.loads(read("docs", "flow.schema.json"))
    report.check(run("--print-template").stdout.decode() == read(folder, "template.json"),
                 "share/elastic/template.json is not what distribooze --print-template prints: tests/check/fields.py --write")
    fields_ = mapped(template["template"]["mappings"])
    added = ("distribooze.match.", "distribooze.cluster.")  # of these only what an engine would guess wrong
    wanted = {p for p in leaves(schema, schema["$defs"]) if not p.startswith(added)} - {"distribooze.lengths.vector"}
    known = {re.sub(r"\.b\d+$", "", path) for path in fields_ if not path.startswith(added)}
    report.equal("members that the template maps", sorted(known), sorted(wanted))
    for name in sorted(os.listdir(os.path.join(dztest.SOURCE, folder))):
        text = read(folder, name)
        report.check(name == "README.md" or name in read(folder, "README.md"), "share/elastic/README.md does not tell of %s", name)
        if name.startswith("query-"):
            named = set(re.findall(r"(?:distribooze|source|network)\.[\w.]*\w", json.dumps(json.loads(text)))) | {"@timestamp"}
            report.check(named - {"distribooze.lengths.vector"} <= set(fields_), "%s: no fields %s", name, sorted(named - set(fields_)))
    for options in ([], ["-b", "250"], ["-b", "2048"]):
        settings = json.loads(run("--print-template", *options).stdout)["template"]["settings"]
        fields_count = settings.get("index.mapping.total_fields.limit", 1000)
        count = sum(1 for _ in re.finditer(r'": \{', run("--print-template", *options).stdout.decode()))
        report.check(count <= fields_count, "--print-template %s: %d fields, but a limit of %d", options, count, fields_count)
    for engine, kind in (("elasticsearch", "dense_vector"), ("opensearch", "knn_vector")):
        other = json.loads(run("--print-template", "--values", "counts,vector", "--template-for", engine, "-b", "24").stdout)["template"]
        vector = mapped(other["mappings"])["distribooze.lengths.vector"]
        report.equal("vector for " + engine, (vector["type"], vector.get("dims", vector.get("dimension"))), (kind, 24))
        report.equal("index.knn for " + engine, other["settings"].get("index.knn"), True if engine == "opensearch" else None)


def main():
    dztest.need_ndpi()
    if len(sys.argv) == 3 and sys.argv[1] == "--manual":  # the options of a command as lines of the manual page
        for name, entry in options_of_help(run(sys.argv[2], "--help").stdout.decode()).items():
            print(as_manual(name, entry))
        return
    report = dztest.Report()
    known = options(report)
    mentioned(report, known)
    version(report)
    links(report)
    fields.check(report)
    engines(report)
    for program in ("jq", "bash"):
        dztest.need(program)
    count = examples(report)
    report.finish("%d of README's commands run" % count)


if __name__ == "__main__":
    main()
