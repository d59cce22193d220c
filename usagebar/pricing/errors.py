"""The error of price files, in a module of its own so that catching it costs no imports."""


class PriceError(ValueError):
    """Refuse a source of prices; the message names the file, the place in it, and what was expected and found."""
