"""The files of `deploy/` agree with the program, with each other and with the manual."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from igym.host.base.spawn import METRICS_VARIABLE
from igym.host.base.spawn import REDIS_VARIABLE as REDIS_PASSWORD
from igym.host.http.proxies import Proxies, public_address
from igym.host.ice.external_turn import turn_urls
from igym.host.programs.cluster_main import edge_options
from igym.host.programs.engine_main import serve_options
from igym.host.programs.jobs_main import jobs_options
from igym.host.session.settings import DEFAULT_PORT, EngineOptions
from igym.host.store.postgres.place import PASSWORD_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROXY = (DEPLOY / "haproxy" / "haproxy.cfg").read_text("utf-8")
START_TURN = (DEPLOY / "coturn" / "start.sh").read_text("utf-8")
CONTAINER = (DEPLOY / "Containerfile").read_text("utf-8")
GUIDE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
VARIABLE = re.compile(r"\$\{(\w+)(?::\?|:?-([^}]*))?\}")
TURN_PORT = 3478
"""coturn's own, which its configuration leaves as it is (RFC 8656)."""


def example() -> dict[str, str]:
    lines = (DEPLOY / "example.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled(part: Any, values: dict[str, str]) -> Any:
    """The part of a compose file with its variables filled in, as compose does it."""
    if isinstance(part, dict):
        return {key: filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [filled(value, values) for value in part]
    return VARIABLE.sub(lambda found: values[found[1]], part) if isinstance(part, str) else part


COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = filled(COMPOSE["services"], example())
SERVERS = ("one", "two")


EDGES = yaml.safe_load((DEPLOY / "edges.yaml").read_text("utf-8"))
OF_EDGES: dict[str, Any] = filled(EDGES["services"], example())
"""Laid over `SERVICES` where edges are wanted."""


def manifests() -> Iterator[dict[str, Any]]:
    for name in yaml.safe_load((DEPLOY / "kustomization.yaml").read_text("utf-8"))["resources"]:
        yield from yaml.safe_load_all((DEPLOY / name).read_text("utf-8"))


CLUSTER = {(item["kind"], item["metadata"]["name"]): item for item in manifests()}
SETTINGS: dict[str, str] = CLUSTER["ConfigMap", "settings"]["data"]
STUDY: dict[str, Any] = CLUSTER["StatefulSet", "study"]["spec"]
GATE: dict[str, Any] = CLUSTER["Deployment", "proxy"]["spec"]


def container(spec: dict[str, Any]) -> dict[str, Any]:
    [only] = spec["template"]["spec"]["containers"]
    return dict(only)


def component(folder_name: str) -> Iterator[dict[str, Any]]:
    """What this part of `deploy/kubernetes` adds and changes."""
    folder = DEPLOY / "kubernetes" / folder_name
    named = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    assert named["kind"] == "Component"
    for name in [*named["resources"], *(patch["path"] for patch in named["patches"])]:
        yield from yaml.safe_load_all((folder / name).read_text("utf-8"))


WITH_EDGES = {(item["kind"], item["metadata"]["name"]): item for item in component("edges")}
CORE: dict[str, Any] = WITH_EDGES["StatefulSet", "study"]["spec"]
EDGE: dict[str, Any] = WITH_EDGES["StatefulSet", "edge"]["spec"]
BUS: dict[str, Any] = WITH_EDGES["Deployment", "bus"]["spec"]
WITH_JOBS = {(item["kind"], item["metadata"]["name"]): item for item in component("jobs")}


def pod_command(workload: dict[str, Any] = STUDY) -> list[str]:
    return [re.sub(r"\$\((\w+)\)", lambda found: SETTINGS[found[1]], word) for word in container(workload)["args"]]


def image_command() -> list[str]:
    [entry], [given] = (re.findall(rf"^{word} (\[.*\])", CONTAINER, re.M) for word in ("ENTRYPOINT", "CMD"))
    assert yaml.safe_load(entry) == ["igym"]
    return list(yaml.safe_load(given))


COMMANDS = {**{name: SERVICES[name]["command"] for name in SERVERS}, "pod": pod_command(), "image": image_command(),
            "core": OF_EDGES["one"]["command"], "core pod": pod_command(CORE)}  # fmt: skip
EDGE_COMMANDS = {"edge_one": OF_EDGES["edge_one"]["command"], "edge pod": pod_command(EDGE)}


def options_of(command: list[str]) -> EngineOptions:
    of_cluster = command[:2] == ["cluster", "core"]
    assert of_cluster or command[0] == "serve"
    return serve_options(command[2 if of_cluster else 1 :], of_cluster=of_cluster)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_program_takes_each_command_line_and_means_what_is_meant(name: str) -> None:
    options = options_of(COMMANDS[name])
    public = public_address(options.public_url)
    Proxies(options.trusted_proxy, public.prefix)
    assert options.data == Path("/data").resolve() and options.folder == Path("/study").resolve()
    if name != "image":
        assert turn_urls(options.turn_url) and options.turn_secret_file is not None
        assert options.remote and PurePosixPath(options.remote).name == "passes"
        assert options.standby and options.begin and options.database and public.url.startswith("https://")


def test_a_worker_sees_the_data_folder_of_each_server_and_has_its_database() -> None:
    worker = yaml.safe_load((DEPLOY / "jobs.yaml").read_text("utf-8"))["services"]["jobs"]
    assert worker["command"][:2] == ["cluster", "jobs"]
    options = jobs_options(worker["command"][2:])
    assert options.database == options_of(COMMANDS["one"]).database
    mounted = {mount.split(":")[0]: Path(mount.split(":")[1]) for mount in worker["volumes"]}
    assert [mounted[name] for name in SERVERS] == options.data
    assert all(f"{name}:/data" in SERVICES[name]["volumes"] for name in SERVERS)
    assert set(worker["environment"]) == {PASSWORD_VARIABLE}


def test_a_worker_on_kubernetes_sees_the_disk_of_each_server_which_it_may_share() -> None:
    spec = WITH_JOBS["Deployment", "jobs"]["spec"]
    command, worker, server = pod_command(spec), container(spec), container(STUDY)
    assert command[:2] == ["cluster", "jobs"]
    options = jobs_options(command[2:])
    assert options.database == options_of(COMMANDS["pod"]).database
    [own] = STUDY["volumeClaimTemplates"]
    [shared] = WITH_JOBS["StatefulSet", "study"]["spec"]["volumeClaimTemplates"]
    assert shared["metadata"] == own["metadata"] and shared["spec"]["resources"] == own["spec"]["resources"]
    assert shared["spec"]["accessModes"] == ["ReadWriteMany"]
    claims = {one["name"]: one["persistentVolumeClaim"]["claimName"] for one in spec["template"]["spec"]["volumes"]}
    mounted = {Path(one["mountPath"]): claims[one["name"]] for one in worker["volumeMounts"]}
    names = [f"{own['metadata']['name']}-study-{number}" for number in range(STUDY["replicas"])]
    assert [mounted[folder] for folder in options.data] == names
    [password] = worker["env"]
    assert password in server["env"] and password["name"] == PASSWORD_VARIABLE
    assert worker["image"] == server["image"] and worker["envFrom"] == server["envFrom"]
    users = [each["template"]["spec"]["securityContext"] for each in (spec, STUDY)]
    assert users[0] == users[1], "files of one can be read and written by the other"


def without_redis(command: list[str]) -> list[str]:
    at = command.index("--redis")
    return ["serve", *command[2:at], *command[at + 2 :]]


@pytest.mark.parametrize("name", EDGE_COMMANDS)
def test_edges_are_started_as_is_meant_and_find_the_same_redis_as_the_cores(name: str) -> None:
    command = EDGE_COMMANDS[name]
    assert command[:2] == ["cluster", "edge"]
    options = edge_options(command[2:])
    core = options_of(COMMANDS["core" if name == "edge_one" else "core pod"])
    assert core.redis == options.redis and core.public_url == options.public_url
    Proxies(options.trusted_proxy, public_address(options.public_url).prefix)


def test_with_edges_everything_else_stays_as_it_is_without() -> None:
    """The cores differ from the servers in Redis and in whom they trust, and HAProxy in whom it asks."""
    of_core, of_server = without_redis(COMMANDS["core"]), list(COMMANDS["one"])
    where = {name: service["networks"]["study"]["ipv4_address"] for name, service in OF_EDGES.items()
             if "networks" in service}  # fmt: skip
    at = of_core.index("--trusted-proxy") + 1
    assert of_core[at] == f"{where['edge_one']},{where['edge_two']}"
    assert of_core[:at] + of_core[at + 1 :] == of_server[:at] + of_server[at + 1 :]
    assert without_redis(pod_command(CORE)) == pod_command()
    own = [service["networks"]["study"]["ipv4_address"] for service in SERVICES.values() if "networks" in service]
    assert not set(own) & set(where.values()) and len(set(where.values())) == 3
    assert f"redis://{where['bus']}:6379/0" == options_of(COMMANDS["core"]).redis
    asked = {"SERVER_ONE": f"{where['edge_one']}:{DEFAULT_PORT}", "SERVER_TWO": f"{where['edge_two']}:{DEFAULT_PORT}"}
    assert OF_EDGES["proxy"]["environment"] == asked
    edge = edge_options(EDGE_COMMANDS["edge_one"][2:])
    assert edge.trusted_proxy == SERVICES["proxy"]["networks"]["study"]["ipv4_address"] and edge.port == DEFAULT_PORT
    assert OF_EDGES["edge_two"]["command"] == OF_EDGES["edge_one"]["command"]
    assert "--file edges.yaml" in GUIDE and "- kubernetes/edges" in GUIDE


def test_the_manifests_of_edges_fit_those_they_are_laid_over() -> None:
    pods = [f"edge-{number}.{EDGE['serviceName']}:{DEFAULT_PORT}" for number in range(EDGE["replicas"])]
    gate = container(WITH_EDGES["Deployment", "proxy"]["spec"])
    assert [variable["value"] for variable in gate["env"]] == pods
    assert [variable["name"] for variable in gate["env"]] == [each["name"] for each in container(GATE)["env"]]
    assert gate["name"] == container(GATE)["name"] and container(CORE)["name"] == container(STUDY)["name"]
    [bus] = WITH_EDGES["Service", "bus"]["spec"]["ports"]
    assert options_of(COMMANDS["core pod"]).redis == f"redis://bus:{bus['port']}/0"
    for name, workload in (("edge", EDGE), ("bus", WITH_EDGES["Deployment", "bus"]["spec"])):
        label = workload["selector"]["matchLabels"]
        assert workload["template"]["metadata"]["labels"] == label == {"app": name}
        assert WITH_EDGES["Service", name]["spec"]["selector"] == label
        assert WITH_EDGES["NetworkPolicy", name]["spec"]["podSelector"]["matchLabels"] == label
        ports = {port["name"]: port["containerPort"] for port in container(workload)["ports"]}
        [served] = WITH_EDGES["Service", name]["spec"]["ports"]
        assert (
            ports[served["targetPort"]] == served["port"]
            and container(workload)["readinessProbe"]["tcpSocket"]["port"] in ports
        )
    [let_in] = WITH_EDGES["NetworkPolicy", "study"]["spec"]["ingress"]
    assert [each["podSelector"]["matchLabels"] for each in let_in["from"]] == [{"app": "edge"}]


def test_all_servers_are_started_alike() -> None:
    assert SERVICES["one"]["command"] == SERVICES["two"]["command"]
    assert STUDY["replicas"] == 2 and STUDY["podManagementPolicy"] == "Parallel"


def of_redis() -> Iterator[dict[str, str]]:
    """The secrets that Redis, cores and edges take its password from on Kubernetes."""
    for workload, name in ((CORE, REDIS_PASSWORD), (EDGE, REDIS_PASSWORD), (BUS, "REDIS_PASSWORD")):
        [variable] = container(workload)["env"]
        assert variable["name"] == name
        yield variable["valueFrom"]["secretKeyRef"]


def test_redis_asks_for_the_password_that_cores_and_edges_give() -> None:
    with_password = filled(EDGES["services"], {**example(), "REDIS_PASSWORD": "right"})
    command = with_password["bus"]["command"]
    assert command[command.index("--requirepass") + 1] == "right"
    for name in (*SERVERS, "edge_one", "edge_two"):
        assert with_password[name]["environment"] == {REDIS_PASSWORD: "right"}
    first, *others = of_redis()
    assert others == [first, first]
    arguments = container(BUS)["args"]
    assert arguments[arguments.index("--requirepass") + 1] == "$(REDIS_PASSWORD)"


def test_every_variable_is_one_that_somebody_reads() -> None:
    known = {PASSWORD_VARIABLE, METRICS_VARIABLE}
    for name in SERVERS:
        assert set(SERVICES[name]["environment"]) == known
    pod = container(STUDY)
    assert {variable["name"] for variable in pod["env"]} == known
    assert set(SETTINGS) == set(re.findall(r"\$\((\w+)\)", " ".join(pod["args"])))
    of_proxy = set(re.findall(r"\$\{(\w+)", PROXY))
    assert set(SERVICES["proxy"]["environment"]) == of_proxy
    assert {variable["name"] for variable in container(GATE)["env"]} == of_proxy
    assert set(SERVICES["turn"]["environment"]) == set(re.findall(r"\$\{?(TURN_\w+)", START_TURN))
    whole = "".join((DEPLOY / name).read_text("utf-8") for name in ("compose.yaml", "edges.yaml"))
    assert set(example()) == {name for name, _ in VARIABLE.findall(whole)}


def test_every_file_is_there() -> None:
    def host_paths() -> Iterator[str]:
        for service in SERVICES.values():
            yield from (mount.split(":")[0] for mount in service.get("volumes", ()))

    # What the example's variables name are the researcher's own files, but for the study.
    own = {example()["CERTIFICATE"], example()["PASSES"]}
    named = {path for path in host_paths() if path.startswith(".")} - own
    assert len(named) == 3 and all((DEPLOY / path).exists() for path in named), named
    assert {path for path in host_paths() if not path.startswith(".")} == set(COMPOSE["volumes"])
    build = SERVICES["one"]["build"]
    context = (DEPLOY / build["context"]).resolve()
    assert context == ROOT and (context / build["dockerfile"]).is_file()
    assert f"AS {build['target']}" in CONTAINER
    mounts = dict(mount.split(":")[:2] for mount in SERVICES["turn"]["volumes"])
    script = SERVICES["turn"]["entrypoint"][-1]
    assert [inside for inside in mounts.values() if script == f"{inside}/start.sh"]
    assert (DEPLOY / "coturn" / "turnserver.conf").is_file()
    generated = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text("utf-8"))["configMapGenerator"]
    assert all((DEPLOY / file.rpartition("=")[2]).is_file() for item in generated for file in item["files"])


def test_the_image_takes_what_the_context_holds() -> None:
    copied = [word for line in re.findall(r"^COPY (.*) \S+$", CONTAINER, re.M) for word in line.split()]
    assert copied == ["build/requirements.lock", "dist/interactive_gym_desktop-*.whl", "${STUDY}"]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored and set(copied[:2]) <= set(kept) and "examples" in kept
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert copied[1] == f"dist/{project['name'].replace('-', '_')}-*.whl"
    assert "[cluster]" in CONTAINER and "cluster" in project["optional-dependencies"]
    python = re.search(r"^FROM python:(\d+\.\d+)", CONTAINER, re.M)
    assert python is not None and f">={python[1]}" == project["requires-python"]
    user = re.search(r"--uid (\d+)", CONTAINER)
    assert user is not None and STUDY["template"]["spec"]["securityContext"]["runAsUser"] == int(user[1])


def test_every_port_is_one_at_which_somebody_answers() -> None:
    assert re.findall(r"^EXPOSE (\d+)", CONTAINER, re.M) == [str(DEFAULT_PORT)]
    assert all(options_of(command).port == DEFAULT_PORT for command in COMMANDS.values())
    for name, service in (("SERVER_ONE", "one"), ("SERVER_TWO", "two")):
        address = SERVICES[service]["networks"]["study"]["ipv4_address"]
        assert SERVICES["proxy"]["environment"][name] == f"{address}:{DEFAULT_PORT}"
    pods = [f"study-{number}.{STUDY['serviceName']}:{DEFAULT_PORT}" for number in range(STUDY["replicas"])]
    assert [variable["value"] for variable in container(GATE)["env"]] == pods
    [public] = re.findall(r"bind :(\d+) ssl", PROXY)
    assert SERVICES["proxy"]["ports"] == [f"{public}:{public}"]
    assert [port["containerPort"] for port in container(GATE)["ports"]] == [int(public)]
    assert CLUSTER["Service", "proxy"]["spec"]["ports"][0]["port"] == int(public)
    [inner] = CLUSTER["Service", "study"]["spec"]["ports"]
    [allowed] = CLUSTER["NetworkPolicy", "study"]["spec"]["ingress"]
    assert {inner["port"], container(STUDY)["ports"][0]["containerPort"], allowed["ports"][0]["port"]} == {DEFAULT_PORT}
    told = [int(port) for name in ("one", "pod") for port in re.findall(r":(\d+)", options_of(COMMANDS[name]).turn_url)]
    assert set(told) == {TURN_PORT} and "listening-port" not in (DEPLOY / "coturn" / "turnserver.conf").read_text()
    relayed = [SERVICES["turn"]["environment"][name] for name in ("TURN_MIN_PORT", "TURN_MAX_PORT")]
    [quota] = re.findall(r"^total-quota=(\d+)", (DEPLOY / "coturn" / "turnserver.conf").read_text("utf-8"), re.M)
    assert relayed[1] - relayed[0] + 1 >= int(quota), "each allocation takes a port"
    for port in (public, str(TURN_PORT), f"{relayed[0]}–{relayed[1]}"):
        assert port in GUIDE, "whoever opens the firewall reads of it"


def test_parts_find_each_other() -> None:
    where = {name: service["networks"]["study"]["ipv4_address"] for name, service in SERVICES.items()
             if "networks" in service}  # fmt: skip
    options = options_of(SERVICES["one"]["command"])
    assert options.trusted_proxy == where["proxy"] and f"@{where['database']}/" in options.database
    assert len(set(where.values())) == len(where) == 4
    database = SERVICES["database"]["environment"]
    assert options.database == f"postgresql://{database['POSTGRES_USER']}@{where['database']}/{database['POSTGRES_DB']}"
    assert options.turn_secret_file == Path(SERVICES["turn"]["environment"]["TURN_SECRET_FILE"]).resolve()
    assert all("turn_secret" in SERVICES[name]["secrets"] for name in (*SERVERS, "turn"))
    for workload in (STUDY, GATE):
        label = workload["selector"]["matchLabels"]
        assert workload["template"]["metadata"]["labels"] == label
        pod, name = workload["template"]["spec"], label["app"]
        assert CLUSTER["Service", name]["spec"]["selector"] == label
        assert CLUSTER["PodDisruptionBudget", name]["spec"]["selector"]["matchLabels"] == label
        ports = {port["name"] for port in container(workload)["ports"]}
        assert container(workload)["readinessProbe"]["tcpSocket"]["port"] in ports
        assert {port["targetPort"] for port in CLUSTER["Service", name]["spec"]["ports"]} <= ports
        volumes = [*pod["volumes"], *(claim["metadata"] for claim in workload.get("volumeClaimTemplates", ()))]
        assert {volume["name"] for volume in volumes} == {
            mount["name"] for mount in container(workload)["volumeMounts"]
        }
    mounted = {mount["name"]: mount["mountPath"] for mount in container(STUDY)["volumeMounts"]}
    for volume, option in (("turn", "--turn-secret-file"), ("passes", "--remote")):
        told = pod_command()[pod_command().index(option) + 1]
        assert PurePosixPath(told).parent.as_posix() == mounted[volume]
    # A folder, so that a file that takes another one's place is seen inside.
    [folder] = [volume for volume in SERVICES["one"]["volumes"] if volume.startswith(example()["PASSES"])]
    assert options.remote == f"{folder.split(':')[1]}/passes"


def test_every_secret_is_made_in_the_guide() -> None:
    pod = STUDY["template"]["spec"]
    needed = {(variable["valueFrom"]["secretKeyRef"]["name"], variable["valueFrom"]["secretKeyRef"]["key"])
              for variable in container(STUDY)["env"]}  # fmt: skip
    command = pod_command()
    of_file = {volume["name"]: command[command.index(option) + 1] for volume, option in
               zip(pod["volumes"], ("--turn-secret-file", "--remote"), strict=True)}  # fmt: skip
    needed |= {
        (volume["secret"]["secretName"], PurePosixPath(of_file[volume["name"]]).name) for volume in pod["volumes"]
    }
    needed |= {(secret["name"], secret["key"]) for secret in of_redis()}
    for name, key in needed:
        assert re.search(rf"create secret generic {name} .*--from-(literal|file)={key}=", GUIDE), (name, key)
    [certificate] = [volume["secret"] for volume in GATE["template"]["spec"]["volumes"] if "secret" in volume]
    assert f"create secret tls {certificate['secretName']} " in GUIDE
    [crt] = re.findall(r" crt (\S+)", PROXY)
    [mount] = [mount["mountPath"] for mount in container(GATE)["volumeMounts"] if mount["name"] == "certificate"]
    # HAProxy looks for a key beside a certificate that has none.
    files = {item["key"]: f"{mount}/{item['path']}" for item in certificate["items"]}
    assert files == {"tls.crt": crt, "tls.key": f"{crt}.key"}
    assert [volume for volume in SERVICES["proxy"]["volumes"] if volume.split(":")[1] == crt]


def test_images_are_plain_names() -> None:
    """One with a dot or a colon before its first slash names a host: where images come from is the reader's choice."""
    images = [service["image"] for service in SERVICES.values()]
    images += [service["image"] for service in OF_EDGES.values() if "image" in service]
    images += [
        container(workload)["image"] for workload in (STUDY, GATE, EDGE, WITH_EDGES["Deployment", "bus"]["spec"])
    ]
    images += re.findall(r"^FROM (\S+)", CONTAINER, re.M)
    assert images and not [image for image in images if re.match(r"[^/]*[.:][^/]*/", image)]


def test_the_manual_shows_the_configuration_that_is_tested() -> None:
    manual = (ROOT / "docs" / "manual" / "several-servers.md").read_text("utf-8")
    assert re.findall(r"^```text\n(global.*?)^```", manual, re.S | re.M) == [PROXY]
