"""The pictures of the page of charts: they are those that the script draws, looked at from a little distance."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
NAMES = ("c1", "events", "trajectory", "z", "family", "newborn", "multiples", "protocol-comparison")

sys.path.insert(0, str(ROOT / "scripts"))


def seen(path: Path) -> np.ndarray:
    """A picture in grey, as small as a thumbnail: letters blur, what stands where does not."""
    with Image.open(path) as picture:
        grey = picture.convert("L")
        return np.asarray(grey.resize((grey.width // 8, grey.height // 8), Image.Resampling.BOX), np.float64)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from draw_charts import main

    folder = tmp_path_factory.mktemp("pictures")
    main(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_on_the_page_is_what_is_drawn_today(drawn: Path, name: str) -> None:
    now, then = (seen(folder / f"chart-{name}.png") for folder in (drawn, ROOT / "docs" / "images"))
    assert now.shape == then.shape
    assert np.abs(now - then).mean() < 1.0 and np.abs(now - then).max() < 120


def test_a_picture_of_another_child_is_seen_to_be_another() -> None:
    now, then = (seen(ROOT / "docs" / "images" / f"chart-{name}.png") for name in ("z", "newborn"))
    assert now.shape == then.shape and np.abs(now - then).mean() > 3.0


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
