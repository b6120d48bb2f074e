#!/usr/bin/env python3
"""The tables of docs/RECORD.md and the property lists of docs/flow.schema.json are those of src/record/record.def.

Without arguments it compares them, as docs_agree.py does; `fields.py --write` writes them anew, and with a program that is built
share/elastic/template.json, too. Everything else in both files is written by
hand: in RECORD.md what does not stand between `<!-- members: ... -->` and `<!-- end of members -->`, in the schema
every key but `type`, `additionalProperties`, `required`, `minProperties` and `properties` of the objects of a record,
and the names of tunnels, which are those of src/record/tunnel.h.
"""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

LIST = os.path.join(dztest.SOURCE, "src", "record", "record.def")
RECORD = os.path.join(dztest.SOURCE, "docs", "RECORD.md")
SCHEMA = os.path.join(dztest.SOURCE, "docs", "flow.schema.json")
TEMPLATE = os.path.join(dztest.SOURCE, "share", "elastic", "template.json")
TUNNELS = os.path.join(dztest.SOURCE, "src", "record", "tunnel.h")
WIDTH = 132  # of a line of the schema

# ---- the list ----


class Member:
    """A field, an object or a column: `path` in JSON, `column` (place, name) or None, `members` of an object."""

    def __init__(self, parent, name, when, schema, column, text, value=None):
        self.name, self.when, self.schema, self.column, self.value = name, when, schema, column, value
        self.text = text.replace("{tunnels}", ", ".join("`%s`" % tunnel for tunnel in tunnels()))
        self.path = parent.path + "." + name if parent and parent.path else name
        if not name and parent:  # a column of its own: it is told with the member before it
            self.path = parent.members[-1].path
        self.members = []
        if parent:
            parent.members.append(self)


def arguments(text):
    """The arguments of a macro call, which begins behind its parenthesis, and where it ends."""
    found, start, depth, at = [], 0, 0, 0
    while True:
        if text[at] == '"':
            at = re.compile(r'"(?:\\.|[^"\\])*"').match(text, at).end()
            continue
        if text[at] in "({[":
            depth += 1
        elif text[at] in ")}]" and depth:
            depth -= 1
        elif text[at] == "," and not depth or text[at] == ")":
            found.append(text[start:at].strip())
            start = at + 1
            if text[at] == ")":
                return found, at + 1
        at += 1


def string(literal):
    return json.loads(literal)


def tunnels():
    """The names of tunnels."""
    with open(TUNNELS, encoding="utf-8") as f:
        return re.findall(r'^\tX\(\w+, "([^"]+)"\)', f.read(), re.M)


def column_of(argument):
    match = re.fullmatch(r'(?:COLUMN|SIDES)\((\d+), "(\w+)"\)', argument)
    return (int(match[1]), match[2]) if match else None


def read_list():
    """-> the root of all members"""
    with open(LIST, encoding="utf-8") as f:
        text = f.read()
    for name in re.findall(r'^#include "([\w/.]+)"', text, re.M):
        with open(os.path.join(dztest.SOURCE, "src", name), encoding="utf-8") as f:
            text = text.replace('#include "%s"' % name, f.read())
    text = re.sub(r"/\*.*?\*/|^#[^\n]*$", "", text, flags=re.S | re.M)
    root = Member(None, "", "always", None, None, "")
    open_, at = [root], 0
    while True:
        match = re.compile(r"\s*(\w+)\(").match(text, at)
        if not match:
            break
        what, (got, size) = match[1], arguments(text[match.end():])
        at = match.end() + size
        if what == "FIELD":
            Member(open_[-1], string(got[1]), got[3], got[6], column_of(got[7]), string(got[8]), got[4])
        elif what == "ONLY_COLUMN":
            Member(open_[-1], "", got[2], None, column_of(got[4]), string(got[5]))
        elif what == "ADDED":
            Member(open_[-1], string(got[1]), "added", got[2], None, string(got[3]))
        elif what == "OBJECT":
            open_.append(Member(open_[-1], string(got[1]), got[2], "object", None, string(got[3])))
        elif what == "END":
            open_.pop()
        else:
            raise ValueError("%s: a row that is not known: %s" % (LIST, what))
    if text[at:].strip() or len(open_) != 1:
        raise ValueError("%s: cannot read on at %r" % (LIST, text[at:at + 60]))
    return root


def walk(member):
    for each in member.members:
        yield each
        yield from walk(each)


# ---- docs/RECORD.md ----


def row_name(member, before):
    """The path, or, beside a member of the same object, `.name`."""
    if not member.name:
        return None
    if before and before.name and before.path.rpartition(".")[0] == member.path.rpartition(".")[0]:
        return "`.%s`" % member.name
    return "`%s`" % member.path


def rows(members):
    """[[names], [columns], text]; a member without text joins the one before."""
    found, before = [], None
    for member in members:
        if member.schema == "object" and not member.text:
            continue
        if member.text:
            found.append([[], [], member.text])
            before = None
        name = row_name(member, before)
        found[-1][0] += [name] if name else []
        found[-1][1] += ["`%s`" % member.column[1]] if member.column else []
        before = member
    return found


def within(path, prefixes):
    return any(path == prefix or path.startswith(prefix + ".") for prefix in prefixes)


def table(members):
    lines = ["| member | CSV | meaning |", "|---|---|---|"]
    for names, columns, text in rows(members):
        lines.append("| %s | %s | %s |" % (", ".join(names), ", ".join(columns), text))
    return "".join(line + "\n" for line in lines).replace("|  |", "| |").replace("|  |", "| |")


