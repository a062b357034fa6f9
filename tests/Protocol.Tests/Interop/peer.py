"""The other side of the interoperation tests, on the reference implementation of gRPC: `peer.py client HOST:PORT`, or `peer.py server`.

Messages pass as bytes, so no generated code is needed. The client prints one JSON object; the server prints its port and serves until its input ends.
"""
import json
import sys
from concurrent import futures

import grpc

UNARY, STREAM, DUPLEX = "/test.Peer/Unary", "/test.Peer/Stream", "/test.Peer/Duplex"


def client(address):
    seen = {}
    with grpc.insecure_channel(address) as channel:
        unary = channel.unary_unary(UNARY)
        answer, call = unary.with_call(b"x" * 1_000_000, metadata=(("text", "t"), ("some-bin", b"\x00\xff\x01")), timeout=20)
        seen["unary"] = len(answer)
        seen["headers"] = {k: v if isinstance(v, str) else v.hex() for k, v in call.initial_metadata() if k.startswith("echo")}
        seen["trailers"] = {k: v if isinstance(v, str) else v.hex() for k, v in call.trailing_metadata() if k.startswith("end")}
        for name, message, options in (
            ("error", b"fail", {"timeout": 20}),
            ("deadline", b"hang", {"timeout": 0.2}),
            ("long", b"x" * 5_000_000, {"timeout": 20}),
            ("gzip", b"z" * 100_000, {"timeout": 20, "compression": grpc.Compression.Gzip}),
        ):
            try:
                seen[name] = len(unary(message, **options))
            except grpc.RpcError as e:
                seen[name] = [e.code().name, e.details(), dict(e.trailing_metadata() or ()).get("why")]
        try:
            channel.unary_unary("/test.Peer/Nothing")(b"", timeout=20)
        except grpc.RpcError as e:
            seen["unknown"] = e.code().name
        seen["stream"] = [m.decode() for m in channel.unary_stream(STREAM)(b"3", timeout=20)]
        seen["duplex"] = [m.decode() for m in channel.stream_stream(DUPLEX)(iter([b"a", b"b"]), timeout=20)]
        left = channel.unary_stream(STREAM)(b"1000000000", timeout=20)
        next(left)
        left.cancel()
    print(json.dumps(seen))


class Handlers(grpc.GenericRpcHandler):
    def service(self, details):
        return {
            UNARY: grpc.unary_unary_rpc_method_handler(self.unary),
            STREAM: grpc.unary_stream_rpc_method_handler(self.stream),
            DUPLEX: grpc.stream_stream_rpc_method_handler(self.duplex),
        }.get(details.method)

    def unary(self, request, context):
        headers = dict(context.invocation_metadata())
        context.send_initial_metadata((("echo-text", headers.get("text", "")), ("echo-bin", headers.get("some-bin", b""))))
        context.set_trailing_metadata((("end-bin", b"\x07\x08"),))
        if request == b"fail":
            context.abort(grpc.StatusCode.ABORTED, "K\u00e4se 100%")
        if request == b"hang":
            while context.is_active():
                futures.wait((), timeout=0.01)
        return request

    def stream(self, request, context):
        for i in range(int(request)):
            if not context.is_active():
                return
            yield str(i).encode()

    def duplex(self, requests, context):
        for request in requests:
            yield request + b"!"


def server():
    peer = grpc.server(futures.ThreadPoolExecutor(8))
    peer.add_generic_rpc_handlers((Handlers(),))
    port = peer.add_insecure_port("127.0.0.1:0")
    peer.start()
    print(port, flush=True)
    sys.stdin.read()
    peer.stop(0)


if __name__ == "__main__":
    client(sys.argv[2]) if sys.argv[1] == "client" else server()
