"""Runs `edge-ocr ARGUMENTS` with a real Picamera2 on libcamera's virtual camera.

The application is not touched. This patches what the virtual pipeline lacks: a display library, raw modes, DMA heaps,
and the time that a sensor takes for a frame.
"""

import mmap
import os
import sys
import time
import types


class AnyFormat:
    """Replaces pykms.PixelFormat, of which only names are used."""

    def __getattr__(self, name: str) -> str:
        return name


def stub_display() -> None:
    """picamera2 imports the display library even if nothing is displayed."""
    module = types.ModuleType("pykms")
    module.PixelFormat = AnyFormat()  # type: ignore[attr-defined]
    sys.modules["pykms"] = sys.modules["kms"] = module


class MemoryAllocator:
    """Buffers of ordinary memory instead of DMA heaps: NV12, both planes in one memfd."""

    def __init__(self) -> None:
        self.mapped_buffers: dict = {}
        self.frame_buffers: dict = {}
        self.open_fds: list[int] = []
        self.mapped_buffers_used: dict = {}

    def allocate(self, libcamera_config, _: int) -> None:
        import libcamera

        for config in libcamera_config:
            stream = config.stream
            luma = config.stride * config.size.height
            buffers = []
            for number in range(config.buffer_count):
                descriptor = os.memfd_create(f"frame{number}")
                os.ftruncate(descriptor, config.frame_size)
                self.open_fds.append(descriptor)
                planes = []
                for offset, length in ((0, luma), (luma, config.frame_size - luma)):
                    plane = libcamera.FrameBuffer.Plane()
                    plane.fd = libcamera.SharedFD(descriptor) if hasattr(libcamera, "SharedFD") else descriptor
                    plane.offset, plane.length = offset, length
                    planes.append(plane)
                buffer = libcamera.FrameBuffer(planes)
                buffers.append(buffer)
                self.mapped_buffers[buffer] = mmap.mmap(descriptor, config.frame_size)
            self.frame_buffers[stream] = buffers

    def buffers(self, stream):
        return self.frame_buffers[stream]

    def acquire(self, buffers) -> None: ...

    def release(self, buffers) -> None: ...

    def close(self) -> None:
        for descriptor in self.open_fds:
            os.close(descriptor)
        self.open_fds = []


class Mapped:
    """The context in which picamera2 sees a buffer's bytes."""

    def __init__(self, allocator: MemoryAllocator, buffer) -> None:
        self._memory = allocator.mapped_buffers[buffer]

    def __enter__(self):
        return self._memory

    def __exit__(self, *_: object) -> None: ...


def patch() -> None:
    stub_display()
    import libcamera
    import picamera2.picamera2 as module

    MemoryAllocator.sync = lambda self, allocator, buffer, write=False: Mapped(self, buffer)  # type: ignore[attr-defined]
    module.DmaAllocator = MemoryAllocator

    def video_modes(self) -> list:
        formats = self.camera.generate_configuration([libcamera.StreamRole.VideoRecording]).at(0).formats
        return [{"format": str(one), "size": (size.width, size.height)} for one in formats.pixel_formats
                for size in formats.sizes(one)]  # fmt: skip

    module.Picamera2._get_raw_modes = video_modes
    handle = module.CameraManager.handle_request

    def slowly(self, *arguments):
        time.sleep(1 / 30)
        return handle(self, *arguments)

    module.CameraManager.handle_request = slowly
    if not hasattr(libcamera.FrameMetadata, "Status"):
        return
    libcamera.FrameMetadata.status = property(lambda self: libcamera.FrameMetadata.Status.Success)


if __name__ == "__main__":
    patch()
    from edge_ocr.commands.main import main

    sys.exit(main(sys.argv[1:]))
