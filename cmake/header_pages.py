#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a manual page and an HTML page of each public header, from its comments: in the header's own order, each
comment as prose above the declarations it speaks of. `man actor_send` finds the page that declares it.

    header_pages.py VERSION HEADERS MAN3_FOLDER HTML_FOLDER
"""
import html
import pathlib
import re
import sys

CPP_FORM = re.compile(r"#ifdef __cplusplus\n(?:(?!#(?:else|endif)).*\n)*(?:#else\n((?:(?!#endif).*\n)*))?#endif\n")
SCAFFOLD = re.compile(r"(#ifndef ACTOR_\w+_H|#define ACTOR_\w+_H$|#endif|#include |ACTOR_API_(BEGIN|END)$|/\* SPDX)")
SECTION = re.compile(r"/\* -+ (.+?) -+ \*/$")
# A function is declared at the start of a line of its own; a prototype's further lines are indented.
DECLARED = re.compile(r"^(?:static inline )?(?:[\w*]+[ *]+)+?\*?(\w+)\(", re.MULTILINE)
OBJECT = re.compile(r"^extern [^(]*\b(\w+)(?:\[\])?;", re.MULTILINE)


class Entry:
    """A comment, what it stands above, or both; or the title of a section."""

    def __init__(self, comment, code, title=""):
        self.comment, self.code, self.title = comment, code, title

    def names(self):
        return [name for name in DECLARED.findall(self.code) if name != "__attribute__"] + OBJECT.findall(self.code)


class Page:
    def __init__(self, header):
        self.file, self.name = header.name, "libactor-" + header.stem
        self.entries = list(entries_of(header.read_text(encoding="utf-8")))
        self.names = [name for entry in self.entries for name in entry.names()]

    def idea(self):
        """The first sentence of the first comment."""
        first = next((entry.comment for entry in self.entries if entry.comment), "").split("\n\n")[0]
        return re.split(r"(?<=[^.])[.:;](?:\s|$)", " ".join(first.split()))[0]


def entries_of(text):
    """Cuts a header at its comments and, outside of braces, at its empty lines."""
    lines = CPP_FORM.sub(lambda match: match[1] or "", text).splitlines()
    comment, code, depth, at = "", [], 0, 0

    def finished():
        return [Entry(comment, "\n".join(code))] if comment or code else []

    while at < len(lines):
        line = lines[at]
        if depth == 0 and not line.startswith("/* SPDX") and line.startswith("/*"):
            yield from finished()
            comment, code, (block, at) = "", [], whole_comment(lines, at)
            if section := SECTION.match(block):
                yield Entry("", "", section[1])
            else:
                comment = plain(block)
        elif depth == 0 and not line:
            yield from finished()
            comment, code = "", []
        elif not SCAFFOLD.match(line):
            code.append(line)
            depth += line.count("{") - line.count("}")
        at += 1
    yield from finished()


def whole_comment(lines, at):
    end = next(n for n in range(at, len(lines)) if lines[n].endswith("*/"))
    return "\n".join(lines[at:end + 1]), end


def plain(block):
    """A comment's words without its stars."""
    return "\n".join(re.sub(r"^ ?\*($| )", "", line) for line in block[3:-2].rstrip().split("\n"))


def paragraphs(comment):
    """(is code, text) of each paragraph: what is indented is code or a table, and keeps its lines."""
    for paragraph in filter(str.strip, comment.split("\n\n")):
        lines = paragraph.split("\n")
        if all(line.startswith("  ") for line in lines):
            yield True, paragraph
        else:
            yield False, " ".join(lines)


# ---- manual pages


def groff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def groff_prose(text):
    """`code` in bold, and functions that are spoken of."""
    return re.sub(r"`([^`]+)`|\b(actor_\w+)\(\)", lambda match: f"\\fB{match[1] or match[2] + '()'}\\fP", groff(text))


