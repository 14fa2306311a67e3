"""Every published set of pictures, sounds and videos that an adapter is for, in small, with real media."""

from tests.tasks.ingest.published.media.any_to_any import ANY_TO_ANY
from tests.tasks.ingest.published.media.images import IMAGES
from tests.tasks.ingest.published.media.plays import PLAYS
from tests.tasks.ingest.published.media.questions import QUESTIONS
from tests.tasks.ingest.published.media.safety import SAFETY

MEDIA = ANY_TO_ANY | SAFETY | QUESTIONS | IMAGES | PLAYS
