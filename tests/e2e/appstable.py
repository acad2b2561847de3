# SPDX-License-Identifier: GPL-3.0-or-later
"""The text table of /apps, drawn once more from what it should show: two nested boxes around three columns."""

import unicodedata

HEADERS = ("App Name", "Last Update Time (UTC)", "Source")


def width(text):
    """Columns on a terminal: two for East Asian wide characters, none for those that combine."""
    columns = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def pad(text, columns):
    return text + " " * (columns - width(text))


def time_text(json_time):
    """2022-05-22T23:51:52.9398987Z as the table writes it; `None` is a poll that has never succeeded."""
    return json_time.replace("T", " ").replace("Z", " UTC") if json_time else "never"


def draw(now, rows):
    """`now` as the table has it, rows of (name, time, source)."""
    columns = [max(width(row[i]) for row in [HEADERS, *rows]) for i in range(3)]
    rule = "+-" + "-+-".join("-" * column for column in columns) + "-+"
    inner = [rule]
    for row in [HEADERS, *rows]:
        inner.append("| " + " | ".join(pad(cell, column) for cell, column in zip(row, columns)) + " |")
        inner.append(rule)
    title = f"Current time: {now}"
    outer = max(width(title), width(rule))
    edge = "+-" + "-" * outer + "-+"
    lines = [edge, f"| {pad(title, outer)} |", edge]
    lines += [f"| {pad(line, outer)} |" for line in inner]
    lines.append(edge)
    return "\n".join(lines) + "\n"
