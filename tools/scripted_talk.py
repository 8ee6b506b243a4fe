"""The people and what they say in the pictures of the windows, in two languages."""

import datetime as dt
from typing import NamedTuple

from messenger.sdk import Client
from messenger.sdk.store import Store


class Said(NamedTuple):
    """A message: by whom, how many days ago, at what time, and its text."""

    who: str
    days: int
    time: str
    text: str


class Talk(NamedTuple):
    """A cast: `me` sees the windows; conversations are by name, that of a friend with `me`.

    `topic` is that of the first room; `unread` are those that `me` has not read yet.
    """

    me: str
    friends: tuple[str, ...]
    conversations: dict[str, tuple[Said, ...]]
    topic: str
    unread: tuple[str, ...]
    draft: str
    words: str
    """To search for."""


ENGLISH = Talk(
    "Anna Miller",
    ("Ben Carter", "Chloe Dubois", "David", "Grandma", "Yusuf Demir"),
    {
        "#garden": (
            Said("Ben Carter", 1, "18:20", "Who brings what on Saturday?"),
            Said("Chloe Dubois", 1, "18:24", "Salad, and the big table."),
            Said("Chloe Dubois", 1, "18:24", "Weather looks fine 🌤️"),
            Said("Anna Miller", 1, "18:31", "I'll bring tomatoes and the long hose."),
            Said("David", 0, "08:05", "Morning! The plan is here: https://example.org/garden"),
            Said(
                "David",
                0,
                "08:06",
                "We start at ten. Whoever comes earlier finds the key under the blue pot, and "
                "please water the beans first.",
            ),
            Said("Anna Miller", 0, "08:12", "Perfect, thank you."),
            Said("Anna Miller", 0, "08:12", "Can somebody take the chairs in a car?"),
            Said("Ben Carter", 0, "08:15", "I can: four fit in."),
            Said("Chloe Dubois", 0, "08:16", "🎉"),
        ),
        "Ben Carter": (
            Said("Ben Carter", 1, "21:02", "Did you see the photos from the lake?"),
            Said("Anna Miller", 1, "21:10", "Yes! Number seven is my favourite 😍"),
            Said("Ben Carter", 0, "08:17", "Shall I pick you up at half past nine?"),
        ),
        "Grandma": (
            Said("Grandma", 2, "17:40", "Thank you for the call, dear."),
            Said("Anna Miller", 2, "17:45", "See you on Sunday ❤️"),
        ),
        "#climbing": (
            Said("Yusuf Demir", 1, "12:11", "Hall on Tuesday, or outside?"),
            Said("Yusuf Demir", 0, "07:58", "@Anna Miller do you still have my rope?"),
        ),
        "Yusuf Demir": (Said("Anna Miller", 4, "10:30", "The route is called Blue Monday."),),
        "Chloe Dubois": (Said("Chloe Dubois", 6, "19:03", "Merci 🙏"),),
    },
    "Saturday at ten, the green gate",
    ("Ben Carter", "#climbing"),
    "Half past nine is ",
    "chairs",
)
RUSSIAN = Talk(
    "Анна Петрова",
    ("Борис Ким", "Света", "Дамир", "Бабушка", "Юлия Ветрова"),
    {
        "#дача": (
            Said("Борис Ким", 1, "18:20", "Кто что привезёт в субботу?"),
            Said("Света", 1, "18:24", "С меня салат и большой стол."),
            Said("Света", 1, "18:24", "Погоду обещают хорошую 🌤️"),
            Said("Анна Петрова", 1, "18:31", "Возьму помидоры и длинный шланг."),
            Said("Дамир", 0, "08:05", "Доброе утро! План здесь: https://example.org/dacha"),
            Said(
                "Дамир",
                0,
                "08:06",
                "Начинаем в десять. Кто приедет раньше, ключ под синим горшком, и полейте сначала "
                "фасоль, пожалуйста.",
            ),
            Said("Анна Петрова", 0, "08:12", "Отлично, спасибо."),
            Said("Анна Петрова", 0, "08:12", "Кто-нибудь может взять стулья в машину?"),
            Said("Борис Ким", 0, "08:15", "Могу: четыре поместятся."),
            Said("Света", 0, "08:16", "🎉"),
        ),
        "Борис Ким": (
            Said("Борис Ким", 1, "21:02", "Видела фотографии с озера?"),
            Said("Анна Петрова", 1, "21:10", "Да! Седьмая — моя любимая 😍"),
            Said("Борис Ким", 0, "08:17", "Заехать за тобой в половине десятого?"),
        ),
        "Бабушка": (
            Said("Бабушка", 2, "17:40", "Спасибо, что позвонила."),
            Said("Анна Петрова", 2, "17:45", "До воскресенья ❤️"),
        ),
        "#скалы": (
            Said("Юлия Ветрова", 1, "12:11", "Во вторник в зал или на природу?"),
            Said("Юлия Ветрова", 0, "07:58", "@Анна Петрова моя верёвка ещё у тебя?"),
        ),
        "Юлия Ветрова": (Said("Анна Петрова", 4, "10:30", "Маршрут называется «Полёт»."),),
        "Света": (Said("Света", 6, "19:03", "Спасибо 🙏"),),
    },
    "В субботу в десять, у зелёной калитки",
    ("Борис Ким", "#скалы"),
    "В половине десятого ",
    "стулья",
)
TALKS = {"en": ENGLISH, "ru": RUSSIAN}


def set_times(store: Store, conversation: str, said: tuple[Said, ...]) -> None:
    """Have the last messages of a conversation be as old as the script says."""
    today = dt.datetime.now().astimezone().date()
    with store.transaction() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id FROM messages WHERE conversation = ? ORDER BY seq DESC LIMIT ?",
            (conversation, len(said)),
        ).fetchall()
        for (number,), one in zip(reversed(rows), said, strict=True):
            clock = dt.time.fromisoformat(one.time)
            day = today - dt.timedelta(days=one.days)
            at = dt.datetime.combine(day, clock).astimezone().timestamp()
            connection.exec_driver_sql(
                "UPDATE messages SET time = ?, stored = ? WHERE id = ?", (at, at, number)
            )


def prepare(client: Client, talk: Talk) -> None:
    """Give the user what else the windows show: pins, mutes, a draft, contacts."""
    rooms = [name for name in talk.conversations if name.startswith("#")]
    for name in talk.friends[:4]:
        client.add_contact(name)
    client.pin(rooms[0])
    client.mute(rooms[1])
    client.set_draft(talk.friends[3], talk.draft)
    client.set_topic(rooms[0], talk.topic)
