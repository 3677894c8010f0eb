"""`stages build --review`: the meanings in a file, to be read, cut and edited."""

from stages.cli.call import Call
from stages.cli.said import say, say_doubts, say_each
from stages.cli.waiting import staged
from stages.core.context import Context
from stages.core.json import to_json
from stages.core.wording import counted
from stages.providers.errors import Rejected
from stages.providers.files import Files
from stages.records.keys import BATCH, MEANINGS
from stages.show.summary import plan_of, warnings_of


def refuse_another_review(call: Call) -> None:
    """Refuse to write over a file that a person may be reading."""
    if call.review.exists():
        why = f"{call.review} is there already"
        raise Rejected(why, f"go on with it: {call.after_review()}; or delete it")


def reviewed(call: Call, context: Context) -> int:
    """Write the file, say how to go on with it, and give the exit code."""
    meanings = context[MEANINGS]
    words = counted(len({one.word for one in meanings}), "word")
    found = f"{counted(len(meanings), 'meaning')} of {words}"
    if call.dry_run:
        say_each(plan_of(context.reports), indent="")
        say(f"\n{call.review} would have {found}.")
    else:
        Files().write(str(call.review), to_json(context[BATCH]))
        say(f"{call.review} has {found}.")
    say_doubts([*warnings_of(context), *staged(call, context, call.after_review)])
    if not call.dry_run:
        say(
            f"\nNext: read {call.review}, and cut and edit what you like; then:"
            f" {call.after_review()}"
        )
    return 0
