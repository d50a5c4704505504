"""How a page lies in a browser: where its parts are, in which colours, and how it looks from a distance.

``PYTHONPATH=$PWD python tests/screens.py`` writes ``tests/data/screens.json`` anew: look at what has changed.
What is held against it is loose where browsers and fonts differ, and strict where people would miss something: parts
and their order, tables, pictures, widths, colours of the scheme, what runs over, what covers what.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

__all__ = ["KEPT", "PAGES", "SCREENS", "apart", "seen"]

KEPT = Path(__file__).parent / "data" / "screens.json"
PAGES = ("child", "family", "caseload", "own")
SCREENS = ((1280, "light"), (390, "dark"))

_ACROSS, _DOWN, _LOOKED = 32, 48, 1920
"""The picture is so many fields across and down, of the first pixels of the page."""
_MEAN, _FIELD = 14.0, 110.0
"""How far a picture may be from the one that is kept: the mean of its fields, and a twentieth of them [of 255]."""
_SIDE = 8.0
"""How far a part may lie to the left or right, or be wider or narrower [pixels]."""
_DEEP = 0.12
"""How far down the page a part may move [share of the page]."""
_NARROW = 0.6
"""How much of a telephone's width a cell of a table has, at least: cells stand below each other there."""

_LAYOUT = r"""() => {
  const box = e => { const r = e.getBoundingClientRect(); return [r.left + scrollX, r.top + scrollY, r.width, r.height]; };
  const there = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && e.checkVisibility({opacityProperty: true, visibilityProperty: true}); };
  const all = s => [...document.querySelectorAll(s)].filter(there);
  const css = (e, p) => e ? getComputedStyle(e)[p] : '';
  const leaves = all('h1,h2,h3,h4,p,li,dt,dd,th,td,caption,figcaption,img').filter(e => !e.querySelector('p,li,dt,dd,th,td,h1,h2,h3,h4,img') && !e.closest('.skip') && !e.closest('svg') && !e.classList.contains('skip'));
  const covered = [];
  const boxes = leaves.map(e => [e, ...box(e)]).sort((a, b) => a[2] - b[2]);
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length && boxes[j][2] < boxes[i][2] + boxes[i][4]; j++) {
    const [a, ax, ay, aw, ah] = boxes[i], [b, bx, by, bw, bh] = boxes[j];
    const wide = Math.min(ax + aw, bx + bw) - Math.max(ax, bx), tall = Math.min(ay + ah, by + bh) - Math.max(ay, by);
    if (wide > 4 && tall > 4 && !a.contains(b) && !b.contains(a)) covered.push([a.innerText || a.alt, b.innerText || b.alt].map(t => (t || '').slice(0, 40)).join(' / '));
  }
  return {
    width: innerWidth, page: document.documentElement.scrollWidth, deep: document.documentElement.scrollHeight,
    heads: all('h1,h2').map(e => [e.tagName, e.innerText.replace(/\s+/g, ' ').trim(), ...box(e)]),
    tables: all('table').map(e => [e.caption ? e.caption.innerText.slice(0, 30) : '', e.rows.length, ...box(e)]),
    pictures: all('main img').filter(e => !e.closest('li')).map(box),
    cells: all('table td, tbody th').map(e => [(e.innerText || '').slice(0, 30), e.getBoundingClientRect().width, css(e, 'display')]),
    letters: leaves.filter(e => e.innerText).map(e => [parseFloat(css(e, 'fontSize')), e.innerText.slice(0, 30)]).sort((a, b) => a[0] - b[0]).slice(0, 1),
    colours: {
      paper: css(document.documentElement, 'backgroundColor'), ink: css(document.documentElement, 'color'),
      link: css(document.querySelector('main a'), 'color'), notice: css(document.querySelector('.notice'), 'borderTopColor'),
      soft: css(document.querySelector('.soft'), 'color'),
    },
    covered,
  };
}"""


def seen(page: Any) -> dict[str, Any]:
    """What a page shows, as it lies in the browser, with a coarse picture of its beginning."""
    out = page.evaluate(_LAYOUT)
    page.set_viewport_size({"width": out["width"], "height": min(_LOOKED, out["deep"])})
    shot = page.screenshot()
    with Image.open(io.BytesIO(shot)) as picture:
        small = picture.convert("L").resize((_ACROSS, _DOWN), Image.Resampling.BOX)
        out["looks"] = np.asarray(small, np.uint8).tobytes().hex()
    return out


