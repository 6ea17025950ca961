"""The table of what was measured, and a heap that holds nobody else's objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from measuring import Row


@pytest.fixture(scope="session")
def table() -> Iterator[list[Row]]:
    """Print the rows at the end."""
    rows: list[Row] = []
    yield rows
    print("\n\n| what | requests | compared with | vkauth | ratio | limit |\n|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.name} | {row.requests} | {row.floor * 1e3:.2f} ms | {row.own * 1e3:.2f} ms "
            f"| {row.ratio:.2f} | {row.limit:.2f} |"
        )


@pytest.fixture(autouse=True)
def _own_heap() -> Iterator[None]:
    """Let the collector leave alone what is there already, which it would look through at somebody's expense.

    How much that is depends on which other tests were run before, and on what they have imported.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
