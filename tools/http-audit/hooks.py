"""What Schemathesis cannot know of our graph.

A GraphQL schema cannot say that `first` is 1 to 200, or that an operation needs a token. So calls that are made from it are refused
now and then, which Schemathesis takes for a failure of the server. Here a refusal passes when it is one of those that docs/errors.md explains;
everything else, and above all INTERNAL_SERVER_ERROR and a message that shows our inside, stays a failure.
"""

import json
import re

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

REFUSALS = {
    "BAD_USER_INPUT",
    "BAD_CURSOR",
    "SERIES_TOO_LONG",
    "STATISTIC_NOT_KEPT",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "TOO_COSTLY",
    "RATE_LIMITED",
}
INSIDE = re.compile(r"(\bat .+:\d+:\d+\)?$|node_modules|/home/|\.ts:\d+|SQLITE_)", re.MULTILINE)


schemathesis.graphql.scalar(
    "Duration",
    st.builds(
        lambda number, form: nodes.String(form.format(number)),
        st.integers(0, 10_000),
        st.sampled_from(["P{}D", "P{}W", "PT{}H", "PT{}M", "PT{}S"]),
    ),
)


@schemathesis.hook
def after_call(context, case, response):
    if not case.operation.schema.raw_schema.get("__schema"):
        return
    # What is wrong on purpose has to be refused, for whatever reason.
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    try:
        answer = json.loads(response.content)
    except ValueError:
        return
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if not errors or not all(error.get("extensions", {}).get("code") in REFUSALS for error in errors):
        return
    response.content = json.dumps({"data": answer.get("data")}).encode()


@schemathesis.check
def keeps_its_inside_to_itself(ctx, response, case):
    assert not INSIDE.search(response.text), "the answer shows a file, a stack or the store"
