"""The commands work with the same bundles as the models."""

from tests.models.conftest import foundry as foundry
from tests.models.conftest import third_party as third_party