def man_page(page, version):
    yield f'.TH {groff(page.name.upper())} 3 "" "libactor {version}" "libactor"\n.nh\n.ad l'
    yield ".SH NAME\n" + groff(", ".join([page.name, *page.names])) + f" \\- {groff(page.idea())}"
    yield f".SH SYNOPSIS\n.nf\n.B #include <actor/{page.file}>\n.fi\n.PP\n.B pkg\\-config \\-\\-cflags \\-\\-libs libactor"
    yield ".SH DESCRIPTION"
    for entry in page.entries:
        if entry.title:
            yield f".SH {groff(entry.title.upper())}"
        if entry.code:
            yield f".PP\n.nf\n.ft CW\n{groff(entry.code)}\n.ft\n.fi"
        for is_code, text in paragraphs(entry.comment):
            if is_code:
                yield f".PP\n.nf\n{groff(text)}\n.fi"
            else:
                yield (".IP \"\" 4\n" if entry.code else ".PP\n") + groff_prose(text)
    yield ".SH SEE ALSO\n.BR libactor\\-actor (3),\n.BR libactor\\-node (3),\n.BR libactor\\-sim (3)"


def write_man(pages, version, folder):
    for page in pages:
        (folder / f"{page.name}.3").write_text("\n".join(man_page(page, version)) + "\n", encoding="utf-8")
        for name in page.names:
            (folder / f"{name}.3").write_text(f".so man3/{page.name}.3\n", encoding="utf-8")


# ---- HTML

STYLE = """body { font: 16px/1.5 sans-serif; max-width: 52em; margin: 2em auto; padding: 0 1em; color: #222 }
pre { background: #f4f4f2; padding: .6em .8em; overflow-x: auto; font-size: 13px; margin-bottom: .3em }
pre + p, pre + p + p { margin-left: 1.5em } a { color: #06538a; text-decoration: none }"""


def linked(text, homes):
    """Escaped, with each name that a page declares leading there."""
    def link(match):
        name = match[0]
        return f'<a href="{homes[name]}.html#{name}">{name}</a>' if name in homes else name
    return re.sub(r"\bactor_\w+", link, html.escape(text, quote=False))


def html_page(page, homes):
    yield f"<h1>actor/{page.file}</h1>\n<p><a href=\"index.html\">libactor</a></p>"
    for entry in page.entries:
        if entry.title:
            yield f"<h2>{html.escape(entry.title)}</h2>"
        if entry.code:
            anchors = "".join(f'<a id="{name}"></a>' for name in entry.names())
            yield f"{anchors}<pre>{linked(entry.code, homes)}</pre>"
        for is_code, text in paragraphs(entry.comment):
            words = re.sub(r"`([^`]+)`", r"<code>\1</code>", linked(text, homes))
            yield f"<pre>{words}</pre>" if is_code else f"<p>{words}</p>"


def document(title, body):
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
            f"<style>{STYLE}</style></head><body>\n" + "\n".join(body) + "\n</body></html>\n")


def write_html(pages, version, folder):
    homes = {name: page.name for page in pages for name in page.names}
    for page in pages:
        text = document(f"actor/{page.file}", html_page(page, homes))
        (folder / f"{page.name}.html").write_text(text, encoding="utf-8")
    rows = [f'<p><a href="{page.name}.html">actor/{page.file}</a>: {html.escape(page.idea(), quote=False)}</p>'
            for page in pages]
    index = document("libactor", [f"<h1>libactor {version}</h1>", *rows])
    (folder / "index.html").write_text(index, encoding="utf-8")


def pages_of(headers):
    return [Page(header) for header in sorted(pathlib.Path(headers).glob("*.h"))]


def main():
    version, headers, man, site = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
    for folder in (man, site):
        folder.mkdir(parents=True, exist_ok=True)
    write_man(pages_of(headers), version, man)
    write_html(pages_of(headers), version, site)


if __name__ == "__main__":
    main()
