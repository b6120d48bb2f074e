#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Debian's package, the RPM spec and the Homebrew formula agree with configure.ac and with what is installed: version,
libraries and the least versions of them, files, description, licence."""

import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

# What Homebrew calls a library that pkg-config has under another name.
BREW = {"libndpi": "ndpi", "libxxhash": "xxhash", "libzstd": "zstd"}
# Where the macros of the spec point to.
MACROS = {"%{_bindir}": "/usr/bin", "%{_mandir}": "/usr/share/man", "%{_datadir}": "/usr/share"}
# Files that packages add to those of `make install`, by what both are installed from.
ADDED = {"share/systemd/distribooze@.service": "%{_unitdir}/distribooze@.service",
         "share/sysusers.d/distribooze.conf": "%{_sysusersdir}/distribooze.conf"}


def read(*path):
    with open(os.path.join(dztest.SOURCE, *path), encoding="utf-8") as f:
        return f.read()


def libraries_of_configure(text):
    """{pkg-config's name: (least version or "", Debian's package)}; which package that is, configure says where it is missing."""
    found = {}
    for module, least, rest in re.findall(r"PKG_CHECK_MODULES\(\[\w+\], \[([\w-]+)(?: >= ([\d.]+))?\](.*?)(?=PKG_CHECK|\Z)", text, re.S):
        debian = re.search(r"\(Debian: ([\w-]+)", rest.split("AC_ARG_WITH")[0])
        found[module] = least, debian[1] if debian else "lib%s-dev" % module
    return found


def versions(report, configure, control, spec, formula):
    version = re.search(r"AC_INIT\(\[distribooze\], \[([\d.]+)\]", configure)[1]
    report.equal("debian/changelog", re.match(r"distribooze \(([\d.]+)-\d+\)", read("debian", "changelog"))[1], version)
    report.equal("spec: Version", re.search(r"^Version:\s+(\S+)", spec, re.M)[1], version)
    report.equal("spec: %changelog", re.search(r"^%changelog\n\* .* - ([\d.]+)-\d+$", spec, re.M)[1], version)
    report.equal("formula: what it tests", re.search(r'"distribooze ([\d.]+)"', formula)[1], version)
    report.equal("licence", {re.search(r"^License:\s+(\S+)", spec, re.M)[1], re.search(r'license "(.*)"', formula)[1],
                             re.search(r"^License: (\S+)$", read("debian", "copyright"), re.M)[1]}, {"BSD-2-Clause"})
    summary = re.search(r"^Description: (.*)", control, re.M)[1]
    report.equal("spec: Summary", re.search(r"^Summary:\s+(.*)", spec, re.M)[1].lower(), summary)
    report.equal("formula: desc", re.search(r'desc "(.*)"', formula)[1].lower(), summary)
    told = re.search(r"^%description\n(.*?)\n\n%prep", spec, re.M | re.S)[1].split()
    report.equal("description", re.search(r"^Description: .*\n((?: .*\n)*)", control, re.M)[1].replace(" .\n", "\n").split(), told)


def libraries(report, configure, control, spec, formula):
    wanted = libraries_of_configure(configure)
    report.check(len(wanted) > 8, "only %d libraries were found in configure.ac", len(wanted))
    build = dict(re.findall(r"^ ([\w-]+)(?: \(>= (?:\d:)?([\d.]+)\))?(?: <!nocheck>)?,$", control.split("\n\n")[0], re.M))
    report.equal("debian/control", {name: least for name, least in build.items() if name.endswith("-dev")},
                 {debian: least for least, debian in wanted.values()})
    report.equal("spec", dict(re.findall(r"^BuildRequires:\s+pkgconfig\(([\w-]+)\)(?: >= ([\d.]+))?$", spec, re.M)),
                 {module: least for module, (least, _) in wanted.items()})
    brewed = set(re.findall(r'^ +(?:depends_on|uses_from_macos) "([\w-]+)"$', formula, re.M))
    report.equal("formula", brewed, {BREW.get(module, module) for module in wanted} - {"cmocka"})
    installed = set(re.search(r"^debian_build='(.*)'", read("bootstrap"), re.M)[1].split())
    report.equal("bootstrap: what is not installed for a build", {debian for _, debian in wanted.values()} - installed, {"libcmocka-dev"})


def installed_files(report):
    with tempfile.TemporaryDirectory() as folder:
        environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        done = subprocess.run(["make", "-s", "-C", dztest.BUILD, "install", "DESTDIR=" + folder, "prefix=/usr", "datarootdir=/usr/share"],
                              env=environment, capture_output=True, text=True, check=False)
        report.equal("make install", (done.returncode, done.stderr[-200:]), (0, ""))
        return sorted(os.path.join(base, name)[len(folder):] for base, _, names in os.walk(folder) for name in names)


def files(report, spec):
    listed = re.search(r"^%files\n(.*?)\n\n", spec, re.M | re.S)[1].split("\n")
    entries = [line for line in listed if line.startswith("%{")]
    for macro, path in MACROS.items():
        entries = [entry.replace(macro, path) for entry in entries]
    covers = lambda entry, path: path.startswith(entry) if entry.endswith("/") else glob.fnmatch.fnmatchcase(path, entry)  # noqa: E731
    installed = installed_files(report)
    own = [entry for entry in entries if entry not in ADDED.values()]
    report.equal("installed, and not in the spec", [path for path in installed if not any(covers(entry, path) for entry in own)], [])
    report.equal("in the spec, and not installed", [entry for entry in own if not any(covers(entry, path) for path in installed)], [])
    rules = read("debian", "rules")
    for source, place in ADDED.items():
        report.check(place in entries and source in spec and source in rules, "%s is not in every package", source)
    docs = {name for line in listed if line.startswith("%doc") for name in line.split()[1:]}
    debian = set(read("debian", "distribooze.docs").split() + read("debian", "distribooze.examples").split())
    report.equal("documents of the packages", docs - {"NEWS"}, debian)
    report.equal("documents that are not there", [name for name in docs if not os.path.exists(os.path.join(dztest.SOURCE, name))], [])
    for path in re.findall(r"^\[ -s (\S+?)(?:\.gz)? \]$", read("debian", "tests", "flows"), re.M):
        report.check(path.replace("vendor-completions", "site-functions") in installed, "debian/tests/flows looks for %s", path)


def main():
    report = dztest.Report()
    texts = read("configure.ac"), read("debian", "control"), read("packaging", "distribooze.spec"), read("packaging", "distribooze.rb")
    versions(report, *texts)
    libraries(report, *texts)
    files(report, texts[2])
    report.finish()


if __name__ == "__main__":
    main()
