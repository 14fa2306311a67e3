"""What `prefect.yaml` says fits the flows and the event, and names no place of one machine."""

import inspect
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment, StrictUndefined
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from flows.announce import PUBLISHED, describe
from tests.flows.here import run
from tests.flows.test_runs import PLAN, rows, write
from warehouse.home import Home

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "prefect.yaml").read_text(encoding="utf-8")
SAID = yaml.safe_load(TEXT)
DEPLOYMENTS = SAID["deployments"]
TRIGGERS = [(each, trigger) for each in DEPLOYMENTS for trigger in each.get("triggers", [])]


@pytest.fixture(scope="module")
def event(tmp_path_factory):
    place = tmp_path_factory.mktemp("event")
    (place / "plan.yaml").write_text(PLAN)
    write(place / "one/a.jsonl", rows(range(5)))
    snapshot = run(place / "plan.yaml", place / "home").snapshot
    return describe(Home.at(place / "home"), snapshot, "deployment")


def filled(value, event):
    """Fill in a trigger's parameter as the server does."""
    if isinstance(value, str):
        return Environment(undefined=StrictUndefined).from_string(value).render(event=event)
    if value.get("__prefect_kind") == "json":
        return yaml.safe_load(filled(value["value"], event))
    return filled(value["template"], event)


def test_the_file_is_what_prefect_reads():
    model = PrefectYamlModel.model_validate(SAID)
    assert [each.name for each in model.deployments] == [each["name"] for each in DEPLOYMENTS]


def test_every_deployed_flow_is_deployed_under_its_name():
    files = {path.stem for path in (ROOT / "flows/deployed").glob("*.py")} - {"__init__", "service"}
    assert {each["entrypoint"] for each in DEPLOYMENTS} == {f"flows.deployed.{name}.{name}" for name in files}
    for each in DEPLOYMENTS:
        assert load_flow_from_entrypoint(each["entrypoint"]).name == each["name"]


def test_nothing_names_a_place_of_one_machine():
    assert SAID["pull"] == [{"prefect.deployments.steps.set_working_directory": {"directory": "{{ $PWD }}"}}]
    for each in DEPLOYMENTS:
        assert not [value for value in each["parameters"].values() if str(value).startswith(("/", "~"))]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["name"])
def test_the_form_names_and_explains_every_parameter(deployment):
    flow = load_flow_from_entrypoint(deployment["entrypoint"])
    form = parameter_schema(flow).properties
    assert list(form) == list(inspect.signature(flow.fn).parameters)
    for name, field in form.items():
        assert field.get("description"), name
        assert "type" in field or "anyOf" in field or "$ref" in field, name
    flow.validate_parameters(deployment["parameters"])


@pytest.mark.parametrize(("deployment", "trigger"), TRIGGERS, ids=[each["name"] for each, _ in TRIGGERS])
def test_a_trigger_waits_for_the_event_and_takes_its_parameters_from_it(deployment, trigger, event):
    assert trigger["expect"] == [PUBLISHED] == [event["event"]]
    match = dict(trigger["match"])
    assert match.pop("prefect.resource.id") == "winnow.dataset.*"
    assert match.items() <= event["resource"].items()
    given = {name: filled(value, event) for name, value in trigger["parameters"].items()}
    flow = load_flow_from_entrypoint(deployment["entrypoint"])
    known = flow.validate_parameters(deployment["parameters"] | given)
    assert (str(known["home"]), known["snapshot"]) == (event["payload"]["home"], event["payload"]["snapshot"])


def test_a_deployment_is_asked_nothing_in_a_terminal():
    for each in DEPLOYMENTS:
        assert "schedules" in each
        assert each["work_pool"] == {"name": "winnow"}
