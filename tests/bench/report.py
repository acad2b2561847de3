# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows as a table that reads in a terminal and in Markdown."""

import sys

from workbench import DISTURBED

VERDICTS = {True: "reached", False: "NOT reached", None: ""}
HEADINGS = ("row", "work", "ours", "beside", "ratio", "to reach", "", "others' CPU")


def figure(value):
    """Three digits that count."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cells(row):
    unit = f" {row.unit}".replace(" /s", "/s") if row.unit else ""
    return (
        row.name,
        row.work,
        figure(row.ours) + unit,
        f"{row.beside_is} {figure(row.beside)}{unit}" if row.beside is not None else "",
        f"{row.ratio:.2f}" if row.ratio is not None else "",
        row.target,
        VERDICTS[row.reached],
        f"{row.other_load:.2f}" + (" (disturbed)" if row.other_load >= DISTURBED else "") if row.rounds else "",
    )


def progress(row):
    """So that whoever waits sees something, apart from the table."""
    shown = [cell for cell in cells(row)[2:7] if cell]
    print(f"{row.name}: {', '.join(shown)}", file=sys.stderr, flush=True)


def table(rows):
    lines = [HEADINGS, *map(cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    drawn = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(drawn)


def footnotes(rows, machine, seconds):
    notes = [f"{row.name}: {note}" for row in rows for note in row.notes]
    load = " ".join(f"{value:.1f}" for value in machine["load_average"])
    notes.append(
        f"{machine['processor']} with {machine['instruction_set']}, {machine['cores']} processors, "
        f"Linux {machine['kernel']}, {machine['time']}, load average before {load}; took {seconds:.0f} s"
    )
    return "\n" + "\n".join(f"- {note}" for note in notes)
