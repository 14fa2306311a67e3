"""Every published set of pictures, sounds and videos that an adapter is for, in small, with real media."""

from tests.tasks.ingest.published.media.any_to_any import ANY_TO_ANY

MEDIA = ANY_TO_ANY
