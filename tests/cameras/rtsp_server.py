"""An RTSP camera, as GStreamer's server is one: `rtsp_server.py PORT USER PASSWORD PICTURE.png [CERTIFICATE.pem]`.

It streams a picture as H.264 under /live, to who knows user and password, with TLS if there is a certificate; prints
"ready". Debian's Python runs it, which has the bindings: apt install python3-gi gir1.2-gst-rtsp-server-1.0
gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer  # noqa: E402

SOURCE = "multifilesrc location={picture} loop=true caps=image/png,framerate=15/1 ! pngdec ! videoconvert"
STREAM = "( {source} ! x264enc tune=zerolatency key-int-max=15 ! rtph264pay name=pay0 pt=96 )"


def serve(port: str, user: str, password: str, picture: str, certificate: str = "") -> None:
    """Stream until the process is ended."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(STREAM.format(source=SOURCE.format(picture=picture)))
    factory.set_shared(True)
    allowed = GstRtspServer.RTSPPermissions()
    allowed.add_permission_for_role("viewer", "media.factory.access", True)
    allowed.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(allowed)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    if certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(certificate))
    server.set_auth(auth)
    server.get_mount_points().add_factory("/live", factory)
    assert server.attach(None), "the port is taken"
    print("ready", flush=True)
    GLib.MainLoop().run()


serve(*sys.argv[1:])
