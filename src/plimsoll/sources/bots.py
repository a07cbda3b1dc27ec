"""Bots: chat services whose webhooks take a message in an envelope of their own; a table of data.

Who is not in it gets the plain JSON document. None of these takes fields besides its own, so they
get the sentence alone; it begins with `Plimsoll`, the word to give a bot that asks for a keyword.
"""

from __future__ import annotations

from dataclasses import dataclass

SENTENCE = object()
ID = object()
"""Where the sentence, and the id that is the same at each try, stand in an envelope."""


@dataclass(frozen=True, slots=True)
class Bot:
    """One service: where its webhooks are, its envelope, and how its answer tells a failure.

    In an answer with status 200 `code` is the field that holds 0, where there is one, if the
    message was taken; `says` is the field with the reason.
    """

    title: str
    hosts: tuple[str, ...]
    path: str
    envelope: dict[str, object]
    code: str = ""
    says: str = ""


_TEXT_AND_ID = {"msgtype": "text", "text": {"content": SENTENCE}, "msgUuid": ID}

BOTS = (
    # docs.slack.dev: Sending messages using incoming webhooks. Triggers of workflows are others.
    Bot("Slack", ("hooks.slack.com", "hooks.slack-gov.com"), "/services/", {"text": SENTENCE}),
    # open.feishu.cn: Custom bot usage guide; Lark is the same abroad.
    Bot(
        "Feishu",
        ("open.feishu.cn", "open.larksuite.com"),
        "/open-apis/bot/",
        {"msg_type": "text", "content": {"text": SENTENCE}},
        code="code",
        says="msg",
    ),
    # open.dingtalk.com: Custom robots send group messages; `msgUuid` tells it of a second try.
    Bot(
        "DingTalk",
        ("oapi.dingtalk.com", "oapi.dingtalk.io"),
        "/robot/send",
        _TEXT_AND_ID,
        code="errcode",
        says="errmsg",
    ),
    # developer.work.weixin.qq.com, path 91770: group robots.
    Bot(
        "WeCom",
        ("qyapi.weixin.qq.com",),
        "/cgi-bin/webhook/",
        {"msgtype": "text", "text": {"content": SENTENCE}},
        code="errcode",
        says="errmsg",
    ),
    # discord.com/developers: Execute Webhook.
    Bot("Discord", ("discord.com", "discordapp.com"), "/api/webhooks/", {"content": SENTENCE}),
)


def bot_at(host: str, path: str) -> Bot | None:
    """The service that a webhook's address belongs to, or None."""
    return next((b for b in BOTS if host in b.hosts and path.startswith(b.path)), None)


def filled(envelope: object, *, sentence: str, uid: str) -> object:
    """An envelope with the sentence and the id in their places."""
    if isinstance(envelope, dict):
        return {name: filled(value, sentence=sentence, uid=uid) for name, value in envelope.items()}
    return {SENTENCE: sentence, ID: uid}.get(envelope, envelope)
