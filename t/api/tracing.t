#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Traces: a traceparent is taken over (t/unit/fetch.c sees it passed on), and each request's span reaches a collector, which OpenTelemetry's own code reads."""
import threading
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from latchkey import Browser, Server, Service, Tap, serve

tap = Tap()
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector(Service):
    spans, resources, calls, status = {}, {}, [], 200
    seen = threading.Condition()

    def do_POST(self):
        request = ExportTraceServiceRequest()
        request.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
        with Collector.seen:
            Collector.calls.append((self.path, self.headers["Content-Type"]))
            for resource in request.resource_spans:
                Collector.resources.update({pair.key: pair.value.string_value for pair in resource.resource.attributes})
                for scope in resource.scope_spans:
                    Collector.spans.update({span.span_id.hex(): span for span in scope.spans} if Collector.status == 200 else {})
            Collector.seen.notify_all()
        self.send_response(Collector.status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def span_of(trace, route, seconds=10):
    with Collector.seen:
        found = []
        Collector.seen.wait_for(lambda: found.extend(s for s in Collector.spans.values() if s.trace_id.hex() == trace and s.name.endswith(route)) or found, seconds)
        return found[0] if found else None


collector = serve(Collector).server_port
server = Server("--tracing-enabled=true", f"--tracing-endpoint=http://127.0.0.1:{collector}", "--tracing-service-name=sso", "--tracing-resource-attributes=env=test,zone=1",
                "--tracing-sampler-type=parentbased_always_on")


def get(path, flags="01", trace=TRACE):
    return Browser().request("GET", server.base + path, headers={"traceparent": f"00-{trace}-{PARENT}-{flags}"})


get("/realms/acme")
span = span_of(TRACE, "/realms/{realm}")
attributes = {pair.key: pair.value.string_value or pair.value.int_value for pair in span.attributes}
tap.is_(span.name, "GET /realms/{realm}", "a span is named by method and route")
tap.is_(span.parent_span_id.hex(), PARENT, "its parent is the caller's")
tap.is_(span.kind, 2, "it is a server's")
tap.is_(attributes, {"http.request.method": "GET", "http.route": "/realms/{realm}", "http.response.status_code": 200, "client.address": "127.0.0.1"}, "with what it was")
tap.ok(0 <= span.end_time_unix_nano - span.start_time_unix_nano < 5e9 and abs(span.end_time_unix_nano / 1e9 - time.time()) < 60, "and when", span)
tap.is_(Collector.calls[0], ("/v1/traces", "application/x-protobuf"), "sent as OTLP over HTTP")
tap.ok(Collector.resources.items() >= {"service.name": "sso", "env": "test", "zone": "1"}.items(), "the resource says who", Collector.resources)

quiet = "5" * 32
get("/realms/acme", flags="00", trace=quiet)
get("/realms/master", trace="6" * 32)
tap.ok(span_of("6" * 32, "/realms/{realm}") is not None and not any(s.trace_id.hex() == quiet for s in Collector.spans.values()),
       "a trace that its caller does not sample is not sent")

Collector.status = 500
get("/realms/acme", trace="8" * 32)
with Collector.seen:
    before = len(Collector.calls)
    Collector.seen.wait_for(lambda: len(Collector.calls) > before, 10)
Collector.status = 200
get("/realms/acme", trace="9" * 32)
tap.ok(span_of("9" * 32, "/realms/{realm}") is not None, "a collector that was away is spoken to again")
tap.ok("The collector takes no spans" in server.output(), "and that was said", server.output()[-600:])
get("/realms/acme", trace="a" * 32)
server.stop()
tap.ok(span_of("a" * 32, "/realms/{realm}", 0) is not None, "what is left is sent at the end")
tap.done()
