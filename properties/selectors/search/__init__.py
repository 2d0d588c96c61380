"""Finding listed homes."""

from properties.selectors.search.facets import list_facets
from properties.selectors.search.results import search_homes

__all__ = ["list_facets", "search_homes"]
