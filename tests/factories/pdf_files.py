"""What a PDF holds, read back: its tags, its alternative texts, and its words in the order of the tagged content.

A small reader for the PDFs that our own library writes (object streams, flate, one ToUnicode map a font); it is no
reader for PDFs at large.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from dataclasses import dataclass

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)


@dataclass(frozen=True)
class PdfRead:
    """One PDF as a screen reader meets it. `cells` are the texts of marked content, one a tagged piece."""

    tags: Counter[str]
    alts: list[str]
    cells: list[str]
    text: str
    raw: bytes
    objects: dict[int, bytes]

    def says(self, pattern: bytes) -> bool:
        """Whether the objects of the file match a pattern."""
        return any(re.search(pattern, body) for body in self.objects.values())


def _string(raw: bytes) -> str:
    if raw.startswith(b"<"):
        data = bytes.fromhex(raw.strip(b"<>").decode())
        return data.decode("utf-16") if data[:2] in (b"\xfe\xff", b"\xff\xfe") else data.decode("latin-1")
    text = re.sub(rb"\\([()\\])", rb"\1", raw[1:-1])
    return text.decode("utf-16") if text[:2] == b"\xfe\xff" else text.decode("latin-1")


def _objects(data: bytes) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """Every object's dictionary, and every stream unpacked, by number."""
    heads: dict[int, bytes] = {}
    streams: dict[int, bytes] = {}
    for number, body in _OBJECT.findall(data):
        found = _STREAM.search(body)
        head = body[: found.start()] if found else body
        heads[int(number)] = head
        if found:
            held = found.group(1)
            streams[int(number)] = zlib.decompress(held) if b"FlateDecode" in head else held
    for number, head in list(heads.items()):
        if b"/ObjStm" in head:
            first = int(re.search(rb"/First (\d+)", head).group(1))  # type: ignore[union-attr]  # always there
            held = streams[number]
            places = list(map(int, held[:first].split()))
            pairs = list(zip(places[::2], places[1::2], strict=True))
            for (key, start), (_, end) in zip(pairs, [*pairs[1:], (0, len(held) - first)], strict=True):
                heads[key] = held[first + start : first + end]
    return heads, streams


def _letters(cmap: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for glyph, letters in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[glyph.decode().lower()] = bytes.fromhex(letters.decode()).decode("utf-16-be")
    return found


def read_pdf(data: bytes) -> PdfRead:
    """The tags, alternative texts and words of a PDF."""
    heads, streams = _objects(data)
    fonts: dict[str, dict[str, str]] = {}
    for head in heads.values():
        for name, key in re.findall(rb"/([A-Z]{6})\s+(\d+) 0 R", head):
            unicode_map = re.search(rb"/ToUnicode (\d+) 0 R", heads.get(int(key), b""))
            if unicode_map:
                fonts[name.decode()] = _letters(streams[int(unicode_map.group(1))])
    tags: Counter[str] = Counter()
    alts: list[str] = []
    for head in heads.values():
        kind = re.search(rb"/S\s*/(\w+)", head)
        if kind and b"/StructElem" in head:
            tags[kind.group(1).decode()] += 1
            alt = re.search(rb"/Alt\s*(\((?:\\.|[^\\)])*\)|<[0-9a-fA-F]*>)", head, re.DOTALL)
            if alt:
                alts.append(_string(alt.group(1)))
    cells: list[str] = []
    everything: list[str] = []
    for number in sorted(streams):
        held = streams[number]
        if b" Tf\n" not in held:
            continue
        font: dict[str, str] = {}
        now: list[str] | None = None
        token = re.compile(
            rb"/([A-Z]{6}) [\d.]+ Tf|(\[.*?\]) TJ|(/\w+\s*<<.*?>>\s*BDC)|(\bEMC\b)|(/Artifact\s+BMC)", re.DOTALL
        )
        for name, shown, begun, ended, _artifact in token.findall(held):
            if name:
                font = fonts.get(name.decode(), {})
            elif shown:
                pieces = "".join(
                    font.get(part[at : at + 4].decode().lower(), "\ufffd")
                    for part in re.findall(rb"<([0-9A-Fa-f]+)>", shown)
                    for at in range(0, len(part), 4)
                )
                everything.append(pieces)
                if now is not None:
                    now.append(pieces)
            elif begun:
                now = []
            elif ended and now is not None:
                if "".join(now).strip():
                    cells.append(" ".join("".join(now).split()))
                now = None
    return PdfRead(tags, alts, cells, " ".join(everything), data, heads)
