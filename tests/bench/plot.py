#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws what run.py measured: each row's cost beside the bare loop's, with the mark that is to be kept.

usage: plot.py RESULT.json > figures.svg

A row is drawn if it was measured beside the bare loop. Rates are turned into costs, so that shorter is better
everywhere and 1 is the machine's own limit.
"""

import json
import re
import sys
from xml.sax.saxutils import escape

BAR, GAP, LABELS, WIDTH, TOP = 18, 10, 400, 420, 56
LARGEST = 2.6  # times the limit at the right edge


def bars(rows):
    """(work, cost, mark) of each row that has both a limit and a bound on the ratio to it."""
    for row in rows:
        bound = re.match(r"([≤≥]) ([\d.]+) ×", row["target"])
        if row["beside_is"] != "limit" or not row["ratio"] or not bound:
            continue
        cost, mark = row["ratio"], float(bound[2])
        if bound[1] == "≥":
            cost, mark = 1 / cost, 1 / mark
        yield row["work"], cost, mark


def draw(rows):
    drawn = list(bars(rows))
    height = TOP + len(drawn) * (BAR + GAP) + 34
    x = lambda times: LABELS + WIDTH * min(times, LARGEST) / LARGEST
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LABELS + WIDTH + 70} {height}" '
        'font-family="sans-serif" font-size="13">',
        "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->",
        "<style>text{fill:#57606a}.bar{fill:#3b82c4}.mark{stroke:#d1242f;stroke-width:2}"
        ".limit{stroke:#8b949e;stroke-dasharray:3 3}</style>",
        f'<text x="{LABELS}" y="18">cost, in times the bare loop’s (dashed); red: what is to be kept</text>',
    ]
    for number, (work, cost, mark) in enumerate(drawn):
        y = TOP + number * (BAR + GAP)
        out += [
            f'<text x="{LABELS - 10}" y="{y + 13}" text-anchor="end">{escape(work)}</text>',
            f'<rect class="bar" x="{LABELS}" y="{y}" width="{x(cost) - LABELS:.1f}" height="{BAR}" rx="2"/>',
            f'<line class="mark" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="{y - 3}" y2="{y + BAR + 3}"/>',
            f'<text x="{max(x(cost), x(mark)) + 8:.1f}" y="{y + 13}">{cost:.2f}</text>',
        ]
    bottom = TOP + len(drawn) * (BAR + GAP)
    out += [
        f'<line class="limit" x1="{x(1):.1f}" x2="{x(1):.1f}" y1="{TOP - 12}" y2="{bottom}"/>',
        f'<text x="{x(1):.1f}" y="{TOP - 18}" text-anchor="middle">1</text>',
        "</svg>",
    ]
    return "\n".join(out) + "\n"


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as result:
        sys.stdout.write(draw(json.load(result)["rows"]))


if __name__ == "__main__":
    main()
