# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the tree that a compiler does not hold: which folder may include what, and what each file begins with."""

import os
import re

# A folder is a layer: what of the project and which of Qt's modules it may include.
LAYERS = {
    "schema": ({"schema"}, set()),
    "common": ({"common", "schema"}, {"QtCore"}),
    "daemon": ({"daemon", "common", "schema"}, {"QtCore", "QtNetwork", "QtHttpServer"}),
    "gui": ({"gui", "common", "schema"}, {"QtCore", "QtNetwork", "QtGui", "QtWidgets"}),
}

# common/ is bytes in, result out: a socket there would be a second place that knows of the network.
SOCKET_HEADERS = re.compile(r"sys/(socket|un|epoll|poll)\.h|poll\.h|netdb\.h|netinet/.*")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"

CPP_ENDINGS = (".h", ".cpp", ".h.in")
SOURCE_ENDINGS = CPP_ENDINGS + (".c", ".py", ".sh", ".cmake", ".capnp", ".toml", ".clang-format", "CMakeLists.txt")
SKIPPED_FOLDERS = re.compile(r"\.git|build(-.*)?|__pycache__|\.cache|\.vscode|\.idea|debian|corpus")


def files(root):
    """Paths of the tree's files relative to its root, without what a build or an editor leaves."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not SKIPPED_FOLDERS.fullmatch(name))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield os.path.relpath(path, root)


def is_source(root, path):
    if path.endswith(SOURCE_ENDINGS):
        return True
    with open(os.path.join(root, path), "rb") as file:
        return file.read(2) == b"#!"


def without_spdx(root):
    """Source files that do not say their licence in their first lines."""
    for path in files(root):
        if is_source(root, path):
            with open(os.path.join(root, path), "rb") as file:
                if SPDX.encode() not in b"".join(file.readlines()[:3]):
                    yield path


def include_faults(root, qt_headers):
    """What is included against the direction of the layers, one sentence each."""
    for path in files(root):
        layer = path.split(os.sep)[0]
        if layer not in LAYERS or not path.endswith(CPP_ENDINGS):
            continue
        folders, modules = LAYERS[layer]
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        for quoted, angled in INCLUDE.findall(text):
            fault = _quoted_fault(quoted, folders) if quoted else _angled_fault(angled, layer, modules, qt_headers)
            if fault:
                yield f"{path}: includes {quoted or angled}, {fault}"


def _quoted_fault(name, folders):
    if name.endswith(".moc") or name.startswith("moc_"):
        return None
    if "/" not in name or name.startswith("."):
        return "which is not a path from the top of the tree"
    if name.split("/")[0] not in folders:
        return "which is not below it"
    return None


def _angled_fault(name, layer, modules, qt_headers):
    if layer == "common" and SOCKET_HEADERS.fullmatch(name):
        return "and this folder knows no sockets"
    module, _, header = name.rpartition("/")
    if not re.match(r"(Qt?[A-Z])|q[a-z]+\.h", header if not module else module):
        return None
    if module:
        return None if module in modules else f"and Qt's modules for this folder are {', '.join(sorted(modules))}"
    if any(os.path.exists(os.path.join(qt_headers, module, header)) for module in modules):
        return None
    return f"which is in none of {', '.join(sorted(modules)) or 'no module of Qt'}"
