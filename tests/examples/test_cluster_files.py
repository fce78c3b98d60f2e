"""The files of ``examples/clusters``, checked by what those publish who read them.

KubeRay's schemas are in ``tests/data/kuberay``; that of ``ray up`` is part of Ray.
"""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

import pyrite

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "examples" / "clusters"
SOURCES = str(Path(pyrite.__file__).parents[1])
KUBERAY = json.loads((ROOT / "tests/data/kuberay/ray.io_v1-1.5.1.json").read_text("utf-8"))
MANIFESTS = ["raycluster.yaml", "rayjob.yaml"]
LAUNCHERS = ["aws.yaml", "gcp.yaml"]


def documents(name):
    return list(yaml.safe_load_all((FILES / name).read_text("utf-8")))


def closed(schema):
    """The schema, refusing fields it does not name, as ``kubectl apply --validate=strict`` does."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        strict.setdefault("additionalProperties", False)
    return strict


def kuberay_errors(document):
    schema = closed(KUBERAY) | {"$ref": f"#/$defs/{document['kind']}"}
    return [
        f"{error.json_path}: {error.message}"
        for error in jsonschema.Draft202012Validator(schema).iter_errors(document)
    ]


def ray_documents(name):
    return [document for document in documents(name) if document["apiVersion"] == "ray.io/v1"]


def cluster_spec(document):
    return document["spec"].get("rayClusterSpec", document["spec"])


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_follow_kuberays_schema(name):
    checked = ray_documents(name)
    assert checked
    assert [error for document in checked for error in kuberay_errors(document)] == []


def test_the_check_finds_a_misspelt_and_a_mistyped_field():
    [document] = json.loads(json.dumps(ray_documents("raycluster.yaml")))  # without its anchors
    worker = document["spec"]["workerGroupSpecs"][0]
    worker["minReplica"] = 0
    worker["template"]["spec"]["containers"][0]["env"][0]["value"] = 3
    found = kuberay_errors(document)
    assert len(found) == 2
    assert "minReplica" in found[0] + found[1]
    assert "3 is not of type 'string'" in found[0] + found[1]


@pytest.mark.parametrize("name", MANIFESTS)
def test_volumes_that_are_mounted_exist(name):
    for document in ray_documents(name):
        spec = cluster_spec(document)
        for group in [spec["headGroupSpec"], *spec["workerGroupSpecs"]]:
            pod = group["template"]["spec"]
            mounted = {m["name"] for c in pod["containers"] for m in c.get("volumeMounts", ())}
            assert mounted <= {volume["name"] for volume in pod.get("volumes", ())}


@pytest.mark.parametrize("name", LAUNCHERS)
def test_launcher_files_follow_rays_schema(name):
    ray = Path(importlib.util.find_spec("ray").origin).parent
    schema = json.loads((ray / "autoscaler" / "ray-schema.json").read_text("utf-8"))
    [document] = documents(name)
    jsonschema.validate(document, schema)
    assert document["head_node_type"] in document["available_node_types"]


@pytest.mark.parametrize("name", [*MANIFESTS, *LAUNCHERS])
def test_no_cluster_is_open_to_everybody(name):
    if name in MANIFESTS:
        modes = [cluster_spec(document)["authOptions"]["mode"] for document in ray_documents(name)]
        assert modes == ["token"]
    else:
        [document] = documents(name)
        commands = [document[f"{role}_start_ray_commands"] for role in ("head", "worker")]
        assert all("RAY_AUTH_MODE=token ray start" in line for [line] in commands)
        assert "~/.ray/auth_token" in document["file_mounts"]


def test_every_file_names_the_ray_that_was_tested():
    locked = re.search(r"^ray\[?.*==(\S+) ", (ROOT / "requirements-dev.lock").read_text(), re.M)[1]
    image = re.search(
        r"^FROM rayproject/ray:([\d.]+)-", (FILES / "Containerfile").read_text(), re.M
    )
    versions = [
        str(cluster_spec(document)["rayVersion"])
        for name in MANIFESTS
        for document in ray_documents(name)
    ]
    assert [image[1], *versions] == [locked] * 3


def test_every_file_names_the_version_of_the_project():
    named = re.compile(r"registry\.example\.com/pyrite:([\w.]+)")
    found = {version for path in FILES.iterdir() for version in named.findall(path.read_text())}
    assert found == {pyrite.__version__}


def test_the_job_of_the_manifest_runs(tmp_path):
    job, config = documents("rayjob.yaml")
    program = tmp_path / "pi.py"
    program.write_text(config["data"]["pi.py"])
    command = shlex.split(job["spec"]["entrypoint"])
    words = {"ray:auto": "local[2]", "/home/ray/programs/pi.py": str(program)}
    result = subprocess.run(
        [sys.executable, "-m", *(words.get(word, word) for word in command)],
        env={"PYTHONPATH": SOURCES, "PATH": "/usr/bin:/bin", "SPARK_LOCAL_DIRS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "Pi is roughly 3.140\n"
