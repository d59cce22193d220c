"""The one error of the contract's builders."""


class ContractError(ValueError):
    """Tell that a payload is not of the kind its builder reads: no object at all, or no known shape."""
