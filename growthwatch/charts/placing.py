"""Where words go on a picture: beside what they speak of, covering neither marks nor lines nor each other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from growthwatch.charts.lines import Stretch, interpolated
from growthwatch.charts.marks import GREY, NORMAL, SMALL, Box, rule_line
from growthwatch.charts.page import Page

__all__ = ["COVERED", "Placed"]

COVERED = 20
"""What a mark or other words count for, where a box would cover them: more than all the lines that can be there."""


class Placed(Page):
    """A page whose words look for room."""

    curves: list[tuple[Stretch, tuple[int, ...]]]
    """The lines in the picture: rows of each stretch."""

    hatched: tuple[float, float] | None = None
    """The stretch of the picture that is hatched, on which words have white ground [points]."""

    def hits(self, box: Box) -> int:
        """How many lines and marks a box would cover."""
        ages = self.low + (box.x + np.linspace(-2, box.width + 2, 15)) / self.wide * (self.high - self.low)
        least, most = self.y_at(box.y - 2), self.y_at(box.y + box.height + 2)
        hits = 0
        for s, rows in self.curves:
            if s.x[0] > ages[-1] or s.x[-1] < ages[0]:
                continue
            # The ends of the lines within the box count as well as what crosses it.
            inside = np.concatenate([ages[(ages >= s.x[0]) & (ages <= s.x[-1])], s.x[[0, -1]]])
            inside = np.sort(inside[(inside >= ages[0]) & (inside <= ages[-1])])
            if inside.size == 0:
                continue
            for row in rows:
                at = interpolated(inside, s.x, s.y[row])
                at = at[~np.isnan(at)]
                if at.size:
                    hits += int(bool(at.max() > least and at.min() < most and _crosses(at, least, most)))
        return hits + COVERED * sum(box.meets(other) for other in self.boxes)

    def note(self, age: float | None, rows: list[str], size: float = SMALL, **more: Any) -> bool:
        """Write a note where it covers neither lines nor marks, as near to the edges as possible.

        Returns
        -------
        Whether there was such a place; otherwise nothing is written.
        """
        width = max(self.text_width(row, size) for row in rows)
        height = len(rows) * size * 1.25
        room = self.wide - width - 2
        if room < 2:
            return False
        if age is None:
            starts = [room / 2, *np.linspace(2, room, 7).tolist()]
        else:
            x = self.px(age)
            starts = [s for s in (x + 4, x - 4 - width) if 2 <= s <= room] or [min(max(x - width / 2, 2.0), room)]
        steps = np.linspace(0, 1, 25)
        heights = [v for s in steps[: len(steps) // 2 + 1] for v in (1 - s, s)]
        for v in heights:
            for start in starts:
                box = Box(start, 4 + v * (self.tall - height - 10), width, height)
                if self.hits(box):
                    continue
                self.boxes.append(box)
                if self.on_hatching(box):
                    more = {"backgroundcolor": "white", **more}
                for k, row in enumerate(rows):
                    self.axes_text(
                        box.x,
                        box.y + height - (k + 0.9) * size * 1.25,
                        row,
                        size,
                        **{"color": GREY, "gid": "note", **more},
                    )
                return True
        return False

    def say_in_the_middle(self, words: str, size: float) -> None:
        """Write what a picture without any mark must say: where nothing is covered, or else over lines, on white."""
        if not self.note(None, [words], size):
            middle: dict[str, Any] = {"ha": "center", "backgroundcolor": "white", "gid": "note"}
            self.axes_text(self.wide / 2, self.tall / 2, words, size, **middle)

    def beside_mark(
        self, x: float, y: float, words: str, size: float = NORMAL, weight: str = "bold", reach: float = math.inf
    ) -> bool:
        """Write words beside a mark, or as near as there is room, then with a fine line to it of at most `reach`.

        Returns
        -------
        Whether there was a place that covers nothing.
        """
        width, height = self.text_width(words, size, weight), 10.0
        near = [(x + 8, y - 5), (x - 8 - width, y - 5), (x - width / 2, y + 8), (x - width / 2, y - 18)]
        columns = np.linspace(2, max(self.wide - width - 2, 2), 24)
        levels = np.linspace(12, self.tall - 14, 24)
        grid = [(float(a), float(b)) for a in columns for b in levels]
        grid.sort(key=lambda p: (p[0] + width / 2 - x) ** 2 + (p[1] + 5 - y) ** 2)
        for start, low in [*near, *grid]:
            box = Box(start, low, width, height)
            if not (0 <= start <= self.wide - width and 0 <= low <= self.tall - height) or self.hits(box):
                continue
            if (start, low) not in near:
                end = min(max(x, start), start + width), low if low > y else low + height
                if math.hypot(end[0] - x, end[1] - y) > reach:
                    continue
                if not self._clear((x, y), end):
                    continue
                line = rule_line(
                    [self.x_at(x), self.x_at(end[0])], [self.y_at(y), self.y_at(end[1])],
                    color=GREY, linestyle="-", linewidth=0.6, zorder=2.6, gid="leader",
                )  # fmt: skip
                self.axes.add_line(line)
            self.axes_text(start, low + 5, words, size, va="center", weight=weight, gid="words on a mark")
            self.boxes.append(box)
            return True
        return False

    def label(self, x: float, y: float, words: str, size: float = SMALL + 0.5, weight: str = "normal") -> bool:
        """Write words close to a mark: where they cover nothing, else on white ground over a line, never over a mark.

        Returns
        -------
        Whether there was such a place; otherwise nothing is written.
        """
        width, height = self.text_width(words, size, weight), size + 1.5
        steps = [(8, 0), (-8, 0), *((dx, dy) for dy in (12, -12, 20, -20) for dx in (4, -4))]
        near = [(x + dx if dx >= 0 else x + dx - width, y + dy - height / 2) for dx, dy in steps]
        near[2:2] = [(x - width / 2, y + 12 - height / 2), (x - width / 2, y - 12 - height / 2)]
        found: list[tuple[int, Box]] = []
        for start, low in near:
            box = Box(start, low, width, height)
            if 0 <= start <= self.wide + 6 - width and 0 <= low <= self.tall - height:
                found.append((self.hits(box), box))
        covered, box = min(found, key=lambda f: f[0], default=(99, Box(0, 0, 0, 0)))
        if covered >= COVERED:
            return False
        ground = {"backgroundcolor": "white"} if covered or self.on_hatching(box) else {}
        self.axes_text(
            box.x, box.y + height / 2, words, size, va="center", weight=weight, gid="words on a mark", **ground
        )
        self.boxes.append(box)
        return True

    def on_hatching(self, box: Box) -> bool:
        """Whether a box lies on the hatched stretch."""
        return self.hatched is not None and box.x < self.hatched[1] and box.x + box.width > self.hatched[0]

    def _clear(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Whether a straight line from a mark meets no other mark and no words."""
        own = Box(start[0] - 7, start[1] - 7, 14, 14)
        for part in np.linspace(0, 1, 40):
            x, y = start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])
            at = Box(x - 0.5, y - 0.5, 1, 1)
            if not at.meets(own, 0) and any(at.meets(b, 0) for b in self.boxes):
                return False
        return True


def _crosses(at: np.ndarray, least: float, most: float) -> bool:
    """Whether a line through these values is anywhere between two values."""
    low, high = np.minimum(at[:-1], at[1:]), np.maximum(at[:-1], at[1:])
    between = ((at > least) & (at < most)).any()
    return bool(between or ((low < most) & (high > least)).any())
