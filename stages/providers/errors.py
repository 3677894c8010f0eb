"""How a provider says no: for this item only, for now, or for the whole run."""

from stages.core.problem import ProviderError


class Rejected(ProviderError):
    """This item only: what was asked cannot be done as asked."""

    code = "rejected"


class Refused(ProviderError):
    """This item only: the provider will not do it."""

    code = "refused"


class BadAnswer(ProviderError):
    """This item only: an answer came, and it is not what was promised."""

    code = "bad-answer"


class NotFound(ProviderError):
    """This item only: there is nothing by that name."""

    code = "not-found"


class RateLimited(ProviderError):
    """Later: too many requests for now."""

    code = "rate-limited"


class Unavailable(ProviderError):
    """Later: the provider cannot be reached, or is not able to answer now."""

    code = "unavailable"


class Misconfigured(ProviderError):
    """Stops the run: a key, a library or a setting is missing or wrong."""

    code = "misconfigured"
    stops_run = True


class OtherLanguage(Misconfigured):
    """Stops the run: the provider does not have the language that was asked for."""


class Denied(ProviderError):
    """Stops the run: the provider knows us, and does not let us."""

    code = "denied"
    stops_run = True


class QuotaExhausted(ProviderError):
    """Stops the run: nothing more may be asked until the quota is renewed."""

    code = "quota-exhausted"
    stops_run = True
