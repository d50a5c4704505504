"""Killed, full, read-only, copied: nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from store_servers import new_database, patiently
from store_writers import acknowledged, append_within, keep_appending, process, weighing

import growthwatch as gw
from growthwatch.store.store import Store
from growthwatch.store.writing import held_head


def check(url: str, acked: Path) -> int:
    """Everything that was acknowledged is there, once, and the store is sound; how many entries it has."""
    with gw.store.open(url, create=False) as store:
        there = [e.id for r in store.records() for e in r]
        assert len(there) == len(set(there)) == store.head().position
        assert {f"w{n}" for n in acknowledged(acked)} <= set(there)
        assert store.verify(store.head())
        return len(there)


def killed(url: str, folder: Path, times: int) -> None:
    random, acked = Random(20261128), folder / "acknowledged"
    with gw.store.open(url):
        pass
    for kill in range(times):
        before = len(acknowledged(acked))
        writer = process(keep_appending, url, str(acked), kill * 1_000_000, 1 + kill % 3)
        for _ in range(12_000):  # the first has everything to import
            if len(acknowledged(acked)) > before:
                break
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.05))
        assert writer.is_alive()
        writer.kill()
        writer.join()
        assert len(acknowledged(acked)) > before, "it was killed while it wrote"
    assert check(url, acked) >= times


def test_ten_kills_lose_nothing(url: str, tmp_path: Path) -> None:
    killed(url, tmp_path, 10)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(url: str, tmp_path: Path) -> None:
    killed(url, tmp_path, 200)


def test_files_that_may_not_grow_lose_nothing(tmp_path: Path) -> None:
    url, told = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "told"
    writer = process(append_within, url, str(told), 400_000)
    writer.join(120)
    *acked, said = told.read_text().split("\n")
    assert said.startswith("cannot write the store: ") and "all before it is still there" in said
    assert "x" * 10 not in said and len(acked) > 3
    with gw.store.open(url) as store:
        assert store.record("child").ids == {f"w{n}" for n in acked}
        assert store.verify(store.head())
        store.append("child", weighing("after"))


@pytest.fixture
def small_disk() -> Generator[Path]:
    """A file system of two megabytes."""
    with tempfile.TemporaryDirectory(prefix="gw-small-") as folder:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False, capture_output=True
        )
        if made.returncode != 0:
            pytest.skip("only root may mount a small file system; the limit on the size of files stands for it")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    acked: list[int] = []
    with gw.store.open(f"sqlite:///{small_disk / 'store.db'}") as store:
        with pytest.raises(gw.GrowthwatchError, match=r"disk is full; nothing of this was stored") as caught:
            for n in range(10_000):
                store.append("child", weighing(n, note="x" * 20_000))
                acked.append(n)
        assert "xxx" not in str(caught.value) and caught.value.redacted == f"GrowthwatchError: {caught.value}"
        assert store.record("child").ids == {f"w{n}" for n in acked} and store.verify(store.head())
        subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
        store.append("child", weighing(len(acked), note="x" * 20_000))
        assert store.verify()


@pytest.fixture
def small_database(own_server: Any) -> Generator[tuple[str, str]]:
    """A database of PostgreSQL on a file system of its own, and that."""
    with tempfile.TemporaryDirectory(prefix="gw-small-pg-") as folder:
        Path(folder).chmod(0o755)
        owner = Path(f"/proc/{own_server.get_pid()}").stat()
        who = f"size=20m,mode=700,uid={owner.st_uid},gid={owner.st_gid}"
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", who, "tmpfs", folder], check=False, capture_output=True)
        if made.returncode != 0:
            pytest.skip("only root may mount a small file system for the server")
        try:
            with psycopg.connect(own_server.get_uri(), autocommit=True) as c:
                c.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")  # pyright: ignore
            yield new_database(own_server, "TABLESPACE small"), folder
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def test_a_server_whose_disk_is_full_loses_nothing(small_database: tuple[str, str]) -> None:
    url, folder = small_database
    noise, acked = Random(1), set[str]()
    with gw.store.open(url) as store:
        with pytest.raises(gw.GrowthwatchError, match=r"no room .* nothing of this was stored") as caught:
            for n in range(10_000):
                # Not to be made smaller by the server.
                notes = [noise.randbytes(25_000).hex() for _ in range(10)]
                batch = [weighing(f"{n}-{k}", note=note) for k, note in enumerate(notes)]
                store.append("child", batch)
                acked |= {e["id"] for e in batch}
        assert len(acked) > 10 and len(str(caught.value)) < 300
        assert caught.value.redacted == f"GrowthwatchError: {caught.value}"
        assert store.record("child").ids == acked and store.verify(store.head())
        subprocess.run(["mount", "-o", "remount,size=60m", folder], check=True)
        store.append("child", weighing("after"))
        assert store.verify() and len(store.record("child")) == len(acked) + 1


def test_a_database_that_may_only_be_read_says_so_and_loses_nothing(database: Callable[[], str]) -> None:
    url = database()
    with gw.store.open(url) as store:
        store.append("child", weighing(1))
    with psycopg.connect(url, autocommit=True) as c:
        name = c.info.dbname
        c.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")  # pyright: ignore
    with gw.store.open(url) as store:
        with pytest.raises(gw.GrowthwatchError, match="only lets it be read; nothing of this was stored"):
            store.append("child", weighing(2))
        assert store.record("child").ids == {"w1"} and store.verify(store.head())


def test_a_writer_that_waits_too_long_is_told_so(url: str) -> None:
    with gw.store.open(url) as first, gw.store.open(url, wait_seconds=0.2) as second:
        first.append("child", weighing(1))
        with first._way.writing() as c:
            held_head(c)
            with pytest.raises(
                gw.GrowthwatchError, match="another writer holds it; nothing of this was stored"
            ) as caught:
                second.append("child", weighing(2))
            assert "wait_seconds" in str(caught.value.expected)
            assert second.record("child").ids == {"w1"}, "who only reads does not wait"
        assert second.append("child", weighing(2)).position == 2 and second.verify()


def test_a_file_that_may_only_be_read_says_so_and_loses_nothing() -> None:
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="gw-ro-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store.db'}"
        with gw.store.open(url) as store:
            store.append("child", weighing(1))
        (folder / "store.db").chmod(0o444)
        folder.chmod(0o555)
        if root:
            os.seteuid(65534)  # root writes whatever the mode says
        try:
            with (
                pytest.raises(gw.GrowthwatchError, match=r"may only be read|cannot be opened"),
                gw.store.open(url) as s,
            ):
                s.append("child", weighing(2))
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)
            (folder / "store.db").chmod(0o600)
        with gw.store.open(url) as store:
            assert store.record("child").ids == {"w1"} and store.verify(store.head())


def test_a_backup_while_others_write_is_a_store(tmp_path: Path) -> None:
    url, acked = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "acknowledged"
    with gw.store.open(url) as store:
        writer = process(keep_appending, url, str(acked), 0, 1)
        while len(acknowledged(acked)) < 5:
            time.sleep(0.01)
        before = {f"w{n}" for n in acknowledged(acked)}
        head = store.backup(tmp_path / "copy.db")
        writer.kill()
        writer.join()
        assert store.verify(head), "the copy is what the store was"
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    with gw.store.open(f"sqlite:///{tmp_path / 'copy.db'}", create=False) as copy:
        assert copy.head() == head and copy.verify(head)
        assert before <= {e.id for r in copy.records() for e in r}
    assert not [p for p in tmp_path.iterdir() if p.name.endswith(".tmp")]


def test_a_backup_writes_over_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_text("mine")
    with pytest.raises(gw.GrowthwatchError):
        store.backup(tmp_path / "there.db")
    assert (tmp_path / "there.db").read_text() == "mine"


def _alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def crashes(server: Any, folder: Path, times: int) -> None:
    random, url, acked = Random(20261128), new_database(server), folder / "acknowledged"
    with gw.store.open(url):
        pass
    for crash in range(times):
        before = len(acknowledged(acked))
        writer = process(keep_appending, url, str(acked), crash * 1_000_000, 1 + crash % 3)
        while len(acknowledged(acked)) < before + 10:
            assert writer.is_alive()
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.05))
        # Every process of the server ends at once, and writes nothing more: as in a loss of power.
        pid = server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        writer.join(60)
        assert writer.exitcode == 1, "it was told, and did not go on as if it were stored"
        deadline = time.monotonic() + 60
        while _alive(pid) and time.monotonic() < deadline:  # what is still on its way out is not started again
            time.sleep(0.05)
        patiently(server.ensure_postgres_running)
        assert check(url, acked) >= 10 * (crash + 1)


def test_a_server_that_crashes_loses_nothing(own_server: Any, tmp_path: Path) -> None:
    crashes(own_server, tmp_path, 1)


@pytest.mark.slow
def test_a_server_that_crashes_twenty_times_loses_nothing(own_server: Any, tmp_path: Path) -> None:
    crashes(own_server, tmp_path, 20)
