import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.database.lane import Lane
from core.database.threads import threads


@pytest.fixture
async def lane(transactional_db: Any) -> AsyncIterator[Lane]:
    one = Lane(2)
    yield one
    one.close()
    await asyncio.to_thread(threads.stop)