def record_md(text, root, told):
    """The page with its tables made anew. `told` counts how often each member stands in one."""
    def members_table(match):
        prefixes = match[1].split()
        chosen = [m for m in walk(root) if within(m.path, prefixes)]
        for member in chosen:
            told[member] = told.get(member, 0) + 1
        return "<!-- members: %s -->\n\n%s\n<!-- end of members -->" % (match[1], table(chosen))

    def columns_list(_):
        names = [name for _, name in sorted(m.column for m in walk(root) if m.column)]
        lines, line = [], ""
        for name in names:
            piece = "`%s`%s" % (name, "," if name != names[-1] else "")
            if len(line) + 1 + len(piece) > 120:
                lines, line = lines + [line], ""
            line += (" " if line else "") + piece
        return "<!-- columns -->\n%s\n<!-- end of columns -->" % "\n".join(lines + [line])

    text = re.sub(r"<!-- members: ([^>]*) -->.*?<!-- end of members -->", members_table, text, flags=re.S)
    return re.sub(r"<!-- columns -->.*?<!-- end of columns -->", columns_list, text, flags=re.S)


# ---- docs/flow.schema.json ----


def constant(value):
    """The JSON that a constant of C stands for."""
    return json.loads("".join(string(part) for part in re.findall(r'"(?:\\.|[^"\\])*"', value)))


def set_object(schema, member):
    """Makes the keys of an object's schema that the list decides, in place; all others stay behind them."""
    ours = {"type": "object", "additionalProperties": False}
    required = [m.name for m in member.members if m.name and m.when in ("always", member.when) and filled(m)]
    ours.update({"required": required} if required else {"minProperties": 1})
    before = schema.get("properties", {})
    ours["properties"] = {}
    for each in member.members:
        if each.schema == "object":
            ours["properties"][each.name] = set_object(before.get(each.name, {}), each)
        elif each.schema == "constant":
            ours["properties"][each.name] = {"const": constant(each.value)}
        elif each.name:
            ours["properties"][each.name] = {"$ref": "#/$defs/" + each.schema}
    rest = {key: value for key, value in schema.items() if key not in ours and key not in ("required", "minProperties")}
    schema.clear()
    schema.update({key: rest.pop(key) for key in ("$schema", "$id", "title", "description") if key in rest}, **ours)
    schema.update(rest)
    return schema


def filled(member):
    """Whether what the list calls always there is: an object without a member that is always there is left out."""
    return member.schema != "object" or any(m.when in ("always", member.when) and filled(m) for m in member.members)


def dump(value, indent=0):
    """JSON, with what fits on a line on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict) and value:
        flat = "{ %s }" % ", ".join("%s: %s" % (json.dumps(k), dump(v, 10 ** 6)) for k, v in value.items())
    elif isinstance(value, list):
        flat = "[%s]" % ", ".join(dump(v, 10 ** 6) for v in value)
    scalars = not isinstance(value, dict) and not any(isinstance(v, (dict, list)) for v in (value if isinstance(value, list) else []))
    if scalars or indent >= 10 ** 6 or indent + len(flat) <= WIDTH and not deep(value):
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        parts = ["%s%s: %s" % (inner, json.dumps(k), dump(v, indent + 2)) for k, v in value.items()]
        return "{\n%s\n%s}" % (",\n".join(parts), " " * indent)
    return "[\n%s\n%s]" % (",\n".join(inner + dump(v, indent + 2) for v in value), " " * indent)


def deep(value):
    return isinstance(value, dict) and isinstance(value.get("properties"), dict) and len(value["properties"]) > 1


def flow_schema(text, root):
    schema = json.loads(text)
    set_object(schema, root)
    schema["$defs"]["tunnel"]["enum"] = tunnels()
    return dump(schema) + "\n"


# ---- the test ----


def make():
    """-> the members, how often RECORD.md tells each, {path: (the file, what it should be)}"""
    root, told, made = read_list(), {}, {}
    for path, function in ((RECORD, lambda text: record_md(text, root, told)), (SCHEMA, lambda text: flow_schema(text, root))):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        made[path] = (text, function(text))
    return [member for member in walk(root) if member.schema != "object" or member.text], told, made


def check(report):
    members, told, made = make()
    report.check(len(members) > 80, "only %d members found", len(members))
    for member in members:
        report.equal("tables of docs/RECORD.md with %s %s" % (member.path, member.column or ""), told.get(member, 0), 1)
    for path, (text, wanted) in made.items():
        lines = list(zip(text.split("\n"), wanted.split("\n")))
        first = next((number for number, (line, new) in enumerate(lines) if line != new), None)
        report.check(text == wanted, "%s:%s is not what `tests/check/fields.py --write` makes of src/record/record.def", path, first)
    definitions = json.loads(made[SCHEMA][0])["$defs"]
    for member in members:
        if member.schema not in (None, "object", "constant"):
            report.check(member.schema in definitions, "%s: $defs of the schema has no %s", member.path, member.schema)


def main():
    if sys.argv[1:] == ["--write"]:
        for path, (_, text) in make()[2].items():
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        if os.path.exists(dztest.PROGRAM):  # built with the list as it is now, it knows the index template, too
            with open(TEMPLATE, "wb") as f:
                f.write(subprocess.run([dztest.PROGRAM, "--print-template"], stdout=subprocess.PIPE, check=True).stdout)
        return
    report = dztest.Report()
    check(report)
    report.finish()


if __name__ == "__main__":
    main()
