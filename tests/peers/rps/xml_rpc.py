"""What the played XML-RPC services have in common: calls in, a flag and a text out.

Reads calls with the standard library, which is not what the client reads answers with.
"""

import re
import xmlrpc.client
from xml.sax.saxutils import escape

from peers.rps.cloud import Cloud, Refusal, Request, Response

OK = (True, "OK")


class XmlRpcCloud(Cloud):
    """An XML-RPC service behind HTTP Basic; methods are Python methods, a dot becomes ``_``."""

    bare_text = False
    """Whether texts stand in ``<value>`` without ``<string>``."""
    foreign_text = ""
    """The error text for a device of another account."""

    @property
    def settings(self) -> dict[str, str]:
        return {"base_url": self.url, "username": self.user, "password": self.secret}

    @property
    def calls(self) -> list[str]:
        """The methods that were called, in order."""
        found = (re.search(rb"<methodName>(.*?)</methodName>", r.body) for r in self.asked)
        return [match[1].decode() for match in found if match]

    def password(self) -> str:
        """What Basic must carry."""
        return self.secret

    def answer(self, request: Request) -> Response:
        self.rule(request.method == "POST", f"{request.method} instead of POST")
        content_type = request.headers.get("content-type", "")
        self.rule(content_type.startswith("text/xml"), f"content type {content_type}")
        self.rule(request.target == (self.root or "/"), f"path {request.target}")
        if self.basic(request) != (self.user, self.password()):
            return Response(401, b"", {"WWW-Authenticate": 'Basic realm="RPS"'})
        arguments, method = xmlrpc.client.loads(request.body)
        function = getattr(self, method.replace(".", "_"), None)
        if function is None:
            return fault(-32601, "method not found")
        ok, *texts = function(*arguments)
        return self.array(ok, *texts)

    def foreign_answer(self) -> Response:
        return self.array(False, self.foreign_text)

    def array(self, ok: bool, *texts: str) -> Response:
        """An answer of a boolean and texts."""
        written = [
            f"<value>{escape(t)}</value>"
            if self.bare_text
            else f"<value><string>{escape(t)}</string></value>"
            for t in texts
        ]
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse><params><param><value><array>'
            f"<data><value><boolean>{int(ok)}</boolean></value>{''.join(written)}</data></array>"
            "</value></param></params></methodResponse>\n"
        )
        return Response(200, body.encode(), {"Content-Type": "text/xml"})

    def checked_mac(self, mac: str, form: str, refusal: str) -> str:
        """The bare form of an address that must be written in a form.

        Raises:
            Refusal: with the service's text, if it is not.
        """
        if not re.fullmatch(form, mac):
            raise Refusal(self.array(False, refusal))
        return re.sub("[^0-9A-Fa-f]", "", mac)[:12].lower()


def fault(code: int, text: str) -> Response:
    """An answer of XML-RPC's own kind of error."""
    body = xmlrpc.client.dumps(xmlrpc.client.Fault(code, text))
    return Response(200, body.encode(), {"Content-Type": "text/xml"})
