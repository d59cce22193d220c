"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

# No test asserts a time: the machine may be busy, or count what is run.
settings.register_profile("usagebar", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("usagebar")


@pytest.fixture(scope="session", autouse=True)
def no_window() -> Iterator[None]:
    """Keep out of the tests the size of the window that they are run in; readline tells it to all child processes."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COLUMNS", "LINES"):
            patch.delenv(name, raising=False)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape what a report quotes of the log: between processes a lone surrogate, as in a path, has no encoding."""
    report = yield
    report.sections = [(title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections]
    return report
