# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages, each with what a Prometheus server makes of it. The table is what we know; the tests put each page to a server
and to our parser, and a server that thinks otherwise fails them."""

import random
import re

TAKEN = True
REFUSED = False

# What breaks a page, or is thought to.
KNOWN = {
    # A page as it should be.
    "an empty page": (b"", TAKEN),
    "one sample": (b"a 1\n", TAKEN),
    "a family": (b'# HELP a Things.\n# TYPE a counter\na{b="c"} 1\na{b="d"} 2\n', TAKEN),
    "a histogram": (
        b'# TYPE h histogram\nh_bucket{x="0.5"} 1\nh_bucket{x="+Inf"} 2\nh_sum 3.5\nh_count 2\n', TAKEN),
    "escapes": (b'# HELP a \\\\ and \\n.\na{b="\\\\ \\n \\" \\x"} 1\n', TAKEN),
    "characters beyond ASCII": ('# HELP a größe\na{b="漢字 😀"} 1\n'.encode(), TAKEN),
    # Line ends.
    "CR LF on a sample": (b"a 1\r\n", REFUSED),
    "CR LF on a sample with labels": (b'a{b="c"} 1\r\n', REFUSED),
    "CR LF on a TYPE": (b"# TYPE a gauge\r\na 1\n", REFUSED),
    "CR LF on a HELP": (b"# HELP a b\r\na 1\n", TAKEN),
    "CR LF on a comment": (b"# a\r\na 1\n", TAKEN),
    "CR LF alone": (b"a 1\n\r\nb 1\n", REFUSED),
    "no newline at the end": (b"a 1\nb 2", TAKEN),
    "no newline at the end of a comment": (b"a 1\n# b", TAKEN),
    "no newline at the end of a HELP": (b"a 1\n# HELP a b", TAKEN),
    "no newline at the end of a TYPE": (b"a 1\n# TYPE a gauge", TAKEN),
    "blank lines": (b"\n\na 1\n \t \n\nb 2\n\n", TAKEN),
    "blanks at the end": (b"a 1 \nb 2\t\t\nc 3 4 \n  ", TAKEN),
    "blanks before a name": (b" a 1\n", REFUSED),
    "a tab before a name, after a blank line": (b"b 1\n\n\ta 1\n", REFUSED),
    "blanks before a comment": (b"  # HELP a b\n \t# TYPE a gauge\na 1\n", TAKEN),
    "fused: a value and a name": (b"a 1b 2\n", REFUSED),
    "fused: a value and a comment": (b"a 1# HELP b c\n", REFUSED),
    "fused: TYPE and a sample": (b"# TYPE a gaugea 1\n", REFUSED),
    "fused: HELP and a sample": (b"# HELP a b. a 1\nb 2\n", TAKEN),
    "fused: a value and what looks like an exponent": (b"a 1e5 3\n", TAKEN),
    # Metadata.
    "HELP twice": (b"# HELP a b\n# HELP a c\na 1\n", TAKEN),
    "TYPE twice": (b"# TYPE a gauge\n# TYPE a counter\na 1\n", TAKEN),
    "TYPE after samples": (b"a 1\n# TYPE a gauge\n", TAKEN),
    "a family in two pieces": (b"# TYPE a gauge\na 1\nb 1\na{c=\"d\"} 1\n", TAKEN),
    "HELP without a text": (b"# HELP a\n# HELP b \n# HELP c \t \na 1\n", TAKEN),
    "HELP without a name": (b"# HELP \na 1\n", REFUSED),
    "HELP alone": (b"# HELP\na 1\n", TAKEN),
    "HELP of what is no name": (b"# HELP 9\na 1\n", REFUSED),
    "HELP with a point in the name": (b"# HELP a.b c\na 1\n", TAKEN),
    "HELP with an umlaut behind the name": ("# HELP aß c\na 1\n".encode(), REFUSED),
    "HELP that is a word's beginning": (b"# HELPS a\n# TYPEa gauge\na 1\n", TAKEN),
    "HELP without a blank before": (b"#HELP 9\n#TYPE 9\na 1\n", TAKEN),
    "HELP with tabs": (b"#\tHELP\ta\tb\n#\tTYPE\ta\tgauge\na 1\n", TAKEN),
    "TYPE without a type": (b"# TYPE a\na 1\n", REFUSED),
    "TYPE without a type, but with a blank": (b"# TYPE a \na 1\n", REFUSED),
    "TYPE without a name": (b"# TYPE \na 1\n", REFUSED),
    "TYPE alone": (b"# TYPE\na 1\n", TAKEN),
    "TYPE with two blanks": (b"# TYPE a  gauge\na 1\n", REFUSED),
    "TYPE with a blank at its end": (b"# TYPE a gauge \na 1\n", REFUSED),
    "TYPE with another byte for the blank": (b"# TYPE a=gauge\na 1\n", TAKEN),
    "TYPE in capitals": (b"# TYPE a GAUGE\na 1\n", REFUSED),
    "TYPE that nobody knows": (b"# TYPE a thing\na 1\n", REFUSED),
    "TYPE of each kind": (
        b"# TYPE a counter\n# TYPE b gauge\n# TYPE c histogram\n# TYPE d summary\n# TYPE e untyped\na 1\n", TAKEN),
    # Names and labels.
    "a name with a colon": (b":a:b: 1\n", TAKEN),
    "a name that begins with a digit": (b"9a 1\n", REFUSED),
    "a name with a minus": (b"a-b 1\n", REFUSED),
    "a name with a point": (b"a.b 1\n", REFUSED),
    "a name with an umlaut": ("größe 1\n".encode(), REFUSED),
    "a minus for the blank": (b"a-1\n", TAKEN),
    "a point for the blank": (b"a.5\n", TAKEN),
    "nothing for the blank behind labels": (b'a{b="c"}1\n', TAKEN),
    "no labels in braces": (b"a{} 1\nb{ } 1\n", TAKEN),
    "a comma too many": (b'a{b="c",} 1\n', TAKEN),
    "two commas too many": (b'a{b="c",,} 1\n', REFUSED),
    "a comma first": (b'a{,b="c"} 1\n', REFUSED),
    "no comma between labels": (b'a{b="c"d="e" f="g"} 1\n', TAKEN),
    "blanks between everything": (b'a \t{ b \t= \t"c" , d = "e" , } \t1 \t2 \n', TAKEN),
    "two blocks of labels": (b'a{b="c"}{d="e"} 1\n', REFUSED),
    "an open brace": (b'a{b="c" 1\n', REFUSED),
    "an open quote": (b'a{b="c} 1\n', REFUSED),
    "an open quote, closed on the next line": (b'a{b="c} 1\nd{e="f"} 2\n', REFUSED),
    "single quotes": (b"a{b='c'} 1\n", REFUSED),
    "no quotes": (b"a{b=c} 1\n", REFUSED),
    "a label without a value": (b"a{b} 1\n", REFUSED),
    "a label's name with a colon": (b'a{b:c="d"} 1\n', REFUSED),
    "a label's name with a minus": (b'a{b-c="d"} 1\n', REFUSED),
    "a label's name that begins with a digit": (b'a{9="d"} 1\n', REFUSED),
    "a newline in a label's value": (b'a{b="c\nd"} 1\n', TAKEN),
    "a newline between labels": (b'a{b="c",\nd="e"} 1\n', REFUSED),
    "a backslash before a newline": (b'a{b="c\\\nd"} 1\n', REFUSED),
    "a backslash before the quote": (b'a{b="c\\"} 1\n', REFUSED),
    "a control character in a label's value": (b'a{b="\x01\x1b\x7f"} 1\n', TAKEN),
    "an empty label": (b'a{b=""} 1\n', TAKEN),
    "a label twice": (b'a{b="c",b="d"} 1\n', REFUSED),
    "a label twice, the same": (b'a{b="c",b="c"} 1\n', REFUSED),
    "a label twice, in the second line": (b'a 1\na{b="c",x="y",b="d"} 1\n', REFUSED),
    "a label twice, once empty": (b'a{b="",b="d"} 1\n', TAKEN),
    "a label twice, once empty, the other way": (b'a{b="d",b=""} 1\n', TAKEN),
    "a label three times, once empty": (b'a{b="d",b="e",b=""} 1\n', TAKEN),
    "the name as a label": (b'a{__name__="b"} 1\n', REFUSED),
    "the name as the same label": (b'a{__name__="a"} 1\n', REFUSED),
    "the name as an empty label": (b'a{__name__=""} 1\n', REFUSED),
    # Values.
    "no value": (b"a\n", REFUSED),
    "no value, and more lines": (b"a\nb 1\n", REFUSED),
    "a value on the next line": (b"a\n1\n", REFUSED),
    "a word": (b"a ok\n", REFUSED),
    "a comma in a number": (b"a 1,5\n", REFUSED),
    "numbers": (b"a 1\nb -1\nc +1\nd 1.5\ne .5\nf 5.\ng 1e3\nh 1E-3\ni 007\nj -0\n", TAKEN),
    "no numbers": (b"a NaN\nb nan\nc Inf\nd +Inf\ne -inf\nf INFINITY\ng -infinity\n", TAKEN),
    "NaN with a sign": (b"a +NaN\n", REFUSED),
    "half of infinity": (b"a infi\n", REFUSED),
    "hexadecimal": (b"a 0x1p4\n", REFUSED),
    "hexadecimal without an exponent": (b"a 0x10\n", REFUSED),
    "underscores": (b"a 1_000\n", REFUSED),
    "the largest double": (b"a 1.7976931348623157e308\n", TAKEN),
    "what is rounded to it": (b"a 1.797693134862315807e308\n", TAKEN),
    "what is rounded up": (b"a 1.797693134862315808e308\n", REFUSED),
    "too large": (b"a 1e309\n", REFUSED),
    "too small": (b"a 1e-999\n", TAKEN),
    "an exponent without digits": (b"a 1e\n", REFUSED),
    "an exponent alone": (b"a e5\n", REFUSED),
    "a point alone": (b"a .\n", REFUSED),
    "two points": (b"a 1.2.3\n", REFUSED),
    # Timestamps.
    "a timestamp": (b"a 1 1520879607000\n", TAKEN),
    "timestamp 0": (b"a 1 0\n", TAKEN),
    "a timestamp with zeros in front": (b"a 1 000000000000000000000001\n", TAKEN),
    "the largest timestamp": (b"a 1 9223372036854775807\n", TAKEN),
    "a timestamp too large": (b"a 1 9223372036854775808\n", REFUSED),
    "a timestamp with a sign": (b"a 1 -5\n", REFUSED),
    "a timestamp with a plus": (b"a 1 +5\n", REFUSED),
    "a timestamp with a fraction": (b"a 1 1520879607.789\n", REFUSED),
    "a word for a timestamp": (b"a 1 now\n", REFUSED),
    "a third number": (b"a 1 2 3\n", REFUSED),
    # Series.
    "the same series twice": (b"a 1\na 2\n", TAKEN),
    "the same series twice, labels turned": (b'a{b="1",c="2"} 1\na{c="2",b="1"} 2\n', TAKEN),
    # Other formats.
    "OpenMetrics: EOF": (b"a 1\n# EOF\n", TAKEN),
    "OpenMetrics: EOF, and samples behind it": (b"a 1\n# EOF\nb 2\n", TAKEN),
    "OpenMetrics: UNIT": (b"# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n", TAKEN),
    "OpenMetrics: UNIT of nothing": (b"# UNIT\n# UNIT 9\na 1\n", TAKEN),
    "OpenMetrics: an exemplar": (b'a_total 1 # {trace_id="x"} 0.5\n', REFUSED),
    "OpenMetrics: an exemplar after a timestamp": (b'a_total 1 2 # {trace_id="x"} 0.5\n', REFUSED),
    "OpenMetrics: info": (b'# TYPE a info\na_info{b="c"} 1\n', REFUSED),
    "OpenMetrics: unknown": (b"# TYPE a unknown\na 1\n", REFUSED),
    "OpenMetrics: stateset": (b"# TYPE a stateset\na 1\n", REFUSED),
    "OpenMetrics: gaugehistogram": (b"# TYPE a gaugehistogram\na 1\n", REFUSED),
    "OpenMetrics: created": (b"# TYPE a counter\na_total 1\na_created 1520879607.789\n# EOF\n", TAKEN),
    "HTML": (b"<html><body>It works!</body></html>\n", REFUSED),
    "JSON": (b'{"a": 1}\n', REFUSED),
    "a byte-order mark": (b"\xef\xbb\xbfa 1\n", REFUSED),
    "invalid UTF-8 in a label's value": (b'a{b="\xff"} 1\n', REFUSED),
    "invalid UTF-8 in a HELP": (b"# HELP a \xff\na 1\n", REFUSED),
    "UTF-16": ("a 1\n".encode("utf-16"), REFUSED),
}  # fmt: skip

# The strict parser (expfmt: promtool, the Pushgateway, the textfile collector of node_exporter) thinks otherwise, one way
# or the other.
STRICT_DIFFERS = [
    "HELP twice", "TYPE twice", "TYPE after samples", "no newline at the end", "blanks at the end",
    "a newline in a label's value", "a label twice, once empty", "no comma between labels",
    "blanks before a name", "HELP without a name", "TYPE with two blanks", "TYPE in capitals", "a timestamp with a sign",
]  # fmt: skip

# The server takes them and we do not: it loses what the page says, silently, or others that read the page fail.
STRICTER = {
    "a NUL at the start of a line, and nothing of what follows": b"a 1\n\x00b 2\n",
    "a NUL in a comment": b"# a\x00b\na 1\n",
    "a NUL in a label's value": b'a{b="c\x00d"} 1\n',
    "invalid UTF-8 in a comment": b"# \xff\na 1\n",
}

# Only newer servers take them, and not all of these.
NEWER = {
    "a name in quotes": b'{"a.b"} 1\n',
    "a name in quotes with labels": b'{"a.b", c="d"} 1\n',
    "a label's name in quotes": b'a{"b.c"="d"} 1\n',
    "a HELP of a name in quotes": b'# HELP "a.b" c\na 1\n',
}

PAGE = (
    b"# HELP requests_total How many requests there were.\n"
    b"# TYPE requests_total counter\n"
    b'requests_total{code="200",method="get"} 1027\n'
    b'requests_total{code="404",method="get",path="C:\\\\a \\"b\\"\\n"} 3 \n'
    b"\n"
    b"# TYPE duration_seconds summary\n"
    b'duration_seconds{q="0.5"} 0.0235\n'
    b"duration_seconds_sum 1.7560473e+07\n"
    b"duration_seconds_count 2693\n"
    b"# a comment\n"
    b"temperature -Inf\n"
)

PIECES = [
    b" ", b"\t", b"\n", b"\r\n", b"{", b"}", b'"', b"\\", b",", b"=", b"#", b"# ", b"# HELP ", b"# TYPE x ", b"1", b"-",
    b".", b"e", b"_", b":", b"x", b'a="b"', b'a=""', b'{a="b"}', b"NaN", b"Inf", b"1e309", b"0x1", b"counter", b"info",
    b" 5", b" # {} 1", b"\xc3\xa4", b"\x01",
]  # fmt: skip


# Of a name in quotes, which newer servers take; see NEWER.
QUOTED_NAME = re.compile(rb'[{,][ \t]*"|(HELP|TYPE)[ \t]+"|"[ \t]*"')


def mutated(count, seed):
    """That many pages which are almost as they should be; the same ones at each call."""
    chance = random.Random(seed)
    lines = PAGE.splitlines(keepends=True)
    while count:
        begin = chance.randrange(len(lines))
        page = bytearray(b"".join(lines[begin : begin + chance.randint(1, 4)]))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(page) + 1)
            kind = chance.randrange(4)
            if kind == 0:
                del page[at : at + 1]
            elif kind == 1:
                del page[at : at + chance.randint(1, 20)]
            else:
                page[at:at] = chance.choice(PIECES)
        if not QUOTED_NAME.search(page):
            count -= 1
            yield bytes(page)
