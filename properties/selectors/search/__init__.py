"""Finding listed homes."""

from properties.selectors.search.results import search_homes

__all__ = ["search_homes"]
