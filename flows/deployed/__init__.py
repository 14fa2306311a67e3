"""Flows for deployments: what a Prefect server starts by the clock or after an event. `prefect.yaml` names them."""
