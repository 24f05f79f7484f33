#!/usr/bin/env python3
"""Reads the includes of src/ and include/ and reports what the rooms do not allow.

The compiler already refuses a header of a room that src/CMakeLists.txt does not grant. This check holds the grants
themselves against the order of the rooms, and everything that include paths can't express: where foreign headers may
appear, which single headers of a room the command line may read, headers that nobody includes, files too long to read.
"""

import re
import sys
from pathlib import Path

# A room may be granted rooms of a lower rank only; rooms of one rank do not know each other.
RANK = {"base": 0, "farm": 1, "plan": 1, "x509": 1, "token": 1, "evidence": 1, "deploy": 1, "workflow": 2, "cli": 3}

# Past workflow and base, the command line reads these headers and no others.
CLI_MAY_READ = {
    "evidence/distribute_document.hpp",
    "evidence/documents.hpp",
    "evidence/inspected_file.hpp",
    "evidence/proof.hpp",
    "token/pin.hpp",
}

# Foreign headers: what they look like, the files (from src/) that may include them, whether a header may.
FOREIGN = [
    (r"openssl/", r"(base|x509)/|token/openssl_bridge", True),
    (r"libp11\.h", r"token/openssl_bridge", True),
    (r"p11-kit/|pkcs11", r"token/", True),
    (r"toml\+\+/|toml\.hpp", r"(farm|token)/", False),
    (r"nlohmann/json_fwd\.hpp", r"evidence/", True),  # declarations only
    (r"nlohmann/json\.hpp", r"evidence/|farm/json\.cpp", False),
    (r"CLI/", r"cli/", False),
    (r"fmt/", r"", False),
    (r"idn2\.h|libpsl\.h", r"plan/", True),
]

MAX_LINES = 320
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def granted_rooms(cmake_text):
    """Room -> the rooms that src/CMakeLists.txt lets it read."""
    grants = {}
    for name, arguments in re.findall(r"^hsmreq_room\((\w+)\s*([^)]*)\)", cmake_text, re.MULTILINE):
        rooms = re.search(r"\bROOMS\s+((?:[a-z0-9_]+\s*)+)", arguments)
        grants[name] = set(rooms.group(1).split()) if rooms else set()
    return grants


def includes(path):
    """(name, quoted) of every include directive."""
    return [(quoted or angled, bool(quoted)) for quoted, angled in INCLUDE.findall(path.read_text())]


def check_grants(grants):
    for room in sorted(RANK.keys() - grants.keys()):
        yield f"src/CMakeLists.txt: no room {room}"
    for room, granted in grants.items():
        if room not in RANK:
            yield f"src/CMakeLists.txt: {room} has no place in the order of the rooms"
            continue
        for other in sorted(granted):
            if RANK.get(other, 99) >= RANK[room]:
                yield f"src/CMakeLists.txt: {room} may not know {other}"


def check_own_include(room, included, grants):
    owner = included.split("/")[0]
    if owner in ("hsmreq", room):
        return
    if owner not in RANK:
        yield f'"{included}" is not of any room'
    elif owner not in grants.get(room, set()):
        yield f"{room} may not know {owner}: {included}"
    elif room == "cli" and owner not in ("workflow", "base") and included not in CLI_MAY_READ:
        yield f"the command line may not read {included}"


def check_foreign_include(inside_src, included, is_header):
    for pattern, allowed, in_headers in FOREIGN:
        if not re.match(pattern, included):
            continue
        if not re.match(allowed, inside_src):
            yield f"<{included}> has no business here"
        elif is_header and not in_headers:
            yield f"<{included}> belongs in a .cpp file"


def check_room_file(path, src, grants):
    inside_src = path.relative_to(src).as_posix()
    parts = inside_src.split("/")
    if len(parts) != 2 or parts[0] not in grants:
        yield "is not directly in the folder of a room, so the build does not know it"
        return
    for included, quoted in includes(path):
        if quoted:
            yield from check_own_include(parts[0], included, grants)
        else:
            yield from check_foreign_include(inside_src, included, path.suffix == ".hpp")


def check_public_header(path):
    for included, quoted in includes(path):
        if quoted and not included.startswith("hsmreq/"):
            yield f'a public header may not include "{included}"'
        elif not quoted and re.search(r"[./]", included):
            yield f"a public header may not include <{included}>"


def unused_headers(files, root):
    """Headers that only their own implementation includes, or nobody."""
    readers = {}
    for path in files:
        for included, _ in includes(path):
            readers.setdefault(included, set()).add(path)
    for header in (path for path in files if path.suffix == ".hpp"):
        folder = root / "src" if header.is_relative_to(root / "src") else root / "include"
        others = readers.get(header.relative_to(folder).as_posix(), set())
        if folder == root / "src":
            others = others - {header.with_suffix(".cpp")}
        if not others:
            yield f"{header.relative_to(root)}: nobody includes it"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]).resolve()
    src, public = root / "src", root / "include"
    grants = granted_rooms((src / "CMakeLists.txt").read_text())
    sources = sorted(path for path in src.rglob("*") if path.suffix in (".cpp", ".hpp"))
    headers = sorted(public.rglob("*.hpp"))

    problems = list(check_grants(grants))
    for path in sources:
        problems += [f"{path.relative_to(root)}: {text}" for text in check_room_file(path, src, grants)]
    for path in headers:
        problems += [f"{path.relative_to(root)}: {text}" for text in check_public_header(path)]
    for path in sources + headers:
        lines = len(path.read_text().splitlines())
        if lines > MAX_LINES:
            problems.append(f"{path.relative_to(root)}: {lines} lines, more than {MAX_LINES}")
    templates = sorted((root / "cmake").glob("*.cpp.in"))
    problems += unused_headers(sources + headers + templates, root)

    for problem in problems:
        print(problem)
    print(f"{len(sources) + len(headers)} files read, {len(problems)} problems")
    return 1 if problems or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
