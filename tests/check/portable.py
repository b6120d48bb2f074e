#!/usr/bin/env python3
"""What the sources call is in POSIX.1-2008, or is behind a test of configure or of the system.

Each source is compiled as for a system that has no more than POSIX: C11, _XOPEN_SOURCE=700, not Linux, and what configure
looks for not found. The C library's own headers then say which names POSIX does not have. Where musl-gcc is installed, each
is compiled against musl's headers too, as for Linux with all that configure found there.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

# Not in POSIX.1-2008, but in glibc, musl, macOS and the BSDs alike; mkostemp and memmem are in POSIX.1-2024.
EVERYWHERE = {"memmem", "mkostemp", "setgroups", "strsep"}
# Compiled only where configure found what they adapt.
ONE_SYSTEM = ("landlock.c", "seccomp.c")
# What makes headers show more than POSIX, and what configure looks for because not every system has it.
MORE = r"_\w+_SOURCE|__EXTENSIONS__"
FOUND = r"HAVE_(?:SECCOMP|LIBCAP|LANDLOCK|GETRANDOM|SYS_RANDOM_H|PTHREAD_CONDATTR_SETCLOCK|SECURE_GETENV)"
# pcap's and nDPI's headers want BSD's names of types; POSIX has no names for them.
TYPES = "".join("typedef unsigned %s u_%s;\n" % (kind, kind) for kind in ("char", "short", "int", "long"))
POSIX = ["-std=c11", "-D_XOPEN_SOURCE=700", "-U__linux__", "-U__linux", "-Wformat=2", "-Wpedantic",
         "-Wno-error=implicit-function-declaration", "-Wno-error=int-conversion"]  # errors from gcc 14 on
# A wrong name is one of these; what else a pedantic compiler says of extensions of the language is not asked here.
WRONG = re.compile(r"(?:implicit declaration of function|call to undeclared (?:library )?function) [‘'](\w+)[’']"
                   r"|(?:error): (.*)|(ISO C does not support the [‘']%\w+[’'].*)|(invalid conversion specifier.*)")


def makefile(name):
    """A variable of the build's Makefile, in words."""
    with open(os.path.join(dztest.BUILD, "Makefile"), encoding="utf-8") as f:
        found = re.search(r"^%s = *(.*)$" % name, f.read(), re.M)
    return found[1].split() if found else []


def libraries():
    return [word for name in ("NDPI", "PCAP", "JSON", "NETTLE", "XXHASH", "ZLIB", "ZSTD", "PSL") for word in makefile(name + "_CFLAGS")]


def plain_config(folder):
    """config.h of a system that has POSIX and the libraries, and the types that their headers want."""
    with open(os.path.join(dztest.BUILD, "config.h"), encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(folder, "config.h"), "w", encoding="utf-8") as f:
        f.write(re.sub(r"(?m)^ *# *define +(?:%s|%s)\b.*$" % (MORE, FOUND), "", text))
    types = os.path.join(folder, "types.h")
    with open(types, "w", encoding="utf-8") as f:
        f.write(TYPES)
    return ["-include", types, "-I" + folder]


def musl_headers(folder):
    """A folder with the headers of the libraries and of the kernel, and none of glibc's."""
    for name in ("pcap", "pcap.h", "ndpi", "json-c", "nettle", "xxhash.h", "xxh3.h", "zlib.h", "zconf.h", "zstd.h", "zstd_errors.h", "zdict.h",
                 "libpsl.h", "seccomp.h", "seccomp-syscalls.h", "sys/capability.h", "linux", "asm-generic"):
        link_header(os.path.join("/usr/include", name), os.path.join(folder, name))
    triplet = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True, check=False).stdout.strip()
    link_header(os.path.join("/usr/include", triplet, "asm"), os.path.join(folder, "asm"))
    return ["-isystem", folder] + ["-isystem%s/%s" % (folder, name) for name in ("ndpi", "json-c")]


def link_header(there, here):
    if os.path.exists(there):
        os.makedirs(os.path.dirname(here), exist_ok=True)
        os.symlink(there, here)


def wrong_names(output):
    """What a compiler complained of that says that a name or format is not there."""
    for line in output.splitlines():
        found = WRONG.search(line)
        if found and found[1] not in EVERYWHERE:
            yield line


def compile_all(report, what, command, sources):
    def one(source):
        done = subprocess.run([*command, "-I" + os.path.join(dztest.SOURCE, "src"), '-DPROFILES_DIR=""', "-fsyntax-only", "-Wall", source],
                              capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
        return source, done

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, done in pool.map(one, sources):
            wrong = list(wrong_names(done.stderr))
            report.check(not wrong and done.returncode == 0, "%s: %s: %s", what, source, "\n".join(wrong) or done.stderr[-600:])


def sources():
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(dztest.SOURCE, "src")) for name in names
                  if name.endswith(".c"))


def self_check(report, command, folder):
    """The compiler does complain: of a name that glibc has alone, and of a format of its own."""
    source = os.path.join(folder, "wrong.c")
    with open(source, "w", encoding="utf-8") as f:
        f.write('#include "config.h"\n#include <stdio.h>\n#include <string.h>\n'
                'int main(int n, char **words) { printf("%m"); return n + (strchrnul(words[0], 1) != 0); }\n')
    done = subprocess.run([*command, "-fsyntax-only", "-Wall", source], capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    told = " ".join(wrong_names(done.stderr))
    report.check("strchrnul" in told and "%m" in told, "a name and a format of glibc's go through: %s", done.stderr)


def main():
    report = dztest.Report()
    compiler = makefile("CC")
    with tempfile.TemporaryDirectory() as folder:
        plain = [*compiler, *POSIX, *plain_config(folder), *libraries()]
        self_check(report, plain, folder)
        compile_all(report, "POSIX", plain, [name for name in sources() if os.path.basename(name) not in ONE_SYSTEM])
        if shutil.which("musl-gcc"):
            headers = musl_headers(os.path.join(folder, "musl"))
            compile_all(report, "musl", ["musl-gcc", "-std=gnu11", "-I" + dztest.BUILD, *headers], sources())
        else:
            print("note: no musl-gcc here")
    report.finish()


if __name__ == "__main__":
    main()
