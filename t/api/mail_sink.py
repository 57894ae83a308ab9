# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""A small SMTP server that keeps what it is sent."""
import email
import email.policy
import re
import socketserver
import threading
import time


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        sink, envelope = self.server.sink, {"to": [], "auth": None}
        self.say("220 sink ESMTP")
        while line := self.rfile.readline().decode("utf-8", "replace").rstrip("\r\n"):
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                self.say("250-sink" + ("\r\n250-AUTH PLAIN XOAUTH2" if sink.auth else "") + "\r\n250 8BITMIME")
            elif verb == "AUTH":
                if len(line.split(" ")) < 3:
                    self.say("334 ")
                    line += " " + self.rfile.readline().decode().strip()
                envelope["auth"] = line
                self.say("235 fine" if sink.auth in line else "535 no")
            elif verb == "MAIL":
                envelope["from"] = re.search(r"<(.*?)>", line)[1]
                self.say("530 who are you" if sink.auth and not envelope["auth"] else "250 fine")
            elif verb == "RCPT":
                envelope["to"].append(re.search(r"<(.*?)>", line)[1])
                self.say("550 no such box" if "refused" in line else "250 fine")
            elif verb == "DATA":
                self.say("354 go on")
                data = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    data += part[1:] if part.startswith(b"..") else part
                sink.mails.append(Mail(envelope, data))
                envelope = {"to": [], "auth": envelope["auth"]}
                self.say("250 kept")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 fine")
                if verb == "QUIT":
                    return


class Mail:
    def __init__(self, envelope, data):
        self.envelope, self.message = envelope, email.message_from_bytes(data, policy=email.policy.default)

    def __getitem__(self, header):
        return self.message[header]

    def body(self, kind):
        part = self.message.get_body((kind,))
        return part.get_content() if part else None

    @property
    def links(self):
        return re.findall(r"https?://[^\s\"<>]+", self.body("plain"))


class Sink:
    """Sink().port takes mails; `auth`: text that the AUTH line must hold."""

    def __init__(self, auth=""):
        self.mails, self.auth = [], auth
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self.server.daemon_threads = True
        self.server.sink = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def wait(self, count=1, seconds=10):
        """The mail of that number, counted from 1."""
        until = time.time() + seconds
        while len(self.mails) < count and time.time() < until:
            time.sleep(0.02)
        return self.mails[count - 1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
