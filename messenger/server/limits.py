"""The limits on what one client may ask of the server, each with its reason."""

import msgspec


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table `[limits]` of the settings; sizes in bytes, times in seconds. It is a flat list.

    A rate is how many at once (`..._burst`) and how many seconds until the next one
    (`..._interval`). The reason for each default precedes it.
    """

    # The longest text, each character written as two escapes, has 192 KB: the next power of two.
    object_size: int = 256 * 1024
    # A greeting with the longest names has 2 KB, which leaves room for a password. So
    # `unauthenticated` strangers hold 4 MB of memory at most.
    object_size_before_login: int = 4 * 1024
    # Eight pages of a book pasted at once; other messengers take from 2,000 to 10,000.
    text_length: int = 16_000
    # A login takes two round trips, with TLS three; of a satellite's each has 1 to 2 seconds.
    login_timeout: float = 10

    # After a restart all clients of a server reconnect at once: so many log in together.
    unauthenticated: int = 1_000
    # An office behind one address does the same; fifty addresses are needed to fill the above.
    unauthenticated_per_address: int = 20
    # An idle one has 3 KB (measured), all of them 60 MB; with TLS 550 MB.
    connections: int = 20_000

    # Five mistypings, then three tries a minute: nobody types faster.
    login_burst: int = 5
    login_interval: float = 20
    # 80 an hour; OWASP ASVS 4 (2.2.1) allows 100 to fail.
    failures: int = 20
    failures_pause: float = 15 * 60
    # A class of sixty starts its clients at once, behind one address.
    guest_burst: int = 60
    guest_interval: float = 1

    # Sixty pasted lines at once, then ten a second: more than anybody types or reads.
    message_burst: int = 60
    message_interval: float = 0.1
    # A client that starts asks for the pages of its conversations, one request for each.
    request_burst: int = 100
    request_interval: float = 0.05
    # Each takes 20 ms of a core and 19 MB (Argon2id): the last waits 5 s, half of `login_timeout`.
    waiting_passwords: int = 256
    # A family at once, then one a minute: names and rows that nobody removes.
    register_burst: int = 5
    register_interval: float = 60

    # Phone, tablet, two computers, and some no longer used. A room's key goes to each of them:
    # with `room_members` 10,000 to-device messages.
    devices: int = 10
    # Our clients keep fifty one-time keys; replacing a session is one claim, installing a device
    # again some more. Further claims would use up the keys that others need.
    claim_burst: int = 6
    claim_interval: float = 10 * 60
    # The keys of the largest room, if every device in it makes a new one while this one is offline.
    to_device_queue: int = 10_000
    # One account cannot fill the queue; nor the disk, with 4 KB for a message.
    to_device_per_sender: int = 1_000
    to_device_bytes_per_sender: int = 4 * 1024 * 1024
    # A direct chat has a new session at every turn: fifty turns a day for five years, 100 MB.
    key_backups: int = 100_000
    # A hundred keys in each: a first backup of half of them passes at once.
    backup_burst: int = 500
    backup_interval: float = 0.5
    # A login loads all of them; nobody reads through a longer list.
    blocks: int = 1_000
    # Each is read by a person: five at once are an evening's, then one every ten minutes.
    report_burst: int = 5
    report_interval: float = 10 * 60
    # With the largest messages 30 MB of one account, until an administrator has read some of them.
    open_reports: int = 100
    # Messages of fifty reports show what an account or a room is like; then those of one report in
    # half an hour, with the largest ones 6 MB a day. Further reports are stored without theirs, but
    # for each reporter's first: a crowd must not hide what its victim shows.
    reported_burst: int = 50
    reported_interval: float = 30 * 60
    # Each one warns everybody who writes to the account.
    reset_burst: int = 5
    reset_interval: float = 10 * 60

    # A message to a room is written to each member: 1,000 take 2 ms of the event loop (measured).
    room_members: int = 1_000
    # A login loads all of them.
    rooms: int = 500
    # A team creates its rooms at once; each takes a name that nobody else can have.
    new_room_burst: int = 20
    new_room_interval: float = 30
    # If everybody sends them they grow with the square of the members: 100 make 10,000 events.
    typing_max_members: int = 100
    receipts_max_members: int = 100

    # One commit has all of a connection's messages: more of them do not make it faster.
    pipelined_messages: int = 256
    # A client that pipelines sends as many requests as messages.
    waiting_requests: int = 256
    # A page of history, the largest answer (1 MB), does not block a connection.
    write_buffer_bytes: int = 1024 * 1024
    # With a pause of 50 ms between two, the last of them arrives after ten seconds.
    write_buffer_frames_plain: int = 200
    # With the same pause a plain client takes 50 seconds to receive what it has missed.
    backlog: int = 1_000
    # Routers forget silent connections after some minutes (RFC 5382 asks for two hours, REQ-5).
    probe_interval: float = 60
    # Two lost probes may be a phone in a tunnel; a dead connection is noticed after three minutes.
    probes_missed: int = 2
