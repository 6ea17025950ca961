"""The table of what was measured."""

from __future__ import annotations

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
