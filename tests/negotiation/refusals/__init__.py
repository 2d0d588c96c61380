"""Every situation in which a move is refused, with the code that is due."""

from tests.negotiation.refusals import moves, openings
from tests.negotiation.refusals.scene import SCENES, Fields, Try

__all__ = ["SCENES", "Fields", "Try", "moves", "openings"]
