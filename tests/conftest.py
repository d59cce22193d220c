"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# No test asserts a time: the machine may be busy, or count what is run.
settings.register_profile("usagebar", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("usagebar")
