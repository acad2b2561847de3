# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that show when they were torn, and what a page of them must be like.

Every line of a text has the same value: the first, the last and those between them, whose number the text tells too.
Two texts, or two versions of one, cannot mix without two values meeting.
"""

import json
import re

# By hostile senders, in texts that no page may ever show.
NEVER = "never_to_be_seen"

_SAMPLE = re.compile(
    r'^soak_(first|line|size|last)\{(?:app="(?:[^"\\\n]|\\.)*",)?of="(\w+)"(?:,n="(\d+)")?\} (\d+)$', re.MULTILINE
)
_OWN = re.compile(r"^(exporter_proxy_\w+(?:\{.*\})?) (\S+)$", re.MULTILINE)
# What no page may have: neither a comment, nor a sample, nor the begin of what the sender of junk sends.
_BAD_LINE = re.compile(r"^(?!# |[a-zA-Z_:][\w:]*(?:\{.*\})? [^ \n]+$|junk).*$", re.MULTILINE)
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Fault(Exception):
    """An invariant that does not hold."""


def text(of, value, lines):
    """The text of an application, with so many lines between the first and the last."""
    return "\n".join(
        [
            f'soak_first{{of="{of}"}} {value}',
            "# HELP soak_line One of many.",
            "# TYPE soak_line gauge",
            *(f'soak_line{{of="{of}",n="{number}"}} {value}' for number in range(lines)),
            f'soak_size{{of="{of}"}} {lines}',
            f'soak_last{{of="{of}"}} {value}',
        ]
    )


def check_text(body, what):
    """What holds for whatever is served as text: complete lines of UTF-8, and nothing that a terminal obeys."""
    try:
        page = body.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise Fault(f"{what} is not UTF-8: {failure}") from None
    if page and not page.endswith("\n"):
        raise Fault(f"{what} does not end in a newline: {page[-80:]!r}")
    control = _CONTROL.search(page)
    if control:
        raise Fault(f"{what} has a control character: {page[max(0, control.start() - 40) : control.end() + 40]!r}")
    never = page.find(NEVER)
    if never >= 0:
        raise Fault(f"{what} has what was never sent to its end: {page[max(0, never - 100) : never + 100]!r}")
    return page


def check_page(body, merged=None):
    """The values on a page of metrics by application, and the proxy's own figures.

    `merged`: by family (True), application after application (False), or either.
    """
    page = check_text(body, "the page")
    bad = _BAD_LINE.search(page)
    if bad and bad.group():
        raise Fault(f"the page has the line {bad.group()[:200]!r}")
    apps = {}
    for at, (family, of, number, value) in enumerate(_SAMPLE.findall(page)):
        apps.setdefault(of, []).append((at, family, number, value))
    values = {of: _check_app(of, samples) for of, samples in apps.items()}
    is_concatenated = all(_is_in_order(samples) for samples in apps.values())
    is_merged = _is_by_family(apps)
    if not {True: is_merged, False: is_concatenated, None: is_concatenated or is_merged}[merged]:
        raise Fault(f"the page's order is wrong: concatenated {is_concatenated}, merged {is_merged}, expected {merged}")
    return values, {name: float(value) for name, value in _OWN.findall(page)}


def _check_app(of, samples):
    found = {"first": [], "line": [], "size": [], "last": []}
    for _, family, number, value in samples:
        found[family].append((number, value))
    if len(found["first"]) != 1 or len(found["last"]) != 1 or len(found["size"]) != 1:
        raise Fault(f"{of} has {', '.join(f'{len(found[family])} {family}' for family in found)}")
    values = {value for family in ("first", "line", "last") for _, value in found[family]}
    if len(values) != 1:
        raise Fault(f"{of} is torn: it has the values {sorted(values)}")
    size = int(found["size"][0][1])
    if len(found["line"]) != size or len({number for number, _ in found["line"]}) != size:
        raise Fault(f"{of} has {len(found['line'])} lines of {size}")
    return int(values.pop())


def _is_in_order(samples):
    """Whether an application's samples follow each other as they were sent."""
    begin = samples[0][0]
    families = ["first", *["line"] * (len(samples) - 3), "size", "last"]
    return all(
        at == begin + place and family == families[place] and (family != "line" or number == str(place - 1))
        for place, (at, family, number, _) in enumerate(samples)
    )


def _is_by_family(apps):
    """Whether each family stands together."""
    ranges = {}
    for samples in apps.values():
        for at, family, _, _ in samples:
            low, high, count = ranges.get(family, (at, at, 0))
            ranges[family] = (min(low, at), max(high, at), count + 1)
    return all(high - low + 1 == count for low, high, count in ranges.values())


def check_counters(before, now, names):
    """Counters, of those samples whose names are among `names`, only grow."""
    for sample, value in now.items():
        if sample.split("{")[0] in names and value < before.get(sample, 0):
            raise Fault(f"{sample} went back from {before[sample]:g} to {value:g}")


def check_json(body, what):
    if _CONTROL.search(body.decode("utf-8")):
        raise Fault(f"{what} has a control character")
    return json.loads(body)
