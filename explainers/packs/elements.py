"""HTML of the house's own templates as a small tree: what is read from it has no markup any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = {"br", "hr", "img", "input", "meta", "link", "wbr"}
"""Elements without an end."""
INLINE = {"b", "strong", "i", "em", "span", "a", "code", "small", "sub", "sup", "br", "wbr"}
"""Elements that stand within a line."""
LINE = "\n"
SPACES = re.compile(r"[ \t\r\f\v\n]+")
"""What HTML reads as one space; the narrow spaces before units are none of it."""


@dataclass
class Element:
    """An element with what is in it."""

    tag: str
    """Name, in small letters."""
    attributes: dict[str, str] = field(default_factory=dict)
    """Attributes; "" for one without a value."""
    children: list[Element | str] = field(default_factory=list)
    """Elements and text, in order."""

    @property
    def classes(self) -> set[str]:
        """Return the classes."""
        return set(self.attributes.get("class", "").split())

    def all(self, *tags: str) -> Iterator[Element]:
        """Yield every element below with one of these names, in order; not those inside one that was found."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                else:
                    yield from child.all(*tags)

    def below(self) -> list[Element]:
        """Return the elements right below."""
        return [child for child in self.children if isinstance(child, Element)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read_markup(markup: str) -> Element:
    """Return a fragment of HTML as a tree whose root has no name."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.root


def is_inline(child: Element | str) -> bool:
    """Return whether something stands within a line."""
    return isinstance(child, str) or child.tag in INLINE


def text_of(*children: Element | str) -> str:
    """Return the text of elements: one line, but for the breaks in it.

    Elements that touch each other are words of their own: on screen the stylesheet sets them apart.
    """
    found = SPACES.sub(" ", "".join(_texts(list(children))))
    return LINE.join(line.strip() for line in found.split("\0")).strip()


def _texts(children: list[Element | str]) -> Iterator[str]:
    for place, child in enumerate(children):
        if isinstance(child, str):
            yield child
            continue
        if place and isinstance(children[place - 1], Element):
            yield " "
        yield "\0" if child.tag == "br" else "".join(_texts(child.children))
