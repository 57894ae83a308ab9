# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What cases look at of the events that a realm has stored."""

VARYING = ("code_id", "token_id", "refresh_token_id", "access_token_id", "updated_refresh_token_id", "subject_token_client_id_", "age_of_refresh_token", "not_before")


def begin(c, **config):
    c.quiet("PUT", "/events/config", json={"eventsEnabled": True, "eventsListeners": ["jboss-logging"], "enabledEventTypes": [], **config})


def seen(c, label, varying=VARYING):
    """What has happened since the last look, oldest first."""
    events = c.admin("GET", "/events?direction=asc", record=False).json()
    for event in events:
        event.pop("id")
        event["time"] = "{now}" if event["time"] > 1.6e12 else event["time"]
        for name in ("sessionId", *varying):
            holder = event if name == "sessionId" else event.get("details", {})
            if holder.get(name):
                holder[name] = "*"
    for number, event in enumerate(events):
        c.note(f"{label}: {number + 1}. {event['type']}", event)
    c.quiet("DELETE", "/events")