def kept_of(found: dict[str, Any]) -> dict[str, Any]:
    """As much of it as is kept: what is true of any page (nothing covers, nothing runs over) needs no pattern."""
    heads = [[tag, text, round(x), round(y / found["deep"], 2), round(w)] for tag, text, x, y, w, _ in found["heads"]]
    tables = [[caption, rows, round(x), round(w)] for caption, rows, x, _, w, _ in found["tables"]]
    pictures = [[round(x), round(w)] for x, _, w, _ in found["pictures"]]
    return {
        "heads": heads, "tables": tables, "pictures": pictures, "colours": found["colours"], "looks": found["looks"],
    }  # fmt: skip


def apart(found: dict[str, Any], kept: dict[str, Any]) -> list[str]:
    """What is wrong with a page, or otherwise than what is kept, in words; nothing where all is as it should be."""
    return [*_wrong(found), *_otherwise(kept_of(found), kept)]


def _wrong(found: dict[str, Any]) -> Iterator[str]:
    """What is wrong on any page."""
    if found["page"] > found["width"]:
        yield f"runs over: {found['page']} pixels on a screen of {found['width']}"
    yield from (f"covered: {pair}" for pair in found["covered"][:3])
    if found["width"] < 640:
        narrow = [text for text, wide, shown in found["cells"] if shown == "block" and wide < _NARROW * found["width"]]
        yield from (f"narrow on a telephone: {text!r}" for text in narrow[:3])
    yield from (f"letters of {size} pixels: {text!r}" for size, text in found["letters"] if size < 11)


def _otherwise(now: dict[str, Any], kept: dict[str, Any]) -> Iterator[str]:
    """What is otherwise than it was."""
    names = [[head[1] for head in one["heads"]] for one in (kept, now)]
    if names[0] != names[1]:
        gone, new = ([n for n in a if n not in b] for a, b in (names, names[::-1]))
        yield f"parts: gone {gone}, new {new}" if gone or new else "parts: in another order"
    else:
        for (tag, text, x, y, w), (_, _, x0, y0, w0) in zip(now["heads"], kept["heads"], strict=True):
            if abs(x - x0) > _SIDE or abs(w - w0) > _SIDE or abs(y - y0) > _DEEP:
                yield f"{tag} {text!r} lies at {x} and {y:.0%}, {w} wide; it lay at {x0} and {y0:.0%}, {w0} wide"
    for what in ("tables", "pictures"):
        if len(now[what]) != len(kept[what]):
            yield f"{what}: {len(now[what])}, were {len(kept[what])}"
            continue
        for one, was in zip(now[what], kept[what], strict=True):
            if one[:-2] != was[:-2] or any(abs(a - b) > _SIDE for a, b in zip(one[-2:], was[-2:], strict=True)):
                yield f"{what}: {one}, was {was}"
    yield from (
        f"colour of {name}: {now['colours'][name]}, was {colour}"
        for name, colour in kept["colours"].items()
        if now["colours"][name] != colour
    )
    one, was = (np.frombuffer(bytes.fromhex(x["looks"]), np.uint8).astype(float) for x in (now, kept))
    far = np.abs(one - was)
    worst = float(np.quantile(far, 0.95))
    if far.mean() > _MEAN or worst > _FIELD:
        yield f"looks otherwise: {far.mean():.0f} in the mean, {worst:.0f} in a twentieth of the picture"


def main() -> None:
    """Write what is kept."""
    import tempfile

    from loud import chromium
    from made_pages import make_pages

    kept: dict[str, Any] = {}
    for browser in chromium():
        with tempfile.TemporaryDirectory() as folder:
            make_pages(Path(folder))
            for name in PAGES:
                for width, scheme in SCREENS:
                    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                    page = context.new_page()
                    page.goto((Path(folder) / f"{name}.html").as_uri())
                    found = seen(page)
                    for wrong in _wrong(found):
                        print(name, width, wrong)
                    kept[f"{name}-{width}-{scheme}"] = kept_of(found)
                    context.close()
    lines = [f"{json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}" for key, one in kept.items()]
    KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
