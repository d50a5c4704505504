"""The pictures of the page of charts: they are those that the script draws, looked at from a little distance."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[2]
NAMES = ("c1", "events", "trajectory", "z", "family", "newborn", "multiples", "protocol-comparison")

sys.path.insert(0, str(ROOT / "scripts"))


def seen(picture: Image.Image) -> np.ndarray:
    """A picture in grey, as small as a thumbnail: letters blur, what stands where does not."""
    grey = picture.convert("L")
    return np.asarray(grey.resize((grey.width // 8, grey.height // 8), Image.Resampling.BOX), np.float64)


def alike(one: np.ndarray, two: np.ndarray) -> bool:
    """Whether two pictures show the same, but for the form of letters and the softness of edges."""
    return one.shape == two.shape and np.abs(one - two).mean() < 1.0 and np.abs(one - two).max() < 120


def kept(name: str) -> Image.Image:
    with Image.open(ROOT / "docs" / "images" / f"chart-{name}.png") as picture:
        return picture.convert("RGB")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from draw_charts import main

    folder = tmp_path_factory.mktemp("pictures")
    main(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_on_the_page_is_what_is_drawn_today(drawn: Path, name: str) -> None:
    with Image.open(drawn / f"chart-{name}.png") as picture:
        assert alike(seen(picture), seen(kept(name)))


def test_there_are_at_most_fifteen_and_none_is_forgotten() -> None:
    assert {p.stem.removeprefix("chart-") for p in (ROOT / "docs" / "images").glob("chart-*.png")} == set(NAMES)
    assert len(NAMES) <= 15


def test_a_picture_of_another_child_is_seen_to_be_another() -> None:
    one, two = (seen(kept(name)) for name in ("z", "newborn"))
    assert one.shape == two.shape and np.abs(one - two).mean() > 3.0


def changed(picture: Image.Image, change: str) -> Image.Image:
    """A picture with a small fault in it."""
    out = picture.copy()
    pixels = np.asarray(out).copy()
    ink = pixels.min(axis=2) < 90
    tall, wide = ink.shape
    if change == "moved a little":
        return Image.fromarray(np.roll(pixels, 12, axis=1))
    if change == "a mark is gone":
        # The middle of the blackest square of 16 pixels in the picture itself: a dot.
        inner = ink[tall // 4 : 3 * tall // 4, wide // 8 : 7 * wide // 8]
        sums = inner.cumsum(0).cumsum(1).astype(np.int64)
        square = sums[16:, 16:] - sums[:-16, 16:] - sums[16:, :-16] + sums[:-16, :-16]
        y, x = np.unravel_index(int(square.argmax()), square.shape)
        y, x = int(y) + tall // 4, int(x) + wide // 8
        pixels[y - 4 : y + 22, x - 4 : x + 22] = 255
        return Image.fromarray(pixels)
    if change == "a mark too many":
        ImageDraw.Draw(out).ellipse((wide // 2, tall // 2, wide // 2 + 18, tall // 2 + 18), fill="black")
        return out
    if change == "the title is gone":
        pixels[: tall // 10] = 255
        return Image.fromarray(pixels)
    return out.resize((wide, tall + 16))


@pytest.mark.parametrize(
    "change", ["moved a little", "a mark is gone", "a mark too many", "the title is gone", "another size"]
)
@pytest.mark.parametrize("name", ["c1", "z", "family"])
def test_a_small_fault_is_seen(name: str, change: str) -> None:
    picture = kept(name)
    assert alike(seen(picture), seen(picture.copy()))
    assert not alike(seen(changed(picture, change)), seen(picture))


@pytest.mark.parametrize("name", NAMES)
def test_in_grey_every_ink_is_dark_enough_to_copy(name: str) -> None:
    """Lines and marks are at least 3 to 1 on white: in grey, none of the inks is lighter than that."""
    with Image.open(ROOT / "docs" / "images" / f"chart-{name}.png") as picture:
        palette = np.array(picture.getpalette(), np.float64).reshape(-1, 3)[:, :3] / 255
        used = np.bincount(np.asarray(picture).ravel(), minlength=len(palette))
    linear = np.where(palette <= 0.04045, palette / 12.92, ((palette + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722])
    inks = used > 0.0005 * used.sum()
    ratio = 1.05 / (light + 0.05)
    strong = inks & (ratio >= 3.0)
    assert strong.any() and ratio[strong].max() > 15
