"""Rows that a run did not make, published along with what it made."""

from warehouse.delta.publish import publish
from warehouse.delta.snapshots import files_of, head
from warehouse.store import Receipt, Store


def plant(home, **tables):
    """Publish rows of `tables` beside those of the newest snapshot, under its plan."""
    newest = head(home)
    store = Store(home)
    carried = Receipt(key="carried", files=[file for file in files_of(home, newest) if file.table != "runs"])
    planted = store.write(f"planted-{newest.snapshot}", tables)
    told = {"run_id": "planted", "run_key": f"planted-{newest.snapshot}", "plan": newest.plan}
    publish(store, [carried, planted], keep=10, code_version="test", **told)
