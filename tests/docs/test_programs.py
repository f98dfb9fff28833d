"""The programs that the order documents print are run: curl, Python and Node, changed in host, token and ids alone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from orderdock.accounts import actions
from tests.crash.tracing import unable
from tests.docs.samples import HERE, printed
from tests.unit.test_show_v1 import SAMPLE
from tests.world import Json, Tenant, World, add_update, cli, fresh_word, new_account, new_key, one, push, update

LANGUAGES: Final = ("curl", "python", "node")
HOST, TOKEN = "https://devapi.kapturecrm.com", "<Your Token>"
PASSWORD: Final = "the password of a program"
# `request` is deprecated: a module of ours stands in its place.
NODE_MODULES: Final = Path(__file__).parent / "node"
WITHIN: Final = 60


def program(world: World, name: str, language: str, token: str, **ids: str) -> str:
    """A program as printed, for this world's server; `_23518265="77"` puts another id in the place of a printed one."""
    text = (HERE / f"{name}.{language}.txt").read_text()
    changes = {number.removeprefix("_"): other for number, other in ids.items()}
    changes |= {HOST: world.server.url, TOKEN: token}
    for before, after in changes.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def command(language: str, file: Path) -> list[str]:
    """What runs a program; a machine without curl or Node cannot, which is counted and listed."""
    if language == "python":
        return [sys.executable, str(file)]
    if shutil.which(language) is None:
        unable(f"{language} is not installed (apt-get install {language.replace('node', 'nodejs')})")
    return ["sh", str(file)] if language == "curl" else ["node", str(file)]


def run(text: str, language: str, directory: Path) -> Any:
    """What a program prints. It finds no settings of whoever runs the tests: no proxy, .curlrc or .netrc."""
    file = directory / "program"
    file.write_text(text)
    environ = {"PATH": os.environ["PATH"], "HOME": str(directory), "NODE_PATH": str(NODE_MODULES)}
    done = subprocess.run(
        command(language, file), env=environ, cwd=directory, capture_output=True, text=True, timeout=WITHIN, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def token_of(world: World, shop: Tenant) -> str:
    """What the documents ask for: base64 of a user name and its password."""
    issued = actions.create_login(
        world.admin, shop.cm_id, username=fresh_word("program"), password=PASSWORD, operations=["*"]
    )
    world.secrets += [PASSWORD, issued.authorization]
    return issued.authorization.removeprefix("Basic ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_update_of_an_order_is_answered_as_printed(world: World, language: str, tmp_path: Path) -> None:
    shop = new_account(world)
    f1 = push(world, key=shop.key, customer_name="ABC", phone="9380491257", email_id="abc@abc.min", remarks="testing")
    by_number: Json = {"customer_info": {"customer_name": "ABC"}, "order_info": {"order_id": f1["order_id"]}}
    main = add_update(world, by_number, key=shop.key).json()["Order"]["contact_id"]
    text = program(world, "add_update", language, token_of(world, shop), _23518265=f1["order_id"])
    answer, documented = run(text, language, tmp_path), printed("add_update", "success")
    numbers = {"customer_id": int(f1["kapture_customer_id"]), "enquiry_id": int(f1["enquiry_id"]), "contact_id": main}
    ours = {"order_id": int(f1["order_id"]), "outcome": "updated"}
    assert answer == {**documented, "Order": {**documented["Order"], **numbers, **ours}}
    assert [*answer, *answer["Order"]] == [*documented, *documented["Order"], *ours]
    stored = one(world, f1, key=shop.key)
    assert (stored["remarks"], stored["invoiceNo"]) == ("testing 2345", "3141341")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_pull_of_orders_is_answered_as_printed(world: World, language: str, tmp_path: Path) -> None:
    shop = new_account(world)
    ravi = actions.create_employee(world.admin, shop.cm_id, code="E-1", name="Ravi", groups=[]).id
    key = new_key(world, shop.cm_id, owner="E-1")
    order = push(world, key=key, erp_order_id=None, remarks="testing", create_date="1715149492000")
    update(world, order, key=key, assign_emp_code="E-1")
    push(world, key=key)
    for name in ("everything", "all"):  # the sample names view 2
        cli(world, "view", "create", "--account", shop.subdomain, "--name", name)
    ids = {"_191696570": order["kapture_customer_id"], "_1000298": str(shop.cm_id)}
    answer = run(program(world, "search", language, token_of(world, shop), **ids), language, tmp_path)
    numbers = {
        "id": int(order["order_id"]), "cmId": shop.cm_id, "customerId": int(order["kapture_customer_id"]),
        "enquiryId": int(order["enquiry_id"]), "creatorId": ravi, "assignedToId": ravi,
        "lastModificationTime": one(world, order, key=key)["lastModificationTime"],
    }  # fmt: skip
    assert answer == {"success": "true", "order_details": [{**SAMPLE, **numbers}]}
    assert list(answer["order_details"][0]) == list(SAMPLE)


@pytest.mark.parametrize("name", ["add_update", "search"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_printed_program_with_a_wrong_token_is_refused_as_printed(
    world: World, name: str, language: str, tmp_path: Path
) -> None:
    answer = run(program(world, name, language, "d3Jvbmc6dG9rZW4="), language, tmp_path)
    documented = {"message": "Invalid Auth Key", "status": "failed"}
    assert documented.items() <= answer.items()
    assert [*answer] == [*documented, "error", "errors"]
