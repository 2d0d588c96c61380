"""Draws docs/img/architecture.svg from the imports: the floors, the rooms of each, and which room uses which.

    python -m tools.draw_architecture [--check]

A room is a folder or a module directly inside an app. Rooms stand in columns: each is left of all rooms that it uses. An
arrow is drawn only where no longer path implies it; arrows between rooms that use each other in a circle are red. --check
draws nothing, and its exit status is 1 where the picture would change.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

import grimp

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "img" / "architecture.svg"
FLOORS = ("negotiation", "bookings", "properties", "accounts", "core")
# Django finds these by their names; no module of an app imports them.
NOT_ROOMS = {"apps", "migrations", "management", "templatetags"}

BOX_WIDTH, BOX_HEIGHT, ROW, COLUMN = 132, 26, 36, 170
LEFT, TOP, FLOOR_HEAD, FLOOR_GAP = 24, 20, 40, 18

Graph = dict[str, set[str]]


def main() -> int:
    drawn = draw(read_floors())
    if "--check" not in sys.argv:
        PICTURE.write_text(drawn)
        return 0
    if PICTURE.exists() and PICTURE.read_text() == drawn:
        return 0
    print("docs/img/architecture.svg is not what the imports say: python -m tools.draw_architecture", file=sys.stderr)
    return 1


# -- reading the imports -----------------------------------------------------------------------------------------------


class Floor:
    """An app: its rooms, which room uses which, and the apps that it uses."""

    def __init__(self, name: str, uses: Graph, below: set[str]) -> None:
        self.name, self.uses, self.below = name, uses, below


def read_floors() -> list[Floor]:
    imports = grimp.build_graph(*FLOORS, cache_dir=None)
    return [read_floor(name, imports) for name in FLOORS]


def read_floor(name: str, imports: grimp.ImportGraph) -> Floor:
    uses: Graph = {room: set() for module in imports.modules if (room := room_of(module, name))}
    below: set[str] = set()
    for module in imports.modules:
        if module.split(".")[0] != name:
            continue
        for used in imports.find_modules_directly_imported_by(module):
            app = used.split(".")[0]
            if app != name:
                below.add(app)
            elif (here := room_of(module, name)) and (there := room_of(used, name)) and here != there:
                uses[here].add(there)
    return Floor(name, uses, below)


def room_of(module: str, app: str) -> str | None:
    """Returns the room of a module: 'bookings.rules.ledger' → 'rules'. None for the app itself, and for no room of it."""
    parts = module.split(".")
    return parts[1] if parts[0] == app and len(parts) > 1 and parts[1] not in NOT_ROOMS else None


# -- columns and arrows ------------------------------------------------------------------------------------------------


def reachable(uses: Graph, start: str) -> set[str]:
    """Returns all rooms that a room uses, also through others; itself only where there is a circle."""
    found: set[str] = set()
    waiting = list(uses[start])
    while waiting:
        room = waiting.pop()
        if room not in found:
            found.add(room)
            waiting += uses[room]
    return found


def columns(uses: Graph) -> dict[str, int]:
    """Returns room → its column, counted from the right. Rooms in column 0 use no other; those of a circle share a column."""
    reach = {room: reachable(uses, room) for room in uses}
    depth: dict[str, int] = {}

    def of(room: str) -> int:
        if room not in depth:
            outside = [used for used in reach[room] if room not in reach[used]]
            depth[room] = max((of(used) + 1 for used in outside), default=0)
        return depth[room]

    return {room: of(room) for room in sorted(uses)}


def arrows(uses: Graph) -> list[tuple[str, str, bool]]:
    """Returns (from, to, whether both are in one circle) of each arrow, without arrows that a longer path implies."""
    reach = {room: reachable(uses, room) for room in uses}
    found = []
    for room in sorted(uses):
        for used in sorted(uses[room]):
            circle = room in reach[used]
            between = (other for other in uses[room] - {used} if used in reach[other] and other not in reach[used])
            if circle or not any(room not in reach[other] for other in between):
                found.append((room, used, circle))
    return found


# -- drawing -----------------------------------------------------------------------------------------------------------


class Layout:
    """The positions of the boxes of one floor, from its top left corner."""

    def __init__(self, floor: Floor) -> None:
        depth = columns(floor.uses)
        last = max(depth.values())
        rows: dict[int, int] = {}
        self.boxes: dict[str, tuple[int, int]] = {}
        for room in sorted(depth, key=lambda room: (-depth[room], room)):
            column = last - depth[room]
            row = rows.get(column, 0)
            rows[column] = row + 1
            self.boxes[room] = (LEFT + column * COLUMN, FLOOR_HEAD + row * ROW)
        self.width = LEFT + last * COLUMN + BOX_WIDTH + LEFT
        self.height = FLOOR_HEAD + max(rows.values()) * ROW + 8


def draw(floors: list[Floor]) -> str:
    layouts = [Layout(floor) for floor in floors]
    width = max(layout.width for layout in layouts) + 2 * LEFT
    height = sum(layout.height + FLOOR_GAP for layout in layouts) + 2 * TOP
    lines = [*head(width, height)]
    top = TOP
    for floor, layout in zip(floors, layouts, strict=True):
        lines += [f'<g transform="translate({LEFT} {top})">', *draw_floor(floor, layout, width - 2 * LEFT), "</g>"]
        top += layout.height + FLOOR_GAP
    return "\n".join([*lines, "</svg>"]) + "\n"


def head(width: int, height: int) -> Iterable[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" role="img">'
    yield "<title>The floors of the project, the rooms of each, and which room uses which</title>"
    for name, colour in (("arrow", "#8b97a8"), ("circle", "#c0392b")):
        yield f'<marker id="{name}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        yield f'<path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'


def draw_floor(floor: Floor, layout: Layout, width: int) -> Iterable[str]:
    below = [name for name in FLOORS if name in floor.below]
    yield f'<rect width="{width}" height="{layout.height}" rx="8" fill="#f3f5f8" stroke="#d5dbe4"/>'
    yield f'<text x="{LEFT}" y="26" font-size="17" font-weight="bold" fill="#1c2733">{escape(floor.name)}</text>'
    note = f"uses {', '.join(below)}" if below else "uses no other floor"
    yield f'<text x="{width - LEFT}" y="26" font-size="13" text-anchor="end" fill="#51606f">{escape(note)}</text>'
    for room, used, circle in arrows(floor.uses):
        yield arrow(layout.boxes[room], layout.boxes[used], circle)
    for room, (x, y) in layout.boxes.items():
        yield (
            f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5" fill="#ffffff" stroke="#5b7a9d"/>'
        )
        yield (
            f'<text x="{x + BOX_WIDTH // 2}" y="{y + 17}" font-size="12" text-anchor="middle" fill="#1c2733">'
            f"{escape(room)}</text>"
        )


def arrow(start: tuple[int, int], end: tuple[int, int], circle: bool) -> str:
    """Draws an arrow from the right edge of one box to the left edge of another, or between two boxes of a column."""
    colour, marker = ("#c0392b", "circle") if circle else ("#8b97a8", "arrow")
    x1, y1 = start[0] + BOX_WIDTH, start[1] + BOX_HEIGHT // 2
    x2, y2 = end[0], end[1] + BOX_HEIGHT // 2
    if x2 < x1:
        x2 = end[0] + BOX_WIDTH
        bend = f"C{x1 + 30} {y1} {x2 + 30} {y2}"
    else:
        middle = (x1 + x2) // 2
        bend = f"C{middle} {y1} {middle} {y2}"
    return f'<path d="M{x1} {y1}{bend} {x2} {y2}" fill="none" stroke="{colour}" marker-end="url(#{marker})"/>'


if __name__ == "__main__":
    sys.exit(main())
