"""Words for what was pressed, turned or played and did nothing."""

from __future__ import annotations

from psc2.core.notices import Notice, NoticeKind


def notice_line(notice: Notice) -> str:
    """One line for the player.

    >>> notice_line(Notice(1, NoticeKind.UNBOUND_CONTROL, "LPK25", control=71))
    'control change 71 of LPK25: nothing is bound to it'
    """
    device = notice.device or "a device without a name"
    match notice.kind:
        case NoticeKind.NOTHING_TO_UNDO:
            return "nothing to take back"
        case NoticeKind.NOTHING_TO_REDO:
            return "nothing to bring back"
        case NoticeKind.NO_BASS_LINE:
            return "no bassline is recorded: the beat has nothing to follow"
        case NoticeKind.AT_LIMIT:
            return "that is as far as it goes"
        case NoticeKind.UNBOUND_CONTROL:
            return f"control change {notice.control} of {device}: nothing is bound to it"
        case NoticeKind.ANOTHER_SUPERCOLLIDER:
            return f"another SuperCollider, on port {notice.value:.0f}, says hello: it is not played with"
        case NoticeKind.CONTROLLERS_NOTES:
            return f"{device} sends notes, which are not played: keyboard: true in its map lets them sound"
        case NoticeKind.WAITING_CONTROL:
            return (
                f"{_what(notice)} stays {notice.present:.4g}: turn the control there, from {notice.value:.4g}"
            )
        case NoticeKind.CONTROL_TAKES_OVER:
            return f"{_what(notice)} follows the controller now"


def _what(notice: Notice) -> str:
    name = notice.action.replace("_", " ")
    return name if notice.layer is None else f"{notice.layer.value} {name}"
