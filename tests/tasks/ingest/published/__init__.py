"""Every published set that an adapter is for, in small."""

from tests.tasks.ingest.published.arenas import ARENAS
from tests.tasks.ingest.published.demos import DEMOS
from tests.tasks.ingest.published.graded import GRADED
from tests.tasks.ingest.published.judges import JUDGES
from tests.tasks.ingest.published.media import MEDIA
from tests.tasks.ingest.published.pairs import PAIRS
from tests.tasks.ingest.published.reviews import REVIEWED
from tests.tasks.ingest.published.safety import SAFETY

PUBLISHED = GRADED | SAFETY | ARENAS | PAIRS | JUDGES | REVIEWED | DEMOS | MEDIA
