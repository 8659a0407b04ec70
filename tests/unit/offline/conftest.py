"""The fixture of this room."""

import pytest
from offline_door import Door


@pytest.fixture
def door() -> Door:
    return Door()
