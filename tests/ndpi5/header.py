#!/usr/bin/env python3
"""Makes an installation of nDPI 5.0, to compile and link with, out of nfstream's library.

    header.py LIBRARY PREFIX

LIBRARY is nfstream's extension module, which carries nDPI with all its functions exported, and the types of its
interface as cffi's type information: from that, the structures of ndpi_api.h are written down, each member with an
assertion of where it is. What Python functions the module itself calls are never reached from nDPI; a library of empty
symbols stands for them. Needs the Python that has nfstream's cffi.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# What the interface of calls.h is made of; what these use comes with them.
ROOTS = ["ndpi_protocol", "struct ndpi_flow_struct", "struct ndpi_flow_input_info", "ndpi_risk_enum", "ndpi_cfg_error", "ndpi_confidence_t",
         "ndpi_fpc_confidence_t", "ndpi_os", "ndpi_http_method", "ndpi_protocol_breed_t", "ndpi_protocol_category_t", "ndpi_protocol_id_t",
         "enum ndpi_classification_state"]
BEGIN = """/* nDPI 5.0's interface, made by header.py of nfstream's library: not written by hand. */
#ifndef NDPI_API_H
#define NDPI_API_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
typedef uint64_t ndpi_risk;
struct ndpi_global_context;
struct ndpi_detection_module_struct;
#define NDPI_DETECTION_ONLY_IPV4 1
#define NDPI_DETECTION_ONLY_IPV6 2
"""


def is_tagged(ctype):
    return ctype.cname.startswith(("struct ", "union ", "enum "))


class Header:
    """C text of types, each after those that it uses."""

    def __init__(self, ffi):
        self.ffi, self.text, self.done = ffi, [], set()

    def declare(self, ctype, name):
        """`name` declared as a thing of that type."""
        if ctype.kind == "array":
            return self.declare(ctype.item, "%s[%d]" % (name, ctype.length))
        if ctype.kind == "function":
            return "void *" + name
        if ctype.kind == "pointer":
            return self.declare(ctype.item, "*" + name)
        if "$" in ctype.cname:
            return "%s {\n%s\n}%s %s" % (ctype.kind, self.members(ctype), self.packed(ctype), name)
        return "%s %s" % (ctype.cname, name)

    def members(self, ctype):
        return "\n".join("%s%s;" % (self.declare(field.type, name), " : %d" % field.bitsize if field.bitsize > 0 else "")
                         for name, field in ctype.fields)

    def packed(self, ctype):
        natural = max([1] + [self.ffi.alignof(field.type) for _, field in ctype.fields])
        return " __attribute__((packed))" if self.ffi.alignof(ctype) < natural else ""

    def need(self, ctype, whole=True):
        """Writes down the type, unless it is there; of what is only pointed at, the name will do."""
        while ctype.kind in ("array", "pointer"):
            whole = whole and ctype.kind == "array"
            ctype = ctype.item
        if ctype.kind not in ("struct", "union", "enum") or ctype.cname in self.done:
            return
        if ctype.kind == "enum":
            self.done.add(ctype.cname)
            self.enum(ctype)
        elif "$" in ctype.cname or whole:
            self.done.add(ctype.cname)
            for _, field in ctype.fields or []:
                self.need(field.type)
            if "$" not in ctype.cname:
                self.struct(ctype)
        elif is_tagged(ctype):
            self.text.append(ctype.cname + ";")

    def enum(self, ctype):
        values = ",\n".join("%s = %d" % (name, value) for value, name in sorted(ctype.elements.items()))
        if is_tagged(ctype):
            self.text.append("%s {\n%s\n};" % (ctype.cname, values))
        else:
            self.text.append("typedef enum {\n%s\n} %s;" % (values, ctype.cname))

    def struct(self, ctype):
        body = "{\n%s\n}%s" % (self.members(ctype), self.packed(ctype))
        if is_tagged(ctype):
            self.text.append("%s %s;" % (ctype.cname, body))
        else:
            self.text.append("typedef %s %s %s;" % (ctype.kind, body, ctype.cname))
        self.text.append('_Static_assert(sizeof(%s) == %d, "size of %s");' % (ctype.cname, self.ffi.sizeof(ctype), ctype.cname))
        self.places(ctype, ctype.cname, "", 0)

    def places(self, ctype, root, path, base):
        for name, field in ctype.fields:
            if field.bitsize > 0:
                continue
            self.text.append('_Static_assert(offsetof(%s, %s) == %d, "place of %s");' % (root, path + name, base + field.offset, path + name))
            if "$" in field.type.cname and field.type.kind in ("struct", "union"):
                self.places(field.type, root, path + name + ".", base + field.offset)


def header_of(module):
    header = Header(module.ffi)
    for root in ROOTS:
        header.need(module.ffi.typeof(root))
    typedefs = []
    for root in module.ffi.list_types()[0]:
        ctype = module.ffi.typeof(root)
        if ctype.cname != root and ctype.cname in header.done:
            typedefs.append("typedef %s %s;" % (ctype.cname, root))
    with open(os.path.join(HERE, "calls.h"), encoding="utf-8") as f:
        calls = f.read()
    return "%s\n%s\n%s\n\n%s#endif\n" % (BEGIN, "\n".join(header.text), "\n".join(typedefs), calls)


def version_of(module):
    text = module.ffi.string(module.lib.engine_lib_ndpi_version()).decode()
    return re.match(r"[\d.]+\d", text)[0]


def empty_symbols(library, folder):
    """A library with the symbols of Python that `library` wants."""
    names = subprocess.run(["nm", "-D", "--undefined-only", library], stdout=subprocess.PIPE, check=True, text=True).stdout
    source = os.path.join(folder, "python.c")
    with open(source, "w", encoding="utf-8") as f:
        for name in sorted(set(re.findall(r"\b_?Py\w+", names))):
            f.write("char %s[64];\n" % name)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", os.path.join(folder, "libndpipython.so"), source], check=True)
    os.remove(source)


def main():
    library, prefix = sys.argv[1:]
    spec = importlib.util.spec_from_file_location("_lib_engine", library)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    include, lib = os.path.join(prefix, "include", "ndpi"), os.path.join(prefix, "lib")
    os.makedirs(include, exist_ok=True)
    os.makedirs(os.path.join(lib, "pkgconfig"), exist_ok=True)
    with open(os.path.join(include, "ndpi_api.h"), "w", encoding="utf-8") as f:
        f.write(header_of(module))
    shutil.copy(library, os.path.join(lib, "libndpi.so"))
    empty_symbols(library, lib)
    # The library has a libpcap of its own inside; the system's comes first.
    with open(os.path.join(lib, "pkgconfig", "libndpi.pc"), "w", encoding="utf-8") as f:
        f.write("prefix=%s\nlibdir=${prefix}/lib\nName: libndpi\nDescription: nDPI out of nfstream\nVersion: %s\n"
                "Libs: -Wl,--no-as-needed -lpcap -L${libdir} -lndpi -lndpipython -lm\nCflags: -I${prefix}/include/ndpi\n" % (prefix, version_of(module)))


if __name__ == "__main__":
    main()
