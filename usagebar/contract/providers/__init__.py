"""What each provider's answers say of one model call, a module for each kind of answer."""
