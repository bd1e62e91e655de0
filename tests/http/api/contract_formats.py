"""For the contract test's tester: formats that no standard names, and requests that find what they ask for."""

import base64
import itertools
import os
import re
import uuid

import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode

ZONES = ["UTC", "Africa/Nairobi", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"]


def cursor(value: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(str(value).encode()).decode().rstrip("=")


HELD = itertools.cycle(os.environ["CONTRACT_HELD"].split(","))

# So many hooks of one provider are taken and no more.
HOOKS = itertools.cycle(
    [
        lambda name: {"provider": "ses", "topicArn": f"arn:aws:sns:eu-west-1:123456789012:{name}"},
        lambda name: {"provider": "mailgun", "key": name},
        lambda name: {"provider": "postmark", "secret": name},
        lambda name: {"provider": "brevo", "secret": name},
    ]
)

schemathesis.openapi.format("iana-time-zone", st.sampled_from(ZONES))
schemathesis.openapi.format("cursor", st.uuids(version=4).map(cursor))


def mend_body(path, body):
    """What no schema says: a time or digest is to come, an article is named once, a logo is at an https address, a hook is a provider's, and either an address or a domain is suppressed."""
    body.pop("sendAt", None)
    choices = body.get("articleChoices")
    if isinstance(choices, list):
        # Further names in them may have a NUL, which no request may have anywhere.
        named = [{key: one[key] for key in ("id", "as") if key in one} for one in choices]
        body["articleChoices"] = list({str(one.get("id")): one for one in named}.values())
    if isinstance(body.get("logo"), str):
        body["logo"] = re.sub("^http:", "https:", body["logo"])
    if path == "/drafts":
        body.update(cadence=None)
        body.pop("period", None)
    if path == "/hooks":
        name = uuid.uuid4().hex
        body.clear()
        body.update(next(HOOKS)(name))
    if path == "/suppressions":
        body.pop("domain", None)
        body["email"] = "reader@example.com"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Right requests name what is there, and no key that another request used. Each held sign-up is decided once."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    for place in (case.query, case.body):
        if isinstance(place, dict) and "publication" in place:
            place["publication"] = "lantern"
    if isinstance(case.body, dict):
        mend_body(case.operation.path, case.body)
    if case.operation.path.startswith("/digests/{id}"):
        case.path_parameters["id"] = os.environ["CONTRACT_DIGEST"]
    if case.operation.path.startswith("/sign-up-holds/{id}"):
        case.path_parameters["id"] = next(HELD)
    key = (case.headers or {}).get("Idempotency-Key")
    if key is not None and re.fullmatch(r"[!-~]{1,255}", str(key)):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
