"""What Prefect is told."""

import pytest
from prefect.states import Completed, Failed

from flows.curate import is_transient
from schemas.errors import Terminal, Transient


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (Transient("the Hub is busy"), True),
        (ConnectionError(), True),
        (TimeoutError(), True),
        (Terminal("wrong"), False),
        (ValueError(), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error, again):
    assert is_transient(None, None, Failed(data=error)) is again


def test_success_is_not_tried_again():
    assert is_transient(None, None, Completed(data="key")) is False
